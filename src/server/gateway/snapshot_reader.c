#include "server/gateway/snapshot_reader.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/exemption.h"
#include "policy/freshness.h"
#include "policy/verdict.h"
#include "server/engine/permit.h"
#include "server/engine/terminal.h"

#define ROWS_AT_ONCE 128

struct snapshot_reader {
	struct store_db *db;
	struct store_cursor *cursor;
	bool reading;
	size_t table;
	int64_t rev;	  /* the gate has */
	int64_t from, to; /* of the one that is being read; from -1: everything */
	uint64_t rows;
};

/* ---- one row, one frame ---- */

#define PUT_TEXT(field, col) (text_copy((field), sizeof(field), store_text(c, (col))))

static int put_mac(const struct store_cursor *c, size_t col, uint8_t dst[static 6])
{
	struct mac mac;
	int err = store_mac(c, col, &mac);

	if (!err)
		memcpy(dst, mac.b, sizeof(mac.b));
	return err;
}

static int put_bytes(const struct store_cursor *c, size_t col, uint8_t *dst, size_t size,
		     pb_size_t *ret_len)
{
	size_t len;
	const void *bytes = store_blob(c, col, &len);

	if (len > size)
		return -EUCLEAN;
	if (len > 0)
		memcpy(dst, bytes, len);
	*ret_len = (pb_size_t)len;
	return 0;
}

static int parse_mode(const char *name, uint32_t *ret)
{
	for (int i = MODE_OBSERVE; i <= MODE_ENFORCE; i++)
		if (text_equal(mode_name((enum mode)i), name)) {
			*ret = (uint32_t)i;
			return 0;
		}
	return -EUCLEAN;
}

static int unit_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapUnit m = {.id = store_int(c, 0),
			      .parent_id = store_int(c, 1),
			      .port_limit = (uint32_t)store_int(c, 5),
			      .phones_count = !store_int(c, 6),
			      .frozen_from_ms = store_int(c, 7),
			      .frozen_until_ms = store_int(c, 8),
			      .maintained_from_ms = store_int(c, 9),
			      .maintained_until_ms = store_int(c, 10),
			      .enforce_from_ms = store_int(c, 11),
			      .says_posture_grace = store_int(c, 12) >= 0,
			      .posture_grace_hours = (uint32_t)MAX(store_int(c, 12), 0),
			      .says_last_known = store_int(c, 13) >= 0,
			      .last_known_days = (uint32_t)MAX(store_int(c, 13), 0)};

	if (parse_mode(store_text(c, 2), &m.mode) || PUT_TEXT(m.code, 3) || PUT_TEXT(m.name, 4))
		return -EUCLEAN;
	return FRAME_ENCODE(to, FRAME_SNAP_UNIT, &m);
}

static int switch_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapSwitch m = {.id = store_int(c, 0),
				.unit_id = store_int(c, 1),
				.coa_port = (uint32_t)store_int(c, 6),
				.mab_unsigned_until_ms = store_int(c, 10),
				.gone = !store_is_null(c, 11),
				.session_seconds = (uint32_t)store_int(c, 15),
				.port_limit = (uint32_t)store_int(c, 17),
				.phones_count = !store_int(c, 18),
				.maintained_from_ms = store_int(c, 21),
				.maintained_until_ms = store_int(c, 22)};

	if (PUT_TEXT(m.name, 2) || PUT_TEXT(m.address, 3) || PUT_TEXT(m.vendor, 5) ||
	    PUT_TEXT(m.vlan_normal, 7) || PUT_TEXT(m.vlan_isolation, 8) ||
	    PUT_TEXT(m.acl_isolation, 9) || PUT_TEXT(m.acl_normal, 12) ||
	    PUT_TEXT(m.voice_vlan, 13) || PUT_TEXT(m.reach, 14) || PUT_TEXT(m.coa_address, 16) ||
	    PUT_TEXT(m.visitor_vlan, 19) || PUT_TEXT(m.port_modes, 23) ||
	    put_bytes(c, 4, m.secret_sealed.bytes, sizeof(m.secret_sealed.bytes),
		      &m.secret_sealed.size) ||
	    (!store_is_null(c, 20) && put_bytes(c, 20, m.snmp_sealed.bytes,
						sizeof(m.snmp_sealed.bytes), &m.snmp_sealed.size)))
		return -EUCLEAN;
	return FRAME_ENCODE(to, FRAME_SNAP_SWITCH, &m);
}

