#define _GNU_SOURCE
#include "gate/tend/control.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/tend/verbs.h"

#define LINE_MAX_BYTES 4096
#define CLIENTS_MAX 8

struct client {
	struct control *control;
	struct loop_watch *watch;
	int fd; /* -1: free */
	unsigned uid;
	struct buf in;
};

struct control {
	struct gate *gate;
	int fd;
	struct loop_watch *watch;
	struct client clients[CLIENTS_MAX];
};

/* ---- the server's side ---- */

static void drop_client(struct client *cl)
{
	loop_watch_remove(cl->watch);
	close(cl->fd);
	buf_done(&cl->in);
	cl->fd = -1;
	cl->watch = NULL;
}

static json_t *run_line(struct client *cl, const char *line, size_t len)
{
	json_t *args = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const struct call c = {cl->control->gate, args, cl->uid};
	json_t *answer = verbs_run(&c);

	json_decref(args);
	return answer ? answer : verb_failure("no such verb");
}

static void answer_client(struct client *cl, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);

	json_decref(answer);
	if (text) {
		int flags = fcntl(cl->fd, F_GETFL);
		struct timeval limit = {.tv_sec = 1};

		/* A person's tool reads at once; one that does not is cut after a second. */
		setsockopt(cl->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		fcntl(cl->fd, F_SETFL, flags & ~O_NONBLOCK);
		(void)!file_write_all(cl->fd, text, strlen(text));
		(void)!file_write_all(cl->fd, "\n", 1);
	}
	free(text);
}

static void on_client(void *arg, int fd, uint32_t events)
{
	struct client *cl = arg;
	uint8_t chunk[1024];
	ssize_t n = read(fd, chunk, sizeof(chunk));
	uint8_t *end;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		buf_append(&cl->in, chunk, (size_t)n);
	end = cl->in.len ? memchr(cl->in.data, '\n', cl->in.len) : NULL;
	if (end)
		answer_client(cl, run_line(cl, (char *)cl->in.data, (size_t)(end - cl->in.data)));
	if (n <= 0 || end || cl->in.error)
		drop_client(cl);
}

static void on_connect(void *arg, int fd, uint32_t events)
{
	struct control *c = arg;
	CLEANUP_FD int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred who;
	socklen_t len = sizeof(who);

	(void)events;
	if (peer < 0 || getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *cl = &c->clients[i];

		if (cl->fd >= 0)
			continue;
		*cl = (struct client){.control = c, .fd = peer, .uid = who.uid};
		buf_init(&cl->in, LINE_MAX_BYTES);
		if (loop_watch_fd(c->gate->loop, peer, EPOLLIN, on_client, cl, &cl->watch))
			cl->fd = -1;
		else
			(void)TAKE_FD(peer);
		return;
	}
}

static int socket_address(const struct settings *s, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	return (size_t)snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/control.sock",
				s->run_dir) < sizeof(ret->sun_path)
		       ? 0
		       : -ENAMETOOLONG;
}

int control_new(struct gate *g, struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	struct sockaddr_un at;
	mode_t mask;
	int err;

	if (!c)
		return -ENOMEM;
	c->gate = g;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = c->fd < 0 ? -errno : socket_address(&g->settings, &at);
	if (!err) {
		unlink(at.sun_path);
		mask = umask(0177);
		if (bind(c->fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(c->fd, 8) < 0)
			err = -errno;
		umask(mask);
	}
	if (!err)
		err = loop_watch_fd(g->loop, c->fd, EPOLLIN, on_connect, c, &c->watch);
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
	close_cleanup(&c->fd);
	free(c);
}

/* ---- the client's side ---- */

static int usage(void)
{
	fprintf(stderr, "usage: menshen-gate [-c FILE] [run]\n");
	verbs_print_usage(stderr);
	return 2;
}

static int ask(const struct settings *s, const char *line, struct buf *ret)
{
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at;
	uint8_t chunk[4096];
	ssize_t n;
	int err = fd < 0 ? -errno : socket_address(s, &at);

	if (!err && connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		err = -errno;
	if (!err)
		err = file_write_all(fd, line, strlen(line));
	if (!err)
		err = file_write_all(fd, "\n", 1);
	while (!err && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_append(ret, chunk, (size_t)n);
	return err ? err : ret->error;
}

int control_client(const struct settings *s, int argc, char **argv)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	json_t *args = verbs_parse(argc, argv), *root;
	char *line = args ? json_dumps(args, JSON_COMPACT) : NULL;
	const char *error, *text;
	int err, status = 1;

	json_decref(args);
	if (!line)
		return usage();
	err = ask(s, line, &answer);
	free(line);
	if (err) {
		fprintf(stderr, "menshen-gate: the gate is not running under %s: %s\n", s->run_dir,
			strerror(-err));
		return 1;
	}
	root = json_loadb(buf_str(&answer), answer.len, 0, NULL);
	error = json_string_value(json_object_get(root, "error"));
	text = json_string_value(json_object_get(root, "text"));
	if (error)
		fprintf(stderr, "menshen-gate: %s\n", error);
	else if (text)
		status = fputs(text, stdout) < 0 ? 1 : 0;
	else if (root)
		status = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER) ? 1 : 0;
	if (!status && !text)
		putchar('\n');
	if (error && text_equal(error, "no such verb"))
		status = usage();
	json_decref(root);
	return status;
}
