#define _GNU_SOURCE
#include "gate/front/front.h"

#include <string.h>

#include "gate/eap/relay.h"
#include "gate/facts/port_names.h"
#include "gate/front/inside.h"
#include "gate/front/radsec.h"
#include "gate/knock/knock.h"
#include "gate/line/record.h"
#include "gate/live/accounting.h"

#define UNKNOWN_MAX 1024 /* strangers remembered, so that each is recorded once an hour */
#define UNKNOWN_AGAIN_MS HOUR_MS

void front_flush(struct front *f)
{
	outbox_flush(f->at_work->outbox);
	radsec_flush(f->gate->radsec);
}

const struct radius_secret *front_secret(const struct front *f, const struct request *r,
					 const struct snap_switch *sw)
{
	return r->stream ? radsec_secret(f->gate->radsec) : &sw->secret;
}

struct radius_out *front_begin(struct front *f, const struct request *r, uint8_t code)
{
	struct radius_out *out = outbox_room(f->at_work->outbox);

	radius_begin_answer(out, code, &r->packet);
	return out;
}

/* Of the lane that heard the request, whoever answers it. */
static struct duplicates *duplicates_of(const struct front *f, const struct request *r)
{
	return f->lanes[r->lane]->duplicates;
}

void front_silence(struct front *f, const struct request *r)
{
	f->gate->counters[COUNT_SILENT]++;
	duplicates_forget(duplicates_of(f, r), r->duplicate);
}

/* A connection takes its answers one by one. */
static void answer_stream(struct front *f, const struct request *r, struct radius_out *out)
{
	struct radsec *radsec = f->gate->radsec;

	if (radius_finish_answer(out, radsec_secret(radsec), r->packet.authenticator)) {
		front_silence(f, r);
		return;
	}
	duplicates_answer(duplicates_of(f, r), r->duplicate, out->data, out->len);
	radsec_send(radsec, r->stream, out->data, out->len);
}

void front_send(struct front *f, const struct request *r)
{
	struct lane *l = f->at_work;
	struct radius_out *out = outbox_room(l->outbox); /* the one that front_begin() gave */
	const struct snap_switch *sw = snapshot_switch(f->gate->snapshot, r->switch_id);

	if (!sw || !sw->usable || out->error)
		front_silence(f, r);
	else if (r->stream)
		answer_stream(f, r, out);
	else
		outbox_add_unsigned(l->outbox, l->sockets[r->socket].fd, &r->from,
				    &(struct outbox_seal){&sw->secret, r->packet.authenticator,
							  duplicates_of(f, r), r->duplicate});
}

static void send_again(struct front *f, const struct request *r, const uint8_t *answer, size_t len)
{
	struct lane *l = f->at_work;
	struct radius_out *out;

	if (r->stream) {
		radsec_send(f->gate->radsec, r->stream, answer, len);
		return;
	}
	out = outbox_room(l->outbox);
	memcpy(out->data, answer, len);
	out->len = len;
	outbox_add(l->outbox, l->sockets[r->socket].fd, &r->from);
}

void front_tell_stranger(struct front *f, const struct addr *from, const uint8_t host[static 16])
{
	char text[ADDR_TEXT_SIZE];

	f->gate->counters[COUNT_UNKNOWN_SWITCH]++;
	switch (told_ask(&f->strangers, host, gate_now(f->gate))) {
	case TOLD_NEW:
		addr_format_host(text, from);
		log_warn("%s is no switch of ours and gets no answer; register it if it is one",
			 text);
		record_unknown_switch(f->gate, from);
		break;
	case TOLD_TOO_MANY:
		log_warn("more than %d addresses that are no switches of ours; no other is told "
			 "before the hour is over",
			 UNKNOWN_MAX);
		record_unknown_switch(f->gate, from);
		break;
	case TOLD_ALREADY:
		break;
	}
}

static bool is_proven(struct front *f, const struct claim *c, struct bucket *b, int64_t mono_ms)
{
	switch (c->proof) {
	case PROOF_GOOD:
		return true;
	case PROOF_ABSENT:
		if (proof_may_be_absent(c))
			return true;
		f->gate->counters[COUNT_UNSIGNED]++;
		rates_tell(&f->rates, b, mono_ms,
			   "sends requests without Message-Authenticator and gets no answer; "
			   "switch it on there, or record an exception for MAC authentication");
		return false;
	case PROOF_WRONG:
		break;
	}
	f->gate->counters[COUNT_WRONG_SECRET]++;
	rates_tell(&f->rates, b, mono_ms, "uses another shared secret than the one registered");
	return false;
}

