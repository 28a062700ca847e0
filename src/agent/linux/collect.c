#include "agent/linux/collect.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

int collect_add(struct lines *to, json_t *object)
{
	CLEANUP_FREE char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	json_decref(object);
	return text ? lines_add(to, text) : -ENOMEM;
}

void collect_clean(char *text)
{
	size_t len = strlen(text);
	bool clean = text_is_clean(text, len);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || (!clean && (unsigned char)text[i] > 0x7e))
			text[i] = '?';
}

void collect_line(const char *root, const char *path, char *dst, size_t size)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	dst[0] = 0;
	if (file_read(full, 65536, &text) || text.len == 0)
		return;
	snprintf(dst, size, "%.*s", (int)strcspn(buf_str(&text), "\n"), buf_str(&text));
	memmove(dst, text_trim(dst), strlen(text_trim(dst)) + 1);
	collect_clean(dst);
}
