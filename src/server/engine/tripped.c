#include "server/engine/tripped.h"

#include <inttypes.h>
#include <stdio.h>

int tripped_check(struct store *s, int64_t unit_id)
{
	int64_t stands;
	int r = store_get_int(store_writer(s), STMT_TRIPPED_STANDS, STORE_ARGS(v_int(unit_id)), 0,
			      &stands);

	return r ? r : stands ? 0 : -ENOENT;
}

int tripped_reset(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t unit_id,
		  const char *why)
{
	int64_t until = now_ms + TRIPPED_RESET_MS;
	char subject[ACT_SUBJECT_SIZE];
	int r = tripped_check(s, unit_id);

	if (!r)
		r = store_exec(s, STMT_TRIPPED_RESET, STORE_ARGS(v_int(unit_id), v_int(until)),
			       NULL);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "unit:%" PRId64, unit_id);
	return act_log(s, now_ms, who, "breaker.reset", unit_id, subject,
		       json_pack("{s:I, s:s}", "until", (json_int_t)until, "reason", why));
}
