/* Every filter's pages, held against the same filter over an array. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define RECORDS 900
#define UNITS 9
#define ARRIVED INT64_C(1795436156000)

static const char *const kinds[] = {"fault", "knock", "session.interim", "session.start",
				    "session.stop"};
static struct mac macs[5];
static struct store_record records[RECORDS];

/* Times come in no order and often twice; the last unit and the first kind are rare. */
static void invent(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(macs); i++)
		macs[i] = (struct mac){{2, 0, 0, 0, 0, (uint8_t)i}};
	for (size_t i = 0; i < RECORDS; i++) {
		size_t n = i * 2654435761U >> 7;
		size_t kind = n % 211 == 0 ? 0 : 1 + n % 4;

		records[i] = (struct store_record){.seq = i + 1,
						   .at_ms = ARRIVED + (int64_t)(n % 97),
						   .kind = kinds[kind],
						   .unit_id = i % 301 ? (int64_t)(n % 8) : UNITS,
						   .terminal_id = (int64_t)(n % 13),
						   .mac = &macs[n % 5],
						   .verdict = "admit",
						   .body = "{}"};
	}
}

static const uint8_t epoch[16] = {7};

static void fill(struct store *s)
{
	struct entry act = {.act = "test", .actor = {.name = "t", .role = "system", .from = ""}};
	struct head head;
	char name[8];

	invent();
	assert_int_equal(store_begin(s), 0);
	for (int64_t id = 1; id <= UNITS; id++) {
		snprintf(name, sizeof(name), "/%d/", (int)id);
		assert_int_equal(
			store_exec(s, STMT_UNIT_INSERT,
				   STORE_ARGS(v_int(id), v_null(), v_text("branch"), v_text(name),
					      v_text(name), v_text(name), v_int(0)),
				   NULL),
			0);
	}
	assert_int_equal(store_log(s, &act), 0);
	assert_int_equal(store_records(s, "gate:north", epoch, records, RECORDS), 0);
	assert_int_equal(store_commit(s, clock_wall_ms(), &head), 0);
}

static json_t *unit_list(const char *text)
{
	json_t *units = json_loads(text, 0, NULL);

	assert_non_null(units);
	return units;
}

static bool has_unit(const json_t *units, int64_t id)
{
	const json_t *u;
	size_t i;

	json_array_foreach(units, i, u)
	{
		if (json_integer_value(u) == id)
			return true;
	}
	return !units;
}

static bool has_kind(const char *wanted, const char *kind)
{
	size_t len = wanted ? strlen(wanted) : 0;

	if (len && wanted[len - 1] == '.')
		return strncmp(kind, wanted, len) == 0;
	return !len || strcmp(kind, wanted) == 0;
}

static bool passes(const struct store_record_filter *f, const struct store_record *r)
{
	return has_unit(f->units, r->unit_id) && has_kind(f->kind, r->kind) &&
	       (!f->terminal_id || f->terminal_id == r->terminal_id) &&
	       (!f->mac || memcmp(f->mac, r->mac, sizeof(*r->mac)) == 0) &&
	       r->at_ms >= f->from_ms && (!f->until_ms || r->at_ms < f->until_ms);
}

/* The next after (at, id) that passes; ids are the places in the array. */
static size_t next_by_hand(const struct store_record_filter *f, int64_t at, size_t id)
{
	size_t best = 0;

	for (size_t i = 1; i <= RECORDS; i++) {
		const struct store_record *r = &records[i - 1];

		if (!passes(f, r) || r->at_ms > at || (r->at_ms == at && i >= id))
			continue;
		if (!best || r->at_ms > records[best - 1].at_ms ||
		    (r->at_ms == records[best - 1].at_ms && i > best))
			best = i;
	}
	return best;
}

static void check(struct store_db *db, struct store_record_filter f)
{
	int64_t at = INT64_MAX;
	size_t id = RECORDS + 1, count;
	json_t *rows;

	f.limit = 23;
	do {
		assert_int_equal(store_record_page(db, &f, &rows), 0);
		count = json_array_size(rows);
		for (size_t i = 0; i < f.limit; i++) {
			const json_t *row = json_array_get(rows, i);
			size_t should = next_by_hand(&f, at, id);

			assert_int_equal(json_integer_value(json_object_get(row, "id")), should);
			if (!should)
				break;
			id = should;
			at = records[id - 1].at_ms;
			f.before_month = (int)json_integer_value(json_object_get(row, "month"));
		}
		f.before_at = at;
		f.before_id = (int64_t)id;
		json_decref(rows);
	} while (count == f.limit);
}

static void pages_of_every_filter_are_those_of_a_plain_search(void **state)
{
	static const char *const wanted[] = {NULL, "knock", "fault", "session.", "sess", "none."};
	struct lab *lab = *state;
	json_t *units[] = {NULL, unit_list("[]"), unit_list("[9]"), unit_list("[1,4,9]"),
			   unit_list("[1,2,3,4,5,6,7]")};
	struct store_db *db;

	fill(lab->store);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	for (size_t u = 0; u < ARRAY_SIZE(units); u++)
		for (size_t k = 0; k < ARRAY_SIZE(wanted); k++) {
			struct store_record_filter f = {.units = units[u], .kind = wanted[k]};

			check(db, f);
			f.until_ms = ARRIVED + 90;
			f.from_ms = ARRIVED + 40;
			check(db, f);
			f.terminal_id = 6;
			check(db, f);
			f.terminal_id = 0;
			f.mac = &macs[3];
			check(db, f);
		}
	for (size_t u = 0; u < ARRAY_SIZE(units); u++)
		json_decref(units[u]);
	store_reader_free(db);
}

/* More than are looked through for the sake of a rare kind. */
static void a_common_kind_of_one_unit_is_found_in_the_unit(void **state)
{
	struct lab *lab = *state;
	struct store_record_filter f = {.kind = "knock", .units = unit_list("[9]"), .limit = 100};
	struct store_db *db;
	struct head head;
	json_t *rows;

	fill(lab->store);
	for (size_t i = 0; i < RECORDS; i++) {
		records[i].kind = "knock";
		records[i].unit_id = i % 300 ? 1 : UNITS;
	}
	assert_int_equal(store_begin(lab->store), 0);
	for (size_t batch = 1; batch <= 24; batch++) {
		for (size_t i = 0; i < RECORDS; i++)
			records[i].seq = batch * RECORDS + i + 1;
		assert_int_equal(store_records(lab->store, "gate:north", epoch, records, RECORDS),
				 0);
	}
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	assert_int_equal(store_record_page(db, &f, &rows), 0);
	assert_true(json_array_size(rows) >= 24 * 3);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		assert_int_equal(json_integer_value(json_object_get(row, "unit_id")), UNITS);
		assert_string_equal(json_string_value(json_object_get(row, "kind")), "knock");
	}
	json_decref(rows);
	json_decref((json_t *)(uintptr_t)f.units);
	store_reader_free(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(pages_of_every_filter_are_those_of_a_plain_search),
		CASE(a_common_kind_of_one_unit_is_found_in_the_unit),
	};

	return cmocka_run_group_tests_name("store/record_page", tests, NULL, NULL);
}
