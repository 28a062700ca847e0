#include "gate/live/review.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "gate/front/reply.h"
#include "gate/knock/knock.h"
#include "gate/line/record.h"
#include "gate/live/coa.h"
#include "gate/live/stay.h"
#include "gate/peer/peers.h"

#define TICK_MS 5000
#define SOON_MS 50
#define ASK_AGAIN_MS MINUTE_MS
#define SLICE_US 200
#define PAUSE_MS 1	/* between slices */
#define LOOK_AT_ONCE 16 /* before the time is asked for */

/* A session whose facts say something else than its last answer. */
struct change {
	struct mac mac;
	bool puts_out;
	int64_t unit_id;
	size_t wave; /* how many of its unit, from this one on, would be put out in this round */
};

/*
 * A round goes over all sessions and then over what is to be changed, in slices of a fraction of a
 * millisecond, so that no knock waits for it; once a minute it looks for lost stays before:
 *
 *	IDLE ──> (STAYS) ──> LOOKING ──> ACTING ──> IDLE
 *
 * Between slices sessions come and go: a change holds no pointer, and is decided anew when it is
 * acted on. What is asked for under way has a round of its own afterwards.
 */
enum phase { IDLE, STAYS, LOOKING, ACTING };

struct review {
	struct gate *gate;
	struct loop_timer *tick, *soon, *slice;
	int64_t heard_since_ms, stays_at_ms;
	enum phase phase; /* of the round under way */
	bool again;	  /* a round was asked for meanwhile */
	struct stay_look stays;
	size_t at; /* among the sessions, then among the changes */
	struct change *changes;
	size_t count, size;
};

