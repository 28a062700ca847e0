#include "store/sqlite/row.h"

static void put_bytes(struct buf *ret, char type, const void *data, int len)
{
	buf_put_u8(ret, (uint8_t)type);
	buf_put_be32(ret, (uint32_t)len);
	buf_append(ret, data, (size_t)len);
}

void row_content(sqlite3_stmt *stmt, int from, struct buf *ret)
{
	for (int col = from; col < sqlite3_column_count(stmt); col++) {
		const void *data;

		switch (sqlite3_column_type(stmt, col)) {
		case SQLITE_INTEGER:
			buf_put_u8(ret, 'i');
			buf_put_be64(ret, (uint64_t)sqlite3_column_int64(stmt, col));
			break;
		case SQLITE_TEXT:
			data = sqlite3_column_blob(stmt, col); /* needs no memory for a NUL */
			put_bytes(ret, 't', data, sqlite3_column_bytes(stmt, col));
			break;
		case SQLITE_NULL:
			buf_put_u8(ret, 'n');
			break;
		default:
			data = sqlite3_column_blob(stmt, col);
			put_bytes(ret, 'b', data, sqlite3_column_bytes(stmt, col));
			break;
		}
	}
}
