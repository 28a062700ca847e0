/*
 * Makes what a gate starts from, for scenarios and benchmarks: its sealing key, a snapshot out of
 * JSON rows on standard input, and the certificates of the EAP engine and of one terminal.
 *
 *	gate_fixture STATE_DIR KEYS_DIR <world.json
 *
 * The key is made once; a second run with the same KEYS_DIR replaces the snapshot only. Rows are
 * named after the wire's fields; "secret" of a switch and "password" of an account are in the
 * clear; "many": N adds N printers with permits on switch 1.
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/ca.h"
#include "crypto/nthash.h"
#include "gate/facts/snapshot_file.h"
#include "vendor/snmp.h"

struct world {
	struct seal_pair *key;
	struct snapshot *snapshot;
	struct buf frame;
};

static _Noreturn void fail(const char *what, int err)
{
	fprintf(stderr, "gate_fixture: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void check(const char *what, int err)
{
	if (err)
		fail(what, err);
}

static void add(struct world *w, enum frame_type type, const void *message, size_t size)
{
	struct frame f;
	size_t used;

	buf_clear(&w->frame);
	check("encode", frame_encode(&w->frame, type, message, size));
	check("parse", frame_parse(w->frame.data, w->frame.len, &f, &used));
	check(frame_name(type), snapshot_apply(w->snapshot, &f));
}

#define ADD(w, type, message) add((w), (type), (message), sizeof(*(message)))

static int64_t number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static const char *text(const json_t *row, const char *name)
{
	const char *s = json_string_value(json_object_get(row, name));

	return s ? s : "";
}

#define TEXT(field, row, name) check(name, text_copy((field), sizeof(field), text((row), (name))))

static void get_mac(uint8_t dst[static 6], const json_t *row)
{
	struct mac mac;

	check("mac", mac_parse(text(row, "mac"), &mac));
	memcpy(dst, mac.b, sizeof(mac.b));
}

static void add_unit(struct world *w, const json_t *row)
{
	menshen_SnapUnit m = {.id = number(row, "id"),
			      .parent_id = number(row, "parent_id"),
			      .mode = (uint32_t)number(row, "mode")};

	m.port_limit = (uint32_t)number(row, "port_limit");
	m.phones_count = json_is_true(json_object_get(row, "phones_count"));
	m.frozen_from_ms = number(row, "frozen_from_ms");
	m.frozen_until_ms = number(row, "frozen_until_ms");
	m.maintained_from_ms = number(row, "maintained_from_ms");
	m.maintained_until_ms = number(row, "maintained_until_ms");
	m.enforce_from_ms = number(row, "enforce_from_ms");
	m.says_posture_grace = json_object_get(row, "posture_grace_hours");
	m.posture_grace_hours = (uint32_t)number(row, "posture_grace_hours");
	m.says_last_known = json_object_get(row, "last_known_days");
	m.last_known_days = (uint32_t)number(row, "last_known_days");
	TEXT(m.code, row, "code");
	ADD(w, FRAME_SNAP_UNIT, &m);
}

static void add_snmp(struct world *w, const json_t *row, menshen_SnapSwitch *m)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT;

	if (!text(row, "snmp")[0])
		return;
	check("seal", seal_to_public(w->key, SNMP_SEAL_CONTEXT, text(row, "snmp"),
				     strlen(text(row, "snmp")), &sealed));
	m->snmp_sealed.size = (pb_size_t)sealed.len;
	memcpy(m->snmp_sealed.bytes, sealed.data, sealed.len);
}

static void add_switch(struct world *w, const json_t *row)
{
	menshen_SnapSwitch m = {.id = number(row, "id"),
				.unit_id = number(row, "unit_id"),
				.coa_port = (uint32_t)number(row, "coa_port"),
				.mab_unsigned_until_ms = number(row, "mab_unsigned_until_ms")};
	CLEANUP_BUF struct buf sealed = BUF_INIT;

	TEXT(m.name, row, "name");
	TEXT(m.address, row, "address");
	TEXT(m.vlan_normal, row, "vlan_normal");
	TEXT(m.vlan_isolation, row, "vlan_isolation");
	TEXT(m.acl_isolation, row, "acl_isolation");
	TEXT(m.vendor, row, "vendor");
	TEXT(m.acl_normal, row, "acl_normal");
	TEXT(m.voice_vlan, row, "voice_vlan");
	TEXT(m.visitor_vlan, row, "visitor_vlan");
	TEXT(m.reach, row, "reach");
	TEXT(m.coa_address, row, "coa_address");
	TEXT(m.port_modes, row, "port_modes");
	m.maintained_from_ms = number(row, "maintained_from_ms");
	m.maintained_until_ms = number(row, "maintained_until_ms");
	m.session_seconds = (uint32_t)number(row, "session_seconds");
	m.port_limit = (uint32_t)number(row, "port_limit");
	m.phones_count = json_is_true(json_object_get(row, "phones_count"));
	check("seal", seal_to_public(w->key, "switch", text(row, "secret"),
				     strlen(text(row, "secret")), &sealed));
	m.secret_sealed.size = (pb_size_t)sealed.len;
	memcpy(m.secret_sealed.bytes, sealed.data, sealed.len);
	add_snmp(w, row, &m);
	ADD(w, FRAME_SNAP_SWITCH, &m);
}

static void add_terminal(struct world *w, const json_t *row)
{
	menshen_SnapTerminal m = {.id = number(row, "id"),
				  .unit_id = number(row, "unit_id"),
				  .kind = (uint32_t)number(row, "kind"),
				  .status = (uint32_t)number(row, "status"),
				  .lifeline = json_is_true(json_object_get(row, "lifeline")),
				  .posture = (uint32_t)number(row, "posture"),
				  .until_ms = number(row, "until_ms"),
				  .posture_at_ms = number(row, "posture_at_ms"),
				  .policy_old = json_is_true(json_object_get(row, "policy_old")),
				  .isolated_by_person =
					  json_is_true(json_object_get(row, "isolated_by_person"))};

	m.uuid.size = 16;
	set_be64(m.uuid.bytes + 8, (uint64_t)m.id);
	TEXT(m.certificate, row, "certificate");
	TEXT(m.name, row, "name");
	TEXT(m.asset_no, row, "asset_no");
	ADD(w, FRAME_SNAP_TERMINAL, &m);
}

static void add_mac(struct world *w, const json_t *row)
{
	menshen_SnapMac m = {.id = number(row, "id"), .terminal_id = number(row, "terminal_id")};

	get_mac(m.mac, row);
	ADD(w, FRAME_SNAP_MAC, &m);
}

static void add_account(struct world *w, const json_t *row)
{
	menshen_SnapAccount m = {.id = number(row, "id"),
				 .unit_id = MAX(number(row, "unit_id"), 1),
				 .enabled = !json_is_false(json_object_get(row, "enabled")),
				 .directory = json_is_true(json_object_get(row, "directory"))};
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	char context[sizeof(m.name) + 4];
	uint8_t hash[NT_HASH_SIZE];

	TEXT(m.name, row, "name");
	if (m.directory) {
		ADD(w, FRAME_SNAP_ACCOUNT, &m);
		return;
	}
	check("password", nt_hash(text(row, "password"), strlen(text(row, "password")), hash));
	snprintf(context, sizeof(context), "nt:%s", m.name);
	check("seal", seal_to_public(w->key, context, hash, sizeof(hash), &sealed));
	m.nt_sealed.size = (pb_size_t)sealed.len;
	memcpy(m.nt_sealed.bytes, sealed.data, sealed.len);
	ADD(w, FRAME_SNAP_ACCOUNT, &m);
}

static void add_pair(struct world *w, const json_t *row)
{
	menshen_SnapTerminalAccount m = {.id = number(row, "id"),
					 .terminal_id = number(row, "terminal_id"),
					 .account_id = number(row, "account_id")};

	ADD(w, FRAME_SNAP_TERMINAL_ACCOUNT, &m);
}

static void add_permit(struct world *w, const json_t *row)
{
	menshen_SnapPermit m = {.id = number(row, "id"),
				.switch_id = number(row, "switch_id"),
				.from_ms = number(row, "from_ms"),
				.until_ms = number(row, "until_ms"),
				.terminal_id = number(row, "terminal_id")};
	const json_t *hours;
	size_t i;

	get_mac(m.mac, row);
	TEXT(m.port, row, "port");
	json_array_foreach(json_object_get(row, "hours"), i, hours) if (i < 4)
		m.hours[m.hours_count++] = (uint32_t)json_integer_value(hours);
	ADD(w, FRAME_SNAP_PERMIT, &m);
}

static void add_deny(struct world *w, const json_t *row)
{
	menshen_SnapDeny m = {.id = number(row, "id"), .until_ms = number(row, "until_ms")};

	get_mac(m.mac, row);
	ADD(w, FRAME_SNAP_DENY, &m);
}

static void add_revoked(struct world *w, const json_t *row)
{
	menshen_SnapRevoked m = {.id = number(row, "id")};

	TEXT(m.serial, row, "serial");
	ADD(w, FRAME_SNAP_REVOKED, &m);
}

/* Printers 02:00:00:00:00:00 and on, each with its identity, names and permit. */
static void add_many(struct world *w, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		menshen_SnapTerminal t = {.id = 1000000 + i, .unit_id = 1, .kind = 3, .status = 2};
		menshen_SnapMac m = {.id = 1000000 + i, .terminal_id = 1000000 + i};
		menshen_SnapPermit p = {
			.id = 1000000 + i, .switch_id = 1, .terminal_id = 1000000 + i};

		m.mac[0] = 2;
		set_be32(m.mac + 2, (uint32_t)i);
		memcpy(p.mac, m.mac, sizeof(p.mac));
		t.uuid.size = 16;
		set_be64(t.uuid.bytes + 8, (uint64_t)t.id);
		snprintf(t.name, sizeof(t.name), "PRN-%06lld", (long long)i);
		snprintf(t.asset_no, sizeof(t.asset_no), "ZC-2024-%06lld", (long long)i);
		ADD(w, FRAME_SNAP_TERMINAL, &t);
		ADD(w, FRAME_SNAP_MAC, &m);
		ADD(w, FRAME_SNAP_PERMIT, &p);
	}
}

