#include "journal/bundle.h"

#include <string.h>

#include "base/text.h"
#include "journal/bundle_private.h"

/* A frame's place: its bytes, without the header. */
struct span {
	size_t at;
	uint32_t len;
};

struct table {
	char name[ENTRY_TEXT_MAX + 1];
	size_t first_row; /* offset of its first frame */
};

struct stored_batch {
	struct batch batch;
	size_t first_record;
};

struct bundle {
	const uint8_t *bytes;
	size_t len;
	struct hasher *hasher;
	struct sign_keyring keys;
	struct log_source source;
	struct span *entries;
	struct head *heads;
	struct table *tables;
	struct stored_batch *batches;
	size_t entry_count, head_count, table_count, batch_count;
	size_t walked; /* batches, by a walk under way */
	char last;     /* type of the frame before: rows follow a table, records a batch */
};

static int grow(void *list, size_t count, size_t item)
{
	void *bigger, *old;

	if (count & (count - 1))
		return 0;
	memcpy(&old, list, sizeof(old));
	bigger = reallocarray(old, count ? 2 * count : 1, item);
	if (!bigger)
		return -ENOMEM;
	memcpy(list, &bigger, sizeof(bigger));
	return 0;
}

/* The frame at `at`; its header is inside the bytes or the answer is -EBADMSG. */
static int frame_at(const struct bundle *b, size_t at, char *ret_type, struct span *ret)
{
	struct reader r = {b->bytes + at, b->len - at};
	const uint8_t *body;
	uint32_t len;
	uint8_t type;

	if (reader_u8(&r, &type) || reader_be32(&r, &len) || len > BUNDLE_FRAME_MAX ||
	    reader_bytes(&r, len, &body))
		return -EBADMSG;
	*ret_type = (char)type;
	*ret = (struct span){(size_t)(body - b->bytes), len};
	return 0;
}

static int take_key(struct bundle *b, const uint8_t *body, struct span s)
{
	struct sign_key *key = NULL;
	int r = sign_key_from_public_pem(body, s.len, &key);

	if (!r)
		r = sign_keyring_add(&b->keys, key);
	return r == -ENOSPC ? -EBADMSG : r;
}

static int take_entry(struct bundle *b, const uint8_t *body, struct span s)
{
	int r;

	(void)body;
	if (s.len < HASH_SIZE || b->table_count || b->batch_count)
		return -EBADMSG;
	r = grow(&b->entries, b->entry_count, sizeof(*b->entries));
	if (!r)
		b->entries[b->entry_count++] = s;
	return r;
}

static int take_head(struct bundle *b, const uint8_t *body, struct span s)
{
	struct head h;
	int r = head_parse(body, s.len, &h);

	if (r)
		return r;
	if (b->head_count && b->heads[b->head_count - 1].size >= h.size)
		return -EBADMSG;
	r = grow(&b->heads, b->head_count, sizeof(*b->heads));
	if (!r)
		b->heads[b->head_count++] = h;
	return r;
}

static int take_cosign(struct bundle *b, const uint8_t *body, struct span s)
{
	struct cosign c;

	(void)b;
	return cosign_parse(body, s.len, &c);
}

static int take_name(const uint8_t *body, size_t len, char *dst, size_t size)
{
	if (!len || !text_is_clean((const char *)body, len))
		return -EBADMSG;
	return text_copy_n(dst, size, (const char *)body, len) ? -EBADMSG : 0;
}

static int take_table(struct bundle *b, const uint8_t *body, struct span s)
{
	struct table t = {.first_row = s.at + s.len};
	int r = take_name(body, s.len, t.name, sizeof(t.name));

	if (r || b->table_count == BUNDLE_TABLES_MAX)
		return -EBADMSG;
	r = grow(&b->tables, b->table_count, sizeof(*b->tables));
	if (!r)
		b->tables[b->table_count++] = t;
	return r;
}

static int take_row(struct bundle *b, const uint8_t *body, struct span s)
{
	char id[ENTRY_TEXT_MAX + 1];

	if ((b->last != BUNDLE_TABLE && b->last != BUNDLE_ROW) || s.len <= HASH_SIZE)
		return -EBADMSG;
	return take_name(body + HASH_SIZE, s.len - HASH_SIZE, id, sizeof(id));
}

