#include "base/config.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define KEYS_MAX 64

struct loading {
	const char *path;
	const struct config_key *keys;
	size_t count;
	void *target;
	char expected[CONFIG_ERROR_SIZE / 2]; /* what the first bad line should have been */
	bool seen[KEYS_MAX];
};

static int set_value(const struct config_key *key, void *target, const char *text)
{
	void *field = (char *)target + key->offset;

	switch (key->type) {
	case CONFIG_TEXT:
		return text_copy(field, key->size, text);
	case CONFIG_U64:
		return text_to_u64(text, key->min, key->max, field);
	case CONFIG_BOOL:
		if (!text_equal(text, "yes") && !text_equal(text, "no"))
			return -EINVAL;
		*(bool *)field = text_equal(text, "yes");
		return 0;
	case CONFIG_ADDRESS:
		return addr_parse(text, (uint16_t)key->min, field);
	}
	return -EINVAL;
}

static void describe(const struct config_key *key, char *dst, size_t size)
{
	switch (key->type) {
	case CONFIG_TEXT:
		snprintf(dst, size, "text of at most %zu bytes", key->size - 1);
		break;
	case CONFIG_U64:
		snprintf(dst, size, "a number from %llu to %llu", (unsigned long long)key->min,
			 (unsigned long long)key->max);
		break;
	case CONFIG_BOOL:
		snprintf(dst, size, "yes or no");
		break;
	case CONFIG_ADDRESS:
		snprintf(dst, size, "a numeric address such as 10.1.0.2:1812 or [::1]:1812");
		break;
	}
}

static size_t find_key(const struct loading *l, const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (text_equal(l->keys[i].section, section) && text_equal(l->keys[i].name, name))
			break;
	return i;
}

/* inih's handler: 1 is good, 0 bad; ini_parse returns the number of the first bad line. */
static int on_line(void *user, const char *section, const char *name, const char *value)
{
	struct loading *l = user;
	size_t i = find_key(l, section, name), size = sizeof(l->expected);
	char wanted[96];

	if (l->expected[0])
		return 0; /* only the first bad line is told */
	if (i == l->count) {
		snprintf(l->expected, size, "no setting is called '%.60s' in [%.60s]", name,
			 section);
	} else if (l->seen[i]) {
		snprintf(l->expected, size, "'%.60s' stands twice", name);
	} else if (set_value(&l->keys[i], l->target, value)) {
		describe(&l->keys[i], wanted, sizeof(wanted));
		snprintf(l->expected, size, "'%s' wants %s, not '%.80s'", name, wanted, value);
	} else {
		l->seen[i] = true;
	}
	return l->expected[0] == 0;
}

static int fill_missing(const struct loading *l, char *error)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct config_key *key = &l->keys[i];

		if (l->seen[i])
			continue;
		if (!key->fallback) {
			snprintf(error, CONFIG_ERROR_SIZE, "%s: '%s' in [%s] is missing", l->path,
				 key->name, key->section);
			return -EINVAL;
		}
		if (set_value(key, l->target, key->fallback))
			return -EINVAL;
	}
	return 0;
}

int config_load(const char *path, const struct config_key *keys, size_t count, void *target,
		char error[static CONFIG_ERROR_SIZE])
{
	struct loading l = {.path = path, .keys = keys, .count = count, .target = target};
	int line;

	error[0] = 0;
	if (count > KEYS_MAX)
		return -E2BIG;
	line = ini_parse(path, on_line, &l);
	if (line < 0) {
		int err = errno ? -errno : -EIO;

		snprintf(error, CONFIG_ERROR_SIZE, "%s: cannot be read: %s", path, strerror(-err));
		return err;
	}
	if (line > 0) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s:%d: %s", path, line,
			 l.expected[0] ? l.expected
				       : "a line is [section], name = value or ; comment");
		return -EINVAL;
	}
	return fill_missing(&l, error);
}