static const struct {
	const char *name;
	void (*add)(struct world *w, const json_t *row);
} tables[] = {
	{"units", add_unit},	 {"switches", add_switch},  {"terminals", add_terminal},
	{"macs", add_mac},	 {"accounts", add_account}, {"pairs", add_pair},
	{"permits", add_permit}, {"denies", add_deny},	    {"revoked", add_revoked},
};

static void write_text(const char *dir, const char *name, const struct buf *text)
{
	CLEANUP_FREE char *path = NULL;

	check(name, file_path(dir, name, &path));
	check(name, file_replace(path, text->data, text->len, 0600));
}

/* What the switch of this name shows by RadSec. */
static void make_switch_certificate(const struct ca *ca, const char *dir, const char *name)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	int64_t now_ms = clock_wall_ms();
	struct cert_spec spec = {.common_name = name,
				 .client = true,
				 .not_before_ms = now_ms - HOUR_MS,
				 .not_after_ms = now_ms + DAY_MS};
	char file[32];

	check(name, ca_issue_pair(ca, &spec, &key, &cert));
	snprintf(file, sizeof(file), "%s.key", name);
	write_text(dir, file, &key);
	snprintf(file, sizeof(file), "%s.pem", name);
	write_text(dir, file, &cert);
}

/* What a gate of this name shows to its peers. */
static void make_gate_certificate(const struct ca *ca, const char *dir, const char *name)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	struct cert_spec spec;
	struct cert_info info;
	char file[32], host[CERT_GATE_HOST_SIZE];

	check(name, cert_spec_gate(&spec, host, name, clock_wall_ms()));
	check(name, ca_issue_pair(ca, &spec, &key, &cert));
	check(name, cert_parse(cert.data, cert.len, &info));
	snprintf(file, sizeof(file), "%s.key", name);
	write_text(dir, file, &key);
	snprintf(file, sizeof(file), "%s.pem", name);
	write_text(dir, file, &cert);
	buf_clear(&key);
	buf_puts(&key, info.serial);
	snprintf(file, sizeof(file), "%s.serial", name);
	write_text(dir, file, &key);
}