static int terminal_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapTerminal m = {.id = store_int(c, 0),
				  .unit_id = store_int(c, 2),
				  .lifeline = store_int(c, 5) != 0,
				  .posture_at_ms = store_int(c, 7),
				  .isolated_by_person = !store_is_null(c, 8),
				  .isolated_until_ms = store_int(c, 9),
				  .until_ms = store_int(c, 13)};
	const char *failing = store_text(c, 14), *exempt = store_text(c, 15);
	enum terminal_status status;
	enum posture posture;

	m.kind = terminal_kind_from_name(store_text(c, 3));
	if (m.kind == TERMINAL_KIND_COUNT || terminal_status_parse(store_text(c, 4), &status) ||
	    posture_parse(store_text(c, 6), &posture) ||
	    put_bytes(c, 1, m.uuid.bytes, sizeof(m.uuid.bytes), &m.uuid.size) ||
	    PUT_TEXT(m.certificate, 10))
		return -EUCLEAN;
	m.status = status;
	m.posture = posture;
	m.policy_old = posture == POSTURE_BAD && freshness_fails_alone(failing);
	m.posture_exempt_until_ms = exemption_of_posture(exempt, failing);
	m.supplicant_exempt_until_ms = exemption_until(exempt, EXEMPT_SUPPLICANT);
	m.account_live_exempt_until_ms = exemption_until(exempt, EXEMPT_ACCOUNT_LIVE);
	snprintf(m.name, sizeof(m.name), "%.63s", store_text(c, 11));
	snprintf(m.asset_no, sizeof(m.asset_no), "%.31s", store_text(c, 12));
	return FRAME_ENCODE(to, FRAME_SNAP_TERMINAL, &m);
}

static int mac_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapMac m = {.id = store_int(c, 0),
			     .terminal_id = store_int(c, 2),
			     .gone = !store_is_null(c, 3)};

	return put_mac(c, 1, m.mac) ? -EUCLEAN : FRAME_ENCODE(to, FRAME_SNAP_MAC, &m);
}

static int account_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapAccount m = {.id = store_int(c, 0),
				 .unit_id = store_int(c, 2),
				 .enabled = store_int(c, 3) != 0,
				 .locked_until_ms = store_int(c, 4),
				 .directory = store_int(c, 6) != 0};

	if (PUT_TEXT(m.name, 1) ||
	    put_bytes(c, 5, m.nt_sealed.bytes, sizeof(m.nt_sealed.bytes), &m.nt_sealed.size))
		return -EUCLEAN;
	return FRAME_ENCODE(to, FRAME_SNAP_ACCOUNT, &m);
}

static int pair_row(const struct store_cursor *c, struct buf *to)
{
	const menshen_SnapTerminalAccount m = {.id = store_int(c, 0),
					       .terminal_id = store_int(c, 1),
					       .account_id = store_int(c, 2),
					       .gone = !store_is_null(c, 3)};

	return FRAME_ENCODE(to, FRAME_SNAP_TERMINAL_ACCOUNT, &m);
}

static int permit_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapPermit m = {.id = store_int(c, 0),
				.switch_id = store_int(c, 2),
				.from_ms = store_int(c, 4),
				.until_ms = store_int(c, 5),
				.gone = !store_is_null(c, 6),
				.terminal_id = store_int(c, 7)};
	size_t hours;

	if (put_mac(c, 1, m.mac) || PUT_TEXT(m.port, 3) ||
	    permit_hours_parse(store_text(c, 8), m.hours, &hours))
		return -EUCLEAN;
	m.hours_count = (pb_size_t)hours;
	return FRAME_ENCODE(to, FRAME_SNAP_PERMIT, &m);
}

static int deny_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapDeny m = {
		.id = store_int(c, 0), .until_ms = store_int(c, 2), .gone = !store_is_null(c, 3)};

	return put_mac(c, 1, m.mac) ? -EUCLEAN : FRAME_ENCODE(to, FRAME_SNAP_DENY, &m);
}

static int bypass_row(const struct store_cursor *c, struct buf *to)
{
	const menshen_SnapBypass m = {.id = store_int(c, 0),
				      .unit_id = store_int(c, 1),
				      .from_ms = store_int(c, 2),
				      .until_ms = store_int(c, 3),
				      .gone = !store_is_null(c, 4)};

	return FRAME_ENCODE(to, FRAME_SNAP_BYPASS, &m);
}

