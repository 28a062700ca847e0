/*
 * With what a switch is asked over SNMP, as text: one value a line. Head office seals it so, and
 *the gate hands it on.
 *
 *	2c, community
 *	3, user, SHA or SHA-256, password, AES, password
 *
 * Of version 3 the last two, or the last four lines may be missing: no privacy, no proof.
 */
#pragma once

#include "base/util.h"

#define SNMP_TEXT_MAX 255 /* bytes */
#define SNMP_SEAL_CONTEXT "snmp"

struct credential {
	bool is_v3, is_sha256;
	char community[65];
	char user[33], auth[65], priv[65]; /* "": none; a password has at least 8 characters */
};

/* -EINVAL: none of these. */
int credential_parse(const char *text, struct credential *ret) MUST_CHECK;
