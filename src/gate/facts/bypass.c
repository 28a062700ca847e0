#include "gate/facts/bypass.h"

#include <string.h>

#include "base/text.h"
#include "gate/facts/timed_list.h"

static bool is_same_unit(const void *a, const void *b)
{
	const struct bypass *x = a, *y = b;

	return x->unit_id == y->unit_id;
}

static json_t *write_one(const void *item)
{
	const struct bypass *b = item;

	return json_pack("{s:I, s:s, s:I, s:I, s:I, s:s}", "unit", (json_int_t)b->unit_id, "code",
			 b->unit_code, "from_ms", (json_int_t)b->from_ms, "until_ms",
			 (json_int_t)b->until_ms, "uid", (json_int_t)b->uid, "reason", b->reason);
}

static int read_one(json_t *from, void *ret)
{
	struct bypass *b = ret;
	const char *code, *reason;
	json_int_t unit, from_ms, until, uid;

	if (json_unpack(from, "{s:I, s:s, s:I, s:I, s:I, s:s}", "unit", &unit, "code", &code,
			"from_ms", &from_ms, "until_ms", &until, "uid", &uid, "reason", &reason))
		return -EBADMSG;
	*b = (struct bypass){
		.unit_id = unit, .from_ms = from_ms, .until_ms = until, .uid = (unsigned)uid};
	return text_copy(b->unit_code, sizeof(b->unit_code), code) ||
			       text_copy(b->reason, sizeof(b->reason), reason)
		       ? -EBADMSG
		       : 0;
}

static const struct timed_kind kind = {
	.size = sizeof(struct bypass),
	.max = BYPASS_MAX,
	.until_at = offsetof(struct bypass, until_ms),
	.is_same = is_same_unit,
	.write = write_one,
	.read = read_one,
};

static struct timed_list list_of(struct bypasses *b)
{
	return (struct timed_list){&kind, b->path, b->list, &b->count};
}

int bypasses_load(struct bypasses *b, const char *path)
{
	*b = (struct bypasses){.path = strdup(path)};
	return b->path ? timed_list_load(list_of(b)) : -ENOMEM;
}

void bypasses_done(struct bypasses *b)
{
	free(b->path);
	*b = (struct bypasses){0};
}

int bypasses_add(struct bypasses *b, const struct bypass *bypass)
{
	return timed_list_add(list_of(b), bypass);
}

int bypasses_end(struct bypasses *b, int64_t unit_id)
{
	return timed_list_end(list_of(b), &(struct bypass){.unit_id = unit_id});
}

bool bypasses_take_ended(struct bypasses *b, int64_t now_ms, struct bypass *ret)
{
	return timed_list_take_ended(list_of(b), now_ms, ret);
}
