/* Who calls: the session cookie, the CSRF header, the route's roles, the login's stage. */
#pragma once

#include "server/api/call.h"

/* The cookie's value out of a Cookie header (RFC 6265): LOGIN_TOKEN_SIZE bytes in hexadecimal.
 * -ENOENT: none of ours; -EBADMSG: ours, but no token. */
int auth_parse_cookie(const char *header, uint8_t ret[static LOGIN_TOKEN_SIZE]) MUST_CHECK;
/* What the header X-CSRF-Token must say for this token. */
int auth_csrf(const uint8_t token[static LOGIN_TOKEN_SIZE], char ret[static 33]) MUST_CHECK;
/* Everything that a route demands of its caller; fills the call's "who". */
int auth_call(struct call *c) MUST_CHECK;
/* A refusal for want of role or scope is an act of the record, rate-bounded per account. */
void auth_record_refusal(struct call *c);
