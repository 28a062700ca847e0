/*
 * SM3 (GB/T 32905-2016) over several messages of one length at once, a message in each lane of the
 * vector unit. OpenSSL 3.0 has the function in plain C only; eight lanes cost about a quarter of
 * eight calls. For bulk alone: a single message is OpenSSL's.
 */
#pragma once

#include "crypto/hash.h"

#define SM3_LANES 8

/* Whether this processor has vectors that make it worth while. */
bool sm3_lanes_pay(void);
/* SM3_LANES messages of `size` bytes, one behind another. */
void sm3_lanes(const uint8_t *messages, size_t size, uint8_t (*ret)[HASH_SIZE]);