static void answer_status(struct front *f, const struct request *r)
{
	if (!gate_may_answer(f->gate, r->switch_id, r->now_ms)) {
		front_silence(f, r);
		return;
	}
	front_begin(f, r,
		    socket_is_acct(r->socket) ? RADIUS_ACCOUNTING_RESPONSE : RADIUS_ACCESS_ACCEPT);
	front_send(f, r);
}

static void dispatch(struct front *f, struct request *r)
{
	struct gate *g = f->gate;

	if (r->packet.code == RADIUS_STATUS_SERVER) {
		answer_status(f, r);
	} else if (r->packet.code == RADIUS_ACCESS_REQUEST) {
		knock_take(g, r);
	} else {
		accounting_take(g, r);
	}
}

/*
 * Asks the memory for what this packet's knock will look up. The steps are spread over its proof
 * and its batch, so that nobody waits for memory where there is something to compute.
 */
void front_warm(const struct front *f, const struct request *r, unsigned step)
{
	const struct gate *g = f->gate;

	if (r->has_mac) {
		snapshot_warm(g->snapshot, &r->mac, step);
		if (step <= 1)
			sessions_warm(g->sessions, &r->mac, step);
	}
}

/* True when the packet is new. */
static bool look_for_duplicate(struct front *f, struct request *r)
{
	struct duplicates *d = duplicates_of(f, r);
	const uint8_t *answer;
	size_t len;
	enum duplicate_state state =
		duplicates_look(d, &r->key, r->now_ms, &r->duplicate, &answer, &len);

	/* Its original may be of this very batch, decided and not signed yet. */
	if (state == DUPLICATE_PENDING) {
		outbox_sign(f->at_work->outbox);
		state = duplicates_look(d, &r->key, r->now_ms, &r->duplicate, &answer, &len);
	}
	switch (state) {
	case DUPLICATE_NEW:
		dispatch(f, r);
		return true;
	case DUPLICATE_ANSWERED:
		f->gate->counters[COUNT_REPEATED]++;
		send_again(f, r, answer, len);
		break;
	case DUPLICATE_PENDING:
		f->gate->counters[COUNT_REPEATED]++;
		knock_repeat(f->gate, r);
		break;
	}
	return false;
}

/* Did the switch really send it, and not too many? */
static bool admit(struct front *f, const struct claim *c, int64_t mono_ms)
{
	struct bucket *b = rates_of(&f->rates, c->request->switch_id, mono_ms);

	/* Only what it really sent: else a forger of its address could use its rate up. */
	if (!b || !is_proven(f, c, b, mono_ms) || !rates_take(&f->rates, b, mono_ms))
		return false;
	duplicates_warm(duplicates_of(f, c->request), &c->request->key, 1);
	front_warm(f, c->request, 1);
	return true;
}

/* Fills `ret`: how many may be answered. */
static size_t admit_batch(struct front *f, const struct claim *claims, size_t claim_count,
			  struct request **ret)
{
	int64_t mono_ms = clock_mono_ms(), now_ms = gate_now(f->gate);
	size_t count = 0;

	for (size_t i = 0; i < claim_count; i++) {
		claims[i].request->now_ms = now_ms;
		if (f->lane_count > 1)
			front_warm(f, claims[i].request, 0);
	}
	for (size_t i = 0; i < claim_count; i++)
		if (admit(f, &claims[i], mono_ms))
			ret[count++] = claims[i].request;
	return count;
}

void front_judge(struct front *f, const struct claim *claims, size_t claim_count, bool acct)
{
	const uint64_t *relayed = &f->gate->counters[COUNT_EAP_RELAYED], before = *relayed;
	struct request *admitted[BATCH];
	size_t count = admit_batch(f, claims, claim_count, admitted), fresh = 0;

	for (unsigned step = 2; step <= 3; step++)
		for (size_t i = 0; i < count; i++)
			front_warm(f, admitted[i], step);
	for (size_t i = 0; i < count; i++)
		fresh += look_for_duplicate(f, admitted[i]);
	relay_batch_ends(f->gate->relay, !acct && fresh > *relayed - before);
}

/* ---- connections ---- */

static int read_stream(struct front *f, struct request *r, const uint8_t *data, size_t len,
		       struct claim *ret)
{
	struct gate *g = f->gate;
	const struct snap_switch *sw;

