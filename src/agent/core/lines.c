#include "agent/core/lines.h"

#include <string.h>

#include "base/file.h"

#define LINES_FILE_MAX (8U << 20)

void lines_done(struct lines *l)
{
	buf_done(&l->text);
	free(l->item);
	l->item = NULL;
	l->count = 0;
}

int lines_add(struct lines *l, const char *item)
{
	size_t len = strlen(item);

	if (len > LINE_MAX_BYTES)
		return -EMSGSIZE;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)item[i] < 0x20)
			return -EMSGSIZE;
	buf_append(&l->text, item, len);
	buf_puts(&l->text, "\n");
	l->count++;
	return l->text.error;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int lines_sort(struct lines *l)
{
	char *p = (char *)l->text.data;
	size_t kept = 0;

	if (l->count == 0)
		return 0;
	l->item = calloc(l->count, sizeof(*l->item));
	if (!l->item)
		return -ENOMEM;
	for (size_t i = 0; i < l->count; i++) {
		char *end = strchr(p, '\n');

		*end = 0;
		l->item[i] = p;
		p = end + 1;
	}
	qsort(l->item, l->count, sizeof(*l->item), by_bytes);
	for (size_t i = 0; i < l->count; i++)
		if (kept == 0 || strcmp(l->item[kept - 1], l->item[i]) != 0)
			l->item[kept++] = l->item[i];
	l->count = kept;
	return 0;
}

int lines_read(const char *path, struct lines *ret)
{
	CLEANUP_LINES struct lines l = LINES_INIT;
	int err = file_read(path, LINES_FILE_MAX, &l.text);

	if (err)
		return err;
	for (size_t i = 0; i < l.text.len; i++) {
		if (!l.text.data[i])
			return -EBADMSG;
		l.count += l.text.data[i] == '\n';
	}
	if (l.text.len && l.text.data[l.text.len - 1] != '\n')
		return -EBADMSG;
	err = lines_sort(&l);
	if (err)
		return err;
	*ret = l;
	l = (struct lines)LINES_INIT;
	return 0;
}

bool lines_next_change(const struct lines *old, const struct lines *now, struct lines_walk *w,
		       struct lines_change *ret)
{
	while (w->old_at < old->count || w->now_at < now->count) {
		int order;

		if (w->old_at == old->count)
			order = 1;
		else if (w->now_at == now->count)
			order = -1;
		else
			order = strcmp(old->item[w->old_at], now->item[w->now_at]);
		if (order == 0) {
			w->old_at++;
			w->now_at++;
			continue;
		}
		*ret = (struct lines_change){order > 0, order > 0 ? now->item[w->now_at]
								  : old->item[w->old_at]};
		if (order > 0)
			w->now_at++;
		else
			w->old_at++;
		return true;
	}
	return false;
}

void lines_encode_at(const struct lines *old, const struct lines *now, const struct lines_walk *w,
		     struct buf *to)
{
	for (size_t i = 0; i < w->now_at; i++) {
		buf_puts(to, now->item[i]);
		buf_puts(to, "\n");
	}
	for (size_t i = w->old_at; i < old->count; i++) {
		buf_puts(to, old->item[i]);
		buf_puts(to, "\n");
	}
}
