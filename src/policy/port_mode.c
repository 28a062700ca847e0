#include "policy/port_mode.h"

#include <string.h>

bool port_mode_find(const char *text, const char *port, enum mode *ret)
{
	size_t len = strlen(port);

	while (*text) {
		size_t line = strcspn(text, "\n");

		if (line == len + 1 && memcmp(text + 1, port, len) == 0)
			for (int m = MODE_OBSERVE; m <= MODE_ENFORCE; m++)
				if (text[0] == mode_name((enum mode)m)[0]) {
					*ret = (enum mode)m;
					return true;
				}
		text += line + (text[line] == '\n');
	}
	return false;
}
