/* One loop: accepts, keeps time, and brings back what the engine and other threads have for its
 * connections. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/engine/publish.h"
#include "server/gateway/conn.h"

#define TICK_MS 250
#define ACCEPTS_PER_TURN 64

/* ---- accepting ---- */

static void admit(struct worker *w, int fd, const struct addr *from)
{
	int err = limits_open(w->gateway->limits, from, clock_mono_ms());

	if (err) {
		atomic_fetch_add(&w->gateway->refused, 1);
		close(fd);
		return;
	}
	err = conn_new(w, fd, from);
	if (err) {
		limits_close(w->gateway->limits, from);
		close(fd);
	}
}

static void on_listener(void *arg, int fd, uint32_t events)
{
	struct worker *w = arg;

	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		struct addr from = {.len = sizeof(from.in6)};
		int peer = accept4(fd, &from.sa, &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (peer < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			return;
		}
		admit(w, peer, &from);
	}
}

/* ---- what others left here ---- */

void worker_post(struct worker *w, const struct message *m)
{
	struct message *copy = malloc(sizeof(*copy));

	if (!copy)
		return;
	*copy = *m;
	copy->next = NULL;
	pthread_mutex_lock(&w->lock);
	*w->messages_last = copy;
	w->messages_last = &copy->next;
	pthread_mutex_unlock(&w->lock);
	loop_wake(w->loop);
}

void worker_committed(struct worker *w, const struct engine_commit *commit)
{
	pthread_mutex_lock(&w->lock);
	w->topics |= commit->topics;
	w->head = *commit->head;
	pthread_mutex_unlock(&w->lock);
	loop_wake(w->loop);
}

static void deliver(struct worker *w, const struct message *m)
{
	struct conn *c = map_get(&w->by_number, &m->conn);

	if (!c || c->dead)
		return;
	switch (m->kind) {
	case MESSAGE_CUT:
		conn_cut(c);
		break;
	case MESSAGE_NOTICE:
		CONN_SEND(c, FRAME_VERDICT_NOTICE, &m->notice);
		conn_flush(c);
		break;
	case MESSAGE_EXPLAIN:
		CONN_SEND(c, FRAME_EXPLAIN_ASK, &m->ask);
		conn_flush(c);
		break;
	}
}

static void read_freshness(struct worker *w, const struct buf *body)
{
	json_t *policy = json_loadb(buf_str(body), body->len, 0, NULL);

	freshness_rules_read(policy, &w->freshness);
	json_decref(policy);
}

static int load_policy(struct worker *w)
{
	CLEANUP_BUF struct buf body = BUF_INIT, signature = BUF_INIT;
	struct policy_version v;
	menshen_Policy *policy;
	int r = policy_latest(w->reader, &v, &body, &signature);

	if (r <= 0 || (v.epoch == w->policy_epoch && v.number == w->policy_number))
		return MIN(r, 0);
	policy = calloc(1, sizeof(*policy));
	if (!policy || body.len > sizeof(policy->body.bytes) ||
	    signature.len > sizeof(policy->signature.bytes)) {
		r = policy ? -EMSGSIZE : -ENOMEM;
		free(policy);
		return r;
	}
	read_freshness(w, &body);
	policy->epoch = w->policy_epoch = v.epoch;
	policy->number = w->policy_number = v.number;
	memcpy(policy->body.bytes, body.data, body.len);
	policy->body.size = (pb_size_t)body.len;
	memcpy(policy->signature.bytes, signature.data, signature.len);
	policy->signature.size = (pb_size_t)signature.len;
	buf_clear(&w->policy);
	r = FRAME_ENCODE(&w->policy, FRAME_POLICY, policy);
	free(policy);
	return r;
}

/* The revoked are cut; agents get a newer policy; gates get what they hold in their snapshots. */
static void look_at_commit(struct worker *w, uint32_t topics)
{
	int err = 0;

	if (topics & TOPIC_CERTIFICATE)
		err = revoked_reload(w->gateway, w->reader, clock_wall_ms());
	if (!err && (topics & TOPIC_POLICY))
		err = load_policy(w);
	if (err) {
		log_error("gateway: cannot read what was committed: %s; trying again",
			  strerror(-err));
		pthread_mutex_lock(&w->lock);
		w->topics |= topics; /* the next tick tries again */
		pthread_mutex_unlock(&w->lock);
		return;
	}
	for (struct conn *c = w->first; c; c = c->next) {
		if (c->dead)
			continue;
		if ((topics & TOPIC_CERTIFICATE) && c->has_certificate &&
		    c->state != CONN_LEAVING && revoked_has(w->gateway, c->serial))
			conn_refuse(c, "certificate-revoked", "This certificate was revoked");
		else if ((topics & TOPIC_POLICY) && c->state == CONN_AGENT)
			agent_send_policy(c, 0, 0);
		else if (c->state == CONN_GATE)
			gate_push(c, topics, clock_mono_ms());
	}
}

