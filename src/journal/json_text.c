#include "journal/json_text.h"

#include "base/text.h"

int json_text_load(const void *text, size_t len, json_t **ret)
{
	json_error_t error;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EBADMSG;
	*ret = value;
	return 0;
}

void json_put_text(struct buf *b, const char *text)
{
	static const char short_form[32] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	const char *start = text;

	buf_put_u8(b, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_append(b, start, (size_t)(text - start));
		start = text + 1;
		if (c >= 0x20)
			buf_printf(b, "\\%c", c);
		else if (short_form[c])
			buf_printf(b, "\\%c", short_form[c]);
		else
			buf_printf(b, "\\u%04X", c);
	}
	buf_append(b, start, (size_t)(text - start));
	buf_put_u8(b, '"');
}

const json_t *json_take(struct json_fields *f, const char *key)
{
	const json_t *value = json_object_get(f->object, key);

	if (!value)
		f->error = -EBADMSG;
	f->count++;
	return value;
}

const char *json_take_text(struct json_fields *f, const char *key)
{
	const json_t *value = json_take(f, key);
	const char *text = json_string_value(value);

	if (!text || strlen(text) != json_string_length(value)) {
		f->error = -EBADMSG;
		return "";
	}
	return text;
}

int64_t json_take_int(struct json_fields *f, const char *key, int64_t min, int64_t max)
{
	const json_t *value = json_take(f, key);
	int64_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < min || n > max) {
		f->error = -EBADMSG;
		return min;
	}
	return n;
}

void json_take_hex(struct json_fields *f, const char *key, uint8_t *ret, size_t len)
{
	const char *text = json_take_text(f, key);

	if (strlen(text) != 2 * len || hex_decode(ret, len, text))
		f->error = -EBADMSG;
}

int json_fields_end(const struct json_fields *f)
{
	if (f->error)
		return f->error;
	return json_object_size(f->object) == f->count ? 0 : -EBADMSG;
}
