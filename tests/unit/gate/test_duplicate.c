#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "gate/front/duplicate.h"

static struct duplicate_key key_of(uint8_t id, uint8_t fill)
{
	struct duplicate_key key = {.port = 1000, .id = id};

	memset(key.authenticator, fill, sizeof(key.authenticator));
	return key;
}

static void an_answer_is_given_again_byte_by_byte(void **state)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;
	struct duplicate_key key = key_of(1, 7);
	uint8_t large[1500];
	struct duplicate_ref ref;
	const uint8_t *answer;
	size_t len;

	(void)state;
	memset(large, 9, sizeof(large));
	assert_int_equal(duplicates_new(16, &d), 0);
	assert_int_equal(duplicates_look(d, &key, 0, &ref, &answer, &len), DUPLICATE_NEW);
	assert_int_equal(duplicates_look(d, &key, 1, &ref, &answer, &len), DUPLICATE_PENDING);
	duplicates_answer(d, ref, large, sizeof(large));
	assert_int_equal(duplicates_look(d, &key, 2, &ref, &answer, &len), DUPLICATE_ANSWERED);
	assert_int_equal(len, sizeof(large));
	assert_memory_equal(answer, large, len);
}

static void another_authenticator_port_or_socket_is_another_request(void **state)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;
	struct duplicate_key key = key_of(1, 7), other = key_of(1, 8);
	struct duplicate_ref ref;
	const uint8_t *answer;
	size_t len;

	(void)state;
	assert_int_equal(duplicates_new(16, &d), 0);
	assert_int_equal(duplicates_look(d, &key, 0, &ref, &answer, &len), DUPLICATE_NEW);
	assert_int_equal(duplicates_look(d, &other, 0, &ref, &answer, &len), DUPLICATE_NEW);
	other = key;
	other.port++;
	assert_int_equal(duplicates_look(d, &other, 0, &ref, &answer, &len), DUPLICATE_NEW);
	other = key;
	other.socket++;
	assert_int_equal(duplicates_look(d, &other, 0, &ref, &answer, &len), DUPLICATE_NEW);
}

static void a_request_dropped_in_silence_is_looked_at_afresh(void **state)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;
	struct duplicate_key key = key_of(1, 7);
	struct duplicate_ref ref;
	const uint8_t *answer;
	size_t len;

	(void)state;
	assert_int_equal(duplicates_new(16, &d), 0);
	assert_int_equal(duplicates_look(d, &key, 0, &ref, &answer, &len), DUPLICATE_NEW);
	duplicates_forget(d, ref);
	assert_int_equal(duplicates_look(d, &key, 0, &ref, &answer, &len), DUPLICATE_NEW);
}

static void answers_live_thirty_seconds(void **state)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;
	struct duplicate_key key = key_of(1, 7);
	struct duplicate_ref ref;
	const uint8_t *answer;
	size_t len;

	(void)state;
	assert_int_equal(duplicates_new(16, &d), 0);
	assert_int_equal(duplicates_look(d, &key, 0, &ref, &answer, &len), DUPLICATE_NEW);
	duplicates_answer(d, ref, (const uint8_t *)"x", 1);
	assert_int_equal(duplicates_look(d, &key, DUPLICATE_LIFE_MS, &ref, &answer, &len),
			 DUPLICATE_ANSWERED);
	assert_int_equal(duplicates_look(d, &key, DUPLICATE_LIFE_MS + 1, &ref, &answer, &len),
			 DUPLICATE_NEW);
}

static void an_answer_that_comes_after_its_place_was_given_away_is_dropped(void **state)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;
	struct duplicate_key first = key_of(1, 7);
	struct duplicate_ref early, ref;
	const uint8_t *answer;
	size_t len;

	(void)state;
	assert_int_equal(duplicates_new(1, &d), 0);
	assert_int_equal(duplicates_look(d, &first, 0, &early, &answer, &len), DUPLICATE_NEW);
	for (uint8_t i = 2; i < 6; i++) {
		struct duplicate_key key = key_of(i, i);

		assert_int_equal(duplicates_look(d, &key, i, &ref, &answer, &len), DUPLICATE_NEW);
		duplicates_answer(d, ref, &i, 1);
	}
	duplicates_answer(d, early, (const uint8_t *)"old", 3);
	for (uint8_t i = 2; i < 6; i++) {
		struct duplicate_key key = key_of(i, i);

		assert_int_equal(duplicates_look(d, &key, 9, &ref, &answer, &len),
				 DUPLICATE_ANSWERED);
		assert_int_equal(len, 1);
		assert_int_equal(answer[0], i);
	}
}

struct late {
	struct duplicates *duplicates;
	struct duplicate_ref refs[64];
};

/* Every second question is answered, the others meet silence. */
static void *answer_late(void *arg)
{
	struct late *l = arg;

	for (size_t i = 0; i < ARRAY_SIZE(l->refs); i++) {
		const uint8_t answer = (uint8_t)i;

		if (i % 2)
			duplicates_answer(l->duplicates, l->refs[i], &answer, 1);
		else
			duplicates_forget(l->duplicates, l->refs[i]);
	}
	return NULL;
}

static void who_looks_and_who_answers_may_be_two_threads(void **state)
{
	CLEANUP_DUPLICATES struct duplicates *d = NULL;
	struct duplicate_key key;
	struct duplicate_ref ref;
	const uint8_t *answer = NULL;
	struct late late;
	pthread_t thread;
	size_t len = 0;

	(void)state;
	assert_int_equal(duplicates_new(256, &d), 0);
	duplicates_share(d);
	late.duplicates = d;
	for (size_t i = 0; i < ARRAY_SIZE(late.refs); i++) {
		key = key_of((uint8_t)i, (uint8_t)i);
		assert_int_equal(duplicates_look(d, &key, 0, &late.refs[i], &answer, &len),
				 DUPLICATE_NEW);
	}
	assert_int_equal(pthread_create(&thread, NULL, answer_late, &late), 0);
	for (size_t i = 1; i < ARRAY_SIZE(late.refs); i += 2) {
		key = key_of((uint8_t)i, (uint8_t)i);
		while (duplicates_look(d, &key, 0, &ref, &answer, &len) == DUPLICATE_PENDING)
			sched_yield();
		assert_int_equal(len, 1);
		assert_int_equal(answer[0], i);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	key = key_of(0, 0);
	assert_int_equal(duplicates_look(d, &key, 0, &ref, &answer, &len), DUPLICATE_NEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_given_again_byte_by_byte),
		cmocka_unit_test(another_authenticator_port_or_socket_is_another_request),
		cmocka_unit_test(a_request_dropped_in_silence_is_looked_at_afresh),
		cmocka_unit_test(answers_live_thirty_seconds),
		cmocka_unit_test(an_answer_that_comes_after_its_place_was_given_away_is_dropped),
		cmocka_unit_test(who_looks_and_who_answers_may_be_two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
