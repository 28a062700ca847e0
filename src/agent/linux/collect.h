/* What the collectors of the inventory share. */
#pragma once

#include <jansson.h>

#include "agent/core/lines.h"

/* Adds an object as one line and lets go of it; NULL is out of memory. */
int collect_add(struct lines *to, json_t *object) MUST_CHECK;
/* The first line of a small file below the root, cleaned for JSON; "" when it cannot be read. */
void collect_line(const char *root, const char *path, char *dst, size_t size);
/* In place: what is no clean UTF-8 becomes '?'. */
void collect_clean(char *text);
