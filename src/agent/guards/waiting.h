/*
 * Events that happen once and must be told in their order, while the queue may be full: they wait
 * here, in memory.
 */
#pragma once

#include "agent/guards/guard.h"

#define WAITING_MAX 64

struct waiting {
	const struct guard_host *host;
	struct {
		const char *kind;
		json_t *body;
	} list[WAITING_MAX];
	size_t count;
};

void waiting_init(struct waiting *w, const struct guard_host *host);
void waiting_done(struct waiting *w);
/* Takes `body` over. `kind` is a literal. When too many wait, the new one is lost and logged. */
void waiting_say(struct waiting *w, const char *kind, json_t *body);
/* The queue has room again. */
void waiting_resume(struct waiting *w);
