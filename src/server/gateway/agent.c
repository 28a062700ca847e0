/* A desk's connection: its hello, its heartbeats, its events. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/certificate.h"
#include "server/engine/terminal.h"
#include "server/gateway/conn.h"
#include "server/gateway/enrolling.h"
#include "server/gateway/intake.h"

#define PROTOCOL 1
#define POLICY_LEEWAY_BEATS 2
#define NOTICE_AFTER_MS 300 /* gates hear of the new posture first */

static struct presence_owner owner_of(struct conn *c)
{
	return (struct presence_owner){c->worker, c->number};
}

/* ---- the hello ---- */

struct hello {
	struct conn_work cw;
	menshen_AgentHello message;
	char from[ADDR_TEXT_SIZE], source[64];
	/* What the engine found. */
	const char *refusal, *refusal_text;
	struct terminal terminal;
	uint64_t through_seq;
	struct presence_owner replaced; /* whose place this connection took */
};

static int refuse(struct hello *h, const char *reason, const char *text)
{
	h->refusal = reason;
	h->refusal_text = text;
	return 0;
}

/* What the certificate says is only believed as far as the book of certificates agrees. */
static int check_certificate(struct hello *h, struct store *s)
{
	struct conn *c = h->cw.conn;
	struct certificate cert;
	int r = certificate_load(store_writer(s), c->serial, &cert);

	if (r < 0)
		return r;
	if (r == 0 || !cert.terminal_id)
		return refuse(h, "certificate-unknown", "This certificate is not in the book");
	if (cert.revoked_at_ms)
		return refuse(h, "certificate-revoked", "This certificate was revoked");
	r = terminal_load(store_writer(s), cert.terminal_id, &h->terminal);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	if (!uuid_equal(&h->terminal.uuid, &c->terminal))
		return refuse(h, "certificate-unknown", "This certificate is of another terminal");
	if (h->terminal.status == TERMINAL_APPLIED || h->terminal.status == TERMINAL_SCRAPPED)
		return refuse(h, "terminal-not-approved",
			      "This terminal is not approved, or is scrapped");
	return 0;
}

/* The desk knows less than it once told: its disk was set back, or copied (a cloned image). */
static int note_set_back(struct hello *h, struct store *s, int64_t now_ms)
{
	return act_log(s, now_ms, &actor_system, "terminal.queue-set-back", h->terminal.unit_id,
		       h->source,
		       json_pack("{s:I, s:I, s:s}", "committed", (json_int_t)h->through_seq, "next",
				 (json_int_t)h->message.next_seq, "from", h->from));
}

static int find_cursor(struct hello *h, struct store *s, int64_t now_ms)
{
	uint8_t epoch[16];
	uint64_t seq = 0;
	bool known = false;
	int err = store_source_cursor(s, h->source, epoch, &seq, &known);

	if (err)
		return err;
	h->through_seq = 0;
	if (known && !memcmp(epoch, h->message.epoch, sizeof(epoch)))
		h->through_seq = seq;
	if (h->through_seq && h->message.next_seq <= h->through_seq) {
		h->cw.work.topics |= TOPIC_ALARM;
		return note_set_back(h, s, now_ms);
	}
	return 0;
}

static int refuse_fork(struct hello *h, struct store *s, int64_t now_ms)
{
	char epoch[33];

	hex_encode(epoch, h->message.epoch, 16);
	h->cw.work.topics |= TOPIC_ALARM;
	(void)refuse(h, "terminal-cloned",
		     "Another computer speaks for this terminal. Was its disk copied? Enrol again");
	return act_log(s, now_ms, &actor_system, "terminal.fork", 0, h->source,
		       json_pack("{s:s, s:s}", "from", h->from, "epoch", epoch));
}

/* Only whom the book knows takes the place of the connection before. A batch that is undone is
 * applied again: then the place is its own already. */
static int claim(struct hello *h, struct store *s, int64_t now_ms)
{
	struct conn *c = h->cw.conn;
	struct presence_owner old = {0};
	enum presence_claim claim;
	int err = presence_claim(c->worker->gateway->o.presence, &c->terminal, h->message.epoch,
				 owner_of(c), clock_mono_ms(), &claim, &old);

	if (err)
		return err;
	if (claim == CLAIM_FORK)
		return refuse_fork(h, s, now_ms);
	if (claim == CLAIM_REPLACES)
		h->replaced = old;
	return 0;
}

