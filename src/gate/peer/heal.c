#include "gate/peer/heal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gate/knock/knock.h"
#include "gate/line/record.h"
#include "gate/live/coa.h"

#define SOON_MS 200
#define AGAIN_MS 1000
#define ASK_AGAIN_MS MINUTE_MS
#define CLOSINGS_MAX 65536

/* A session that gave way and waits until its switch is told. */
struct closing {
	struct closing *next;
	struct session session;
	char why[112];
};

struct heal {
	struct gate *gate;
	struct loop_timer *timer;
	struct closing *first, **end;
	size_t count;
	bool look; /* at the accounts, again */
};

static void arm(struct heal *h, int64_t after_ms)
{
	if (!loop_timer_is_armed(h->timer))
		loop_timer_arm(h->timer, after_ms);
}

static const char *name_of(const struct heal *h, const struct session *n)
{
	return sessions_origin_name(h->gate->sessions, n->origin);
}

/* ---- one MAC at two places ---- */

static void close_here(struct heal *h, const struct session *here, const struct session *said)
{
	const struct snap_switch *at = snapshot_switch(h->gate->snapshot, said->switch_id);
	struct closing *c = h->count < CLOSINGS_MAX ? malloc(sizeof(*c)) : NULL;

	if (!c) {
		record_session(h->gate, "session.closed", here, "the MAC is live elsewhere");
		return;
	}
	*c = (struct closing){.session = *here};
	snprintf(c->why, sizeof(c->why), "conflict: the MAC is live at %.24s, %.24s %.16s",
		 name_of(h, said), at ? at->row.name : "a switch", said->port);
	*h->end = c;
	h->end = &c->next;
	h->count++;
	arm(h, SOON_MS);
}

void heal_over(struct heal *h, const struct session *here, const struct session *said,
	       enum merge how)
{
	char note[GATE_NAME_SIZE + 32];

	if (here->origin || !session_is_live(here))
		return;
	if (how == MERGE_CONFLICT) {
		close_here(h, here, said);
	} else if (memcmp(here->class_id, said->class_id, CLASS_SIZE) != 0 &&
		   memcmp(here->class_id, said->over, CLASS_SIZE) != 0) {
		snprintf(note, sizeof(note), "its switch turned to %s", name_of(h, said));
		record_session(h->gate, "session.moved", here, note);
	}
}

/* ---- one account on two terminals ---- */

static const struct session *find_rival(const struct heal *h, const struct session *n)
{
	const struct session *at = sessions_of_account(h->gate->sessions, n->account);

	for (; at; at = at->next_of_account)
		if (at->origin && session_is_live(at) && !mac_equal(&at->mac, &n->mac) &&
		    (!n->terminal_id || at->terminal_id != n->terminal_id))
			return at;
	return NULL;
}

static void judge_anew(struct heal *h, const struct session *n, int64_t now_ms, struct picture *p,
		       struct decision *d)
{
	const struct subject as_if_it_knocked = {.now_ms = now_ms,
						 .method = n->method,
						 .mac = n->mac,
						 .switch_id = n->switch_id,
						 .port = n->port,
						 .proof = REASON_OK,
						 .account = n->account,
						 .serial = ""};

	picture_draw(h->gate, &as_if_it_knocked, snapshot_switch(h->gate->snapshot, n->switch_id),
		     p);
	picture_decide(p, d);
}

/* -EBUSY: its switch is asked later. */
static int look_at(struct heal *h, struct session *n, int64_t now_ms)
{
	const struct session *rival = find_rival(h, n);
	struct picture p;
	struct decision d;
	char why[112];
	int err;

	if (!rival || merge_began_before(n, rival) ||
	    !snapshot_switch(h->gate->snapshot, n->switch_id) ||
	    (n->disconnect_asked_at_ms && now_ms - n->disconnect_asked_at_ms < ASK_AGAIN_MS))
		return 0;
	judge_anew(h, n, now_ms, &p, &d);
	if (p.elsewhere && p.elsewhere->origin)
		knock_close_silent(h->gate, p.elsewhere, now_ms);
	if (d.verdict != VERDICT_REJECT || d.reason != REASON_ACCOUNT_LIVE_ELSEWHERE)
		return 0;
	snprintf(why, sizeof(why), "conflict: %.40s is live at %.24s since before", n->account,
		 name_of(h, rival));
	err = coa_disconnect(h->gate->coa, n, why);
	if (!err)
		log_info("session of %s on %s: %s", n->calling, n->port, why);
	return err;
}

static bool may_conflict(const struct session *n)
{
	return session_is_live(n) && n->account[0] && n->method == KNOCK_EAP_PASSWORD;
}

void heal_said(struct heal *h, const struct session *said)
{
	int64_t now_ms = gate_now(h->gate);
	struct session *n = NULL;

	if (may_conflict(said) && gate_can_decide(h->gate))
		n = sessions_of_account(h->gate->sessions, said->account);
	for (; n; n = n->next_of_account)
		if (!n->origin && may_conflict(n) && look_at(h, n, now_ms) == -EBUSY) {
			h->look = true;
			arm(h, AGAIN_MS);
		}
}

/* Those whose switches could not be asked in time. */
static void look_at_accounts(struct heal *h)
{
	int64_t now_ms = gate_now(h->gate);
	struct session *n;
	size_t at = 0;

	h->look = false;
	while ((n = sessions_next(h->gate->sessions, &at)))
		if (!n->origin && may_conflict(n) && look_at(h, n, now_ms) == -EBUSY)
			h->look = true;
}

/* ---- the clock ---- */

static void close_waiting(struct heal *h)
{
	while (h->first) {
		struct closing *c = h->first;
		int err = coa_expel(h->gate->coa, &c->session, c->why);

		if (err == -EBUSY)
			return;
		if (err)
			record_session(h->gate, "session.closed", &c->session, c->why);
		h->first = c->next;
		if (!h->first)
			h->end = &h->first;
		h->count--;
		free(c);
	}
}

static void on_timer(void *arg)
{
	struct heal *h = arg;

	close_waiting(h);
	if (h->look && gate_can_decide(h->gate))
		look_at_accounts(h);
	if (h->first || h->look)
		arm(h, AGAIN_MS);
}

int heal_new(struct gate *g, struct heal **ret)
{
	struct heal *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->gate = g;
	h->end = &h->first;
	err = loop_timer_new(g->loop, on_timer, h, &h->timer);
	if (err)
		free(h);
	else
		*ret = h;
	return err;
}

void heal_free(struct heal *h)
{
	struct closing *next;

	if (!h)
		return;
	for (struct closing *c = h->first; c; c = next) {
		next = c->next;
		free(c);
	}
	loop_timer_free(h->timer);
	free(h);
}
