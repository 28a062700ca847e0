#define _GNU_SOURCE
#include <string.h>

#include "base/text.h"
#include "gate/facts/snapshot_inside.h"

void snapshot_warm(const struct snapshot *s, const struct mac *mac, unsigned step)
{
	uint32_t tag = key_tag(s, BY_MAC, mac), row;
	size_t at = INDEX_START;
	const struct snap_device *d;

	if (step == 0) {
		index_prefetch(&s->indexes[BY_MAC], tag);
		return;
	}
	row = step == 1 ? index_next(&s->indexes[BY_MAC], tag, &at)
			: find_from(s, BY_MAC, mac, tag, &at);
	if (!row)
		return;
	d = row_at(s, row);
	if (step == 1) {
		__builtin_prefetch(d);
	} else if (step == 2) {
		index_prefetch(&s->indexes[TERMINAL], key_tag(s, TERMINAL, &d->terminal_id));
		if (d->permits)
			__builtin_prefetch(row_at(s, d->permits));
	} else {
		tag = key_tag(s, TERMINAL, &d->terminal_id);
		at = INDEX_START;
		row = index_next(&s->indexes[TERMINAL], tag, &at);
		if (row)
			__builtin_prefetch(row_at(s, row));
	}
}

struct snap_switch *snapshot_switch_at(const struct snapshot *s, const uint8_t host[static 16])
{
	return look_up(s, BY_HOST, host);
}

struct snap_switch *snapshot_switch(const struct snapshot *s, int64_t id)
{
	return look_up(s, SWITCH, &id);
}

const struct snap_unit *snapshot_unit(const struct snapshot *s, int64_t id)
{
	return look_up(s, UNIT, &id);
}

const struct snap_unit *snapshot_unit_named(const struct snapshot *s, const char *code)
{
	return look_up(s, BY_CODE, code);
}

bool snapshot_unit_within(const struct snapshot *s, int64_t unit, int64_t above)
{
	/* Bounded, so that a circle in the rows does not hang the gate. */
	for (unsigned depth = 0; unit && depth < 32; depth++) {
		const struct snap_unit *u;

		if (unit == above)
			return true;
		u = snapshot_unit(s, unit);
		unit = u ? u->row.parent_id : 0;
	}
	return false;
}

const struct snap_terminal *snapshot_terminal(const struct snapshot *s, int64_t id)
{
	return look_up(s, TERMINAL, &id);
}

const struct snap_terminal *snapshot_terminal_by_uuid(const struct snapshot *s,
						      const struct uuid *uuid)
{
	return look_up(s, BY_UUID, uuid);
}

const struct snap_terminal *snapshot_terminal_by_serial(const struct snapshot *s,
							const char *serial)
{
	return look_up(s, BY_SERIAL, serial);
}

int snapshot_name_terminals(struct snapshot *s, bool by_asset_no)
{
	size_t at = 0;
	uint32_t row;
	int err = 0;

	if (s->names_terminals)
		return 0;
	terminal_names_init(&s->names, &s->pool, by_asset_no);
	while (!err && (row = index_walk(&s->indexes[TERMINAL], &at)))
		err = terminal_names_add(&s->names, row);
	if (err)
		terminal_names_done(&s->names);
	s->names_terminals = !err;
	return err;
}

const struct snap_terminal *snapshot_terminal_named(const struct snapshot *s, const char *name)
{
	return s->names_terminals ? terminal_names_get(&s->names, name) : NULL;
}

const struct snap_device *snapshot_device(const struct snapshot *s, const struct mac *mac)
{
	return look_up(s, BY_MAC, mac);
}

int64_t snapshot_owner(const struct snap_device *d)
{
	return d && d->id ? d->terminal_id : 0;
}

const struct snap_terminal *snapshot_terminal_of(const struct snapshot *s,
						 const struct snap_device *d)
{
	return d && d->id ? snapshot_terminal(s, d->terminal_id) : NULL;
}

const struct snap_terminal *snapshot_terminal_by_mac(const struct snapshot *s,
						     const struct mac *mac)
{
	return snapshot_terminal_of(s, snapshot_device(s, mac));
}

const struct snap_account *snapshot_account(const struct snapshot *s, const char *name)
{
	return look_up(s, BY_ACCOUNT, name);
}

