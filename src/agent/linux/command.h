/* Programs of this system, run to their end. Linux. */
#pragma once

#include <sys/types.h>

#include "base/buf.h"

/* Waits 3 s at most, then ends it. 0 when it said so, else -EIO. */
int command_wait(pid_t pid) MUST_CHECK;
/* Runs argv[0] without an environment; what it writes goes to `ret`, nowhere when that is NULL.
 * -ENOENT: it is not here; -EIO: it failed. */
int command_run(const char *const *argv, struct buf *ret) MUST_CHECK;
