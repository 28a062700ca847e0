#include "memory_log.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int get_size(void *arg, uint64_t *ret)
{
	const struct memory_log *m = arg;

	*ret = m->entry_count;
	return 0;
}

static int get_entry(void *arg, uint64_t seq, struct buf *ret, struct merkle_digest *ret_leaf)
{
	const struct memory_log *m = arg;

	if (m->fail_reads_with)
		return m->fail_reads_with;
	if (!m->entries[seq].bytes.len)
		return -ENOENT;
	buf_append(ret, m->entries[seq].bytes.data, m->entries[seq].bytes.len);
	*ret_leaf = m->entries[seq].leaf;
	return ret->error;
}

static int get_node(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret)
{
	const struct memory_log *m = arg;

	if (m->fail_reads_with)
		return m->fail_reads_with;
	if (!level) {
		*ret = m->entries[index].leaf;
		return index < m->entry_count ? 0 : -ENOENT;
	}
	for (size_t i = 0; i < m->node_count; i++)
		if (m->nodes[i].level == level && m->nodes[i].index == index) {
			*ret = m->nodes[i].node;
			return 0;
		}
	return -ENOENT;
}

static int get_head(void *arg, uint64_t size, struct head *ret)
{
	const struct memory_log *m = arg;

	for (size_t i = 0; i < m->head_count; i++)
		if (m->heads[i].size >= size) {
			*ret = m->heads[i];
			return 0;
		}
	return -ENOENT;
}

static int get_last_head(void *arg, struct head *ret)
{
	const struct memory_log *m = arg;

	if (!m->head_count)
		return -ENOENT;
	*ret = m->heads[m->head_count - 1];
	return 0;
}

static int get_table(void *arg, size_t n, const char **ret)
{
	static const char *const tables[] = {"permit", "terminal"};

	(void)arg;
	if (n >= ARRAY_SIZE(tables))
		return -ENOENT;
	*ret = tables[n];
	return 0;
}

static int walk_rows(void *arg, const char *table, log_row_fn *fn, void *fn_arg)
{
	const struct memory_log *m = arg;
	int r = 0;

	for (size_t i = 0; !r && i < m->row_count; i++)
		if (text_equal(m->rows[i].table, table))
			r = fn(fn_arg, m->rows[i].id, m->rows[i].digest);
	return r;
}

static int walk_batches(void *arg, log_batch_fn *fn, void *fn_arg)
{
	const struct memory_log *m = arg;
	int r = 0;

	for (size_t i = 0; !r && i < m->batch_count; i++)
		r = fn(fn_arg, &m->batches[i]);
	return r;
}

static int walk_records(void *arg, const struct batch *batch, log_record_fn *fn, void *fn_arg)
{
	const struct memory_log *m = arg;
	int r = 0;

	for (size_t i = 0; i < m->batch_count; i++) {
		if (!text_equal(m->batches[i].source, batch->source) ||
		    m->batches[i].first != batch->first)
			continue;
		for (size_t k = 0; !r && k < m->batches[i].count; k++)
			r = fn(fn_arg, m->records[i][k], strlen(m->records[i][k]));
	}
	return r;
}

struct memory_log *memory_log_new(enum hash_kind hash, enum sign_kind sign)
{
	struct memory_log *m = calloc(1, sizeof(*m));
	struct log_options options = {.hash = hash, .epoch = 1};
	CLEANUP_BUF struct buf pem = BUF_INIT;

	assert_non_null(m);
	for (size_t i = 0; i < MEMORY_ENTRIES; i++)
		buf_init(&m->entries[i].bytes, ENTRY_SIZE_MAX);
	m->source = (struct log_source){
		.arg = m,
		.size = get_size,
		.entry = get_entry,
		.node = get_node,
		.head = get_head,
		.last_head = get_last_head,
		.table = get_table,
		.rows = walk_rows,
		.batches = walk_batches,
		.records = walk_records,
	};
	assert_int_equal(sign_key_make(sign, &m->key), 0);
	assert_int_equal(sign_key_public_pem(m->key, &pem), 0);
	assert_int_equal(sign_keyring_add_pem(&m->ring, pem.data, pem.len), 0);
	options.key = m->key;
	assert_int_equal(log_open(&m->source, &options, &m->log), 0);
	return m;
}

void memory_log_free(struct memory_log *m)
{
	for (size_t i = 0; i < MEMORY_ENTRIES; i++)
		buf_done(&m->entries[i].bytes);
	log_free(m->log);
	sign_keyring_done(&m->ring);
	sign_key_free(m->key);
	free(m);
}

static void keep_nodes(struct memory_log *m, const struct merkle_stored *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_true(m->node_count < MEMORY_NODES);
		m->nodes[m->node_count++] = nodes[i];
	}
}

