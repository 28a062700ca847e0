#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "journal/verify_private.h"

#define SEPARATOR '\x1f' /* never in clean text, so that keys cannot be confused */
#define KEY_SIZE (2 * ENTRY_TEXT_MAX + 64)

#define U64(n) ((unsigned long long)(n))

struct expected_row {
	uint64_t seq; /* the entry that names it last */
	bool seen;
	uint8_t digest[HASH_SIZE];
	char key[];
};

struct expected_batch {
	uint64_t seq;
	bool seen;
	struct batch batch;
	char key[];
};

static int row_key(char dst[static KEY_SIZE], const char *table, const char *id)
{
	int n = snprintf(dst, KEY_SIZE, "%s%c%s", table, SEPARATOR, id);

	return n > 0 && n < KEY_SIZE ? 0 : -ENAMETOOLONG;
}

static void batch_key(char dst[static KEY_SIZE], const struct batch *b)
{
	snprintf(dst, KEY_SIZE, "%s%c%d%c%llu", b->source, SEPARATOR, b->month, SEPARATOR,
		 U64(b->first));
}

static int learn_row(struct verifier *v, const struct entry_row *row, uint64_t seq)
{
	struct expected_row *known;
	char key[KEY_SIZE];
	void *old;
	int r = row_key(key, row->table, row->id);

	if (r)
		return r;
	if (row->deleted) {
		free(map_remove(&v->rows, key));
		return 0;
	}
	known = map_get(&v->rows, key);
	if (!known) {
		known = calloc(1, sizeof(*known) + strlen(key) + 1);
		if (!known)
			return -ENOMEM;
		memcpy(known->key, key, strlen(key) + 1);
		r = map_put(&v->rows, known->key, known, &old);
		if (r) {
			free(known);
			return r;
		}
	}
	known->seq = seq;
	memcpy(known->digest, row->digest, HASH_SIZE);
	return 0;
}

static int learn_batch(struct verifier *v, const struct batch *batch, uint64_t seq)
{
	struct expected_batch *e;
	char key[KEY_SIZE];
	void *old = NULL;
	int r;

	batch_key(key, batch);
	e = calloc(1, sizeof(*e) + strlen(key) + 1);
	if (!e)
		return -ENOMEM;
	*e = (struct expected_batch){.seq = seq, .batch = *batch};
	memcpy(e->key, key, strlen(key) + 1);
	if (map_get(&v->batches, key)) {
		free(e);
		return verify_fault(v, VERIFY_ENTRY_INVALID, seq, seq,
				    "entry %llu: commits records of %s from number %llu a second "
				    "time",
				    U64(seq), batch->source, U64(batch->first));
	}
	r = map_put(&v->batches, e->key, e, &old);
	if (r)
		free(e);
	return r;
}

static int learn_batches(struct verifier *v, const struct entry *e)
{
	size_t count = 0;
	int r;

	if (!v->scratch)
		v->scratch = calloc(BATCHES_PER_ENTRY_MAX, sizeof(*v->scratch));
	if (!v->scratch)
		return -ENOMEM;
	r = batch_parse_detail(e->detail, v->scratch, BATCHES_PER_ENTRY_MAX, &count);
	if (r)
		return verify_fault(v, VERIFY_ENTRY_INVALID, e->seq, e->seq,
				    "entry %llu: does not say which records it commits",
				    U64(e->seq));
	for (size_t i = 0; !r && i < count; i++)
		r = learn_batch(v, &v->scratch[i], e->seq);
	return r;
}

/* A segment that was dropped on the record need not be there any more. */
static int learn_drop(struct verifier *v, const struct entry *e)
{
	struct expected_batch *b;
	int month, r = batch_parse_drop(e->detail, &month);
	size_t at = 0;

	if (r)
		return verify_fault(v, VERIFY_ENTRY_INVALID, e->seq, e->seq,
				    "entry %llu: does not say which month it drops", U64(e->seq));
	while ((b = map_next(&v->batches, &at)))
		if (b->batch.month == month)
			b->seen = true;
	return 0;
}

int verify_learn(struct verifier *v, const struct entry *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < e->row_count; i++)
		r = learn_row(v, &e->rows[i], e->seq);
	if (!r && text_equal(e->act, BATCH_ACT_COMMIT))
		r = learn_batches(v, e);
	if (!r && text_equal(e->act, BATCH_ACT_DROP))
		r = learn_drop(v, e);
	return r;
}

struct row_walk {
	struct verifier *v;
	const char *table;
};