static int take_batch(struct bundle *b, const uint8_t *body, struct span s)
{
	struct stored_batch sb = {.first_record = s.at + s.len};
	int r;

	if (s.len <= BUNDLE_BATCH_NUMBERS || get_be32(body) > 999912)
		return -EBADMSG;
	sb.batch.month = (int)get_be32(body);
	sb.batch.first = get_be64(body + 4);
	r = take_name(body + BUNDLE_BATCH_NUMBERS, s.len - BUNDLE_BATCH_NUMBERS, sb.batch.source,
		      sizeof(sb.batch.source));
	if (!r)
		r = grow(&b->batches, b->batch_count, sizeof(*b->batches));
	if (!r)
		b->batches[b->batch_count++] = sb;
	return r;
}

static int take_record(struct bundle *b, const uint8_t *body, struct span s)
{
	(void)body, (void)s;
	return b->last == BUNDLE_BATCH || b->last == BUNDLE_RECORD ? 0 : -EBADMSG;
}

static const struct {
	enum bundle_frame type;
	int (*take)(struct bundle *b, const uint8_t *body, struct span s);
} frames[] = {
	{BUNDLE_KEY, take_key},	      {BUNDLE_ENTRY, take_entry},   {BUNDLE_HEAD, take_head},
	{BUNDLE_COSIGN, take_cosign}, {BUNDLE_TABLE, take_table},   {BUNDLE_ROW, take_row},
	{BUNDLE_BATCH, take_batch},   {BUNDLE_RECORD, take_record},
};

static int take_frame(struct bundle *b, char type, struct span s)
{
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		if (type == (char)frames[i].type) {
			int r = frames[i].take(b, b->bytes + s.at, s);

			b->last = type;
			return r;
		}
	return -EBADMSG;
}

/* All frames to the last, which counts them and ends the file. */
static int index_frames(struct bundle *b, size_t *at)
{
	size_t magic = sizeof(BUNDLE_MAGIC) - 1;
	uint64_t count = 0;

	if (b->len < magic || memcmp(b->bytes, BUNDLE_MAGIC, magic))
		return -EBADMSG;
	for (*at = magic;; count++) {
		struct span s;
		char type;
		int r = frame_at(b, *at, &type, &s);

		if (r)
			return r;
		if (type == BUNDLE_LAST)
			return s.len == 8 && get_be64(b->bytes + s.at) == count &&
					       s.at + s.len == b->len
				       ? 0
				       : -EBADMSG;
		r = take_frame(b, type, s);
		if (r)
			return r;
		*at = s.at + s.len;
	}
}

static int source_size(void *arg, uint64_t *ret)
{
	const struct bundle *b = arg;

	*ret = b->entry_count;
	return 0;
}

static int source_entry(void *arg, uint64_t seq, struct buf *ret, struct merkle_digest *ret_leaf)
{
	const struct bundle *b = arg;
	const struct span *s;

	if (seq >= b->entry_count)
		return -ENOENT;
	s = &b->entries[seq];
	buf_append(ret, b->bytes + s->at + HASH_SIZE, s->len - HASH_SIZE);
	memcpy(ret_leaf->b, b->bytes + s->at, HASH_SIZE);
	return ret->error;
}

static int source_node(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret)
{
	struct bundle *b = arg;
	struct merkle_frontier fold = {0};
	uint64_t count, first;
	int r = 0;

	if (level >= MERKLE_LEVELS || index > (b->entry_count >> level))
		return -ENOENT;
	count = UINT64_C(1) << level;
	first = index << level;
	if (first + count > b->entry_count)
		return -ENOENT;
	for (uint64_t i = first; !r && i < first + count; i++) {
		struct merkle_digest leaf;

		memcpy(leaf.b, b->bytes + b->entries[i].at, HASH_SIZE);
		r = merkle_append(&fold, b->hasher, &leaf, NULL, NULL);
	}
	return r ? r : merkle_root(&fold, b->hasher, ret);
}

static int source_head(void *arg, uint64_t size, struct head *ret)
{
	const struct bundle *b = arg;
	size_t lo = 0, hi = b->head_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->heads[mid].size < size)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == b->head_count)
		return -ENOENT;
	*ret = b->heads[lo];
	return 0;
}

