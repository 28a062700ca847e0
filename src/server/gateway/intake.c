#include "server/gateway/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/act.h"
#include "server/gateway/record_effect.h"

#define BATCH_RECORDS 512
#define BATCH_BYTES (256U << 10)
#define RETRY_MS SECOND_MS
#define BLOCK_SIZE 16384
#define SOURCE_SIZE (16 + CERT_NAME_SIZE)

/* Bytes that live as long as their batch. */
struct block {
	struct block *next;
	size_t used, size;
	char data[];
};

struct load {
	struct conn_work cw;
	char source[SOURCE_SIZE];
	uint8_t epoch[16];
	struct store_record *records;
	menshen_Record *wire; /* gates only: what the effects need beside */
	size_t count, size, bytes;
	size_t known; /* at the start, that are committed already */
	bool charged; /* to the terminal's share */
	struct block *blocks;
	struct record_origin origin;
};

struct intake {
	char source[SOURCE_SIZE];
	uint8_t epoch[16];
	uint64_t last_seq; /* received; 0: none yet */
	struct load *filling;
	struct load *failed; /* to be tried again, or beyond the terminal's share */
	bool in_flight;
	int64_t retry_mono_ms; /* 0: nothing waits for a second try */
};

/* ---- a batch's memory ---- */

static void load_free(struct load *b)
{
	if (!b)
		return;
	while (b->blocks) {
		struct block *next = b->blocks->next;

		free(b->blocks);
		b->blocks = next;
	}
	free(b->records);
	free(b->wire);
	free(b);
}

static char *load_bytes(struct load *b, size_t len)
{
	struct block *block = b->blocks;
	size_t size = MAX(len, (size_t)BLOCK_SIZE);

	if (!block || block->size - block->used < len) {
		block = malloc(sizeof(*block) + size);
		if (!block)
			return NULL;
		*block = (struct block){.next = b->blocks, .size = size};
		b->blocks = block;
	}
	block->used += len;
	b->bytes += len;
	return block->data + block->used - len;
}

/* NULL for "", which is what the store wants where there is nothing. */
static int keep_text(struct load *b, const char *text, const char **ret)
{
	size_t len = strlen(text);
	char *copy;

	*ret = NULL;
	if (len == 0)
		return 0;
	copy = load_bytes(b, len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len + 1);
	*ret = copy;
	return 0;
}

static int grow(struct load *b, bool gate)
{
	size_t size = b->size ? b->size * 2 : 8;
	struct store_record *records;
	menshen_Record *wire;

	if (b->count < b->size)
		return 0;
	records = reallocarray(b->records, size, sizeof(*records));
	if (!records)
		return -ENOMEM;
	b->records = records;
	if (gate) {
		wire = reallocarray(b->wire, size, sizeof(*wire));
		if (!wire)
			return -ENOMEM;
		b->wire = wire;
	}
	b->size = size;
	return 0;
}

int intake_new(struct conn *c, const char *source, const uint8_t epoch[static 16])
{
	struct intake *in = calloc(1, sizeof(*in));
	int err = in ? text_copy(in->source, sizeof(in->source), source) : -ENOMEM;

	if (err) {
		free(in);
		return err;
	}
	memcpy(in->epoch, epoch, sizeof(in->epoch));
	c->intake = in;
	return 0;
}

void intake_free(struct intake *in)
{
	if (!in)
		return;
	load_free(in->filling);
	load_free(in->failed);
	free(in);
}

/* The batch that takes the next record, with room for it. */
static int filling(struct conn *c, struct load **ret)
{
	struct intake *in = c->intake;
	struct load *b = in->filling;

	if (!b) {
		b = calloc(1, sizeof(*b));
		if (!b)
			return -ENOMEM;
		memcpy(b->source, in->source, sizeof(b->source));
		memcpy(b->epoch, in->epoch, sizeof(b->epoch));
		b->origin = (struct record_origin){c->terminal_id, c->unit_id, in->source};
		in->filling = b;
	}
	*ret = b;
	return grow(b, c->gate != NULL);
}

