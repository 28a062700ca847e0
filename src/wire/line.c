#define _GNU_SOURCE
#include "wire/line.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "base/file.h"

#define RETRY_FIRST_MS 1000
#define ATTEMPT_MS 15000
#define UNANSWERED_MS 30000 /* sent bytes that nobody acknowledges: the network is gone */
#define OUT_LIMIT (1U << 20)
#define READ_CHUNK 4096

enum line_state { LINE_DOWN, LINE_WAITING, LINE_CONNECTING, LINE_HANDSHAKE, LINE_OPEN };

struct line {
	struct line_options o;
	enum line_state state;
	struct tls_ctx *tls;
	struct tls_conn *conn;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer; /* the pause, or the patience with an attempt */
	bool held;
	size_t server;
	int64_t retry_ms;
	struct buf in, out;
};

static void on_timer(void *arg);
static void on_socket(void *arg, int fd, uint32_t events);

int line_new(const struct line_options *o, struct line **ret)
{
	CLEANUP_LINE struct line *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->o = *o;
	l->fd = -1;
	l->retry_ms = RETRY_FIRST_MS;
	buf_init(&l->in, 2 * (FRAME_HEADER + FRAME_MAX));
	buf_init(&l->out, OUT_LIMIT);
	err = loop_timer_new(o->loop, on_timer, l, &l->timer);
	if (!err)
		*ret = TAKE_PTR(l);
	return err;
}

static void disconnect(struct line *l)
{
	loop_watch_remove(l->watch);
	l->watch = NULL;
	tls_conn_free(l->conn);
	l->conn = NULL;
	close_cleanup(&l->fd);
	l->fd = -1;
	l->held = false;
	buf_done(&l->in);
	buf_done(&l->out);
	buf_init(&l->in, 2 * (FRAME_HEADER + FRAME_MAX));
	buf_init(&l->out, OUT_LIMIT);
	loop_timer_disarm(l->timer);
}

void line_free(struct line *l)
{
	if (!l)
		return;
	if (l->timer)
		disconnect(l);
	loop_timer_free(l->timer);
	tls_ctx_free(l->tls);
	buf_done(&l->in);
	buf_done(&l->out);
	free(l);
}

/* Half of the pause is random. */
static int64_t jittered(int64_t pause_ms)
{
	uint32_t r;

	random_bytes(&r, sizeof(r));
	return pause_ms / 2 + (int64_t)(r % (uint32_t)(pause_ms / 2 + 1));
}

static void fail(struct line *l, const char *why)
{
	char reason[200];

	snprintf(reason, sizeof(reason), "%s", why); /* it may live in the connection */
	disconnect(l);
	l->state = LINE_WAITING;
	l->server = (l->server + 1) % l->o.server_count;
	loop_timer_arm(l->timer, jittered(l->retry_ms));
	l->retry_ms = MIN(l->retry_ms * 2, l->o.retry_max_ms);
	l->o.on_down(l->o.arg, reason);
}

static void fail_errno(struct line *l, const char *what, int err)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "%s: %s", what, strerror(-err));
	fail(l, reason);
}

static int prepare_socket(int fd)
{
	const int on = 1, unanswered_ms = UNANSWERED_MS, idle_s = 60;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof(unanswered_ms)) <
		    0)
		return -errno;
	return 0;
}

static void begin(struct line *l)
{
	int err = 0;

	l->fd = addr_tcp_connect(&l->o.servers[l->server]);
	if (l->fd < 0)
		err = l->fd;
	if (!err)
		err = prepare_socket(l->fd);
	if (!err)
		err = loop_watch_fd(l->o.loop, l->fd, EPOLLOUT, on_socket, l, &l->watch);
	if (err) {
		fail_errno(l, "cannot connect", err);
		return;
	}
	l->state = LINE_CONNECTING;
	loop_timer_arm(l->timer, l->o.attempt_ms ? l->o.attempt_ms : ATTEMPT_MS);
}

