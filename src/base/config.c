#include "base/config.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define KEYS_MAX 128
#define FILE_MAX (1U << 20)

struct loading {
	const char *path;
	const struct config_key *keys;
	size_t count;
	void *target;
	char expected[CONFIG_ERROR_SIZE / 2]; /* what the first bad line should have been */
	bool seen[KEYS_MAX];
	int expected_line;
	struct reader text;
	int line; /* the last one that inih was given */
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
	case CONFIG_PARSED:
		return key->parse(text, field);
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
	case CONFIG_PARSED:
		snprintf(dst, size, "%s", key->wanted);
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
static int on_setting(void *user, const char *section, const char *name, const char *value)
{
	struct loading *l = user;
	size_t i = find_key(l, section, name), size = sizeof(l->expected);
	char wanted[96];

	if (l->expected[0])
		return 0; /* only the first bad line is told */
	l->expected_line = l->line;
	if (i == l->count) {
		snprintf(l->expected, size, "no setting is called '%.60s' in [%.60s]", name,
			 section);
	} else if (l->seen[i]) {
		snprintf(l->expected, size,
			 "'%.60s' stands twice (an indented line continues the one above)", name);
	} else if (set_value(&l->keys[i], l->target, value)) {
		describe(&l->keys[i], wanted, sizeof(wanted));
		snprintf(l->expected, size, "'%s' wants %s, not '%.80s'", name, wanted, value);
	} else {
		l->seen[i] = true;
	}
	return l->expected[0] == 0;
}

/*
 * inih's reader, like fgets(). A line that does not fit is refused here, since inih would take its
 * rest for a line of its own; so is a NUL, behind which inih sees nothing.
 */
static char *next_line(char *dst, int size, void *user)
{
	struct loading *l = user;
	const uint8_t *end = l->text.left ? memchr(l->text.p, '\n', l->text.left) : NULL;
	size_t len = end ? (size_t)(end - l->text.p) + 1 : l->text.left;
	const uint8_t *line;

	if (len == 0 || l->expected[0] || reader_bytes(&l->text, len, &line))
		return NULL;
	l->line++;
	l->expected_line = l->line;
	if (len >= (size_t)size || memchr(line, 0, len)) {
		snprintf(l->expected, sizeof(l->expected),
			 "a line is text of at most %d bytes, without a zero byte", size - 2);
		return NULL;
	}
	memcpy(dst, line, len);
	dst[len] = 0;
	return dst;
}

static int fill_missing(const struct loading *l, char *error)
{
	char wanted[96];

	for (size_t i = 0; i < l->count; i++) {
		const struct config_key *key = &l->keys[i];

		if (l->seen[i])
			continue;
		describe(key, wanted, sizeof(wanted));
		if (!key->fallback) {
			snprintf(error, CONFIG_ERROR_SIZE,
				 "%s: '%s' in [%s] is missing: it wants %s", l->path, key->name,
				 key->section, wanted);
			return -EINVAL;
		}
		if (set_value(key, l->target, key->fallback)) {
			snprintf(error, CONFIG_ERROR_SIZE,
				 "%s: '%s' in [%s] is missing and its default '%s' is not %s",
				 l->path, key->name, key->section, key->fallback, wanted);
			return -EINVAL;
		}
	}
	return 0;
}

static int parse_text(struct loading *l, char *error)
{
	int line = ini_parse_stream(next_line, l, on_setting, l);

	if (line < 0) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: no memory is left to read it", l->path);
		return -ENOMEM;
	}
	if (l->expected[0] && (line == 0 || line == l->expected_line)) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s:%d: %s", l->path, l->expected_line,
			 l->expected);
		return -EINVAL;
	}
	if (line > 0) { /* inih could not make sense of it */
		snprintf(error, CONFIG_ERROR_SIZE,
			 "%s:%d: a line is [section], name = value or ; comment", l->path, line);
		return -EINVAL;
	}
	return fill_missing(l, error);
}

int config_load(const char *path, const struct config_key *keys, size_t count, void *target,
		char error[static CONFIG_ERROR_SIZE])
{
	struct loading l = {.path = path, .keys = keys, .count = count, .target = target};
	CLEANUP_BUF struct buf text = BUF_INIT;
	int err;

	error[0] = 0;
	if (count > KEYS_MAX) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: its program has more than %d settings",
			 path, KEYS_MAX);
		return -E2BIG;
	}
	err = file_read(path, FILE_MAX, &text);
	if (err) {
		snprintf(error, CONFIG_ERROR_SIZE, "%s: cannot be read: %s", path, strerror(-err));
		return err;
	}
	l.text = (struct reader){text.data, text.len};
	return parse_text(&l, error);
}
