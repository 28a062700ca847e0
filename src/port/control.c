#define _GNU_SOURCE
#include "port/control.h"

#include <sys/epoll.h>
#include <sys/time.h>

#include "base/local.h"

#define PATIENCE_MS 500 /* for a reader that does not read */

struct control {
	int fd;
	struct loop_watch *watch;
	control_print_fn *print;
	void *arg;
	char *path;
};

/* The table is small enough for the socket's buffer; a stuck reader costs half a second at most. */
static void on_connection(void *arg, int fd, uint32_t events)
{
	const struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};
	struct control *c = arg;
	CLEANUP_BUF struct buf out = BUF_INIT;
	CLEANUP_FD int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (peer < 0)
		return;
	c->print(c->arg, &out);
	if (setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0)
		send(peer, out.data, out.len, MSG_NOSIGNAL);
}

int control_new(struct loop *loop, const char *path, control_print_fn *print, void *arg,
		struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->print = print;
	c->arg = arg;
	c->path = strdup(path);
	c->fd = c->path ? local_listen(path, SOCK_STREAM, 0600) : -ENOMEM;
	err = MIN(c->fd, 0);
	if (!err)
		err = loop_watch_fd(loop, c->fd, EPOLLIN, on_connection, c, &c->watch);
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
	loop_watch_remove(c->watch);
	if (c->fd >= 0)
		unlink(c->path);
	close_cleanup(&c->fd);
	free(c->path);
	free(c);
}

int control_ask(const char *path, struct buf *ret)
{
	CLEANUP_FD int fd = local_connect(path, SOCK_STREAM, 0);
	uint8_t bytes[4096];
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_append(ret, bytes, (size_t)n);
	return n < 0 ? -errno : ret->error;
}
