#define _GNU_SOURCE
#include "gate/relay.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/file.h"
#include "base/map.h"
#include "gate/engine.h"
#include "gate/engine_word.h"
#include "gate/front.h"
#include "gate/knock.h"
#include "radius/client.h"

#define SOCKETS 4 /* per worker; each has 256 ids */
#define IDS 256
#define SLOTS (SOCKETS * IDS)
#define EXCHANGE_LIFE_MS 10000 /* unanswered: the switch has given up by then */
#define ANSWERED_LIFE_MS 6000  /* kept for a retransmission under a new id */
#define SWEEP_MS 1000
#define BATCH 32
#define STATE_MARK "mg"
#define STATE_PREFIX 10 /* mark, gate, worker, generation */
#define STATE_ENGINE_MAX (253 - STATE_PREFIX)

/* One question of a switch, and what the engine said to it. */
struct exchange {
	struct relay *relay;
	unsigned worker;
	uint32_t generation;
	int slot;    /* in the worker's, -1 once answered */
	bool queued; /* among the relay's `outgoing` */
	int64_t at_ms;
	uint8_t key[MD5_SIZE];	/* switch, State, EAP bytes */
	bool keyed;		/* has a State, so it can be found by key */
	struct request request; /* the newest that asks it; its bytes are `packet` */
	uint8_t *packet;
	struct radius_out *out; /* as sent to the worker; NULL once answered */
	uint8_t authenticator[RADIUS_AUTHENTICATOR_SIZE]; /* of `out` */
	uint8_t *answer; /* the engine's packet, NULL while awaited */
	size_t answer_len;
	struct exchange *next, **link; /* all of them, oldest last */
};

struct worker_socket {
	struct relay *relay;
	unsigned worker;
	int fd;
	struct loop_watch *watch;
};

struct worker {
	bool up;
	uint32_t generation;
	struct radius_secret secret;
	struct worker_socket sockets[SOCKETS];
	struct exchange *slots[SLOTS];
	unsigned next_slot;
	size_t awaited;
	int64_t waiting_since_ms; /* 0: nothing waits, or it answered just now */
};

struct relay {
	struct gate *gate;
	uint8_t gate_mark[4]; /* of this process; another gate's State is not ours */
	unsigned next_worker;
	struct worker workers[ENGINE_WORKERS_MAX];
	struct map by_key;
	struct exchange *all;
	struct loop_timer *sweep;
	struct exchange *outgoing[BATCH]; /* sent together by relay_flush() */
	size_t outgoing_count;
	uint8_t in[BATCH][RADIUS_PACKET_MAX];
};

/* ---- exchanges ---- */

static void leave_slot(struct exchange *x)
{
	struct worker *w = &x->relay->workers[x->worker];

	if (x->slot < 0)
		return;
	w->slots[x->slot] = NULL;
	x->slot = -1;
	if (--w->awaited == 0)
		w->waiting_since_ms = 0;
}

static void leave_outgoing(struct exchange *x)
{
	struct relay *r = x->relay;
	size_t kept = 0;

	if (!x->queued)
		return;
	for (size_t i = 0; i < r->outgoing_count; i++)
		if (r->outgoing[i] != x)
			r->outgoing[kept++] = r->outgoing[i];
	r->outgoing_count = kept;
	x->queued = false;
}

static void free_exchange(struct exchange *x)
{
	leave_outgoing(x);
	leave_slot(x);
	if (x->keyed && map_get(&x->relay->by_key, x->key) == x)
		map_remove(&x->relay->by_key, x->key);
	*x->link = x->next;
	if (x->next)
		x->next->link = x->link;
	free(x->packet);
	free(x->out);
	free(x->answer);
	free(x);
}

static void drop(struct exchange *x)
{
	struct gate *g = x->relay->gate;

	if (!x->answer) {
		g->counters[COUNT_EAP_DROPPED]++;
		front_silence(g->front, &x->request);
	}
	free_exchange(x);
}

