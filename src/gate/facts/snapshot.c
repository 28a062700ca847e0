#define _GNU_SOURCE
#include "gate/facts/snapshot.h"

#include <string.h>

#include "base/addr.h"
#include "base/map.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "gate/facts/terminal_names.h"
#include "policy/verdict.h"

/* Every row begins with its id, and every kept row with the wire's message. */
struct row {
	int64_t id;
};

struct snap_pair {
	menshen_SnapTerminalAccount row;
};

struct snap_deny {
	menshen_SnapDeny row;
	struct snap_deny *next; /* of the same MAC */
};

struct snap_bypass {
	menshen_SnapBypass row;
};

/* All that hangs at one MAC, so that a knock finds it with one look-up. */
struct device {
	struct mac mac;
	struct snap_mac *owner;
	struct snap_permit *permits;
	struct snap_deny *denies;
	/* What the owner's terminal_id leads to, as of the snapshot's `terminals_epoch`. */
	const struct snap_terminal *terminal;
	uint64_t epoch;
};

enum kind { UNIT, SWITCH, TERMINAL, MAC, ACCOUNT, PAIR, PERMIT, DENY, BYPASS, KINDS };

struct snapshot {
	const struct seal_pair *key;
	int64_t rev;
	struct map by_id[KINDS];
	/* By what a knock brings. */
	struct map switch_by_host, terminal_by_uuid, terminal_by_serial, device, account, pair,
		unit_by_code;
	bool names_terminals;
	struct terminal_names names;
	uint64_t terminals_epoch; /* grows whenever a terminal comes or goes */
	uint64_t switches_epoch;  /* of the switches */
};

_Static_assert(offsetof(menshen_SnapTerminal, id) == 0 && offsetof(menshen_SnapBypass, id) == 0 &&
		       offsetof(menshen_SnapTerminalAccount, terminal_id) == 8 &&
		       offsetof(menshen_SnapTerminalAccount, account_id) == 16,
	       "rows begin with their id, and a pair's two ids are one key");

static int index_put(struct map *m, const void *key, void *row)
{
	return map_put(m, key, row, NULL);
}

/* Another row may have taken the key meanwhile; then it stays. */
static void index_remove(struct map *m, const void *key, const void *row)
{
	if (map_get(m, key) == row)
		map_remove(m, key);
}

static int link_unit(struct snapshot *s, void *p)
{
	struct snap_unit *u = p;

	if (u->row.mode > MODE_ENFORCE)
		return -EBADMSG;
	return u->row.code[0] ? index_put(&s->unit_by_code, u->row.code, u) : 0;
}

static void unlink_unit(struct snapshot *s, void *p)
{
	struct snap_unit *u = p;

	index_remove(&s->unit_by_code, u->row.code, u);
}

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

static int link_switch(struct snapshot *s, void *p)
{
	struct snap_switch *sw = p;
	struct addr address;

	sw->usable = false;
	if (addr_parse(sw->row.address, RADIUS_DYNAUTH_PORT, &address))
		return 0;
	addr_host_key(&address, sw->host);
	sw->usable = open_secret(s, sw);
	open_snmp(s, sw);
	s->switches_epoch++;
	return index_put(&s->switch_by_host, sw->host, sw);
}

static void unlink_switch(struct snapshot *s, void *p)
{
	struct snap_switch *sw = p;

	index_remove(&s->switch_by_host, sw->host, sw);
	radius_secret_wipe(&sw->secret);
	secret_wipe(sw->snmp, sizeof(sw->snmp));
	s->switches_epoch++;
}

static int link_terminal(struct snapshot *s, void *p)
{
	struct snap_terminal *t = p;
	int err = 0;

	if (t->row.kind >= TERMINAL_KIND_COUNT || t->row.status > TERMINAL_SCRAPPED ||
	    t->row.posture > POSTURE_SILENT)
		return -EBADMSG;
	s->terminals_epoch++;
	if (t->row.uuid.size == sizeof(struct uuid))
		err = index_put(&s->terminal_by_uuid, t->row.uuid.bytes, t);
	if (!err && t->row.certificate[0])
		err = index_put(&s->terminal_by_serial, t->row.certificate, t);
	if (!err && s->names_terminals)
		err = terminal_names_add(&s->names, t);
	return err;
}

