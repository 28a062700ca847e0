#include "server/gateway/conn.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "server/gateway/intake.h"

#define STUCK_MS (30 * SECOND_MS) /* a peer that takes none of its bytes for so long is cut */
#define LEAVE_MS (5 * SECOND_MS)
#define IN_LIMIT (SCRATCH_SIZE + FRAME_MAX + FRAME_HEADER)

static void on_socket(void *arg, int fd, uint32_t events);

/* ---- life ---- */

static void set_deadline(struct conn *c, int64_t after_ms)
{
	c->deadline_mono_ms = after_ms ? clock_mono_ms() + after_ms : 0;
}

static void link_conn(struct worker *w, struct conn *c)
{
	c->next = w->first;
	if (w->first)
		w->first->prev = c;
	w->first = c;
	w->count++;
}

static void unlink_conn(struct conn *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		c->worker->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->worker->count--;
}

int conn_new(struct worker *w, int fd, const struct addr *from)
{
	struct conn *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	*c = (struct conn){.worker = w, .fd = fd, .from = *from, .watched = EPOLLIN};
	c->number = atomic_fetch_add(&w->gateway->next_number, 1) + 1;
	buf_init(&c->in, IN_LIMIT);
	buf_init(&c->out, CONN_OUT_AGENT);
	err = tls_accept_new(w->gateway->tls, fd, &c->tls);
	if (!err)
		err = map_put(&w->by_number, &c->number, c, NULL);
	if (!err)
		err = loop_watch_fd(w->loop, fd, EPOLLIN, on_socket, c, &c->watch);
	if (err) {
		map_remove(&w->by_number, &c->number);
		tls_conn_free(c->tls);
		free(c);
		return err;
	}
	set_deadline(c, w->gateway->o.handshake_ms);
	link_conn(w, c);
	return 0;
}

void conn_cut(struct conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	if (c->holder == CERT_TERMINAL)
		agent_gone(c);
	if (c->gate)
		gate_gone(c);
	loop_watch_remove(c->watch);
	tls_conn_free(c->tls);
	c->tls = NULL;
	close(c->fd);
	buf_done(&c->in);
	buf_done(&c->out);
	limits_close(c->worker->gateway->limits, &c->from);
}

void conn_bury(struct conn *c)
{
	if (!c->dead || c->works > 0)
		return;
	unlink_conn(c);
	map_remove(&c->worker->by_number, &c->number);
	intake_free(c->intake);
	free(c->gate_name);
	free(c);
}

static void watch(struct conn *c, uint32_t events)
{
	if (c->dead || c->watched == events)
		return;
	if (loop_watch_change(c->watch, events))
		conn_cut(c);
	else
		c->watched = events;
}

/* What the socket is to be watched for, by the state of both directions. */
static void watch_again(struct conn *c)
{
	uint32_t events = c->paused ? 0 : EPOLLIN;

	if (!c->dead && c->out.len > 0)
		events |= EPOLLOUT;
	watch(c, events);
}

/* ---- writing ---- */

/* The peer reads the last frame before the socket closes under it: a close with unread bytes would
 * throw away what it has not taken yet. */
static void say_goodbye(struct conn *c)
{
	if (c->said_goodbye)
		return;
	c->said_goodbye = true;
	(void)!tls_conn_shutdown(c->tls);
	if (shutdown(c->fd, SHUT_WR) < 0)
		conn_cut(c);
	else
		watch(c, EPOLLIN);
}

/* What still comes is thrown away until the peer closes, or the deadline. */
static void drain(struct conn *c)
{
	ssize_t n;

	do
		n = recv(c->fd, c->worker->scratch, sizeof(c->worker->scratch), 0);
	while (n > 0);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		conn_cut(c);
}

void conn_flush(struct conn *c)
{
	enum tls_result r = TLS_DONE;
	size_t done = 0, n;

	if (c->dead || c->state == CONN_HANDSHAKE)
		return;
	while (done < c->out.len && r == TLS_DONE) {
		r = tls_conn_write(c->tls, c->out.data + done, c->out.len - done, &n);
		if (r == TLS_DONE)
			done += n;
	}
	if (r == TLS_CLOSED || r == TLS_FAILED) {
		conn_cut(c);
		return;
	}
	buf_consume(&c->out, done);
	if (c->out.len == 0) {
		size_t limit = c->out.limit;

		buf_done(&c->out);
		buf_init(&c->out, limit);
		if (c->state == CONN_LEAVING) {
			say_goodbye(c);
			return;
		}
		if (c->state > CONN_ASKING)
			set_deadline(c, 0);
	} else if (done > 0 || !c->deadline_mono_ms) {
		set_deadline(c, STUCK_MS);
	}
	watch_again(c);
}

