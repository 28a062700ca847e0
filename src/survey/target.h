/*
 * A switch to ask, as the gate names it: where it is and with what. The credential travels as text,
 * one value a line, which is also what head office seals:
 *
 *	2c, community
 *	3, user, SHA or SHA-256, password, AES, password
 *
 * Of version 3 the last two, or the last four lines may be missing: no privacy, no proof.
 */
#pragma once

#include "base/addr.h"

#define CREDENTIAL_TEXT_MAX 255

struct credential {
	bool is_v3, is_sha256;
	char community[65];
	char user[33], auth[65], priv[65]; /* "": none; a password has at least 8 characters */
};

struct target {
	int64_t id;
	char name[64];
	char address[ADDR_TEXT_SIZE]; /* host and port */
	struct credential credential;
};

/* -EINVAL: none of these. */
int credential_parse(const char *text, struct credential *ret) MUST_CHECK;
