/*
 * What a gate knows about its region: units, switches, terminals, MACs, accounts, permits, deny
 * list and bypasses, all in memory (invariant 4). Rows arrive as the wire's Snap messages; the many
 * are kept packed (gate/facts/rows.h), the few as they came. Looking up costs a hash or two and
 * never fails for another reason than that the row is not there (invariant 5).
 *
 * Pointers returned by look-ups live until the next snapshot_apply() or snapshot_free(). One
 * thread.
 */
#pragma once

#include "crypto/seal.h"
#include "gate/facts/rows.h"
#include "radius/secret.h"
#include "vendor/snmp.h"
#include "wire/frame.h"

#define ACCOUNT_NAME_SIZE 64

struct snapshot;

struct snap_unit {
	menshen_SnapUnit row;
};

struct snap_switch {
	menshen_SnapSwitch row;
	uint8_t host[16]; /* its address, as addr_host_key() */
	struct radius_secret secret;
	char snmp[SNMP_TEXT_MAX + 1]; /* "": it is not asked over SNMP */
	bool usable;		      /* the address is one and the secret could be opened */
};

/* `key` opens the switches' secrets and must outlive the snapshot; NULL: no switch is usable. */
int snapshot_new(const struct seal_pair *key, struct snapshot **ret) MUST_CHECK;
void snapshot_free(struct snapshot *s);
/* One step of snapshot_free(), far below a millisecond; true while more are to follow. */
bool snapshot_free_step(struct snapshot *s);

/* Adds, changes or (gone) removes one row. -EBADMSG: no row, or one that does not decode. */
int snapshot_apply(struct snapshot *s, const struct frame *f) MUST_CHECK;
/*
 * Many rows, as at start: room for so many of a type, and then the rows, at most SNAPSHOT_TOGETHER
 * at once, whose waits for memory overlap. After an error some of them are in.
 */
#define SNAPSHOT_TOGETHER 32
int snapshot_expect(struct snapshot *s, enum frame_type type, size_t rows) MUST_CHECK;
/* Room for as many rows as another one has. */
int snapshot_expect_as(struct snapshot *s, const struct snapshot *other) MUST_CHECK;
int snapshot_apply_all(struct snapshot *s, const struct frame *frames, size_t count) MUST_CHECK;
/*
 * The same with whole frames as bytes: takes the rows at their beginning, SNAPSHOT_TOGETHER at
 * most. `ret_used` bytes; 0: the first one is no row, or none is there.
 */
int snapshot_apply_some(struct snapshot *s, const uint8_t *frames, size_t len, size_t *ret_used,
			size_t *ret_rows) MUST_CHECK;
int64_t snapshot_rev(const struct snapshot *s);
void snapshot_set_rev(struct snapshot *s, int64_t rev);
size_t snapshot_rows(const struct snapshot *s);
/* What the rows and their indexes take. */
size_t snapshot_bytes(const struct snapshot *s);
/* Appends every row as a frame; `rescue`: units, switches, deny list, bypasses and revoked
 * certificates only. */
void snapshot_encode(const struct snapshot *s, bool rescue, struct buf *to);

/*
 * Asks the memory for what a knock of this MAC will look up, one step further into the rows with
 * each `step` from 0 to 3. Something else is to be computed between two steps.
 */
void snapshot_warm(const struct snapshot *s, const struct mac *mac, unsigned step);
struct snap_switch *snapshot_switch_at(const struct snapshot *s, const uint8_t host[static 16]);
struct snap_switch *snapshot_switch(const struct snapshot *s, int64_t id);
const struct snap_unit *snapshot_unit(const struct snapshot *s, int64_t id);
const struct snap_unit *snapshot_unit_named(const struct snapshot *s, const char *code);
/* `unit` is `above` or lies below it. */
bool snapshot_unit_within(const struct snapshot *s, int64_t unit, int64_t above);
const struct snap_terminal *snapshot_terminal(const struct snapshot *s, int64_t id);
const struct snap_terminal *snapshot_terminal_by_uuid(const struct snapshot *s,
						      const struct uuid *uuid);