/* Keeps the request and its bytes, so that it can be answered later. */
static int adopt_request(struct exchange *x, const struct request *r)
{
	uint8_t *packet = malloc(r->packet.len);

	if (!packet)
		return -ENOMEM;
	memcpy(packet, r->packet.data, r->packet.len);
	free(x->packet);
	x->packet = packet;
	x->request = *r;
	x->request.packet.data = packet;
	x->request.packet.authenticator = packet + 4;
	return 0;
}

static int take_slot(struct exchange *x, struct worker *w)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		unsigned slot = w->next_slot++ % SLOTS;

		if (w->slots[slot])
			continue;
		w->slots[slot] = x;
		x->slot = (int)slot;
		w->awaited++;
		return 0;
	}
	return -EBUSY; /* the switch asks again */
}

/* ---- to the engine ---- */

static int socket_of(const struct exchange *x)
{
	return x->relay->workers[x->worker].sockets[x->slot / IDS].fd;
}

static void send_run(struct exchange *const *run, size_t count)
{
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];

	for (size_t i = 0; i < count; i++) {
		vectors[i] = (struct iovec){run[i]->out->data, run[i]->out->len};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
		run[i]->queued = false;
	}
	/* What loopback does not take now is sent when the switch asks again. */
	(void)!sendmmsg(socket_of(run[0]), messages, (unsigned)count, 0);
}

void relay_flush(struct relay *r)
{
	size_t first = 0;

	for (size_t i = 1; i <= r->outgoing_count; i++) {
		if (i < r->outgoing_count &&
		    socket_of(r->outgoing[i]) == socket_of(r->outgoing[first]))
			continue;
		send_run(&r->outgoing[first], i - first);
		first = i;
	}
	r->outgoing_count = 0;
}

static void send_to_worker(struct exchange *x)
{
	struct relay *r = x->relay;
	struct worker *w = &r->workers[x->worker];

	if (w->waiting_since_ms == 0)
		w->waiting_since_ms = clock_mono_ms();
	if (x->queued)
		return;
	if (r->outgoing_count == BATCH)
		relay_flush(r);
	r->outgoing[r->outgoing_count++] = x;
	x->queued = true;
}

static int build_question(struct exchange *x, const struct eap_packet *eap, const uint8_t *state,
			  size_t state_len)
{
	const struct request *r = &x->request;
	struct radius_out *out = x->out;
	uint32_t mtu;
	int err;

	radius_begin_request(out, RADIUS_ACCESS_REQUEST, (uint8_t)(x->slot % IDS));
	if (r->user_name[0])
		radius_put_text(out, RADIUS_USER_NAME, r->user_name);
	radius_put_text(out, RADIUS_NAS_IDENTIFIER, "menshen-gate");
	radius_put_text(out, RADIUS_CALLING_STATION_ID, r->calling);
	radius_put_u32(out, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_TYPE_ETHERNET);
	if (radius_get_u32(&r->packet, RADIUS_FRAMED_MTU, &mtu) == 0 && mtu >= 256 && mtu <= 1500)
		radius_put_u32(out, RADIUS_FRAMED_MTU, mtu);
	if (state_len)
		radius_put(out, RADIUS_STATE, state, state_len);
	radius_put_eap(out, eap->data, eap->len);
	err = radius_finish_request(out, &x->relay->workers[x->worker].secret);
	memcpy(x->authenticator, out->data + 4, sizeof(x->authenticator));
	return err;
}

/* Which worker a State belongs to; -ESTALE: to none that lives. */
static int unwrap_state(const struct relay *r, const struct radius_attr *state,
			unsigned *ret_worker)
{
	unsigned worker;

	if (state->len <= STATE_PREFIX || memcmp(state->value, STATE_MARK, 2) != 0 ||
	    memcmp(state->value + 2, r->gate_mark, sizeof(r->gate_mark)) != 0)
		return -ESTALE;
	worker = state->value[6];
	if (worker >= ENGINE_WORKERS_MAX || !r->workers[worker].up ||
	    (r->workers[worker].generation & 0xffffff) != (get_be32(state->value + 6) & 0xffffff))
		return -ESTALE;
	*ret_worker = worker;
	return 0;
}

