/* The canonical bytes of a row, for digests: every column in order, typed and with its length. */
#pragma once

#include "store/sqlite/connection.h"

/* Appends columns `from`.. of the present row. One byte of type, 8 bytes of number or 4 of length.
 */
void row_content(sqlite3_stmt *stmt, int from, struct buf *ret);