/* A source counts without a gap; anything else is a broken peer. */
static int check_seq(struct intake *in, uint64_t seq)
{
	if (seq == 0 || seq > INT64_MAX || (in->last_seq && seq != in->last_seq + 1))
		return -EBADMSG;
	return 0;
}

static void added(struct conn *c, struct load *b, uint64_t seq)
{
	b->count++;
	c->intake->last_seq = seq;
	if (b->count >= BATCH_RECORDS || b->bytes >= BATCH_BYTES)
		conn_pause(c);
}

/* ---- a desk's event ---- */

/* The body as text; what is no JSON object is kept as evidence of that. */
static int keep_body(struct load *b, const uint8_t *bytes, size_t len, const char **ret)
{
	json_t *body = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL);
	bool good = json_is_object(body) && text_is_clean((const char *)bytes, len);
	char *text = load_bytes(b, good ? len + 1 : 2 * len + 16);

	json_decref(body);
	if (!text)
		return -ENOMEM;
	if (good) {
		memcpy(text, bytes, len);
		text[len] = 0;
	} else {
		memcpy(text, "{\"no_json\":\"", 12);
		hex_encode(text + 12, bytes, len);
		memcpy(text + 12 + 2 * len, "\"}", 3);
	}
	*ret = text;
	return 0;
}

int intake_event(struct conn *c, const menshen_Event *e)
{
	struct store_record r = {.seq = e->seq, .at_ms = e->at_ms, .body = "{}"};
	struct load *b;
	int err = check_seq(c->intake, e->seq);

	if (!err && (!e->kind[0] || !text_is_clean(e->kind, strlen(e->kind))))
		err = -EBADMSG;
	if (!err)
		err = filling(c, &b);
	if (!err)
		err = keep_text(b, e->kind, &r.kind);
	if (!err && e->body.size > 0)
		err = keep_body(b, e->body.bytes, e->body.size, &r.body);
	if (err)
		return err;
	r.terminal_id = c->terminal_id;
	r.unit_id = c->unit_id;
	b->records[b->count] = r;
	added(c, b, e->seq);
	return 0;
}

/* ---- a gate's record ---- */

static int keep_gate_body(struct load *b, const menshen_Record *w, const char **ret)
{
	json_t *body = json_object();
	CLEANUP_FREE char *text = NULL;
	int err = body ? record_body(w, body) : -ENOMEM;

	if (!err)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (err || !text)
		return err ? err : -ENOMEM;
	return keep_text(b, text, ret);
}

static bool is_sound(const menshen_Record *w)
{
	const char *const texts[] = {
		w->kind,    w->account, w->port, w->reason,	    w->would_be_reason,
		w->session, w->address, w->note, w->unknown_switch, w->address_source,
		w->vlan};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!text_is_clean(texts[i], strlen(texts[i])))
			return false;
	return w->kind[0] && (w->mac.size == 0 || w->mac.size == sizeof(struct mac)) &&
	       w->verdict <= VERDICT_ADMIT && w->would_be <= VERDICT_ADMIT &&
	       w->method <= KNOCK_EAP_TLS && w->octets_in <= INT64_MAX &&
	       w->octets_out <= INT64_MAX && w->began_at_ms >= 0 && w->heard_at_ms >= 0 &&
	       w->ended_at_ms >= 0;
}

static int keep_mac(struct load *b, const menshen_Record *w, const struct mac **ret)
{
	void *mac;

	if (w->mac.size == 0)
		return 0;
	mac = load_bytes(b, sizeof(struct mac));
	if (!mac)
		return -ENOMEM;
	memcpy(mac, w->mac.bytes, sizeof(struct mac));
	*ret = mac;
	return 0;
}

