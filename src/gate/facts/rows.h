/*
 * The rows that a region has by the hundred thousand, as they lie in a gate's memory: numbers as
 * they are, texts at their own length behind them, and what most rows do not have only where they
 * have it. Each has its form on the wire and comes back from it unchanged (`_pack`, `_unpack`).
 */
#pragma once

#include "base/mac.h"
#include "base/uuid.h"
#include "wire/menshen.pb.h"

/* Moments that few terminals have. */
enum snap_time {
	SNAP_UNTIL,	     /* of a visitor */
	SNAP_ISOLATED_UNTIL, /* 0: until released */
	SNAP_POSTURE_EXEMPT_UNTIL,
	SNAP_SUPPLICANT_EXEMPT_UNTIL,
	SNAP_ACCOUNT_LIVE_EXEMPT_UNTIL,
	SNAP_TIMES
};

enum snap_text {
	SNAP_CERTIFICATE, /* serial in force, lower-case hexadecimal */
	SNAP_NAME,	  /* of the host */
	SNAP_ASSET_NO,
	SNAP_TEXTS
};

struct snap_terminal {
	int64_t id;
	int64_t unit_id;
	int64_t posture_at_ms;
	struct uuid uuid; /* zero without `has_uuid` */
	uint8_t kind;	  /* enum terminal_kind */
	uint8_t status;	  /* enum terminal_status */
	uint8_t posture;  /* enum posture */
	uint8_t times;	  /* bits: which moments are behind */
	bool has_uuid : 1;
	bool lifeline : 1;
	bool isolated_by_person : 1;
	bool policy_old : 1;
	int64_t behind[]; /* the moments in order, then the texts, each with its NUL */
};

/* Wall-clock milliseconds; 0: it has none. */
int64_t snap_terminal_time(const struct snap_terminal *t, enum snap_time which);
/* "" when there is none. */
const char *snap_terminal_text(const struct snap_terminal *t, enum snap_text which);
/* Bytes that the row takes; -EBADMSG: no terminal of ours says such a thing. */
int snap_terminal_size(const menshen_SnapTerminal *m, size_t *ret) MUST_CHECK;
void snap_terminal_pack(const menshen_SnapTerminal *m, struct snap_terminal *to);
void snap_terminal_unpack(const struct snap_terminal *t, menshen_SnapTerminal *to);

struct snap_account {
	int64_t id;
	int64_t unit_id;
	int64_t locked_until_ms;
	uint8_t name_len;
	uint8_t sealed_len;
	bool enabled : 1;
	bool directory : 1;
	char name[]; /* letters folded; behind its NUL what is sealed */
};

/* The NT hash, sealed; `name_len + 1` bytes behind the name. */
const uint8_t *snap_account_sealed(const struct snap_account *a);
size_t snap_account_size(const menshen_SnapAccount *m);
void snap_account_pack(const menshen_SnapAccount *m, struct snap_account *to);
void snap_account_unpack(const struct snap_account *a, menshen_SnapAccount *to);

struct snap_permit {
	int64_t id;
	int64_t switch_id;
	int64_t terminal_id;
	int64_t from_ms, until_ms;
	const char *port; /* shared by many; "": anywhere on the switch */
	uint32_t next;	  /* snapshot_next_permit() */
	struct mac mac;
	uint8_t hours_count;
	uint32_t hours[]; /* windows, as policy/hours.h packs them */
};

size_t snap_permit_size(const menshen_SnapPermit *m);
/* `port` must live as long; `next` is left 0. */
void snap_permit_pack(const menshen_SnapPermit *m, const char *port, struct snap_permit *to);
void snap_permit_unpack(const struct snap_permit *p, menshen_SnapPermit *to);
