#define _GNU_SOURCE
#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "gate/facts/snapshot_inside.h"
#include "policy/verdict.h"

/* Every row's message begins with its id, and a pair's two ids are one key. */
_Static_assert(offsetof(menshen_SnapTerminal, id) == 0 && offsetof(menshen_SnapBypass, id) == 0 &&
		       offsetof(menshen_SnapTerminalAccount, terminal_id) == 8 &&
		       offsetof(menshen_SnapTerminalAccount, account_id) == 16,
	       "the wire's structs are laid out as their fields stand");

/* The row is found by its key from now on; one that had the key is not any more. */
static int claim(struct snapshot *s, enum by by, uint32_t row)
{
	const void *key = key_in_row(by, row_at(s, row));
	uint32_t tag = key_tag(s, by, key);
	size_t at = INDEX_START;

	if (!find_from(s, by, key, tag, &at))
		return index_add(&s->indexes[by], tag, row);
	index_set(&s->indexes[by], at, row);
	return 0;
}

/* Another row may have taken the key meanwhile; then it stays. */
static void yield_key(struct snapshot *s, enum by by, uint32_t row)
{
	index_remove(&s->indexes[by], key_tag(s, by, key_in_row(by, row_at(s, row))), row);
}

/* What became of a row that was about to hang somewhere: half of it does not stay. */
static int settle(struct snapshot *s, enum kind kind, uint32_t row, int err, uint32_t *ret)
{
	if (err)
		snapshot_kinds[kind].drop(s, row);
	else
		*ret = row;
	return err;
}

/* ---- units ---- */

static int put_unit(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	struct snap_unit *u;
	uint32_t row;
	int err = m->unit.mode > MODE_ENFORCE ? -EBADMSG : pool_take(&s->pool, sizeof(*u), &row);

	if (err)
		return err;
	u = row_at(s, row);
	u->row = m->unit;
	return settle(s, UNIT, row, u->row.code[0] ? claim(s, BY_CODE, row) : 0, ret);
}

static void drop_unit(struct snapshot *s, uint32_t row)
{
	yield_key(s, BY_CODE, row);
	pool_give(&s->pool, row, sizeof(struct snap_unit));
}

static void unpack_unit(const void *row, union row_message *ret)
{
	ret->unit = ((const struct snap_unit *)row)->row;
}

/* ---- switches ---- */

static bool open_secret(const struct snapshot *s, struct snap_switch *sw)
{
	CLEANUP_SECRET_BUF struct buf plain = BUF_INIT;

	return s->key &&
	       seal_open_private(s->key, "switch", sw->row.secret_sealed.bytes,
				 sw->row.secret_sealed.size, &plain) == 0 &&
	       radius_secret_set(&sw->secret, plain.data, plain.len) == 0;
}

static void open_snmp(const struct snapshot *s, struct snap_switch *sw)
{
	CLEANUP_SECRET_BUF struct buf plain = BUF_INIT;

	sw->snmp[0] = 0;
	if (s->key && sw->row.snmp_sealed.size &&
	    seal_open_private(s->key, SNMP_SEAL_CONTEXT, sw->row.snmp_sealed.bytes,
			      sw->row.snmp_sealed.size, &plain) == 0 &&
	    text_copy_n(sw->snmp, sizeof(sw->snmp), (const char *)plain.data, plain.len))
		sw->snmp[0] = 0;
}

static int put_switch(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	struct snap_switch *sw;
	struct addr address;
	uint32_t row;
	int err = pool_take(&s->pool, sizeof(*sw), &row);

	if (err)
		return err;
	s->switches_epoch++;
	sw = row_at(s, row);
	sw->row = m->at;
	if (addr_parse(sw->row.address, RADIUS_DYNAUTH_PORT, &address)) {
		*ret = row;
		return 0;
	}
	addr_host_key(&address, sw->host);
	sw->usable = open_secret(s, sw);
	open_snmp(s, sw);
	return settle(s, SWITCH, row, claim(s, BY_HOST, row), ret);
}

