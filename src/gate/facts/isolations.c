#include "gate/facts/isolations.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

static int read_one(json_t *item, struct isolation_here *ret)
{
	const char *mac, *reason;
	json_int_t until, uid;

	if (json_unpack(item, "{s:s, s:I, s:I, s:s}", "mac", &mac, "until_ms", &until, "uid", &uid,
			"reason", &reason))
		return -EBADMSG;
	*ret = (struct isolation_here){.until_ms = until, .uid = (unsigned)uid};
	return mac_parse(mac, &ret->mac) || text_copy(ret->reason, sizeof(ret->reason), reason)
		       ? -EBADMSG
		       : 0;
}

static int parse(struct isolations *l, const struct buf *text)
{
	json_t *root = json_loadb(buf_str(text), text->len, JSON_REJECT_DUPLICATES, NULL), *item;
	size_t i, count = 0;
	int err = json_is_array(root) && json_array_size(root) <= ISOLATIONS_MAX ? 0 : -EBADMSG;

	for (i = 0; !err && (item = json_array_get(root, i)); i++) {
		err = read_one(item, &l->list[count]);
		count += !err;
	}
	json_decref(root);
	l->count = err ? 0 : count;
	return err;
}

int isolations_load(struct isolations *l, const char *path)
{
	CLEANUP_BUF struct buf text = BUF_INIT, aside = BUF_INIT;
	int err;

	*l = (struct isolations){.path = strdup(path)};
	if (!l->path)
		return -ENOMEM;
	err = file_read(path, 65536, &text);
	if (err == -ENOENT)
		return 0;
	if (!err)
		err = parse(l, &text);
	buf_printf(&aside, "%s~", path);
	if (err == -EBADMSG && !aside.error)
		(void)!rename(path, buf_str(&aside));
	return err;
}

void isolations_done(struct isolations *l)
{
	free(l->path);
	*l = (struct isolations){0};
}

static int save(const struct isolations *l)
{
	json_t *root = json_array();
	char *text = NULL, mac[MAC_TEXT_SIZE];
	int err = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct isolation_here *n = &l->list[i];

		mac_format(mac, &n->mac);
		if (json_array_append_new(root,
					  json_pack("{s:s, s:I, s:I, s:s}", "mac", mac, "until_ms",
						    (json_int_t)n->until_ms, "uid",
						    (json_int_t)n->uid, "reason", n->reason)))
			err = -ENOMEM;
	}
	if (!err)
		text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!text)
		return -ENOMEM;
	err = file_replace(l->path, text, strlen(text), 0600);
	free(text);
	return err;
}

static size_t find(const struct isolations *l, const struct mac *mac)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (mac_equal(&l->list[i].mac, mac))
			break;
	return i;
}

int isolations_add(struct isolations *l, const struct isolation_here *isolation)
{
	size_t at = find(l, &isolation->mac), count = l->count;
	struct isolation_here before;
	int err;

	if (at == ISOLATIONS_MAX)
		return -ENOSPC;
	before = l->list[at];
	l->list[at] = *isolation;
	l->count = MAX(count, at + 1);
	err = save(l);
	if (err) {
		l->list[at] = before;
		l->count = count;
	}
	return err;
}

static void take_out(struct isolations *l, size_t at)
{
	l->count--;
	memmove(&l->list[at], &l->list[at + 1], (l->count - at) * sizeof(l->list[0]));
}

static void put_back(struct isolations *l, size_t at, const struct isolation_here *was)
{
	memmove(&l->list[at + 1], &l->list[at], (l->count - at) * sizeof(l->list[0]));
	l->list[at] = *was;
	l->count++;
}

int isolations_end(struct isolations *l, const struct mac *mac)
{
	size_t at = find(l, mac);
	struct isolation_here was;
	int err;

	if (at == l->count)
		return -ENOENT;
	was = l->list[at];
	take_out(l, at);
	err = save(l);
	if (err)
		put_back(l, at, &was);
	return err;
}

bool isolations_take_ended(struct isolations *l, int64_t now_ms, struct isolation_here *ret)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->list[i].until_ms > now_ms)
			continue;
		*ret = l->list[i];
		take_out(l, i);
		(void)!save(l); /* ended in memory already; the file says until when */
		return true;
	}
	return false;
}

const struct isolation_here *isolations_get(const struct isolations *l, const struct mac *mac,
					    int64_t now_ms)
{
	size_t at = l->count ? find(l, mac) : 0;

	return at < l->count && l->list[at].until_ms > now_ms ? &l->list[at] : NULL;
}