static int apply_hello(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct hello *h = CONTAINER_OF(work, struct hello, cw.work);
	const struct terminal_agent agent = {h->message.version, h->message.os, h->message.epoch,
					     h->cw.conn->serial};
	const struct entry_actor who = {0, h->source, "terminal", h->from};
	int err;

	h->refusal = NULL;
	err = check_certificate(h, s);
	if (!err && !h->refusal)
		err = claim(h, s, now_ms);
	if (err || h->refusal)
		return err;
	err = find_cursor(h, s, now_ms);
	if (!err)
		err = terminal_set_agent(s, now_ms, &who, h->terminal.id, &agent);
	if (!err && !text_equal(h->terminal.certificate, h->cw.conn->serial))
		work->topics |= TOPIC_CERTIFICATE; /* the one before is superseded */
	else if (err == -EALREADY)
		err = 0;
	if (err)
		return err;
	return store_exec(
		s, STMT_LIVE_AGENT_PUT,
		STORE_ARGS(v_int(h->terminal.id), v_int(now_ms), v_text(""), v_text(h->from)),
		NULL);
}

static void welcome(struct conn *c, const struct hello *h)
{
	struct gateway *g = c->worker->gateway;
	menshen_Welcome w = {.server_time_ms = clock_wall_ms(),
			     .heartbeat_s = g->o.heartbeat_s,
			     .through_seq = h->through_seq};

	c->state = CONN_AGENT;
	c->counted = true;
	c->deadline_mono_ms = 0;
	c->greeted_mono_ms = clock_mono_ms();
	c->terminal_id = h->terminal.id;
	c->unit_id = h->terminal.unit_id;
	atomic_fetch_add(&g->terminals, 1);
	presence_accept(g->o.presence, &c->terminal, h->terminal.id, h->terminal.unit_id,
			h->terminal.lifeline, h->terminal.posture, h->terminal.posture_failing);
	snprintf(w.asset_no, sizeof(w.asset_no), "%.31s", h->terminal.asset_no);
	CONN_SEND(c, FRAME_WELCOME, &w);
	agent_send_policy(c, h->message.policy_epoch, h->message.policy_number);
}

/* The connection before is cut whatever became of this one: its place is taken. */
static void cut_replaced(const struct hello *h)
{
	const struct message cut = {.kind = MESSAGE_CUT, .conn = h->replaced.conn};

	if (h->replaced.conn)
		worker_post(h->replaced.worker, &cut);
}

static void finish_hello(struct conn_work *cw)
{
	struct hello *h = CONTAINER_OF(cw, struct hello, cw);
	struct conn *c = cw->conn;
	int err = cw->err;

	cut_replaced(h);
	if (!err && !h->refusal && !c->dead)
		err = intake_new(c, h->source, h->message.epoch);
	if (c->dead)
		agent_gone(c); /* it died before its claim */
	else if (err)
		conn_refuse(c, "try-later", "The server cannot decide now. Try again later");
	else if (h->refusal)
		conn_refuse(c, h->refusal, h->refusal_text);
	else
		welcome(c, h);
	conn_resume(c);
	conn_flush(c);
	free(h);
}

static int on_hello(struct conn *c, const struct frame *f)
{
	struct hello *h = calloc(1, sizeof(*h));
	char uuid[UUID_TEXT_SIZE];
	int err = h ? FRAME_DECODE(f, &h->message) : -ENOMEM;

	if (!err && (h->message.protocol != PROTOCOL ||
		     !text_is_clean(h->message.version, strlen(h->message.version)) ||
		     !text_is_clean(h->message.os, strlen(h->message.os))))
		err = -EBADMSG;
	if (err) {
		free(h);
		return err;
	}
	uuid_format(uuid, &c->terminal);
	snprintf(h->source, sizeof(h->source), "terminal:%s", uuid);
	addr_format_host(h->from, &c->from);
	h->cw.finish = finish_hello;
	h->cw.work.apply = apply_hello;
	h->cw.work.topics = TOPIC_TERMINAL;
	err = conn_submit(c, &h->cw);
	if (err) {
		free(h);
		conn_refuse(c, "try-later", "The server is busy. Try again later");
		return 0;
	}
	c->state = CONN_ASKING;
	conn_pause(c);
	return 0;
}

/* ---- heartbeats ---- */

struct posture_change {
	struct conn_work cw;
	enum posture posture;
	char failing[PRESENCE_FAILING_SIZE];
};

static int apply_posture(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct posture_change *p = CONTAINER_OF(work, struct posture_change, cw.work);
	int err = terminal_set_posture(s, now_ms, &actor_system, p->cw.conn->terminal_id,
				       p->posture, p->failing);

	return err == -EALREADY ? 0 : err;
}

static void finish_posture(struct conn_work *cw)
{
	struct posture_change *p = CONTAINER_OF(cw, struct posture_change, cw);
	struct conn *c = cw->conn;

	c->posture_in_flight = false;
	/* On failure the next heartbeat tries again. */
	if (!cw->err && presence_set_posture(c->worker->gateway->o.presence, &c->terminal,
					     p->posture, p->failing))
		c->notice_mono_ms = clock_mono_ms() + NOTICE_AFTER_MS;
	free(p);
}

