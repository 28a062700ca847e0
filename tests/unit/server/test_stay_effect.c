/* What a gate tells of sessions, and the stays that come of it, in a store of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "office.h"
#include "server/gateway/record_effect.h"

#define BEGAN INT64_C(1795400000000)
#define MINUTES(n) (BEGAN + (n)*MINUTE_MS)

struct hall {
	struct office o;
	menshen_Record word; /* the next */
	uint64_t seq;
};

static int take(struct store *s, int64_t now_ms, void *arg)
{
	static const uint8_t epoch[16] = {3};
	struct hall *h = arg;
	const struct record_origin origin = {.unit_id = h->o.unit_id, .source = "gate:north"};
	const struct mac mac = {{2, 0, 0, 0, 0, 1}};
	struct record_effects fx = {0};
	struct store_record r = {.seq = ++h->seq,
				 .at_ms = h->word.at_ms,
				 .kind = h->word.kind,
				 .mac = &mac,
				 .account = "anna",
				 .port = "GE1/0/1",
				 .verdict = "admit",
				 .reason = "ok",
				 .body = "{\"note\":\"said\"}"};
	int err = record_effect(s, now_ms, &origin, &r, &h->word, &fx);

	if (!err)
		err = store_records(s, "gate:north", epoch, &r, 1);
	stays_ended_free(&fx.stays);
	return err;
}

static void hear(struct hall *h, const char *kind, int64_t at_ms)
{
	h->word.at_ms = at_ms;
	snprintf(h->word.kind, sizeof(h->word.kind), "%s", kind);
	assert_int_equal(office_act(&h->o, take, h, TOPIC_SESSION), 0);
}

static void hear_address(struct hall *h, const char *address, const char *source, int64_t at_ms)
{
	snprintf(h->word.address, sizeof(h->word.address), "%s", address);
	snprintf(h->word.address_source, sizeof(h->word.address_source), "%s", source);
	hear(h, "session.address", at_ms);
}

static void hall_open(struct hall *h)
{
	*h = (struct hall){.word = {.verdict = VERDICT_ADMIT,
				    .session = "c0ffee",
				    .began_at_ms = BEGAN,
				    .heard_at_ms = BEGAN}};
	office_open(&h->o);
}

static json_t *stays(struct hall *h, size_t count)
{
	struct store_stay_filter all = {.limit = 10};
	json_t *rows;

	assert_int_equal(store_stay_page(h->o.reader, &all, &rows), 0);
	assert_int_equal(json_array_size(rows), count);
	return rows;
}

static const char *text_at(const json_t *rows, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(rows, i), name));
}

static int64_t number_at(const json_t *rows, size_t i, const char *name)
{
	return json_integer_value(json_object_get(json_array_get(rows, i), name));
}

static void hall_close(struct hall *h)
{
	office_verify(&h->o);
	office_close(&h->o);
}

static void many_words_of_a_session_are_one_stay(void **state)
{
	struct hall h;
	json_t *rows, *addresses;

	(void)state;
	hall_open(&h);
	hear(&h, "session.start", BEGAN);
	hear_address(&h, "10.1.2.3", "dhcp", MINUTES(1));
	hear_address(&h, "fe80::1", "nd", MINUTES(2));
	hear(&h, "session.interim", MINUTES(5));
	rows = stays(&h, 1);
	assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "ended_at")));
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "addresses")), 2);
	json_decref(rows);
	h.word.ended_at_ms = MINUTES(9);
	h.word.heard_at_ms = MINUTES(9);
	hear(&h, "session.stop", MINUTES(9));
	hear(&h, "session.stop", MINUTES(10));
	rows = stays(&h, 1);
	assert_string_equal(text_at(rows, 0, "why"), "stop");
	assert_string_equal(text_at(rows, 0, "account"), "anna");
	assert_string_equal(text_at(rows, 0, "gate"), "north");
	assert_int_equal(number_at(rows, 0, "began_at"), BEGAN);
	assert_int_equal(number_at(rows, 0, "ended_at"), MINUTES(9));
	addresses = json_object_get(json_array_get(rows, 0), "addresses");
	assert_int_equal(json_array_size(addresses), 2);
	assert_string_equal(text_at(addresses, 0, "address"), "10.1.2.3");
	assert_string_equal(text_at(addresses, 1, "source"), "nd");
	json_decref(rows);
	hall_close(&h);
}

static void a_lost_stop_ends_the_stay_where_it_was_heard_last_and_the_next_is_its_own(void **state)
{
	struct hall h;
	json_t *rows;

	(void)state;
	hall_open(&h);
	hear(&h, "session.start", BEGAN);
	h.word.heard_at_ms = h.word.ended_at_ms = MINUTES(4);
	hear(&h, "session.lost", MINUTES(30));
	h.word.ended_at_ms = 0;
	h.word.began_at_ms = h.word.heard_at_ms = MINUTES(60);
	hear(&h, "session.start", MINUTES(60));
	rows = stays(&h, 2);
	assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "ended_at")));
	assert_int_equal(number_at(rows, 0, "began_at"), MINUTES(60));
	assert_string_equal(text_at(rows, 1, "why"), "lost");
	assert_int_equal(number_at(rows, 1, "ended_at"), MINUTES(4));
	json_decref(rows);
	h.word.ended_at_ms = MINUTES(70);
	hear(&h, "session.disconnect", MINUTES(70));
	rows = stays(&h, 2);
	assert_string_equal(text_at(rows, 0, "why"), "disconnect");
	json_decref(rows);
	hall_close(&h);
}

static void what_is_told_of_a_session_that_is_over_does_not_open_it(void **state)
{
	struct hall h;
	json_t *rows;

	(void)state;
	hall_open(&h);
	hear(&h, "session.start", BEGAN);
	hear(&h, "session.stop", MINUTES(1));
	hear_address(&h, "10.1.2.3", "dhcp", MINUTES(2));
	hear(&h, "session.disconnect", MINUTES(3));
	rows = stays(&h, 1);
	assert_int_equal(number_at(rows, 0, "ended_at"), MINUTES(1));
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "addresses")), 0);
	json_decref(rows);
	hall_close(&h);
}

static void a_session_keeps_so_many_addresses_and_no_more(void **state)
{
	struct hall h;
	char address[20];
	json_t *rows;

	(void)state;
	hall_open(&h);
	hear(&h, "session.start", BEGAN);
	for (int i = 0; i < STAY_ADDRESSES_MAX + 4; i++) {
		snprintf(address, sizeof(address), "10.1.2.%d", i);
		hear_address(&h, address, "arp", MINUTES(i));
	}
	hear(&h, "session.stop", MINUTES(50));
	rows = stays(&h, 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "addresses")),
			 STAY_ADDRESSES_MAX);
	json_decref(rows);
	hall_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_words_of_a_session_are_one_stay),
		cmocka_unit_test(
			a_lost_stop_ends_the_stay_where_it_was_heard_last_and_the_next_is_its_own),
		cmocka_unit_test(what_is_told_of_a_session_that_is_over_does_not_open_it),
		cmocka_unit_test(a_session_keeps_so_many_addresses_and_no_more),
	};

	return cmocka_run_group_tests_name("server/stay_effect", tests, NULL, NULL);
}