static int check_row(void *arg, const char *id, const uint8_t digest[static HASH_SIZE])
{
	struct row_walk *w = arg;
	struct verifier *v = w->v;
	struct expected_row *row = NULL;
	char key[KEY_SIZE];

	v->report->rows++;
	if (!row_key(key, w->table, id))
		row = map_get(&v->rows, key);
	if (!row || row->seen)
		return verify_fault(v, VERIFY_ROW_UNEXPLAINED, 0, 0,
				    "row %s %s: no entry explains it", w->table, id);
	if (memcmp(row->digest, digest, HASH_SIZE))
		return verify_fault(v, VERIFY_ROW_CHANGED, row->seq, row->seq,
				    "row %s %s: is not what entry %llu, the last about it, left",
				    w->table, id, U64(row->seq));
	row->seen = true;
	return 0;
}

static int find_missing_row(struct verifier *v)
{
	const struct expected_row *row, *first = NULL;
	const char *id;
	size_t at = 0;

	while ((row = map_next(&v->rows, &at)))
		if (!row->seen && (!first || row->seq < first->seq))
			first = row;
	if (!first)
		return 0;
	id = strchr(first->key, SEPARATOR);
	return verify_fault(v, VERIFY_ROW_MISSING, first->seq, first->seq,
			    "row %.*s %s: entry %llu made or changed it, and it is gone",
			    (int)(id - first->key), first->key, id + 1, U64(first->seq));
}

int verify_state(struct verifier *v)
{
	const struct log_source *s = v->source;
	struct row_walk w = {.v = v};
	int r = 0;

	if (!s->table)
		return 0;
	for (size_t n = 0; !r; n++) {
		r = s->table(s->arg, n, &w.table);
		if (!r)
			r = s->rows(s->arg, w.table, check_row, &w);
		else if (r == -ENOENT)
			break;
	}
	return r == -ENOENT ? find_missing_row(v) : r;
}

static int add_record(void *arg, const void *bytes, size_t len)
{
	return batch_builder_add(arg, bytes, len);
}

static bool is_same(const struct batch *b, uint64_t count, const struct merkle_digest *root)
{
	return b->count == count && !memcmp(&b->root, root, sizeof(*root));
}

static int check_batch(void *arg, const struct batch *batch)
{
	struct verifier *v = arg;
	const struct log_source *s = v->source;
	struct batch_builder builder;
	struct expected_batch *e;
	struct merkle_digest root;
	uint64_t count = 0;
	char key[KEY_SIZE];
	int r;

	batch_key(key, batch);
	e = map_get(&v->batches, key);
	v->report->batches++;
	if (!e)
		return verify_fault(v, VERIFY_BATCH_UNEXPLAINED, 0, 0,
				    "records of %s in %d from number %llu: no entry explains them",
				    batch->source, batch->month, U64(batch->first));
	batch_builder_init(&builder, v->hasher);
	r = s->records(s->arg, batch, add_record, &builder);
	if (!r)
		r = batch_builder_root(&builder, &root, &count);
	if (r && r != -ENODATA)
		return r;
	v->report->records += count;
	e->seen = true;
	if (!r && is_same(&e->batch, count, &root) &&
	    (!batch->count || is_same(&e->batch, batch->count, &batch->root)))
		return 0;
	return verify_fault(v, VERIFY_BATCH_CHANGED, e->seq, e->seq,
			    "records of %s in %d from number %llu: are not those that entry %llu "
			    "committed",
			    batch->source, batch->month, U64(batch->first), U64(e->seq));
}

static int find_missing_batch(struct verifier *v)
{
	const struct expected_batch *b, *first = NULL;
	size_t at = 0;

	while ((b = map_next(&v->batches, &at)))
		if (!b->seen && (!first || b->seq < first->seq))
			first = b;
	if (!first)
		return 0;
	return verify_fault(v, VERIFY_BATCH_MISSING, first->seq, first->seq,
			    "records of %s in %d from number %llu: entry %llu committed them, and "
			    "they are gone",
			    first->batch.source, first->batch.month, U64(first->batch.first),
			    U64(first->seq));
}

int verify_batches(struct verifier *v)
{
	const struct log_source *s = v->source;
	int r;

	if (!s->batches)
		return 0;
	r = s->batches(s->arg, check_batch, v);
	return r ? r : find_missing_batch(v);
}

void verify_forget(struct verifier *v)
{
	size_t at = 0;
	void *p;

	while ((p = map_next(&v->rows, &at)))
		free(p);
	at = 0;
	while ((p = map_next(&v->batches, &at)))
		free(p);
	map_done(&v->rows);
	map_done(&v->batches);
	free(v->scratch);
}
