#define _GNU_SOURCE
#include "gate/front/lane.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/text.h"
#include "gate/front/inside.h"
#include "gate/knock/mab.h"

#define BATCHES_PER_ROUND 8 /* then the loop looks at its timers */
#define DUPLICATE_SETS 16384
#define SOCKET_BUFFER (4 << 20)
/*
 * A lane that is faster than its switches would wake up for every few packets, and each time pay
 * for three system calls. Where several came together it lets more come, for less than a tenth of a
 * millisecond; where that brought few, the next rounds do not wait. Who knocks alone never does.
 */
#define SEVERAL 4
#define GATHER_US 20
#define GATHERED 12
#define ROUNDS_WITHOUT 64
#define STACK_SIZE (512U << 10)

/* ---- before the lock: receive, read, prove ---- */

static int receive(struct lane_socket *s)
{
	struct lane *l = s->lane;

	for (size_t i = 0; i < BATCH; i++) {
		l->vectors[i] = (struct iovec){l->in[i], sizeof(l->in[i])};
		l->messages[i].msg_hdr = (struct msghdr){.msg_name = &l->from[i],
							 .msg_namelen = sizeof(l->from[i]),
							 .msg_iov = &l->vectors[i],
							 .msg_iovlen = 1};
	}
	return recvmmsg(s->fd, l->messages, BATCH, MSG_DONTWAIT, NULL);
}

static void copy_sender(const struct lane *l, size_t i, struct addr *ret)
{
	ret->len = l->messages[i].msg_hdr.msg_namelen;
	memcpy(&ret->in6, &l->from[i], sizeof(l->from[i]));
}

/* Whose packet is it, as far as this lane knows? */
static void read_packet(struct lane *l, const struct lane_socket *s, size_t i)
{
	struct request *r = &l->requests[l->claim_count];
	const struct door *door;

	r->lane = l->number;
	r->socket = s->kind;
	r->stream = 0;
	copy_sender(l, i, &r->from);
	addr_host_key(&r->from, r->key.host);
	door = doors_find(&l->doors, r->key.host);
	if (!door) {
		l->missed++;
		return;
	}
	r->ports = door->ports;
	if (request_open(r, l->in[i], l->messages[i].msg_len)) {
		l->malformed++;
		return;
	}
	r->switch_id = door->switch_id;
	duplicates_warm(l->duplicates, &r->key, 0);
	if (l->front->lane_count == 1)
		front_warm(l->front, r, 0);
	l->claims[l->claim_count++] = (struct claim){.request = r,
						     .secret = &door->secret,
						     .unsigned_until_ms = door->unsigned_until_ms};
}

static bool asks_mab(const struct claim *c)
{
	const struct request *r = c->request;
	struct radius_attr eap = {0};

	return c->proof == PROOF_GOOD && r->packet.code == RADIUS_ACCESS_REQUEST &&
	       request_names_its_mac(r) && !radius_find(&r->packet, RADIUS_EAP_MESSAGE, &eap);
}

/* A password is a sum as well: nobody else needs to wait for it. */
static void look_ahead(const struct claim *claims, size_t count)
{
	struct mab_ask asks[BATCH];
	size_t ask_count = 0;

	for (size_t i = 0; i < count; i++) {
		claims[i].request->mab = MAB_UNASKED;
		if (asks_mab(&claims[i]))
			asks[ask_count++] = (struct mab_ask){claims[i].request, claims[i].secret};
	}
	mab_check_all(asks, ask_count);
}

static void read_batch(struct lane *l, const struct lane_socket *s, size_t n)
{
	l->claim_count = l->malformed = l->missed = 0;
	for (size_t i = 0; i < n; i++)
		read_packet(l, s, i);
	proof_batch(l->claims, l->claim_count);
	look_ahead(l->claims, l->claim_count);
}

/* ---- behind the lock ---- */

