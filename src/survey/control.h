/*
 * The local socket, for the person who asks: one word in, JSON objects out, one a line. Only root
 * and the program's own user reach it (mode 0600). A reader that is slow holds nothing up.
 */
#pragma once

#include "survey/survey.h"

struct control;

int control_new(struct loop *l, const struct survey *s, struct control **ret) MUST_CHECK;
void control_free(struct control *c);
/* The program's other verbs: asks the running one and prints. An exit code; 2: no such verb. */
int control_client(const struct settings *s, const char *verb);
