/*
 * The local socket, for the person who stands at the gate: one line of JSON in, one value out. Only
 * root and the gate's own user reach it (mode 0600), and what they do is recorded with their uid.
 */
#pragma once

#include "base/inquiry.h"
#include "gate/gate.h"

int control_new(struct gate *g, struct inquiry **ret) MUST_CHECK;
/* The program's other verbs: asks the running gate and prints its answer. Returns an exit code. */
int control_client(const struct settings *s, int argc, char **argv);
