#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/md5_lanes.h"

#define SIZE_TRIED 300
#define MANY 150 /* more than are taken together */

static uint8_t bytes[MANY + SIZE_TRIED + 4096];
static struct hmac_md5_key keys[3];

static int set_up(void **state)
{
	static const size_t lens[] = {1, 64, 100};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 2654435761U >> 13);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		hmac_md5_key_init(&keys[i], bytes + i, lens[i]);
	return 0;
}

static void assert_equals_one_by_one(struct md5_task *tasks, size_t count)
{
	uint8_t sum[MD5_SIZE];

	for (size_t i = 0; i < count; i++)
		memset(tasks[i].sum, 0xee, MD5_SIZE);
	md5_many(tasks, count);
	for (size_t i = 0; i < count; i++) {
		if (tasks[i].key)
			hmac_md5(tasks[i].key, tasks[i].pieces, tasks[i].count, sum);
		else
			md5_pieces(tasks[i].pieces, tasks[i].count, sum);
		assert_memory_equal(tasks[i].sum, sum, MD5_SIZE);
	}
}

/* Every third plain, the others under one key or another. */
static const struct hmac_md5_key *key_of(size_t i)
{
	return i % 3 ? &keys[i % ARRAY_SIZE(keys)] : NULL;
}

static void every_length_comes_out_as_alone(void **state)
{
	static struct md5_task tasks[11];

	(void)state;
	for (size_t size = 0; size <= SIZE_TRIED; size++) {
		for (size_t i = 0; i < ARRAY_SIZE(tasks); i++)
			tasks[i] = (struct md5_task){
				.key = key_of(i), .pieces = {{bytes + i, size}}, .count = 1};
		assert_equals_one_by_one(tasks, ARRAY_SIZE(tasks));
	}
}

static void lengths_may_be_mixed_and_messages_many(void **state)
{
	static struct md5_task tasks[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		tasks[i] = (struct md5_task){.key = key_of(i / 2),
					     .pieces = {{bytes + i, i * i % (SIZE_TRIED + 1)}},
					     .count = 1};
	tasks[MANY / 2].pieces[0] = PIECE(bytes, sizeof(bytes)); /* far longer than the others */
	for (size_t count = 0; count <= MANY; count += count < 20 ? 1 : 13)
		assert_equals_one_by_one(tasks, count);
}

/* Cut at every place into four, the last three of which may be empty. */
static void pieces_sum_as_the_whole(void **state)
{
	struct md5_task tasks[9];

	(void)state;
	for (size_t size = 0; size <= 200; size++) {
		for (size_t i = 0; i < ARRAY_SIZE(tasks); i++) {
			size_t first = size * i / ARRAY_SIZE(tasks), second = (size - first) / 2;
			size_t third = size - first - second;

			tasks[i] = (struct md5_task){.key = key_of(i),
						     .pieces = {{bytes, first},
								{bytes + first, second},
								{bytes + first + second, third},
								{NULL, 0}},
						     .count = 4};
		}
		assert_equals_one_by_one(tasks, ARRAY_SIZE(tasks));
	}
}

static void nothing_at_all_has_its_sum_too(void **state)
{
	static const uint8_t of_nothing[MD5_SIZE] = {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00,
						     0xb2, 0x04, 0xe9, 0x80, 0x09, 0x98,
						     0xec, 0xf8, 0x42, 0x7e};
	struct md5_task tasks[5] = {{0}};

	(void)state;
	tasks[1].key = &keys[0];
	assert_equals_one_by_one(tasks, ARRAY_SIZE(tasks));
	assert_memory_equal(tasks[0].sum, of_nothing, MD5_SIZE);
	md5_many(tasks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_out_as_alone),
		cmocka_unit_test(lengths_may_be_mixed_and_messages_many),
		cmocka_unit_test(pieces_sum_as_the_whole),
		cmocka_unit_test(nothing_at_all_has_its_sum_too),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
