#include "server/jobs/breaker.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"

struct passed {
	int64_t at_ms;
	char path[BREAKER_PATH_SIZE];
};

struct breaker {
	struct breaker_options o;
	struct map units;      /* path -> struct breaker_unit */
	struct passed *passed; /* oldest first */
	size_t passed_count, passed_size;
};

int breaker_new(const struct breaker_options *options, struct breaker **ret)
{
	struct breaker *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->o = *options;
	map_init(&b->units, 0);
	*ret = b;
	return 0;
}

void breaker_free(struct breaker *b)
{
	struct breaker_unit *u;
	size_t at = 0;

	if (!b)
		return;
	while ((u = map_next(&b->units, &at)))
		free(u);
	map_done(&b->units);
	free(b->passed);
	free(b);
}

/* Calls `fn` for the path and each path above it: "/1/4/" and "/1/". */
static int each_level(struct breaker *b, const char *path,
		      int (*fn)(struct breaker *b, const char *level))
{
	char level[BREAKER_PATH_SIZE];
	int err = text_copy(level, sizeof(level), path);
	size_t len = strlen(path);

	while (!err && len > 1) {
		level[len] = 0;
		err = fn(b, level);
		do
			len--;
		while (len > 0 && level[len - 1] != '/');
	}
	return err;
}

static int unit_at(struct breaker *b, const char *path, struct breaker_unit **ret)
{
	struct breaker_unit *u = map_get(&b->units, path);
	int err;

	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u)
			return -ENOMEM;
		err = text_copy(u->path, sizeof(u->path), path);
		if (!err)
			err = map_put(&b->units, u->path, u, NULL);
		if (err) {
			free(u);
			return err;
		}
	}
	*ret = u;
	return 0;
}

static int count_recent(struct breaker *b, const char *level)
{
	struct breaker_unit *u = map_get(&b->units, level);

	if (u)
		u->recent++;
	return 0;
}

static int count_hit(struct breaker *b, const char *level)
{
	struct breaker_unit *u;
	int err = unit_at(b, level, &u);

	if (!err)
		u->hits++;
	return err;
}

static void forget_old(struct breaker *b, int64_t now_ms)
{
	size_t old = 0;

	while (old < b->passed_count && b->passed[old].at_ms <= now_ms - b->o.window_ms)
		old++;
	if (old > 0) {
		b->passed_count -= old;
		memmove(b->passed, b->passed + old, b->passed_count * sizeof(*b->passed));
	}
}

void breaker_begin(struct breaker *b, int64_t now_ms)
{
	struct breaker_unit *u;
	size_t at = 0;

	forget_old(b, now_ms);
	while ((u = map_next(&b->units, &at))) {
		u->was_tripped = u->tripped;
		u->hits = 0;
		u->tripped = false;
	}
}

int breaker_hit(struct breaker *b, const char *path)
{
	return each_level(b, path, count_hit);
}

struct breaker_unit *breaker_next_unit(struct breaker *b, size_t *at)
{
	struct breaker_unit *u;

	if (*at == 0) {
		size_t all = 0;

		while ((u = map_next(&b->units, &all)))
			u->recent = 0;
		for (size_t i = 0; i < b->passed_count; i++)
			(void)each_level(b, b->passed[i].path, count_recent);
	}
	while ((u = map_next(&b->units, at)) && u->hits == 0)
		;
	return u;
}

void breaker_judge(const struct breaker *b, struct breaker_unit *u, uint64_t population)
{
	uint64_t touched = u->hits + u->recent;

	u->tripped = touched >= b->o.least && touched * 100 > (uint64_t)b->o.percent * population;
}

bool breaker_is_tripped(const struct breaker *b, const char *path)
{
	const struct breaker_unit *u = map_get(&b->units, path);

	return u && u->tripped;
}

bool breaker_holds(const struct breaker *b, const char *path)
{
	char level[BREAKER_PATH_SIZE];
	size_t len = strlen(path);

	if (text_copy(level, sizeof(level), path))
		return true; /* a path that no unit can have */
	while (len > 1) {
		const struct breaker_unit *u;

		level[len] = 0;
		u = map_get(&b->units, level);
		if (u && u->tripped)
			return true;
		do
			len--;
		while (len > 0 && level[len - 1] != '/');
	}
	return false;
}

int breaker_passed(struct breaker *b, const char *path, int64_t now_ms)
{
	if (b->passed_count == b->passed_size) {
		size_t size = b->passed_size ? b->passed_size * 2 : 64;
		struct passed *grown = reallocarray(b->passed, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		b->passed = grown;
		b->passed_size = size;
	}
	b->passed[b->passed_count].at_ms = now_ms;
	return text_copy(b->passed[b->passed_count++].path, BREAKER_PATH_SIZE, path);
}
