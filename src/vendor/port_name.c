#include "vendor/port_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define PARTS_MAX 16
#define NUMBER_BITS 32
#define KEY_ALPHABET "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
#define DIGITS "0123456789"

/* "slot=0" of a word; points into it, or into `digits`. */
struct part {
	const char *key, *value;
	size_t key_len, value_len;
};

struct parts {
	size_t count;
	struct part list[PARTS_MAX];
	char digits[VENDOR_PORT_FIELDS_MAX][12];
};

/* ---- the rules ---- */

/* Is what stands in braces at `text` a key? Its length, without the braces; 0: none. */
static size_t key_at(const char *text)
{
	size_t len = strspn(text + 1, KEY_ALPHABET);

	return text[1 + len] == '}' && len < VENDOR_PORT_KEY_SIZE ? len : 0;
}

static int add_name(struct vendor_ports *p, const char *value)
{
	size_t words = 0;

	for (const char *at = value; *at; at++) {
		if (*at == '}')
			return -EINVAL;
		if (*at != '{')
			continue;
		if (!key_at(at))
			return -EINVAL;
		at += key_at(at) + 1;
		words++;
	}
	if (!words || p->name_count == VENDOR_PORT_NAMES_MAX ||
	    text_copy(p->names[p->name_count], VENDOR_PORT_SIZE, value))
		return -EINVAL;
	p->name_count++;
	return 0;
}

/* The next of the words that blanks part, at most `size` - 1 bytes. False: none, or a longer one.
 */
static bool next_word(const char **at, char *dst, size_t size)
{
	const char *word = *at + strspn(*at, " \t");
	size_t len = strcspn(word, " \t");

	*at = word + len;
	return len && text_copy_n(dst, size, word, len) == 0;
}

static int set_number(struct vendor_ports *p, const char *value)
{
	unsigned left = NUMBER_BITS;

	if (p->field_count)
		return -EINVAL;
	while (left) {
		struct vendor_port_field *f = &p->fields[p->field_count];
		char bits[4];
		uint64_t n;

		if (p->field_count == VENDOR_PORT_FIELDS_MAX ||
		    !next_word(&value, f->key, sizeof(f->key)) ||
		    strspn(f->key, KEY_ALPHABET) != strlen(f->key) ||
		    !next_word(&value, bits, sizeof(bits)) || text_to_u64(bits, 1, left, &n))
			return -EINVAL;
		left -= (unsigned)n;
		f->bits = (unsigned)n;
		f->shift = left;
		p->field_count++;
	}
	return value[strspn(value, " \t")] ? -EINVAL : 0;
}

static int add_begin(struct vendor_ports *p, const char *value)
{
	struct vendor_port_begin *b = &p->begins[p->begin_count];

	if (p->begin_count == VENDOR_PORT_BEGINS_MAX ||
	    !next_word(&value, b->from, sizeof(b->from)) ||
	    !next_word(&value, b->to, sizeof(b->to)) || value[strspn(value, " \t")])
		return -EINVAL;
	p->begin_count++;
	return 0;
}

int vendor_ports_set(struct vendor_ports *p, const char *name, const char *value,
		     const char **ret_wanted)
{
	static const struct {
		const char *name, *wanted;
		int (*set)(struct vendor_ports *p, const char *value);
	} settings[] = {
		{"name",
		 "'name' in [port] wants at most 4 lines, of at most 63 bytes each, with a {word}",
		 add_name},
		{"number", "'number' in [port] wants one line of words and bits, 32 bits in all",
		 set_number},
		{"begin", "'begin' in [port] wants at most 16 lines of two words", add_begin},
	};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (text_equal(settings[i].name, name)) {
			*ret_wanted = settings[i].wanted;
			return settings[i].set(p, value);
		}
	return -ENOENT;
}

bool vendor_ports_any(const struct vendor_ports *p)
{
	return p->name_count || p->begin_count;
}

/* ---- a word's parts ---- */

static void trim(const char **text, size_t *len)
{
	while (*len && (**text == ' ' || **text == '\t')) {
		++*text;
		--*len;
	}
	while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
		--*len;
}

static bool all_digits(const char *text, size_t len)
{
	return len && strspn(text, DIGITS) >= len;
}

/* "01" is "1": an ifName has no zeros in front. */
static void drop_zeros(struct part *p)
{
	while (p->value_len > 1 && *p->value == '0' && all_digits(p->value, p->value_len)) {
		p->value++;
		p->value_len--;
	}
}

