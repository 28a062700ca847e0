#define _GNU_SOURCE
#include "store/sqlite/lock.h"

#include <fcntl.h>

#include "base/file.h"

#define LOCK_NAME "writer.lock"

int lock_take(const char *dir, int *ret_fd)
{
	return file_lock(dir, LOCK_NAME, ret_fd);
}

int lock_is_taken(const char *dir, bool *ret)
{
	CLEANUP_FREE char *path = NULL;
	CLEANUP_FD int fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int err = file_path(dir, LOCK_NAME, &path);

	*ret = false;
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	*ret = lock.l_type != F_UNLCK;
	return 0;
}
