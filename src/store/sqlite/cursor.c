/* Reading: cursors over SELECT statements, and their rows as values and as JSON. */
#include <string.h>

#include "base/text.h"
#include "store/sqlite/connection.h"

int store_select(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		 size_t count, struct store_cursor **ret)
{
	struct store_cursor *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	*c = (struct store_cursor){.db = db, .which = stmt};
	err = connection_take(db, stmt, &c->stmt);
	if (!err)
		err = statement_bind(c->stmt, args, count);
	if (err) {
		store_cursor_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

int store_next(struct store_cursor *c)
{
	int code = sqlite3_step(c->stmt);

	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : sqlite_error(code);
}

void store_cursor_free(struct store_cursor *c)
{
	if (!c)
		return;
	if (c->stmt)
		connection_give_back(c->db, c->which, c->stmt);
	free(c);
}

size_t store_columns(const struct store_cursor *c)
{
	return (size_t)sqlite3_column_count(c->stmt);
}

const char *store_column_name(const struct store_cursor *c, size_t col)
{
	const char *name = sqlite3_column_name(c->stmt, (int)col);

	return name ? name : "";
}

bool store_is_null(const struct store_cursor *c, size_t col)
{
	return sqlite3_column_type(c->stmt, (int)col) == SQLITE_NULL;
}

int64_t store_int(const struct store_cursor *c, size_t col)
{
	return sqlite3_column_int64(c->stmt, (int)col);
}

const char *store_text(const struct store_cursor *c, size_t col)
{
	const unsigned char *text = sqlite3_column_text(c->stmt, (int)col);

	return text ? (const char *)text : "";
}

const void *store_blob(const struct store_cursor *c, size_t col, size_t *ret_len)
{
	const void *data = sqlite3_column_blob(c->stmt, (int)col);

	*ret_len = (size_t)sqlite3_column_bytes(c->stmt, (int)col);
	return data;
}

static int copy_exact(const struct store_cursor *c, size_t col, void *ret, size_t size)
{
	size_t len;
	const void *data = store_blob(c, col, &len);

	if (len != size)
		return store_is_null(c, col) ? -ENOENT : -EUCLEAN;
	memcpy(ret, data, size);
	return 0;
}

int store_mac(const struct store_cursor *c, size_t col, struct mac *ret)
{
	return copy_exact(c, col, ret->b, sizeof(ret->b));
}

int store_uuid(const struct store_cursor *c, size_t col, struct uuid *ret)
{
	return copy_exact(c, col, ret->b, sizeof(ret->b));
}

static json_t *hex_json(const struct store_cursor *c, size_t col)
{
	size_t len;
	const void *data = store_blob(c, col, &len);
	CLEANUP_FREE char *text = malloc(2 * len + 1);

	if (!text)
		return NULL;
	hex_encode(text, data, len);
	return json_stringn(text, 2 * len);
}

static json_t *mac_json(const struct store_cursor *c, size_t col)
{
	char text[MAC_TEXT_SIZE];
	struct mac mac;

	if (store_mac(c, col, &mac))
		return json_null();
	mac_format(text, &mac);
	return json_string(text);
}

static json_t *uuid_json(const struct store_cursor *c, size_t col)
{
	char text[UUID_TEXT_SIZE];
	struct uuid uuid;

	if (store_uuid(c, col, &uuid))
		return json_null();
	uuid_format(text, &uuid);
	return json_string(text);
}

static json_t *bool_json(const struct store_cursor *c, size_t col)
{
	return json_boolean(store_int(c, col) != 0);
}

/* A stored JSON text that does not parse is shown as null rather than ending the whole page. */
static json_t *nested_json(const struct store_cursor *c, size_t col)
{
	json_t *value = json_loads(store_text(c, col), JSON_DECODE_ANY, NULL);

	return value ? value : json_null();
}

static const struct {
	const char *name;
	json_t *(*make)(const struct store_cursor *c, size_t col);
} json_types[] = {
	{"bool", bool_json}, {"json", nested_json}, {"mac", mac_json},
	{"uuid", uuid_json}, {"hex", hex_json},
};

static json_t *column_json(const struct store_cursor *c, size_t col, const char *type)
{
	int stored = sqlite3_column_type(c->stmt, (int)col);

	if (stored == SQLITE_NULL)
		return json_null();
	for (size_t i = 0; i < ARRAY_SIZE(json_types); i++)
		if (text_equal(json_types[i].name, type))
			return json_types[i].make(c, col);
	if (stored == SQLITE_INTEGER)
		return json_integer(store_int(c, col));
	return stored == SQLITE_BLOB ? hex_json(c, col) : json_string(store_text(c, col));
}

json_t *store_row_json(const struct store_cursor *c)
{
	json_t *row = json_object();

	for (size_t col = 0; row && col < store_columns(c); col++) {
		const char *alias = store_column_name(c, col), *colon = strchr(alias, ':');
		size_t len = colon ? (size_t)(colon - alias) : strlen(alias);

		if (json_object_setn_new(row, alias, len,
					 column_json(c, col, colon ? colon + 1 : ""))) {
			json_decref(row);
			row = NULL;
		}
	}
	return row;
}

int store_get_int(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		  size_t count, int64_t fallback, int64_t *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int got = store_select(db, stmt, args, count, &c);

	if (!got)
		got = store_next(c);
	if (got < 0)
		return got;
	*ret = got && !store_is_null(c, 0) ? store_int(c, 0) : fallback;
	return 0;
}

int store_get_json(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		   size_t count, json_t **ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int got = store_select(db, stmt, args, count, &c);
	json_t *row;

	if (!got)
		got = store_next(c);
	if (got <= 0)
		return got;
	row = store_row_json(c);
	if (!row)
		return -ENOMEM;
	*ret = row;
	return 1;
}

int store_list_json(struct store_db *db, enum store_stmt stmt, const struct store_value *args,
		    size_t count, size_t max, json_t **ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int got = store_select(db, stmt, args, count, &c);
	json_t *rows;

	if (got < 0)
		return got;
	rows = json_array();
	if (!rows)
		return -ENOMEM;
	while (json_array_size(rows) < max && (got = store_next(c)) == 1)
		if (json_array_append_new(rows, store_row_json(c))) {
			got = -ENOMEM;
			break;
		}
	if (got < 0) {
		json_decref(rows);
		return got;
	}
	*ret = rows;
	return 0;
}