static int add_change(struct review *r, const struct change *c)
{
	if (r->count == r->size) {
		size_t size = r->size ? r->size * 2 : 64;
		struct change *grown = reallocarray(r->changes, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		r->changes = grown;
		r->size = size;
	}
	r->changes[r->count++] = *c;
	return 0;
}

/* An agent that the server would have heard by now, and has not. */
static void watch_agent(struct review *r, const struct session *n, const struct snap_terminal *t,
			int64_t now_ms)
{
	struct gate *g = r->gate;

	if (!t || n->method == KNOCK_MAB || !t->has_uuid ||
	    !terminal_kind_needs_agent((enum terminal_kind)t->kind) ||
	    n->decision.verdict != VERDICT_ADMIT || r->heard_since_ms == 0 ||
	    now_ms - MAX(n->started_at_ms, r->heard_since_ms) < AGENT_GRACE_MS)
		return;
	/*
	 * One that reported in this session and fell silent later is the server's to judge. Without
	 * memory it is missed at the next tick.
	 */
	(void)!agents_miss(&g->agents, &t->uuid, n->started_at_ms);
}

static void draw_session(struct gate *g, const struct session *n, const struct snap_switch *sw,
			 int64_t now_ms, const char *serial, struct picture *ret)
{
	const struct subject subject = {.now_ms = now_ms,
					.method = n->method,
					.mac = n->mac,
					.switch_id = n->switch_id,
					.port = n->port,
					.proof = REASON_OK,
					.account = n->account,
					.serial = serial,
					.session = n};

	picture_draw(g, &subject, sw, ret);
}

/* What a session's facts say now. False: its switch is gone, nothing can be said. */
static bool decide_session(struct gate *g, const struct session *n, int64_t now_ms,
			   struct picture *p, struct decision *d)
{
	const struct snap_switch *sw = snapshot_switch(g->snapshot, n->switch_id);
	const struct snap_terminal *t = snapshot_terminal(g->snapshot, n->terminal_id);

	if (!sw)
		return false;
	draw_session(g, n, sw, now_ms, t ? snap_terminal_text(t, SNAP_CERTIFICATE) : "", p);
	picture_decide(p, d);
	d->verdict = reply_possible(p, d->verdict, NULL);
	return true;
}

/* Its switch was told of the plan what still holds. */
static bool has_its_plan(struct gate *g, const struct session *n, const struct picture *p,
			 const struct decision *d)
{
	struct reply_place now;

	reply_place(g, p, d, &now);
	return now.planned.mark == n->planned;
}

static bool asked_lately(const struct session *n, int64_t now_ms)
{
	return n->disconnect_asked_at_ms && now_ms - n->disconnect_asked_at_ms < ASK_AGAIN_MS;
}

static bool is_warned_of_posture(const struct decision *d)
{
	return d->reason == REASON_WARNED && verdict_is_bad_posture(d->would_be_reason);
}

/* A posture that turned bad or good while the session lives, in the grace where it enforces. */
static void tell_warned(struct gate *g, struct session *n, const struct decision *d,
			const struct picture *p)
{
	if (p->facts.mode != MODE_ENFORCE ||
	    is_warned_of_posture(d) == is_warned_of_posture(&n->decision))
		return;
	n->decision = *d;
	sessions_touch(g->sessions, n);
	record_warned(g, n, is_warned_of_posture(d) ? p->enforce_from_ms : 0);
}

static void look_at(struct review *r, struct session *n, int64_t now_ms)
{
	struct gate *g = r->gate;
	struct change c = {.mac = n->mac};
	struct decision d;
	struct picture p;

	/* A peer looks at its own as long as it is heard. */
	if (!session_is_live(n) || (n->origin && peers_hear(g->peers, n->origin)))
		return;
	watch_agent(r, n, snapshot_terminal(g->snapshot, n->terminal_id), now_ms);
	if (!decide_session(g, n, now_ms, &p, &d))
		return;
	c.unit_id = p.unit_id;
	c.puts_out = d.verdict < n->decision.verdict;
	if (d.verdict == n->decision.verdict) {
		n->held = false;
		tell_warned(g, n, &d, &p);
		if (has_its_plan(g, n, &p, &d))
			return;
	}
	if (asked_lately(n, now_ms))
		return;
	(void)!add_change(r, &c); /* without memory: at the next tick */
}

/* From the last to the first, each after the next one of its unit. */
static void count_waves(struct review *r)
{
	struct map next; /* of each unit */

	map_init(&next, sizeof(int64_t));
	for (size_t i = r->count; i-- > 0;) {
		struct change *c = &r->changes[i];
		const struct change *later = map_get(&next, &c->unit_id);

		c->wave = (later ? later->wave : 0) + c->puts_out;
		if (map_put(&next, &c->unit_id, c, NULL))
			c->wave = r->count - i; /* no memory: the breaker sees the worst */
	}
	map_done(&next);
}

/* Where it is, with other addresses, or under another mode of the plan. */
static void change_plan(struct gate *g, struct session *n, const struct picture *p,
			const struct decision *d)
{
	if (has_its_plan(g, n, p, d) || coa_change(g->coa, n, d, "address plan"))
		return;
	log_info("session of %s on %s: the address plan says something else", n->calling, n->port);
}

static void act_on(struct review *r, const struct change *c, int64_t now_ms)
{
	struct gate *g = r->gate;
	struct session *n = sessions_by_mac(g->sessions, &c->mac);
	struct decision d;
	struct picture p;
	char why[96];

	if (!n || !session_is_live(n) || asked_lately(n, now_ms) ||
	    !decide_session(g, n, now_ms, &p, &d))
		return;
	if (d.verdict == n->decision.verdict) {
		change_plan(g, n, &p, &d);
		return;
	}
	if (d.verdict < n->decision.verdict && knock_must_hold(g, &p, &d, c->wave)) {
		if (!n->held)
			record_held(g, n, &d, knock_held_note(&p));
		n->held = true;
		return;
	}
	snprintf(why, sizeof(why), "%s to %s: %s", verdict_name(n->decision.verdict),
		 verdict_name(d.verdict), reason_text(d.reason)->code);
	if (coa_change(g->coa, n, &d, why) == 0)
		log_info("session of %s on %s: %s", n->calling, n->port, why);
}

static void end_bypasses(struct gate *g, int64_t now_ms)
{
	struct bypass ended;
	char note[96];

	while (bypasses_take_ended(&g->bypasses, now_ms, &ended)) {
		snprintf(note, sizeof(note), "bypass of %s ended by itself", ended.unit_code);
		log_info("%s", note);
		record_gate(g, "gate.bypass-end", ended.unit_id, note);
	}
}

static void end_isolations(struct gate *g, int64_t now_ms)
{
	struct isolation_here ended;

	while (isolations_take_ended(&g->isolations, now_ms, &ended))
		if (!ended.released && !ended.gate[0])
			record_mac(g, "gate.release", &ended.mac,
				   sessions_by_mac(g->sessions, &ended.mac), "ended by itself");
}

static void begin_looking(struct review *r)
{
	r->phase = gate_can_decide(r->gate) ? LOOKING : IDLE;
	r->at = r->count = 0;
}

static void begin_round(struct review *r)
{
	struct gate *g = r->gate;
	int64_t now_ms = gate_now(g);

	if (r->phase != IDLE) {
		r->again = true;
		return;
	}
	end_bypasses(g, now_ms);
	end_isolations(g, now_ms);
	if (now_ms - r->stays_at_ms >= MINUTE_MS) {
		r->stays_at_ms = now_ms;
		r->phase = STAYS;
		stays_begin(g, &r->stays, now_ms);
	} else {
		begin_looking(r);
	}
	if (r->phase != IDLE)
		loop_timer_arm(r->slice, 0);
}

/* False: all were looked at. */
static bool look_at_some(struct review *r, int64_t now_ms)
{
	struct session *n;

	for (size_t i = 0; i < LOOK_AT_ONCE; i++) {
		n = sessions_next(r->gate->sessions, &r->at);
		if (!n)
			return false;
		look_at(r, n, now_ms);
	}
	return true;
}

static void go_on(struct review *r, int64_t now_ms)
{
	if (r->phase == STAYS && !stays_look_on(r->gate, &r->stays, LOOK_AT_ONCE)) {
		begin_looking(r);
	} else if (r->phase == LOOKING && !look_at_some(r, now_ms)) {
		count_waves(r);
		r->at = 0;
		r->phase = ACTING;
	} else if (r->phase == ACTING && r->at < r->count) {
		act_on(r, &r->changes[r->at++], now_ms);
	} else if (r->phase == ACTING) {
		r->phase = IDLE;
	}
}

static void on_slice(void *arg)
{
	struct review *r = arg;
	int64_t until_us = clock_mono_us() + SLICE_US, now_ms = gate_now(r->gate);

	do
		go_on(r, now_ms);
	while (r->phase != IDLE && clock_mono_us() < until_us);
	if (r->phase != IDLE) {
		loop_timer_arm(r->slice, PAUSE_MS);
	} else if (r->again) {
		r->again = false;
		begin_round(r);
	}
}

static void on_tick(void *arg)
{
	struct review *r = arg;

	begin_round(r);
	loop_timer_arm(r->tick, TICK_MS);
}

static void on_soon(void *arg)
{
	begin_round(arg);
}

int review_new(struct gate *g, struct review **ret)
{
	struct review *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->gate = g;
	err = loop_timer_new(g->loop, on_tick, r, &r->tick);
	if (!err)
		err = loop_timer_new(g->loop, on_soon, r, &r->soon);
	if (!err)
		err = loop_timer_new(g->loop, on_slice, r, &r->slice);
	if (err) {
		review_free(r);
		return err;
	}
	loop_timer_arm(r->tick, TICK_MS);
	*ret = r;
	return 0;
}

void review_free(struct review *r)
{
	if (!r)
		return;
	loop_timer_free(r->tick);
	loop_timer_free(r->soon);
	loop_timer_free(r->slice);
	stay_look_done(&r->stays);
	free(r->changes);
	free(r);
}

void review_snapshot_changed(struct review *r)
{
	if (!loop_timer_is_armed(r->soon))
		loop_timer_arm(r->soon, SOON_MS);
}

void review_server_heard_since(struct review *r, int64_t since_ms)
{
	r->heard_since_ms = since_ms;
}