/* True when the lane knew too little, or what is not so any more: the batch is to be read again. */
static bool catch_up(struct lane *l, size_t n)
{
	const struct gate *g = l->front->gate;
	bool news = doors_follow(&l->doors, g->snapshot, g->snapshots_taken);
	struct addr from;
	uint8_t host[16];

	for (size_t i = 0; i < n && (news || l->missed > 0); i++) {
		copy_sender(l, i, &from);
		addr_host_key(&from, host);
		news |= doors_learn(&l->doors, g->snapshot, host);
	}
	return news;
}

/* Not those for whose door there was no memory: they ask again. */
static void tell_strangers(struct lane *l, size_t n)
{
	const struct snapshot *snapshot = l->front->gate->snapshot;
	const struct snap_switch *sw;
	struct addr from;
	uint8_t host[16];

	for (size_t i = 0; i < n && l->missed > 0; i++) {
		copy_sender(l, i, &from);
		addr_host_key(&from, host);
		sw = snapshot_switch_at(snapshot, host);
		if (!sw || !sw->usable)
			front_tell_stranger(l->front, &from, host);
	}
}

static void count_batch(struct lane *l, size_t n)
{
	uint64_t *counters = l->front->gate->counters;

	l->figures.packets += n;
	counters[COUNT_PACKETS] += n;
	counters[COUNT_MALFORMED] += l->malformed;
}

static void decide(struct lane *l, const struct lane_socket *s, size_t n)
{
	struct front *f = l->front;

	if (catch_up(l, n))
		read_batch(l, s, n);
	f->at_work = l;
	count_batch(l, n);
	tell_strangers(l, n);
	front_judge(f, l->claims, l->claim_count, socket_is_acct(s->kind));
	f->at_work = f->lanes[0];
}

static void work_on_batch(struct lane_socket *s, size_t n)
{
	struct lane *l = s->lane;
	struct gate_lock *lock = &l->front->gate->lock;
	int64_t began_us;

	read_batch(l, s, n);
	gate_lock_take(lock);
	if (lock->shared) {
		began_us = clock_mono_us();
		decide(l, s, n);
		l->figures.locked_us += (uint64_t)(clock_mono_us() - began_us);
	} else {
		decide(l, s, n);
	}
	gate_lock_let_go(lock);
	outbox_flush(l->outbox);
}

/* The last batch was of so many. True: the loop should let more come before it looks again. */
static bool should_rest(struct lane *l, int n)
{
	if (l->rested && n < GATHERED)
		l->without_rest = ROUNDS_WITHOUT;
	if (l->without_rest)
		l->without_rest--;
	l->rested = n >= SEVERAL && n < BATCH && !l->without_rest;
	return l->rested;
}

/* How many came in the last batch. */
static int read_socket(struct lane_socket *s)
{
	int n = 0;

	pthread_mutex_lock(&s->lane->busy);
	for (unsigned round = 0; round < BATCHES_PER_ROUND; round++) {
		n = receive(s);
		if (n > 0)
			work_on_batch(s, (size_t)n);
		if (n < BATCH)
			break;
	}
	pthread_mutex_unlock(&s->lane->busy);
	return n;
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct lane_socket *s = arg;
	struct gate_lock *lock = &s->lane->front->gate->lock;
	bool is_loops = s->lane->number == 0; /* which holds the lock when it calls back */
	bool rest;

	(void)fd;
	(void)events;
	if (is_loops)
		gate_lock_let_go(lock);
	rest = should_rest(s->lane, read_socket(s));
	if (is_loops)
		gate_lock_take(lock);
	if (rest)
		loop_rest(s->lane->loop, GATHER_US);
}

void lane_set_quiet(struct lane *l, bool quiet)
{
	for (size_t i = 0; i < LISTEN_COUNT; i++)
		if (l->sockets[i].watch && !socket_is_acct(l->sockets[i].kind))
			(void)!loop_watch_change(l->sockets[i].watch, quiet ? 0 : EPOLLIN);
}

void lane_poll(struct lane *l)
{
	for (size_t i = 0; i < LISTEN_COUNT; i++)
		if (l->sockets[i].watch && !socket_is_acct(l->sockets[i].kind))
			(void)read_socket(&l->sockets[i]);
}

