#define _GNU_SOURCE
#include "gate/front/front.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/map.h"
#include "base/text.h"
#include "gate/beside/told.h"
#include "gate/eap/relay.h"
#include "gate/front/outbox.h"
#include "gate/front/proof.h"
#include "gate/front/radsec.h"
#include "gate/knock/knock.h"
#include "gate/line/record.h"
#include "gate/live/accounting.h"

#define BATCH PROOF_BATCH_MAX
#define IN_SIZE (RADIUS_PACKET_MAX + 64) /* not all packets in the same sets of the cache */
#define BATCHES_PER_ROUND 8		 /* then the loop looks at its timers */
#define DUPLICATE_SETS 16384
#define SOCKET_BUFFER (4 << 20)
#define UNKNOWN_MAX 1024 /* strangers remembered, so that each is recorded once an hour */
#define UNKNOWN_AGAIN_MS HOUR_MS

enum socket_kind { SOCKET_AUTH, SOCKET_ACCT, SOCKET_AUTH6, SOCKET_ACCT6, SOCKET_STREAM };

struct front_socket {
	struct front *front;
	struct loop_watch *watch;
	uint8_t number; /* enum socket_kind */
	int fd;
};

/* What a switch may still send in this second, and when its troubles were last told. */
struct bucket {
	int64_t switch_id;
	int64_t filled_at_ms;
	double tokens;
	int64_t told_at_ms, rate_told_at_ms;
	uint64_t dropped; /* since the rate was told last */
};

struct front {
	struct gate *gate;
	struct front_socket sockets[LISTEN_COUNT];
	struct duplicates *duplicates;
	struct map buckets;
	struct told strangers;		/* hosts */
	struct request requests[BATCH]; /* of the batch that is worked on */
	struct claim claims[BATCH];	/* of those, until they are proven */
	struct request *admitted[BATCH];
	struct outbox *outbox;
	bool quiet;				 /* Access-Requests wait for front_poll() */
	bool streams_ask_engine, streams_direct; /* what front_take() took in this round */
	uint8_t in[BATCH][IN_SIZE];
	struct sockaddr_in6 from[BATCH]; /* large enough for either family */
	struct iovec vectors[BATCH];
	struct mmsghdr messages[BATCH];
};

static bool is_acct_number(uint8_t socket)
{
	return socket == SOCKET_ACCT || socket == SOCKET_ACCT6;
}

static bool is_acct_socket(const struct front_socket *s)
{
	return is_acct_number(s->number);
}

static bool is_acct(const struct request *r)
{
	return is_acct_number(r->socket);
}

void front_flush(struct front *f)
{
	outbox_flush(f->outbox);
	radsec_flush(f->gate->radsec);
}

const struct radius_secret *front_secret(const struct front *f, const struct request *r,
					 const struct snap_switch *sw)
{
	return r->stream ? radsec_secret(f->gate->radsec) : &sw->secret;
}

struct radius_out *front_begin(struct front *f, const struct request *r, uint8_t code)
{
	struct radius_out *out = outbox_room(f->outbox);

	radius_begin_answer(out, code, &r->packet);
	return out;
}

void front_silence(struct front *f, const struct request *r)
{
	f->gate->counters[COUNT_SILENT]++;
	duplicates_forget(f->duplicates, r->duplicate);
}

/* A connection takes its answers one by one. */
static void answer_stream(struct front *f, const struct request *r, struct radius_out *out)
{
	struct radsec *radsec = f->gate->radsec;

	if (radius_finish_answer(out, radsec_secret(radsec), r->packet.authenticator)) {
		front_silence(f, r);
		return;
	}
	duplicates_answer(f->duplicates, r->duplicate, out->data, out->len);
	radsec_send(radsec, r->stream, out->data, out->len);
}

void front_send(struct front *f, const struct request *r)
{
	struct radius_out *out = outbox_room(f->outbox); /* the one that front_begin() gave */
	const struct snap_switch *sw = snapshot_switch(f->gate->snapshot, r->switch_id);

	if (!sw || !sw->usable || out->error)
		front_silence(f, r);
	else if (r->stream)
		answer_stream(f, r, out);
	else
		outbox_add_unsigned(
			f->outbox, f->sockets[r->socket].fd, &r->from,
			&(struct outbox_seal){&sw->secret, r->packet.authenticator, r->duplicate});
}

