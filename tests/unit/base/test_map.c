#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"

struct item {
	uint32_t key;
	bool in;
};

static void an_empty_map_has_nothing(void **state)
{
	size_t at = 0;
	struct map m;

	(void)state;
	map_init(&m, 4);
	assert_null(map_get(&m, "abcd"));
	assert_null(map_remove(&m, "abcd"));
	assert_null(map_next(&m, &at));
	map_clear(&m);
	map_done(&m);
	map_done(&m);
}

static void a_put_under_an_equal_key_replaces_and_tells_the_old(void **state)
{
	struct item first = {7, true}, second = {7, true};
	void *old = &first;
	struct map m;

	(void)state;
	map_init(&m, sizeof(uint32_t));
	assert_int_equal(map_put(&m, &first.key, &first, &old), 0);
	assert_null(old);
	assert_int_equal(map_put(&m, &second.key, &second, &old), 0);
	assert_ptr_equal(old, &first);
	assert_int_equal(m.count, 1);
	first.key = 8; /* the map now borrows the second's key */
	assert_ptr_equal(map_get(&m, &second.key), &second);
	assert_int_equal(map_put(&m, &second.key, &second, NULL), 0);
	map_done(&m);
}

static void a_value_of_nothing_is_refused(void **state)
{
	struct map m;

	(void)state;
	map_init(&m, 1);
	assert_int_equal(map_put(&m, "a", NULL, NULL), -EINVAL);
	assert_int_equal(m.count, 0);
	map_done(&m);
}

static void text_keys_are_compared_whole(void **state)
{
	static const char *const names[] = {"", "a", "ab", "b", "a name longer than one word", "A"};
	struct map m;

	(void)state;
	map_init(&m, 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(map_put(&m, names[i], (void *)(uintptr_t)(i + 1), NULL), 0);
	assert_int_equal(m.count, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char copy[64];

		snprintf(copy, sizeof(copy), "%s", names[i]);
		assert_ptr_equal(map_get(&m, copy), (void *)(uintptr_t)(i + 1));
	}
	assert_null(map_get(&m, "abc"));
	assert_null(map_get(&m, "a name longer than one wore"));
	map_done(&m);
}

static void keys_of_bytes_may_hold_zeros(void **state)
{
	static const uint8_t keys[3][6] = {{0}, {0, 0, 0, 0, 0, 1}, {1}};
	struct map m;

	(void)state;
	map_init(&m, 6);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(map_put(&m, keys[i], (void *)(uintptr_t)(i + 1), NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_ptr_equal(map_get(&m, keys[i]), (void *)(uintptr_t)(i + 1));
	map_done(&m);
}

#define ITEMS 5000

/* The map holds exactly the items that are in. */
static void assert_holds(const struct map *m, struct item *items, size_t count)
{
	size_t at = 0, walked = 0, in = 0;
	struct item *item;

	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(map_get(m, &items[i].key), items[i].in ? &items[i] : NULL);
		in += items[i].in;
	}
	while ((item = map_next(m, &at))) {
		assert_true(item->in);
		walked++;
	}
	assert_int_equal(walked, in);
	assert_int_equal(m->count, in);
}

static void many_removals_in_any_order_lose_nothing_else(void **state)
{
	struct item *items = calloc(ITEMS, sizeof(*items));
	uint32_t random = 2463534242U;
	struct map m;

	(void)state;
	assert_non_null(items);
	map_init(&m, sizeof(uint32_t));
	for (uint32_t i = 0; i < ITEMS; i++)
		items[i].key = i * 7919;
	for (int round = 0; round < 60000; round++) {
		struct item *item;

		random = random * 1664525 + 1013904223;
		item = &items[(random >> 8) % ITEMS];
		if (item->in) {
			assert_ptr_equal(map_remove(&m, &item->key), item);
			assert_null(map_remove(&m, &item->key));
		} else {
			assert_int_equal(map_put(&m, &item->key, item, NULL), 0);
		}
		item->in = !item->in;
		if (round % 10000 == 0)
			assert_holds(&m, items, ITEMS);
	}
	assert_holds(&m, items, ITEMS);
	for (size_t i = 0; i < ITEMS; i++) {
		map_remove(&m, &items[i].key);
		items[i].in = false;
	}
	assert_holds(&m, items, ITEMS);
	map_done(&m);
	free(items);
}

/* A table of 16 slots, where runs wrap around its end: many seeds make many layouts. */
static void removals_in_a_small_table_survive_wrapping_runs(void **state)
{
	(void)state;
	for (unsigned layout = 0; layout < 2000; layout++) {
		struct item items[12];
		struct map m;

		map_init(&m, sizeof(uint32_t));
		for (uint32_t i = 0; i < 12; i++) {
			items[i] = (struct item){i, true};
			assert_int_equal(map_put(&m, &items[i].key, &items[i], NULL), 0);
		}
		for (size_t i = 0; i < 12; i++) {
			size_t victim = (i * 5 + layout) % 12;

			assert_ptr_equal(map_remove(&m, &items[victim].key), &items[victim]);
			items[victim].in = false;
			assert_holds(&m, items, 12);
		}
		map_done(&m);
	}
}

static void a_cleared_map_is_empty_and_takes_again(void **state)
{
	struct item items[100];
	struct map m;

	(void)state;
	map_init(&m, sizeof(uint32_t));
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 100; i++) {
			items[i] = (struct item){i, true};
			assert_int_equal(map_put(&m, &items[i].key, &items[i], NULL), 0);
		}
		assert_holds(&m, items, 100);
		map_clear(&m);
		for (uint32_t i = 0; i < 100; i++)
			items[i].in = false;
		assert_holds(&m, items, 100);
	}
	map_done(&m);
}

