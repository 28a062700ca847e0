#define _GNU_SOURCE
#include "base/inquiry.h"

#include <sys/epoll.h>

#include "base/local.h"

struct client {
	struct inquiry *inquiry;
	struct loop_watch *watch;
	struct loop_timer *limit;
	int fd; /* -1: free */
	uid_t uid;
	struct buf line, answer;
	size_t sent; /* of the answer */
};

struct inquiry {
	struct inquiry_rules rules;
	struct loop *loop;
	struct loop_watch *watch;
	int fd;
	char *path;
	struct client clients[INQUIRY_CLIENTS_MAX];
};

/* ---- the answering side ---- */

static void drop_client(struct client *cl)
{
	loop_watch_remove(cl->watch);
	loop_timer_disarm(cl->limit);
	close_cleanup(&cl->fd);
	buf_done(&cl->line);
	buf_done(&cl->answer);
	cl->fd = -1;
	cl->watch = NULL;
	(void)!loop_watch_change(cl->inquiry->watch, EPOLLIN);
}

static void on_limit(void *arg)
{
	drop_client(arg);
}

/* False: there is no more to do for the client. */
static bool write_answer(struct client *cl)
{
	ssize_t n = send(cl->fd, cl->answer.data + cl->sent, cl->answer.len - cl->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	cl->sent += (size_t)n;
	return cl->sent < cl->answer.len;
}

static bool answer_line(struct client *cl, const char *line)
{
	const struct inquiry_rules *rules = &cl->inquiry->rules;

	rules->answer(rules->arg, line, cl->uid, &cl->answer);
	buf_put_u8(&cl->answer, 0);
	loop_timer_arm(cl->limit, rules->patience_ms);
	return !cl->answer.error && write_answer(cl) && loop_watch_change(cl->watch, EPOLLOUT) == 0;
}

static bool read_line(struct client *cl)
{
	char chunk[1024], *end;
	ssize_t n = recv(cl->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_append(&cl->line, chunk, (size_t)n);
	if (n == 0 || cl->line.error || memchr(chunk, 0, (size_t)n))
		return false;
	end = strchr((char *)cl->line.data, '\n');
	if (!end)
		return cl->line.len <= cl->inquiry->rules.line_max;
	*end = 0;
	return answer_line(cl, (char *)cl->line.data);
}

static void on_client(void *arg, int fd, uint32_t events)
{
	struct client *cl = arg;

	(void)fd, (void)events;
	if (!(cl->answer.len ? write_answer(cl) : read_line(cl)))
		drop_client(cl);
}

static struct client *free_client(struct inquiry *q)
{
	for (size_t i = 0; i < INQUIRY_CLIENTS_MAX; i++)
		if (q->clients[i].fd < 0)
			return &q->clients[i];
	return NULL;
}

static void take_client(struct client *cl, int fd, uid_t uid)
{
	struct inquiry *q = cl->inquiry;

	cl->fd = fd;
	cl->uid = uid;
	cl->sent = 0;
	buf_init(&cl->line, q->rules.line_max + 1);
	buf_init(&cl->answer, q->rules.answer_max + 1);
	loop_timer_arm(cl->limit, q->rules.patience_ms);
	if (loop_watch_fd(q->loop, fd, EPOLLIN, on_client, cl, &cl->watch) ||
	    (!q->rules.line_max && !answer_line(cl, "")))
		drop_client(cl);
}

/* With no place left the next peers wait in the socket's own queue. */
static void on_connect(void *arg, int fd, uint32_t events)
{
	struct inquiry *q = arg;
	struct client *cl = free_client(q);
	uid_t uid;
	int peer = cl ? local_accept(fd, &uid) : -EAGAIN;

	(void)events;
	if (peer >= 0)
		take_client(cl, peer, uid);
	if (!free_client(q))
		(void)!loop_watch_change(q->watch, 0);
}

static int open_places(struct inquiry *q)
{
	int err = 0;

	for (size_t i = 0; i < INQUIRY_CLIENTS_MAX && !err; i++)
		err = loop_timer_new(q->loop, on_limit, &q->clients[i], &q->clients[i].limit);
	if (err)
		return err;
	q->fd = local_listen(q->path, SOCK_STREAM, q->rules.mode);
	return q->fd < 0 ? q->fd : loop_watch_fd(q->loop, q->fd, EPOLLIN, on_connect, q, &q->watch);
}

int inquiry_new(struct loop *loop, const struct inquiry_rules *rules, struct inquiry **ret)
{
	struct inquiry *q = calloc(1, sizeof(*q));
	int err;

	if (!q)
		return -ENOMEM;
	q->rules = *rules;
	q->loop = loop;
	q->fd = -1;
	for (size_t i = 0; i < INQUIRY_CLIENTS_MAX; i++)
		q->clients[i] = (struct client){.inquiry = q, .fd = -1};
	if (!q->rules.patience_ms)
		q->rules.patience_ms = INQUIRY_PATIENCE_MS;
	q->path = strdup(rules->path);
	err = q->path ? open_places(q) : -ENOMEM;
	if (err)
		inquiry_free(q);
	else
		*ret = q;
	return err;
}

void inquiry_free(struct inquiry *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < INQUIRY_CLIENTS_MAX; i++) {
		if (q->clients[i].fd >= 0)
			drop_client(&q->clients[i]);
		loop_timer_free(q->clients[i].limit);
	}
	loop_watch_remove(q->watch);
	if (q->fd >= 0)
		unlink(q->path);
	close_cleanup(&q->fd);
	free(q->path);
	free(q);
}

/* ---- the asking side ---- */

static int send_line(int fd, const char *line)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	ssize_t n;

	buf_printf(&out, "%s\n", line);
	if (out.error)
		return out.error;
	n = send(fd, out.data, out.len, MSG_NOSIGNAL);
	return n < 0 ? -errno : (size_t)n < out.len ? -ETIMEDOUT : 0;
}

/* Up to the NUL that ends an answer. */
static int read_answer(int fd, struct buf *ret)
{
	uint8_t chunk[16384], *end = NULL;

	while (!end && !ret->error) {
		ssize_t n = recv(fd, chunk, sizeof(chunk), 0);

		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return -EBADMSG;
		if (n < 0)
			return -errno;
		end = memchr(chunk, 0, (size_t)n);
		buf_append(ret, chunk, end ? (size_t)(end - chunk) : (size_t)n);
	}
	return ret->error;
}

/* A call on a blocking socket of local.h that waited too long says EAGAIN. */
static int late(int err)
{
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

int inquiry_ask(const char *path, const char *line, struct buf *ret)
{
	CLEANUP_FD int fd = local_connect(path, SOCK_STREAM, 0);
	CLEANUP_BUF struct buf answer;
	int err = MIN(fd, 0);

	buf_init(&answer, ret->limit);
	if (!err && line)
		err = send_line(fd, line);
	if (!err)
		err = read_answer(fd, &answer);
	if (err)
		return late(err);
	buf_done(ret);
	*ret = answer;
	buf_init(&answer, 0);
	return 0;
}
