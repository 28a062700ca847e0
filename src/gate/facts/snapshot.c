#include "gate/facts/snapshot.h"

#include "crypto/secret.h"
#include "gate/facts/snapshot_inside.h"

#define EXPECTED_MAX ((size_t)1 << 22) /* beyond it, room is made as rows come */
#define WIPED_A_STEP 256

int snapshot_new(const struct seal_pair *key, struct snapshot **ret)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->key = key;
	pool_init(&s->pool);
	texts_init(&s->ports, &s->pool);
	for (size_t i = 0; i < INDEXES; i++)
		index_init(&s->indexes[i]);
	*ret = s;
	return 0;
}

/* Their secrets do not stay in memory that is given back. False when all are wiped. */
static bool wipe_switches(struct snapshot *s)
{
	uint32_t row;

	for (size_t i = 0; i < WIPED_A_STEP; i++) {
		row = index_walk(&s->indexes[SWITCH], &s->wiped_to);
		if (!row)
			return false;
		secret_wipe(row_at(s, row), sizeof(struct snap_switch));
	}
	return true;
}

bool snapshot_free_step(struct snapshot *s)
{
	if (!s)
		return false;
	if (wipe_switches(s))
		return true;
	for (size_t i = 0; i < INDEXES; i++)
		if (s->indexes[i].slots && i != SWITCH) {
			index_done(&s->indexes[i]);
			return true;
		}
	if (pool_shrink(&s->pool))
		return true;
	if (s->names_terminals)
		terminal_names_done(&s->names);
	texts_done(&s->ports);
	index_done(&s->indexes[SWITCH]);
	free(s);
	return false;
}

void snapshot_free(struct snapshot *s)
{
	while (snapshot_free_step(s))
		;
}

static int find_kind(enum frame_type type, enum kind *ret)
{
	for (size_t i = 0; i < KINDS; i++)
		if (snapshot_kinds[i].type == type) {
			*ret = (enum kind)i;
			return 0;
		}
	return -EBADMSG;
}

/* A row that was decoded and is not in yet. */
struct arrival {
	enum kind kind;
	bool gone;
	union row_message m;
};

static int decode_row(const struct frame *f, struct arrival *ret)
{
	const struct row_kind *k;
	int err = find_kind(f->type, &ret->kind);

	if (err)
		return err;
	k = &snapshot_kinds[ret->kind];
	err = frame_decode(f, &ret->m, k->message_size);
	if (!err && ret->m.id <= 0)
		err = -EBADMSG;
	ret->gone = !err && k->gone_offset != NO_GONE &&
		    *((const bool *)(const void *)&ret->m + k->gone_offset);
	return err;
}

static void take_out(struct snapshot *s, enum kind kind, uint32_t row, const int64_t *id)
{
	index_remove(&s->indexes[kind], key_tag(s, kind, id), row);
}

/* The new row stands before the old one goes: one that cannot be put in changes nothing. */
static int take_in(struct snapshot *s, const struct arrival *a)
{
	const struct row_kind *k = &snapshot_kinds[a->kind];
	uint32_t old = find_row(s, a->kind, &a->m.id), row = 0;
	int err = a->gone ? 0 : k->put(s, &a->m, &row);

	if (err)
		return err;
	if (old)
		take_out(s, a->kind, old, &a->m.id);
	if (row)
		err = index_add(&s->indexes[a->kind], key_tag(s, a->kind, &a->m.id), row);
	if (err)
		k->drop(s, row);
	if (old && old != row)
		k->drop(s, old);
	return err;
}

int snapshot_apply(struct snapshot *s, const struct frame *f)
{
	struct arrival a;
	int err = decode_row(f, &a);

	return err ? err : take_in(s, &a);
}