static int source_last_head(void *arg, struct head *ret)
{
	const struct bundle *b = arg;

	if (!b->head_count)
		return -ENOENT;
	*ret = b->heads[b->head_count - 1];
	return 0;
}

static int source_table(void *arg, size_t n, const char **ret)
{
	const struct bundle *b = arg;

	if (n >= b->table_count)
		return -ENOENT;
	*ret = b->tables[n].name;
	return 0;
}

static int walk_rows(const struct bundle *b, const struct table *t, log_row_fn *fn, void *fn_arg)
{
	size_t at = t->first_row;
	char id[ENTRY_TEXT_MAX + 1];
	struct span s;
	char type;
	int r = 0;

	while (!r && !frame_at(b, at, &type, &s) && type == BUNDLE_ROW) {
		r = take_name(b->bytes + s.at + HASH_SIZE, s.len - HASH_SIZE, id, sizeof(id));
		if (!r)
			r = fn(fn_arg, id, b->bytes + s.at);
		at = s.at + s.len;
	}
	return r;
}

static int source_rows(void *arg, const char *table, log_row_fn *fn, void *fn_arg)
{
	const struct bundle *b = arg;
	int r = 0;

	for (size_t i = 0; !r && i < b->table_count; i++)
		if (text_equal(b->tables[i].name, table))
			r = walk_rows(b, &b->tables[i], fn, fn_arg);
	return r;
}

static int source_batches(void *arg, log_batch_fn *fn, void *fn_arg)
{
	struct bundle *b = arg;
	int r = 0;

	for (b->walked = 0; !r && b->walked < b->batch_count; b->walked++)
		r = fn(fn_arg, &b->batches[b->walked].batch);
	b->walked = 0;
	return r;
}

static const struct stored_batch *find_batch(const struct bundle *b, const struct batch *batch)
{
	size_t n;

	/* The batch that a walk is at, unless somebody asks out of order. */
	for (n = b->walked; n < b->batch_count + b->walked; n++) {
		const struct stored_batch *sb = &b->batches[n % b->batch_count];

		if (sb->batch.first == batch->first && sb->batch.month == batch->month &&
		    text_equal(sb->batch.source, batch->source))
			return sb;
	}
	return NULL;
}

static int source_records(void *arg, const struct batch *batch, log_record_fn *fn, void *fn_arg)
{
	const struct bundle *b = arg;
	const struct stored_batch *sb = find_batch(b, batch);
	size_t at = sb ? sb->first_record : 0;
	struct span s;
	char type;
	int r = sb ? 0 : -ENOENT;

	while (!r && !frame_at(b, at, &type, &s) && type == BUNDLE_RECORD) {
		r = fn(fn_arg, b->bytes + s.at, s.len);
		at = s.at + s.len;
	}
	return r;
}

static int prepare_source(struct bundle *b)
{
	enum hash_kind kind = b->head_count ? b->heads[0].hash : HASH_SM3;

	b->source = (struct log_source){
		.arg = b,
		.size = source_size,
		.entry = source_entry,
		.node = source_node,
		.head = source_head,
		.last_head = source_last_head,
		.table = b->table_count ? source_table : NULL,
		.rows = source_rows,
		.batches = b->batch_count ? source_batches : NULL,
		.records = source_records,
	};
	return hasher_new(kind, &b->hasher);
}

int bundle_open(const void *bytes, size_t len, struct bundle **ret, size_t *ret_offset)
{
	CLEANUP_BUNDLE struct bundle *b = calloc(1, sizeof(*b));
	size_t at = 0;
	int r;

	if (!b)
		return -ENOMEM;
	b->bytes = bytes;
	b->len = len;
	r = index_frames(b, &at);
	if (!r)
		r = prepare_source(b);
	if (r) {
		if (ret_offset)
			*ret_offset = at;
		return r;
	}
	*ret = TAKE_PTR(b);
	return 0;
}

void bundle_free(struct bundle *b)
{
	if (!b)
		return;
	hasher_free(b->hasher);
	sign_keyring_done(&b->keys);
	free(b->entries);
	free(b->heads);
	free(b->tables);
	free(b->batches);
	free(b);
}

const struct log_source *bundle_source(const struct bundle *b)
{
	return &b->source;
}

const struct sign_keyring *bundle_keys(const struct bundle *b)
{
	return &b->keys;
}