void conn_send(struct conn *c, enum frame_type type, const void *message, size_t size)
{
	if (c->dead || c->state == CONN_LEAVING)
		return;
	if (frame_encode(&c->out, type, message, size))
		conn_cut(c);
	else if (c->out.len >= SCRATCH_SIZE)
		conn_flush(c);
}

void conn_leave(struct conn *c)
{
	if (c->dead)
		return;
	c->state = CONN_LEAVING;
	if (c->holder == CERT_TERMINAL)
		agent_gone(c); /* its last bytes are no sign of life */
	c->paused = true;
	set_deadline(c, LEAVE_MS);
	conn_flush(c);
}

void conn_refuse(struct conn *c, const char *reason, const char *text)
{
	menshen_Refusal refusal = menshen_Refusal_init_zero;

	atomic_fetch_add(&c->worker->gateway->refused, 1);
	snprintf(refusal.reason, sizeof(refusal.reason), "%s", reason);
	snprintf(refusal.text_en, sizeof(refusal.text_en), "%s", text);
	CONN_SEND(c, FRAME_REFUSAL, &refusal);
	conn_leave(c);
}

/* ---- reading ---- */

static int dispatch(struct conn *c, const struct frame *f)
{
	switch (c->state) {
	case CONN_GREETING:
	case CONN_ASKING:
		if (!c->has_certificate || c->expired)
			return enrolling_frame(c, f);
		return c->holder == CERT_GATE ? gate_frame(c, f) : agent_frame(c, f);
	case CONN_AGENT:
		return agent_frame(c, f);
	case CONN_GATE:
		return gate_frame(c, f);
	case CONN_HANDSHAKE:
	case CONN_LEAVING:
		break;
	}
	return -EBADMSG;
}

/* Hands on each whole frame; returns how many bytes were used up. */
static size_t take_frames(struct conn *c, const uint8_t *data, size_t len)
{
	size_t used = 0, n;
	struct frame f;

	while (!c->dead && !c->paused && used < len) {
		int err = frame_parse(data + used, len - used, &f, &n);

		if (err == -EAGAIN)
			break;
		if (!err)
			err = dispatch(c, &f);
		if (err) {
			conn_cut(c);
			return len;
		}
		used += n;
	}
	return used;
}

/* Straight out of the scratch bytes when nothing is left from before. */
static void take_bytes(struct conn *c, const uint8_t *data, size_t len)
{
	size_t used;

	if (c->in.len == 0) {
		used = take_frames(c, data, len);
		if (c->dead || used == len)
			return;
		buf_append(&c->in, data + used, len - used);
	} else {
		buf_append(&c->in, data, len);
		if (c->in.error) {
			conn_cut(c);
			return;
		}
		used = take_frames(c, c->in.data, c->in.len);
		if (c->dead)
			return;
		buf_consume(&c->in, used);
	}
	if (c->in.error)
		conn_cut(c);
	else if (c->in.len == 0)
		buf_done(&c->in);
	if (!c->dead && c->in.len == 0)
		buf_init(&c->in, IN_LIMIT);
}

static void read_turn(struct conn *c)
{
	enum tls_result r = TLS_DONE;
	size_t n;

	/* To the end: the library may hold bytes that the socket no longer shows. */
	while (!c->dead && !c->paused) {
		r = tls_conn_read(c->tls, c->worker->scratch, sizeof(c->worker->scratch), &n);
		if (r != TLS_DONE)
			break;
		take_bytes(c, c->worker->scratch, n);
	}
	if (!c->dead && (r == TLS_CLOSED || r == TLS_FAILED))
		conn_cut(c);
}

/* All that was there is read: records go to the engine, answers to the peer. */
static void end_turn(struct conn *c)
{
	intake_push(c, clock_mono_ms());
	conn_flush(c);
}

void conn_pause(struct conn *c)
{
	c->paused = true;
	watch_again(c);
}

