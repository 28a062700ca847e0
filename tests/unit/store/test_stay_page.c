/* Who was where when: every filter's pages, held against the same filter over an array. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define STAYS 900
#define UNITS 9
#define HOUR INT64_C(3600000)
#define ARRIVED INT64_C(1795436156000)

static struct mac macs[5];
static const char *const accounts[] = {"", "anna", "bo", "cui"};
static const char *const ports[] = {"", "GE1/0/1", "GE1/0/2"};
static struct store_record records[STAYS];
static struct store_stay stays[STAYS];
static struct store_stay_address addresses[STAYS][2];
static char sessions[STAYS][33];
static const uint8_t epoch[16] = {7};

static void address_of(size_t n, struct store_stay_address *ret)
{
	static const char *const texts[] = {"10.0.0.1", "10.0.0.2", "10.0.1.1", "10.9.0.1"};
	static const uint8_t tails[][4] = {
		{10, 0, 0, 1}, {10, 0, 0, 2}, {10, 0, 1, 1}, {10, 9, 0, 1}};

	*ret = (struct store_stay_address){.key = {[10] = 0xff, [11] = 0xff},
					   .text = texts[n % 4],
					   .source = "dhcp",
					   .first_at = ARRIVED,
					   .last_at = ARRIVED};
	memcpy(ret->key + 12, tails[n % 4], 4);
}

/* Ends come in no order and often twice; one in eleven stayed for days; the last unit is rare. */
static void invent(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(macs); i++)
		macs[i] = (struct mac){{2, 0, 0, 0, 0, (uint8_t)i}};
	for (size_t i = 0; i < STAYS; i++) {
		size_t n = i * 2654435761U >> 7;
		int64_t end = ARRIVED + (int64_t)(n % 97) * HOUR;

		address_of(n, &addresses[i][0]);
		address_of(n + 1, &addresses[i][1]);
		snprintf(sessions[i], sizeof(sessions[i]), "%032zx", i);
		stays[i] = (struct store_stay){
			.session = sessions[i],
			.why = "stop",
			.began_at = end - (n % 11 ? (int64_t)(n % 20) * HOUR : 5 * DAY_MS),
			.heard_at = end,
			.ended_at = end,
			.addresses = addresses[i],
			.address_count = n % 3};
		records[i] = (struct store_record){.seq = i + 1,
						   .at_ms = end,
						   .kind = "session.stop",
						   .unit_id = i % 301 ? (int64_t)(n % 8) : UNITS,
						   .terminal_id = (int64_t)(n % 13),
						   .switch_id = (int64_t)(n % 4),
						   .port = ports[n % 3],
						   .mac = &macs[n % 5],
						   .account = accounts[n / 4 % 4],
						   .verdict = "admit",
						   .reason = "ok",
						   .body = "{\"method\":\"mab\",\"octets_in\":7}",
						   .stay = &stays[i]};
	}
}

static void add_units(struct store *s)
{
	struct entry act = {.act = "test", .actor = {.name = "t", .role = "system", .from = ""}};
	char name[8];

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
}

static void fill(struct store *s)
{
	struct head head;

	invent();
	assert_int_equal(store_begin(s), 0);
	add_units(s);
	assert_int_equal(store_records(s, "gate:north", epoch, records, STAYS), 0);
	assert_int_equal(store_commit(s, clock_wall_ms(), &head), 0);
}

static bool has_number(const json_t *list, int64_t number)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		if (json_integer_value(v) == number)
			return true;
	}
	return false;
}

static bool has_text(const json_t *list, const char *text)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
	{
		if (text[0] && strcmp(json_string_value(v), text) == 0)
			return true;
	}
	return false;
}

static bool has_address(const struct store_stay_filter *f, const struct store_stay *s)
{
	if (!f->address_from)
		return true;
	for (size_t i = 0; i < s->address_count; i++)
		if (memcmp(s->addresses[i].key, f->address_from, 16) >= 0 &&
		    memcmp(s->addresses[i].key, f->address_to, 16) <= 0)
			return true;
	return false;
}

