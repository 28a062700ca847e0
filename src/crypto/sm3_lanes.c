#include "crypto/sm3_lanes.h"

#include <string.h>

#include "base/buf.h"

#define BLOCK 64
#define WORDS 16

#ifdef __x86_64__
#define WITH_VECTORS __attribute__((target("avx2")))
#else
#define WITH_VECTORS
#endif

typedef uint32_t lanes __attribute__((vector_size(4 * SM3_LANES)));

#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define P0(x) ((x) ^ ROTATE(x, 9) ^ ROTATE(x, 17))
#define P1(x) ((x) ^ ROTATE(x, 15) ^ ROTATE(x, 23))

bool sm3_lanes_pay(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2");
#else
	return false;
#endif
}

/* Clause 5.3.2: the words of a block of each message, and those that they expand to. */
WITH_VECTORS static void expand(const uint8_t *block, size_t stride, lanes w[static 68])
{
	for (size_t j = 0; j < WORDS; j++)
		for (size_t lane = 0; lane < SM3_LANES; lane++)
			w[j][lane] = get_be32(block + lane * stride + 4 * j);
	for (size_t j = WORDS; j < 68; j++) {
		lanes x = w[j - 16] ^ w[j - 9] ^ ROTATE(w[j - 3], 15);

		w[j] = P1(x) ^ ROTATE(w[j - 13], 7) ^ w[j - 6];
	}
}

/* Clause 5.3.3. */
WITH_VECTORS static void compress(lanes v[static 8], const uint8_t *block, size_t stride)
{
	lanes a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
	lanes w[68];

	expand(block, stride, w);
	for (unsigned j = 0; j < 64; j++) {
		uint32_t t = j < 16 ? 0x79cc4519 : 0x7a879d8a, n = j % 32;
		lanes a12 = ROTATE(a, 12), sum = a12 + e + (n ? ROTATE(t, n) : t);
		lanes ss1 = ROTATE(sum, 7), ss2 = ss1 ^ a12;
		lanes ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
		lanes gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
		lanes tt1 = ff + d + ss2 + (w[j] ^ w[j + 4]), tt2 = gg + h + ss1 + w[j];

		d = c;
		c = ROTATE(b, 9);
		b = a;
		a = tt1;
		h = g;
		g = ROTATE(f, 19);
		f = e;
		e = P0(tt2);
	}
	v[0] ^= a;
	v[1] ^= b;
	v[2] ^= c;
	v[3] ^= d;
	v[4] ^= e;
	v[5] ^= f;
	v[6] ^= g;
	v[7] ^= h;
}

/* Clause 5.2: what is left of each message, a one, zeros and the length in bits. */
static size_t pad(const uint8_t *rest, size_t stride, size_t size, uint8_t (*tails)[2 * BLOCK])
{
	size_t left = size % BLOCK, len = left + 9 > BLOCK ? 2 * BLOCK : BLOCK;

	memset(tails, 0, SM3_LANES * sizeof(*tails));
	for (size_t lane = 0; lane < SM3_LANES; lane++) {
		memcpy(tails[lane], rest + lane * stride, left);
		tails[lane][left] = 0x80;
		set_be64(tails[lane] + len - 8, (uint64_t)size * 8);
	}
	return len;
}

WITH_VECTORS void sm3_lanes(const uint8_t *messages, size_t size, uint8_t (*ret)[HASH_SIZE])
{
	static const uint32_t start[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
					  0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
	uint8_t tails[SM3_LANES][2 * BLOCK];
	size_t at = 0, tail_len;
	lanes v[8];

	for (size_t i = 0; i < 8; i++)
		v[i] = start[i] + (lanes){0};
	for (; size - at >= BLOCK; at += BLOCK)
		compress(v, messages + at, size);
	tail_len = pad(messages + at, size, size, tails);
	for (at = 0; at < tail_len; at += BLOCK)
		compress(v, tails[0] + at, sizeof(tails[0]));
	for (size_t lane = 0; lane < SM3_LANES; lane++)
		for (size_t i = 0; i < 8; i++)
			set_be32(ret[lane] + 4 * i, v[i][lane]);
}
