/*
 * The way out at 8:25 in the morning (invariant 13): a person at the gate lets an outlet work
 * without server or snapshot. Ends by itself, survives a restart, never opens for the deny list.
 * Kept in one small JSON file.
 */
#pragma once

#include "base/util.h"

#define BYPASS_MAX 32
#define BYPASS_HOURS_MAX 24
#define BYPASS_REASON_SIZE 192

struct bypass {
	int64_t unit_id;
	int64_t from_ms, until_ms;
	unsigned uid; /* who asked, as the kernel says */
	char unit_code[32];
	char reason[BYPASS_REASON_SIZE];
};

struct bypasses {
	char *path;
	struct bypass list[BYPASS_MAX];
	size_t count;
};

/* -ENOENT is no error (none yet). -EBADMSG: damaged; the list is empty and the file kept aside. */
int bypasses_load(struct bypasses *b, const char *path) MUST_CHECK;
void bypasses_done(struct bypasses *b);
/* Durable when it returns 0. -ENOSPC: BYPASS_MAX are active. One per unit: the newer one counts. */
int bypasses_add(struct bypasses *b, const struct bypass *bypass) MUST_CHECK;
/* Ends it now; -ENOENT. */
int bypasses_end(struct bypasses *b, int64_t unit_id) MUST_CHECK;
/* Takes out what has ended and hands it over one by one; false when nothing is left to end. */
bool bypasses_take_ended(struct bypasses *b, int64_t now_ms, struct bypass *ret);
