/* What a monitoring system reads of the gate, in Prometheus' words; docs: menshen-gate(8). */
#pragma once

#include "gate/gate.h"

/* Appends every family. */
void metrics_write(struct gate *g, struct buf *to);
