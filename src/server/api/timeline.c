#include "server/api/timeline.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

/* Where a page ends: "month.at.record.seq" of the last record and entry that were shown. */
struct place {
	int64_t month, at, record, seq;
};

static int parse_place(struct call *c, struct place *ret)
{
	const char *after = call_query_text(c, "after");
	int64_t *parts[] = {&ret->month, &ret->at, &ret->record, &ret->seq};
	char number[24];

	*ret = (struct place){.seq = INT64_MAX};
	if (!after)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t len = strcspn(after, ".");

		if (text_copy_n(number, sizeof(number), after, len) ||
		    text_to_i64(number, 0, INT64_MAX, parts[i]) ||
		    (after[len] == '\0') != (i + 1 == ARRAY_SIZE(parts)))
			return call_refuse(c, REFUSAL_VALUE_WRONG, "after");
		after += len + 1;
	}
	if (ret->month > INT32_MAX)
		return call_refuse(c, REFUSAL_VALUE_WRONG, "after");
	return 0;
}

static json_t *get(const json_t *row, const char *name)
{
	json_t *v = json_object_get(row, name);

	return v ? v : json_null();
}

static json_t *record_row(const json_t *record)
{
	return json_pack("{s:O, s:O, s:s, s:O, s:O, s:O, s:O, s:O, s:O}", "at", get(record, "at"),
			 "kind", get(record, "kind"), "source", "record", "verdict",
			 get(record, "verdict"), "reason", get(record, "reason"), "account",
			 get(record, "account"), "switch_id", get(record, "switch_id"), "port",
			 get(record, "port"), "body", get(record, "body"));
}

static json_t *act_row(const json_t *entry)
{
	json_t *told = json_loads(json_string_value(get(entry, "entry")), 0, NULL), *row;
	const json_t *detail = json_object_get(told, "detail");

	row = json_pack("{s:O, s:O, s:s, s:n, s:O, s:O, s:n, s:n, s:O}", "at", get(entry, "at"),
			"kind", get(entry, "kind"), "source", "act", "verdict", "reason",
			get(detail, "reason"), "account",
			get(json_object_get(told, "actor"), "name"), "switch_id", "port", "body",
			json_is_object(detail) ? detail : json_object_get(told, "actor"));
	json_decref(told);
	return row;
}

static int64_t number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

struct merge {
	const json_t *records, *acts;
	size_t record_at, act_at;
	struct place place;
};

/* The newer of the two next rows, NULL at the end of both. */
static json_t *merge_next(struct merge *m)
{
	const json_t *record = json_array_get(m->records, m->record_at),
		     *act = json_array_get(m->acts, m->act_at);

	if (!record && !act)
		return NULL;
	if (!act || (record && number(record, "at") >= number(act, "at"))) {
		m->record_at++;
		m->place.month = number(record, "month");
		m->place.at = number(record, "at");
		m->place.record = number(record, "id");
		return record_row(record);
	}
	m->act_at++;
	m->place.seq = number(act, "seq");
	return act_row(act);
}

static json_t *merge_page(struct call *c, struct merge *m)
{
	json_t *rows = json_array(), *row, *next = json_null();
	size_t limit = list_limit(c);

	while (json_array_size(rows) < limit && (row = merge_next(m)))
		json_array_append_new(rows, row);
	if (json_array_get(m->records, m->record_at) || json_array_get(m->acts, m->act_at))
		next = json_sprintf("%" PRId64 ".%" PRId64 ".%" PRId64 ".%" PRId64, m->place.month,
				    m->place.at, m->place.record, m->place.seq);
	return json_pack("{s:o, s:o, s:n}", "rows", rows, "next", next, "total");
}

int timeline_answer(struct call *c, const struct terminal *t)
{
	size_t limit = list_limit(c) + 1;
	char subject[ACT_SUBJECT_SIZE];
	json_t *records = NULL, *acts = NULL;
	struct store_db *db;
	struct merge merge;
	int r = parse_place(c, &merge.place);

	if (!r)
		r = call_reader(c, &db);
	if (r)
		return r;
	act_subject_terminal(subject, &t->uuid);
	r = store_record_page(db,
			      &(struct store_record_filter){.terminal_id = t->id,
							    .before_month = (int)merge.place.month,
							    .before_at = merge.place.at,
							    .before_id = merge.place.record,
							    .limit = limit},
			      &records);
	if (!r)
		r = store_list_json(
			db, STMT_API_TERMINAL_ACTS,
			STORE_ARGS(v_text(subject), v_int(merge.place.seq), v_int((int64_t)limit)),
			limit, &acts);
	merge.records = records;
	merge.acts = acts;
	merge.record_at = merge.act_at = 0;
	if (!r)
		r = call_answer(c, 200, merge_page(c, &merge));
	json_decref(records);
	json_decref(acts);
	return r;
}