static void on_timer(void *arg)
{
	struct line *l = arg;

	if (l->state == LINE_WAITING)
		begin(l);
	else
		fail(l, "the server does not answer");
}

void line_start(struct line *l, struct tls_ctx *tls)
{
	disconnect(l);
	if (tls != l->tls)
		tls_ctx_free(l->tls);
	l->tls = tls;
	l->state = LINE_WAITING;
	l->retry_ms = RETRY_FIRST_MS;
	loop_timer_arm(l->timer, 0);
}

void line_stop(struct line *l)
{
	disconnect(l);
	l->state = LINE_DOWN;
}

void line_drop(struct line *l, const char *why)
{
	if (l->state > LINE_WAITING)
		fail(l, why);
}

/* Whether the address that the connection was made from still belongs to this machine. */
static bool has_own_address(const struct line *l)
{
	CLEANUP_FD int probe = -1;
	struct addr own = {.len = sizeof(own.in6)};

	if (getsockname(l->fd, &own.sa, &own.len) < 0)
		return true;
	addr_set_port(&own, 0);
	probe = socket(own.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return probe < 0 || bind(probe, &own.sa, own.len) == 0 || errno != EADDRNOTAVAIL;
}

void line_check_path(struct line *l)
{
	if (l->state > LINE_WAITING && !has_own_address(l))
		fail(l, "the address of this machine changed");
	if (l->state != LINE_WAITING)
		return;
	l->retry_ms = RETRY_FIRST_MS;
	loop_timer_arm(l->timer, jittered(l->retry_ms));
}

void line_settled(struct line *l)
{
	l->retry_ms = RETRY_FIRST_MS;
}

bool line_is_open(const struct line *l)
{
	return l->state == LINE_OPEN;
}

const struct addr *line_server(const struct line *l)
{
	return &l->o.servers[l->server];
}

int line_peer(const struct line *l, struct tls_peer *ret)
{
	return l->state == LINE_OPEN ? tls_conn_peer(l->conn, l->o.now_ms(l->o.arg), ret) : -ENOENT;
}

size_t line_backlog(const struct line *l)
{
	return l->out.len;
}

/* ---- an attempt ---- */

static void finish_connect(struct line *l)
{
	const char *name = l->o.server_name;
	char host[ADDR_TEXT_SIZE];
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if (err) {
		fail_errno(l, "cannot connect", -err);
		return;
	}
	if (!*name) {
		addr_format_host(host, &l->o.servers[l->server]);
		name = host;
	}
	err = tls_connect_new(l->tls, l->fd, name, l->o.now_ms(l->o.arg), &l->conn);
	if (err)
		fail_errno(l, "cannot begin TLS", err);
	else
		l->state = LINE_HANDSHAKE;
}

/* True when the call has to be repeated later. */
static bool wait_for(struct line *l, enum tls_result r)
{
	uint32_t events = r == TLS_WANT_WRITE ? EPOLLIN | EPOLLOUT : EPOLLIN;

	return (r == TLS_WANT_READ || r == TLS_WANT_WRITE) &&
	       loop_watch_change(l->watch, events) == 0;
}

static void fail_tls(struct line *l, enum tls_result r)
{
	fail(l, r == TLS_CLOSED ? "the server closed the connection" : tls_conn_error(l->conn));
}

static void go_on_with_handshake(struct line *l)
{
	enum tls_result r = tls_conn_handshake(l->conn);

	if (wait_for(l, r))
		return;
	if (r != TLS_DONE) {
		fail_tls(l, r);
		return;
	}
	loop_timer_disarm(l->timer);
	l->state = LINE_OPEN;
	if (loop_watch_change(l->watch, EPOLLIN) < 0) {
		fail(l, "cannot watch the connection");
		return;
	}
	l->o.on_open(l->o.arg);
}

/* ---- an open connection ---- */

/* False: the connection is gone. */
static bool take_frames(struct line *l)
{
	struct frame f;
	size_t used, at = 0;
	int err;

	while ((err = frame_parse(l->in.data + at, l->in.len - at, &f, &used)) == 0) {
		const struct tls_conn *conn = l->conn;

		at += used;
		err = l->o.on_frame(l->o.arg, &f);
		if (l->conn != conn || l->state != LINE_OPEN)
			return false; /* the callee ended or restarted it */
		if (err)
			break;
	}
	if (err != -EAGAIN) {
		fail_errno(l, "the server sent what is no message for us", err);
		return false;
	}
	buf_consume(&l->in, at);
	if (l->in.len == 0)
		buf_done(&l->in); /* an idle line holds no memory for it */
	return true;
}

static uint32_t events_of(const struct line *l, bool writes)
{
	return (l->held ? 0 : EPOLLIN) | (writes ? EPOLLOUT : 0);
}

static bool read_all(struct line *l)
{
	enum tls_result r = TLS_WANT_READ;

	while (!l->held) {
		uint8_t *p = buf_reserve(&l->in, READ_CHUNK);
		size_t n = 0;

		if (!p) {
			fail(l, "out of memory");
			return false;
		}
		r = tls_conn_read(l->conn, p, READ_CHUNK, &n);
		if (r != TLS_DONE)
			break;
		l->in.len += n;
		if (!take_frames(l))
			return false;
	}
	if (l->held || r == TLS_WANT_READ || r == TLS_WANT_WRITE)
		return true;
	fail_tls(l, r);
	return false;
}

static bool write_all(struct line *l)
{
	enum tls_result r = TLS_DONE;
	size_t n = 0, before = l->out.len;

	while (l->out.len > 0 && r == TLS_DONE) {
		r = tls_conn_write(l->conn, l->out.data, l->out.len, &n);
		if (r == TLS_DONE)
			buf_consume(&l->out, n);
	}
	if (r == TLS_CLOSED || r == TLS_FAILED) {
		fail_tls(l, r);
		return false;
	}
	if (loop_watch_change(l->watch, events_of(l, l->out.len && r == TLS_WANT_WRITE)) < 0) {
		fail(l, "cannot watch the connection");
		return false;
	}
	if (l->out.len == 0 && before > 0) {
		buf_done(&l->out);
		l->o.on_room(l->o.arg);
	}
	return true;
}

static void on_socket(void *arg, int fd, uint32_t events)
{
	struct line *l = arg;

	(void)fd;
	if (l->state == LINE_CONNECTING)
		finish_connect(l);
	if (l->state == LINE_HANDSHAKE)
		go_on_with_handshake(l);
	else if (l->state == LINE_OPEN && (!(events & EPOLLIN) || read_all(l)))
		write_all(l);
}

void line_hold(struct line *l, bool held)
{
	if (l->state != LINE_OPEN || l->held == held)
		return;
	l->held = held;
	if (loop_watch_change(l->watch, events_of(l, l->out.len > 0)) < 0)
		fail(l, "cannot watch the connection");
	else if (!held && read_all(l)) /* what TLS has read from the socket wakes nobody */
		write_all(l);
}

int line_send(struct line *l, enum frame_type type, const void *message, size_t size)
{
	int err;

	if (l->state != LINE_OPEN)
		return -ENOTCONN;
	err = frame_encode(&l->out, type, message, size);
	if (err)
		return err;
	/* Written by the loop, so that a caller never loses the connection under its feet. */
	return loop_watch_change(l->watch, events_of(l, true));
}

int line_send_raw(struct line *l, const void *frames, size_t len)
{
	if (l->state != LINE_OPEN)
		return -ENOTCONN;
	buf_append(&l->out, frames, len);
	if (l->out.error)
		return l->out.error;
	return loop_watch_change(l->watch, events_of(l, true));
}
