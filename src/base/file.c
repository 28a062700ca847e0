#define _GNU_SOURCE
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

static int read_all(int fd, size_t max, struct buf *ret)
{
	uint8_t chunk[16384];
	size_t total = 0;
	ssize_t n;

	while (!ret->error) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > max)
			return -EFBIG;
		buf_append(ret, chunk, (size_t)n);
	}
	return ret->error;
}

int file_read(const char *path, size_t max, struct buf *ret)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t before = ret->len;
	int err;

	if (fd < 0)
		return -errno;
	err = read_all(fd, max, ret);
	if (err && ret->data) { /* nothing half-read stays */
		ret->len = before;
		ret->data[before] = 0;
	}
	return err;
}

int file_write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_sync_dir(const char *dir)
{
	CLEANUP_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int sync_parent(const char *path)
{
	CLEANUP_FREE char *dir = strdup(path);
	char *slash;

	if (!dir)
		return -ENOMEM;
	slash = strrchr(dir, '/');
	if (!slash)
		return file_sync_dir(".");
	slash[slash == dir] = 0;
	return file_sync_dir(dir);
}

static int write_synced(const char *path, const void *data, size_t len, unsigned mode)
{
	/* O_EXCL: what a crash left, or a link that somebody put there, is never written into. */
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, err;
	CLEANUP_FD int fd = open(path, flags, mode);

	if (fd < 0)
		return -errno;
	if (fchmod(fd, mode) < 0)
		return -errno;
	err = file_write_all(fd, data, len);
	if (err)
		return err;
	return fsync(fd) < 0 ? -errno : 0;
}

int file_replace(const char *path, const void *data, size_t len, unsigned mode)
{
	CLEANUP_FREE char *beside = NULL;
	int err;

	if (asprintf(&beside, "%s.new", path) < 0) {
		beside = NULL;
		return -ENOMEM;
	}
	if (unlink(beside) < 0 && errno != ENOENT)
		return -errno;
	err = write_synced(beside, data, len, mode);
	if (!err && rename(beside, path) < 0)
		err = -errno;
	if (err) {
		unlink(beside);
		return err;
	}
	return sync_parent(path);
}

int file_path(const char *dir, const char *name, char **ret)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	*ret = path;
	return 0;
}

int file_lock(const char *dir, const char *name, int *ret_fd)
{
	CLEANUP_FREE char *path = NULL;
	CLEANUP_FD int fd = -1;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int err = file_path(dir, name, &path);

	if (err)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int file_make_dirs(const char *path, unsigned mode)
{
	CLEANUP_FREE char *copy = strdup(path);
	struct stat st;

	if (!copy)
		return -ENOMEM;
	if (!*copy)
		return -ENOENT;
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return -errno;
	if (stat(copy, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

void random_bytes(void *dst, size_t len)
{
	uint8_t *p = dst;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno != EINTR)
			abort(); /* no entropy call at all: nothing secure can go on */
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}
