#include "base/mac.h"

#include <stdio.h>
#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_parse_n(const char *s, size_t len, struct mac *ret)
{
	struct mac mac = {0};
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		int v = digit(s[i]);

		if (v < 0) {
			if ((s[i] == ':' || s[i] == '-' || s[i] == '.') && digits > 0 &&
			    digits < 12 && digits % 2 == 0 && digit(s[i - 1]) >= 0)
				continue;
			return -EINVAL;
		}
		if (digits == 12)
			return -EINVAL;
		mac.b[digits / 2] = (uint8_t)(mac.b[digits / 2] << 4 | v);
		digits++;
	}
	if (digits != 12)
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
