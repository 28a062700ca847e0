/*
 * Texts that many rows share, such as the names of ports: each is kept once, as long as a row has
 * it. What it takes comes from the pool of the rows.
 */
#pragma once

#include "base/index.h"
#include "base/pool.h"

struct texts {
	struct pool *pool; /* borrowed */
	struct index index;
};

void texts_init(struct texts *t, struct pool *pool);
/* The index alone: what the texts took goes with the pool. */
void texts_done(struct texts *t);
/* The kept text, equal to `text`; it lives until it is given back as often as it was taken. */
int texts_take(struct texts *t, const char *text, const char **ret) MUST_CHECK;
/* `kept` is what texts_take() gave. */
void texts_give(struct texts *t, const char *kept);