void memory_log_append(struct memory_log *m, struct entry *e)
{
	struct log_added added;
	struct memory_entry *to = &m->entries[m->entry_count];

	assert_true(m->entry_count < MEMORY_ENTRIES);
	assert_int_equal(log_append_entry(m->log, e, &to->bytes, &added), 0);
	assert_int_equal(added.seq, m->entry_count);
	to->leaf = added.leaf;
	keep_nodes(m, added.nodes, added.node_count);
	m->entry_count++;
}

static struct memory_row *find_row(struct memory_log *m, const char *id)
{
	for (size_t i = 0; i < m->row_count; i++)
		if (text_equal(m->rows[i].id, id))
			return &m->rows[i];
	return NULL;
}

void memory_log_act(struct memory_log *m, const char *id, const char *content)
{
	const char *table = *id == 'p' ? "permit" : "terminal";
	struct entry_row row = {.table = table, .id = id, .deleted = !content};
	struct memory_row *live = find_row(m, id);
	struct entry e = {
		.at_ms = 1795436156123 + (int64_t)m->entry_count,
		.act = "terminal.set",
		.actor = {17, "wang", "security", "10.0.0.9"},
		.subject = id,
		.rows = &row,
		.row_count = 1,
	};

	if (content) {
		assert_int_equal(entry_row_digest(log_hasher(m->log), row.table, id, content,
						  strlen(content), row.digest),
				 0);
		if (!live) {
			assert_true(m->row_count < MEMORY_ROWS);
			live = &m->rows[m->row_count++];
			live->table = row.table;
			assert_int_equal(text_copy(live->id, sizeof(live->id), id), 0);
		}
		memcpy(live->digest, row.digest, HASH_SIZE);
	} else if (live) {
		*live = m->rows[--m->row_count];
	}
	memory_log_append(m, &e);
}

void memory_log_batch(struct memory_log *m, const char *source, uint64_t first, uint64_t count)
{
	struct batch *b = &m->batches[m->batch_count];
	struct batch_builder builder;
	struct entry e = {.act = BATCH_ACT_COMMIT};
	json_t *detail;

	assert_true(m->batch_count < MEMORY_BATCHES && count <= MEMORY_RECORDS);
	*b = (struct batch){.first = first, .month = 202611};
	assert_int_equal(text_copy(b->source, sizeof(b->source), source), 0);
	batch_builder_init(&builder, log_hasher(m->log));
	for (uint64_t i = 0; i < count; i++) {
		char *record = m->records[m->batch_count][i];

		snprintf(record, 16, "knock %d", (int)(first + i));
		assert_int_equal(batch_builder_add(&builder, record, strlen(record)), 0);
	}
	assert_int_equal(batch_builder_root(&builder, &b->root, &b->count), 0);
	assert_int_equal(batch_detail(b, 1, &detail), 0);
	m->batch_count++;
	e.detail = detail;
	memory_log_append(m, &e);
	json_decref(detail);
}

void memory_log_commit(struct memory_log *m)
{
	assert_int_equal(log_head(m->log, 1795436156123, &m->heads[m->head_count++]), 0);
	log_committed(m->log);
}

void memory_log_fill(struct memory_log *m, size_t count, size_t per_commit)
{
	char id[16], content[32];

	for (size_t i = 1; i <= count; i++) {
		snprintf(id, sizeof(id), "t%zu", i % 31);
		snprintf(content, sizeof(content), "state %zu", i);
		memory_log_act(m, id, i % 7 == 3 ? NULL : content);
		if (i % per_commit == 0 || i == count)
			memory_log_commit(m);
	}
}

static void rehash_head(struct memory_log *m, struct head *h, const struct merkle_frontier *f)
{
	if (h->size != f->size)
		return;
	assert_int_equal(merkle_root(f, log_hasher(m->log), &h->root), 0);
	assert_int_equal(head_sign(h, m->key), 0);
}

void memory_log_rehash(struct memory_log *m)
{
	struct hasher *h = log_hasher(m->log);
	struct merkle_frontier f = {0};
	size_t head = 0;

	m->node_count = 0;
	for (size_t i = 0; i < m->entry_count; i++) {
		struct memory_entry *e = &m->entries[i];
		struct merkle_stored nodes[MERKLE_STORED_MAX];
		size_t count = 0;

		assert_int_equal(merkle_leaf(h, e->bytes.data, e->bytes.len, &e->leaf), 0);
		assert_int_equal(merkle_append(&f, h, &e->leaf, nodes, &count), 0);
		keep_nodes(m, nodes, count);
		while (head < m->head_count && m->heads[head].size < f.size)
			head++;
		if (head < m->head_count)
			rehash_head(m, &m->heads[head], &f);
	}
}

void memory_log_kept(const struct memory_log *m, uint64_t size, struct head *ret)
{
	for (size_t i = 0; i < m->head_count; i++)
		if (m->heads[i].size == size) {
			*ret = m->heads[i];
			return;
		}
	fail_msg("no head of %d entries", (int)size);
}
