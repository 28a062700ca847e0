/*
 * Bringing in what is there already: organisation, people, terminals, MAC table, from CSV. A kind
 * is a table of columns and a function for one row; both stand in import_org.c and
 * import_terminal.c.
 *
 * Every row goes through the same acts as a person's own (one entry each), then one entry for the
 * file. All rows or none: a bad row undoes the whole. A dry run is the same, always undone, so that
 * it tells exactly what the import would.
 */
#pragma once

#include "server/engine/csv.h"
#include "server/engine/org.h"

#define IMPORT_ROWS_MAX 5000
#define IMPORT_COLUMNS_MAX 12

struct import_column {
	const char *name, *zh; /* either stands in the first line; name NULL ends */
	bool required;
	const char *example;
};

enum import_change { IMPORT_UNCHANGED, IMPORT_CREATED, IMPORT_UPDATED };

/* What the function for one row has at hand. */
struct import_row {
	struct store *store;
	int64_t now_ms;
	const struct entry_actor *who;
	const struct account *importer;
	unsigned roles; /* under which the importer acts */
	const struct import_kind *kind;
	const char *values[IMPORT_COLUMNS_MAX]; /* by column; "" where absent */
	uint32_t given;				/* a bit for each column that the file has */
	enum import_change change;
	struct refused *why; /* `field`: the column's name */
};

struct import_kind {
	const char *id;
	unsigned roles; /* that may import it */
	const struct import_column *columns;
	int (*apply)(struct import_row *row);
};

extern const struct import_kind import_units, import_people, import_terminals, import_macs,
	import_addresses;

/* NULL: no such kind. */
const struct import_kind *import_kind_find(const char *id);
/* The value of a column by its name. */
const char *import_value(const struct import_row *row, const char *column);
/* Whether the file has the column at all: what it does not speak of stays as it is. */
bool import_has(const struct import_row *row, const char *column);
/* The unit of code `column`, live and within the importer's scope; else refused. */
int import_unit(struct import_row *row, const char *column, struct unit *ret) MUST_CHECK;
/* The live person of that staff number; 0 with *ret_id 0 where the column is empty. */
int import_person(struct import_row *row, const char *column, int64_t *ret_id) MUST_CHECK;

/* The first line and an example, with a byte order mark. */
int import_template(const struct import_kind *kind, struct buf *ret) MUST_CHECK;
/* UTF-8 out of what office programs save (UTF-8, GB 18030); -EILSEQ: neither. */
int import_decode(const void *bytes, size_t len, struct buf *ret) MUST_CHECK;

/*
 * Applies the file. `*ret_report` is the contract's ImportReport, owned by the caller: with bad
 * rows too, then -ECANCELED with no refusal is returned and the caller's transaction must be
 * undone; a dry run (`commit` false) always ends so. Refused: the first line is not the template's.
 */
int import_file(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct account *importer, const struct import_kind *kind, const char *text,
		size_t len, bool commit, json_t **ret_report, struct refused *why) MUST_CHECK;