static void send_again(struct front *f, const struct request *r, const uint8_t *answer, size_t len)
{
	struct radius_out *out;

	if (r->stream) {
		radsec_send(f->gate->radsec, r->stream, answer, len);
		return;
	}
	out = outbox_room(f->outbox);
	memcpy(out->data, answer, len);
	out->len = len;
	outbox_add(f->outbox, f->sockets[r->socket].fd, &r->from);
}

static void tell_stranger(struct front *f, const struct addr *from, const uint8_t *host,
			  int64_t now_ms)
{
	char text[ADDR_TEXT_SIZE];

	switch (told_ask(&f->strangers, host, now_ms)) {
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

static struct bucket *get_bucket(struct front *f, int64_t switch_id, int64_t now_ms)
{
	struct bucket *b = map_get(&f->buckets, &switch_id);

	if (b)
		return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	*b = (struct bucket){switch_id, now_ms, (double)f->gate->settings.per_switch_per_second,
			     0,		0,	0};
	if (map_put(&f->buckets, &b->switch_id, b, NULL)) {
		free(b);
		return NULL;
	}
	return b;
}

/* A second's worth may come at once. */
static bool within_rate(struct bucket *b, double rate, int64_t mono_ms)
{
	b->tokens = MIN(rate, b->tokens + rate * (double)(mono_ms - b->filled_at_ms) / 1000);
	b->filled_at_ms = mono_ms;
	if (b->tokens < 1)
		return false;
	b->tokens -= 1;
	return true;
}

/* It is counted, and once a minute said; the switch hears nothing and asks again. */
static void drop_over_rate(struct front *f, struct bucket *b, const struct snap_switch *sw,
			   int64_t mono_ms)
{
	char note[160];

	f->gate->counters[COUNT_OVER_RATE]++;
	b->dropped++;
	if (b->rate_told_at_ms && mono_ms - b->rate_told_at_ms < MINUTE_MS)
		return;
	b->rate_told_at_ms = mono_ms;
	snprintf(note, sizeof(note),
		 "switch %s sends more than %llu packets a second, %llu dropped", sw->row.name,
		 (unsigned long long)f->gate->settings.per_switch_per_second,
		 (unsigned long long)b->dropped);
	b->dropped = 0;
	log_warn("%s", note);
	record_gate(f->gate, "gate.over-rate", sw->row.unit_id, note);
}

/* At most one line a minute and switch. */
static void tell_trouble(struct bucket *b, const struct snap_switch *sw, int64_t mono_ms,
			 const char *what)
{
	if (b->told_at_ms && mono_ms - b->told_at_ms < MINUTE_MS)
		return;
	b->told_at_ms = mono_ms;
	log_warn("switch %s (%s): %s", sw->row.name, sw->row.address, what);
}

static bool is_proven(struct front *f, const struct claim *c, struct bucket *b, int64_t mono_ms)
{
	switch (c->proof) {
	case PROOF_GOOD:
		return true;
	case PROOF_ABSENT:
		f->gate->counters[COUNT_UNSIGNED]++;
		tell_trouble(b, c->at, mono_ms,
			     "sends requests without Message-Authenticator and gets no answer; "
			     "switch it on there, or record an exception for MAC authentication");
		return false;
	case PROOF_WRONG:
		break;
	}
	f->gate->counters[COUNT_WRONG_SECRET]++;
	tell_trouble(b, c->at, mono_ms, "uses another shared secret than the one registered");
	return false;
}

static void answer_status(struct front *f, const struct request *r)
{
	if (!gate_may_answer(f->gate, r->switch_id, r->now_ms)) {
		front_silence(f, r);
		return;
	}
	front_begin(f, r, is_acct(r) ? RADIUS_ACCOUNTING_RESPONSE : RADIUS_ACCESS_ACCEPT);
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

/* Each kind of request has its port, a connection takes them all; anything else is noise. */
static bool belongs_here(const struct request *r)
{
	switch (r->packet.code) {
	case RADIUS_ACCESS_REQUEST:
		return r->stream || !is_acct(r);
	case RADIUS_ACCOUNTING_REQUEST:
		return r->stream || is_acct(r);
	case RADIUS_STATUS_SERVER:
		return true;
	default:
		return false;
	}
}

/*
 * Asks the memory for what this packet's knock will look up. The steps are spread over its proof
 * and its batch, so that nobody waits for memory where there is something to compute.
 */
static void warm(const struct front *f, const struct request *r, unsigned step)
{
	const struct gate *g = f->gate;

	duplicates_warm(f->duplicates, &r->key, step);
	if (r->has_mac) {
		snapshot_warm(g->snapshot, &r->mac, step);
		sessions_warm(g->sessions, &r->mac, step);
	}
}

/* True when the packet is new. */
static bool look_for_duplicate(struct front *f, struct request *r)
{
	const uint8_t *answer;
	size_t len;
	enum duplicate_state state =
		duplicates_look(f->duplicates, &r->key, r->now_ms, &r->duplicate, &answer, &len);

	/* Its original may be of this very batch, decided and not signed yet. */
	if (state == DUPLICATE_PENDING) {
		outbox_sign(f->outbox);
		state = duplicates_look(f->duplicates, &r->key, r->now_ms, &r->duplicate, &answer,
					&len);
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

/* Whose packet is it? 0, -EBADMSG, or -EACCES: it gets no answer. */
static int read_packet(struct front *f, struct request *r, const uint8_t *data, size_t len,
		       struct claim *ret)
{
	struct gate *g = f->gate;
	struct snap_switch *sw;

	g->counters[COUNT_PACKETS]++;
	addr_host_key(&r->from, r->key.host);
	sw = snapshot_switch_at(g->snapshot, r->key.host);
	if (!sw || !sw->usable) {
		g->counters[COUNT_UNKNOWN_SWITCH]++;
		tell_stranger(f, &r->from, r->key.host, r->now_ms);
		return -EACCES;
	}
	r->switch_id = sw->row.id;
	if (radius_parse(data, len, &r->packet) || !belongs_here(r) || request_read(r)) {
		g->counters[COUNT_MALFORMED]++;
		return -EBADMSG;
	}
	r->key.port = addr_port(&r->from);
	r->key.socket = r->socket;
	r->key.id = r->packet.id;
	memcpy(r->key.authenticator, r->packet.authenticator, sizeof(r->key.authenticator));
	warm(f, r, 0);
	*ret = (struct claim){.request = r, .at = sw, .secret = front_secret(f, r, sw)};
	return 0;
}

/* Did the switch really send it, and not too many? */
static bool admit(struct front *f, const struct claim *c, int64_t mono_ms)
{
	struct bucket *b = get_bucket(f, c->at->row.id, mono_ms);

	if (!b || !is_proven(f, c, b, mono_ms))
		return false;
	/* Only what it really sent: else a forger of its address could use its rate up. */
	if (!within_rate(b, (double)f->gate->settings.per_switch_per_second, mono_ms)) {
		drop_over_rate(f, b, c->at, mono_ms);
		return false;
	}
	warm(f, c->request, 1);
	return true;
}

static int receive(struct front_socket *s)
{
	struct front *f = s->front;

	for (size_t i = 0; i < BATCH; i++) {
		f->vectors[i] = (struct iovec){f->in[i], sizeof(f->in[i])};
		f->messages[i].msg_hdr = (struct msghdr){.msg_name = &f->from[i],
							 .msg_namelen = sizeof(f->from[i]),
							 .msg_iov = &f->vectors[i],
							 .msg_iovlen = 1};
	}
	return recvmmsg(s->fd, f->messages, BATCH, MSG_DONTWAIT, NULL);
}

/* Reads the `n` packets that were received into f->requests: how many claim to be of switches. */
static size_t read_batch(struct front_socket *s, size_t n)
{
	struct front *f = s->front;
	int64_t now_ms = gate_now(f->gate);
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		struct request *r = &f->requests[count];

		r->socket = s->number;
		r->stream = 0;
		r->now_ms = now_ms;
		r->from.len = f->messages[i].msg_hdr.msg_namelen;
		memcpy(&r->from.in6, &f->from[i], sizeof(f->from[i]));
		count +=
			read_packet(f, r, f->in[i], f->messages[i].msg_len, &f->claims[count]) == 0;
	}
	return count;
}

/* Fills f->admitted: how many may be answered. */
static size_t admit_batch(struct front *f, size_t claim_count)
{
	int64_t mono_ms = clock_mono_ms();
	size_t count = 0;

	for (size_t i = 0; i < claim_count; i++)
		if (admit(f, &f->claims[i], mono_ms))
			f->admitted[count++] = f->claims[i].request;
	return count;
}

static void work_on_batch(struct front_socket *s, size_t n)
{
	struct front *f = s->front;
	const uint64_t *relayed = &f->gate->counters[COUNT_EAP_RELAYED], before = *relayed;
	size_t claim_count = read_batch(s, n), count, fresh = 0;

	proof_batch(f->claims, claim_count);
	count = admit_batch(f, claim_count);
	for (unsigned step = 2; step <= 3; step++)
		for (size_t i = 0; i < count; i++)
			if (f->admitted[i]->has_mac)
				snapshot_warm(f->gate->snapshot, &f->admitted[i]->mac, step);
	for (size_t i = 0; i < count; i++)
		fresh += look_for_duplicate(f, f->admitted[i]);
	relay_batch_ends(f->gate->relay, !is_acct_socket(s) && fresh > *relayed - before);
}

int front_take(struct front *f, const struct front_stream *s, const uint8_t *data, size_t len)
{
	struct request r = {.socket = SOCKET_STREAM,
			    .stream = s->number,
			    .from = s->addr,
			    .now_ms = gate_now(f->gate)};
	const uint64_t *relayed = &f->gate->counters[COUNT_EAP_RELAYED], before = *relayed;
	struct claim claim;
	int err = read_packet(f, &r, data, len, &claim);

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
	f->gate->counters[COUNT_UNKNOWN_SWITCH]++;
	tell_stranger(f, from, host, gate_now(f->gate));
}

static void read_socket(struct front_socket *s)
{
	for (unsigned round = 0; round < BATCHES_PER_ROUND; round++) {
		int n = receive(s);

		if (n > 0)
			work_on_batch(s, (size_t)n);
		front_flush(s->front);
		if (n < BATCH)
			break;
	}
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	read_socket(arg);
}

void front_set_quiet(struct front *f, bool quiet)
{
	if (quiet == f->quiet)
		return;
	f->quiet = quiet;
	for (size_t i = 0; i < LISTEN_COUNT; i++)
		if (f->sockets[i].watch && !is_acct_socket(&f->sockets[i]))
			(void)!loop_watch_change(f->sockets[i].watch, quiet ? 0 : EPOLLIN);
}

void front_poll(struct front *f)
{
	for (size_t i = 0; i < LISTEN_COUNT; i++)
		if (f->quiet && f->sockets[i].watch && !is_acct_socket(&f->sockets[i]))
			read_socket(&f->sockets[i]);
}

static int open_socket(struct front *f, uint8_t number)
{
	static const uint16_t ports[] = {RADIUS_AUTH_PORT, RADIUS_ACCT_PORT, RADIUS_AUTH_PORT,
					 RADIUS_ACCT_PORT};
	const char *text = f->gate->settings.listen[number];
	struct front_socket *s = &f->sockets[number];
	int size = SOCKET_BUFFER;
	struct addr a;

	*s = (struct front_socket){.front = f, .number = number, .fd = -1};
	if (text_equal(text, "none"))
		return 0;
	if (addr_parse(text, ports[number], &a))
		return -EINVAL;
	s->fd = addr_udp_bind(&a);
	if (s->fd < 0) {
		log_error("cannot listen on %s: %s", text, strerror(-s->fd));
		return s->fd;
	}
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return loop_watch_fd(f->gate->loop, s->fd, EPOLLIN, on_readable, s, &s->watch);
}

int front_new(struct gate *g, struct front **ret)
{
	struct front *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->gate = g;
	map_init(&f->buckets, sizeof(int64_t));
	told_init(&f->strangers, 16, UNKNOWN_MAX, UNKNOWN_AGAIN_MS);
	for (uint8_t i = 0; i < LISTEN_COUNT; i++)
		f->sockets[i].fd = -1;
	err = duplicates_new(DUPLICATE_SETS, &f->duplicates);
	if (!err)
		err = outbox_new(f->duplicates, &f->outbox);
	for (uint8_t i = 0; !err && i < LISTEN_COUNT; i++)
		err = open_socket(f, i);
	if (err) {
		front_free(f);
		return err;
	}
	*ret = f;
	return 0;
}

static void free_values(struct map *m)
{
	void *value;
	size_t at = 0;

	while ((value = map_next(m, &at)))
		free(value);
	map_done(m);
}

void front_free(struct front *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < LISTEN_COUNT; i++) {
		loop_watch_remove(f->sockets[i].watch);
		close_cleanup(&f->sockets[i].fd);
	}
	outbox_free(f->outbox);
	duplicates_free(f->duplicates);
	free_values(&f->buckets);
	told_done(&f->strangers);
	free(f);
}
