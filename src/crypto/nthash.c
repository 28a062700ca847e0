#include "crypto/nthash.h"

#include <string.h>

#include "crypto/secret.h"

#define PASSWORD_MAX 256

static uint32_t rotate(uint32_t v, unsigned by)
{
	return (v << by) | (v >> (32 - by));
}

static uint32_t get_le32(const uint8_t *p)
{
	return p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) | ((uint32_t)p[3] << 24);
}

static void set_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* RFC 1320, 3.4: the three rounds differ in function, constant, word order and rotations. */
static const struct {
	uint32_t constant;
	uint8_t shift[4];
	uint8_t word[16];
} rounds[3] = {
	{0, {3, 7, 11, 19}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
	{0x5a827999, {3, 5, 9, 13}, {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}},
	{0x6ed9eba1, {3, 9, 11, 15}, {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15}},
};

static uint32_t mix(int round, uint32_t x, uint32_t y, uint32_t z)
{
	switch (round) {
	case 0:
		return (x & y) | (~x & z);
	case 1:
		return (x & y) | (x & z) | (y & z);
	default:
		return x ^ y ^ z;
	}
}

static void md4_block(uint32_t state[4], const uint8_t *block)
{
	uint32_t s[4] = {state[0], state[1], state[2], state[3]};

	for (int round = 0; round < 3; round++)
		for (unsigned i = 0; i < 16; i++) {
			unsigned a = (16 - i) % 4;
			uint32_t sum =
				s[a] + mix(round, s[(a + 1) % 4], s[(a + 2) % 4], s[(a + 3) % 4]);

			sum += get_le32(block + 4 * rounds[round].word[i]);
			sum += rounds[round].constant;
			s[a] = rotate(sum, rounds[round].shift[i % 4]);
		}
	for (int i = 0; i < 4; i++)
		state[i] += s[i];
	secret_wipe(s, sizeof(s));
}

void md4_bytes(const void *data, size_t len, uint8_t ret[static 16])
{
	uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	const uint8_t *p = data;
	size_t left = len, tail_len;
	uint8_t tail[128] = {0};

	for (; left >= 64; left -= 64, p += 64)
		md4_block(state, p);
	if (left)
		memcpy(tail, p, left);
	tail[left] = 0x80;
	tail_len = left < 56 ? 64 : 128;
	set_le32(tail + tail_len - 8, (uint32_t)(len << 3));
	set_le32(tail + tail_len - 4, (uint32_t)((uint64_t)len >> 29));
	for (size_t at = 0; at < tail_len; at += 64)
		md4_block(state, tail + at);
	for (int i = 0; i < 4; i++)
		set_le32(ret + 4 * i, state[i]);
	secret_wipe(tail, sizeof(tail));
}

/* One code point of well-formed UTF-8 (RFC 3629, 4); returns its length, 0 when malformed. */
static size_t utf8_next(const uint8_t *p, size_t len, uint32_t *ret)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t min;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		uint32_t cp = p[0] & (uint8_t)~forms[i].mask;

		if ((p[0] & forms[i].mask) != forms[i].lead)
			continue;
		if (i + 1 > len)
			return 0;
		for (size_t k = 1; k <= i; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
			cp = (cp << 6) | (p[k] & 0x3f);
		}
		if (cp < forms[i].min || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
			return 0;
		*ret = cp;
		return i + 1;
	}
	return 0;
}

static size_t put_utf16le(uint8_t *dst, uint32_t cp)
{
	uint32_t low = cp, high = 0;

	if (cp >= 0x10000) {
		high = 0xd800 + ((cp - 0x10000) >> 10);
		low = 0xdc00 + ((cp - 0x10000) & 0x3ff);
		*dst++ = (uint8_t)high;
		*dst++ = (uint8_t)(high >> 8);
	}
	dst[0] = (uint8_t)low;
	dst[1] = (uint8_t)(low >> 8);
	return high ? 4 : 2;
}

int nt_hash(const char *password, size_t len, uint8_t ret[static NT_HASH_SIZE])
{
	const uint8_t *p = (const uint8_t *)password;
	uint8_t wide[2 * PASSWORD_MAX];
	size_t wide_len = 0;
	int r = 0;

	if (len > PASSWORD_MAX)
		return -EMSGSIZE;
	while (len) {
		uint32_t cp;
		size_t step = utf8_next(p, len, &cp);

		if (!step) {
			r = -EILSEQ;
			break;
		}
		wide_len += put_utf16le(wide + wide_len, cp);
		p += step;
		len -= step;
	}
	if (!r)
		md4_bytes(wide, wide_len, ret);
	secret_wipe(wide, sizeof(wide));
	return r;
}
