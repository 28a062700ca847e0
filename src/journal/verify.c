#include "journal/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "journal/verify_private.h"

#define NO_HEAD UINT64_MAX

static const char *const fault_names[] = {
	[VERIFY_GOOD] = "good",
	[VERIFY_ENTRY_MISSING] = "entry-missing",
	[VERIFY_ENTRY_CHANGED] = "entry-changed",
	[VERIFY_ENTRY_INVALID] = "entry-invalid",
	[VERIFY_ENTRY_NUMBER] = "entry-number",
	[VERIFY_NODE] = "node",
	[VERIFY_HEAD_ROOT] = "head-root",
	[VERIFY_HEAD_SIGNATURE] = "head-signature",
	[VERIFY_HEAD_KEY] = "head-key",
	[VERIFY_HEAD_EPOCH] = "head-epoch",
	[VERIFY_KEPT_ROOT] = "kept-root",
	[VERIFY_KEPT_SIGNATURE] = "kept-signature",
	[VERIFY_TRUNCATED] = "truncated",
	[VERIFY_UNCOVERED] = "uncovered",
	[VERIFY_ROW_UNEXPLAINED] = "row-unexplained",
	[VERIFY_ROW_CHANGED] = "row-changed",
	[VERIFY_ROW_MISSING] = "row-missing",
	[VERIFY_BATCH_UNEXPLAINED] = "batch-unexplained",
	[VERIFY_BATCH_CHANGED] = "batch-changed",
	[VERIFY_BATCH_MISSING] = "batch-missing",
	[VERIFY_STORAGE] = "storage",
};

const char *verify_fault_name(enum verify_fault fault)
{
	return fault_names[fault];
}

int verify_fault(struct verifier *v, enum verify_fault fault, uint64_t from, uint64_t to,
		 const char *fmt, ...)
{
	struct verify_report *r = v->report;
	va_list args;

	r->fault = fault;
	r->from = from;
	r->to = to;
	va_start(args, fmt);
	vsnprintf(r->sentence, sizeof(r->sentence), fmt, args);
	va_end(args);
	return VERIFY_STOP;
}

#define U64(n) ((unsigned long long)(n))

/* "entry 7" or "interval 7..9", for a run of entries that starts a sentence. */
static const char *interval(char dst[static 64], uint64_t from, uint64_t to)
{
	if (from == to)
		snprintf(dst, 64, "entry %llu", U64(from));
	else
		snprintf(dst, 64, "interval %llu..%llu", U64(from), U64(to));
	return dst;
}

static bool is_damage(int err)
{
	return err == -EUCLEAN || err == -EBADMSG;
}

static int fetch_head(struct verifier *v, uint64_t from)
{
	int r = v->source->head(v->source->arg, from, &v->next);

	if (r == -ENOENT) {
		v->next.size = NO_HEAD;
		return 0;
	}
	if (is_damage(r))
		return verify_fault(v, VERIFY_HEAD_SIGNATURE, from ? from - 1 : 0,
				    from ? from - 1 : 0,
				    "the next stored head from %llu entries on: is no head, it was "
				    "changed",
				    U64(from));
	return !r && v->next.size < from ? -EPROTO : r;
}

static int check_head_signature(struct verifier *v, const struct head *h)
{
	uint64_t last = h->size ? h->size - 1 : 0;
	int r = head_verify(h, v->keys);

	if (r == -ENOKEY)
		return verify_fault(v, VERIFY_HEAD_KEY, last, last,
				    "head of %llu entries: signed by key %s, which is not trusted",
				    U64(h->size), h->signature.key_id);
	if (r == -EBADMSG)
		return verify_fault(v, VERIFY_HEAD_SIGNATURE, last, last,
				    "head of %llu entries: its signature is wrong, the head was "
				    "changed",
				    U64(h->size));
	return r;
}

static int check_stored_head(struct verifier *v)
{
	const struct head *h = &v->next;
	uint64_t from = v->report->last.size;
	struct merkle_digest root;
	char where[64];
	int r;

	if (h->size != v->tree.size)
		return 0;
	r = check_head_signature(v, h);
	if (!r)
		r = merkle_root(&v->tree, v->hasher, &root);
	if (r)
		return r;
	if (memcmp(&root, &h->root, sizeof(root)) || h->hash != hasher_kind(v->hasher))
		return verify_fault(v, VERIFY_HEAD_ROOT, from, h->size ? h->size - 1 : 0,
				    "%s: does not give the root of the stored head of %llu "
				    "entries; something in it was changed and hashed again",
				    interval(where, from, h->size ? h->size - 1 : 0), U64(h->size));
	if (h->epoch < v->report->last.epoch)
		return verify_fault(v, VERIFY_HEAD_EPOCH, h->size, h->size,
				    "head of %llu entries: epoch %llu after epoch %llu",
				    U64(h->size), U64(h->epoch), U64(v->report->last.epoch));
	v->report->last = *h;
	v->report->heads++;
	return fetch_head(v, h->size + 1);
}

