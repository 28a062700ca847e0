#include "memory_log.h"

#include <string.h>

#include "journal/bundle.h"
#include "journal/verify.h"

static int append(void *arg, const void *data, size_t len)
{
	struct buf *b = arg;

	buf_append(b, data, len);
	return b->error;
}

static void export(struct memory_log *m, bool records, struct buf *ret)
{
	struct bundle_writer w = {.write = append, .arg = ret};

	assert_int_equal(bundle_export(&w, &m->source, &m->ring, records), 0);
}

static struct memory_log *make_log(void)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);

	memory_log_fill(m, 300, 25);
	memory_log_batch(m, "gate:north", 1, 20);
	memory_log_batch(m, "gate:north", 21, 5);
	memory_log_commit(m);
	return m;
}

static struct verify_report verify(const struct bundle *b, const struct memory_log *m)
{
	struct verify_report report;

	assert_int_equal(log_verify(bundle_source(b), NULL, &m->ring, &report), 0);
	return report;
}

static void an_exported_log_verifies_as_the_live_one(void **state)
{
	struct memory_log *m = make_log();
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_BUNDLE struct bundle *b = NULL;
	struct verify_report report;

	(void)state;
	export(m, true, &bytes);
	assert_int_equal(bundle_open(bytes.data, bytes.len, &b, NULL), 0);
	assert_int_equal(bundle_keys(b)->count, 1);
	report = verify(b, m);
	assert_string_equal(report.sentence, "everything holds");
	assert_int_equal(report.entries, 302);
	assert_int_equal(report.heads, m->head_count);
	assert_int_equal(report.rows, m->row_count);
	assert_int_equal(report.batches, 2);
	assert_int_equal(report.records, 25);
	memory_log_free(m);
}

static void records_may_stay_at_home(void **state)
{
	struct memory_log *m = make_log();
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_BUNDLE struct bundle *b = NULL;

	(void)state;
	export(m, false, &bytes);
	assert_int_equal(bundle_open(bytes.data, bytes.len, &b, NULL), 0);
	assert_null(bundle_source(b)->batches);
	assert_int_equal(verify(b, m).fault, VERIFY_GOOD);
	memory_log_free(m);
}

static void every_cut_of_a_bundle_is_noticed(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct bundle *b = NULL;

	(void)state;
	memory_log_fill(m, 4, 2);
	memory_log_batch(m, "gate:north", 1, 2);
	memory_log_commit(m);
	export(m, true, &bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(bundle_open(bytes.data, len, &b, NULL), -EBADMSG);
	buf_put_u8(&bytes, 0);
	assert_int_equal(bundle_open(bytes.data, bytes.len, &b, NULL), -EBADMSG);
	memory_log_free(m);
}

static void any_byte_changed_in_a_bundle_is_found(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct head last;
	struct head_file kept = {.heads = &last, .head_count = 1};
	size_t unnoticed = 0, key_len;

	(void)state;
	memory_log_act(m, "t1", "x");
	memory_log_act(m, "p1", "x");
	memory_log_batch(m, "gate:north", 1, 2);
	memory_log_commit(m);
	last = m->heads[m->head_count - 1];
	export(m, true, &bytes);
	key_len = 17 + 5 + get_be32(bytes.data + 18);
	/* The key inside is a convenience; the keys that count come from outside. */
	for (size_t at = key_len; at < bytes.len; at++) {
		CLEANUP_BUNDLE struct bundle *b = NULL;
		struct verify_report report = {0};

		bytes.data[at] ^= 1;
		if (!bundle_open(bytes.data, bytes.len, &b, NULL)) {
			assert_int_equal(log_verify(bundle_source(b), &kept, &m->ring, &report), 0);
			unnoticed += report.fault == VERIFY_GOOD;
		}
		bytes.data[at] ^= 1;
	}
	assert_int_equal(unnoticed, 0);
	memory_log_free(m);
}

static void frames_out_of_place_are_refused_with_their_offset(void **state)
{
	static const struct merkle_digest leaf;
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct bundle_writer w = {.write = append, .arg = &bytes};
	const uint8_t digest[HASH_SIZE] = {0};
	struct bundle *b = NULL;
	size_t offset = 0;

	(void)state;
	bundle_begin(&w);
	bundle_put_table(&w, "terminal");
	offset = bytes.len;
	bundle_put_entry(&w, &leaf, "x", 1);
	assert_int_equal(bundle_end(&w), 0);
	{
		size_t found = 0;

		assert_int_equal(bundle_open(bytes.data, bytes.len, &b, &found), -EBADMSG);
		assert_int_equal(found, offset);
	}
	buf_clear(&bytes);
	bundle_begin(&w);
	bundle_put_row(&w, "1", digest);
	assert_int_equal(bundle_end(&w), 0);
	assert_int_equal(bundle_open(bytes.data, bytes.len, &b, NULL), -EBADMSG);
	buf_clear(&bytes);
	bundle_begin(&w);
	bundle_put_record(&w, "1", 1);
	assert_int_equal(bundle_end(&w), 0);
	assert_int_equal(bundle_open(bytes.data, bytes.len, &b, NULL), -EBADMSG);
}

static int refuse_after(void *arg, const void *data, size_t len)
{
	size_t *left = arg;

	(void)data, (void)len;
	return (*left)-- ? 0 : -ENOSPC;
}

static void a_full_disk_is_told_at_the_end_wherever_it_struck(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);

	(void)state;
	memory_log_fill(m, 3, 2);
	memory_log_batch(m, "gate:north", 1, 2);
	memory_log_commit(m);
	for (size_t n = 0; n < 40; n++) {
		size_t left = n;
		struct bundle_writer w = {.write = refuse_after, .arg = &left};

		assert_int_equal(bundle_export(&w, &m->source, &m->ring, true), -ENOSPC);
	}
	memory_log_free(m);
}

static void an_empty_log_makes_a_bundle_too(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_BUNDLE struct bundle *b = NULL;

	(void)state;
	export(m, true, &bytes);
	assert_int_equal(bundle_open(bytes.data, bytes.len, &b, NULL), 0);
	assert_int_equal(verify(b, m).fault, VERIFY_GOOD);
	memory_log_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exported_log_verifies_as_the_live_one),
		cmocka_unit_test(records_may_stay_at_home),
		cmocka_unit_test(every_cut_of_a_bundle_is_noticed),
		cmocka_unit_test(any_byte_changed_in_a_bundle_is_found),
		cmocka_unit_test(frames_out_of_place_are_refused_with_their_offset),
		cmocka_unit_test(a_full_disk_is_told_at_the_end_wherever_it_struck),
		cmocka_unit_test(an_empty_log_makes_a_bundle_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
