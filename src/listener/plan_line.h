/*
 * The address plan as the gate says it (src/gate/beside/plan_walk.h has the messages): gathered
 * from "begin" to "end", and only then a plan. What is broken or too long is no plan. One thread.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "listener/plan.h"

struct plan_line {
	struct buf pairs;
	bool coming;
};

void plan_line_init(struct plan_line *p);
void plan_line_done(struct plan_line *p);
/* 1 and a whole plan, the caller's; 0: more is to come; -EBADMSG, -ENOMEM: it is dropped. */
int plan_line_take(struct plan_line *p, const json_t *message, struct plan **ret) MUST_CHECK;
