/* Giving away what a program needed for its start alone. */
#pragma once

#include "base/util.h"

/*
 * Becomes `user` when started as root (not for "" or "root"), gives up every capability and the way
 * to get one back (no_new_privs). -ENOENT: no such user.
 */
int privilege_drop(const char *user) MUST_CHECK;
/* Makes a folder (0700) that the program needs as the `user` which it is going to become. */
int privilege_make_dir(const char *path, const char *user) MUST_CHECK;
