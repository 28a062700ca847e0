#include "memory_log.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "journal/verify.h"

#define ENTRIES 600
#define PER_COMMIT 20

/* A log of 600 entries with state and records; heads of 200 and 600 entries are kept outside. */
struct bank {
	struct memory_log *m;
	struct head kept[2];
	struct head_file file;
};

static int make_bank(void **state)
{
	struct bank *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->m = memory_log_new(HASH_SM3, SIGN_ED25519);
	memory_log_fill(b->m, ENTRIES - 2, PER_COMMIT);
	memory_log_batch(b->m, "gate:north", 1, 20);
	memory_log_batch(b->m, "gate:south", 1, 3);
	memory_log_commit(b->m);
	memory_log_kept(b->m, 200, &b->kept[0]);
	memory_log_kept(b->m, 600, &b->kept[1]);
	b->file = (struct head_file){.heads = b->kept, .head_count = 2};
	*state = b;
	return 0;
}

static int drop_bank(void **state)
{
	struct bank *b = *state;

	memory_log_free(b->m);
	free(b);
	return 0;
}

static struct verify_report verify(const struct bank *b)
{
	struct verify_report report;

	assert_int_equal(log_verify(&b->m->source, &b->file, &b->m->ring, &report), 0);
	return report;
}

static void assert_found(const struct bank *b, enum verify_fault fault, uint64_t from, uint64_t to)
{
	struct verify_report report = verify(b);

	assert_string_equal(verify_fault_name(report.fault), verify_fault_name(fault));
	assert_int_equal(report.from, from);
	assert_int_equal(report.to, to);
	assert_string_not_equal(report.sentence, "");
}

static void replace(struct bank *b, size_t seq, const char *find, const char *put)
{
	struct buf *bytes = &b->m->entries[seq].bytes;
	CLEANUP_BUF struct buf changed = BUF_INIT;
	const char *at = strstr(buf_str(bytes), find);

	assert_non_null(at);
	buf_append(&changed, bytes->data, (size_t)(at - (char *)bytes->data));
	buf_puts(&changed, put);
	buf_puts(&changed, at + strlen(find));
	buf_clear(bytes);
	buf_append(bytes, changed.data, changed.len);
}

static void swap_entries(struct bank *b, size_t i, size_t k)
{
	struct memory_entry e = b->m->entries[i];

	b->m->entries[i] = b->m->entries[k];
	b->m->entries[k] = e;
}

static void an_untouched_log_holds(void **state)
{
	struct bank *b = *state;
	struct verify_report report = verify(b);

	assert_string_equal(report.sentence, "everything holds");
	assert_int_equal(report.fault, VERIFY_GOOD);
	assert_int_equal(report.entries, ENTRIES);
	assert_int_equal(report.heads, b->m->head_count);
	assert_int_equal(report.kept_heads, 2);
	assert_int_equal(report.rows, b->m->row_count);
	assert_int_equal(report.records, 23);
	assert_int_equal(report.last.size, ENTRIES);
}

static void one_bit_changed_in_any_entry_names_the_entry(void **state)
{
	struct bank *b = *state;

	for (size_t seq = 0; seq < ENTRIES; seq += 37) {
		struct buf *bytes = &b->m->entries[seq].bytes;

		bytes->data[bytes->len / 2] ^= 4;
		assert_found(b, VERIFY_ENTRY_CHANGED, seq, seq);
		bytes->data[bytes->len / 2] ^= 4;
	}
	b->m->entries[41].bytes.data[9] ^= 1;
	assert_string_equal(verify(b).sentence, "entry 41: bytes do not match the leaf hash");
}

static void one_bit_changed_in_a_leaf_hash_names_the_entry(void **state)
{
	struct bank *b = *state;

	b->m->entries[599].leaf.b[0] ^= 1;
	assert_found(b, VERIFY_ENTRY_CHANGED, 599, 599);
}

static void one_bit_changed_in_a_tree_node_names_its_interval(void **state)
{
	struct bank *b = *state;

	b->m->nodes[1].node.b[5] ^= 1;
	assert_found(b, VERIFY_NODE, 256, 511);
	b->m->node_count = 1;
	assert_found(b, VERIFY_NODE, 256, 511);
}

static void one_bit_changed_in_a_stored_head_names_the_head(void **state)
{
	struct bank *b = *state;
	struct head *h = &b->m->heads[7];

	h->root.b[0] ^= 1;
	assert_found(b, VERIFY_HEAD_SIGNATURE, 159, 159);
	h->root.b[0] ^= 1;
	h->at_ms ^= 1;
	assert_found(b, VERIFY_HEAD_SIGNATURE, 159, 159);
	h->at_ms ^= 1;
	h->signature.bytes[20] ^= 1;
	assert_found(b, VERIFY_HEAD_SIGNATURE, 159, 159);
}