static void put_state(struct radius_out *out, const struct exchange *x, const uint8_t *state,
		      size_t len)
{
	uint8_t wrapped[RADIUS_VALUE_MAX];

	memcpy(wrapped, STATE_MARK, 2);
	memcpy(wrapped + 2, x->relay->gate_mark, 4);
	set_be32(wrapped + 6, x->worker << 24 | (x->generation & 0xffffff));
	memcpy(wrapped + STATE_PREFIX, state, len);
	radius_put(out, RADIUS_STATE, wrapped, STATE_PREFIX + len);
}

/* New conversations go round over the workers that are up. */
static int choose_worker(struct relay *r, unsigned *ret)
{
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++) {
		unsigned worker = r->next_worker++ % ENGINE_WORKERS_MAX;

		if (r->workers[worker].up) {
			*ret = worker;
			return 0;
		}
	}
	return -EHOSTDOWN;
}

static void make_key(const struct request *r, const struct radius_attr *state,
		     const struct eap_packet *eap, uint8_t ret[static MD5_SIZE])
{
	md5_pieces(
		(struct piece[]){
			{&r->switch_id, sizeof(r->switch_id)},
			{state->value, state->len},
			{eap->data, eap->len},
		},
		3, ret);
}

static struct exchange *new_exchange(struct relay *r, unsigned worker, const struct request *q)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->relay = r;
	x->worker = worker;
	x->generation = r->workers[worker].generation;
	x->slot = -1;
	x->at_ms = clock_mono_ms();
	x->next = r->all;
	x->link = &r->all;
	if (r->all)
		r->all->link = &x->next;
	r->all = x;
	x->out = malloc(sizeof(*x->out));
	if (!x->out || adopt_request(x, q) || take_slot(x, &r->workers[worker])) {
		free_exchange(x);
		return NULL;
	}
	return x;
}

static void refuse(struct relay *r, const struct request *q)
{
	r->gate->counters[COUNT_EAP_DROPPED]++;
	front_silence(r->gate->front, q);
}

static void answer(struct exchange *x);

/* The same question under a new RADIUS id: the newest asker gets the answer. */
static void ask_again(struct exchange *x, const struct request *q)
{
	struct request before = x->request;

	if (adopt_request(x, q)) {
		front_silence(x->relay->gate->front, q);
		return;
	}
	if (x->answer) {
		answer(x);
	} else {
		front_silence(x->relay->gate->front, &before);
		send_to_worker(x);
	}
}

void relay_take(struct relay *r, const struct request *q, const struct eap_packet *eap)
{
	struct radius_attr state = {0};
	bool keyed = radius_find(&q->packet, RADIUS_STATE, &state);
	uint8_t key[MD5_SIZE];
	struct exchange *x;
	unsigned worker;

	if (keyed) {
		make_key(q, &state, eap, key);
		x = map_get(&r->by_key, key);
		if (x) {
			ask_again(x, q);
			return;
		}
	}
	if (keyed ? unwrap_state(r, &state, &worker) : choose_worker(r, &worker)) {
		refuse(r, q);
		return;
	}
	x = new_exchange(r, worker, q);
	if (!x) {
		refuse(r, q);
		return;
	}
	if (keyed) {
		memcpy(x->key, key, sizeof(key));
		x->keyed = map_put(&r->by_key, x->key, x, NULL) == 0;
	}
	if (build_question(x, eap, keyed ? state.value + STATE_PREFIX : NULL,
			   keyed ? state.len - (size_t)STATE_PREFIX : 0)) {
		drop(x);
		return;
	}
	r->gate->counters[COUNT_EAP_RELAYED]++;
	send_to_worker(x);
}

