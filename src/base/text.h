/* Text that comes from outside: copied, parsed and compared with its length known. */
#pragma once

#include <string.h>

#include "base/util.h"

/* Copies all of `src` or nothing: -ENAMETOOLONG when it does not fit into `size` bytes. */
int text_copy(char *dst, size_t size, const char *src) MUST_CHECK;
int text_copy_n(char *dst, size_t size, const char *src, size_t len) MUST_CHECK;
/* Copies what fits into `size` bytes, cut behind a whole UTF-8 character. */
void text_fit(char *dst, size_t size, const char *src);
/* Whole text as a number: -EINVAL for anything else, -ERANGE outside min..max. */
int text_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret) MUST_CHECK;
int text_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret) MUST_CHECK;
bool text_equal(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts(const char *s, const char *prefix);
/* FNV-1a, never 0: to know a text again, where nobody gains by a collision. */
uint32_t text_hash(const char *s);
/* ASCII letters only; other bytes stay. In place. */
void text_lower(char *s);
/* Strips white space at both ends, in place; returns the first kept character. */
char *text_trim(char *s);
/* Well-formed UTF-8 (RFC 3629) without control characters other than tab and line feed. */
bool text_is_clean(const char *s, size_t len);

/* Lower-case hexadecimal; `dst` holds 2 * len + 1 bytes. */
void hex_encode(char *dst, const uint8_t *src, size_t len);
/* Exactly `len` bytes out of 2 * len digits, else -EINVAL and `dst` is as it was. */
int hex_decode(uint8_t *dst, size_t len, const char *src) MUST_CHECK;
