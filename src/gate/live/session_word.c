/* What a switch says of a session, weighed against what is known of it. */
#include "base/clock.h"
#include "base/text.h"
#include "gate/live/session.h"

#define CLOCK_SLACK_S 300

bool session_learns(const struct session *n, enum session_word word, const struct session_report *r)
{
	bool same = r->acct_id && text_equal(r->acct_id, n->acct_id);
	bool later = r->said_at_s > n->said_at_s, longer = r->lasted_s > n->lasted_s;

	if (r->acct_id && text_equal(r->acct_id, n->acct_before))
		return false;
	if (word == SESSION_WORD_STOP && !same && r->acct_id && n->acct_id[0])
		return false; /* of another session of the MAC */
	if (same && n->is_stopped)
		return false;
	if (r->said_at_s && n->said_at_s && r->said_at_s < n->said_at_s)
		return same && longer;
	if (!same || n->state != SESSION_RUNNING || word == SESSION_WORD_STOP)
		return true;
	if (word == SESSION_WORD_START)
		return later;
	/* Who says neither when nor how long cannot be told from who says it again. */
	return later || longer || (!r->said_at_s && !r->lasted_s);
}

bool session_is_after(const struct session *n, uint32_t at_s)
{
	if (n->said_at_s)
		return n->said_at_s > at_s;
	return n->granted_at_ms / SECOND_MS > (int64_t)at_s + CLOCK_SLACK_S;
}