/* ---- its life ---- */

static int bind_one(const struct lane *l, const struct addr *a)
{
	int probe;

	if (l->front->lane_count == 1)
		return addr_udp_bind(a);
	/* Sharing must not hide that another gate of this user is there already. */
	probe = l->number == 0 ? addr_udp_bind(a) : -1;
	if (l->number == 0 && probe < 0)
		return probe;
	close_cleanup(&probe);
	return addr_udp_bind_shared(a);
}

static int open_socket(struct lane *l, uint8_t kind)
{
	static const uint16_t ports[] = {RADIUS_AUTH_PORT, RADIUS_ACCT_PORT, RADIUS_AUTH_PORT,
					 RADIUS_ACCT_PORT};
	const char *text = l->front->gate->settings.listen[kind];
	struct lane_socket *s = &l->sockets[kind];
	int size = SOCKET_BUFFER;
	struct addr a;

	if (text_equal(text, "none"))
		return 0;
	if (addr_parse(text, ports[kind], &a))
		return -EINVAL;
	s->fd = bind_one(l, &a);
	if (s->fd < 0) {
		log_error("cannot listen on %s: %s", text, strerror(-s->fd));
		return s->fd;
	}
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return loop_watch_fd(l->loop, s->fd, EPOLLIN, on_readable, s, &s->watch);
}

static void on_wake(void *arg)
{
	struct lane *l = arg;

	loop_stop(l->loop);
}

static int open_loop(struct lane *l)
{
	int err;

	if (l->number == 0) {
		l->loop = l->front->gate->loop;
		return 0;
	}
	err = loop_new(&l->loop);
	return err ? err : loop_on_wake(l->loop, on_wake, l);
}

int lane_new(struct front *f, uint8_t number, struct lane **ret)
{
	struct lane *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->front = f;
	l->number = number;
	pthread_mutex_init(&l->busy, NULL);
	doors_init(&l->doors, f->gate->vendors);
	for (uint8_t i = 0; i < LISTEN_COUNT; i++)
		l->sockets[i] = (struct lane_socket){.lane = l, .kind = i, .fd = -1};
	err = duplicates_new(DUPLICATE_SETS, &l->duplicates);
	if (!err)
		err = outbox_new(&l->outbox);
	if (!err)
		err = open_loop(l);
	for (uint8_t i = 0; !err && i < LISTEN_COUNT; i++)
		err = open_socket(l, i);
	if (err) {
		lane_free(l);
		return err;
	}
	*ret = l;
	return 0;
}

void lane_free(struct lane *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < LISTEN_COUNT; i++) {
		loop_watch_remove(l->sockets[i].watch);
		close_cleanup(&l->sockets[i].fd);
	}
	if (l->number > 0)
		loop_free(l->loop);
	outbox_free(l->outbox);
	duplicates_free(l->duplicates);
	doors_done(&l->doors);
	pthread_mutex_destroy(&l->busy);
	free(l);
}

static void *run(void *arg)
{
	struct lane *l = arg;
	int err = loop_run(l->loop);

	if (err)
		log_error("lane %u: %s", l->number, strerror(-err));
	return NULL;
}

int lane_start(struct lane *l)
{
	pthread_attr_t how;
	char name[16];
	int err;

	duplicates_share(l->duplicates);
	if (l->number == 0)
		return 0;
	err = -pthread_attr_init(&how);
	if (err)
		return err;
	pthread_attr_setstacksize(&how, STACK_SIZE);
	err = -pthread_create(&l->thread, &how, run, l);
	pthread_attr_destroy(&how);
	l->runs = err == 0;
	snprintf(name, sizeof(name), "lane-%u", l->number);
	if (!err)
		pthread_setname_np(l->thread, name);
	return err;
}

void lane_stop(struct lane *l)
{
	if (!l->runs)
		return;
	loop_wake(l->loop);
	pthread_join(l->thread, NULL);
	l->runs = false;
}
