/*
 * A sorted set of text lines: an inventory section as it was last told, or as it is now. One line
 * is one item, a JSON object on one line; a section that is a single object is a set of one.
 */
#pragma once

#include "base/buf.h"

#define LINE_MAX_BYTES 3072 /* a longer item is refused */

struct lines {
	struct buf text;   /* each line with its LF; borrowed pointers below lead into it */
	const char **item; /* sorted, without LF but NUL-terminated, after lines_sort() */
	size_t count;
};

#define LINES_INIT                                                                                 \
	{                                                                                          \
		.text = BUF_INIT                                                                   \
	}

void lines_done(struct lines *l);
#define CLEANUP_LINES CLEANUP(lines_done)
/* -EMSGSIZE: too long, or it holds a control character. */
int lines_add(struct lines *l, const char *item) MUST_CHECK;
/* Sorts and drops doubles; after it nothing is added. */
int lines_sort(struct lines *l) MUST_CHECK;
/* A file of lines, as lines_write() left it. -ENOENT, -EBADMSG, -EFBIG... */
int lines_read(const char *path, struct lines *ret) MUST_CHECK;

/* One step from `old` to `now`, in the order of the items. */
struct lines_change {
	bool added; /* else removed */
	const char *item;
};
/* Where a walk over the differences of two sorted sets stands; zeroed is the start. */
struct lines_walk {
	size_t old_at, now_at;
};
/* False at the end. */
bool lines_next_change(const struct lines *old, const struct lines *now, struct lines_walk *w,
		       struct lines_change *ret);
/* Appends the set in the middle of a walk: what was walked over is as in `now`, the rest as in
 * `old`. */
void lines_encode_at(const struct lines *old, const struct lines *now, const struct lines_walk *w,
		     struct buf *to);