static void unlink_terminal(struct snapshot *s, void *p)
{
	struct snap_terminal *t = p;

	s->terminals_epoch++;
	index_remove(&s->terminal_by_uuid, t->row.uuid.bytes, t);
	index_remove(&s->terminal_by_serial, t->row.certificate, t);
	if (s->names_terminals)
		terminal_names_remove(&s->names, t);
}

static int get_device(struct snapshot *s, const uint8_t *mac, struct device **ret)
{
	struct device *d = map_get(&s->device, mac);
	int err;

	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		memcpy(d->mac.b, mac, sizeof(d->mac.b));
		err = map_put(&s->device, &d->mac, d, NULL);
		if (err) {
			free(d);
			return err;
		}
	}
	*ret = d;
	return 0;
}

static void drop_device_if_bare(struct snapshot *s, struct device *d)
{
	if (d->owner || d->permits || d->denies)
		return;
	map_remove(&s->device, &d->mac);
	free(d);
}

static int link_mac(struct snapshot *s, void *p)
{
	struct snap_mac *m = p;
	struct device *d;
	int err = get_device(s, m->row.mac, &d);

	if (!err) {
		d->owner = m;
		d->epoch = 0;
	}
	return err;
}

static void unlink_mac(struct snapshot *s, void *p)
{
	struct snap_mac *m = p;
	struct device *d = map_get(&s->device, m->row.mac);

	if (!d || d->owner != m)
		return; /* another row has taken the MAC over */
	d->owner = NULL;
	d->epoch = 0;
	drop_device_if_bare(s, d);
}

static int link_account(struct snapshot *s, void *p)
{
	struct snap_account *a = p;

	text_lower(a->row.name);
	return index_put(&s->account, a->row.name, a);
}

static void unlink_account(struct snapshot *s, void *p)
{
	struct snap_account *a = p;

	index_remove(&s->account, a->row.name, a);
}

static int link_pair(struct snapshot *s, void *p)
{
	struct snap_pair *pair = p;

	return index_put(&s->pair, &pair->row.terminal_id, pair);
}

static void unlink_pair(struct snapshot *s, void *p)
{
	struct snap_pair *pair = p;

	index_remove(&s->pair, &pair->row.terminal_id, pair);
}

/* Several permits or denials of one MAC hang behind one another. */
#define DEFINE_CHAIN(name, list)                                                                   \
	static int link_##name(struct snapshot *s, void *p)                                        \
	{                                                                                          \
		struct snap_##name *row = p;                                                       \
		struct device *d;                                                                  \
		int err = get_device(s, row->row.mac, &d);                                         \
                                                                                                   \
		if (err)                                                                           \
			return err;                                                                \
		row->next = d->list;                                                               \
		d->list = row;                                                                     \
		return 0;                                                                          \
	}                                                                                          \
                                                                                                   \
	static void unlink_##name(struct snapshot *s, void *p)                                     \
	{                                                                                          \
		struct snap_##name *row = p, **at;                                                 \
		struct device *d = map_get(&s->device, row->row.mac);                              \
                                                                                                   \
		for (at = d ? &d->list : NULL; at && *at; at = &(*at)->next)                       \
			if (*at == row) {                                                          \
				*at = row->next;                                                   \
				break;                                                             \
			}                                                                          \
		if (d)                                                                             \
			drop_device_if_bare(s, d);                                                 \
	}

DEFINE_CHAIN(permit, permits)
DEFINE_CHAIN(deny, denies)

static int link_nothing(struct snapshot *s, void *p)
{
	(void)s;
	(void)p;
	return 0;
}

static void unlink_nothing(struct snapshot *s, void *p)
{
	(void)s;
	(void)p;
}

#define NO_GONE SIZE_MAX
#define NO_MAC SIZE_MAX
#define EXPECTED_MAX ((size_t)1 << 22) /* beyond it, room is made as rows come */

