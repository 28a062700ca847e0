/* The sessions' log as a disk might give it back: walked, restored, written, restored again. */
#include <string.h>

#include "gate/line/applog.h"
#include "gate/live/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void ignore(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
}

static void restore_again(void *arg, const uint8_t *entry, size_t len)
{
	if (sessions_restore(arg, entry, len))
		abort(); /* what we write, we read */
}

static int restore(void *arg, const uint8_t *entry, size_t len)
{
	return sessions_restore(arg, entry, len) == -ENOMEM ? -ENOMEM : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_SESSIONS struct sessions *s = NULL, *again = NULL;
	const struct session_report report = {.at_ms = 1};
	struct session *n;
	size_t at = 0, live = 0;
	int err;

	if (sessions_new(ignore, NULL, &s) || sessions_new(ignore, NULL, &again))
		abort();
	if (applog_walk(data, len, restore, s, &err) > len)
		abort();
	(void)!sessions_restore(s, data, len);
	while ((n = sessions_next(s, &at)))
		live += session_is_live(n);
	if (live != sessions_live(s))
		abort();
	sessions_dump(s, 0, restore_again, again);
	if (sessions_live(again) != live)
		abort();
	for (at = 0; (n = sessions_next(s, &at));)
		sessions_end(s, n, &report);
	if (sessions_live(s) != 0)
		abort();
	return 0;
}
