#include "base/mac.h"

#include <stdio.h>
#include <string.h>

#define OCTETS 6

/* A table, for every packet of a switch names two MACs or three. One more than the digit's value.
 */
static const uint8_t digits[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static bool separates(char c)
{
	return c == ':' || c == '-' || c == '.';
}

int mac_parse_n(const char *s, size_t len, struct mac *ret)
{
	struct mac mac;
	size_t at = 0;

	for (size_t i = 0; i < OCTETS; i++) {
		uint8_t high, low;

		at += i > 0 && at < len && separates(s[at]);
		if (len - at < 2)
			return -EINVAL;
		high = digits[(uint8_t)s[at]];
		low = digits[(uint8_t)s[at + 1]];
		if (!high || !low)
			return -EINVAL;
		mac.b[i] = (uint8_t)((high - 1) << 4 | (low - 1));
		at += 2;
	}
	if (at != len)
		return -EINVAL;
	*ret = mac;
	return 0;
}

int mac_parse(const char *s, struct mac *ret)
{
	return mac_parse_n(s, strlen(s), ret);
}

void mac_format(char dst[static MAC_TEXT_SIZE], const struct mac *mac)
{
	snprintf(dst, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac->b[0], mac->b[1],
		 mac->b[2], mac->b[3], mac->b[4], mac->b[5]);
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool mac_is_multicast(const struct mac *mac)
{
	return mac->b[0] & 1;
}

bool mac_is_local(const struct mac *mac)
{
	return mac->b[0] & 2;
}
