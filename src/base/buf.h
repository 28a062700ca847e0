/*
 * A growable run of bytes with an upper bound, and a reader that never runs past its input.
 *
 * Errors stick: once an append failed, `buf->error` holds the negative errno, later appends do
 * nothing and the caller checks once at the end. The bytes are always followed by a NUL that does
 * not count, so text in a buf is also a C string.
 */
#pragma once

#include <stdarg.h>
#include <string.h>

#include "base/util.h"

#define BUF_LIMIT_DEFAULT (16U << 20)

struct buf {
	uint8_t *data; /* owned; NULL until the first append */
	size_t len;
	size_t size;
	size_t limit; /* bytes; an append beyond it fails with -EMSGSIZE */
	int error;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		.limit = BUF_LIMIT_DEFAULT                                                         \
	}
#define CLEANUP_BUF CLEANUP(buf_done)

void buf_init(struct buf *b, size_t limit);
void buf_done(struct buf *b);
void buf_clear(struct buf *b);
/* Makes room for `extra` bytes and returns where they go, or NULL with b->error set. */
uint8_t *buf_reserve(struct buf *b, size_t extra);
void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_be16(struct buf *b, uint16_t v);
void buf_put_be32(struct buf *b, uint32_t v);
void buf_put_be64(struct buf *b, uint64_t v);
/* Drops the first `count` bytes (at most all). */
void buf_consume(struct buf *b, size_t count);
/* The text so far; "" when empty. */
const char *buf_str(const struct buf *b);

/* A cursor over bytes that somebody else owns. A read past the end fails with -EBADMSG. */
struct reader {
	const uint8_t *p;
	size_t left;
};

int reader_u8(struct reader *r, uint8_t *ret) MUST_CHECK;
int reader_be16(struct reader *r, uint16_t *ret) MUST_CHECK;
int reader_be32(struct reader *r, uint32_t *ret) MUST_CHECK;
int reader_be64(struct reader *r, uint64_t *ret) MUST_CHECK;
int reader_bytes(struct reader *r, size_t len, const uint8_t **ret) MUST_CHECK;

static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)((p[0] << 8) | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

static inline uint64_t get_be64(const uint8_t *p)
{
	return ((uint64_t)get_be32(p) << 32) | get_be32(p + 4);
}

static inline void set_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void set_be32(uint8_t *p, uint32_t v)
{
	set_be16(p, (uint16_t)(v >> 16));
	set_be16(p + 2, (uint16_t)v);
}

static inline void set_be64(uint8_t *p, uint64_t v)
{
	set_be32(p, (uint32_t)(v >> 32));
	set_be32(p + 4, (uint32_t)v);
}
