#define _GNU_SOURCE
#include "base/local.h"

#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/text.h"

#define BACKLOG 8

static int set_address(struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	return text_copy(a->sun_path, sizeof(a->sun_path), path);
}

/* 0 when nobody is there; whatever else stands at the path stays. */
static int clear_path(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	fd = local_connect(path, SOCK_STREAM, SOCK_NONBLOCK);
	close_cleanup(&fd);
	if (fd >= 0 || fd == -EAGAIN || fd == -EPROTOTYPE)
		return -EADDRINUSE;
	if (fd != -ECONNREFUSED)
		return fd;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int local_listen(const char *path, int type, mode_t mode)
{
	CLEANUP_FD int fd = -1;
	struct sockaddr_un a;
	mode_t before;
	int err = set_address(&a, path), failed;

	if (err)
		return err;
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = clear_path(path);
	if (err)
		return err;
	before = umask(0777 & ~mode);
	failed = bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, BACKLOG) < 0;
	err = failed ? -errno : 0;
	umask(before);
	return err ? err : TAKE_FD(fd);
}

int local_accept(int fd, uid_t *ret_uid)
{
	CLEANUP_FD int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred who;
	socklen_t len = sizeof(who);

	if (peer < 0 || getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return -errno;
	*ret_uid = who.uid;
	return TAKE_FD(peer);
}

int local_connect(const char *path, int type, int flags)
{
	const struct timeval patience = {.tv_sec = LOCAL_PATIENCE_S};
	CLEANUP_FD int fd = -1;
	struct sockaddr_un a;
	int err = set_address(&a, path);

	if (err)
		return err;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | flags, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	return TAKE_FD(fd);
}
