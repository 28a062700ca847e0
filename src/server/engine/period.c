#include "server/engine/period.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/port_mode.h"

static const struct kind {
	const char *name;
	int64_t most_ms;
	const char *act, *switch_act; /* NULL: no switch has one */
} kinds[] = {
	{"frozen", FROZEN_MOST_MS, "period.freeze", NULL},
	{"maintenance", MAINTENANCE_MOST_MS, "period.maintain", "period.maintain-switch"},
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_equal(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

const char *period_act(const struct period_spec *p)
{
	const struct kind *kind = find_kind(p->kind);

	return !kind ? NULL : p->switch_id ? kind->switch_act : kind->act;
}

int period_check(const struct period_spec *p, int64_t now_ms)
{
	const struct kind *kind = find_kind(p->kind);

	if (!kind || !period_act(p))
		return -EINVAL;
	if (p->until_ms <= now_ms || p->until_ms <= p->from_ms)
		return -ETIME;
	if (p->from_ms > now_ms + PERIOD_AHEAD_MS ||
	    p->until_ms - MAX(p->from_ms, now_ms) > kind->most_ms)
		return -ERANGE;
	return 0;
}

/* The gates look at the place anew. */
static int touch(struct store *s, int64_t unit_id, int64_t switch_id)
{
	int64_t changed = 0;
	int r = switch_id ? store_exec(s, STMT_SWITCH_TOUCH,
				       STORE_ARGS(v_int(switch_id), v_int(store_rev(s))), &changed)
			  : store_exec(s, STMT_UNIT_TOUCH,
				       STORE_ARGS(v_int(unit_id), v_int(store_rev(s))), &changed);

	return r ? r : changed ? 0 : -ENOENT;
}

static void name_place(char dst[static ACT_SUBJECT_SIZE], int64_t unit_id, int64_t switch_id)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "%s:%lld", switch_id ? "switch" : "unit",
		 (long long)(switch_id ? switch_id : unit_id));
}

int period_begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct period_spec *p)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t id;
	int r = period_check(p, now_ms);

	if (!r)
		r = touch(s, p->unit_id, p->switch_id);
	if (!r)
		r = store_insert(s, STMT_PERIOD_INSERT,
				 STORE_ARGS(v_text(p->kind), v_int(p->unit_id),
					    v_int_or_null(p->switch_id), v_text(p->why),
					    v_int(p->asked_by), v_int(p->confirmed_by),
					    v_int(p->from_ms), v_int(p->until_ms)),
				 &id);
	if (r)
		return r;
	name_place(subject, p->unit_id, p->switch_id);
	return act_log(s, now_ms, who, period_act(p), p->unit_id, subject,
		       json_pack("{s:I, s:s, s:I, s:I, s:s, s:I}", "period", (json_int_t)id, "kind",
				 p->kind, "from", (json_int_t)p->from_ms, "until",
				 (json_int_t)p->until_ms, "reason", p->why, "asked_by",
				 (json_int_t)p->asked_by));
}

int period_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit_id, switch_id;
	int r = store_select(store_writer(s), STMT_PERIOD_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (store_int(c, 3))
		return -EALREADY;
	unit_id = store_int(c, 1);
	switch_id = store_int(c, 2);
	r = store_exec(s, STMT_PERIOD_END, STORE_ARGS(v_int(id), v_int(now_ms)), NULL);
	if (!r)
		r = touch(s, unit_id, switch_id);
	if (r && r != -ENOENT) /* a place that is gone needs no look */
		return r;
	name_place(subject, unit_id, switch_id);
	return act_log(s, now_ms, who, "period.end", unit_id, subject,
		       json_pack("{s:I, s:s, s:s}", "period", (json_int_t)id, "kind",
				 store_text(c, 0), "reason", why));
}

int period_is_frozen(struct store_db *db, int64_t unit_id, int64_t now_ms, bool *ret)
{
	int64_t count;
	int r = store_get_int(db, STMT_PERIOD_FROZEN, STORE_ARGS(v_int(unit_id), v_int(now_ms)), 0,
			      &count);

	if (!r)
		*ret = count > 0;
	return r;
}

/* What the gates get has an end. */
static int check_room(struct store *s, int64_t switch_id)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_PORT_MODE_TEXT, STORE_ARGS(v_int(switch_id)),
			     &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r ? r : -EUCLEAN;
	return strlen(store_text(c, 0)) > PORT_MODE_TEXT_MOST ? -EMSGSIZE : 0;
}

int switch_set_port_mode(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 const char *port, const char *mode, const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit = 0;
	int r = touch(s, 0, id);

	if (!r)
		r = store_get_int(store_writer(s), STMT_API_SWITCH_UNIT, STORE_ARGS(v_int(id)), 0,
				  &unit);
	if (!r)
		r = store_exec(s, STMT_PORT_MODE_PUT,
			       STORE_ARGS(v_int(id), v_text(port), v_text(mode)), NULL);
	if (!r)
		r = check_room(s, id);
	if (r)
		return r;
	name_place(subject, 0, id);
	return act_log(s, now_ms, who, "switch.port-mode", unit, subject,
		       json_pack("{s:s, s:s, s:s}", "port", port, "mode", mode, "reason", why));
}

int unit_announce(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  int64_t enforce_from_ms, const char *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int r = touch(s, id, 0);

	if (!r)
		r = store_exec(s, STMT_UNIT_ANNOUNCED_PUT,
			       STORE_ARGS(v_int(id), v_int(enforce_from_ms)), NULL);
	if (r)
		return r;
	name_place(subject, id, 0);
	return act_log(s, now_ms, who, "unit.announce", id, subject,
		       json_pack("{s:I, s:s}", "enforce_from", (json_int_t)enforce_from_ms,
				 "reason", why));
}