static void bury_dead(struct worker *w)
{
	struct conn *next;

	for (struct conn *c = w->first; c; c = next) {
		next = c->next;
		if (c->dead)
			conn_bury(c);
	}
}

static void stop_all(struct worker *w)
{
	loop_watch_remove(w->listener);
	w->listener = NULL;
	for (struct conn *c = w->first; c; c = c->next)
		conn_cut(c);
	bury_dead(w);
	if (w->count == 0)
		loop_stop(w->loop);
}

static void on_wake(void *arg)
{
	struct worker *w = arg;
	struct conn_work *finished;
	struct message *messages;
	uint32_t topics;
	bool stopping;

	pthread_mutex_lock(&w->lock);
	finished = w->finished;
	w->finished = NULL;
	w->finished_last = &w->finished;
	messages = w->messages;
	w->messages = NULL;
	w->messages_last = &w->messages;
	topics = w->topics;
	w->topics = 0;
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);

	while (finished) {
		struct conn_work *cw = finished;

		finished = cw->next;
		cw->conn->works--;
		cw->finish(cw);
	}
	while (messages) {
		struct message *m = messages;

		messages = m->next;
		deliver(w, m);
		free(m);
	}
	if (stopping)
		stop_all(w);
	else if (topics)
		look_at_commit(w, topics);
	bury_dead(w);
}

/* ---- time ---- */

static void on_tick(void *arg)
{
	struct worker *w = arg;
	int64_t now = clock_mono_ms();
	bool again;

	pthread_mutex_lock(&w->lock);
	again = w->topics != 0;
	pthread_mutex_unlock(&w->lock);
	loop_timer_arm(w->tick, TICK_MS);
	for (struct conn *c = w->first; c; c = c->next)
		conn_tick(c, now);
	if (again)
		on_wake(w);
	else
		bury_dead(w);
}

/* ---- life ---- */

int worker_new(struct gateway *g, struct worker **ret)
{
	struct worker *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->gateway = g;
	w->finished_last = &w->finished;
	w->messages_last = &w->messages;
	map_init(&w->by_number, sizeof(uint64_t));
	buf_init(&w->policy, FRAME_MAX + FRAME_HEADER);
	pthread_mutex_init(&w->lock, NULL);
	err = loop_new(&w->loop);
	if (!err)
		err = loop_on_wake(w->loop, on_wake, w);
	if (!err)
		err = loop_timer_new(w->loop, on_tick, w, &w->tick);
	if (!err)
		err = store_reader_new(g->o.store, &w->reader);
	if (!err)
		err = load_policy(w);
	if (!err)
		err = loop_watch_fd(w->loop, g->fd, EPOLLIN | EPOLLEXCLUSIVE, on_listener, w,
				    &w->listener);
	if (err) {
		worker_free(w);
		return err;
	}
	*ret = w;
	return 0;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	int err;

	loop_timer_arm(w->tick, TICK_MS);
	err = loop_run(w->loop);
	if (err)
		log_error("gateway: a loop ended: %s", strerror(-err));
	return NULL;
}

int worker_start(struct worker *w)
{
	int err = -pthread_create(&w->thread, NULL, worker_main, w);

	w->started = !err;
	return err;
}

void worker_stop(struct worker *w)
{
	if (!w->started)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_mutex_unlock(&w->lock);
	loop_wake(w->loop);
	pthread_join(w->thread, NULL);
	w->started = false;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	while (w->messages) {
		struct message *m = w->messages;

		w->messages = m->next;
		free(m);
	}
	loop_timer_free(w->tick);
	loop_watch_remove(w->listener);
	loop_free(w->loop);
	store_reader_free(w->reader);
	map_done(&w->by_number);
	buf_done(&w->policy);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