static const struct row_kind {
	enum frame_type type;
	size_t size, message_size, gone_offset, mac_offset;
	bool rescue;
	int (*link)(struct snapshot *s, void *row);
	void (*unlink)(struct snapshot *s, void *row);
} kinds[KINDS] = {
	[UNIT] = {FRAME_SNAP_UNIT, sizeof(struct snap_unit), sizeof(menshen_SnapUnit), NO_GONE,
		  NO_MAC, true, link_unit, unlink_unit},
	[SWITCH] = {FRAME_SNAP_SWITCH, sizeof(struct snap_switch), sizeof(menshen_SnapSwitch),
		    offsetof(menshen_SnapSwitch, gone), NO_MAC, true, link_switch, unlink_switch},
	[TERMINAL] = {FRAME_SNAP_TERMINAL, sizeof(struct snap_terminal),
		      sizeof(menshen_SnapTerminal), NO_GONE, NO_MAC, false, link_terminal,
		      unlink_terminal},
	[MAC] = {FRAME_SNAP_MAC, sizeof(struct snap_mac), sizeof(menshen_SnapMac),
		 offsetof(menshen_SnapMac, gone), offsetof(menshen_SnapMac, mac), false, link_mac,
		 unlink_mac},
	[ACCOUNT] = {FRAME_SNAP_ACCOUNT, sizeof(struct snap_account), sizeof(menshen_SnapAccount),
		     NO_GONE, NO_MAC, false, link_account, unlink_account},
	[PAIR] = {FRAME_SNAP_TERMINAL_ACCOUNT, sizeof(struct snap_pair),
		  sizeof(menshen_SnapTerminalAccount), offsetof(menshen_SnapTerminalAccount, gone),
		  NO_MAC, false, link_pair, unlink_pair},
	[PERMIT] = {FRAME_SNAP_PERMIT, sizeof(struct snap_permit), sizeof(menshen_SnapPermit),
		    offsetof(menshen_SnapPermit, gone), offsetof(menshen_SnapPermit, mac), false,
		    link_permit, unlink_permit},
	[DENY] = {FRAME_SNAP_DENY, sizeof(struct snap_deny), sizeof(menshen_SnapDeny),
		  offsetof(menshen_SnapDeny, gone), offsetof(menshen_SnapDeny, mac), true,
		  link_deny, unlink_deny},
	[BYPASS] = {FRAME_SNAP_BYPASS, sizeof(struct snap_bypass), sizeof(menshen_SnapBypass),
		    offsetof(menshen_SnapBypass, gone), NO_MAC, true, link_nothing, unlink_nothing},
};

int snapshot_new(const struct seal_pair *key, struct snapshot **ret)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->key = key;
	for (size_t i = 0; i < KINDS; i++)
		map_init(&s->by_id[i], sizeof(int64_t));
	map_init(&s->switch_by_host, 16);
	map_init(&s->terminal_by_uuid, sizeof(struct uuid));
	map_init(&s->terminal_by_serial, 0);
	map_init(&s->device, sizeof(struct mac));
	map_init(&s->account, 0);
	map_init(&s->pair, 2 * sizeof(int64_t));
	map_init(&s->unit_by_code, 0);
	s->terminals_epoch = 1;
	*ret = s;
	return 0;
}

static void free_row(enum kind kind, void *row)
{
	secret_wipe(row, kinds[kind].size);
	free(row);
}

static void free_rows(struct snapshot *s, enum kind kind)
{
	size_t at = 0;
	void *row;

	while ((row = map_next(&s->by_id[kind], &at)))
		free_row(kind, row);
	map_done(&s->by_id[kind]);
}

void snapshot_free(struct snapshot *s)
{
	struct device *d;
	size_t at = 0;

	if (!s)
		return;
	while ((d = map_next(&s->device, &at)))
		free(d);
	map_done(&s->device);
	if (s->names_terminals)
		terminal_names_done(&s->names);
	for (size_t i = 0; i < KINDS; i++)
		free_rows(s, (enum kind)i);
	map_done(&s->switch_by_host);
	map_done(&s->terminal_by_uuid);
	map_done(&s->terminal_by_serial);
	map_done(&s->account);
	map_done(&s->pair);
	map_done(&s->unit_by_code);
	free(s);
}

static int find_kind(enum frame_type type, enum kind *ret)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].type == type) {
			*ret = (enum kind)i;
			return 0;
		}
	return -EBADMSG;
}