	g->counters[COUNT_PACKETS]++;
	addr_host_key(&r->from, r->key.host);
	sw = snapshot_switch_at(g->snapshot, r->key.host);
	if (!sw || !sw->usable) {
		front_tell_stranger(f, &r->from, r->key.host);
		return -EACCES;
	}
	r->ports = port_rules(g->vendors, sw);
	if (request_open(r, data, len)) {
		g->counters[COUNT_MALFORMED]++;
		return -EBADMSG;
	}
	r->switch_id = sw->row.id;
	*ret = (struct claim){.request = r,
			      .secret = front_secret(f, r, sw),
			      .unsigned_until_ms = sw->row.mab_unsigned_until_ms};
	return 0;
}

int front_take(struct front *f, const struct front_stream *s, const uint8_t *data, size_t len)
{
	struct request r = {.socket = SOCKET_STREAM,
			    .stream = s->number,
			    .from = s->addr,
			    .now_ms = gate_now(f->gate)};
	const uint64_t *relayed = &f->gate->counters[COUNT_EAP_RELAYED], before = *relayed;
	struct claim claim;
	int err = read_stream(f, &r, data, len, &claim);

	if (err)
		return err == -EBADMSG ? err : 0;
	proof_batch(&claim, 1);
	if (admit(f, &claim, clock_mono_ms()) && r.switch_id == s->switch_id &&
	    look_for_duplicate(f, &r)) {
		if (*relayed != before)
			f->streams_ask_engine = true;
		else if (r.packet.code != RADIUS_ACCOUNTING_REQUEST)
			f->streams_direct = true;
	}
	return 0;
}

void front_taken(struct front *f)
{
	if (f->streams_ask_engine || f->streams_direct)
		relay_batch_ends(f->gate->relay, f->streams_direct);
	f->streams_ask_engine = f->streams_direct = false;
	front_flush(f);
}

void front_stranger(struct front *f, const struct addr *from)
{
	uint8_t host[16];

	addr_host_key(from, host);
	front_tell_stranger(f, from, host);
}

/* ---- the lanes ---- */

void front_set_quiet(struct front *f, bool quiet)
{
	if (quiet == f->quiet)
		return;
	f->quiet = quiet;
	for (size_t i = 0; i < f->lane_count; i++)
		lane_set_quiet(f->lanes[i], quiet);
}

/* By one thread, whoever's sockets they are: where all wait for the engine, more gain nothing. */
void front_poll(struct front *f)
{
	if (!f->quiet)
		return;
	gate_lock_let_go(&f->gate->lock);
	for (size_t i = 0; i < f->lane_count; i++)
		lane_poll(f->lanes[i]);
	gate_lock_take(&f->gate->lock);
}

size_t front_lanes(const struct front *f)
{
	return f->lane_count;
}

struct lane_figures front_lane_figures(const struct front *f, size_t lane)
{
	return f->lanes[lane]->figures;
}

static void take_lock(void *arg)
{
	gate_lock_take(arg);
}

static void let_lock_go(void *arg)
{
	gate_lock_let_go(arg);
}

int front_start(struct front *f)
{
	struct gate *g = f->gate;
	int err;

	if (f->lane_count == 1)
		return 0;
	err = gate_lock_share(&g->lock);
	if (err)
		return err;
	gate_lock_take(&g->lock);
	err = loop_share(g->loop, let_lock_go, take_lock, &g->lock);
	for (size_t i = 0; !err && i < f->lane_count; i++)
		err = lane_start(f->lanes[i]);
	return err;
}

void front_stop(struct front *f)
{
	if (!f || !f->gate->lock.shared)
		return;
	gate_lock_let_go(&f->gate->lock);
	for (size_t i = 0; i < f->lane_count; i++)
		lane_stop(f->lanes[i]);
	gate_lock_unshare(&f->gate->lock);
}

int front_new(struct gate *g, struct front **ret)
{
	struct front *f = calloc(1, sizeof(*f));
	int err = 0;

	if (!f)
		return -ENOMEM;
	f->gate = g;
	f->lane_count = g->settings.lanes;
	rates_init(&f->rates, g);
	told_init(&f->strangers, 16, UNKNOWN_MAX, UNKNOWN_AGAIN_MS);
	for (uint8_t i = 0; !err && i < f->lane_count; i++)
		err = lane_new(f, i, &f->lanes[i]);
	if (err) {
		front_free(f);
		return err;
	}
	f->at_work = f->lanes[0];
	*ret = f;
	return 0;
}

void front_free(struct front *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->lane_count; i++)
		lane_free(f->lanes[i]);
	rates_done(&f->rates);
	told_done(&f->strangers);
	free(f);
}
