#include "vendor/configuration.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	size_t offset;
} words[] = {
	{"name", offsetof(struct configuration, name)},
	{"address", offsetof(struct configuration, address)},
	{"gate", offsetof(struct configuration, gate)},
	{"gate2", offsetof(struct configuration, gate2)},
	{"secret", offsetof(struct configuration, secret)},
	{"coa-port", offsetof(struct configuration, coa_port)},
	{"vlan", offsetof(struct configuration, vlan)},
	{"isolation-vlan", offsetof(struct configuration, isolation_vlan)},
	{"critical-vlan", offsetof(struct configuration, critical_vlan)},
	{"voice-vlan", offsetof(struct configuration, voice_vlan)},
	{"isolation-acl", offsetof(struct configuration, isolation_acl)},
	{"ports", offsetof(struct configuration, ports)},
	{"community", offsetof(struct configuration, community)},
	{"reach", offsetof(struct configuration, reach)},
};

/* A word in braces at `text`: its length with them, and which one; 0 when it is none. */
static size_t read_word(const char *text, size_t len, size_t *ret)
{
	size_t skip = len > 1 && (text[1] == '?' || text[1] == '!') ? 2 : 1;
	const char *end = memchr(text, '}', len);

	for (size_t i = 0; end && i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i].name);

		if ((size_t)(end - text) == n + skip &&
		    memcmp(text + skip, words[i].name, n) == 0) {
			*ret = i;
			return n + skip + 1;
		}
	}
	return 0;
}

static const char *value_of(const struct configuration *c, size_t word)
{
	const char *value;

	memcpy(&value, (const char *)c + words[word].offset, sizeof(value));
	return value ? value : "";
}

/* Walks one line; with `c` it writes as well. -ENODATA: the line is to be left out. */
static int walk_line(const char *line, size_t len, const struct configuration *c, struct buf *to)
{
	for (size_t i = 0; i < len;) {
		size_t word, n = 1;

		if (line[i] != '{') {
			if (c)
				buf_append(to, line + i, 1);
		} else if (i + 1 < len && line[i + 1] == '{') {
			n = 2;
			if (c)
				buf_append(to, "{", 1);
		} else {
			n = read_word(line + i, len - i, &word);
			if (n == 0)
				return -EINVAL;
			if (c && !value_of(c, word)[0] != (line[i + 1] == '!'))
				return -ENODATA;
			if (c && line[i + 1] != '?' && line[i + 1] != '!')
				buf_puts(to, value_of(c, word));
		}
		i += n;
	}
	return 0;
}

int configuration_check(const char *text, size_t len, unsigned *ret_line)
{
	const char *end = text + len;
	unsigned at = 0;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);

		at++;
		if (n > CONFIGURATION_LINE_MAX || walk_line(text, n, NULL, NULL)) {
			*ret_line = at;
			return -EINVAL;
		}
		text += n + (stop ? 1 : 0);
	}
	return 0;
}

void configuration_write(const char *text, const struct configuration *c, struct buf *to)
{
	while (*text) {
		CLEANUP_BUF struct buf line = BUF_INIT;
		size_t n = strcspn(text, "\n");

		if (walk_line(text, n, c, &line) == 0) {
			buf_append(to, line.data, line.len);
			buf_puts(to, "\n");
		}
		text += n + (text[n] ? 1 : 0);
	}
}
