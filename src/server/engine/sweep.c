#include "server/engine/sweep.h"

#include <inttypes.h>
#include <stdio.h>

int sweep_proposal(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit_id, changed;
	int r = store_select(store_writer(s), STMT_SWEEP_PROPOSAL_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	unit_id = store_int(c, 0);
	r = store_exec(s, STMT_PROPOSAL_DECIDE,
		       STORE_ARGS(v_int(id), v_text("expired"), v_null(), v_int(now_ms)), &changed);
	if (r || !changed)
		return r ? r : -EALREADY;
	snprintf(subject, sizeof(subject), "proposal:%" PRId64, id);
	return act_log(s, now_ms, who, "proposal.expire", unit_id, subject,
		       json_pack("{s:s, s:s}", "act", store_text(c, 1), "reason", why));
}

static int remove_rows(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       enum store_stmt stmt, int64_t over_ms, const char *act, const char *why)
{
	int64_t count;
	int r = store_exec(s, stmt, STORE_ARGS(v_int(over_ms)), &count);

	if (r || !count)
		return r ? r : -EALREADY;
	return act_log(s, now_ms, who, act, 0, "",
		       json_pack("{s:I, s:s}", "count", (json_int_t)count, "reason", why));
}

int sweep_logins(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t any_id,
		 const char *why)
{
	(void)any_id;
	return remove_rows(s, now_ms, who, STMT_SWEEP_LOGINS, now_ms, "session.expire", why);
}

int sweep_enrol_codes(struct store *s, int64_t now_ms, const struct entry_actor *who,
		      int64_t any_id, const char *why)
{
	(void)any_id;
	return remove_rows(s, now_ms, who, STMT_SWEEP_ENROL_CODES, now_ms - SWEEP_CODE_AFTER_MS,
			   "enrol.code-expire", why);
}

int sweep_request(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	char subject[ACT_SUBJECT_SIZE];
	int64_t unit_id;
	int r = store_select(store_writer(s), STMT_SWEEP_REQUEST_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -EALREADY;
	unit_id = store_int(c, 0);
	snprintf(subject, sizeof(subject), "request:%s", store_text(c, 1));
	r = store_exec(s, STMT_REQUEST_CLOSE,
		       STORE_ARGS(v_int(id), v_text("withdrawn"), v_text("{}"), v_int(now_ms)),
		       NULL);
	return r ? r
		 : act_log(s, now_ms, who, "request.lapse", unit_id, subject,
			   json_pack("{s:s}", "reason", why));
}

int sweep_session(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *why)
{
	int64_t changed;
	int r = store_exec(s, STMT_SWEEP_SESSION, STORE_ARGS(v_int(id)), &changed);

	(void)now_ms, (void)who, (void)why;
	if (r || !changed)
		return r ? r : -EALREADY;
	return store_exec(s, STMT_SWEEP_SESSION_ADDRESSES, STORE_ARGS(v_int(id)), NULL);
}
