/*
 * The local socket, for the person who asks: one word in, JSON objects out, one a line. Only root
 * and the program's own user reach it (mode 0600). A reader that is slow holds nothing up.
 */
#pragma once

#include "base/inquiry.h"
#include "survey/survey.h"

int control_new(struct loop *l, struct survey *s, struct inquiry **ret) MUST_CHECK;
/* The program's other verbs: asks the running one and prints. An exit code; 2: no such verb. */
int control_client(const struct settings *s, const char *verb);
