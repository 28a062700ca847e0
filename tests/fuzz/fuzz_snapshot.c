/* Rows of a snapshot as a server or a disk might send them: applied, walked, written, read again.
 */
#include <string.h>

#include "gate/facts/snapshot_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t apply_all(struct snapshot *s, const uint8_t *data, size_t len)
{
	struct frame f;
	size_t used, at = 0, refused = 0;

	while (frame_parse(data + at, len - at, &f, &used) == 0) {
		refused += snapshot_apply(s, &f) != 0;
		at += used;
	}
	return refused;
}

static void look(const struct snapshot *s)
{
	const struct snap_account *a;
	struct snap_switch *sw;
	size_t at = 0;

	while ((sw = snapshot_next_switch(s, &at))) {
		if (sw->usable)
			abort(); /* nobody sealed a secret for this key */
		(void)snapshot_bypass_until(s, sw->row.unit_id, 1);
	}
	for (at = 0; (a = snapshot_next_account(s, &at));)
		if (!snapshot_account(s, a->name))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_SNAPSHOT struct snapshot *s = NULL, *again = NULL, *file = NULL;
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	int64_t saved_at_ms;

	if (snapshot_new(NULL, &s) || snapshot_new(NULL, &again) || snapshot_new(NULL, &file))
		abort();
	(void)!snapshot_decode(data, len, file, &saved_at_ms);
	apply_all(s, data, len);
	look(s);
	snapshot_encode(s, false, &bytes);
	if (bytes.error || apply_all(again, bytes.data, bytes.len) ||
	    snapshot_rows(again) != snapshot_rows(s))
		abort();
	return 0;
}
