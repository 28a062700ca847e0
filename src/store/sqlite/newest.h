/*
 * The newest rows of several runs of an index, by time and id: what a page is merged in. The
 * caller owns `keys`, which has room for `room`.
 */
#pragma once

#include "base/util.h"

struct newest_key {
	int64_t at, id;
};

struct newest {
	struct newest_key *keys; /* newest first */
	size_t count, room;
};

/* False: the page is full of newer ones, and so are all that follow in a run. A key that is there
 * already is not taken again. */
bool newest_keep(struct newest *n, struct newest_key key);
static inline bool newest_is_full(const struct newest *n)
{
	return n->count == n->room;
}
