#include <string.h>

#include "journal/bundle.h"
#include "journal/bundle_private.h"

static void put(struct bundle_writer *w, const void *data, size_t len)
{
	if (!w->error && len)
		w->error = w->write(w->arg, data, len);
}

static void put_frame(struct bundle_writer *w, char type, const struct piece *pieces, size_t count)
{
	uint8_t header[BUNDLE_HEADER_SIZE] = {(uint8_t)type};
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += pieces[i].len;
	if (len > BUNDLE_FRAME_MAX && !w->error)
		w->error = -EMSGSIZE;
	set_be32(header + 1, (uint32_t)len);
	put(w, header, sizeof(header));
	for (size_t i = 0; i < count; i++)
		put(w, pieces[i].data, pieces[i].len);
	w->frames++;
}

static void put_buf(struct bundle_writer *w, char type, int error, const struct buf *b)
{
	if (error && !w->error)
		w->error = error;
	put_frame(w, type, &PIECE(b->data, b->len), 1);
}

void bundle_begin(struct bundle_writer *w)
{
	w->frames = 0;
	w->error = 0;
	put(w, BUNDLE_MAGIC, sizeof(BUNDLE_MAGIC) - 1);
}

void bundle_put_key(struct bundle_writer *w, const struct sign_key *key)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	int r = sign_key_public_pem(key, &pem);

	put_buf(w, BUNDLE_KEY, r, &pem);
}

void bundle_put_entry(struct bundle_writer *w, const struct merkle_digest *leaf, const void *bytes,
		      size_t len)
{
	put_frame(w, BUNDLE_ENTRY, (struct piece[]){PIECE(leaf->b, HASH_SIZE), PIECE(bytes, len)},
		  2);
}

void bundle_put_head(struct bundle_writer *w, const struct head *head)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	int r = head_encode(head, &line);

	put_buf(w, BUNDLE_HEAD, r, &line);
}

void bundle_put_cosign(struct bundle_writer *w, const struct cosign *cosign)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	int r = cosign_encode(cosign, &line);

	put_buf(w, BUNDLE_COSIGN, r, &line);
}

void bundle_put_table(struct bundle_writer *w, const char *name)
{
	put_frame(w, BUNDLE_TABLE, &PIECE(name, strlen(name)), 1);
}

void bundle_put_row(struct bundle_writer *w, const char *id, const uint8_t digest[static HASH_SIZE])
{
	put_frame(w, BUNDLE_ROW, (struct piece[]){PIECE(digest, HASH_SIZE), PIECE(id, strlen(id))},
		  2);
}

void bundle_put_batch(struct bundle_writer *w, const struct batch *batch)
{
	uint8_t numbers[BUNDLE_BATCH_NUMBERS];

	set_be32(numbers, (uint32_t)batch->month);
	set_be64(numbers + 4, batch->first);
	put_frame(w, BUNDLE_BATCH,
		  (struct piece[]){PIECE(numbers, sizeof(numbers)),
				   PIECE(batch->source, strlen(batch->source))},
		  2);
}

void bundle_put_record(struct bundle_writer *w, const void *bytes, size_t len)
{
	put_frame(w, BUNDLE_RECORD, &PIECE(bytes, len), 1);
}

int bundle_end(struct bundle_writer *w)
{
	uint8_t count[8];

	set_be64(count, w->frames);
	put_frame(w, BUNDLE_LAST, &PIECE(count, sizeof(count)), 1);
	return w->error;
}

static int export_heads(struct bundle_writer *w, const struct log_source *s, uint64_t from,
			uint64_t to, uint64_t *ret_next)
{
	struct head h;
	int r = 0;

	while (from <= to) {
		r = s->head(s->arg, from, &h);
		if (r)
			break;
		if (h.size > to) {
			from = h.size;
			break;
		}
		bundle_put_head(w, &h);
		from = h.size + 1;
	}
	*ret_next = r == -ENOENT ? UINT64_MAX : from;
	return r == -ENOENT ? 0 : r;
}

static int export_entries(struct bundle_writer *w, const struct log_source *s)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct merkle_digest leaf;
	uint64_t size = 0, next_head = 0;
	int r = s->size(s->arg, &size);

	for (uint64_t seq = 0; !r && !w->error && seq <= size; seq++) {
		if (next_head <= seq)
			r = export_heads(w, s, next_head, seq, &next_head);
		if (r || seq == size)
			break;
		buf_clear(&bytes);
		r = s->entry(s->arg, seq, &bytes, &leaf);
		if (!r)
			bundle_put_entry(w, &leaf, bytes.data, bytes.len);
	}
	return r;
}

static int export_row(void *arg, const char *id, const uint8_t digest[static HASH_SIZE])
{
	struct bundle_writer *w = arg;

	bundle_put_row(w, id, digest);
	return w->error;
}

static int export_tables(struct bundle_writer *w, const struct log_source *s)
{
	const char *table;
	int r = 0;

	for (size_t n = 0; !r && s->table; n++) {
		r = s->table(s->arg, n, &table);
		if (r)
			break;
		bundle_put_table(w, table);
		r = s->rows(s->arg, table, export_row, w);
	}
	return r == -ENOENT ? 0 : r;
}

struct record_export {
	struct bundle_writer *w;
	const struct log_source *source;
};

static int export_record(void *arg, const void *bytes, size_t len)
{
	struct bundle_writer *w = arg;

	bundle_put_record(w, bytes, len);
	return w->error;
}

static int export_batch(void *arg, const struct batch *batch)
{
	struct record_export *e = arg;
	int r;

	bundle_put_batch(e->w, batch);
	r = e->source->records(e->source->arg, batch, export_record, e->w);
	return r ? r : e->w->error;
}

int bundle_export(struct bundle_writer *w, const struct log_source *source,
		  const struct sign_keyring *keys, bool records)
{
	struct record_export e = {w, source};
	int r;

	bundle_begin(w);
	for (size_t i = 0; i < keys->count; i++)
		bundle_put_key(w, keys->keys[i]);
	r = export_entries(w, source);
	if (!r)
		r = export_tables(w, source);
	if (!r && records && source->batches)
		r = source->batches(source->arg, export_batch, &e);
	return r ? r : bundle_end(w);
}
