/*
 * A gate's connection: its snapshot kept up to date, proof of life of agents, heads to co-sign, its
 * records, its answers.
 *
 *	hello ──> Begin(from, to) rows... End ──> quiet ──commit──> Begin(from, to) rows... End ──>
 *...
 *
 * 1. One snapshot is read inside one read transaction: it is of one commit.
 * 2. No more rows are read than the gate takes: a slow gate costs a bounded buffer.
 */
#include "server/gateway/gate_link.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "server/engine/certificate.h"
#include "server/engine/gate.h"
#include "server/gateway/enrolling.h"
#include "server/gateway/intake.h"
#include "server/gateway/survey_intake.h"

#define PROTOCOL 1
#define PUMP_LIMIT (512U << 10) /* bytes that wait for the gate while rows are read */
#define SEEN_AT_ONCE 512
#define HEAD_EVERY_MS SECOND_MS

struct gate_link {
	char name[CERT_NAME_SIZE];
	struct snapshot_reader *reader;
	struct survey_intake *survey; /* what switches say */
	bool dirty;		      /* commits the gate has not heard of */
	uint64_t seen_version;
	uint64_t head_size; /* of the last one sent */
	int64_t head_mono_ms;
};

/* ---- the hello ---- */

struct hello {
	struct conn_work cw;
	menshen_GateHello message;
	char name[CERT_NAME_SIZE], source[CERT_NAME_SIZE + 8];
	bool refused;
	struct gate gate;
	uint64_t through_seq;
};

static int apply_hello(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct hello *h = CONTAINER_OF(work, struct hello, cw.work);
	struct certificate cert;
	uint8_t epoch[16];
	uint64_t seq = 0;
	bool known = false;
	int r = gate_load(store_writer(s), h->name, &h->gate);

	(void)now_ms;
	if (r == 1)
		r = certificate_load(store_writer(s), h->cw.conn->serial, &cert);
	if (r < 0)
		return r;
	h->refused = r == 0 || h->gate.ended || cert.revoked_at_ms || cert.gate_id != h->gate.id;
	if (h->refused)
		return 0;
	r = store_source_cursor(s, h->source, epoch, &seq, &known);
	if (r)
		return r;
	h->through_seq = known && !memcmp(epoch, h->message.epoch, sizeof(epoch)) ? seq : 0;
	return 0;
}

static void link_free(struct gate_link *g)
{
	if (!g)
		return;
	snapshot_reader_free(g->reader);
	survey_intake_free(g->survey);
	free(g);
}

static int link_new(struct conn *c, const struct hello *h)
{
	struct gate_link *g = calloc(1, sizeof(*g));
	int err = g ? snapshot_reader_new(c->worker->gateway->o.store, h->message.snapshot_rev,
					  &g->reader)
		    : -ENOMEM;

	if (!err)
		err = survey_intake_new(&g->survey);
	if (!err)
		err = intake_new(c, h->source, h->message.epoch);
	if (err) {
		link_free(g);
		return err;
	}
	memcpy(g->name, h->name, sizeof(g->name));
	g->dirty = true;
	c->gate = g;
	c->unit_id = h->gate.unit_id;
	buf_init(&c->out, CONN_OUT_GATE);
	return 0;
}

static void finish_hello(struct conn_work *cw)
{
	struct hello *h = CONTAINER_OF(cw, struct hello, cw);
	struct conn *c = cw->conn;
	menshen_GateWelcome w = {.server_time_ms = clock_wall_ms(),
				 .through_seq = h->through_seq,
				 .hears_of_peers = true,
				 .hears_of_switches = true};
	int err = cw->err;

	if (!err && !h->refused && !c->dead)
		err = link_new(c, h);
	if (c->dead)
		;
	else if (err)
		conn_refuse(c, "try-later", "The server cannot decide now. Try again later");
	else if (h->refused)
		conn_refuse(c, "certificate-unknown", "This certificate is of no gate in service");
	else {
		c->state = CONN_GATE;
		c->deadline_mono_ms = 0;
		atomic_fetch_add(&c->worker->gateway->gates, 1);
		gates_add(c->worker->gateway, h->name,
			  &(struct gate_line){c->worker, c->number, h->message.explains});
		CONN_SEND(c, FRAME_GATE_WELCOME, &w);
		gate_push(c, TOPIC_ALL, clock_mono_ms());
	}
	conn_resume(c);
	conn_flush(c);
	free(h);
}

static int on_hello(struct conn *c, const struct frame *f)
{
	struct hello *h = calloc(1, sizeof(*h));
	int err = h ? FRAME_DECODE(f, &h->message) : -ENOMEM;

	if (!err && h->message.protocol != PROTOCOL)
		err = -EBADMSG;
	if (err) {
		free(h);
		return err;
	}
	snprintf(h->name, sizeof(h->name), "%s", c->gate_name);
	snprintf(h->source, sizeof(h->source), "gate:%s", h->name);
	h->cw.finish = finish_hello;
	h->cw.work.apply = apply_hello;
	h->cw.work.topics = TOPIC_GATE;
	if (conn_submit(c, &h->cw)) {
		free(h);
		conn_refuse(c, "try-later", "The server is busy. Try again later");
		return 0;
	}
	c->state = CONN_ASKING;
	conn_pause(c);
	return 0;
}