/* By the serial of the certificate in force, lower-case hexadecimal. */
const struct snap_terminal *snapshot_terminal_by_serial(const struct snapshot *s,
							const char *serial);
/*
 * By host name or asset number (gate/facts/terminal_names.h), once snapshot_name_terminals() was
 * called; NULL also when several share the name. A host name with its domain is found without it.
 */
int snapshot_name_terminals(struct snapshot *s, bool by_asset_no) MUST_CHECK;
const struct snap_terminal *snapshot_terminal_named(const struct snapshot *s, const char *name);
/* All that hangs at a MAC: whoever asks for more than one thing of it looks it up once. */
struct snap_device;
const struct snap_device *snapshot_device(const struct snapshot *s, const struct mac *mac);
/* Of a device, NULL too. The id of the terminal that owns it, known or not; 0: nobody does. */
int64_t snapshot_owner(const struct snap_device *d);
const struct snap_terminal *snapshot_terminal_of(const struct snapshot *s,
						 const struct snap_device *d);
/* The first of its permits; NULL when there is none. */
const struct snap_permit *snapshot_permits_of(const struct snapshot *s,
					      const struct snap_device *d);
bool snapshot_denies(const struct snapshot *s, const struct snap_device *d, int64_t now_ms);
/* The terminal that owns the MAC. */
const struct snap_terminal *snapshot_terminal_by_mac(const struct snapshot *s,
						     const struct mac *mac);
const struct snap_account *snapshot_account(const struct snapshot *s, const char *name);
bool snapshot_account_allowed(const struct snapshot *s, int64_t terminal_id, int64_t account_id);
/* The first of this MAC's permits, and the next of the same; NULL when there is none. */
const struct snap_permit *snapshot_permits(const struct snapshot *s, const struct mac *mac);
const struct snap_permit *snapshot_next_permit(const struct snapshot *s,
					       const struct snap_permit *p);
bool snapshot_denied(const struct snapshot *s, const struct mac *mac, int64_t now_ms);
/* A gate's certificate, by its serial, lower-case hexadecimal. */
bool snapshot_revoked(const struct snapshot *s, const char *serial);
/* The end of a bypass that covers the unit now; 0 when there is none. */
int64_t snapshot_bypass_until(const struct snapshot *s, int64_t unit_id, int64_t now_ms);
/* Grows whenever a switch is added, changed or removed. */
uint64_t snapshot_switches_epoch(const struct snapshot *s);
struct snap_switch *snapshot_next_switch(const struct snapshot *s, size_t *at);
/* The address plan: grows whenever a pair is added, changed or removed; walked as the accounts are.
 */
uint64_t snapshot_addresses_epoch(const struct snapshot *s);
const menshen_SnapAddress *snapshot_next_address(const struct snapshot *s, size_t *at);
/* The addresses of one MAC, in no order: `size_t at = SNAPSHOT_FIRST; while ((a = ...))`. */
#define SNAPSHOT_FIRST SIZE_MAX
const menshen_SnapAddress *snapshot_address_of(const struct snapshot *s, const struct mac *mac,
					       size_t *at);
/* Walks the accounts: `size_t at = 0; while ((a = snapshot_next_account(s, &at)))`. */
const struct snap_account *snapshot_next_account(const struct snapshot *s, size_t *at);

/*
 * The name an account is known by: `DOMAIN\` and `@realm` stripped, ASCII letters folded.
 * -ENAMETOOLONG; -EINVAL when nothing is left or it is not clean text.
 */
int account_name(char dst[static ACCOUNT_NAME_SIZE], const char *name, size_t len) MUST_CHECK;

static inline void snapshot_free_cleanup(struct snapshot **s)
{
	snapshot_free(*s);
}
#define CLEANUP_SNAPSHOT CLEANUP(snapshot_free_cleanup)
