/* The first entry of a log that goes on from a backup. */
#pragma once

#include "server/engine/act.h"

/* "server.restore": `from` is the backup's own head, `epoch` the one from now on. */
int restored_tell(struct store *s, int64_t now_ms, const struct head *from,
		  uint64_t epoch) MUST_CHECK;