static void make_certificates(const char *dir)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT, root = BUF_INIT;
	CLEANUP_CA struct ca *ca = NULL;
	int64_t now_ms = clock_wall_ms();
	struct cert_spec terminal = {.common_name = "terminal 1",
				     .holder = CERT_TERMINAL,
				     .terminal = {.b = {[15] = 1}},
				     .client = true,
				     .not_before_ms = now_ms - HOUR_MS,
				     .not_after_ms = now_ms + DAY_MS};
	struct cert_info info;

	check("ca", ca_make("Test root", now_ms, 3650, &ca));
	buf_puts(&root, ca_pem(ca));
	write_text(dir, "ca.pem", &root);
	check("eap", ca_issue_radius(ca, "gate.example", now_ms, &key, &cert));
	write_text(dir, "eap.key", &key);
	write_text(dir, "eap.pem", &cert);
	buf_clear(&key);
	buf_clear(&cert);
	check("terminal", ca_issue_pair(ca, &terminal, &key, &cert));
	write_text(dir, "terminal.key", &key);
	write_text(dir, "terminal.pem", &cert);
	check("serial", cert_parse(cert.data, cert.len, &info));
	buf_clear(&root);
	buf_puts(&root, info.serial);
	write_text(dir, "terminal.serial", &root);
	make_switch_certificate(ca, dir, "sw1");
	make_switch_certificate(ca, dir, "sw2");
	make_gate_certificate(ca, dir, "gate-a");
	make_gate_certificate(ca, dir, "gate-b");
	make_gate_certificate(ca, dir, "gate-c");
}

static void get_key(const char *dir, struct seal_pair **ret)
{
	CLEANUP_FREE char *path = NULL;

	check("path", file_path(dir, "sealing.key", &path));
	if (seal_pair_load(path, ret) == 0)
		return;
	check("key", seal_pair_make(ret));
	check("key", seal_pair_save(*ret, path));
	make_certificates(dir);
}

int main(int argc, char **argv)
{
	struct world w = {.frame = BUF_INIT};
	json_t *root, *row;
	size_t i;

	if (argc != 3)
		return 2;
	root = json_loadf(stdin, 0, NULL);
	if (!root)
		fail("standard input is no JSON", -EINVAL);
	check("keys", file_make_dirs(argv[2], 0755));
	check("state", file_make_dirs(argv[1], 0700));
	get_key(argv[2], &w.key);
	check("snapshot", snapshot_new(w.key, &w.snapshot));
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		json_array_foreach(json_object_get(root, tables[t].name), i, row) tables[t].add(
			&w, row);
	add_many(&w, number(root, "many"));
	snapshot_set_rev(w.snapshot, number(root, "rev"));
	check("save", snapshot_save(argv[1], w.snapshot, clock_wall_ms()));
	snapshot_free(w.snapshot);
	seal_pair_free(w.key);
	buf_done(&w.frame);
	json_decref(root);
	return 0;
}
