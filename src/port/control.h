/*
 * The box's own door for its administrator: a unix socket in the run folder (root alone), which
 * answers one connection with the table of ports and closes it.
 */
#pragma once

#include "base/buf.h"
#include "base/loop.h"

struct control;

typedef void control_print_fn(void *arg, struct buf *out);

int control_new(struct loop *loop, const char *path, control_print_fn *print, void *arg,
		struct control **ret) MUST_CHECK;
void control_free(struct control *c); /* removes the socket */

/* The other side: appends what the running box says. -ENOENT, -ECONNREFUSED: it does not run. */
int control_ask(const char *path, struct buf *ret) MUST_CHECK;
