/* List pages over the monthly files: their rows say month, time and id of their place. */
#pragma once

#include "server/api/list.h"

/* "202611.1795436156123.42": of the last row of the page before; zeros begin. */
struct month_key {
	int month;
	int64_t at, id;
};

int month_key_parse(struct call *c, struct month_key *ret) MUST_CHECK;
/* The ids of the units that may be seen and were asked for ("unit"), owned by the caller. */
int month_list_units(struct call *c, struct store_db *db, json_t **ret) MUST_CHECK;
/* The page as {rows, next, total}; takes `rows`, which may hold one more than the limit, over.
 * `finish` may change each row of the answer; NULL. */
typedef int month_row_fn(struct call *c, json_t *row);
int month_list_answer(struct call *c, json_t *rows, month_row_fn *finish) MUST_CHECK;
