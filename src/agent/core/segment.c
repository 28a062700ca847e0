#define _GNU_SOURCE
#include "agent/core/segment.h"

#include <sys/stat.h>

#include "agent/core/crc32c.h"

static const char magic[8] = "MSQUEUE1";

void segment_encode_header(uint8_t dst[static SEGMENT_HEADER_SIZE], const struct segment_header *h)
{
	memcpy(dst, magic, sizeof(magic));
	memcpy(dst + 8, h->epoch, EPOCH_SIZE);
	set_be64(dst + 24, h->first_seq);
	set_be32(dst + 32, crc32c(dst, 32));
}

int segment_encode_record(struct buf *to, const struct queued_event *e)
{
	size_t kind_len = strnlen(e->kind, EVENT_KIND_SIZE);
	size_t len = RECORD_FIXED + kind_len + e->len;
	uint8_t *p;

	if (kind_len == EVENT_KIND_SIZE || e->len > EVENT_BODY_MAX)
		return -EMSGSIZE;
	p = buf_reserve(to, RECORD_HEADER_SIZE + len);
	if (!p)
		return to->error;
	set_be32(p, (uint32_t)len);
	set_be64(p + 8, e->seq);
	set_be64(p + 16, (uint64_t)e->at_ms);
	p[24] = (uint8_t)kind_len;
	memcpy(p + 25, e->kind, kind_len);
	memcpy(p + 25 + kind_len, e->body, e->len);
	set_be32(p + 4, crc32c(p + RECORD_HEADER_SIZE, len));
	to->len += RECORD_HEADER_SIZE + len;
	return 0;
}

/* As many bytes as there are, up to `len`; -errno. */
static ssize_t read_at(int fd, void *dst, size_t len, uint64_t offset)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, (uint8_t *)dst + got, len - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int segment_read_header(int fd, struct segment_header *ret)
{
	uint8_t raw[SEGMENT_HEADER_SIZE];
	ssize_t n = read_at(fd, raw, sizeof(raw), 0);

	if (n < 0)
		return (int)n;
	if (n < SEGMENT_HEADER_SIZE || memcmp(raw, magic, sizeof(magic)) != 0 ||
	    get_be32(raw + 32) != crc32c(raw, 32))
		return -EBADMSG;
	memcpy(ret->epoch, raw + 8, EPOCH_SIZE);
	ret->first_seq = get_be64(raw + 24);
	return 0;
}

/* A power cut leaves a short tail, or one whose length came to the disk before its bytes. */
static bool is_last(int fd, uint64_t offset, uint32_t len)
{
	struct stat st;
	uint8_t byte;

	if (fstat(fd, &st) < 0)
		return false;
	if (offset + RECORD_HEADER_SIZE + len >= (uint64_t)st.st_size)
		return true;
	for (uint64_t at = offset; at < (uint64_t)st.st_size; at++)
		if (read_at(fd, &byte, 1, at) != 1 || byte)
			return false;
	return true;
}

static int decode_payload(const uint8_t *p, size_t len, struct queued_event *ret)
{
	size_t kind_len = len >= RECORD_FIXED ? p[16] : SIZE_MAX;

	if (kind_len >= EVENT_KIND_SIZE || RECORD_FIXED + kind_len > len ||
	    len - RECORD_FIXED - kind_len > EVENT_BODY_MAX)
		return -EBADMSG;
	ret->seq = get_be64(p);
	ret->at_ms = (int64_t)get_be64(p + 8);
	memcpy(ret->kind, p + RECORD_FIXED, kind_len);
	ret->kind[kind_len] = 0;
	ret->len = len - RECORD_FIXED - kind_len;
	memcpy(ret->body, p + RECORD_FIXED + kind_len, ret->len);
	return 0;
}

int segment_read_record(int fd, uint64_t offset, struct queued_event *ret, size_t *ret_size,
			bool *ret_torn)
{
	uint8_t raw[RECORD_MAX];
	ssize_t n = read_at(fd, raw, sizeof(raw), offset);
	uint32_t len;

	if (n <= 0)
		return n < 0 ? (int)n : -ENODATA;
	len = n >= RECORD_HEADER_SIZE ? get_be32(raw) : 0;
	if (n >= RECORD_HEADER_SIZE && len <= (size_t)n - RECORD_HEADER_SIZE &&
	    get_be32(raw + 4) == crc32c(raw + RECORD_HEADER_SIZE, len) &&
	    decode_payload(raw + RECORD_HEADER_SIZE, len, ret) == 0) {
		*ret_size = RECORD_HEADER_SIZE + len;
		return 0;
	}
	*ret_torn = n < RECORD_HEADER_SIZE || is_last(fd, offset, len);
	return -EBADMSG;
}

int segment_skip_record(int fd, uint64_t offset, size_t *ret_size)
{
	uint8_t raw[4];
	uint32_t len;

	if (read_at(fd, raw, sizeof(raw), offset) != (ssize_t)sizeof(raw))
		return -EBADMSG;
	len = get_be32(raw);
	if (len < RECORD_FIXED || len > RECORD_MAX - RECORD_HEADER_SIZE)
		return -EBADMSG;
	*ret_size = RECORD_HEADER_SIZE + len;
	return 0;
}
