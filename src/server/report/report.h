/*
 * A standing report (clauses D07, D31) as a file: tables of rows that a statement gave, each column
 * by the name of a member. Chinese text; written by libxlsxwriter and libharu. Pure but for the
 * file in memory that it makes; any thread.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

enum report_value { REPORT_TEXT, REPORT_NUMBER, REPORT_TIME };

struct report_column {
	const char *name, *title; /* name NULL ends */
	unsigned width;		  /* share of the line */
	enum report_value kind;
};

struct report_table {
	const char *title; /* at most 31 characters: a sheet is called so */
	const struct report_column *columns;
	const json_t *rows; /* borrowed */
};

#define REPORT_TABLES_MAX 4

struct report {
	const char *title, *clause;
	const char *unit, *by; /* whose, and who asked for it */
	int64_t at_ms;
	struct report_table tables[REPORT_TABLES_MAX];
	size_t count;
};

#define REPORT_TEXT_SIZE 256

/* Whose it is, who took it, when, and by which clause: the line under the title. */
void report_heading(char dst[static REPORT_TEXT_SIZE], const struct report *r);
/* The value as it is printed, cut to the size. */
void report_text(char dst[static REPORT_TEXT_SIZE], const struct report_column *c,
		 const json_t *row);
/* Appends the file. -EIO: the library could not. */
int report_write_xlsx(const struct report *r, struct buf *to) MUST_CHECK;
int report_write_pdf(const struct report *r, struct buf *to) MUST_CHECK;
