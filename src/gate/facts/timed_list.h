/*
 * What a person at the gate has set for a while, of one kind (bypasses, isolations): a short list
 * in its owner's memory and in one small JSON file, each of which ends by itself. What the disk did
 * not take is not so in memory either.
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

struct timed_kind {
	size_t size, max; /* bytes of an item; items */
	size_t until_at;  /* where in the item its end lies: an int64_t, ms */
	bool (*is_same)(const void *a, const void *b);
	json_t *(*write)(const void *item);   /* NULL: no memory */
	int (*read)(json_t *from, void *ret); /* -EBADMSG */
};

struct timed_list {
	const struct timed_kind *kind;
	const char *path;
	void *items; /* room for kind->max */
	size_t *count;
};

/* -ENOENT is no error (none yet). -EBADMSG: damaged; the list is empty and the file kept aside. */
int timed_list_load(struct timed_list l) MUST_CHECK;
/* Durable when it returns 0; in place of the same one. -ENOSPC: kind->max are there. */
int timed_list_add(struct timed_list l, const void *item) MUST_CHECK;
/* Ends the one that is the same as `like`; -ENOENT. */
int timed_list_end(struct timed_list l, const void *like) MUST_CHECK;
/* Takes out what has ended and hands it over one by one; false when nothing is left to end. */
bool timed_list_take_ended(struct timed_list l, int64_t now_ms, void *ret);
