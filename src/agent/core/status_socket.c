#define _GNU_SOURCE
#include "agent/core/status_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/log.h"

#define BACKLOG 8
#define PATIENCE_S 3
#define REPORT_MAX (256U << 10)
#define PATH_SIZE 108

struct status_socket {
	char path[PATH_SIZE], file[PATH_SIZE];
	int fd;
	struct loop_watch *watch;
	json_t *(*report)(void *arg);
	void *arg;
};

static int status_address(const char *run_dir, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	return (size_t)snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/status.sock", run_dir) >=
			       sizeof(ret->sun_path)
		       ? -ENAMETOOLONG
		       : 0;
}

static char *make_text(const struct status_socket *s)
{
	json_t *report = s->report(s->arg);
	char *text = report ? json_dumps(report, JSON_COMPACT) : NULL;

	json_decref(report);
	return text;
}

/* The report fits into the socket's buffer, so that a peer who does not read holds up nobody. */
static void on_peer(void *arg, int fd, uint32_t events)
{
	struct status_socket *s = arg;
	CLEANUP_FD int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	CLEANUP_FREE char *text = NULL;

	(void)events;
	if (peer < 0)
		return;
	text = make_text(s);
	if (text && send(peer, text, strlen(text), MSG_NOSIGNAL) < 0)
		log_debug("a status was not taken: %s", strerror(errno));
}

static int listen_at(struct status_socket *s, const struct sockaddr_un *a)
{
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	unlink(a->sun_path);
	if (bind(s->fd, (const struct sockaddr *)a, sizeof(*a)) < 0 ||
	    chmod(a->sun_path, 0666) < 0 || listen(s->fd, BACKLOG) < 0)
		return -errno;
	return 0;
}

int status_socket_new(struct loop *loop, const char *run_dir, json_t *(*report)(void *arg),
		      void *arg, struct status_socket **ret)
{
	struct status_socket *s = calloc(1, sizeof(*s));
	struct sockaddr_un a;
	int err;

	if (!s)
		return -ENOMEM;
	s->fd = -1;
	s->report = report;
	s->arg = arg;
	err = status_address(run_dir, &a);
	if (!err)
		err = listen_at(s, &a);
	if (!err) {
		snprintf(s->path, sizeof(s->path), "%s", a.sun_path);
		snprintf(s->file, sizeof(s->file), "%s/status.json", run_dir);
		err = loop_watch_fd(loop, s->fd, EPOLLIN, on_peer, s, &s->watch);
	}
	if (err)
		status_socket_free(s);
	else
		*ret = s;
	return err;
}

void status_socket_free(struct status_socket *s)
{
	if (!s)
		return;
	loop_watch_remove(s->watch);
	close_cleanup(&s->fd);
	if (s->path[0])
		unlink(s->path);
	free(s);
}

void status_socket_publish(struct status_socket *s)
{
	CLEANUP_FREE char *text = make_text(s);
	char beside[PATH_SIZE + 8];
	CLEANUP_FD int fd = -1;

	snprintf(beside, sizeof(beside), "%s.new", s->file);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (!text || fd < 0 || fchmod(fd, 0644) < 0 || file_write_all(fd, text, strlen(text)) ||
	    rename(beside, s->file) < 0)
		log_warn("%s could not be written", s->file);
}

/* ---- the asking side ---- */

static int read_socket(const char *run_dir, struct buf *ret)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a;
	uint8_t chunk[4096];
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (status_address(run_dir, &a))
		return -ENAMETOOLONG;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && ret->len < REPORT_MAX)
		buf_append(ret, chunk, (size_t)n);
	return n < 0 ? -errno : ret->error;
}

static int parse(const struct buf *text, json_t **ret)
{
	json_t *report = json_loadb(buf_str(text), text->len, 0, NULL);

	if (!json_is_object(report)) {
		json_decref(report);
		return -EBADMSG;
	}
	*ret = report;
	return 0;
}

int status_ask(const char *run_dir, json_t **ret, bool *ret_running)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[PATH_SIZE];
	int err = read_socket(run_dir, &text);

	if (!err)
		err = parse(&text, ret);
	if (!err) {
		*ret_running = true;
		return 0;
	}
	buf_clear(&text);
	if ((size_t)snprintf(path, sizeof(path), "%s/status.json", run_dir) >= sizeof(path))
		return -ENAMETOOLONG;
	err = file_read(path, REPORT_MAX, &text);
	if (!err)
		err = parse(&text, ret);
	if (!err)
		*ret_running = false;
	return err;
}
