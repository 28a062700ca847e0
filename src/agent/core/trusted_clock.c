#include "agent/core/trusted_clock.h"

#include <stdio.h>

#include "base/file.h"
#include "base/text.h"

int64_t build_time_ms(void)
{
	return MENSHEN_BUILD_TIME_S * SECOND_MS;
}

static void raise_floor(struct trusted_clock *c, int64_t to_ms)
{
	c->floor_ms = to_ms;
	c->floor_mono_ms = clock_mono_ms();
}

void trusted_clock_init(struct trusted_clock *c, const char *path, int64_t built_ms)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int64_t kept;

	*c = (struct trusted_clock){0};
	snprintf(c->path, sizeof(c->path), "%s", path);
	raise_floor(c, built_ms);
	if (file_read(path, 32, &text) || text_to_i64(buf_str(&text), 0, INT64_MAX / 2, &kept))
		return;
	c->saved_ms = kept;
	if (kept > built_ms)
		raise_floor(c, kept);
}

int64_t trusted_clock_now_ms(const struct trusted_clock *c)
{
	int64_t counted = c->floor_ms + (clock_mono_ms() - c->floor_mono_ms);

	return MAX(clock_wall_ms(), counted);
}

int trusted_clock_learn(struct trusted_clock *c, int64_t server_ms)
{
	char text[24];
	int n, err;

	if (server_ms <= c->floor_ms + (clock_mono_ms() - c->floor_mono_ms))
		return 0;
	raise_floor(c, server_ms);
	if (server_ms < c->saved_ms + HOUR_MS)
		return 0;
	n = snprintf(text, sizeof(text), "%lld", (long long)server_ms);
	err = file_replace(c->path, text, (size_t)n, 0600);
	if (!err)
		c->saved_ms = server_ms;
	return err;
}
