/* The ways out of this desk, as its system has them now (src/agent/linux/links.c). */
#pragma once

#include "policy/links.h"

/* `root` is put before every path. -errno. */
int links_load(const char *root, struct links *ret) MUST_CHECK;
/* A descriptor that becomes readable when a link, an address or a route changes; -errno. */
int links_watch(void) MUST_CHECK;
void links_drain(int fd);