bool snapshot_account_allowed(const struct snapshot *s, int64_t terminal_id, int64_t account_id)
{
	const int64_t key[] = {terminal_id, account_id};

	return find_row(s, BY_PAIR, key);
}

const struct snap_permit *snapshot_permits_of(const struct snapshot *s, const struct snap_device *d)
{
	return d && d->permits ? row_at(s, d->permits) : NULL;
}

const struct snap_permit *snapshot_permits(const struct snapshot *s, const struct mac *mac)
{
	return snapshot_permits_of(s, snapshot_device(s, mac));
}

const struct snap_permit *snapshot_next_permit(const struct snapshot *s,
					       const struct snap_permit *p)
{
	return p->next ? row_at(s, p->next) : NULL;
}

bool snapshot_denies(const struct snapshot *s, const struct snap_device *d, int64_t now_ms)
{
	const struct snap_deny *denial;

	for (uint32_t row = d ? d->denies : 0; row; row = denial->next) {
		denial = row_at(s, row);
		if (denial->until_ms == 0 || denial->until_ms > now_ms)
			return true;
	}
	return false;
}

bool snapshot_denied(const struct snapshot *s, const struct mac *mac, int64_t now_ms)
{
	return snapshot_denies(s, snapshot_device(s, mac), now_ms);
}

/* The next row of a kind, `at` its index's place. */
static void *next_row(const struct snapshot *s, enum kind kind, size_t *at)
{
	uint32_t row = index_walk(&s->indexes[kind], at);

	return row ? row_at(s, row) : NULL;
}

int64_t snapshot_bypass_until(const struct snapshot *s, int64_t unit_id, int64_t now_ms)
{
	const struct snap_bypass *b;
	int64_t until_ms = 0;
	size_t at = 0;

	while ((b = next_row(s, BYPASS, &at)))
		if (b->row.from_ms <= now_ms && b->row.until_ms > now_ms &&
		    snapshot_unit_within(s, unit_id, b->row.unit_id))
			until_ms = MAX(until_ms, b->row.until_ms);
	return until_ms;
}

bool snapshot_revoked(const struct snapshot *s, const char *serial)
{
	const struct snap_revoked *r;
	size_t at = 0;

	while ((r = next_row(s, REVOKED, &at)))
		if (strcmp(r->row.serial, serial) == 0)
			return true;
	return false;
}

uint64_t snapshot_switches_epoch(const struct snapshot *s)
{
	return s->switches_epoch;
}

struct snap_switch *snapshot_next_switch(const struct snapshot *s, size_t *at)
{
	return next_row(s, SWITCH, at);
}

const struct snap_account *snapshot_next_account(const struct snapshot *s, size_t *at)
{
	return next_row(s, ACCOUNT, at);
}

int account_name(char dst[static ACCOUNT_NAME_SIZE], const char *name, size_t len)
{
	const char *slash = memrchr(name, '\\', len), *at;
	int err;

	if (slash) {
		len -= (size_t)(slash + 1 - name);
		name = slash + 1;
	}
	at = memchr(name, '@', len);
	if (at)
		len = (size_t)(at - name);
	if (len == 0 || !text_is_clean(name, len) || memchr(name, '\n', len))
		return -EINVAL;
	err = text_copy_n(dst, ACCOUNT_NAME_SIZE, name, len);
	if (!err)
		text_lower(dst);
	return err;
}

uint64_t snapshot_addresses_epoch(const struct snapshot *s)
{
	return s->addresses_epoch;
}

const menshen_SnapAddress *snapshot_next_address(const struct snapshot *s, size_t *at)
{
	const struct snap_address *a = next_row(s, ADDRESS, at);

	return a ? &a->row : NULL;
}

_Static_assert(SNAPSHOT_FIRST == INDEX_START, "the walk begins as the index does");

const menshen_SnapAddress *snapshot_address_of(const struct snapshot *s, const struct mac *mac,
					       size_t *at)
{
	uint32_t row = find_from(s, BY_PLANNED, mac, key_tag(s, BY_PLANNED, mac), at);

	return row ? &((const struct snap_address *)row_at(s, row))->row : NULL;
}
