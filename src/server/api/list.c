#include "server/api/list.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#define ARGS_MAX 20

struct list_args {
	struct store_value values[ARGS_MAX];
	size_t count;
	struct mac macs[2];
	size_t mac_count;
};

static void add(struct list_args *args, struct store_value v)
{
	if (args->count < ARGS_MAX)
		args->values[args->count++] = v;
}

static int add_mac(struct list_args *args, const char *text)
{
	struct mac *mac = &args->macs[args->mac_count++];
	int r = mac_parse(text, mac);

	if (!r)
		add(args, v_mac(mac));
	return r;
}

static bool is_paging(const char *name)
{
	return !strcmp(name, "after") || !strcmp(name, "limit");
}

static int add_filter(struct list_args *args, const struct value_rule *rule, const json_t *v)
{
	if (!v)
		add(args, v_null());
	else if (rule->kind == VALUE_MAC)
		return add_mac(args, json_string_value(v));
	else if (json_is_string(v))
		add(args, v_text(json_string_value(v)));
	else if (json_is_boolean(v))
		add(args, v_int(json_is_true(v)));
	else
		add(args, v_int(json_integer_value(v)));
	return 0;
}

static int add_filters(struct call *c, struct list_args *args, const char *scope)
{
	const struct value_rule *rule = c->match.route->query;
	int r = 0;

	add(args, v_int(c->now_ms));
	add(args, v_int(c->account.id));
	add(args, v_text(scope));
	for (size_t i = 0; i < c->match.value_count; i++)
		add(args, v_int(call_path_id(c, i)));
	for (; !r && rule && rule->name; rule++)
		if (!is_paging(rule->name))
			r = add_filter(args, rule, json_object_get(c->query, rule->name));
	return r;
}

/* "1795436156123" or "1795436156123.aa:bb:cc:dd:ee:ff". */
static int add_key(struct call *c, struct list_args *args, const struct list *list)
{
	const char *after = call_query_text(c, "after");
	int64_t key = list->newest_first ? INT64_MAX : 0;
	char number[24];
	size_t len;

	if (!after) {
		add(args, v_int(key));
		if (list->mac_key)
			add(args, v_blob("", 0));
		return 0;
	}
	len = strcspn(after, ".");
	if (text_copy_n(number, sizeof(number), after, len) ||
	    text_to_i64(number, 0, INT64_MAX, &key))
		return call_refuse(c, REFUSAL_VALUE_WRONG, "after");
	add(args, v_int(key));
	if (!list->mac_key)
		return after[len] ? call_refuse(c, REFUSAL_VALUE_WRONG, "after") : 0;
	if (!after[len] || add_mac(args, after + len + 1))
		return call_refuse(c, REFUSAL_VALUE_WRONG, "after");
	return 0;
}

size_t list_limit(const struct call *c)
{
	return (size_t)call_query_int(c, "limit", LIST_DEFAULT);
}

static json_t *next_key(const struct list *list, const json_t *row)
{
	int64_t key = json_integer_value(json_object_get(row, list->key ? list->key : "id"));

	if (list->mac_key)
		return json_sprintf("%" PRId64 ".%s", key,
				    json_string_value(json_object_get(row, list->mac_key)));
	return json_sprintf("%" PRId64, key);
}

int list_page(struct call *c, const struct list *list, json_t *rows, json_t *total)
{
	size_t limit = list_limit(c), i;
	json_t *next = json_null(), *row;

	if (json_array_size(rows) > limit) {
		json_array_remove(rows, limit);
		next = next_key(list, json_array_get(rows, limit - 1));
	}
	json_array_foreach(rows, i, row)
	{
		if (list->hide_key)
			json_object_del(row, list->key);
		if (list->finish)
			list->finish(c, row);
	}
	return call_answer(
		c, 200, json_pack("{s:o, s:o, s:o}", "rows", rows, "next", next, "total", total));
}

/* A first page that is not full is counted by itself; where counting is dear there is no total. */
static bool wants_count(const struct call *c, const struct list *list)
{
	if (!list->has_total)
		return false;
	for (const char *const *name = list->dear; name && *name; name++)
		if (json_object_get(c->query, *name))
			return false;
	return true;
}

static int count_rows(struct call *c, struct store_db *db, const struct list *list,
		      const struct list_args *args, size_t filters, const json_t *rows,
		      json_t **ret)
{
	int64_t count = (int64_t)json_array_size(rows);
	int r = 0;

	*ret = json_null();
	if (!call_query_text(c, "after") && (size_t)count <= list_limit(c)) {
		*ret = json_integer(count);
	} else if (wants_count(c, list)) {
		r = store_get_int(db, list->total, args->values, filters, 0, &count);
		if (!r)
			*ret = json_integer(count);
	}
	return r;
}

int list_answer(struct call *c, const struct list *list)
{
	struct list_args args = {.count = 0};
	CLEANUP_FREE char *scope = NULL;
	struct store_db *db;
	json_t *rows = NULL, *total = NULL;
	size_t filters;
	int r = call_scope(c, &scope);

	if (!r)
		r = add_filters(c, &args, scope);
	filters = args.count;
	if (!r)
		r = add_key(c, &args, list);
	add(&args, v_int((int64_t)list_limit(c) + 1));
	if (!r)
		r = call_reader(c, &db);
	if (!r)
		r = store_list_json(db, list->page, args.values, args.count, LIST_MOST + 1, &rows);
	if (!r)
		r = count_rows(c, db, list, &args, filters, rows, &total);
	if (r) {
		json_decref(rows);
		return r;
	}
	return list_page(c, list, rows, total);
}
