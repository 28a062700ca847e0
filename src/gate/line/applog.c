#define _GNU_SOURCE
#include "gate/line/applog.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

#define HEADER 8
#define FILE_MAX ((size_t)1 << 30)

/* Finds torn and rotten bytes; nobody is kept out by it. */
static uint32_t checksum(const uint8_t *p, size_t len)
{
	uint64_t h = UINT64_C(0x6d656e7368656e21) ^ len, word;

	while (len > 0) {
		size_t n = MIN(len, sizeof(word));
		unsigned __int128 product;

		word = 0;
		memcpy(&word, p, n);
		product = (unsigned __int128)(h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h = (uint64_t)product ^ (uint64_t)(product >> 64) ^ UINT64_C(0xd6e8feb86659fd93);
		p += n;
		len -= n;
	}
	return (uint32_t)(h ^ (h >> 32));
}

size_t applog_walk(const uint8_t *data, size_t len, applog_entry_fn *fn, void *arg, int *ret_error)
{
	size_t at = 0;
	int err = 0;

	while (!err && len - at >= HEADER) {
		size_t size = get_be32(data + at);

		if (size > APPLOG_ENTRY_MAX || size > len - at - HEADER ||
		    checksum(data + at + HEADER, size) != get_be32(data + at + 4))
			break;
		err = fn(arg, data + at + HEADER, size);
		if (!err)
			at += HEADER + size;
	}
	*ret_error = err;
	return at;
}

int applog_open(const char *path, applog_entry_fn *fn, void *arg, struct applog *ret,
		uint64_t *ret_cut)
{
	CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	CLEANUP_BUF struct buf bytes = {.limit = FILE_MAX};
	size_t whole;
	int err;

	if (fd < 0)
		return -errno;
	err = file_read(path, FILE_MAX, &bytes);
	if (err)
		return err;
	whole = applog_walk(bytes.data, bytes.len, fn, arg, &err);
	if (err)
		return err;
	if (whole < bytes.len && ftruncate(fd, (off_t)whole) < 0)
		return -errno;
	*ret = (struct applog){.size = whole};
	buf_init(&ret->pending, APPLOG_PENDING_MAX);
	ret->fd = TAKE_FD(fd);
	*ret_cut = bytes.len - whole;
	return 0;
}

void applog_close(struct applog *log)
{
	close_cleanup(&log->fd);
	log->fd = -1;
	buf_done(&log->pending);
}

int applog_append(struct applog *log, const void *entry, size_t len)
{
	uint8_t *to = buf_reserve(&log->pending, HEADER + len);

	if (!to || len > APPLOG_ENTRY_MAX) {
		log->pending.error = 0; /* what was gathered before is still good */
		return -EMSGSIZE;
	}
	set_be32(to, (uint32_t)len);
	set_be32(to + 4, checksum(entry, len));
	memcpy(to + HEADER, entry, len);
	log->pending.len += HEADER + len;
	return 0;
}

int applog_write(struct applog *log)
{
	int err;

	if (log->pending.len == 0)
		return 0;
	err = file_write_all(log->fd, log->pending.data, log->pending.len);
	if (err) {
		(void)!ftruncate(log->fd, (off_t)log->size);
		return err;
	}
	log->size += log->pending.len;
	buf_clear(&log->pending);
	return 0;
}
