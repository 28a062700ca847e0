#include "memory_log.h"

#include <string.h>

#include "journal/verify.h"

static struct log_options options_of(const struct memory_log *m, uint64_t epoch)
{
	return (struct log_options){.key = m->key, .hash = HASH_SHA256, .epoch = epoch};
}

/* A second start over the same stored log. */
static int reopen(struct memory_log *m, uint64_t epoch)
{
	const struct log_options options = options_of(m, epoch);
	struct log *again = NULL;
	int r = log_open(&m->source, &options, &again);

	if (r)
		return r;
	log_free(m->log);
	m->log = again;
	return 0;
}

static void a_log_goes_on_where_it_stopped(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_SM2);
	struct verify_report report;

	(void)state;
	for (int i = 0; i < 5; i++) {
		memory_log_fill(m, 70, 35);
		assert_int_equal(reopen(m, 1), 0);
		assert_int_equal(log_next_seq(m->log), m->entry_count);
		assert_int_equal(log_hash(m->log), HASH_SM3);
	}
	assert_int_equal(log_verify(&m->source, NULL, &m->ring, &report), 0);
	assert_string_equal(report.sentence, "everything holds");
	assert_int_equal(report.entries, 350);
	memory_log_free(m);
}

static void what_was_rolled_back_leaves_no_trace(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	struct head before, after;
	struct log_added added;

	(void)state;
	memory_log_fill(m, 255, 255);
	assert_int_equal(log_head(m->log, 1, &before), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(log_append(m->log, "lost", 4, &added), 0);
	assert_int_equal(log_next_seq(m->log), 258);
	log_roll_back(m->log);
	assert_int_equal(log_next_seq(m->log), 255);
	assert_int_equal(log_head(m->log, 1, &after), 0);
	assert_memory_equal(before.root.b, after.root.b, HASH_SIZE);
	assert_int_equal(log_append(m->log, "kept", 4, &added), 0);
	assert_int_equal(added.seq, 255);
	assert_int_equal(added.node_count, 1);
	assert_int_equal(added.nodes[0].level, 8);
	assert_int_equal(added.nodes[0].index, 0);
	memory_log_free(m);
}

static void an_entry_that_cannot_be_encoded_takes_no_number(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct entry bad = {.act = ""};
	struct log_added added;

	(void)state;
	assert_int_equal(log_append_entry(m->log, &bad, &bytes, &added), -EINVAL);
	assert_int_equal(log_next_seq(m->log), 0);
	memory_log_free(m);
}

static void a_start_over_a_damaged_log_is_refused(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);

	(void)state;
	memory_log_fill(m, 300, 50);
	m->nodes[0].node.b[0] ^= 1;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	m->nodes[0].node.b[0] ^= 1;
	m->entries[299].leaf.b[0] ^= 1;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	m->entries[299].leaf.b[0] ^= 1;
	m->heads[m->head_count - 1].at_ms++;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	m->heads[m->head_count - 1].at_ms--;
	m->entry_count--;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	m->entry_count++;
	m->node_count = 0;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	m->node_count = 1;
	m->head_count--;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	m->head_count++;
	m->fail_reads_with = -EIO;
	assert_int_equal(reopen(m, 1), -EIO);
	m->fail_reads_with = 0;
	assert_int_equal(reopen(m, 1), 0);
	memory_log_free(m);
}

static void entries_without_any_head_are_refused_at_start(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);

	(void)state;
	memory_log_fill(m, 3, 3);
	m->head_count = 0;
	assert_int_equal(reopen(m, 1), -EBADMSG);
	memory_log_free(m);
}

static void an_older_epoch_may_not_write(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	struct verify_report report;

	(void)state;
	memory_log_fill(m, 10, 5);
	assert_int_equal(reopen(m, 0), -ESTALE);
	assert_int_equal(reopen(m, 2), 0);
	memory_log_fill(m, 10, 5);
	assert_int_equal(m->heads[m->head_count - 1].epoch, 2);
	assert_int_equal(reopen(m, 1), -ESTALE);
	assert_int_equal(log_verify(&m->source, NULL, &m->ring, &report), 0);
	assert_int_equal(report.fault, VERIFY_GOOD);
	memory_log_free(m);
}

static void proofs_come_from_what_is_stored(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	struct merkle_nodes nodes = log_source_nodes(&m->source);
	const struct head *old, *last;
	struct merkle_proof proof;

	(void)state;
	memory_log_fill(m, 600, 100);
	old = &m->heads[2];
	last = &m->heads[m->head_count - 1];
	assert_int_equal(
		merkle_prove_consistency(&nodes, log_hasher(m->log), old->size, last->size, &proof),
		0);
	assert_int_equal(merkle_verify_consistency(log_hasher(m->log), old->size, last->size,
						   &proof, &old->root, &last->root),
			 0);
	assert_int_equal(
		merkle_prove_inclusion(&nodes, log_hasher(m->log), 310, last->size, &proof), 0);
	assert_int_equal(merkle_verify_inclusion(log_hasher(m->log), &m->entries[310].leaf, 310,
						 last->size, &proof, &last->root),
			 0);
	memory_log_free(m);
}

static void a_keeper_of_heads_follows_one_history_only(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SM3, SIGN_ED25519);
	struct memory_log *other = memory_log_new(HASH_SM3, SIGN_ED25519);
	struct merkle_nodes nodes = log_source_nodes(&m->source);
	struct merkle_proof proof;
	const struct head *kept, *next;
	struct head forged;

	(void)state;
	memory_log_fill(m, 90, 30);
	memory_log_fill(other, 90, 30);
	kept = &m->heads[0];
	next = &m->heads[2];
	assert_int_equal(merkle_prove_consistency(&nodes, log_hasher(m->log), 30, 90, &proof), 0);
	assert_int_equal(head_follows(next, kept, &proof, &m->ring, log_hasher(m->log)), 0);
	assert_int_equal(head_follows(&other->heads[2], kept, &proof, &m->ring, log_hasher(m->log)),
			 -ENOKEY);
	assert_int_equal(head_follows(kept, next, &proof, &m->ring, log_hasher(m->log)), -EBADMSG);
	forged = *next;
	forged.root.b[0] ^= 1;
	assert_int_equal(head_follows(&forged, kept, &proof, &m->ring, log_hasher(m->log)),
			 -EBADMSG);
	assert_int_equal(head_sign(&forged, m->key), 0);
	assert_int_equal(head_follows(&forged, kept, &proof, &m->ring, log_hasher(m->log)),
			 -EBADMSG);
	forged = *next;
	forged.epoch = 0;
	assert_int_equal(head_sign(&forged, m->key), 0);
	assert_int_equal(head_follows(&forged, kept, &proof, &m->ring, log_hasher(m->log)),
			 -EBADMSG);
	memory_log_free(m);
	memory_log_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_goes_on_where_it_stopped),
		cmocka_unit_test(what_was_rolled_back_leaves_no_trace),
		cmocka_unit_test(an_entry_that_cannot_be_encoded_takes_no_number),
		cmocka_unit_test(a_start_over_a_damaged_log_is_refused),
		cmocka_unit_test(entries_without_any_head_are_refused_at_start),
		cmocka_unit_test(an_older_epoch_may_not_write),
		cmocka_unit_test(proofs_come_from_what_is_stored),
		cmocka_unit_test(a_keeper_of_heads_follows_one_history_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