void relay_repeat(struct relay *r, const struct request *q)
{
	for (struct exchange *x = r->all; x; x = x->next)
		if (!x->answer && x->request.duplicate.at == q->duplicate.at &&
		    x->request.duplicate.generation == q->duplicate.generation) {
			send_to_worker(x);
			return;
		}
}

/* ---- from the engine ---- */

static void answer_challenge(struct exchange *x, const struct radius_packet *p)
{
	struct front *front = x->relay->gate->front;
	struct radius_attr state = {0};
	struct radius_out *out;

	if (!radius_find(p, RADIUS_STATE, &state) || state.len > STATE_ENGINE_MAX) {
		front_silence(front, &x->request);
		return;
	}
	out = front_begin(front, &x->request, RADIUS_ACCESS_CHALLENGE);
	put_state(out, x, state.value, state.len);
	radius_copy(out, p, RADIUS_EAP_MESSAGE);
	front_send(front, &x->request);
}

static void read_keys(const struct exchange *x, const struct radius_packet *p,
		      struct reply_eap *end)
{
	const struct radius_secret *s = &x->relay->workers[x->worker].secret;
	const uint8_t *authenticator = x->authenticator;

	if (radius_get_mppe(p, RADIUS_MS_MPPE_SEND_KEY, s, authenticator, end->send_key,
			    &end->send_len))
		end->send_len = 0;
	if (radius_get_mppe(p, RADIUS_MS_MPPE_RECV_KEY, s, authenticator, end->recv_key,
			    &end->recv_len))
		end->recv_len = 0;
}

static void answer_end(struct exchange *x, const struct radius_packet *p)
{
	bool accepted = p->code == RADIUS_ACCESS_ACCEPT;
	struct gate *g = x->relay->gate;
	uint8_t bytes[EAP_PACKET_MAX];
	struct reply_eap end = {0};
	struct proven who = {.method = KNOCK_EAP_PASSWORD, .eap = &end};
	struct eap_packet eap;

	if (eap_collect(p, bytes, &eap) || eap.code != (accepted ? EAP_SUCCESS : EAP_FAILURE)) {
		front_silence(g->front, &x->request);
		return;
	}
	end.id = eap.id;
	if (accepted) {
		who.proof = engine_word_identity(p, &who);
		end.success = who.proof == REASON_OK;
		read_keys(x, p, &end);
	} else {
		who.proof = engine_word_cause(p, &who);
	}
	knock_conclude(g, &x->request, &who);
}

static void answer(struct exchange *x)
{
	struct radius_packet p;

	if (radius_parse(x->answer, x->answer_len, &p))
		return;
	if (p.code == RADIUS_ACCESS_CHALLENGE)
		answer_challenge(x, &p);
	else
		answer_end(x, &p);
}

static void take_answer(struct worker_socket *s, size_t socket, const uint8_t *data, size_t len)
{
	struct worker *w = &s->relay->workers[s->worker];
	struct exchange *x = len > 1 ? w->slots[socket * IDS + data[1]] : NULL;
	struct radius_packet p;

	if (!x || radius_check_answer(x->out, data, len, &w->secret, &p))
		return;
	x->answer = malloc(p.len);
	if (!x->answer) {
		drop(x);
		return;
	}
	memcpy(x->answer, p.data, p.len);
	x->answer_len = p.len;
	free(x->out);
	x->out = NULL;
	x->at_ms = clock_mono_ms();
	leave_slot(x);
	if (w->awaited)
		w->waiting_since_ms = x->at_ms;
	answer(x);
	if (!x->keyed)
		free_exchange(x);
}

