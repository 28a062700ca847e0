#define _GNU_SOURCE
#include "agent/core/queue_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/core/segment.h"
#include "base/file.h"

#define NAME_DIGITS 16
#define SUFFIX ".events"

void queue_segment_path(const char *dir, uint64_t first_seq, char dst[static QUEUE_PATH_SIZE])
{
	snprintf(dst, QUEUE_PATH_SIZE, "%s/%016llx%s", dir, (unsigned long long)first_seq, SUFFIX);
}

static bool parse_name(const char *name, uint64_t *ret)
{
	char *end;

	if (strlen(name) != NAME_DIGITS + strlen(SUFFIX) ||
	    strspn(name, "0123456789abcdef") != NAME_DIGITS ||
	    strcmp(name + NAME_DIGITS, SUFFIX) != 0)
		return false;
	*ret = strtoull(name, &end, 16);
	return true;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int queue_list_segments(const char *dir, uint64_t **ret_firsts, size_t *ret_count)
{
	CLEANUP_DIR DIR *d = opendir(dir);
	CLEANUP_FREE uint64_t *firsts = NULL;
	struct dirent *entry;
	size_t count = 0;
	uint64_t first;

	if (!d)
		return -errno;
	while ((errno = 0, entry = readdir(d))) {
		uint64_t *more;

		if (!parse_name(entry->d_name, &first))
			continue;
		more = reallocarray(firsts, count + 1, sizeof(*firsts));
		if (!more)
			return -ENOMEM;
		firsts = more;
		firsts[count++] = first;
	}
	if (errno)
		return -errno;
	if (count)
		qsort(firsts, count, sizeof(*firsts), ascending);
	*ret_firsts = TAKE_PTR(firsts);
	*ret_count = count;
	return 0;
}

bool queue_header_is_torn(int fd)
{
	uint8_t raw[SEGMENT_HEADER_SIZE];
	ssize_t n = pread(fd, raw, sizeof(raw), 0);

	for (ssize_t i = 0; n == SEGMENT_HEADER_SIZE && i < n; i++)
		if (raw[i])
			return false;
	return n >= 0;
}

int queue_remove_dir(const char *dir)
{
	CLEANUP_DIR DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.' && unlinkat(dirfd(d), entry->d_name, 0) < 0)
			return -errno;
	return rmdir(dir) < 0 ? -errno : 0;
}

static int sync_parent(const char *dir)
{
	char parent[QUEUE_PATH_SIZE];
	char *slash;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (!slash)
		return file_sync_dir(".");
	slash[slash == parent] = 0;
	return file_sync_dir(parent);
}

int queue_swap_dirs(const char *dir, const char *keep_suffix)
{
	char fresh[QUEUE_PATH_SIZE], kept[QUEUE_PATH_SIZE];
	int err;

	snprintf(fresh, sizeof(fresh), "%s.new", dir);
	snprintf(kept, sizeof(kept), "%s%s", dir, keep_suffix);
	err = queue_remove_dir(kept);
	if (err)
		return err;
	if (rename(dir, kept) < 0 || rename(fresh, dir) < 0)
		return -errno;
	err = sync_parent(dir);
	return err || strcmp(keep_suffix, ".old") != 0 ? err : queue_remove_dir(kept);
}

int queue_finish_swap(const char *dir)
{
	char fresh[QUEUE_PATH_SIZE], old[QUEUE_PATH_SIZE];
	int err;

	snprintf(fresh, sizeof(fresh), "%s.new", dir);
	snprintf(old, sizeof(old), "%s.old", dir);
	/* The old one is only moved away once the new one is complete. */
	if (access(dir, F_OK) < 0 && access(fresh, F_OK) == 0) {
		if (rename(fresh, dir) < 0)
			return -errno;
		err = sync_parent(dir);
		if (err)
			return err;
	}
	err = queue_remove_dir(fresh);
	return err ? err : queue_remove_dir(old);
}