/* Asks the memory for the places of all of them, and then for what hangs there already. */
static void warm_arrivals(const struct snapshot *s, const struct arrival *arrivals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct arrival *a = &arrivals[i];
		const struct row_kind *k = &snapshot_kinds[a->kind];

		index_prefetch(&s->indexes[a->kind], key_tag(s, a->kind, &a->m.id));
		if (k->warm_by < INDEXES)
			index_prefetch(
				&s->indexes[k->warm_by],
				key_tag(s, k->warm_by, (const uint8_t *)&a->m + k->warm_offset));
	}
	for (size_t i = 0; i < count; i++) {
		const struct arrival *a = &arrivals[i];
		const struct row_kind *k = &snapshot_kinds[a->kind];

		if (k->warm_by == BY_MAC)
			snapshot_warm(s, (const void *)((const uint8_t *)&a->m + k->warm_offset),
				      1);
	}
}

int snapshot_apply_all(struct snapshot *s, const struct frame *frames, size_t count)
{
	struct arrival arrivals[SNAPSHOT_TOGETHER];
	size_t decoded = 0;
	int err = count > SNAPSHOT_TOGETHER ? -E2BIG : 0;

	while (!err && decoded < count) {
		err = decode_row(&frames[decoded], &arrivals[decoded]);
		decoded += !err;
	}
	if (err)
		return err;
	warm_arrivals(s, arrivals, decoded);
	for (size_t i = 0; !err && i < decoded; i++)
		err = take_in(s, &arrivals[i]);
	return err;
}

int snapshot_apply_some(struct snapshot *s, const uint8_t *frames, size_t len, size_t *ret_used,
			size_t *ret_rows)
{
	struct frame rows[SNAPSHOT_TOGETHER];
	size_t count = 0, at = 0, used;
	enum kind kind;
	int err = 0;

	while (at < len && count < SNAPSHOT_TOGETHER) {
		err = frame_parse(frames + at, len - at, &rows[count], &used);
		if (err)
			return err;
		if (find_kind(rows[count].type, &kind))
			break;
		count++;
		at += used;
	}
	err = snapshot_apply_all(s, rows, count);
	if (err)
		return err;
	*ret_used = at;
	*ret_rows = count;
	return 0;
}

/* The indexes that a row of the kind is put into, beside the one by id. */
static int reserve(struct snapshot *s, enum kind kind, size_t rows)
{
	static const enum by others[KINDS] = {[TERMINAL] = BY_UUID,
					      [MAC] = BY_MAC,
					      [ACCOUNT] = BY_ACCOUNT,
					      [PAIR] = BY_PAIR,
					      [ADDRESS] = BY_PLANNED};
	int err = index_reserve(&s->indexes[kind], rows);

	return err || !others[kind] ? err : index_reserve(&s->indexes[others[kind]], rows);
}

int snapshot_expect(struct snapshot *s, enum frame_type type, size_t rows)
{
	enum kind kind;
	int err = find_kind(type, &kind);

	return err ? err : reserve(s, kind, MIN(rows, EXPECTED_MAX));
}

int snapshot_expect_as(struct snapshot *s, const struct snapshot *other)
{
	int err = 0;

	for (size_t i = 0; !err && i < INDEXES; i++)
		err = index_reserve(&s->indexes[i], other->indexes[i].count);
	return err;
}

int64_t snapshot_rev(const struct snapshot *s)
{
	return s->rev;
}

void snapshot_set_rev(struct snapshot *s, int64_t rev)
{
	s->rev = rev;
}

size_t snapshot_rows(const struct snapshot *s)
{
	size_t rows = 0;

	for (size_t i = 0; i < KINDS; i++)
		rows += s->indexes[i].count;
	return rows;
}

size_t snapshot_bytes(const struct snapshot *s)
{
	size_t bytes = pool_bytes(&s->pool);

	for (size_t i = 0; i < INDEXES; i++)
		bytes += index_bytes(&s->indexes[i]);
	return bytes + index_bytes(&s->ports.index) +
	       (s->names_terminals ? index_bytes(&s->names.index) : 0);
}

void snapshot_encode(const struct snapshot *s, bool rescue, struct buf *to)
{
	union row_message m;

	for (size_t i = 0; i < KINDS; i++) {
		const struct row_kind *k = &snapshot_kinds[i];
		size_t at = 0;
		uint32_t row;

		if (rescue && !k->rescue)
			continue;
		while ((row = index_walk(&s->indexes[i], &at))) {
			k->unpack(row_at(s, row), &m);
			frame_encode(to, k->type, &m, k->message_size);
		}
	}
}