static void an_entry_that_was_dropped_is_missed(void **state)
{
	struct bank *b = *state;

	buf_clear(&b->m->entries[333].bytes);
	assert_found(b, VERIFY_ENTRY_MISSING, 333, 333);
}

static void an_entry_dropped_with_the_rest_moved_up_is_named(void **state)
{
	struct bank *b = *state;

	for (size_t i = 333; i + 1 < ENTRIES; i++)
		swap_entries(b, i, i + 1);
	b->m->entry_count--;
	assert_found(b, VERIFY_ENTRY_NUMBER, 333, 333);
}

static void two_entries_swapped_are_named(void **state)
{
	struct bank *b = *state;

	swap_entries(b, 100, 101);
	assert_found(b, VERIFY_ENTRY_NUMBER, 100, 100);
}

static void an_entry_inserted_is_named(void **state)
{
	struct bank *b = *state;
	struct memory_entry *last = &b->m->entries[ENTRIES];

	buf_append(&last->bytes, b->m->entries[250].bytes.data, b->m->entries[250].bytes.len);
	last->leaf = b->m->entries[250].leaf;
	b->m->entry_count++;
	assert_found(b, VERIFY_ENTRY_NUMBER, ENTRIES, ENTRIES);
	for (size_t i = ENTRIES; i > 251; i--)
		swap_entries(b, i, i - 1);
	assert_found(b, VERIFY_ENTRY_NUMBER, 251, 251);
}

static void an_entry_appended_without_a_head_is_uncovered(void **state)
{
	struct bank *b = *state;

	memory_log_act(b->m, "t1", "forged");
	assert_found(b, VERIFY_UNCOVERED, ENTRIES, ENTRIES);
}

static void an_entry_rewritten_with_its_leaf_is_caught_by_the_next_head(void **state)
{
	struct bank *b = *state;
	struct memory_entry *e = &b->m->entries[310];

	replace(b, 310, "wang", "zhao");
	assert_int_equal(merkle_leaf(log_hasher(b->m->log), e->bytes.data, e->bytes.len, &e->leaf),
			 0);
	assert_found(b, VERIFY_HEAD_ROOT, 300, 319);
}

static void the_past_rewritten_under_the_servers_own_key_is_caught_by_kept_heads(void **state)
{
	struct bank *b = *state;
	struct verify_report report;

	replace(b, 310, "wang", "zhao");
	memory_log_rehash(b->m);
	report = verify(b);
	assert_int_equal(report.fault, VERIFY_KEPT_ROOT);
	assert_int_equal(report.from, 200);
	assert_int_equal(report.to, 599);
	assert_true(text_starts(report.sentence, "interval 200..599:"));
	b->file.head_count = 0;
	assert_int_equal(verify(b).fault, VERIFY_GOOD);
}

static void a_rewrite_before_the_first_kept_head_is_caught_too(void **state)
{
	struct bank *b = *state;

	replace(b, 0, "wang", "zhao");
	memory_log_rehash(b->m);
	assert_found(b, VERIFY_KEPT_ROOT, 0, 199);
}

static void a_log_cut_short_is_missed_by_the_kept_head(void **state)
{
	struct bank *b = *state;

	b->m->entry_count = 580;
	b->m->head_count = 29;
	assert_int_equal(b->m->heads[28].size, 580);
	assert_found(b, VERIFY_TRUNCATED, 580, 599);
	b->m->entry_count = 0;
	b->m->head_count = 0;
	assert_found(b, VERIFY_TRUNCATED, 0, 199);
}

static void entries_cut_off_under_their_own_heads_are_missed(void **state)
{
	struct bank *b = *state;

	b->file.head_count = 0;
	b->m->entry_count = 590;
	assert_found(b, VERIFY_TRUNCATED, 590, 597);
}

static void a_log_without_heads_proves_nothing(void **state)
{
	struct bank *b = *state;

	b->m->head_count = 0;
	b->file.head_count = 0;
	assert_found(b, VERIFY_UNCOVERED, 0, ENTRIES - 1);
}

static void a_head_signed_by_a_stranger_is_not_believed(void **state)
{
	struct bank *b = *state;
	CLEANUP_SIGN_KEY struct sign_key *stranger = NULL;

	assert_int_equal(sign_key_make(SIGN_SM2, &stranger), 0);
	assert_int_equal(head_sign(&b->m->heads[3], stranger), 0);
	assert_found(b, VERIFY_HEAD_KEY, 79, 79);
	b->m->heads[3] = b->m->heads[2];
	b->m->heads[3].size = 80;
	assert_found(b, VERIFY_HEAD_SIGNATURE, 79, 79);
}

