#define _GNU_SOURCE
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

int file_read(const char *path, size_t max, struct buf *ret)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t chunk[16384];
	size_t total = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return ret->error;
		total += (size_t)n;
		if (total > max)
			return -EFBIG;
		buf_append(ret, chunk, (size_t)n);
	}
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
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int err;

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
	err = write_synced(beside, data, len, mode);
	if (!err && rename(beside, path) < 0)
		err = -errno;
	if (err) {
		unlink(beside);
		return err;
	}
	return sync_parent(path);
}

int file_make_dirs(const char *path, unsigned mode)
{
	CLEANUP_FREE char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
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
