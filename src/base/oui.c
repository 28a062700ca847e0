#include "base/oui.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define FILE_MAX (16U << 20)
#define LINES_MAX 200000
#define PREFIX_DIGITS_MAX 9

struct vendor {
	uint64_t prefix; /* as 36 bits, zeros behind */
	uint8_t digits;
	char name[OUI_NAME_SIZE];
};

struct oui {
	struct vendor *list; /* by prefix, then by digits */
	size_t count, room;
};

static int compare(const void *pa, const void *pb)
{
	const struct vendor *a = pa, *b = pb;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return a->digits - b->digits;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_prefix(const char *field, struct vendor *v)
{
	uint64_t prefix = 0;
	unsigned digits = 0;

	for (; *field; field++) {
		int digit = hex_digit(*field);

		if (strchr(":-.\" ", *field))
			continue;
		if (digit < 0 || digits == PREFIX_DIGITS_MAX)
			return -EINVAL;
		prefix = prefix << 4 | (unsigned)digit;
		digits++;
	}
	if (digits != 6 && digits != 7 && digits != 9)
		return -EINVAL;
	v->prefix = prefix << (4 * (PREFIX_DIGITS_MAX - digits));
	v->digits = (uint8_t)digits;
	return 0;
}

/* Up to a comma outside quotes; the address behind it in IEEE's file is not wanted. */
static void read_name(char *field, struct vendor *v)
{
	char *start = text_trim(field), *end;

	if (*start == '"') {
		start++;
		end = strchr(start, '"');
	} else {
		end = strchr(start, ',');
	}
	if (end)
		*end = 0;
	text_fit(v->name, sizeof(v->name), text_trim(start));
}

static int read_line(char *line, struct vendor *v)
{
	char *comma;

	line = text_trim(line);
	if (text_starts(line, "MA-L,") || text_starts(line, "MA-M,") || text_starts(line, "MA-S,"))
		line += 5;
	comma = strchr(line, ',');
	if (!comma)
		return -EINVAL;
	*comma = 0;
	if (read_prefix(line, v))
		return -EINVAL;
	read_name(comma + 1, v);
	return v->name[0] && text_is_clean(v->name, strlen(v->name)) ? 0 : -EINVAL;
}

static int add(struct oui *o, const struct vendor *v)
{
	if (o->count == o->room) {
		size_t room = o->room ? o->room * 2 : 256;
		struct vendor *list = reallocarray(o->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		o->list = list;
		o->room = room;
	}
	o->list[o->count++] = *v;
	return 0;
}

int oui_parse(const char *text, size_t len, struct oui **ret, size_t *ret_skipped)
{
	CLEANUP_OUI struct oui *o = calloc(1, sizeof(*o));
	CLEANUP_FREE char *copy = malloc(len + 1);
	char *rest = copy, *line;
	size_t skipped = 0;

	if (!o || !copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = 0;
	while ((line = strsep(&rest, "\n")) && o->count < LINES_MAX) {
		struct vendor v = {0};

		if (!*line || *line == '#' || *line == '\r')
			continue;
		if (read_line(line, &v))
			skipped++;
		else if (add(o, &v))
			return -ENOMEM;
	}
	if (o->count)
		qsort(o->list, o->count, sizeof(*o->list), compare);
	*ret_skipped = skipped;
	*ret = TAKE_PTR(o);
	return 0;
}

int oui_load(const char *path, struct oui **ret, size_t *ret_skipped)
{
	CLEANUP_BUF struct buf text;
	int err;

	buf_init(&text, FILE_MAX + 1);
	err = file_read(path, FILE_MAX, &text);
	return err ? err : oui_parse(buf_str(&text), text.len, ret, ret_skipped);
}

void oui_free(struct oui *o)
{
	if (!o)
		return;
	free(o->list);
	free(o);
}

size_t oui_count(const struct oui *o)
{
	return o->count;
}

const char *oui_vendor(const struct oui *o, const struct mac *mac)
{
	static const uint8_t lengths[] = {9, 7, 6};
	uint64_t whole = 0;

	if (mac_is_local(mac))
		return "random";
	for (size_t i = 0; i < sizeof(mac->b); i++)
		whole = whole << 8 | mac->b[i];
	whole >>= 12; /* 36 bits */
	for (size_t i = 0; o && o->count && i < ARRAY_SIZE(lengths); i++) {
		unsigned cut = 4U * (PREFIX_DIGITS_MAX - lengths[i]);
		struct vendor key = {.prefix = whole >> cut << cut, .digits = lengths[i]};
		const struct vendor *v =
			bsearch(&key, o->list, o->count, sizeof(*o->list), compare);

		if (v)
			return v->name;
	}
	return "";
}
