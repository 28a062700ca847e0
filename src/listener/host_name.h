/* A host's name as a stranger wrote it into a packet, made fit for a log, a file and a screen. */
#pragma once

#include "base/util.h"

#define HOST_NAME_SIZE 64

/*
 * Keeps the first label (up to a dot), ASCII letters folded, cut at HOST_NAME_SIZE - 1 bytes behind
 * a whole character, trailing NULs and spaces dropped. -EINVAL when nothing is left or it is not
 * clean UTF-8.
 */
int host_name_take(char dst[static HOST_NAME_SIZE], const uint8_t *name, size_t len) MUST_CHECK;
/* Text of any shape (a vendor class, a model): printable ASCII stays, the rest becomes '?'. */
void printable_take(char *dst, size_t size, const uint8_t *text, size_t len);
