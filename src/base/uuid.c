#include "base/uuid.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

void uuid_make(struct uuid *ret)
{
	random_bytes(ret->b, sizeof(ret->b));
	ret->b[6] = (uint8_t)((ret->b[6] & 0x0f) | 0x40);
	ret->b[8] = (uint8_t)((ret->b[8] & 0x3f) | 0x80);
}

int uuid_parse(const char *s, struct uuid *ret)
{
	char digits[33];
	size_t n = 0;

	if (strlen(s) != UUID_TEXT_SIZE - 1)
		return -EINVAL;
	for (size_t i = 0; i < UUID_TEXT_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (s[i] == '-'))
			return -EINVAL;
		if (!dash)
			digits[n++] = s[i];
	}
	digits[n] = 0;
	return hex_decode(ret->b, sizeof(ret->b), digits);
}

void uuid_format(char dst[static UUID_TEXT_SIZE], const struct uuid *uuid)
{
	static const uint8_t groups[] = {4, 2, 2, 2, 6};
	const uint8_t *p = uuid->b;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (i > 0)
			*dst++ = '-';
		hex_encode(dst, p, groups[i]);
		dst += 2 * (size_t)groups[i];
		p += groups[i];
	}
}

bool uuid_is_zero(const struct uuid *uuid)
{
	static const struct uuid zero;

	return uuid_equal(uuid, &zero);
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
