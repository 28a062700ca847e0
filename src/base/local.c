#define _GNU_SOURCE
#include "base/local.h"

#include <sys/stat.h>
#include <sys/un.h>

#include "base/text.h"

#define BACKLOG 8

static int set_address(struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	return text_copy(a->sun_path, sizeof(a->sun_path), path);
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
	unlink(path);
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
	CLEANUP_FD int fd = -1;
	struct sockaddr_un a;
	int err = set_address(&a, path);

	if (err)
		return err;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | flags, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	return TAKE_FD(fd);
}
