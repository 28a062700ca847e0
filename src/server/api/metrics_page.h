/*
 * The page a monitoring system reads, GET /metrics over plain HTTP on a listener of its own: no
 * log-in, nothing secret, one thread, a few connections; on loopback or a management network.
 */
#pragma once

#include "base/addr.h"
#include "base/buf.h"

struct metrics_page;

struct metrics_page_options {
	struct addr listen;
	/* Appends the text; on the page's own thread, one call at a time. */
	void (*write)(void *arg, struct buf *to);
	void *arg;
};

/* -EADDRINUSE and the like. */
int metrics_page_start(const struct metrics_page_options *options,
		       struct metrics_page **ret) MUST_CHECK;
void metrics_page_stop(struct metrics_page *p); /* NULL is fine */
