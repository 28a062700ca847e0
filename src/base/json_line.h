/* JSON values as lines of a text; for who links jansson. */
#pragma once

#include <jansson.h>

#include "base/buf.h"

/* Appends one line; `value` is taken over, NULL (no memory) is an error of the buf. */
static inline void json_line_put(struct buf *to, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

	json_decref(value);
	if (text) {
		buf_puts(to, text);
		buf_puts(to, "\n");
	} else if (!to->error) {
		to->error = -ENOMEM;
	}
	free(text);
}
