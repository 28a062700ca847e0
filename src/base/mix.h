/*
 * Hashing of short keys by which tables are searched. The seed is random, so that a stranger who
 * chooses keys (MAC addresses) cannot make them collide. Not for anything that is kept or sent.
 */
#pragma once

#include <string.h>

#include "base/util.h"

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t mix_key(uint64_t seed, const void *key, size_t len)
{
	uint64_t h = seed ^ (len * UINT64_C(0x9e3779b97f4a7c15)), word;
	const uint8_t *p = key;

	while (len > 0) {
		size_t n = MIN(len, sizeof(word));

		word = 0;
		memcpy(&word, p, n);
		h = mix(h ^ word, seed | UINT64_C(0x8000000000000001));
		p += n;
		len -= n;
	}
	return mix(h, UINT64_C(0xd6e8feb86659fd93));
}