/* What was opened is wiped with the rest. */
static void drop_switch(struct snapshot *s, uint32_t row)
{
	s->switches_epoch++;
	yield_key(s, BY_HOST, row);
	pool_give(&s->pool, row, sizeof(struct snap_switch));
}

static void unpack_switch(const void *row, union row_message *ret)
{
	ret->at = ((const struct snap_switch *)row)->row;
}

/* ---- terminals ---- */

static int link_terminal(struct snapshot *s, uint32_t row)
{
	const struct snap_terminal *t = row_at(s, row);
	int err = t->has_uuid ? claim(s, BY_UUID, row) : 0;

	if (!err && snap_terminal_text(t, SNAP_CERTIFICATE)[0])
		err = claim(s, BY_SERIAL, row);
	if (!err && s->names_terminals)
		err = terminal_names_add(&s->names, row);
	return err;
}

static int put_terminal(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	uint32_t row;
	size_t size;
	int err = snap_terminal_size(&m->terminal, &size);

	if (!err)
		err = pool_take(&s->pool, size, &row);
	if (err)
		return err;
	snap_terminal_pack(&m->terminal, row_at(s, row));
	return settle(s, TERMINAL, row, link_terminal(s, row), ret);
}

static void unpack_terminal(const void *row, union row_message *ret)
{
	snap_terminal_unpack(row, &ret->terminal);
}

static void drop_terminal(struct snapshot *s, uint32_t row)
{
	menshen_SnapTerminal m;
	size_t size = 0;

	yield_key(s, BY_UUID, row);
	yield_key(s, BY_SERIAL, row);
	if (s->names_terminals)
		terminal_names_remove(&s->names, row);
	snap_terminal_unpack(row_at(s, row), &m);
	(void)!snap_terminal_size(&m, &size); /* what is in was good */
	pool_give(&s->pool, row, size);
}

/* ---- what hangs at a MAC ---- */

static int get_device(struct snapshot *s, const uint8_t *mac, uint32_t *ret)
{
	uint32_t row = find_row(s, BY_MAC, mac);
	struct snap_device *d;
	int err;

	if (!row) {
		err = pool_take(&s->pool, sizeof(*d), &row);
		if (err)
			return err;
		d = row_at(s, row);
		memcpy(d->mac.b, mac, sizeof(d->mac.b));
		err = claim(s, BY_MAC, row);
		if (err) {
			pool_give(&s->pool, row, sizeof(*d));
			return err;
		}
	}
	*ret = row;
	return 0;
}

static void drop_device_if_bare(struct snapshot *s, uint32_t row)
{
	const struct snap_device *d = row_at(s, row);

	if (d->id || d->permits || d->denies)
		return;
	yield_key(s, BY_MAC, row);
	pool_give(&s->pool, row, sizeof(*d));
}

/* The row that had the MAC before is forgotten. */
static int put_mac(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	struct snap_device *d;
	uint32_t row;
	int err = get_device(s, m->mac.mac, &row);

	if (err)
		return err;
	d = row_at(s, row);
	if (d->id && d->id != m->id)
		index_remove(&s->indexes[MAC], key_tag(s, MAC, &d->id), row);
	d->id = m->id;
	d->terminal_id = m->mac.terminal_id;
	*ret = row;
	return 0;
}

static void drop_mac(struct snapshot *s, uint32_t row)
{
	struct snap_device *d = row_at(s, row);

	d->id = d->terminal_id = 0;
	drop_device_if_bare(s, row);
}

static void unpack_mac(const void *row, union row_message *ret)
{
	const struct snap_device *d = row;

	ret->mac = (menshen_SnapMac){.id = d->id, .terminal_id = d->terminal_id};
	memcpy(ret->mac.mac, d->mac.b, sizeof(ret->mac.mac));
}