/* ---- co-signatures ---- */

struct cosigning {
	struct conn_work cw;
	struct cosign cosign;
	struct buf line;
};

static int check_cosign(struct store *s, const struct cosign *co)
{
	CLEANUP_CURSOR struct store_cursor *head_row = NULL, *key_row = NULL;
	struct sign_keyring keys = {0};
	struct head head;
	const char *text;
	int r = store_select(store_writer(s), STMT_LOG_HEAD_FROM,
			     STORE_ARGS(v_int((int64_t)co->size)), &head_row);

	if (!r)
		r = store_next(head_row);
	if (r != 1)
		return r < 0 ? r : -ENOENT;
	text = store_text(head_row, 0);
	r = head_parse(text, strlen(text), &head);
	if (!r)
		r = store_select(store_writer(s), STMT_GATE_COSIGN_KEY,
				 STORE_ARGS(v_text(co->gate)), &key_row);
	if (!r)
		r = store_next(key_row);
	if (r != 1)
		return r < 0 ? r : -ENOENT;
	text = store_text(key_row, 0);
	r = sign_keyring_add_pem(&keys, text, strlen(text));
	if (!r)
		r = cosign_verify(co, &head, &keys);
	sign_keyring_done(&keys);
	return r;
}

/* A co-signature that does not hold is told in the log: somebody is not who he says. */
static int apply_cosign(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct cosigning *cs = CONTAINER_OF(work, struct cosigning, cw.work);
	char subject[ACT_SUBJECT_SIZE];
	int err = check_cosign(s, &cs->cosign);

	if (!err)
		return store_exec(s, STMT_LOG_COSIGN_INSERT,
				  STORE_ARGS(v_int((int64_t)cs->cosign.size),
					     v_text(cs->cosign.gate), v_text(buf_str(&cs->line))),
				  NULL);
	if (err != -EBADMSG && err != -EINVAL && err != -ENOENT && err != -ENOKEY)
		return err;
	work->topics |= TOPIC_ALARM;
	snprintf(subject, sizeof(subject), "gate:%s", cs->cosign.gate);
	return act_log(s, now_ms, &actor_system, "gate.cosign-refused", 0, subject,
		       json_pack("{s:I, s:s}", "size", (json_int_t)cs->cosign.size, "why",
				 strerror(-err)));
}

static void finish_cosign(struct conn_work *cw)
{
	struct cosigning *cs = CONTAINER_OF(cw, struct cosigning, cw);

	buf_done(&cs->line);
	free(cs);
}

static int on_cosign(struct conn *c, const struct frame *f)
{
	CLEANUP_FREE menshen_HeadCosign *m = calloc(1, sizeof(*m));
	struct cosigning *cs = calloc(1, sizeof(*cs));
	int err = m && cs ? FRAME_DECODE(f, m) : -ENOMEM;

	if (!err)
		err = cosign_parse(m->body.bytes, m->body.size, &cs->cosign);
	if (!err && !text_equal(cs->cosign.gate, c->gate->name))
		err = -EBADMSG;
	if (err) {
		free(cs);
		return err;
	}
	buf_init(&cs->line, HEAD_TEXT_MAX);
	err = cosign_encode(&cs->cosign, &cs->line);
	cs->cw.finish = finish_cosign;
	cs->cw.work.apply = apply_cosign;
	cs->cw.work.topics = TOPIC_GATE;
	/* A busy server goes without this one: the next head covers it. */
	if (err || conn_submit(c, &cs->cw))
		finish_cosign(&cs->cw);
	return err == -ENOMEM ? 0 : err;
}

/* ---- all frames ---- */

static int on_record(struct conn *c, const struct frame *f)
{
	menshen_Record r;
	int err = FRAME_DECODE(f, &r);

	return err ? err : intake_record(c, &r);
}

static int on_peers(struct conn *c, const struct frame *f)
{
	CLEANUP_FREE menshen_GatePeers *m = calloc(1, sizeof(*m));
	int err = m ? FRAME_DECODE(f, m) : -ENOMEM;

	for (size_t i = 0; !err && i < m->peers_count; i++)
		if (!text_is_clean(m->peers[i].name, strlen(m->peers[i].name)) ||
		    !text_is_clean(m->peers[i].state, strlen(m->peers[i].state)))
			err = -EBADMSG;
	if (!err)
		gates_peers(c->worker->gateway, c->gate->name, m);
	return err;
}

struct survey_intake *gate_survey(const struct conn *c)
{
	return c->gate->survey;
}