int intake_record(struct conn *c, const menshen_Record *w)
{
	struct store_record r = {
		.seq = w->seq,
		.at_ms = w->at_ms,
		.terminal_id = w->terminal_id,
		.switch_id = w->switch_id,
		.verdict = record_is_decision(w) ? verdict_name((enum verdict)w->verdict) : NULL};
	struct load *b;
	int err = check_seq(c->intake, w->seq);

	if (!err && !is_sound(w))
		err = -EBADMSG;
	if (!err)
		err = filling(c, &b);
	if (!err)
		err = keep_text(b, w->kind, &r.kind);
	if (!err)
		err = keep_text(b, w->account, &r.account);
	if (!err)
		err = keep_text(b, w->port, &r.port);
	if (!err)
		err = keep_text(b, w->reason, &r.reason);
	if (!err)
		err = keep_mac(b, w, &r.mac);
	if (!err)
		err = keep_gate_body(b, w, &r.body);
	if (err)
		return err;
	b->records[b->count] = r;
	b->wire[b->count] = *w;
	added(c, b, w->seq);
	return 0;
}

/* ---- the engine ---- */

/* Invariant 1: replays are harmless. How many at the start are committed already. An epoch begins
 * at 1, so that `cursor` is 0 where nothing of it is committed. */
static int count_known(struct store *s, const struct load *b, size_t *ret, uint64_t *ret_cursor)
{
	uint8_t epoch[16];
	uint64_t seq = 0;
	bool known = false;
	size_t n = 0;
	int err = store_source_cursor(s, b->source, epoch, &seq, &known);

	if (err)
		return err;
	if (!known || memcmp(epoch, b->epoch, sizeof(epoch)) != 0)
		seq = 0;
	while (n < b->count && b->records[n].seq <= seq)
		n++;
	*ret = n;
	*ret_cursor = seq;
	return 0;
}

static int log_gap(struct store *s, int64_t now_ms, const struct load *b, uint64_t cursor,
		   uint64_t next)
{
	return act_log(
		s, now_ms, &actor_system, "source.gap", b->origin.unit_id, b->source,
		json_pack("{s:I, s:I}", "committed", (json_int_t)cursor, "next", (json_int_t)next));
}

static int apply_batch(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct load *b = CONTAINER_OF(work, struct load, cw.work);
	struct gateway *g = b->cw.conn->worker->gateway;
	struct record_effects fx = {.findings = &g->o.findings,
				    .findings_alarmed_ms = &g->findings_alarmed_ms};
	uint64_t cursor;
	size_t known;
	int err = count_known(s, b, &known, &cursor);

	b->known = err ? b->count : known;
	if (err || known == b->count)
		return err;
	if (b->records[known].seq != cursor + 1)
		err = log_gap(s, now_ms, b, cursor, b->records[known].seq);
	for (size_t i = known; !err && i < b->count; i++)
		err = record_effect(s, now_ms, &b->origin, &b->records[i],
				    b->wire ? &b->wire[i] : NULL, &fx);
	work->topics |= fx.topics;
	if (!err)
		err = store_records(s, b->source, b->epoch, b->records + known, b->count - known);
	for (size_t i = known; i < b->count; i++)
		b->records[i].stay = NULL;
	stays_ended_free(&fx.stays);
	return err;
}

static bool may_try_again(int err)
{
	return err == -EAGAIN || err == -ENOSPC || err == -EIO || err == -ENOMEM;
}

static void tell_committed(const struct gateway *g, const struct load *b)
{
	if (!b->cw.err && g->o.on_records && b->count > b->known)
		g->o.on_records(g->o.on_records_arg, b->records + b->known, b->count - b->known);
}

