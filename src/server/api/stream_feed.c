#include "server/api/stream_feed.h"

#include "base/mac.h"
#include "base/text.h"
#include "server/engine/org.h"

#define ENTRIES_AT_ONCE 500
#define RECORDS_AT_ONCE 200
#define RECORDS_SLACK_MS 10000 /* several gates deliver side by side */
#define DESK (ROLE_SECURITY | ROLE_REGIONAL | ROLE_AUDITOR)
#define EVERYBODY (DESK | ROLE_SYSTEM | ROLE_APPROVER | ROLE_DEVICE_OFFICER)

/* Which acts are events, and for whom. */
static const struct {
	const char *prefix, *type;
	unsigned roles;
} acts[] = {
	{"terminal.", "terminal", EVERYBODY},
	{"permit.", "terminal", EVERYBODY},
	{"enrol.", "terminal", DESK},
	{"deny.", "terminal", DESK},
	{"request.", "request", EVERYBODY},
	{"proposal.", "proposal", DESK | ROLE_SYSTEM},
	{"bypass.", "bypass", DESK | ROLE_SYSTEM},
	{"unit.", "unit", EVERYBODY},
	{"gate.", "gate", DESK | ROLE_SYSTEM},
	{"switch.", "gate", DESK | ROLE_SYSTEM},
	{"alarm.", "alarm", DESK | ROLE_SYSTEM},
	{"breaker.", "alarm", DESK | ROLE_SYSTEM},
};

static const struct {
	const char *prefix, *type;
} records[] = {
	{"knock", "knock"},
	{"session.", "session"},
	{"finding", "alarm"},
	{"gate.", "alarm"},
};

struct feeding {
	struct stream_feed *feed;
	struct store_db *db;
	stream_event_fn *fn;
	void *arg;
};

static void emit(struct feeding *f, const char *type, unsigned roles, const char *path,
		 const json_t *data)
{
	struct stream_event event = {.id = ++f->feed->next_id,
				     .type = type,
				     .unit_path = path,
				     .roles = roles,
				     .data = data};

	f->fn(f->arg, &event);
}

static void emit_entry(struct feeding *f, const struct store_cursor *c)
{
	const char *act = store_text(c, 2);
	json_t *row = store_row_json(c);

	f->feed->seq = store_int(c, 0);
	for (size_t i = 0; row && i < ARRAY_SIZE(acts); i++)
		if (text_starts(act, acts[i].prefix)) {
			const char *path = store_text(c, 5);

			json_object_del(row, "path");
			emit(f, acts[i].type, acts[i].roles, *path ? path : "/", row);
			break;
		}
	json_decref(row);
}

static int read_entries(struct feeding *f)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(f->db, STMT_API_FEED_ENTRIES,
			     STORE_ARGS(v_int(f->feed->seq), v_int(ENTRIES_AT_ONCE)), &c);

	while (!r && (r = store_next(c)) == 1) {
		emit_entry(f, c);
		r = 0;
	}
	return r;
}

static bool seen_before(struct stream_feed *feed, int64_t key)
{
	for (size_t i = 0; i < FEED_SEEN; i++)
		if (feed->seen[i] == key)
			return true;
	feed->seen[feed->seen_at++ % FEED_SEEN] = key;
	return false;
}

static int64_t number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

/* A knock as the admission page lists it: the last one of its MAC. */
static int knock_data(struct feeding *f, const json_t *record, json_t **ret)
{
	const char *text = json_string_value(json_object_get(record, "mac"));
	struct mac mac;
	int r = text ? mac_parse(text, &mac) : -EINVAL;

	if (r)
		return 0;
	return store_get_json(f->db, STMT_API_KNOCK, STORE_ARGS(v_mac(&mac)), ret);
}

static int emit_record(struct feeding *f, const char *type, json_t *record)
{
	int64_t unit_id = number(record, "unit_id");
	struct unit unit = {.path = "/"};
	json_t *knock = NULL;
	int r = unit_id ? unit_load(f->db, unit_id, &unit) : 0;

	if (r >= 0 && !strcmp(type, "knock"))
		r = knock_data(f, record, &knock);
	if (r >= 0)
		emit(f, type, DESK, unit.path, knock ? knock : record);
	json_decref(knock);
	return r < 0 ? r : 0;
}

static int read_record(struct feeding *f, json_t *record)
{
	const char *kind = json_string_value(json_object_get(record, "kind"));
	int64_t at = number(record, "at");

	if (seen_before(f->feed, number(record, "month") << 40 | number(record, "id")))
		return 0;
	f->feed->record_at = MAX(f->feed->record_at, at);
	for (size_t i = 0; kind && i < ARRAY_SIZE(records); i++)
		if (text_starts(kind, records[i].prefix))
			return emit_record(f, records[i].type, record);
	return 0;
}

static int read_records(struct feeding *f)
{
	struct store_record_filter filter = {.from_ms = f->feed->record_at - RECORDS_SLACK_MS,
					     .limit = RECORDS_AT_ONCE};
	json_t *rows;
	int r = store_record_page(f->db, &filter, &rows);

	if (r)
		return r;
	for (size_t i = json_array_size(rows); !r && i > 0; i--)
		r = read_record(f, json_array_get(rows, i - 1));
	json_decref(rows);
	return r;
}

int stream_feed_read(struct stream_feed *f, struct store_db *db, int64_t now_ms,
		     stream_event_fn *fn, void *arg)
{
	struct feeding feeding = {.feed = f, .db = db, .fn = fn, .arg = arg};
	int r;

	if (f->stale) {
		f->stale = false;
		f->record_at = now_ms;
		r = store_get_int(db, STMT_LOG_SIZE, STORE_NO_ARGS, 0, &f->seq);
		f->seq--;
		return r;
	}
	r = read_entries(&feeding);
	return r ? r : read_records(&feeding);
}
