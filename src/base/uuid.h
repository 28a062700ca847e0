/* UUIDs (RFC 9562), version 4: a terminal's identity. */
#pragma once

#include "base/util.h"

#define UUID_TEXT_SIZE 37

struct uuid {
	uint8_t b[16];
};

void uuid_make(struct uuid *ret);
int uuid_parse(const char *s, struct uuid *ret) MUST_CHECK; /* 8-4-4-4-12, either case */
void uuid_format(char dst[static UUID_TEXT_SIZE], const struct uuid *uuid);
bool uuid_is_zero(const struct uuid *uuid);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