/* Co-signatures of gates whose keys are known; of others nothing can be said. */
static int check_cosigns(struct verifier *v, const struct head *h)
{
	uint64_t last = h->size ? h->size - 1 : 0;

	for (size_t i = 0; i < v->kept->cosign_count; i++) {
		const struct cosign *c = &v->kept->cosigns[i];
		int r = c->size == h->size ? cosign_verify(c, h, v->keys) : -ENOKEY;

		if (r == -EBADMSG || r == -EINVAL)
			return verify_fault(v, VERIFY_KEPT_SIGNATURE, last, last,
					    "kept head of %llu entries: gate %s signed another",
					    U64(h->size), c->gate);
		if (r && r != -ENOKEY)
			return r;
		v->report->cosigns += !r;
	}
	return 0;
}

static int check_kept_head(struct verifier *v, const struct head *h)
{
	uint64_t from = v->last_kept_size, to = h->size ? h->size - 1 : 0;
	const char *hint = "";
	struct merkle_digest root;
	char where[64];
	int r = head_verify(h, v->keys);

	if (r == -EBADMSG || r == -ENOKEY)
		return verify_fault(v, VERIFY_KEPT_SIGNATURE, to, to,
				    "kept head of %llu entries: not signed by a trusted key, so it "
				    "proves nothing",
				    U64(h->size));
	if (!r)
		r = check_cosigns(v, h);
	if (!r)
		r = merkle_root(&v->tree, v->hasher, &root);
	if (r)
		return r;
	if (!memcmp(&root, &h->root, sizeof(root))) {
		v->last_kept_size = h->size;
		v->report->kept_heads++;
		return 0;
	}
	if (v->report->last.epoch > h->epoch)
		hint = "; the log was restored from a backup since then (its epoch is newer)";
	if (from > to)
		from = to;
	return verify_fault(v, VERIFY_KEPT_ROOT, from, to,
			    "%s: is not what the kept head of %llu entries saw; the past was "
			    "rewritten%s",
			    interval(where, from, to), U64(h->size), hint);
}

static int check_heads(struct verifier *v)
{
	int r = check_stored_head(v);

	while (!r && v->kept && v->next_kept < v->kept->head_count &&
	       v->kept->heads[v->next_kept].size == v->tree.size)
		r = check_kept_head(v, &v->kept->heads[v->next_kept++]);
	return r;
}

static int check_node(struct verifier *v, const struct merkle_stored *node)
{
	uint64_t from = node->index << node->level, to = from + (UINT64_C(1) << node->level) - 1;
	struct merkle_digest stored;
	int r = v->source->node(v->source->arg, node->level, node->index, &stored);

	if (r && r != -ENOENT)
		return r;
	if (!r && !memcmp(&stored, &node->node, sizeof(stored)))
		return 0;
	return verify_fault(v, VERIFY_NODE, from, to,
			    "interval %llu..%llu: the stored tree node of level %u is %s",
			    U64(from), U64(to), node->level,
			    r ? "missing" : "not what its entries give");
}

static int read_entry(struct verifier *v, uint64_t seq, struct merkle_digest *ret_leaf)
{
	struct merkle_digest stored;
	int r;

	buf_clear(&v->bytes);
	r = v->source->entry(v->source->arg, seq, &v->bytes, &stored);
	if (r == -ENOENT)
		return verify_fault(v, VERIFY_ENTRY_MISSING, seq, seq, "entry %llu: is missing",
				    U64(seq));
	if (!r)
		r = merkle_leaf(v->hasher, v->bytes.data, v->bytes.len, ret_leaf);
	if (r)
		return r;
	if (memcmp(&stored, ret_leaf, sizeof(stored)))
		return verify_fault(v, VERIFY_ENTRY_CHANGED, seq, seq,
				    "entry %llu: bytes do not match the leaf hash", U64(seq));
	return 0;
}

