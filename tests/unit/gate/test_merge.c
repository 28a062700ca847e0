#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/live/merge.h"

/* A live session that began and last changed at `version`. */
static struct session session_of(uint8_t class_id, int64_t switch_id, uint64_t version)
{
	struct session n = {.state = SESSION_RUNNING,
			    .switch_id = switch_id,
			    .port = "p1",
			    .begun = version,
			    .version = version};

	memset(n.class_id, class_id, CLASS_SIZE);
	return n;
}

static void of_one_session_the_later_word_holds(void **state)
{
	struct session here = session_of(1, 1, 10), said = here;

	(void)state;
	assert_int_equal(merge_sessions(&here, &said), MERGE_KEEP);
	said.version++;
	assert_int_equal(merge_sessions(&here, &said), MERGE_TAKE);
	assert_int_equal(merge_sessions(&said, &here), MERGE_KEEP);
	said.state = SESSION_ENDED;
	assert_int_equal(merge_sessions(&here, &said), MERGE_TAKE);
}

static void a_session_that_is_known_to_have_been_followed_is_no_conflict(void **state)
{
	struct session here = session_of(1, 1, 10), said = session_of(2, 2, 5);

	(void)state;
	memcpy(said.over, here.class_id, CLASS_SIZE);
	assert_int_equal(merge_sessions(&here, &said), MERGE_TAKE);
	assert_int_equal(merge_sessions(&said, &here), MERGE_KEEP);
	said.state = SESSION_ENDED; /* the MAC left there, too */
	assert_int_equal(merge_sessions(&here, &said), MERGE_TAKE);
}

static void a_live_one_holds_against_one_that_has_ended(void **state)
{
	struct session here = session_of(1, 1, 10), said = session_of(2, 2, 20);

	(void)state;
	said.state = SESSION_ENDED;
	assert_int_equal(merge_sessions(&here, &said), MERGE_KEEP);
	assert_int_equal(merge_sessions(&said, &here), MERGE_TAKE);
}

static void of_two_live_ones_at_two_places_the_first_gives_way(void **state)
{
	struct session here = session_of(1, 1, 10), said = session_of(2, 2, 20);

	(void)state;
	assert_int_equal(merge_sessions(&here, &said), MERGE_CONFLICT);
	assert_int_equal(merge_sessions(&said, &here), MERGE_KEEP);
}

static void one_place_is_no_conflict(void **state)
{
	struct session here = session_of(1, 1, 10), said = session_of(2, 1, 20);

	(void)state;
	assert_int_equal(merge_sessions(&here, &said), MERGE_TAKE);
	assert_int_equal(merge_sessions(&said, &here), MERGE_KEEP);
}

/* Whatever two gates hold, they end with the same one, and at most one closes its own. */
static void two_gates_come_to_the_same_end(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 256; bits++) {
		struct session a = session_of(1, 1, 10), b = session_of(bits & 1 ? 1 : 2, 1, 10);
		enum merge at_a, at_b;

		a.begun = bits & 2 ? 10 : 9;
		b.version = bits & 4 ? 10 : 11;
		b.switch_id = bits & 8 ? 2 : 1;
		a.state = bits & 16 ? SESSION_ENDED : SESSION_GRANTED;
		b.state = bits & 32 ? SESSION_ENDED : SESSION_RUNNING;
		if (bits & 64)
			memcpy(a.over, b.class_id, CLASS_SIZE);
		else if (bits & 128)
			memcpy(b.over, a.class_id, CLASS_SIZE);
		if ((bits & 1) && b.version == a.version)
			continue; /* the same word */
		at_a = merge_sessions(&a, &b);
		at_b = merge_sessions(&b, &a);
		assert_true((at_a == MERGE_KEEP) != (at_b == MERGE_KEEP));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_session_the_later_word_holds),
		cmocka_unit_test(a_session_that_is_known_to_have_been_followed_is_no_conflict),
		cmocka_unit_test(a_live_one_holds_against_one_that_has_ended),
		cmocka_unit_test(of_two_live_ones_at_two_places_the_first_gives_way),
		cmocka_unit_test(one_place_is_no_conflict),
		cmocka_unit_test(two_gates_come_to_the_same_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
