/*
 * The NT hash: MD4 (RFC 1320) over the password in UTF-16 little endian. MSCHAPv2 (RFC 2759)
 * forces it; it equals the password in value, so it is sealed at once and wiped.
 */
#pragma once

#include "base/util.h"

#define NT_HASH_SIZE 16

/* -EILSEQ when the password is not well-formed UTF-8 (RFC 3629), -EMSGSIZE over 256 bytes. */
int nt_hash(const char *password, size_t len, uint8_t ret[static NT_HASH_SIZE]) MUST_CHECK;

/* MD4 (RFC 1320), for nt_hash() and its test vectors only. */
void md4_bytes(const void *data, size_t len, uint8_t ret[static 16]);