static bool is_who(const struct store_stay_filter *f, const struct store_record *r)
{
	return !f->accounts || has_text(f->accounts, r->account) ||
	       (r->terminal_id && has_number(f->terminals, r->terminal_id)) ||
	       (!r->account[0] && r->terminal_id && has_number(f->bare_terminals, r->terminal_id));
}

static bool passes(const struct store_stay_filter *f, const struct store_record *r)
{
	return (!f->units || has_number(f->units, r->unit_id)) && is_who(f, r) &&
	       (!f->mac || memcmp(f->mac, r->mac, sizeof(*r->mac)) == 0) &&
	       (!f->switch_id || f->switch_id == r->switch_id) &&
	       (!f->port || strcmp(f->port, r->port) == 0) && has_address(f, r->stay) &&
	       r->stay->ended_at >= f->from_ms && (!f->until_ms || r->stay->began_at < f->until_ms);
}

/* The next after (at, id) that passes; ids are the places in the array. */
static size_t next_by_hand(const struct store_stay_filter *f, int64_t at, size_t id)
{
	size_t best = 0;

	for (size_t i = 1; i <= STAYS; i++) {
		const struct store_record *r = &records[i - 1];

		if (!passes(f, r) || r->at_ms > at || (r->at_ms == at && i >= id))
			continue;
		if (!best || r->at_ms > records[best - 1].at_ms ||
		    (r->at_ms == records[best - 1].at_ms && i > best))
			best = i;
	}
	return best;
}

