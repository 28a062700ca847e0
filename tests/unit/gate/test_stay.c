/* When a stay is over although its switch did not say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "gate/live/stay.h"

#define INTERVAL (300 * SECOND_MS)
#define MORNING INT64_C(1795400000000)

static struct sessions *sessions;
static struct session *lost[8];
static size_t lost_count;

static void write_entry(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
}

static int setup(void **state)
{
	(void)state;
	lost_count = 0;
	return sessions_new(write_entry, NULL, &sessions);
}

static int teardown(void **state)
{
	(void)state;
	sessions_free(sessions);
	return 0;
}

static struct session *begin(uint8_t mac, int64_t switch_id, int64_t at_ms)
{
	const struct session_grant g = {
		.at_ms = at_ms,
		.mac = {{2, 0, 0, 0, 0, mac}},
		.method = KNOCK_MAB,
		.switch_id = switch_id,
		.terminal_id = mac,
		.port = "p1",
		.account = "",
		.calling = "",
		.decision = {VERDICT_ADMIT, REASON_OK, VERDICT_ADMIT, REASON_OK},
	};
	struct session *n = NULL, old;
	bool moved = false;

	assert_int_equal(sessions_grant(sessions, &g, &n, &moved, &old), 0);
	return n;
}

static void prove(struct session *n, const char *acct_id, int64_t at_ms)
{
	const struct session_report r = {.at_ms = at_ms, .acct_id = acct_id, .octets_in = 10};

	sessions_prove(sessions, n, &r);
}

static void lose(void *arg, struct session *n)
{
	(void)arg;
	assert_true(lost_count < ARRAY_SIZE(lost));
	lost[lost_count++] = n;
}

static size_t find_lost(int64_t since_ms, int64_t now_ms)
{
	const struct stay_rules rules = {.interim_ms = INTERVAL, .since_ms = since_ms};

	struct stay_look look = {0};

	lost_count = 0;
	stay_look_begin(&look, &rules, now_ms);
	while (stay_look_on(&look, sessions, 2, lose, NULL))
		;
	stay_look_done(&look);
	return lost_count;
}

static void another_start_is_another_stay(void **state)
{
	struct session *n = begin(1, 1, MORNING);
	struct session_report r = {.acct_id = "S2", .at_ms = MORNING + 8 * 3600 * SECOND_MS};

	(void)state;
	assert_false(stay_is_another(n, &r)); /* nothing began yet */
	prove(n, "S1", MORNING);
	assert_true(stay_is_another(n, &r));
	r.acct_id = "S1";
	assert_false(stay_is_another(n, &r));
	r.acct_id = NULL;
	assert_false(stay_is_another(n, &r));
}

static void a_retry_under_a_new_id_is_the_same_stay(void **state)
{
	struct session *n = begin(1, 1, MORNING);
	const struct session_report retry = {.acct_id = "S2", .at_ms = MORNING + 5 * SECOND_MS};

	(void)state;
	prove(n, "S1", MORNING);
	assert_false(stay_is_another(n, &retry));
}

static void the_same_multi_session_is_the_same_stay(void **state)
{
	struct session *n = begin(1, 1, MORNING);
	struct session_report first = {.acct_id = "S1", .at_ms = MORNING, .multi = text_hash("M1")},
			      later = {.acct_id = "S2",
				       .at_ms = MORNING + 3600 * SECOND_MS,
				       .multi = text_hash("M1")};

	(void)state;
	sessions_prove(sessions, n, &first);
	assert_false(stay_is_another(n, &later));
	later.multi = text_hash("M2");
	assert_true(stay_is_another(n, &later));
}

static void who_is_silent_while_its_switch_speaks_of_others_is_lost(void **state)
{
	struct session *silent = begin(1, 1, MORNING), *other = begin(2, 1, MORNING),
		       *far = begin(3, 2, MORNING);
	int64_t now_ms = MORNING + 20 * INTERVAL;

	(void)state;
	prove(silent, "S1", MORNING);
	prove(silent, "S1", MORNING + INTERVAL);
	prove(far, "S3", MORNING);
	prove(far, "S3", MORNING + INTERVAL);
	prove(other, "S2", MORNING);
	/* nobody at that switch is told of between start and stop */
	assert_int_equal(find_lost(0, now_ms), 0);
	for (int i = 1; i <= 20; i++)
		prove(other, "S2", MORNING + i * INTERVAL);
	assert_int_equal(find_lost(0, now_ms), 1);
	assert_ptr_equal(lost[0], silent);
	/* a gate that has just begun to hear waits */
	assert_int_equal(find_lost(now_ms - INTERVAL, now_ms), 0);
	/* what was told is not told again */
	silent->is_lost = true;
	assert_int_equal(find_lost(0, now_ms), 0);
}

static void a_switch_that_keeps_to_an_interval_of_its_own_is_believed(void **state)
{
	struct session *slow = begin(1, 1, MORNING), *other = begin(2, 1, MORNING);

	(void)state;
	prove(slow, "S1", MORNING);
	prove(slow, "S1", MORNING + 6 * INTERVAL);
	prove(other, "S2", MORNING);
	prove(other, "S2", MORNING + 11 * INTERVAL);
	assert_int_equal(find_lost(0, MORNING + 11 * INTERVAL), 0);
	prove(other, "S2", MORNING + 30 * INTERVAL);
	assert_int_equal(find_lost(0, MORNING + 30 * INTERVAL), 1);
}

static void who_was_lost_and_is_heard_again_begins_anew(void **state)
{
	struct session *n = begin(1, 1, MORNING);

	(void)state;
	prove(n, "S1", MORNING);
	n->octets_in = 4000;
	n->is_lost = true;
	assert_true(session_is_live(n));
	prove(n, "S2", MORNING + 9 * INTERVAL);
	assert_false(n->is_lost);
	assert_int_equal(n->started_at_ms, MORNING + 9 * INTERVAL);
	assert_int_equal(n->octets_in, 10);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(another_start_is_another_stay),
		CASE(a_retry_under_a_new_id_is_the_same_stay),
		CASE(the_same_multi_session_is_the_same_stay),
		CASE(who_is_silent_while_its_switch_speaks_of_others_is_lost),
		CASE(a_switch_that_keeps_to_an_interval_of_its_own_is_believed),
		CASE(who_was_lost_and_is_heard_again_begins_anew),
	};

	return cmocka_run_group_tests_name("gate/stay", tests, NULL, NULL);
}
