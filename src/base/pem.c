#define _GNU_SOURCE
#include "base/pem.h"

#include <stdio.h>

#define LINE_CHARS 64
#define MARK_MAX 96

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pem_encode(struct buf *to, const char *label, const void *der, size_t len)
{
	const uint8_t *p = der;
	unsigned column = 0;

	buf_printf(to, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < len; i += 3) {
		size_t n = MIN(len - i, 3);
		uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (n > 2 ? p[i + 2] : 0);
		char quad[4] = {digits[v >> 18], digits[v >> 12 & 63],
				n > 1 ? digits[v >> 6 & 63] : '=', n > 2 ? digits[v & 63] : '='};

		buf_append(to, quad, sizeof(quad));
		column += 4;
		if (column == LINE_CHARS || i + 3 >= len) {
			buf_puts(to, "\n");
			column = 0;
		}
	}
	buf_printf(to, "-----END %s-----\n", label);
}

static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int decode_body(const char *p, const char *end, struct buf *ret)
{
	uint32_t v = 0;
	unsigned have = 0, padding = 0;

	for (; p < end; p++) {
		int value = value_of(*p);

		if (*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t')
			continue;
		if (*p == '=')
			padding++;
		else if (value < 0 || padding)
			return -EBADMSG;
		v = v << 6 | (uint32_t)MAX(value, 0);
		if (++have < 4)
			continue;
		if (padding > 2)
			return -EBADMSG;
		for (unsigned i = 0; i < 3 - padding; i++)
			buf_put_u8(ret, (uint8_t)(v >> (16 - 8 * i)));
		v = have = 0;
	}
	return have ? -EBADMSG : ret->error;
}

int pem_decode(const char *text, size_t len, const char *label, struct buf *ret)
{
	char begin[MARK_MAX], finish[MARK_MAX];
	const char *start, *end;
	size_t before = ret->len;
	int err;

	snprintf(begin, sizeof(begin), "-----BEGIN %.48s-----", label);
	snprintf(finish, sizeof(finish), "-----END %.48s-----", label);
	start = memmem(text, len, begin, strlen(begin));
	if (!start)
		return -ENOENT;
	start += strlen(begin);
	end = memmem(start, len - (size_t)(start - text), finish, strlen(finish));
	if (!end)
		return -EBADMSG;
	err = decode_body(start, end, ret);
	if (!err && ret->len == before)
		err = -EBADMSG;
	if (err)
		ret->len = before;
	return err;
}