static void take_out(struct snapshot *s, enum kind kind, int64_t id)
{
	void *row = map_get(&s->by_id[kind], &id);

	if (!row)
		return;
	kinds[kind].unlink(s, row);
	map_remove(&s->by_id[kind], &id);
	free_row(kind, row);
}

static int put_in(struct snapshot *s, enum kind kind, struct row *row)
{
	int err = map_put(&s->by_id[kind], &row->id, row, NULL);

	if (err)
		return err;
	err = kinds[kind].link(s, row);
	if (err) {
		kinds[kind].unlink(s, row);
		map_remove(&s->by_id[kind], &row->id);
	}
	return err;
}

/* A row that was decoded and is not in yet. */
struct arrival {
	enum kind kind;
	bool gone;
	struct row *row;
};

static int decode_row(const struct frame *f, struct arrival *ret)
{
	const struct row_kind *k;
	struct row *row;
	enum kind kind;
	int err = find_kind(f->type, &kind);

	if (err)
		return err;
	k = &kinds[kind];
	row = calloc(1, k->size);
	if (!row)
		return -ENOMEM;
	err = frame_decode(f, row, k->message_size);
	if (!err && row->id <= 0)
		err = -EBADMSG;
	if (err) {
		free(row);
		return err;
	}
	*ret = (struct arrival){
		.kind = kind,
		.gone = k->gone_offset != NO_GONE && *((const bool *)row + k->gone_offset),
		.row = row,
	};
	return 0;
}

static int take_in(struct snapshot *s, const struct arrival *a)
{
	int err = 0;

	take_out(s, a->kind, a->row->id);
	if (!a->gone)
		err = put_in(s, a->kind, a->row);
	if (a->gone || err)
		free_row(a->kind, a->row);
	return err;
}

int snapshot_apply(struct snapshot *s, const struct frame *f)
{
	struct arrival a;
	int err = decode_row(f, &a);

	return err ? err : take_in(s, &a);
}

/* The MAC that a row hangs at; NULL: none. */
static const void *mac_of(const struct arrival *a)
{
	const size_t offset = kinds[a->kind].mac_offset;

	return offset == NO_MAC ? NULL : (const uint8_t *)a->row + offset;
}

/* Asks the memory for the slots of all of them, and then for what hangs there already. */
static void warm_arrivals(const struct snapshot *s, const struct arrival *arrivals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		map_prefetch(&s->by_id[arrivals[i].kind], &arrivals[i].row->id);
		if (mac_of(&arrivals[i]))
			map_prefetch(&s->device, mac_of(&arrivals[i]));
	}
	for (size_t i = 0; i < count; i++)
		if (mac_of(&arrivals[i]))
			__builtin_prefetch(map_get(&s->device, mac_of(&arrivals[i])), 1);
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
	warm_arrivals(s, arrivals, decoded);
	for (size_t i = 0; i < decoded; i++)
		if (err)
			free_row(arrivals[i].kind, arrivals[i].row);
		else
			err = take_in(s, &arrivals[i]);
	return err;
}

int snapshot_expect(struct snapshot *s, enum frame_type type, size_t rows)
{
	enum kind kind;
	int err = find_kind(type, &kind);

	rows = MIN(rows, EXPECTED_MAX);
	if (!err)
		err = map_reserve(&s->by_id[kind], rows);
	if (!err && kind == MAC)
		err = map_reserve(&s->device, rows);
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
		rows += s->by_id[i].count;
	return rows;
}

void snapshot_encode(const struct snapshot *s, bool rescue, struct buf *to)
{
	for (size_t i = 0; i < KINDS; i++) {
		size_t at = 0;
		void *row;

		if (rescue && !kinds[i].rescue)
			continue;
		while ((row = map_next(&s->by_id[i], &at)))
			frame_encode(to, kinds[i].type, row, kinds[i].message_size);
	}
}

void snapshot_warm(const struct snapshot *s, const struct mac *mac, unsigned step)
{
	const struct device *d;

	if (step == 0) {
		map_prefetch(&s->device, mac);
		return;
	}
	d = map_get(&s->device, mac);
	if (step == 1) {
		__builtin_prefetch(d);
	} else if (d) {
		__builtin_prefetch(d->permits);
		__builtin_prefetch((const char *)d->permits + 64);
		__builtin_prefetch(d->terminal);
		__builtin_prefetch((const char *)d->terminal + 64);
	}
}

