#include "listener/control.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/file.h"
#include "base/local.h"
#include "base/text.h"

#define CLIENTS_MAX 4
#define WORD_SIZE 32
#define ANSWER_MAX (64U << 20)

struct client {
	struct control *control;
	struct loop_watch *watch;
	int fd; /* -1: free */
	char word[WORD_SIZE];
	size_t word_len;
	struct buf out; /* an answer being written */
};

struct control {
	struct listener *listener;
	int fd;
	struct loop_watch *watch;
	char path[PATH_SIZE + 16];
	struct client clients[CLIENTS_MAX];
};

/* ---- verbs ---- */

static void put_line(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text) {
		buf_puts(out, text);
		buf_puts(out, "\n");
	}
	free(text);
}

static void put_status(const struct listener *l, struct buf *out)
{
	put_line(out, show_status(l));
}

static void put_devices(const struct listener *l, struct buf *out)
{
	for (const struct device *d = table_newest(l->table); d; d = d->older)
		put_line(out, show_device(l, d));
}

static void put_findings(const struct listener *l, struct buf *out)
{
	for (const struct report *r = reports_newest(l->reports); r; r = r->older)
		put_line(out, show_report(l, r));
}

static const struct {
	const char *word;
	void (*put)(const struct listener *l, struct buf *out);
} verbs[] = {
	{"status", put_status},
	{"devices", put_devices},
	{"findings", put_findings},
};

/* ---- the listener's side ---- */

static void drop_client(struct client *cl)
{
	loop_watch_remove(cl->watch);
	close_cleanup(&cl->fd);
	buf_done(&cl->out);
	cl->fd = -1;
	cl->watch = NULL;
}

static bool read_word(struct client *cl)
{
	ssize_t n = read(cl->fd, cl->word + cl->word_len, WORD_SIZE - 1 - cl->word_len);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	cl->word_len += (size_t)n;
	cl->word[cl->word_len] = 0;
	end = strchr(cl->word, '\n');
	if (!end)
		return cl->word_len < WORD_SIZE - 1;
	*end = 0;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (text_equal(verbs[i].word, cl->word))
			verbs[i].put(cl->control->listener, &cl->out);
	return cl->out.len && !cl->out.error && loop_watch_change(cl->watch, EPOLLOUT) == 0;
}

static bool write_answer(struct client *cl)
{
	ssize_t n = send(cl->fd, cl->out.data, cl->out.len, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_consume(&cl->out, (size_t)n);
	return cl->out.len > 0;
}

static void on_client(void *arg, int fd, uint32_t events)
{
	struct client *cl = arg;

	(void)fd;
	if (!((events & EPOLLOUT) ? write_answer(cl) : read_word(cl)))
		drop_client(cl);
}

static void on_connect(void *arg, int fd, uint32_t events)
{
	struct control *c = arg;
	uid_t uid;
	CLEANUP_FD int peer = local_accept(fd, &uid);

	(void)events;
	for (size_t i = 0; peer >= 0 && i < CLIENTS_MAX; i++) {
		struct client *cl = &c->clients[i];

		if (cl->fd >= 0)
			continue;
		*cl = (struct client){.control = c, .fd = peer};
		buf_init(&cl->out, ANSWER_MAX);
		if (loop_watch_fd(c->listener->loop, peer, EPOLLIN, on_client, cl, &cl->watch))
			cl->fd = -1;
		else
			(void)TAKE_FD(peer);
		return;
	}
}

static void socket_path(char dst[static PATH_SIZE + 16], const struct settings *s)
{
	snprintf(dst, PATH_SIZE + 16, "%s/control.sock", s->run_dir);
}

int control_new(struct listener *l, struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->listener = l;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	socket_path(c->path, &l->settings);
	c->fd = local_listen(c->path, SOCK_STREAM, 0600);
	err = MIN(c->fd, 0);
	if (!err)
		err = loop_watch_fd(l->loop, c->fd, EPOLLIN, on_connect, c, &c->watch);
	if (err) {
		control_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			drop_client(&c->clients[i]);
	loop_watch_remove(c->watch);
	if (c->fd >= 0) {
		unlink(c->path);
		close(c->fd);
	}
	free(c);
}

/* ---- the client's side ---- */

int control_client(const struct settings *s, const char *verb)
{
	CLEANUP_FD int fd = -1;
	char path[PATH_SIZE + 16], chunk[65536];
	ssize_t n = 0;
	size_t i = 0;

	while (i < ARRAY_SIZE(verbs) && !text_equal(verbs[i].word, verb))
		i++;
	if (i == ARRAY_SIZE(verbs))
		return 2;
	socket_path(path, s);
	fd = local_connect(path, SOCK_STREAM, 0);
	if (fd < 0 || file_write_all(fd, verb, strlen(verb)) || file_write_all(fd, "\n", 1)) {
		fprintf(stderr, "menshen-listener: it is not running under %s\n", s->run_dir);
		return 1;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		if (fwrite(chunk, 1, (size_t)n, stdout) != (size_t)n)
			return 1;
	return n < 0 || fflush(stdout) ? 1 : 0;
}
