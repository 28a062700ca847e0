#include "server/engine/exemption.h"

/* The gates look at the terminal anew. */
static int touch(struct store *s, int64_t terminal_id, struct terminal *ret)
{
	int r = terminal_load(store_writer(s), terminal_id, ret);

	if (r <= 0)
		return r ? r : -ENOENT;
	return store_exec(s, STMT_TERMINAL_TOUCH,
			  STORE_ARGS(v_int(terminal_id), v_int(store_rev(s))), NULL);
}

int exemption_grant(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct exemption_spec *x)
{
	char subject[ACT_SUBJECT_SIZE];
	struct terminal t;
	int64_t id;
	int r = x->until_ms <= now_ms || x->until_ms > now_ms + EXEMPTION_MOST_MS ? -EINVAL : 0;

	if (!r)
		r = touch(s, x->terminal_id, &t);
	if (!r)
		r = store_insert(s, STMT_EXEMPTION_INSERT,
				 STORE_ARGS(v_int(x->terminal_id), v_text(x->what), v_text(x->why),
					    v_int(x->asked_by), v_int(x->confirmed_by),
					    v_int(now_ms), v_int(x->until_ms)),
				 &id);
	if (r)
		return r;
	act_subject_terminal(subject, &t.uuid);
	return act_log(s, now_ms, who, "exemption.grant", t.unit_id, subject,
		       json_pack("{s:I, s:s, s:I, s:s, s:I}", "exemption", (json_int_t)id, "what",
				 x->what, "until", (json_int_t)x->until_ms, "reason", x->why,
				 "asked_by", (json_int_t)x->asked_by));
}

int exemption_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t terminal_id = 0, changed;
	struct terminal t;
	int r = store_get_int(store_writer(s), STMT_EXEMPTION_TERMINAL, STORE_ARGS(v_int(id)), 0,
			      &terminal_id);

	if (!r && !terminal_id)
		r = -ENOENT;
	if (!r)
		r = store_exec(s, STMT_EXEMPTION_END, STORE_ARGS(v_int(id), v_int(now_ms)),
			       &changed);
	if (!r && !changed)
		r = -EALREADY;
	if (!r)
		r = touch(s, terminal_id, &t);
	if (r)
		return r;
	act_subject_terminal(subject, &t.uuid);
	return act_log(s, now_ms, who, "exemption.end", t.unit_id, subject,
		       json_pack("{s:I, s:s}", "exemption", (json_int_t)id, "reason", why));
}