static int revoked_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapRevoked m = {.id = store_int(c, 0)};

	return PUT_TEXT(m.serial, 1) ? -EUCLEAN : FRAME_ENCODE(to, FRAME_SNAP_REVOKED, &m);
}

static int address_row(const struct store_cursor *c, struct buf *to)
{
	menshen_SnapAddress m = {.id = store_int(c, 0), .gone = !store_is_null(c, 3)};

	return put_mac(c, 1, m.mac) || PUT_TEXT(m.ip, 2) ? -EUCLEAN
							 : FRAME_ENCODE(to, FRAME_SNAP_ADDRESS, &m);
}

/* In the order in which a gate can link them. */
static const struct {
	enum store_stmt stmt;
	int (*put)(const struct store_cursor *c, struct buf *to);
} tables[] = {
	{STMT_SNAPSHOT_UNITS, unit_row},	{STMT_SNAPSHOT_SWITCHES, switch_row},
	{STMT_SNAPSHOT_ACCOUNTS, account_row},	{STMT_SNAPSHOT_TERMINALS, terminal_row},
	{STMT_SNAPSHOT_MACS, mac_row},		{STMT_SNAPSHOT_TERMINAL_ACCOUNTS, pair_row},
	{STMT_SNAPSHOT_PERMITS, permit_row},	{STMT_SNAPSHOT_DENIES, deny_row},
	{STMT_SNAPSHOT_BYPASSES, bypass_row},	{STMT_SNAPSHOT_REVOKED, revoked_row},
	{STMT_SNAPSHOT_ADDRESSES, address_row},
};

/* ---- reading ---- */

int64_t snapshot_reader_rev(const struct snapshot_reader *r)
{
	return MAX(r->rev, 0);
}

int snapshot_reader_new(struct store *s, int64_t rev, struct snapshot_reader **ret)
{
	struct snapshot_reader *r = calloc(1, sizeof(*r));
	int err = r ? store_reader_new(s, &r->db) : -ENOMEM;

	if (err) {
		free(r);
		return err;
	}
	r->rev = rev > 0 ? rev : -1;
	*ret = r;
	return 0;
}

static void stop(struct snapshot_reader *r)
{
	store_cursor_free(r->cursor);
	r->cursor = NULL;
	if (r->reading)
		store_reader_end(r->db);
	r->reading = false;
}

void snapshot_reader_free(struct snapshot_reader *r)
{
	if (!r)
		return;
	stop(r);
	store_reader_free(r->db);
	free(r);
}

bool snapshot_reader_is_reading(const struct snapshot_reader *r)
{
	return r->reading;
}

int snapshot_reader_begin(struct snapshot_reader *r, struct buf *to)
{
	menshen_SnapshotBegin begin;
	int64_t size;
	int err = store_reader_begin(r->db);

	if (err)
		return err;
	r->reading = true;
	err = store_get_int(r->db, STMT_LOG_SIZE, STORE_NO_ARGS, 0, &size);
	if (err || size - 1 == r->rev) {
		stop(r);
		return err;
	}
	r->to = size - 1;
	r->from = r->rev > r->to ? -1 : r->rev; /* a restored backup knows less than the gate */
	r->table = 0;
	r->rows = 0;
	begin = (menshen_SnapshotBegin){.from_rev = MAX(r->from, 0), .to_rev = r->to};
	return FRAME_ENCODE(to, FRAME_SNAPSHOT_BEGIN, &begin);
}

static int finish(struct snapshot_reader *r, struct buf *to)
{
	const menshen_SnapshotEnd end = {.rev = r->to, .rows = r->rows};

	stop(r);
	r->rev = r->to;
	return FRAME_ENCODE(to, FRAME_SNAPSHOT_END, &end);
}

int snapshot_reader_next(struct snapshot_reader *r, struct buf *to)
{
	int n = 0, more = 1, err = 0;

	if (r->table == ARRAY_SIZE(tables))
		return finish(r, to);
	if (!r->cursor)
		err = store_select(r->db, tables[r->table].stmt,
				   STORE_ARGS(v_int(r->from), v_int(r->from < 0)), &r->cursor);
	while (!err && n++ < ROWS_AT_ONCE && (more = store_next(r->cursor)) == 1) {
		err = tables[r->table].put(r->cursor, to);
		r->rows += !err;
	}
	if (err || more < 0)
		return err ? err : more;
	if (more == 0) {
		store_cursor_free(r->cursor);
		r->cursor = NULL;
		r->table++;
	}
	return 0;
}