void conn_resume(struct conn *c)
{
	if (c->dead || !c->paused || c->state == CONN_LEAVING)
		return;
	c->paused = false;
	if (c->in.len > 0) {
		struct buf held = c->in;

		buf_init(&c->in, IN_LIMIT);
		take_bytes(c, held.data, held.len);
		buf_done(&held);
	}
	if (!c->dead)
		read_turn(c);
	end_turn(c);
}

/* ---- the handshake ---- */

static void greet(struct conn *c)
{
	struct gateway *g = c->worker->gateway;
	struct tls_peer peer;
	int err = tls_conn_peer(c->tls, clock_wall_ms(), &peer);

	atomic_fetch_add(&g->handshakes, 1);
	if (tls_conn_resumed(c->tls))
		atomic_fetch_add(&g->resumed, 1);
	c->state = CONN_GREETING;
	if (err == -ENOENT)
		return; /* enrolment */
	if (err) {
		conn_cut(c);
		return;
	}
	c->has_certificate = true;
	c->expired = peer.expired;
	c->holder = peer.cert.holder;
	c->terminal = peer.cert.terminal;
	memcpy(c->serial, peer.cert.serial, sizeof(c->serial));
	if (c->holder == CERT_GATE && !(c->gate_name = strdup(peer.cert.gate))) {
		conn_cut(c);
		return;
	}
	/* A resumed session has proven itself once, possibly long ago. */
	if (revoked_has(g, c->serial))
		conn_refuse(c, "certificate-revoked", "This certificate was revoked");
	else if (c->holder == CERT_OTHER)
		conn_refuse(c, "certificate-unknown",
			    "This certificate is of no terminal and no gate");
}

static void handshake(struct conn *c)
{
	switch (tls_conn_handshake(c->tls)) {
	case TLS_DONE:
		greet(c);
		if (!c->dead)
			watch(c, c->paused ? 0 : EPOLLIN);
		break;
	case TLS_WANT_READ:
		watch(c, EPOLLIN);
		break;
	case TLS_WANT_WRITE:
		watch(c, EPOLLOUT);
		break;
	case TLS_CLOSED:
	case TLS_FAILED:
		conn_cut(c);
		break;
	}
}

static void serve(struct conn *c, uint32_t events)
{
	if (c->state == CONN_HANDSHAKE)
		handshake(c);
	if (c->dead || c->state == CONN_HANDSHAKE)
		return;
	if (c->said_goodbye) {
		drain(c);
		return;
	}
	if (c->paused && (events & (EPOLLHUP | EPOLLERR))) {
		conn_cut(c);
		return;
	}
	if (events & EPOLLOUT)
		conn_flush(c);
	if (!c->dead && !c->paused)
		read_turn(c);
	end_turn(c);
}

/* Nobody else stands on the connection here, nor at the end of a wake or a tick: there the dead are
 * buried. */
static void on_socket(void *arg, int fd, uint32_t events)
{
	struct conn *c = arg;

	(void)fd;
	serve(c, events);
	conn_bury(c);
}

void conn_tick(struct conn *c, int64_t now_mono_ms)
{
	if (c->dead)
		return;
	if (c->deadline_mono_ms && now_mono_ms >= c->deadline_mono_ms) {
		conn_cut(c);
		return;
	}
	intake_push(c, now_mono_ms);
	if (c->state == CONN_AGENT)
		agent_tick(c, now_mono_ms);
	else if (c->state == CONN_GATE)
		gate_push(c, 0, now_mono_ms);
}

/* ---- works ---- */

static void on_done(struct engine_work *work, int err)
{
	struct conn_work *cw = CONTAINER_OF(work, struct conn_work, work);
	struct worker *w = cw->conn->worker;

	cw->err = err;
	cw->next = NULL;
	pthread_mutex_lock(&w->lock);
	*w->finished_last = cw;
	w->finished_last = &cw->next;
	pthread_mutex_unlock(&w->lock);
	loop_wake(w->loop);
}

int conn_submit(struct conn *c, struct conn_work *w)
{
	int err;

	w->conn = c;
	w->work.done = on_done;
	c->works++;
	err = engine_submit(c->worker->gateway->o.engine, &w->work);
	if (err)
		c->works--;
	return err;
}