int gate_frame(struct conn *c, const struct frame *f)
{
	if (c->state == CONN_GREETING)
		return f->type == FRAME_GATE_HELLO ? on_hello(c, f) : -EBADMSG;
	if (c->state != CONN_GATE)
		return -EBADMSG;
	switch (f->type) {
	case FRAME_RECORD:
		return on_record(c, f);
	case FRAME_HEAD_COSIGN:
		return on_cosign(c, f);
	case FRAME_RENEW_REQUEST:
		return enrolling_renew(c, f);
	case FRAME_GATE_PEERS:
		return on_peers(c, f);
	case FRAME_EXPLAIN_ANSWER:
		return explain_answered(c, f);
	case FRAME_SURVEY_SWITCH:
	case FRAME_SURVEY_PORT:
	case FRAME_SURVEY_MACS:
	case FRAME_SURVEY_NEIGHBOUR:
	case FRAME_SURVEY_END:
		return survey_intake_frame(c, c->gate->survey, c->gate->name, f);
	default:
		return -EBADMSG;
	}
}

/* ---- pushing ---- */

static void push_snapshot(struct conn *c)
{
	struct gate_link *g = c->gate;
	int err = 0;

	if (!snapshot_reader_is_reading(g->reader)) {
		if (!g->dirty || c->out.len > 0)
			return;
		err = snapshot_reader_begin(g->reader, &c->out);
		g->dirty = err != 0;
	}
	while (!err && !c->dead && snapshot_reader_is_reading(g->reader) && c->out.len < PUMP_LIMIT)
		err = snapshot_reader_next(g->reader, &c->out);
	if (!err && !snapshot_reader_is_reading(g->reader))
		gates_have(c->worker->gateway, g->name, snapshot_reader_rev(g->reader));
	if (err) {
		/* Invariant 5: a gate is never told of half a picture; it begins anew. */
		log_error("gate %s: the snapshot cannot be read: %s; it has to begin again",
			  g->name, strerror(-err));
		conn_cut(c);
	}
}

static void send_seen(void *arg, const struct presence_view *v)
{
	struct conn *c = arg;
	menshen_AgentSeen seen = {.at_ms = v->heard_at_ms, .connected = v->connected};

	memcpy(seen.terminal, v->uuid.b, sizeof(v->uuid.b));
	for (size_t i = 0; i < v->mac_count; i++) {
		memcpy(seen.macs[i].bytes, v->macs[i].b, sizeof(struct mac));
		seen.macs[i].size = sizeof(struct mac);
	}
	seen.macs_count = (pb_size_t)v->mac_count;
	if (FRAME_ENCODE(&c->out, FRAME_AGENT_SEEN, &seen))
		return; /* sticks in c->out; looked at by the caller */
}

static void push_seen(struct conn *c)
{
	if (c->out.len >= PUMP_LIMIT)
		return;
	c->gate->seen_version = presence_changed(c->worker->gateway->o.presence,
						 c->gate->seen_version, SEEN_AT_ONCE, send_seen, c);
}

static void push_head(struct conn *c, int64_t now_mono_ms)
{
	struct worker *w = c->worker;
	CLEANUP_BUF struct buf line = BUF_INIT;
	menshen_Head *m;
	struct head head;

	if (now_mono_ms - c->gate->head_mono_ms < HEAD_EVERY_MS)
		return;
	pthread_mutex_lock(&w->lock);
	head = w->head;
	pthread_mutex_unlock(&w->lock);
	if (head.size <= c->gate->head_size || head_encode(&head, &line))
		return;
	m = calloc(1, sizeof(*m));
	if (!m || line.len > sizeof(m->body.bytes)) {
		free(m);
		return;
	}
	memcpy(m->body.bytes, line.data, line.len);
	m->body.size = (pb_size_t)line.len;
	CONN_SEND(c, FRAME_HEAD, m);
	free(m);
	c->gate->head_size = head.size;
	c->gate->head_mono_ms = now_mono_ms;
}

#define TOPICS_OF_RECORDS (TOPIC_KNOCK | TOPIC_SESSION | TOPIC_INVENTORY | TOPIC_EVENT)

void gate_push(struct conn *c, uint32_t topics, int64_t now_mono_ms)
{
	if (topics & ~(uint32_t)TOPICS_OF_RECORDS)
		c->gate->dirty = true;
	push_snapshot(c);
	if (!c->dead)
		push_seen(c);
	if (!c->dead)
		push_head(c, now_mono_ms);
	if (!c->dead && c->out.error)
		conn_cut(c);
	else if (!c->dead && c->out.len > 0)
		conn_flush(c);
}

void gate_gone(struct conn *c)
{
	struct gateway *g = c->worker->gateway;

	if (c->state == CONN_GATE)
		atomic_fetch_sub(&g->gates, 1);
	gates_remove(g, c->gate->name);
	link_free(c->gate);
	c->gate = NULL;
}
