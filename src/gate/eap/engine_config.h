/* What the engine reads: FreeRADIUS 3.2 configuration, and the accounts with their NT hashes. */
#pragma once

#include "gate/facts/snapshot.h"
#include "gate/settings.h"

/* Writes one worker's folder: radiusd.conf, dictionary, copies of certificate and key. */
int engine_write_config(const struct settings *s, unsigned worker, uint16_t port,
			const char *secret) MUST_CHECK;
/* Appends the template with its @NAMES@ replaced. */
void engine_fill(struct buf *to, const char *template, const char *const names[][2], size_t count);
/*
 * Writes engine/accounts: every enabled account whose hash opens. `ret_skipped`: how many did not.
 * Blocks; run it in a child process.
 */
int engine_write_accounts(const struct settings *s, const struct snapshot *snapshot,
			  const struct seal_pair *key, size_t *ret_skipped) MUST_CHECK;
