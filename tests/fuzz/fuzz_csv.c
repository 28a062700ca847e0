/* A CSV file of a stranger: rows within bounds, lines that only grow, an end. */
#include <string.h>

#include "server/engine/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_row(const struct csv_row *row)
{
	if (!row->count || row->count > CSV_FIELDS_MAX)
		abort();
	for (size_t i = 0; i < row->count; i++)
		if (strlen(row->fields[i]) > CSV_ROW_MAX)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	static struct csv_row row;
	struct csv_reader r;
	size_t line = 0;
	int got;

	if (len > 65536 || import_decode(data, len, &text))
		return 0;
	csv_reader_init(&r, buf_str(&text), text.len);
	while ((got = csv_next(&r, &row)) != 0) {
		if (r.line <= line)
			abort();
		line = r.line;
		if (got > 0)
			check_row(&row);
	}
	return 0;
}
