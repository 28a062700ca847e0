#include "base/buf.h"

#include <stdio.h>

void buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){.limit = limit};
}

void buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){.limit = b->limit};
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->data)
		b->data[0] = 0;
}

static int grow(struct buf *b, size_t need)
{
	size_t size = b->size ? b->size : 64;
	uint8_t *data;

	while (size < need)
		size *= 2;
	data = realloc(b->data, size);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->size = size;
	return 0;
}

uint8_t *buf_reserve(struct buf *b, size_t extra)
{
	if (!b->error && (extra > b->limit || b->len > b->limit - extra))
		b->error = -EMSGSIZE;
	if (!b->error && b->len + extra + 1 > b->size)
		b->error = grow(b, b->len + extra + 1);
	return b->error ? NULL : b->data + b->len;
}

void buf_append(struct buf *b, const void *data, size_t len)
{
	uint8_t *to = buf_reserve(b, len);

	if (!to)
		return;
	if (len)
		memcpy(to, data, len);
	b->len += len;
	b->data[b->len] = 0;
}

void buf_puts(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) {
		b->error = -EINVAL;
	} else if (buf_reserve(b, (size_t)n)) {
		vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_put_u8(struct buf *b, uint8_t v)
{
	buf_append(b, &v, 1);
}

void buf_put_be16(struct buf *b, uint16_t v)
{
	uint8_t bytes[2];

	set_be16(bytes, v);
	buf_append(b, bytes, sizeof(bytes));
}

void buf_put_be32(struct buf *b, uint32_t v)
{
	uint8_t bytes[4];

	set_be32(bytes, v);
	buf_append(b, bytes, sizeof(bytes));
}

void buf_put_be64(struct buf *b, uint64_t v)
{
	uint8_t bytes[8];

	set_be64(bytes, v);
	buf_append(b, bytes, sizeof(bytes));
}

void buf_consume(struct buf *b, size_t count)
{
	count = MIN(count, b->len);
	if (count == 0)
		return;
	memmove(b->data, b->data + count, b->len - count);
	b->len -= count;
	b->data[b->len] = 0;
}

const char *buf_str(const struct buf *b)
{
	return b->data ? (const char *)b->data : "";
}

int reader_bytes(struct reader *r, size_t len, const uint8_t **ret)
{
	if (len > r->left)
		return -EBADMSG;
	*ret = r->p;
	r->p += len;
	r->left -= len;
	return 0;
}

int reader_u8(struct reader *r, uint8_t *ret)
{
	const uint8_t *p;
	int err = reader_bytes(r, 1, &p);

	if (!err)
		*ret = p[0];
	return err;
}

int reader_be16(struct reader *r, uint16_t *ret)
{
	const uint8_t *p;
	int err = reader_bytes(r, 2, &p);

	if (!err)
		*ret = get_be16(p);
	return err;
}

int reader_be32(struct reader *r, uint32_t *ret)
{
	const uint8_t *p;
	int err = reader_bytes(r, 4, &p);

	if (!err)
		*ret = get_be32(p);
	return err;
}

int reader_be64(struct reader *r, uint64_t *ret)
{
	const uint8_t *p;
	int err = reader_bytes(r, 8, &p);

	if (!err)
		*ret = get_be64(p);
	return err;
}
