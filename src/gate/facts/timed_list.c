#include "gate/facts/timed_list.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define FILE_MAX 65536

static void *item_at(struct timed_list l, size_t at)
{
	return (char *)l.items + at * l.kind->size;
}

static int64_t until_ms(struct timed_list l, size_t at)
{
	int64_t until;

	memcpy(&until, (char *)item_at(l, at) + l.kind->until_at, sizeof(until));
	return until;
}

/* ---- the file ---- */

static int parse(struct timed_list l, const struct buf *text)
{
	json_t *root = json_loadb(buf_str(text), text->len, JSON_REJECT_DUPLICATES, NULL);
	size_t count = json_array_size(root);
	int err = json_is_array(root) && count <= l.kind->max ? 0 : -EBADMSG;

	for (size_t i = 0; i < count && !err; i++)
		err = l.kind->read(json_array_get(root, i), item_at(l, i));
	json_decref(root);
	*l.count = err ? 0 : count;
	return err;
}

int timed_list_load(struct timed_list l)
{
	CLEANUP_BUF struct buf text = BUF_INIT, aside = BUF_INIT;
	int err = file_read(l.path, FILE_MAX, &text);

	*l.count = 0;
	if (err == -ENOENT)
		return 0;
	if (!err)
		err = parse(l, &text);
	buf_printf(&aside, "%s~", l.path);
	if (err == -EBADMSG && !aside.error)
		(void)!rename(l.path, buf_str(&aside));
	return err;
}

static int save(struct timed_list l)
{
	json_t *root = json_array();
	CLEANUP_FREE char *text = NULL;
	int err = 0;

	for (size_t i = 0; i < *l.count; i++)
		if (json_array_append_new(root, l.kind->write(item_at(l, i))))
			err = -ENOMEM;
	if (!err)
		text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	return text ? file_replace(l.path, text, strlen(text), 0600) : -ENOMEM;
}

/* ---- the list ---- */

static size_t find(struct timed_list l, const void *like)
{
	size_t i = 0;

	while (i < *l.count && !l.kind->is_same(item_at(l, i), like))
		i++;
	return i;
}

/* Moves one out of the list into `ret`. */
static void take_out(struct timed_list l, size_t at, void *ret)
{
	memcpy(ret, item_at(l, at), l.kind->size);
	--*l.count;
	memmove(item_at(l, at), item_at(l, at + 1), (*l.count - at) * l.kind->size);
}

static void put_back(struct timed_list l, size_t at, const void *was)
{
	memmove(item_at(l, at + 1), item_at(l, at), (*l.count - at) * l.kind->size);
	memcpy(item_at(l, at), was, l.kind->size);
	++*l.count;
}

int timed_list_end(struct timed_list l, const void *like)
{
	CLEANUP_FREE void *was = malloc(l.kind->size);
	size_t at = find(l, like);
	int err;

	if (!was)
		return -ENOMEM;
	if (at == *l.count)
		return -ENOENT;
	take_out(l, at, was);
	err = save(l);
	if (err)
		put_back(l, at, was);
	return err;
}

int timed_list_add(struct timed_list l, const void *item)
{
	CLEANUP_FREE void *before = malloc(l.kind->size);
	size_t at = find(l, item), count = *l.count;
	int err;

	if (!before)
		return -ENOMEM;
	if (at == l.kind->max)
		return -ENOSPC;
	memcpy(before, item_at(l, at), l.kind->size);
	memcpy(item_at(l, at), item, l.kind->size);
	*l.count = MAX(count, at + 1);
	err = save(l);
	if (err) {
		memcpy(item_at(l, at), before, l.kind->size);
		*l.count = count;
	}
	return err;
}

bool timed_list_take_ended(struct timed_list l, int64_t now_ms, void *ret)
{
	for (size_t i = 0; i < *l.count; i++) {
		if (until_ms(l, i) > now_ms)
			continue;
		take_out(l, i, ret);
		(void)!save(l); /* ended in memory already; the file says until when */
		return true;
	}
	return false;
}
