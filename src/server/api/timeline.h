/* A terminal's life, newest first: records of gates and agents, and the acts about it. */
#pragma once

#include "server/api/list.h"
#include "server/engine/terminal.h"

int timeline_answer(struct call *c, const struct terminal *t) MUST_CHECK;
