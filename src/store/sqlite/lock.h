/* One process writes: who writes holds a lock on a file in the store's folder until it closes it or
 * dies. Readers take none. */
#pragma once

#include "base/util.h"

/* -EBUSY: another process writes. The lock lives as long as the descriptor. */
int lock_take(const char *dir, int *ret_fd) MUST_CHECK;
/* Whether somebody writes now; 0 with false where nobody ever did. */
int lock_is_taken(const char *dir, bool *ret) MUST_CHECK;
