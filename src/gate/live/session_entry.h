/*
 * A session as bytes: an entry of the sessions' log, and what a gate tells its peers. A later
 * version only adds at the end, so that an older gate reads what it knows of it.
 */
#pragma once

#include "gate/live/session.h"

#define SESSION_ENTRY_MAX 704

/* Replaces what `b` holds. `origin`: the gate whose word it is, "": this one. */
void session_encode(const struct session *n, const char *origin, struct buf *b);
/*
 * -EBADMSG: it is none. `ret_origin` (GATE_NAME_SIZE bytes) is the gate that it names; the
 * session's own `origin` is left 0. Texts that are not clean are refused.
 */
int session_decode(const uint8_t *entry, size_t len, struct session *ret,
		   char ret_origin[static GATE_NAME_SIZE]) MUST_CHECK;