/* Several permits or denials of one MAC hang behind one another. */
#define DEFINE_CHAIN(name, list)                                                                   \
	static int hang_##name(struct snapshot *s, uint32_t row)                                   \
	{                                                                                          \
		struct snap_##name *it = row_at(s, row);                                           \
		uint32_t device;                                                                   \
		struct snap_device *d;                                                             \
		int err = get_device(s, it->mac.b, &device);                                       \
                                                                                                   \
		if (err)                                                                           \
			return err;                                                                \
		d = row_at(s, device);                                                             \
		it->next = d->list;                                                                \
		d->list = row;                                                                     \
		return 0;                                                                          \
	}                                                                                          \
                                                                                                   \
	static void unhang_##name(struct snapshot *s, uint32_t row)                                \
	{                                                                                          \
		struct snap_##name *it = row_at(s, row);                                           \
		uint32_t device = find_row(s, BY_MAC, &it->mac), *at;                              \
                                                                                                   \
		if (!device)                                                                       \
			return;                                                                    \
		at = &((struct snap_device *)row_at(s, device))->list;                             \
		while (*at && *at != row)                                                          \
			at = &((struct snap_##name *)row_at(s, *at))->next;                        \
		if (*at)                                                                           \
			*at = it->next;                                                            \
		drop_device_if_bare(s, device);                                                    \
	}

DEFINE_CHAIN(permit, permits)
DEFINE_CHAIN(deny, denies)

static int put_permit(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	const char *port = "";
	uint32_t row;
	int err = m->permit.port[0] ? texts_take(&s->ports, m->permit.port, &port) : 0;

	if (err)
		return err;
	err = pool_take(&s->pool, snap_permit_size(&m->permit), &row);
	if (err) {
		if (port[0])
			texts_give(&s->ports, port);
		return err;
	}
	snap_permit_pack(&m->permit, port, row_at(s, row));
	return settle(s, PERMIT, row, hang_permit(s, row), ret);
}

static void unpack_permit(const void *row, union row_message *ret)
{
	snap_permit_unpack(row, &ret->permit);
}

static void drop_permit(struct snapshot *s, uint32_t row)
{
	const struct snap_permit *p = row_at(s, row);
	menshen_SnapPermit m;

	unhang_permit(s, row);
	snap_permit_unpack(p, &m);
	if (p->port[0])
		texts_give(&s->ports, p->port);
	pool_give(&s->pool, row, snap_permit_size(&m));
}

static int put_deny(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	struct snap_deny *d;
	uint32_t row;
	int err = pool_take(&s->pool, sizeof(*d), &row);

	if (err)
		return err;
	d = row_at(s, row);
	d->id = m->id;
	d->until_ms = m->deny.until_ms;
	memcpy(d->mac.b, m->deny.mac, sizeof(d->mac.b));
	return settle(s, DENY, row, hang_deny(s, row), ret);
}

static void drop_deny(struct snapshot *s, uint32_t row)
{
	unhang_deny(s, row);
	pool_give(&s->pool, row, sizeof(struct snap_deny));
}

static void unpack_deny(const void *row, union row_message *ret)
{
	const struct snap_deny *d = row;

	ret->deny = (menshen_SnapDeny){.id = d->id, .until_ms = d->until_ms};
	memcpy(ret->deny.mac, d->mac.b, sizeof(ret->deny.mac));
}

/* ---- accounts, and the terminals that they may use ---- */

static int put_account(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	uint32_t row;
	int err = pool_take(&s->pool, snap_account_size(&m->account), &row);

	if (err)
		return err;
	snap_account_pack(&m->account, row_at(s, row));
	return settle(s, ACCOUNT, row, claim(s, BY_ACCOUNT, row), ret);
}

static void unpack_account(const void *row, union row_message *ret)
{
	snap_account_unpack(row, &ret->account);
}

static void drop_account(struct snapshot *s, uint32_t row)
{
	menshen_SnapAccount m;

	yield_key(s, BY_ACCOUNT, row);
	snap_account_unpack(row_at(s, row), &m);
	pool_give(&s->pool, row, snap_account_size(&m));
}

static int put_pair(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	struct snap_pair *pair;
	uint32_t row;
	int err = pool_take(&s->pool, sizeof(*pair), &row);

	if (err)
		return err;
	pair = row_at(s, row);
	pair->row = m->pair;
	return settle(s, PAIR, row, claim(s, BY_PAIR, row), ret);
}

static void drop_pair(struct snapshot *s, uint32_t row)
{
	yield_key(s, BY_PAIR, row);
	pool_give(&s->pool, row, sizeof(struct snap_pair));
}

static void unpack_pair(const void *row, union row_message *ret)
{
	ret->pair = ((const struct snap_pair *)row)->row;
}

/* ---- bypasses, revoked certificates, the address plan: kept as they came ---- */

#define DEFINE_AS_IT_CAME(noun)                                                                    \
	static int put_##noun(struct snapshot *s, const union row_message *m, uint32_t *ret)       \
	{                                                                                          \
		struct snap_##noun *kept;                                                          \
		int err = pool_take(&s->pool, sizeof(*kept), ret);                                 \
                                                                                                   \
		if (err)                                                                           \
			return err;                                                                \
		kept = row_at(s, *ret);                                                            \
		kept->row = m->noun;                                                               \
		return 0;                                                                          \
	}                                                                                          \
                                                                                                   \
	static void drop_##noun(struct snapshot *s, uint32_t row)                                  \
	{                                                                                          \
		pool_give(&s->pool, row, sizeof(struct snap_##noun));                              \
	}                                                                                          \
                                                                                                   \
	static void unpack_##noun(const void *row, union row_message *ret)                         \
	{                                                                                          \
		ret->noun = ((const struct snap_##noun *)row)->row;                                \
	}

DEFINE_AS_IT_CAME(bypass)
DEFINE_AS_IT_CAME(revoked)
DEFINE_AS_IT_CAME(address)

static int put_planned(struct snapshot *s, const union row_message *m, uint32_t *ret)
{
	uint32_t row;
	int err = put_address(s, m, &row);

	if (err)
		return err;
	s->addresses_epoch++;
	/* A MAC may have several: each is in. */
	return settle(s, ADDRESS, row,
		      index_add(&s->indexes[BY_PLANNED],
				key_tag(s, BY_PLANNED, key_in_row(BY_PLANNED, row_at(s, row))),
				row),
		      ret);
}

static void drop_planned(struct snapshot *s, uint32_t row)
{
	s->addresses_epoch++;
	yield_key(s, BY_PLANNED, row);
	drop_address(s, row);
}

static void unpack_planned(const void *row, union row_message *ret)
{
	unpack_address(row, ret);
}

#define KIND(type, message, gone, by, key, rescue, noun)                                           \
	{                                                                                          \
		FRAME_SNAP_##type, sizeof(menshen_Snap##message), gone, by,                        \
			offsetof(menshen_Snap##message, key), rescue, put_##noun, drop_##noun,     \
			unpack_##noun                                                              \
	}
#define GONE(message) offsetof(menshen_Snap##message, gone)

const struct row_kind snapshot_kinds[KINDS] = {
	[UNIT] = KIND(UNIT, Unit, NO_GONE, INDEXES, id, true, unit),
	[SWITCH] = KIND(SWITCH, Switch, GONE(Switch), INDEXES, id, true, switch),
	[TERMINAL] = KIND(TERMINAL, Terminal, NO_GONE, BY_UUID, uuid.bytes, false, terminal),
	[MAC] = KIND(MAC, Mac, GONE(Mac), BY_MAC, mac, false, mac),
	[ACCOUNT] = KIND(ACCOUNT, Account, NO_GONE, INDEXES, id, false, account),
	[PAIR] = KIND(TERMINAL_ACCOUNT, TerminalAccount, GONE(TerminalAccount), BY_PAIR,
		      terminal_id, false, pair),
	[PERMIT] = KIND(PERMIT, Permit, GONE(Permit), BY_MAC, mac, false, permit),
	[DENY] = KIND(DENY, Deny, GONE(Deny), BY_MAC, mac, true, deny),
	[BYPASS] = KIND(BYPASS, Bypass, GONE(Bypass), INDEXES, id, true, bypass),
	[REVOKED] = KIND(REVOKED, Revoked, NO_GONE, INDEXES, id, true, revoked),
	[ADDRESS] = KIND(ADDRESS, Address, GONE(Address), INDEXES, id, false, planned),
};
