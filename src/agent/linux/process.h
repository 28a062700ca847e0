/* The processes of this machine, as /proc tells them. Linux. */
#pragma once

#include "base/util.h"

/*
 * Whether a process of one of these names (as in /proc/PID/comm, 15 characters at most; NULL ends)
 * runs; zombies do not count. -errno when /proc under `root` cannot be read.
 */
int process_runs(const char *root, const char *const *names, bool *ret) MUST_CHECK;
