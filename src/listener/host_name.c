#include "listener/host_name.h"

#include <string.h>

#include "base/text.h"

int host_name_take(char dst[static HOST_NAME_SIZE], const uint8_t *name, size_t len)
{
	char text[256] = "";
	const uint8_t *dot = len ? memchr(name, '.', len) : NULL;

	if (dot)
		len = (size_t)(dot - name);
	while (len > 0 && (name[len - 1] == 0 || name[len - 1] == ' '))
		len--;
	if (len == 0 || len >= sizeof(text))
		return -EINVAL;
	memcpy(text, name, len);
	if (strlen(text) != len || !text_is_clean(text, len) || strpbrk(text, "\t\n"))
		return -EINVAL;
	text_lower(text);
	text_fit(dst, HOST_NAME_SIZE, text);
	return 0;
}

void printable_take(char *dst, size_t size, const uint8_t *text, size_t len)
{
	size_t at = 0;

	while (len > 0 && text[len - 1] == 0)
		len--;
	for (; at < len && at + 1 < size; at++)
		dst[at] = text[at] >= ' ' && text[at] < 0x7f ? (char)text[at] : '?';
	dst[at] = 0;
}
