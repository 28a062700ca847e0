/*
 * CSV (RFC 4180) as office programs write it: quotes, doubled quotes, CR LF or LF, a byte order
 * mark, empty lines between. A row that is malformed is told with its line; the reader goes on with
 * the next.
 */
#pragma once

#include "base/util.h"

#define CSV_FIELDS_MAX 32
#define CSV_ROW_MAX 4096 /* bytes of all fields of a row */

struct csv_reader {
	const char *p, *end;
	size_t line; /* of the row read last, from 1 */
	size_t next_line;
};

struct csv_row {
	size_t count;
	const char *fields[CSV_FIELDS_MAX]; /* into storage, trimmed at both ends */
	char storage[CSV_ROW_MAX + CSV_FIELDS_MAX];
};

/* `text` is borrowed; UTF-8. */
void csv_reader_init(struct csv_reader *r, const char *text, size_t len);
/* 1: a row; 0: the end; -EBADMSG: this row is malformed (a quote inside a field, none at its end,
 * a control character); -E2BIG: it has too many fields or bytes. */
int csv_next(struct csv_reader *r, struct csv_row *ret) MUST_CHECK;
