#include "server/engine/bypass.h"

#include <stdio.h>

static int tell(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *act,
		int64_t unit, int64_t id, json_t *detail)
{
	char subject[ACT_SUBJECT_SIZE];

	snprintf(subject, sizeof(subject), "bypass:%lld", (long long)id);
	return act_log(s, now_ms, who, act, unit, subject, detail);
}

static int begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct bypass_spec *spec, const char *origin, int64_t *ret_id)
{
	int64_t id;
	int err;

	if (spec->until_ms <= now_ms)
		return -EINVAL;
	err = store_insert(s, STMT_BYPASS_INSERT,
			   STORE_ARGS(v_int(spec->unit_id), v_text(spec->why), v_text(origin),
				      v_int_or_null(spec->proposed_by),
				      v_int_or_null(spec->confirmed_by), v_int(now_ms),
				      v_int(spec->until_ms), v_int(store_rev(s))),
			   &id);
	if (!err)
		err = tell(s, now_ms, who, "bypass.begin", spec->unit_id, id,
			   json_pack("{s:s, s:I, s:s, s:I}", "origin", origin, "until",
				     (json_int_t)spec->until_ms, "reason", spec->why, "proposed_by",
				     (json_int_t)spec->proposed_by));
	if (!err)
		*ret_id = id;
	return err;
}

int bypass_begin(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct bypass_spec *spec, int64_t *ret_id)
{
	if (spec->until_ms - now_ms > BYPASS_MAX_MS)
		return -EINVAL;
	return begin(s, now_ms, who, spec, "console", ret_id);
}

int bypass_begin_on_gate(struct store *s, int64_t now_ms, const struct entry_actor *who,
			 const struct bypass_spec *spec, int64_t *ret_id)
{
	return begin(s, now_ms, who, spec, "gate", ret_id);
}

int bypass_confirm(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   int64_t confirmed_by)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t unit;
	int r = store_select(store_writer(s), STMT_BYPASS_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 4))
		return -EALREADY;
	if (store_int(c, 3) == confirmed_by)
		return -EPERM; /* invariant 9: a second person */
	unit = store_int(c, 1);
	r = store_exec(s, STMT_BYPASS_CONFIRM,
		       STORE_ARGS(v_int(id), v_int(confirmed_by), v_int(store_rev(s))), NULL);
	return r ? r
		 : tell(s, now_ms, who, "bypass.confirm", unit, id,
			json_pack("{s:I}", "confirmed_by", (json_int_t)confirmed_by));
}

int bypass_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t unit;
	int r = store_select(store_writer(s), STMT_BYPASS_BY_ID, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if (!store_is_null(c, 5))
		return -EALREADY;
	unit = store_int(c, 1);
	r = store_exec(s, STMT_BYPASS_END,
		       STORE_ARGS(v_int(id), v_int(now_ms), v_int(store_rev(s))), NULL);
	return r ? r
		 : tell(s, now_ms, who, "bypass.end", unit, id, json_pack("{s:s}", "reason", why));
}
