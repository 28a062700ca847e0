/*
 * List pages. The statements take ?1 now, ?2 the caller's account, ?3 the caller's scope as a JSON
 * array of paths, then the path's id if the route has one, then the filters in the order of the
 * route's query table; the page's own then the key of the page before (one value or two) and the
 * limit. Rows come as the contract writes them.
 */
#pragma once

#include "server/api/call.h"

struct list {
	enum store_stmt page;
	bool has_total;
	enum store_stmt total;
	const char *const
		*dear;	     /* filters with which counting is dear: then no total; NULL-ended */
	const char *key;     /* column with the row's place in the order; NULL: "id" */
	const char *mac_key; /* second column, a MAC, where `key` alone is not unique; NULL: none */
	bool newest_first;
	bool hide_key;				     /* the column is not part of the row */
	void (*finish)(struct call *c, json_t *row); /* may change each row; NULL */
};

#define LIST_DEFAULT 50
#define LIST_MOST 200

/* What every list's query begins with; close the table with {.name = NULL}. */
#define LIST_QUERY                                                                                 \
	{.name = "after",                                                                          \
	 .kind = VALUE_TEXT,                                                                       \
	 .min = 1,                                                                                 \
	 .max = 64,                                                                                \
	 .alphabet = ALPHABET_SMALL ALPHABET_DIGITS ".:-"},                                        \
	{                                                                                          \
		.name = "limit", .kind = VALUE_INT, .min = 1, .max = LIST_MOST                     \
	}

int list_answer(struct call *c, const struct list *list) MUST_CHECK;
/* The page as {rows, next, total}; takes `rows` (which may hold one more than `limit`) over. */
int list_page(struct call *c, const struct list *list, json_t *rows, json_t *total) MUST_CHECK;
size_t list_limit(const struct call *c);
