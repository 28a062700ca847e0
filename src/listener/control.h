/*
 * The local socket, for the person who asks: one word in, JSON out. Only root and the listener's
 * own user reach it (mode 0600). A reader that is slow holds nothing up.
 */
#pragma once

#include "base/inquiry.h"
#include "listener/listener.h"

int control_new(struct listener *l, struct inquiry **ret) MUST_CHECK;
/* The program's other verbs: asks the running listener and prints. Returns an exit code. */
int control_client(const struct settings *s, const char *verb);