static int receive(struct relay *r, int fd, struct mmsghdr messages[static BATCH])
{
	struct iovec vectors[BATCH];

	for (size_t i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){r->in[i], sizeof(r->in[i])};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
	}
	return recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct worker_socket *s = arg;
	struct relay *r = s->relay;
	size_t socket = (size_t)(s - r->workers[s->worker].sockets);
	struct mmsghdr messages[BATCH];
	int n = receive(r, fd, messages); /* more than a batch: the loop calls again */

	(void)events;
	for (int i = 0; i < n; i++)
		take_answer(s, socket, r->in[i], messages[i].msg_len);
	front_flush(r->gate->front);
}

/* ---- workers ---- */

static void drop_worker_exchanges(struct relay *r, unsigned worker)
{
	struct exchange *x = r->all, *next;

	for (; x; x = next) {
		next = x->next;
		if (x->worker == worker)
			drop(x);
	}
}

static void close_sockets(struct worker *w)
{
	for (size_t i = 0; i < SOCKETS; i++) {
		loop_watch_remove(w->sockets[i].watch);
		w->sockets[i].watch = NULL;
		close_cleanup(&w->sockets[i].fd);
		w->sockets[i].fd = -1;
	}
}

static int open_socket(struct relay *r, struct worker_socket *s, const struct addr *to)
{
	struct addr any;
	int err = addr_parse("127.0.0.1", 0, &any);

	if (err)
		return err;
	s->fd = addr_udp_bind(&any);
	if (s->fd < 0)
		return s->fd;
	if (connect(s->fd, &to->sa, to->len) < 0)
		return -errno;
	return loop_watch_fd(r->gate->loop, s->fd, EPOLLIN, on_readable, s, &s->watch);
}

int relay_worker_up(struct relay *r, unsigned worker, uint16_t port, const char *secret)
{
	struct worker *w = &r->workers[worker];
	struct addr to;
	int err = addr_parse("127.0.0.1", port, &to);

	relay_worker_down(r, worker);
	if (!err)
		err = radius_secret_set(&w->secret, secret, strlen(secret));
	for (size_t i = 0; !err && i < SOCKETS; i++)
		err = open_socket(r, &w->sockets[i], &to);
	if (err) {
		close_sockets(w);
		return err;
	}
	w->generation++;
	w->up = true;
	return 0;
}

void relay_worker_down(struct relay *r, unsigned worker)
{
	struct worker *w = &r->workers[worker];

	w->up = false;
	drop_worker_exchanges(r, worker);
	close_sockets(w);
}

int64_t relay_waiting_since_ms(const struct relay *r, unsigned worker)
{
	return r->workers[worker].waiting_since_ms;
}

static void on_sweep(void *arg)
{
	struct relay *r = arg;
	struct exchange *x = r->all, *next;
	int64_t now_ms = clock_mono_ms();

	for (; x; x = next) {
		next = x->next;
		if (now_ms - x->at_ms > (x->answer ? ANSWERED_LIFE_MS : EXCHANGE_LIFE_MS))
			drop(x);
	}
	loop_timer_arm(r->sweep, SWEEP_MS);
}

int relay_new(struct gate *g, struct relay **ret)
{
	struct relay *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->gate = g;
	random_bytes(r->gate_mark, sizeof(r->gate_mark));
	map_init(&r->by_key, MD5_SIZE);
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++)
		for (unsigned j = 0; j < SOCKETS; j++)
			r->workers[i].sockets[j] =
				(struct worker_socket){.relay = r, .worker = i, .fd = -1};
	err = loop_timer_new(g->loop, on_sweep, r, &r->sweep);
	if (err) {
		relay_free(r);
		return err;
	}
	loop_timer_arm(r->sweep, SWEEP_MS);
	*ret = r;
	return 0;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	while (r->all)
		free_exchange(r->all);
	for (unsigned i = 0; i < ENGINE_WORKERS_MAX; i++) {
		close_sockets(&r->workers[i]);
		radius_secret_wipe(&r->workers[i].secret);
	}
	map_done(&r->by_key);
	loop_timer_free(r->sweep);
	free(r);
}
