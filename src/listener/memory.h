/*
 * What the listener knew, over a restart: a clone that appears while it is down is still one. A
 * text file, a line of JSON a device, the one heard longest ago first, and a line a gateway whose
 * MAC was learned. A line that is none is skipped and counted; the file is bounded.
 */
#pragma once

#include "base/buf.h"
#include "listener/expected.h"
#include "listener/table.h"

#define MEMORY_MAX (64U << 20)

/* Old or new, never half. */
int memory_save(const char *path, const struct table *t, const struct expected *e) MUST_CHECK;
/* Into an empty table; -ENOENT: there is none yet. */
int memory_load(const char *path, struct table *t, struct expected *e,
		size_t *ret_skipped) MUST_CHECK;
/* The same in memory. Errors stick in `to`. */
void memory_write(struct buf *to, const struct table *t, const struct expected *e);
size_t memory_read(const char *text, size_t len, struct table *t, struct expected *e);
