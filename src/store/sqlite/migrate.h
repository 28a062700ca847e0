/* Numbered migrations, embedded in the binary; SQLite's user_version says how far a file is. */
#pragma once

#include <sqlite3.h>

#include "base/util.h"

/* Each step in a transaction of its own. -ENOTSUP: the file is newer than this program. */
int migrate(sqlite3 *db, const char *const *migrations) MUST_CHECK;
/* No further than `version`; -ENOTSUP: there is no such version. */
int migrate_up_to(sqlite3 *db, const char *const *migrations, int version) MUST_CHECK;
/* A durable commit that changes nothing. */
int migrate_rewrite_version(sqlite3 *db) MUST_CHECK;
/* How far a file is; 0: nothing was made in it yet. */
int migrate_version(sqlite3 *db, int *ret) MUST_CHECK;
