#include "journal/entry.h"

#include "base/text.h"
#include "journal/json_text.h"

static const uint8_t row_prefix = 0x02;

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static int check_text(const char *s)
{
	size_t len = strlen(s);

	if (len > ENTRY_TEXT_MAX)
		return -EMSGSIZE;
	return text_is_clean(s, len) ? 0 : -EINVAL;
}

static int check_detail(const json_t *value, unsigned depth)
{
	const char *key;
	json_t *member;
	size_t i;
	int r = 0;

	if (depth > ENTRY_DEPTH_MAX || json_is_real(value))
		return -EINVAL;
	if (json_is_string(value))
		return strlen(json_string_value(value)) == json_string_length(value) ? 0 : -EINVAL;
	if (json_is_array(value)) {
		for (i = 0; !r && i < json_array_size(value); i++)
			r = check_detail(json_array_get(value, i), depth + 1);
		return r;
	}
	for (void *it = json_object_iter((json_t *)(uintptr_t)value); !r && it;
	     it = json_object_iter_next((json_t *)(uintptr_t)value, it)) {
		key = json_object_iter_key(it);
		member = json_object_iter_value(it);
		r = *key ? check_detail(member, depth + 1) : -EINVAL;
	}
	return r;
}

static int check_entry(const struct entry *e)
{
	const char *texts[] = {or_empty(e->act), or_empty(e->actor.name), or_empty(e->actor.role),
			       or_empty(e->actor.from), or_empty(e->subject)};
	int r = *texts[0] ? 0 : -EINVAL;

	for (size_t i = 0; !r && i < ARRAY_SIZE(texts); i++)
		r = check_text(texts[i]);
	if (!r && e->row_count > ENTRY_ROWS_MAX)
		r = -EMSGSIZE;
	for (size_t i = 0; !r && i < e->row_count; i++) {
		r = check_text(e->rows[i].table);
		if (!r)
			r = check_text(e->rows[i].id);
	}
	if (!r && (e->seq > INT64_MAX || e->at_ms < 0 || e->unit < 0 || e->actor.account < 0))
		r = -EINVAL;
	if (!r && e->detail)
		r = json_is_object(e->detail) ? check_detail(e->detail, 1) : -EINVAL;
	return r;
}

static int append_json(const char *text, size_t len, void *arg)
{
	struct buf *b = arg;

	buf_append(b, text, len);
	return b->error ? -1 : 0;
}

static int put_detail(struct buf *b, const json_t *detail)
{
	if (!detail || !json_object_size(detail)) {
		buf_puts(b, "{}");
		return b->error;
	}
	if (json_dump_callback(detail, append_json, b, JSON_COMPACT | JSON_SORT_KEYS))
		return b->error ? b->error : -ENOMEM;
	return 0;
}

static void put_rows(struct buf *b, const struct entry *e)
{
	char hex[HASH_TEXT_SIZE];

	for (size_t i = 0; i < e->row_count; i++) {
		const struct entry_row *row = &e->rows[i];

		buf_puts(b, i ? ",[" : "[");
		json_put_text(b, row->table);
		buf_put_u8(b, ',');
		json_put_text(b, row->id);
		if (row->deleted) {
			buf_puts(b, ",null]");
			continue;
		}
		hex_encode(hex, row->digest, HASH_SIZE);
		buf_puts(b, ",\"");
		buf_append(b, hex, 2 * HASH_SIZE);
		buf_puts(b, "\"]");
	}
}

static void put_named(struct buf *b, const char *before, const char *text)
{
	buf_puts(b, before);
	json_put_text(b, or_empty(text));
}

static int put_entry(struct buf *b, const struct entry *e)
{
	int r;

	buf_printf(b, "{\"seq\":%llu,\"at\":%lld", (unsigned long long)e->seq, (long long)e->at_ms);
	put_named(b, ",\"act\":", e->act);
	buf_printf(b, ",\"actor\":{\"account\":%lld", (long long)e->actor.account);
	put_named(b, ",\"name\":", e->actor.name);
	put_named(b, ",\"role\":", e->actor.role);
	put_named(b, ",\"from\":", e->actor.from);
	buf_printf(b, "},\"unit\":%lld", (long long)e->unit);
	put_named(b, ",\"subject\":", e->subject);
	buf_puts(b, ",\"detail\":");
	r = put_detail(b, e->detail);
	if (r)
		return r;
	buf_puts(b, ",\"rows\":[");
	put_rows(b, e);
	buf_puts(b, "]}");
	return b->error;
}

