#include "base/exposition.h"

void exposition_family(struct buf *to, const char *name, const char *type, const char *help)
{
	buf_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_escaped(struct buf *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buf_puts(to, "\\n");
		else if (*text == '"' || *text == '\\')
			buf_printf(to, "\\%c", *text);
		else
			buf_put_u8(to, (uint8_t)*text);
	}
}

/* Beyond this a double has no parts, nor every whole number. */
#define WHOLE_MAX 9007199254740992.0

static bool is_whole(double value)
{
	return value < -WHOLE_MAX || value > WHOLE_MAX || (double)(int64_t)value == value;
}

void exposition_sample(struct buf *to, const char *name, const struct exposition_label *labels,
		       size_t count, double value)
{
	buf_puts(to, name);
	for (size_t i = 0; i < count; i++) {
		buf_printf(to, "%c%s=\"", i ? ',' : '{', labels[i].name);
		put_escaped(to, labels[i].value);
		buf_put_u8(to, '"');
	}
	/* Counts are whole: no exponent, whatever their size. */
	buf_printf(to, "%s %.*f\n", count ? "}" : "", is_whole(value) ? 0 : 6, value);
}

void exposition_single(struct buf *to, const char *name, const char *type, const char *help,
		       double value)
{
	exposition_family(to, name, type, help);
	exposition_sample(to, name, NULL, 0, value);
}
