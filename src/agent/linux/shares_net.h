/* The shares of a desk that no file names, and who is connected to which. Linux. */
#pragma once

#include "policy/shares.h"

/* Programs that serve a folder over HTTP or FTP to more than this computer. */
void shares_find_web(const char *root, struct shares *to);
/* The peers of each share's service, and what is open below its path. */
void shares_find_users(const char *root, struct shares *s);
