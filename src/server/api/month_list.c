#include "server/api/month_list.h"

#include <inttypes.h>

#include "base/text.h"

#define UNITS_MAX 20000

int month_key_parse(struct call *c, struct month_key *ret)
{
	const char *after = call_query_text(c, "after");
	int64_t parts[3] = {0};
	char number[24];

	for (size_t i = 0; after && i < ARRAY_SIZE(parts); i++) {
		size_t len = strcspn(after, ".");

		if (text_copy_n(number, sizeof(number), after, len) ||
		    text_to_i64(number, 0, i ? INT64_MAX : INT32_MAX, &parts[i]) ||
		    (after[len] == '\0') != (i + 1 == ARRAY_SIZE(parts)))
			return call_refuse(c, REFUSAL_VALUE_WRONG, "after");
		after += len + 1;
	}
	*ret = (struct month_key){(int)parts[0], parts[1], parts[2]};
	return 0;
}

int month_list_units(struct call *c, struct store_db *db, json_t **ret)
{
	CLEANUP_FREE char *scope = NULL;
	json_t *rows, *ids, *row;
	int64_t unit = call_query_int(c, "unit", 0);
	size_t i;
	int r;

	r = call_scope(c, &scope);
	if (!r)
		r = store_list_json(db, STMT_API_UNIT_IDS,
				    STORE_ARGS(v_text(scope), v_int_or_null(unit)), UNITS_MAX,
				    &rows);
	if (r)
		return r;
	ids = json_array();
	json_array_foreach(rows, i, row) json_array_append(ids, json_object_get(row, "id"));
	json_decref(rows);
	*ret = ids;
	return ids ? 0 : -ENOMEM;
}

static json_t *key_of(const json_t *row)
{
	return json_sprintf("%" PRId64 ".%" PRId64 ".%" PRId64,
			    (int64_t)json_integer_value(json_object_get(row, "month")),
			    (int64_t)json_integer_value(json_object_get(row, "at")),
			    (int64_t)json_integer_value(json_object_get(row, "id")));
}

int month_list_answer(struct call *c, json_t *rows, month_row_fn *finish)
{
	size_t limit = list_limit(c), i;
	json_t *next = json_null(), *row;
	int r = 0;

	if (json_array_size(rows) > limit) {
		json_array_remove(rows, limit);
		next = key_of(json_array_get(rows, limit - 1));
	}
	json_array_foreach(rows, i, row)
	{
		if (!r && finish)
			r = finish(c, row);
	}
	if (r) {
		json_decref(rows);
		json_decref(next);
		return r;
	}
	return call_answer(c, 200,
			   json_pack("{s:o, s:o, s:n}", "rows", rows, "next", next, "total"));
}
