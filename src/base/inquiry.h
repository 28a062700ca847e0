/*
 * A program's door for whoever asks on its own machine: a socket in the file system, where one line
 * comes in, one answer of text goes out and the peer is hung up on. The answer is written as the
 * peer reads, so that nobody holds up the loop; a few peers are heard at a time, the next wait, and
 * each has its time limit. An answer ends with a NUL: what was cut short is not taken for whole.
 */
#pragma once

#include <sys/types.h>

#include "base/buf.h"
#include "base/loop.h"

#define INQUIRY_CLIENTS_MAX 8
#define INQUIRY_PATIENCE_MS 10000

struct inquiry;

/* Appends the answer to the `line` (no line feed) of the user `uid`; on out->error none is given.
 */
typedef void inquiry_answer_fn(void *arg, const char *line, uid_t uid, struct buf *out);

struct inquiry_rules {
	const char *path; /* copied */
	mode_t mode;	  /* who may ask */
	size_t line_max;  /* bytes; 0: nothing is read, the answer is to "" */
	size_t answer_max;
	int64_t patience_ms; /* for the line, and again for the answer; 0: INQUIRY_PATIENCE_MS */
	inquiry_answer_fn *answer;
	void *arg;
};

/* -EADDRINUSE when somebody listens at the path, or what local_listen() says. */
int inquiry_new(struct loop *loop, const struct inquiry_rules *rules,
		struct inquiry **ret) MUST_CHECK;
void inquiry_free(struct inquiry *q); /* removes the socket; NULL is fine */

/*
 * The asking side, blocking: `ret` holds the answer afterwards, in place of what it held. `line` is
 * NULL for a program that reads none. -ENOENT, -ECONNREFUSED: nobody listens; -EACCES: not for this
 * user; -ETIMEDOUT; -EBADMSG: no whole answer came; -EMSGSIZE: more than ret->limit.
 */
int inquiry_ask(const char *path, const char *line, struct buf *ret) MUST_CHECK;
