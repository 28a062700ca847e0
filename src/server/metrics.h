/* What a monitoring system reads of head office, in Prometheus' words; docs: menshend(8). */
#pragma once

#include "server/gateway/gateway.h"

struct metrics;

/* All borrowed, until metrics_free(). */
int metrics_new(struct store *store, struct engine *engine, struct gateway *gateway,
		struct metrics **ret) MUST_CHECK;
void metrics_free(struct metrics *m);
/* Appends every family. One thread at a time; what the store cannot say now is left out. */
void metrics_write(void *metrics, struct buf *to);