int entry_encode(const struct entry *e, struct buf *ret)
{
	size_t start = ret->len;
	int r = check_entry(e);

	if (r)
		return r;
	r = put_entry(ret, e);
	if (!r && ret->len - start > ENTRY_SIZE_MAX)
		r = -EMSGSIZE;
	if (r && ret->data) {
		ret->len = start;
		ret->data[start] = 0;
	}
	return r;
}

static int read_row(const json_t *value, struct entry_row *ret)
{
	const json_t *digest = json_array_get(value, 2);
	const char *table = json_string_value(json_array_get(value, 0));
	const char *id = json_string_value(json_array_get(value, 1));

	if (!table || !id || json_array_size(value) != 3)
		return -EBADMSG;
	*ret = (struct entry_row){.table = table, .id = id, .deleted = json_is_null(digest)};
	if (ret->deleted)
		return 0;
	if (json_string_length(digest) != 2 * HASH_SIZE)
		return -EBADMSG;
	return hex_decode(ret->digest, HASH_SIZE, json_string_value(digest)) ? -EBADMSG : 0;
}

static int read_rows(const json_t *rows, struct entry *e)
{
	size_t count = json_array_size(rows);
	int r = json_is_array(rows) && count <= ENTRY_ROWS_MAX ? 0 : -EBADMSG;

	if (r || !count)
		return r;
	e->owned_rows = calloc(count, sizeof(*e->owned_rows));
	if (!e->owned_rows)
		return -ENOMEM;
	for (size_t i = 0; !r && i < count; i++)
		r = read_row(json_array_get(rows, i), &e->owned_rows[i]);
	e->rows = e->owned_rows;
	e->row_count = count;
	return r;
}

static int read_actor(const json_t *value, struct entry_actor *ret)
{
	struct json_fields f = {.object = value};

	ret->account = json_take_int(&f, "account", 0, INT64_MAX);
	ret->name = json_take_text(&f, "name");
	ret->role = json_take_text(&f, "role");
	ret->from = json_take_text(&f, "from");
	return json_fields_end(&f);
}

static int read_entry(struct entry *e)
{
	struct json_fields f = {.object = e->owned};
	int r;

	e->seq = (uint64_t)json_take_int(&f, "seq", 0, INT64_MAX);
	e->at_ms = json_take_int(&f, "at", 0, INT64_MAX);
	e->act = json_take_text(&f, "act");
	r = read_actor(json_take(&f, "actor"), &e->actor);
	e->unit = json_take_int(&f, "unit", 0, INT64_MAX);
	e->subject = json_take_text(&f, "subject");
	e->detail = json_take(&f, "detail");
	if (!r)
		r = read_rows(json_take(&f, "rows"), e);
	return r ? r : json_fields_end(&f);
}

/* The one accepted spelling is the one that would be written. */
static int check_spelling(const struct entry *e, const void *bytes, size_t len)
{
	CLEANUP_BUF struct buf again = BUF_INIT;
	int r;

	again.limit = ENTRY_SIZE_MAX;
	if (!buf_reserve(&again, len))
		return again.error;
	r = entry_encode(e, &again);
	if (r)
		return r == -ENOMEM ? r : -EBADMSG;
	return again.len == len && !memcmp(again.data, bytes, len) ? 0 : -EBADMSG;
}

int entry_parse(const void *bytes, size_t len, struct entry *ret)
{
	struct entry e = {0};
	int r = len > ENTRY_SIZE_MAX ? -EBADMSG : json_text_load(bytes, len, &e.owned);

	if (!r)
		r = read_entry(&e);
	if (!r)
		r = check_spelling(&e, bytes, len);
	if (r) {
		entry_done(&e);
		return r;
	}
	*ret = e;
	return 0;
}

void entry_done(struct entry *e)
{
	json_decref(e->owned);
	free(e->owned_rows);
	*e = (struct entry){0};
}

int entry_row_digest(struct hasher *h, const char *table, const char *id, const void *content,
		     size_t len, uint8_t ret[static HASH_SIZE])
{
	const struct piece pieces[] = {
		PIECE(&row_prefix, 1),
		PIECE(table, strlen(table) + 1),
		PIECE(id, strlen(id) + 1),
		PIECE(content, len),
	};

	return hasher_pieces(h, pieces, ARRAY_SIZE(pieces), ret);
}
