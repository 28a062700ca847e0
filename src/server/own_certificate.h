/* The server's own certificate: with fewer than 30 days left it is issued anew, with the same names
 * and key, at the start and daily. */
#pragma once

#include "server/engine/engine.h"
#include "server/keys.h"

#define OWN_CERTIFICATE_LEAST_MS (30 * DAY_MS)

/*
 * 1: keys->server_pem is new ("server.renew" stands in the log) and on disk; when the disk refuses
 * it is used all the same and renewed again at the next start. 0: not due. -EPERM: due, but the
 * root's key is not here. Says in the log what it did, or what to do.
 */
int own_certificate_renew(struct engine *engine, struct keys *keys, const char *keys_dir,
			  int64_t now_ms) MUST_CHECK;
