#include "server/engine/visitor.h"

#include "base/clock.h"
#include "base/text.h"

int visitor_days(struct store_db *db, int64_t *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	uint64_t days;
	int r = store_select(db, STMT_SETTING_GET, STORE_ARGS(v_text(VISITOR_DAYS_SETTING)), &c);

	if (!r)
		r = store_next(c);
	if (r < 0)
		return r;
	*ret = r == 1 && !text_to_u64(store_text(c, 0), 1, VISITOR_DAYS_MOST, &days)
		       ? (int64_t)days
		       : VISITOR_DAYS_MOST;
	return 0;
}

static int check(struct store *s, int64_t now_ms, const struct visitor_spec *spec)
{
	int64_t days;
	int r = visitor_days(store_writer(s), &days);

	if (r)
		return r;
	return spec->until_ms > now_ms && spec->until_ms <= now_ms + days * DAY_MS ? 0 : -EINVAL;
}

int visitor_admit(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct visitor_spec *v, struct terminal *ret)
{
	const struct terminal_spec spec = {.kind = TERMINAL_VISITOR,
					   .unit_id = v->unit_id,
					   .owner_id = v->sponsor_id,
					   .name = v->name,
					   .place = v->place,
					   .status = TERMINAL_IN_USE};
	char subject[ACT_SUBJECT_SIZE];
	struct terminal t;
	int r = check(s, now_ms, v);

	if (!r)
		r = terminal_create(s, now_ms, who, &spec, &t);
	if (!r)
		r = terminal_own_mac(s, now_ms, who, t.id, &v->mac);
	if (!r)
		r = store_exec(s, STMT_VISITOR_PUT,
			       STORE_ARGS(v_int(t.id), v_int(v->sponsor_id), v_text(v->company),
					  v_int(v->until_ms)),
			       NULL);
	if (r)
		return r;
	act_subject_terminal(subject, &t.uuid);
	r = act_log(s, now_ms, who, "visitor.admit", v->unit_id, subject,
		    json_pack("{s:I, s:s, s:I}", "sponsor", (json_int_t)v->sponsor_id, "company",
			      v->company, "until", (json_int_t)v->until_ms));
	if (!r)
		*ret = t;
	return r;
}

int visitor_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	struct terminal t;
	int64_t changed;
	int r = terminal_load(store_writer(s), id, &t);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = store_exec(s, STMT_VISITOR_END, STORE_ARGS(v_int(id), v_int(now_ms)), &changed);
	if (r || !changed)
		return r ? r : -EALREADY;
	act_subject_terminal(subject, &t.uuid);
	r = act_log(s, now_ms, who, "visitor.end", t.unit_id, subject,
		    json_pack("{s:s}", "reason", why));
	if (!r)
		r = terminal_set_status(s, now_ms, who, id, TERMINAL_SCRAPPED, why);
	return r == -EALREADY ? 0 : r;
}
