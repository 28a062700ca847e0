#define _GNU_SOURCE
#include "port/control.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/text.h"

#define PATIENCE_MS 500 /* for a reader that does not read */

struct control {
	int fd;
	struct loop_watch *watch;
	control_print_fn *print;
	void *arg;
	struct sockaddr_un address;
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

static int open_socket(const char *path, int flags, struct sockaddr_un *ret_address)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int err = text_copy(a.sun_path, sizeof(a.sun_path), path), fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -errno;
	*ret_address = a;
	return fd;
}

int control_new(struct loop *loop, const char *path, control_print_fn *print, void *arg,
		struct control **ret)
{
	struct control *c = calloc(1, sizeof(*c));
	int err = 0;

	if (!c)
		return -ENOMEM;
	c->print = print;
	c->arg = arg;
	c->fd = open_socket(path, SOCK_NONBLOCK, &c->address);
	if (c->fd < 0) {
		err = c->fd;
	} else {
		mode_t before = umask(0177);

		unlink(path);
		if (bind(c->fd, (const struct sockaddr *)&c->address, sizeof(c->address)) < 0 ||
		    listen(c->fd, 4) < 0)
			err = -errno;
		umask(before);
	}
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
	close_cleanup(&c->fd);
	unlink(c->address.sun_path);
	free(c);
}

int control_ask(const char *path, struct buf *ret)
{
	struct sockaddr_un address;
	CLEANUP_FD int fd = open_socket(path, 0, &address);
	uint8_t bytes[4096];
	ssize_t n;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_append(ret, bytes, (size_t)n);
	return n < 0 ? -errno : ret->error;
}