static void a_kept_head_that_is_not_signed_proves_nothing(void **state)
{
	struct bank *b = *state;

	b->kept[0].signature.bytes[3] ^= 1;
	assert_found(b, VERIFY_KEPT_SIGNATURE, 199, 199);
}

static void a_kept_head_that_its_gate_did_not_sign_proves_nothing(void **state)
{
	struct bank *b = *state;
	CLEANUP_SIGN_KEY struct sign_key *gate = NULL;
	CLEANUP_BUF struct buf pem = BUF_INIT;
	struct cosign cosigns[2];

	assert_int_equal(sign_key_make(SIGN_SM2, &gate), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cosign_make(&b->kept[i], "north", 1, gate, &cosigns[i]), 0);
	b->file.cosigns = cosigns;
	b->file.cosign_count = 2;
	assert_int_equal(verify(b).cosigns, 0);
	assert_int_equal(sign_key_public_pem(gate, &pem), 0);
	assert_int_equal(sign_keyring_add_pem(&b->m->ring, pem.data, pem.len), 0);
	assert_int_equal(verify(b).fault, VERIFY_GOOD);
	assert_int_equal(verify(b).cosigns, 2);
	cosigns[1].root.b[0] ^= 1;
	assert_found(b, VERIFY_KEPT_SIGNATURE, 599, 599);
	cosigns[1].root.b[0] ^= 1;
	cosigns[0].at_ms++;
	assert_found(b, VERIFY_KEPT_SIGNATURE, 199, 199);
}

static void an_epoch_that_falls_is_named(void **state)
{
	struct bank *b = *state;

	b->m->heads[9].epoch = 0;
	assert_int_equal(head_sign(&b->m->heads[9], b->m->key), 0);
	assert_found(b, VERIFY_HEAD_EPOCH, 200, 200);
}

static void bytes_that_are_no_entry_are_named_even_when_hashed(void **state)
{
	struct bank *b = *state;

	replace(b, 310, "\"unit\":0", "\"unit\": 0");
	memory_log_rehash(b->m);
	assert_found(b, VERIFY_ENTRY_INVALID, 310, 310);
}

static void a_state_row_that_no_entry_explains_is_named(void **state)
{
	struct bank *b = *state;
	struct memory_row *row = &b->m->rows[b->m->row_count++];

	*row = b->m->rows[0];
	memcpy(row->id, "forged", 7);
	assert_found(b, VERIFY_ROW_UNEXPLAINED, 0, 0);
	assert_string_equal(verify(b).sentence, "row terminal forged: no entry explains it");
	*row = b->m->rows[0];
	assert_found(b, VERIFY_ROW_UNEXPLAINED, 0, 0);
	memcpy(row->id, "1", 2);
	row->table = "permit";
	assert_found(b, VERIFY_ROW_UNEXPLAINED, 0, 0);
}

static void a_state_row_changed_by_hand_is_named_with_its_last_entry(void **state)
{
	struct bank *b = *state;

	memory_log_act(b->m, "t5", "the last word");
	memory_log_commit(b->m);
	assert_int_equal(verify(b).fault, VERIFY_GOOD);
	for (size_t i = 0; i < b->m->row_count; i++)
		if (text_equal(b->m->rows[i].id, "t5"))
			b->m->rows[i].digest[31] ^= 1;
	assert_found(b, VERIFY_ROW_CHANGED, ENTRIES, ENTRIES);
}

static void a_state_row_deleted_by_hand_is_missed(void **state)
{
	struct bank *b = *state;

	memory_log_act(b->m, "t5", "the last word");
	memory_log_commit(b->m);
	for (size_t i = 0; i < b->m->row_count; i++)
		if (text_equal(b->m->rows[i].id, "t5"))
			b->m->rows[i] = b->m->rows[--b->m->row_count];
	assert_found(b, VERIFY_ROW_MISSING, ENTRIES, ENTRIES);
	assert_string_equal(verify(b).sentence,
			    "row terminal t5: entry 600 made or changed it, and it is gone");
}

static void a_record_changed_dropped_or_added_is_named(void **state)
{
	struct bank *b = *state;

	b->m->records[0][7][6] ^= 1;
	assert_found(b, VERIFY_BATCH_CHANGED, 598, 598);
	b->m->records[0][7][6] ^= 1;
	b->m->batches[1].count--;
	assert_found(b, VERIFY_BATCH_CHANGED, 599, 599);
	b->m->batches[1].count = 0;
	assert_found(b, VERIFY_BATCH_CHANGED, 599, 599);
	b->m->batches[1].count = 3;
	b->m->batches[2] = b->m->batches[1];
	b->m->batches[2].first = 4;
	b->m->batch_count++;
	assert_found(b, VERIFY_BATCH_UNEXPLAINED, 0, 0);
}

