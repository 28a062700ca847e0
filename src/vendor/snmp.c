#include "vendor/snmp.h"

#include <string.h>

#include "base/text.h"

#define LINES_MAX 6
#define PASSWORD_MIN 8 /* RFC 3414, 11.2 */

static bool take_password(char dst[static 65], const char *text)
{
	return strlen(text) >= PASSWORD_MIN && text_copy(dst, 65, text) == 0;
}

static int parse_v2c(char *const *lines, size_t count, struct credential *c)
{
	if (count != 2 || !lines[1][0])
		return -EINVAL;
	return text_copy(c->community, sizeof(c->community), lines[1]) ? -EINVAL : 0;
}

static int parse_v3(char *const *lines, size_t count, struct credential *c)
{
	c->is_v3 = true;
	if ((count != 2 && count != 4 && count != 6) || !lines[1][0] ||
	    text_copy(c->user, sizeof(c->user), lines[1]))
		return -EINVAL;
	if (count >= 4) {
		c->is_sha256 = text_equal(lines[2], "SHA-256");
		if ((!c->is_sha256 && !text_equal(lines[2], "SHA")) ||
		    !take_password(c->auth, lines[3]))
			return -EINVAL;
	}
	if (count == 6 && (!text_equal(lines[4], "AES") || !take_password(c->priv, lines[5])))
		return -EINVAL;
	return 0;
}

int credential_parse(const char *text, struct credential *ret)
{
	char copy[SNMP_TEXT_MAX + 1], *rest = copy, *lines[LINES_MAX] = {NULL};
	struct credential c = {.is_v3 = false};
	size_t count = 0;
	int err;

	if (text_copy(copy, sizeof(copy), text))
		return -EINVAL;
	while (rest && count < LINES_MAX)
		lines[count++] = strsep(&rest, "\n");
	if (rest)
		return -EINVAL;
	if (text_equal(lines[0], "2c"))
		err = parse_v2c(lines, count, &c);
	else
		err = text_equal(lines[0], "3") ? parse_v3(lines, count, &c) : -EINVAL;
	if (!err)
		*ret = c;
	return err;
}
