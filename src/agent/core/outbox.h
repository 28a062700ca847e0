/*
 * What the parts of the agent may say to the server. A part that has an event keeps its own state
 * until outbox_event() took it; when the queue is full it is asked again after room was made.
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

struct outbox {
	/* Durable once it returns 0; -ENOBUFS: full, keep your state and wait. */
	int (*event)(void *arg, const char *kind, const char *body, size_t len);
	void *arg;
};

/* Takes `body` over in every case, NULL (out of memory) included. */
int outbox_event(const struct outbox *o, const char *kind, json_t *body) MUST_CHECK;
