/* Numbered migrations, embedded in the binary; SQLite's user_version says how far a file is. */
#pragma once

#include <sqlite3.h>

#include "base/util.h"

/* Each step in a transaction of its own. -ENOTSUP: the file is newer than this program. */
int migrate(sqlite3 *db, const char *const *migrations) MUST_CHECK;