/* False: it is no list of KEY=VALUE that semicolons part. The last may be ended by one, too. */
static bool read_parts(const char *word, struct parts *ret)
{
	while (*word) {
		size_t len = strcspn(word, ";");
		const char *equals = memchr(word, '=', len);
		struct part p = {.key = word, .key_len = equals ? (size_t)(equals - word) : 0};

		if (!equals || ret->count == PARTS_MAX)
			return false;
		p.value = equals + 1;
		p.value_len = (size_t)(word + len - p.value);
		trim(&p.key, &p.key_len);
		trim(&p.value, &p.value_len);
		drop_zeros(&p);
		if (!p.key_len || !p.value_len)
			return false;
		ret->list[ret->count++] = p;
		word += len + (word[len] == ';');
		word += strspn(word, " \t");
	}
	return ret->count > 0;
}

static bool split_number(const struct vendor_ports *p, const char *word, struct parts *ret)
{
	uint64_t number;

	/* Zeros in front: no number of ours, but text of a fixed width, which is something else. */
	if (!p->field_count || (word[0] == '0' && word[1]) ||
	    text_to_u64(word, 0, UINT32_MAX, &number))
		return false;
	for (size_t i = 0; i < p->field_count; i++) {
		const struct vendor_port_field *f = &p->fields[i];
		uint64_t mask = (1ULL << f->bits) - 1;
		int len = snprintf(ret->digits[i], sizeof(ret->digits[i]), "%u",
				   (unsigned)(number >> f->shift & mask));

		ret->list[i] = (struct part){f->key, ret->digits[i], strlen(f->key), (size_t)len};
	}
	ret->count = p->field_count;
	return true;
}

static const struct part *part_of(const struct parts *parts, const char *key, size_t len)
{
	for (size_t i = 0; i < parts->count; i++)
		if (parts->list[i].key_len == len && strncasecmp(parts->list[i].key, key, len) == 0)
			return &parts->list[i];
	return NULL;
}

/*
 * A word lacks, the name grows too long, or all of its words are 0, which is what a switch says
 * that knows no port (of a wireless network, say): false.
 */
static bool fill(const char *name, const struct parts *parts, char ret[static VENDOR_PORT_SIZE])
{
	size_t len = 0, n;
	bool says = false;

	for (; *name; name += n) {
		struct part p = {.value = name, .value_len = 1};

		n = 1;
		if (*name == '{') {
			const struct part *there = part_of(parts, name + 1, key_at(name));

			if (!there)
				return false;
			p = *there;
			n = key_at(name) + 2;
			says |= p.value_len != 1 || *p.value != '0';
		}
		if (len + p.value_len >= VENDOR_PORT_SIZE)
			return false;
		memcpy(ret + len, p.value, p.value_len);
		len += p.value_len;
	}
	ret[len] = 0;
	return says;
}

static bool name_by_parts(const struct vendor_ports *p, const char *word,
			  char ret[static VENDOR_PORT_SIZE])
{
	struct parts parts = {.count = 0};
	char name[VENDOR_PORT_SIZE];

	if (!p->name_count || !(split_number(p, word, &parts) || read_parts(word, &parts)))
		return false;
	for (size_t i = 0; i < p->name_count; i++)
		if (fill(p->names[i], &parts, name))
			return text_copy(ret, VENDOR_PORT_SIZE, name) == 0;
	return false;
}

/* ---- another spelling ---- */

static bool name_by_begin(const struct vendor_ports *p, const char *word,
			  char ret[static VENDOR_PORT_SIZE])
{
	char name[VENDOR_PORT_SIZE];

	for (size_t i = 0; i < p->begin_count; i++) {
		const struct vendor_port_begin *b = &p->begins[i];
		const char *rest = word + strlen(b->from);
		int len;

		if (strncasecmp(word, b->from, strlen(b->from)) != 0)
			continue;
		rest += strspn(rest, " ");
		if (!strchr(DIGITS, *rest) || !*rest)
			continue;
		len = snprintf(name, sizeof(name), "%s%s", b->to, rest);
		return len < VENDOR_PORT_SIZE && text_copy(ret, VENDOR_PORT_SIZE, name) == 0;
	}
	return false;
}

int vendor_port_name(const struct vendor_ports *p, const char *word,
		     char ret[static VENDOR_PORT_SIZE])
{
	char named[VENDOR_PORT_SIZE];
	bool is_named = name_by_parts(p, word, named);

	if (name_by_begin(p, is_named ? named : word, ret))
		return 0;
	return text_copy(ret, VENDOR_PORT_SIZE, is_named ? named : word) ? -EMSGSIZE : 0;
}

bool vendor_port_is(const struct vendor_ports *p, const char *stored, const char *name)
{
	char named[VENDOR_PORT_SIZE];

	if (text_equal(stored, name))
		return true;
	return vendor_ports_any(p) && vendor_port_name(p, stored, named) == 0 &&
	       text_equal(named, name);
}
