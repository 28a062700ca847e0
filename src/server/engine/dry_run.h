/*
 * Kept knocks decided again under rules that are not in force yet, by the gates' own pure verdict
 * (policy/replay.h): who would have been kept out, and is let in today.
 *
 * Which facts: those of the moment as the record holds them (who was proven, permits, posture,
 * sessions); the guards' findings of the moment as desks reported them; exemptions by their own
 * dates. A terminal's kind, and a unit's mode where no record tells it, are today's. The port
 * limits are not replayed, for no record says how full a port was. Breakers are not, either: they
 * would stop a wave, and it is the wave that one wants to see. Each row is also decided by today's
 * facts alone, so that what has been mended since is told from what has not.
 *
 * Reads beside the writer; memory is bounded by the rows that are told and the terminals that
 * knocked.
 */
#pragma once

#include "policy/replay.h"
#include "store/store.h"

#define DRY_RUN_MODES_MOST 64
#define DRY_RUN_ROWS_MOST 100000

struct dry_run_mode {
	const char *path; /* of the unit; what lies below it has the same, unless said otherwise */
	enum mode mode;
};

struct dry_run_spec {
	int64_t from_ms, until_ms, now_ms;
	const json_t *scope; /* array of paths: units whose knocks are replayed; NULL: all */
	struct dry_run_mode modes[DRY_RUN_MODES_MOST];
	size_t mode_count;
	const json_t *policy; /* a draft whose guards decide; NULL: as it was */
	bool no_exemptions, no_bypasses;
	size_t most; /* rows; what goes beyond them is counted. At most DRY_RUN_ROWS_MOST */
};

/*
 * {"from_at", "until_at", "replayed", "not_replayed", "kept_out_then", "kept_out", "let_in",
 *  "devices", "rows_left_out", "rows": [{"mac", "terminal_id", "asset_no", "person", "account",
 *  "unit_name", "switch_name", "port", "times", "first_at", "last_at", "verdict", "reason",
 *  "today", "today_reason"}]}
 * Counts are of knocks, "devices" of MACs that would newly have been kept out. A row is one device
 * at one place with one account and one reason, the most frequent first; reasons are codes, names
 * that nobody has are null.
 */
int dry_run(struct store_db *db, const struct dry_run_spec *spec, json_t **ret) MUST_CHECK;