static void a_commit_that_counts_more_records_than_there_are_is_named(void **state)
{
	struct bank *b = *state;
	struct batch claimed = b->m->batches[1];
	struct entry e = {.act = BATCH_ACT_COMMIT};
	json_t *detail;

	claimed.first = 100;
	claimed.count++;
	assert_int_equal(batch_detail(&claimed, 1, &detail), 0);
	e.detail = detail;
	memory_log_append(b->m, &e);
	memory_log_commit(b->m);
	b->m->batches[2] = b->m->batches[1];
	b->m->batches[2].first = 100;
	memcpy(b->m->records[2], b->m->records[1], sizeof(b->m->records[1]));
	b->m->batch_count++;
	assert_found(b, VERIFY_BATCH_CHANGED, ENTRIES, ENTRIES);
	json_decref(detail);
}

static void a_batch_committed_twice_is_named(void **state)
{
	struct bank *b = *state;
	struct entry e = {.act = BATCH_ACT_COMMIT};
	json_t *detail;

	assert_int_equal(batch_detail(b->m->batches, 1, &detail), 0);
	e.detail = detail;
	memory_log_append(b->m, &e);
	memory_log_commit(b->m);
	assert_found(b, VERIFY_ENTRY_INVALID, ENTRIES, ENTRIES);
	json_decref(detail);
}

static void a_segment_gone_is_missed_unless_it_was_dropped_on_the_record(void **state)
{
	struct bank *b = *state;
	json_t *detail = json_pack("{si}", "month", 202611);
	struct entry e = {.act = BATCH_ACT_DROP, .detail = detail};

	b->m->batch_count = 0;
	assert_found(b, VERIFY_BATCH_MISSING, 598, 598);
	memory_log_append(b->m, &e);
	memory_log_commit(b->m);
	assert_int_equal(verify(b).fault, VERIFY_GOOD);
	json_decref(detail);
}

static void a_source_that_cannot_be_read_gives_no_verdict(void **state)
{
	struct bank *b = *state;
	struct verify_report report;

	b->m->fail_reads_with = -EIO;
	assert_int_equal(log_verify(&b->m->source, &b->file, &b->m->ring, &report), -EIO);
}

static void an_empty_log_holds(void **state)
{
	struct memory_log *m = memory_log_new(HASH_SHA256, SIGN_ED25519);
	struct verify_report report;

	(void)state;
	assert_int_equal(log_verify(&m->source, NULL, &m->ring, &report), 0);
	assert_int_equal(report.fault, VERIFY_GOOD);
	memory_log_free(m);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_bank, drop_bank)
	const struct CMUnitTest tests[] = {
		T(an_untouched_log_holds),
		T(one_bit_changed_in_any_entry_names_the_entry),
		T(one_bit_changed_in_a_leaf_hash_names_the_entry),
		T(one_bit_changed_in_a_tree_node_names_its_interval),
		T(one_bit_changed_in_a_stored_head_names_the_head),
		T(an_entry_that_was_dropped_is_missed),
		T(an_entry_dropped_with_the_rest_moved_up_is_named),
		T(two_entries_swapped_are_named),
		T(an_entry_inserted_is_named),
		T(an_entry_appended_without_a_head_is_uncovered),
		T(an_entry_rewritten_with_its_leaf_is_caught_by_the_next_head),
		T(the_past_rewritten_under_the_servers_own_key_is_caught_by_kept_heads),
		T(a_rewrite_before_the_first_kept_head_is_caught_too),
		T(a_log_cut_short_is_missed_by_the_kept_head),
		T(entries_cut_off_under_their_own_heads_are_missed),
		T(a_log_without_heads_proves_nothing),
		T(a_head_signed_by_a_stranger_is_not_believed),
		T(a_kept_head_that_is_not_signed_proves_nothing),
		T(a_kept_head_that_its_gate_did_not_sign_proves_nothing),
		T(an_epoch_that_falls_is_named),
		T(bytes_that_are_no_entry_are_named_even_when_hashed),
		T(a_state_row_that_no_entry_explains_is_named),
		T(a_state_row_changed_by_hand_is_named_with_its_last_entry),
		T(a_state_row_deleted_by_hand_is_missed),
		T(a_record_changed_dropped_or_added_is_named),
		T(a_commit_that_counts_more_records_than_there_are_is_named),
		T(a_batch_committed_twice_is_named),
		T(a_segment_gone_is_missed_unless_it_was_dropped_on_the_record),
		T(a_source_that_cannot_be_read_gives_no_verdict),
		cmocka_unit_test(an_empty_log_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