static void room_is_made_for_all_at_once(void **state)
{
	struct item items[100];
	struct map_slot *slots;
	struct map m;

	(void)state;
	map_init(&m, sizeof(uint32_t));
	items[0] = (struct item){0, true};
	assert_int_equal(map_put(&m, &items[0].key, &items[0], NULL), 0);
	assert_int_equal(map_reserve(&m, 100), 0);
	slots = m.slots;
	for (uint32_t i = 1; i < 100; i++) {
		items[i] = (struct item){i, true};
		assert_int_equal(map_put(&m, &items[i].key, &items[i], NULL), 0);
	}
	assert_ptr_equal(m.slots, slots);
	assert_holds(&m, items, 100);
	assert_int_equal(map_reserve(&m, 1), 0); /* never less than there is */
	assert_holds(&m, items, 100);
	map_done(&m);
}

/* Longer than its print, so the map must look at the keys themselves. */
static void long_keys_survive_growth_and_removal(void **state)
{
	static char keys[1000][24];
	struct map m;

	(void)state;
	map_init(&m, sizeof(keys[0]));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(keys[i], sizeof(keys[i]), "a long key, the %zuth", i);
		assert_int_equal(map_put(&m, keys[i], keys[i], NULL), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i += 2)
		assert_ptr_equal(map_remove(&m, keys[i]), keys[i]);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char copy[sizeof(keys[0])];

		memcpy(copy, keys[i], sizeof(copy));
		assert_ptr_equal(map_get(&m, copy), i % 2 ? keys[i] : NULL);
	}
	assert_int_equal(m.count, ARRAY_SIZE(keys) / 2);
	map_done(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(a_put_under_an_equal_key_replaces_and_tells_the_old),
		cmocka_unit_test(a_value_of_nothing_is_refused),
		cmocka_unit_test(text_keys_are_compared_whole),
		cmocka_unit_test(keys_of_bytes_may_hold_zeros),
		cmocka_unit_test(many_removals_in_any_order_lose_nothing_else),
		cmocka_unit_test(removals_in_a_small_table_survive_wrapping_runs),
		cmocka_unit_test(a_cleared_map_is_empty_and_takes_again),
		cmocka_unit_test(room_is_made_for_all_at_once),
		cmocka_unit_test(long_keys_survive_growth_and_removal),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
