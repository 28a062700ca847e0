/* The processes of this machine, as /proc tells them. Linux. */
#pragma once

#include "base/util.h"

/*
 * Whether a process of one of these names (as in /proc/PID/comm, 15 characters at most; NULL ends)
 * runs; zombies do not count. -errno when /proc under `root` cannot be read.
 */
int process_runs(const char *root, const char *const *names, bool *ret) MUST_CHECK;
/* The program that a process of this machine runs; "" when it is gone. */
void process_program(int pid, char *dst, size_t size);
/* The user whose process it is; UINT32_MAX when it is gone. */
uint32_t process_owner(int pid);
/* The name of a user in `root`/etc/passwd; the number itself when it has none there. */
void process_user_name(const char *root, uint32_t uid, char *dst, size_t size);
