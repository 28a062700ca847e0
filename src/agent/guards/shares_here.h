/*
 * The shares of this desk, as its system has them now, and closing them. The platform's folder does
 * it (src/agent/linux/shares*.c); the shares guard says when.
 */
#pragma once

#include "policy/shares.h"

/* All that can be seen; `root` is put before every path. -errno. */
int shares_load(const char *root, struct shares *ret) MUST_CHECK;
/* A descriptor that becomes readable when the files that name shares change; -errno. */
int shares_watch(const char *root) MUST_CHECK;
void shares_drain(int fd);

/* Takes a usershare away; the folder stays. -errno. */
int shares_delete(const char *root, const char *name) MUST_CHECK;
/*
 * From now on nobody reaches the services of the listed shares, in place of what was closed before;
 * this computer itself does. None listed: all are reached again. What else a closed service shares
 * is closed with it. -ENOENT: no firewall here.
 */
int shares_shut(const struct shares *s, uint64_t closed) MUST_CHECK; /* 1 << place in `s` */
