/*
 * How a snapshot lies in memory, for the files that make it up and nobody else: rows are pieces of
 * one pool, each kind has an index by its rows' id, and further indexes lead from what a knock
 * brings. Every row begins with its id.
 *
 *	snapshot.c	 a row in, a row out, all of them
 *	snapshot_rows.c	 what each kind of row is packed as, and where it hangs
 *	snapshot_look.c	 what others ask
 */
#pragma once

#include "gate/facts/snapshot.h"
#include "gate/facts/terminal_names.h"
#include "gate/facts/texts.h"

enum kind {
	UNIT,
	SWITCH,
	TERMINAL,
	MAC,
	ACCOUNT,
	PAIR,
	PERMIT,
	DENY,
	BYPASS,
	REVOKED,
	ADDRESS,
	KINDS
};

/* The first indexes are those by the id of each kind; these follow. */
enum by {
	BY_HOST = KINDS,
	BY_CODE,
	BY_UUID,
	BY_SERIAL,
	BY_MAC,
	BY_ACCOUNT,
	BY_PAIR,
	BY_PLANNED,
	INDEXES
};

/*
 * All that hangs at one MAC, so that a knock finds it with one look-up. It is the row of its owner,
 * too: a MAC has one at most, and who comes last has it.
 */
struct snap_device {
	int64_t id; /* of the row that says whose it is; 0: none */
	int64_t terminal_id;
	uint32_t permits, denies; /* the first of each */
	struct mac mac;
};

struct snap_pair {
	menshen_SnapTerminalAccount row;
};

struct snap_deny {
	int64_t id;
	int64_t until_ms;
	uint32_t next; /* of the same MAC */
	struct mac mac;
};

struct snap_bypass {
	menshen_SnapBypass row;
};

struct snap_revoked {
	menshen_SnapRevoked row;
};

struct snap_address {
	menshen_SnapAddress row;
};

struct snapshot {
	const struct seal_pair *key;
	int64_t rev;
	struct pool pool;
	struct index indexes[INDEXES];
	struct texts ports;
	bool names_terminals;
	struct terminal_names names;
	uint64_t switches_epoch, addresses_epoch;
	size_t wiped_to; /* snapshot_free_step(): among the switches */
};

union row_message {
	int64_t id;
	menshen_SnapUnit unit;
	menshen_SnapSwitch at;
	menshen_SnapTerminal terminal;
	menshen_SnapMac mac;
	menshen_SnapAccount account;
	menshen_SnapTerminalAccount pair;
	menshen_SnapPermit permit;
	menshen_SnapDeny deny;
	menshen_SnapBypass bypass;
	menshen_SnapRevoked revoked;
	menshen_SnapAddress address;
};

#define NO_GONE SIZE_MAX

struct row_kind {
	enum frame_type type;
	size_t message_size;
	size_t gone_offset; /* in the message; NO_GONE: such a row never goes */
	/* The index, beside the one by id, that a new row is put into first, and its key's place.
	 */
	enum by warm_by;
	size_t warm_offset;
	bool rescue;
	/* A row made of the message, in all indexes but the one by id. -EBADMSG: it is none. */
	int (*put)(struct snapshot *s, const union row_message *m, uint32_t *ret);
	/* Out of these, and given back. */
	void (*drop)(struct snapshot *s, uint32_t row);
	void (*unpack)(const void *row, union row_message *ret);
};

extern const struct row_kind snapshot_kinds[KINDS];

/* Where a row has the key of an index, and how long it is; 0: a text. */
static const struct {
	size_t offset, len;
} snapshot_keys[INDEXES] = {
	[UNIT] = {0, sizeof(int64_t)},
	[SWITCH] = {0, sizeof(int64_t)},
	[TERMINAL] = {0, sizeof(int64_t)},
	[MAC] = {0, sizeof(int64_t)},
	[ACCOUNT] = {0, sizeof(int64_t)},
	[PAIR] = {0, sizeof(int64_t)},
	[PERMIT] = {0, sizeof(int64_t)},
	[DENY] = {0, sizeof(int64_t)},
	[BYPASS] = {0, sizeof(int64_t)},
	[REVOKED] = {0, sizeof(int64_t)},
	[ADDRESS] = {0, sizeof(int64_t)},
	[BY_HOST] = {offsetof(struct snap_switch, host), 16},
	[BY_CODE] = {offsetof(struct snap_unit, row.code), 0},
	[BY_UUID] = {offsetof(struct snap_terminal, uuid), sizeof(struct uuid)},
	[BY_MAC] = {offsetof(struct snap_device, mac), sizeof(struct mac)},
	[BY_ACCOUNT] = {offsetof(struct snap_account, name), 0},
	[BY_PAIR] = {offsetof(struct snap_pair, row.terminal_id), 2 * sizeof(int64_t)},
	[BY_PLANNED] = {offsetof(struct snap_address, row.mac), sizeof(struct mac)},
};

static inline void *row_at(const struct snapshot *s, uint32_t row)
{
	return pool_at(&s->pool, row);
}

/* Inlined, each look-up knows how long its key is, and to hash and compare it takes no loop. */
static ALWAYS_INLINE const void *key_in_row(unsigned by, const void *row)
{
	return by == BY_SERIAL ? (const void *)snap_terminal_text(row, SNAP_CERTIFICATE)
			       : (const uint8_t *)row + snapshot_keys[by].offset;
}

static ALWAYS_INLINE uint32_t key_tag(const struct snapshot *s, unsigned by, const void *key)
{
	size_t len = snapshot_keys[by].len;

	return index_tag(&s->indexes[by], key, len ? len : strlen(key));
}

/* The row with this key, of the tag; its place in the index is left in `at`. 0: none. */
static ALWAYS_INLINE uint32_t find_from(const struct snapshot *s, unsigned by, const void *key,
					uint32_t tag, size_t *at)
{
	size_t len = snapshot_keys[by].len;
	uint32_t row;

	while ((row = index_next(&s->indexes[by], tag, at))) {
		const void *its = key_in_row(by, row_at(s, row));

		if (len ? memcmp(its, key, len) == 0 : strcmp(its, key) == 0)
			break;
	}
	return row;
}

static ALWAYS_INLINE uint32_t find_row(const struct snapshot *s, unsigned by, const void *key)
{
	size_t at = INDEX_START;

	return find_from(s, by, key, key_tag(s, by, key), &at);
}

/* As find_row(), the row itself or NULL. */
static ALWAYS_INLINE void *look_up(const struct snapshot *s, unsigned by, const void *key)
{
	uint32_t row = find_row(s, by, key);

	return row ? row_at(s, row) : NULL;
}
