#define _GNU_SOURCE
#include "gate/tend/scrape.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/exposition.h"
#include "base/text.h"
#include "gate/tend/metrics.h"

#define PORT 9812
#define VISITORS 8
#define LIFE_MS 5000
#define TICK_MS 1000
#define BODY_MAX (256U << 10)

struct visitor {
	struct scrape *scrape;
	int fd; /* -1: free */
	struct loop_watch *watch;
	int64_t since_ms;
	size_t in_len;
	struct buf out; /* empty until the head is whole */
	uint8_t in[SCRAPE_HEAD_MAX];
};

struct scrape {
	struct gate *gate;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *tick;
	struct visitor visitors[VISITORS];
};

/* ---- the head ---- */

static bool begins_with(const uint8_t *data, size_t len, const char *text)
{
	return len >= strlen(text) && memcmp(data, text, strlen(text)) == 0;
}

static int judge_line(const uint8_t *line, size_t len)
{
	const uint8_t *target = memchr(line, ' ', len), *version;

	if (!target || target == line)
		return 400;
	target++;
	version = memchr(target, ' ', len - (size_t)(target - line));
	if (!version || version == target ||
	    !begins_with(version, len - (size_t)(version - line), " HTTP/1."))
		return 400;
	if (!begins_with(line, len, "GET "))
		return 405;
	return (size_t)(version - target) == strlen("/metrics") &&
			       memcmp(target, "/metrics", strlen("/metrics")) == 0
		       ? 200
		       : 404;
}

int scrape_judge(const uint8_t *head, size_t len)
{
	const uint8_t *end = head && len ? memmem(head, len, "\r\n\r\n", 4) : NULL;

	if (!end)
		return len < SCRAPE_HEAD_MAX ? 0 : 431;
	end = memmem(head, len, "\r\n", 2);
	return judge_line(head, (size_t)(end - head));
}

/* ---- a visitor ---- */

static void leave(struct visitor *v)
{
	loop_watch_remove(v->watch);
	close_cleanup(&v->fd);
	buf_done(&v->out);
	v->fd = -1;
	v->watch = NULL;
}

static const char *name_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Bad Request";
	}
}

static void compose(struct visitor *v, int status)
{
	CLEANUP_BUF struct buf body = BUF_INIT;

	buf_init(&body, BODY_MAX);
	if (status == 200)
		metrics_write(v->scrape->gate, &body);
	else
		buf_printf(&body, "%s\n", name_of(status));
	buf_printf(&v->out,
		   "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		   "Cache-Control: no-store\r\n%sConnection: close\r\n\r\n",
		   status, name_of(status), status == 200 ? EXPOSITION_TYPE : "text/plain",
		   body.len, status == 405 ? "Allow: GET\r\n" : "");
	buf_append(&v->out, body.data, body.len);
	if (body.error)
		v->out.error = body.error;
}

static void answer(struct visitor *v)
{
	ssize_t n = send(v->fd, v->out.data, v->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		buf_consume(&v->out, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		v->out.error = -errno;
	if (v->out.error || v->out.len == 0) {
		shutdown(v->fd, SHUT_WR);
		leave(v);
	}
}

static void on_visitor(void *arg, int fd, uint32_t events)
{
	struct visitor *v = arg;
	ssize_t n;
	int status;

	(void)events;
	if (v->out.len > 0) {
		answer(v);
		return;
	}
	n = recv(fd, v->in + v->in_len, sizeof(v->in) - v->in_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		leave(v);
		return;
	}
	v->in_len += (size_t)n;
	status = scrape_judge(v->in, v->in_len);
	if (!status)
		return;
	compose(v, status);
	if (loop_watch_change(v->watch, EPOLLOUT))
		leave(v);
	else
		answer(v);
}

/* ---- the listener ---- */

static void welcome(struct scrape *s, int fd)
{
	for (size_t i = 0; i < VISITORS; i++) {
		struct visitor *v = &s->visitors[i];

		if (v->fd >= 0)
			continue;
		*v = (struct visitor){.scrape = s, .fd = fd, .since_ms = clock_mono_ms()};
		buf_init(&v->out, BODY_MAX + SCRAPE_HEAD_MAX);
		if (loop_watch_fd(s->gate->loop, fd, EPOLLIN, on_visitor, v, &v->watch))
			leave(v);
		return;
	}
	close(fd);
}

static void on_listener(void *arg, int fd, uint32_t events)
{
	int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (peer >= 0)
		welcome(arg, peer);
}

static void on_tick(void *arg)
{
	struct scrape *s = arg;

	for (size_t i = 0; i < VISITORS; i++)
		if (s->visitors[i].fd >= 0 && clock_mono_ms() - s->visitors[i].since_ms > LIFE_MS)
			leave(&s->visitors[i]);
	loop_timer_arm(s->tick, TICK_MS);
}

static int listen_at(struct scrape *s)
{
	s->fd = gate_listen(s->gate->settings.metrics, PORT, VISITORS);
	return s->fd < 0 ? s->fd
			 : loop_watch_fd(s->gate->loop, s->fd, EPOLLIN, on_listener, s, &s->watch);
}

int scrape_new(struct gate *g, struct scrape **ret)
{
	struct scrape *s;
	int err;

	if (text_equal(g->settings.metrics, "none"))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->gate = g;
	s->fd = -1;
	for (size_t i = 0; i < VISITORS; i++)
		s->visitors[i].fd = -1;
	err = listen_at(s);
	if (!err)
		err = loop_timer_new(g->loop, on_tick, s, &s->tick);
	if (err) {
		scrape_free(s);
		return err;
	}
	loop_timer_arm(s->tick, TICK_MS);
	*ret = s;
	return 0;
}

void scrape_free(struct scrape *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < VISITORS; i++)
		if (s->visitors[i].fd >= 0)
			leave(&s->visitors[i]);
	loop_watch_remove(s->watch);
	loop_timer_free(s->tick);
	close_cleanup(&s->fd);
	free(s);
}
