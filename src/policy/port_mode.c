#include "policy/port_mode.h"

#include <string.h>

#include "base/text.h"

static bool is_port(const char *line, size_t len, const char *port, port_mode_is_fn *is,
		    const void *arg)
{
	char written[PORT_MODE_PORT_SIZE];

	if (len < 2 || text_copy_n(written, sizeof(written), line + 1, len - 1))
		return false;
	return text_equal(written, port) || (is && is(arg, written, port));
}

bool port_mode_find(const char *text, const char *port, port_mode_is_fn *is, const void *arg,
		    enum mode *ret)
{
	while (*text) {
		size_t line = strcspn(text, "\n");

		if (is_port(text, line, port, is, arg))
			for (int m = MODE_OBSERVE; m <= MODE_ENFORCE; m++)
				if (text[0] == mode_name((enum mode)m)[0]) {
					*ret = (enum mode)m;
					return true;
				}
		text += line + (text[line] == '\n');
	}
	return false;
}
