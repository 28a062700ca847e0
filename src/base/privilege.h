/* Giving away what a program needed for its start alone. */
#pragma once

#include "base/util.h"

/*
 * Becomes `user` when started as root (not for "" or "root"), gives up every capability and the way
 * to get one back (no_new_privs). -ENOENT: no such user.
 */
int privilege_drop(const char *user) MUST_CHECK;
