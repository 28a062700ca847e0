/*
 * Browsers that were all the way into an account before: each keeps a cookie for that account, so
 * that a stranger's wrong tries are told from its own (tries.h). The cookie opens nothing. It is
 * sealed bytes (crypto/seal.h) with the account's name as context: 16 random ones that name the
 * browser, and the time from which it counts, for half a year.
 */
#pragma once

#include "server/api/call.h"
#include "server/api/tries.h"

#define KNOWN_COOKIE "menshen_device_" /* and the account's number */
#define KNOWN_LIFE_MS (180 * 24 * 3600 * INT64_C(1000))

/* Who tries, and from where; the call's account or at least its name is set. */
void known_try(const struct call *c, struct try *ret);
/* Gives the browser the cookie with the answer, if it has none that is good. */
int known_remember(struct call *c) MUST_CHECK;