static void finish_batch(struct conn_work *cw)
{
	struct load *b = CONTAINER_OF(cw, struct load, cw);
	struct conn *c = cw->conn;
	menshen_Ack ack = {.through_seq = b->count ? b->records[b->count - 1].seq : 0};
	int64_t now = clock_mono_ms();

	tell_committed(c->worker->gateway, b);
	if (c->dead) {
		load_free(b);
		return;
	}
	c->intake->in_flight = false;
	if (cw->err && may_try_again(cw->err)) {
		/* Nothing was acknowledged; what came meanwhile waits behind. */
		c->intake->retry_mono_ms = now + RETRY_MS;
		c->intake->failed = b;
		conn_pause(c);
		return;
	}
	if (cw->err) {
		load_free(b);
		conn_refuse(c, "records-refused",
			    "The records cannot be kept; see the server's log");
		return;
	}
	atomic_fetch_add(&c->worker->gateway->records, b->count);
	CONN_SEND(c, FRAME_ACK, &ack);
	if (b->wire)
		record_notices(c->worker->gateway, b->wire, b->count, now);
	load_free(b);
	intake_push(c, now);
	conn_resume(c);
	conn_flush(c);
}

static void submit(struct conn *c, struct load *b, int64_t now_mono_ms)
{
	struct intake *in = c->intake;

	b->cw.finish = finish_batch;
	b->cw.work.apply = apply_batch;
	b->cw.work.topics = TOPIC_EVENT;
	if (conn_submit(c, &b->cw)) {
		in->failed = b;
		in->retry_mono_ms = now_mono_ms + RETRY_MS;
		conn_pause(c);
		return;
	}
	in->in_flight = true;
}

/* ---- a terminal's share ---- */

struct held_note {
	struct conn_work cw;
	char source[SOURCE_SIZE];
	int64_t unit_id;
	unsigned per_s;
};

static int apply_held(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct held_note *n = CONTAINER_OF(work, struct held_note, cw.work);

	return act_log(s, now_ms, &actor_system, "terminal.events-held", n->unit_id, n->source,
		       json_pack("{s:I}", "per_s", (json_int_t)n->per_s));
}

static void finish_held(struct conn_work *cw)
{
	free(CONTAINER_OF(cw, struct held_note, cw));
}

/* Best effort: the events wait either way. */
static void note_held(struct conn *c)
{
	struct held_note *n = calloc(1, sizeof(*n));

	if (!n)
		return;
	memcpy(n->source, c->intake->source, sizeof(n->source));
	n->unit_id = c->unit_id;
	n->per_s = c->worker->gateway->o.events_per_s;
	n->cw.finish = finish_held;
	n->cw.work.apply = apply_held;
	n->cw.work.topics = TOPIC_ALARM;
	if (conn_submit(c, &n->cw))
		free(n);
}

/* True: the batch waits. Nothing of it is acknowledged, so that the desk keeps it; what comes
 * meanwhile fills the next one, and when that is full the connection is not read. */
static bool beyond_share(struct conn *c, struct load *b, int64_t now_mono_ms)
{
	const struct gateway_options *o = &c->worker->gateway->o;
	const struct presence_share share = {o->events_per_s, o->events_burst};
	int64_t wait_ms = 0;
	bool tell = false;

	if (c->state == CONN_AGENT && !b->charged)
		wait_ms = presence_take_share(o->presence, &c->terminal, &share, b->count,
					      now_mono_ms, &tell);
	if (tell)
		note_held(c);
	b->charged = wait_ms == 0;
	if (wait_ms) {
		c->intake->failed = b;
		c->intake->retry_mono_ms = now_mono_ms + wait_ms;
	}
	return wait_ms > 0;
}

void intake_push(struct conn *c, int64_t now_mono_ms)
{
	struct intake *in = c->intake;
	struct load *b;

	if (!in || in->in_flight || c->dead)
		return;
	if (in->failed) {
		if (now_mono_ms < in->retry_mono_ms)
			return;
		b = TAKE_PTR(in->failed);
	} else {
		b = TAKE_PTR(in->filling);
	}
	if (b && !beyond_share(c, b, now_mono_ms))
		submit(c, b, now_mono_ms);
}
