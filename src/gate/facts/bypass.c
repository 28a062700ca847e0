#include "gate/facts/bypass.h"

#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

static int read_one(json_t *item, struct bypass *ret)
{
	const char *code, *reason;
	json_int_t unit, from, until, uid;

	if (json_unpack(item, "{s:I, s:s, s:I, s:I, s:I, s:s}", "unit", &unit, "code", &code,
			"from_ms", &from, "until_ms", &until, "uid", &uid, "reason", &reason))
		return -EBADMSG;
	*ret = (struct bypass){
		.unit_id = unit, .from_ms = from, .until_ms = until, .uid = (unsigned)uid};
	return text_copy(ret->unit_code, sizeof(ret->unit_code), code) ||
			       text_copy(ret->reason, sizeof(ret->reason), reason)
		       ? -EBADMSG
		       : 0;
}

static int parse(struct bypasses *b, const struct buf *text)
{
	json_t *root = json_loadb(buf_str(text), text->len, JSON_REJECT_DUPLICATES, NULL), *item;
	size_t i, count = 0;
	int err = json_is_array(root) ? 0 : -EBADMSG;

	json_array_foreach(root, i, item)
	{
		if (!err && count == BYPASS_MAX)
			err = -EBADMSG;
		if (!err)
			err = read_one(item, &b->list[count]);
		count += !err;
	}
	json_decref(root);
	b->count = err ? 0 : count;
	return err;
}

int bypasses_load(struct bypasses *b, const char *path)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	int err;

	*b = (struct bypasses){.path = strdup(path)};
	if (!b->path)
		return -ENOMEM;
	err = file_read(path, 65536, &text);
	if (err == -ENOENT)
		return 0;
	if (!err)
		err = parse(b, &text);
	if (err == -EBADMSG) {
		CLEANUP_BUF struct buf aside = BUF_INIT;

		buf_printf(&aside, "%s~", path);
		if (!aside.error)
			(void)!rename(path, buf_str(&aside));
	}
	return err;
}

void bypasses_done(struct bypasses *b)
{
	free(b->path);
	*b = (struct bypasses){0};
}

static int save(const struct bypasses *b)
{
	json_t *root = json_array();
	char *text = NULL;
	int err = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct bypass *y = &b->list[i];

		if (json_array_append_new(root,
					  json_pack("{s:I, s:s, s:I, s:I, s:I, s:s}", "unit",
						    (json_int_t)y->unit_id, "code", y->unit_code,
						    "from_ms", (json_int_t)y->from_ms, "until_ms",
						    (json_int_t)y->until_ms, "uid",
						    (json_int_t)y->uid, "reason", y->reason)))
			err = -ENOMEM;
	}
	if (!err)
		text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!text)
		return -ENOMEM;
	err = file_replace(b->path, text, strlen(text), 0600);
	free(text);
	return err;
}

static size_t find(const struct bypasses *b, int64_t unit_id)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (b->list[i].unit_id == unit_id)
			break;
	return i;
}

int bypasses_add(struct bypasses *b, const struct bypass *bypass)
{
	size_t at = find(b, bypass->unit_id), count = b->count;
	struct bypass before;
	int err;

	if (at == BYPASS_MAX)
		return -ENOSPC;
	before = b->list[at];
	b->list[at] = *bypass;
	b->count = MAX(count, at + 1);
	err = save(b);
	if (err) {
		b->list[at] = before;
		b->count = count;
	}
	return err;
}

static void take_out(struct bypasses *b, size_t at)
{
	b->count--;
	memmove(&b->list[at], &b->list[at + 1], (b->count - at) * sizeof(b->list[0]));
}

static void put_back(struct bypasses *b, size_t at, const struct bypass *was)
{
	memmove(&b->list[at + 1], &b->list[at], (b->count - at) * sizeof(b->list[0]));
	b->list[at] = *was;
	b->count++;
}

int bypasses_end(struct bypasses *b, int64_t unit_id)
{
	size_t at = find(b, unit_id);
	struct bypass was;
	int err;

	if (at == b->count)
		return -ENOENT;
	was = b->list[at];
	take_out(b, at);
	err = save(b);
	if (err)
		put_back(b, at, &was);
	return err;
}

bool bypasses_take_ended(struct bypasses *b, int64_t now_ms, struct bypass *ret)
{
	for (size_t i = 0; i < b->count; i++) {
		if (b->list[i].until_ms > now_ms)
			continue;
		*ret = b->list[i];
		take_out(b, i);
		(void)!save(b); /* ended in memory already; the file says until when */
		return true;
	}
	return false;
}