struct snap_switch *snapshot_switch_at(const struct snapshot *s, const uint8_t host[static 16])
{
	return map_get(&s->switch_by_host, host);
}

struct snap_switch *snapshot_switch(const struct snapshot *s, int64_t id)
{
	return map_get(&s->by_id[SWITCH], &id);
}

const struct snap_unit *snapshot_unit(const struct snapshot *s, int64_t id)
{
	return map_get(&s->by_id[UNIT], &id);
}

const struct snap_unit *snapshot_unit_named(const struct snapshot *s, const char *code)
{
	return map_get(&s->unit_by_code, code);
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
	return map_get(&s->by_id[TERMINAL], &id);
}

const struct snap_terminal *snapshot_terminal_by_uuid(const struct snapshot *s,
						      const struct uuid *uuid)
{
	return map_get(&s->terminal_by_uuid, uuid);
}

const struct snap_terminal *snapshot_terminal_by_serial(const struct snapshot *s,
							const char *serial)
{
	return map_get(&s->terminal_by_serial, serial);
}

int snapshot_name_terminals(struct snapshot *s, bool by_asset_no)
{
	const struct snap_terminal *t;
	size_t at = 0;
	int err = 0;

	if (s->names_terminals)
		return 0;
	terminal_names_init(&s->names, by_asset_no);
	while (!err && (t = map_next(&s->by_id[TERMINAL], &at)))
		err = terminal_names_add(&s->names, t);
	if (err)
		terminal_names_done(&s->names);
	s->names_terminals = !err;
	return err;
}

const struct snap_terminal *snapshot_terminal_named(const struct snapshot *s, const char *name)
{
	return s->names_terminals ? terminal_names_get(&s->names, name) : NULL;
}

const struct snap_mac *snapshot_mac(const struct snapshot *s, const struct mac *mac)
{
	const struct device *d = map_get(&s->device, mac);

	return d ? d->owner : NULL;
}

const struct snap_terminal *snapshot_terminal_by_mac(const struct snapshot *s,
						     const struct mac *mac)
{
	struct device *d = map_get(&s->device, mac);

	if (!d || !d->owner)
		return NULL;
	if (d->epoch != s->terminals_epoch) {
		d->terminal = snapshot_terminal(s, d->owner->row.terminal_id);
		d->epoch = s->terminals_epoch;
	}
	return d->terminal;
}

const struct snap_account *snapshot_account(const struct snapshot *s, const char *name)
{
	return map_get(&s->account, name);
}

bool snapshot_account_allowed(const struct snapshot *s, int64_t terminal_id, int64_t account_id)
{
	const int64_t key[] = {terminal_id, account_id};

	return map_get(&s->pair, key);
}

const struct snap_permit *snapshot_permits(const struct snapshot *s, const struct mac *mac)
{
	const struct device *d = map_get(&s->device, mac);

	return d ? d->permits : NULL;
}

bool snapshot_denied(const struct snapshot *s, const struct mac *mac, int64_t now_ms)
{
	const struct device *d = map_get(&s->device, mac);
	const struct snap_deny *denial;

	for (denial = d ? d->denies : NULL; denial; denial = denial->next)
		if (denial->row.until_ms == 0 || denial->row.until_ms > now_ms)
			return true;
	return false;
}

int64_t snapshot_bypass_until(const struct snapshot *s, int64_t unit_id, int64_t now_ms)
{
	const struct snap_bypass *b;
	int64_t until_ms = 0;
	size_t at = 0;

	while ((b = map_next(&s->by_id[BYPASS], &at)))
		if (b->row.from_ms <= now_ms && b->row.until_ms > now_ms &&
		    snapshot_unit_within(s, unit_id, b->row.unit_id))
			until_ms = MAX(until_ms, b->row.until_ms);
	return until_ms;
}

uint64_t snapshot_switches_epoch(const struct snapshot *s)
{
	return s->switches_epoch;
}

struct snap_switch *snapshot_next_switch(const struct snapshot *s, size_t *at)
{
	return map_next(&s->by_id[SWITCH], at);
}

const struct snap_account *snapshot_next_account(const struct snapshot *s, size_t *at)
{
	return map_next(&s->by_id[ACCOUNT], at);
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