static void change_posture(struct conn *c, const menshen_Heartbeat *h)
{
	struct posture_change *p;

	if (c->posture_in_flight)
		return;
	p = calloc(1, sizeof(*p));
	if (!p)
		return; /* the next heartbeat tries again */
	p->posture = (enum posture)h->posture;
	snprintf(p->failing, sizeof(p->failing), "%s", h->failing);
	p->cw.finish = finish_posture;
	p->cw.work.apply = apply_posture;
	p->cw.work.topics = TOPIC_TERMINAL;
	c->posture_in_flight = conn_submit(c, &p->cw) == 0;
	if (!c->posture_in_flight)
		free(p);
}

/* Who has just come is given the time to take the newest. An older client does not say. */
static void judge_policy(const struct conn *c, menshen_Heartbeat *h)
{
	struct worker *w = c->worker;
	enum posture posture = (enum posture)h->posture;
	int64_t newer_since_ms;

	if (!h->says_policy || w->freshness.mode == GUARD_OFF ||
	    (h->policy_epoch == w->policy_epoch && h->policy_number == w->policy_number) ||
	    clock_mono_ms() - c->greeted_mono_ms <
		    POLICY_LEEWAY_BEATS * w->gateway->o.heartbeat_s * SECOND_MS)
		return;
	if (store_get_int(
		    w->reader, STMT_POLICY_NEWER_SINCE,
		    STORE_ARGS(v_int((int64_t)h->policy_epoch), v_int((int64_t)h->policy_number)),
		    0, &newer_since_ms))
		return; /* a read error makes nobody guilty */
	freshness_judge(&w->freshness, newer_since_ms, clock_wall_ms(), &posture, h->failing,
			sizeof(h->failing));
	h->posture = posture;
}

static int on_heartbeat(struct conn *c, const struct frame *f)
{
	menshen_Heartbeat h;
	struct mac macs[PRESENCE_MACS_MAX];
	struct presence_beat beat = {.now_ms = clock_wall_ms(), .now_mono_ms = clock_mono_ms()};
	int err = FRAME_DECODE(f, &h);

	if (err || h.posture > POSTURE_BAD || !text_is_clean(h.failing, strlen(h.failing)) ||
	    !text_is_clean(h.user, strlen(h.user)))
		return -EBADMSG;
	judge_policy(c, &h);
	for (pb_size_t i = 0; i < h.nics_count && i < PRESENCE_MACS_MAX; i++)
		memcpy(&macs[beat.mac_count++], h.nics[i].mac, sizeof(struct mac));
	beat.posture = (enum posture)h.posture;
	beat.failing = h.failing;
	beat.user = h.user;
	beat.macs = macs;
	if (presence_beat(c->worker->gateway->o.presence, &c->terminal, &beat))
		change_posture(c, &h);
	return 0;
}

/* ---- all frames ---- */

static int on_event(struct conn *c, const struct frame *f)
{
	CLEANUP_FREE menshen_Event *e = malloc(sizeof(*e));
	int err = e ? FRAME_DECODE(f, e) : -ENOMEM;

	return err ? err : intake_event(c, e);
}

int agent_frame(struct conn *c, const struct frame *f)
{
	if (c->state == CONN_GREETING)
		return f->type == FRAME_AGENT_HELLO	? on_hello(c, f)
		       : f->type == FRAME_RENEW_REQUEST ? enrolling_frame(c, f)
							: -EBADMSG;
	if (c->state != CONN_AGENT)
		return -EBADMSG;
	switch (f->type) {
	case FRAME_HEARTBEAT:
		return on_heartbeat(c, f);
	case FRAME_EVENT:
		return on_event(c, f);
	case FRAME_RENEW_REQUEST:
		return enrolling_renew(c, f);
	default:
		return -EBADMSG;
	}
}

/* The newest policy, unless the desk has it; 0, 0: it has it not. Invariant 7 is the desk's. */
void agent_send_policy(struct conn *c, uint64_t epoch, uint64_t number)
{
	struct worker *w = c->worker;

	if (w->policy.len == 0 || (epoch == w->policy_epoch && number == w->policy_number))
		return;
	buf_append(&c->out, w->policy.data, w->policy.len);
	if (c->out.error)
		conn_cut(c);
	else
		conn_flush(c);
}

void agent_tick(struct conn *c, int64_t now_mono_ms)
{
	menshen_VerdictNotice n = {.verdict = VERDICT_ADMIT, .reauthenticate = true};

	if (!c->notice_mono_ms || now_mono_ms < c->notice_mono_ms)
		return;
	c->notice_mono_ms = 0;
	snprintf(n.reason, sizeof(n.reason), "%s", reason_text(REASON_OK)->code);
	CONN_SEND(c, FRAME_VERDICT_NOTICE, &n);
	conn_flush(c);
}

void agent_gone(struct conn *c)
{
	struct gateway *g = c->worker->gateway;

	if (c->counted)
		atomic_fetch_sub(&g->terminals, 1);
	c->counted = false;
	presence_release(g->o.presence, &c->terminal, owner_of(c));
}