static void check(struct store_db *db, struct store_stay_filter f)
{
	int64_t at = INT64_MAX;
	size_t id = STAYS + 1, count;
	json_t *rows;

	f.limit = 23;
	do {
		assert_int_equal(store_stay_page(db, &f, &rows), 0);
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

static json_t *list_of(const char *text)
{
	json_t *list = json_loads(text, 0, NULL);

	assert_non_null(list);
	return list;
}

/* With and without a time, and a few units more. */
static void check_times(struct store_db *db, struct store_stay_filter f)
{
	json_t *few = list_of("[1,4,9]"), *most = list_of("[1,2,3,4,5,6,7]");

	for (int units = 0; units < 3; units++) {
		f.units = units == 0 ? NULL : units == 1 ? few : most;
		f.from_ms = f.until_ms = 0;
		check(db, f);
		f.until_ms = ARRIVED + 30 * HOUR;
		check(db, f);
		f.from_ms = ARRIVED + 20 * HOUR;
		check(db, f);
	}
	json_decref(few);
	json_decref(most);
}

static void pages_of_every_filter_are_those_of_a_plain_search(void **state)
{
	struct lab *lab = *state;
	struct store_stay_address low, high;
	json_t *names = list_of("[\"anna\",\"cui\"]"), *some = list_of("[3,5]"),
	       *bare = list_of("[3,7]"), *none = list_of("[]");
	struct store_db *db;

	fill(lab->store);
	address_of(0, &low);
	address_of(1, &high);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	check_times(db, (struct store_stay_filter){0});
	check_times(db, (struct store_stay_filter){.mac = &macs[3]});
	check_times(db, (struct store_stay_filter){.mac = &macs[3], .switch_id = 2});
	check_times(db, (struct store_stay_filter){.switch_id = 2});
	check_times(db, (struct store_stay_filter){.switch_id = 2, .port = ports[1]});
	check_times(db, (struct store_stay_filter){.switch_id = 2, .port = ports[0]});
	check_times(db, (struct store_stay_filter){.address_from = low.key, .address_to = low.key});
	check_times(db,
		    (struct store_stay_filter){.address_from = low.key, .address_to = high.key});
	check_times(db, (struct store_stay_filter){
				.accounts = names, .terminals = none, .bare_terminals = none});
	check_times(db, (struct store_stay_filter){
				.accounts = names, .terminals = some, .bare_terminals = bare});
	check_times(db, (struct store_stay_filter){.accounts = none,
						   .terminals = none,
						   .bare_terminals = bare,
						   .address_from = low.key,
						   .address_to = high.key});
	json_decref(names);
	json_decref(some);
	json_decref(bare);
	json_decref(none);
	store_reader_free(db);
}

static void a_stay_that_is_undone_leaves_nothing(void **state)
{
	struct lab *lab = *state;
	struct store_stay_filter f = {.limit = 10};
	struct store_stay_address first;
	struct store_db *db;
	struct head head;
	json_t *rows;

	invent();
	address_of(0, &first);
	assert_int_equal(store_begin(lab->store), 0);
	add_units(lab->store);
	assert_int_equal(store_mark(lab->store), 0);
	assert_int_equal(store_records(lab->store, "gate:north", epoch, records, 50), 0);
	assert_int_equal(store_undo(lab->store), 0);
	assert_int_equal(store_records(lab->store, "gate:north", epoch, records, 4), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	assert_int_equal(store_stay_page(db, &f, &rows), 0);
	assert_int_equal(json_array_size(rows), 4);
	json_decref(rows);
	store_reader_free(db);
}

static int put_open(struct store *s, const char *session, uint8_t mac, const char *account,
		    int64_t began_at)
{
	const struct mac m = {{2, 0, 0, 0, 9, mac}};

	return store_exec(s, STMT_LIVE_SESSION_PUT,
			  STORE_ARGS(v_text(session), v_text("north"), v_mac(&m), v_null(),
				     v_text(account), v_int(3), v_text("GE1/0/9"), v_int(UNITS),
				     v_text("10.0.0.1"), v_text("mab"), v_text("admit"),
				     v_text("ok"), v_int(began_at), v_null(), v_text(""), v_int(1),
				     v_int(2), v_int(began_at), v_int(1), v_text("20"),
				     v_int(began_at)),
			  NULL);
}

static void who_is_there_now_comes_before_who_was(void **state)
{
	struct lab *lab = *state;
	json_t *rows, *names = list_of("[\"dora\"]"), *none = list_of("[]");
	struct store_stay_filter all = {.limit = 3}, dora = {.accounts = names,
							     .terminals = none,
							     .bare_terminals = none,
							     .limit = 10};
	struct store_db *db;
	struct head head;

	fill(lab->store);
	assert_int_equal(store_begin(lab->store), 0);
	assert_int_equal(put_open(lab->store, "aa", 1, "dora", ARRIVED), 0);
	assert_int_equal(put_open(lab->store, "bb", 2, "", ARRIVED + HOUR), 0);
	assert_int_equal(store_commit(lab->store, clock_wall_ms(), &head), 0);
	assert_int_equal(store_reader_new(lab->store, &db), 0);
	assert_int_equal(store_stay_page(db, &all, &rows), 0);
	assert_int_equal(json_array_size(rows), 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "session")),
			    "bb");
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "session")),
			    "aa");
	assert_true(json_is_null(json_object_get(json_array_get(rows, 1), "ended_at")));
	assert_true(json_is_integer(json_object_get(json_array_get(rows, 2), "ended_at")));
	json_decref(rows);
	assert_int_equal(store_stay_page(db, &dora, &rows), 0);
	assert_int_equal(json_array_size(rows), 1);
	json_decref(rows);
	dora.until_ms = ARRIVED - 1;
	assert_int_equal(store_stay_page(db, &dora, &rows), 0);
	assert_int_equal(json_array_size(rows), 0);
	json_decref(rows);
	json_decref(names);
	json_decref(none);
	store_reader_free(db);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(pages_of_every_filter_are_those_of_a_plain_search),
		CASE(a_stay_that_is_undone_leaves_nothing),
		CASE(who_is_there_now_comes_before_who_was),
	};

	return cmocka_run_group_tests_name("store/stay_page", tests, NULL, NULL);
}
