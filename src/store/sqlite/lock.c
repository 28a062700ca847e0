#define _GNU_SOURCE
#include "store/sqlite/lock.h"

#include <fcntl.h>

#include "base/file.h"

#define LOCK_NAME "writer.lock"

static int open_lock(const char *dir, int flags, int *ret)
{
	CLEANUP_FREE char *path = NULL;
	int err = file_path(dir, LOCK_NAME, &path);

	if (err)
		return err;
	*ret = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *ret < 0 ? -errno : 0;
}

/* Of the open file, not of the process: a second store in one process is refused, too. */
int lock_take(const char *dir, int *ret_fd)
{
	CLEANUP_FD int fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int err = open_lock(dir, O_RDWR | O_CREAT, &fd);

	if (err)
		return err;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int lock_is_taken(const char *dir, bool *ret)
{
	CLEANUP_FD int fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int err = open_lock(dir, O_RDONLY, &fd);

	*ret = false;
	if (err)
		return err == -ENOENT ? 0 : err;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	*ret = lock.l_type != F_UNLCK;
	return 0;
}
