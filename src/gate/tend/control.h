/*
 * The local socket, for the person who stands at the gate: one line of JSON in, one out. Only root
 * and the gate's own user reach it (mode 0600), and what they do is recorded with their uid.
 */
#pragma once

#include "gate/gate.h"

struct control;

int control_new(struct gate *g, struct control **ret) MUST_CHECK;
void control_free(struct control *c);
/* The program's other verbs: asks the running gate and prints its answer. Returns an exit code. */
int control_client(const struct settings *s, int argc, char **argv);
