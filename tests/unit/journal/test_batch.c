#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "journal/batch.h"

#define RECORDS 150
#define RECORD_MAX 700

struct records {
	struct hasher *hasher;
	size_t count, len[RECORDS];
	uint8_t bytes[RECORDS][RECORD_MAX];
};

/* About 50 kB: more runs than are held at once. */
static int setup(void **state)
{
	struct records *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	assert_int_equal(hasher_new(HASH_SM3, &r->hasher), 0);
	r->count = RECORDS;
	for (size_t i = 0; i < RECORDS; i++) {
		r->len[i] = i * 7919 % RECORD_MAX;
		for (size_t k = 0; k < r->len[i]; k++)
			r->bytes[i][k] = (uint8_t)(i * 31 + k * 17);
	}
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct records *r = *state;

	hasher_free(r->hasher);
	free(r);
	return 0;
}

static struct merkle_digest root_of(const struct records *r)
{
	struct batch_builder b;
	struct merkle_digest root;
	uint64_t count;

	batch_builder_init(&b, r->hasher);
	for (size_t i = 0; i < r->count; i++)
		assert_int_equal(batch_builder_add(&b, r->bytes[i], r->len[i]), 0);
	assert_int_equal(batch_builder_root(&b, &root, &count), 0);
	assert_int_equal(count, r->count);
	return root;
}

/* As the header describes it: the whole stream, then its runs one by one. */
static struct merkle_digest root_by_hand(const struct records *r)
{
	CLEANUP_BUF struct buf stream = BUF_INIT;
	struct merkle_frontier frontier = {0};
	struct merkle_digest leaf, root;

	for (size_t i = 0; i < r->count; i++) {
		buf_put_be32(&stream, (uint32_t)r->len[i]);
		buf_append(&stream, r->bytes[i], r->len[i]);
	}
	assert_int_equal(stream.error, 0);
	for (size_t at = 0; at < stream.len; at += BATCH_RUN) {
		assert_int_equal(merkle_leaf(r->hasher, stream.data + at,
					     MIN(stream.len - at, (size_t)BATCH_RUN), &leaf),
				 0);
		assert_int_equal(merkle_append(&frontier, r->hasher, &leaf, NULL, NULL), 0);
	}
	assert_int_equal(merkle_root(&frontier, r->hasher, &root), 0);
	return root;
}

static void a_root_is_that_of_the_records_runs(void **state)
{
	struct records *r = *state;

	for (r->count = 1; r->count <= RECORDS; r->count++) {
		struct merkle_digest is = root_of(r), should = root_by_hand(r);

		assert_memory_equal(&is, &should, sizeof(is));
	}
}

static void a_run_that_ends_with_its_record_is_whole(void **state)
{
	struct records *r = *state;

	for (size_t last = 0; last < 16; last++) {
		struct merkle_digest is, should;

		r->count = 6;
		for (size_t i = 0; i < 6; i++)
			r->len[i] = 676; /* with the length: 4080 bytes in all */
		r->len[5] += last;
		is = root_of(r);
		should = root_by_hand(r);
		assert_memory_equal(&is, &should, sizeof(is));
	}
}

static void one_bit_changed_in_any_record_changes_the_root(void **state)
{
	struct records *r = *state;
	struct merkle_digest before = root_of(r), after;

	for (size_t i = 0; i < RECORDS; i++) {
		if (!r->len[i])
			continue;
		r->bytes[i][i % r->len[i]] ^= (uint8_t)(1U << i % 8);
		after = root_of(r);
		assert_memory_not_equal(&before, &after, sizeof(before));
		r->bytes[i][i % r->len[i]] ^= (uint8_t)(1U << i % 8);
	}
	after = root_of(r);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void a_byte_moved_to_the_next_record_changes_the_root(void **state)
{
	struct records *r = *state;
	struct merkle_digest before, after;

	r->count = 2;
	r->len[0] = r->len[1] = 10;
	before = root_of(r);
	memmove(r->bytes[1] + 1, r->bytes[1], 10);
	r->bytes[1][0] = r->bytes[0][9];
	r->len[0] = 9;
	r->len[1] = 11;
	after = root_of(r);
	assert_memory_not_equal(&before, &after, sizeof(before));
}

static void an_empty_record_counts_and_no_record_is_no_batch(void **state)
{
	struct records *r = *state;
	struct merkle_digest one, two, none;
	struct batch_builder b;
	uint64_t count;

	r->len[0] = r->len[1] = 0;
	r->count = 1;
	one = root_of(r);
	r->count = 2;
	two = root_of(r);
	assert_memory_not_equal(&one, &two, sizeof(one));
	batch_builder_init(&b, r->hasher);
	assert_int_equal(batch_builder_root(&b, &none, &count), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_root_is_that_of_the_records_runs, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_run_that_ends_with_its_record_is_whole, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_bit_changed_in_any_record_changes_the_root,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_byte_moved_to_the_next_record_changes_the_root,
						setup, teardown),
		cmocka_unit_test_setup_teardown(an_empty_record_counts_and_no_record_is_no_batch,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