static int check_content(struct verifier *v, uint64_t seq)
{
	CLEANUP_ENTRY struct entry e = {0};
	int r = entry_parse(v->bytes.data, v->bytes.len, &e);

	if (r == -EBADMSG)
		return verify_fault(v, VERIFY_ENTRY_INVALID, seq, seq,
				    "entry %llu: bytes are no canonical entry", U64(seq));
	if (r)
		return r;
	if (e.seq != seq)
		return verify_fault(v, VERIFY_ENTRY_NUMBER, seq, seq,
				    "entry %llu: carries number %llu; entries were swapped, "
				    "inserted or dropped",
				    U64(seq), U64(e.seq));
	return verify_learn(v, &e);
}

static int check_entry(struct verifier *v)
{
	struct merkle_stored nodes[MERKLE_STORED_MAX];
	uint64_t seq = v->tree.size;
	struct merkle_digest leaf;
	size_t count = 0;
	int r = read_entry(v, seq, &leaf);

	if (!r)
		r = check_content(v, seq);
	if (!r)
		r = merkle_append(&v->tree, v->hasher, &leaf, nodes, &count);
	for (size_t i = 0; !r && i < count; i++)
		r = check_node(v, &nodes[i]);
	if (!r)
		v->report->entries++;
	return r;
}

static int check_end(struct verifier *v, uint64_t size)
{
	uint64_t covered = v->report->last.size, claimed = 0;
	char where[64];

	if (v->kept && v->next_kept < v->kept->head_count)
		claimed = v->kept->heads[v->next_kept].size;
	if (claimed)
		return verify_fault(
			v, VERIFY_TRUNCATED, size, claimed - 1,
			"%s: missing; a kept head covers %llu entries, the log has %llu",
			interval(where, size, claimed - 1), U64(claimed), U64(size));
	if (v->next.size != NO_HEAD)
		return verify_fault(v, VERIFY_TRUNCATED, size, v->next.size - 1,
				    "%s: missing; the stored head covers %llu entries, the log has "
				    "%llu",
				    interval(where, size, v->next.size - 1), U64(v->next.size),
				    U64(size));
	if (covered < size)
		return verify_fault(v, VERIFY_UNCOVERED, covered, size - 1,
				    "%s: no signed head covers it",
				    interval(where, covered, size - 1));
	return 0;
}

/* The hash function comes from the first head, which is not believed unless it is signed. */
static int start(struct verifier *v, uint64_t size)
{
	enum hash_kind kind = HASH_SM3;
	int r = fetch_head(v, 0);

	if (r)
		return r;
	if (v->next.size != NO_HEAD) {
		kind = v->next.hash;
		r = check_head_signature(v, &v->next);
	} else if (v->kept && v->kept->head_count) {
		kind = v->kept->heads[0].hash;
	} else if (size) {
		return verify_fault(v, VERIFY_UNCOVERED, 0, size - 1,
				    "the log has %llu entries and no signed head", U64(size));
	}
	return r ? r : hasher_new(kind, &v->hasher);
}

static int check_form(struct verifier *v)
{
	char sentence[sizeof(v->report->sentence)] = "";
	int r = v->source->form ? v->source->form(v->source->arg, sentence, sizeof(sentence)) : 0;

	return r == -EUCLEAN && sentence[0] ? verify_fault(v, VERIFY_STORAGE, 0, 0, "%s", sentence)
					    : r;
}

static int walk(struct verifier *v)
{
	uint64_t size = 0;
	int r = v->source->size(v->source->arg, &size);

	if (!r)
		r = start(v, size);
	while (!r) {
		r = check_heads(v);
		if (r || v->tree.size >= size)
			break;
		r = check_entry(v);
	}
	if (!r)
		r = check_end(v, size);
	if (!r)
		r = verify_state(v);
	if (!r)
		r = verify_batches(v);
	if (!r)
		r = check_form(v);
	if (is_damage(r))
		return verify_fault(v, VERIFY_STORAGE, v->tree.size, v->tree.size,
				    "the storage is damaged: it cannot be read beyond entry %llu, "
				    "row %llu and batch %llu",
				    U64(v->report->entries), U64(v->report->rows),
				    U64(v->report->batches));
	return r;
}

int log_verify(const struct log_source *source, const struct head_file *kept,
	       const struct sign_keyring *keys, struct verify_report *ret)
{
	struct verify_report report = {.sentence = "everything holds"};
	struct verifier v = {.source = source, .kept = kept, .keys = keys, .report = &report};
	int r;

	buf_init(&v.bytes, ENTRY_SIZE_MAX);
	map_init(&v.rows, 0);
	map_init(&v.batches, 0);
	r = walk(&v);
	verify_forget(&v);
	hasher_free(v.hasher);
	buf_done(&v.bytes);
	if (r < 0)
		return r;
	*ret = report;
	return 0;
}
