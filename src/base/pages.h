/*
 * Zeroed memory for large tables: straight from the kernel, which gives each page at its first use,
 * in large pages where it can, and takes all of it back at the end. Small ones come from the heap.
 */
#pragma once

#include "base/util.h"

#define HUGE_PAGE ((size_t)2 << 20)

/* NULL: out of memory. */
void *pages_new(size_t bytes);
/*
 * A child that is forked does not get these and dies when it looks there; so a fork neither copies
 * what maps them nor makes each later write wait for a copy. Small ones it gets all the same.
 */
void pages_keep_from_children(void *pages, size_t bytes);
/* `bytes` as asked for; NULL is fine. */
void pages_free(void *pages, size_t bytes);
