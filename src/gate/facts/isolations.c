#include "gate/facts/isolations.h"

#include <string.h>

#include "base/text.h"
#include "gate/facts/timed_list.h"

static bool is_same_mac(const void *a, const void *b)
{
	const struct isolation_here *x = a, *y = b;

	return mac_equal(&x->mac, &y->mac);
}

static json_t *write_one(const void *item)
{
	const struct isolation_here *n = item;
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &n->mac);
	return json_pack("{s:s, s:I, s:I, s:s}", "mac", mac, "until_ms", (json_int_t)n->until_ms,
			 "uid", (json_int_t)n->uid, "reason", n->reason);
}

static int read_one(json_t *from, void *ret)
{
	struct isolation_here *n = ret;
	const char *mac, *reason;
	json_int_t until, uid;

	if (json_unpack(from, "{s:s, s:I, s:I, s:s}", "mac", &mac, "until_ms", &until, "uid", &uid,
			"reason", &reason))
		return -EBADMSG;
	*n = (struct isolation_here){.until_ms = until, .uid = (unsigned)uid};
	return mac_parse(mac, &n->mac) || text_copy(n->reason, sizeof(n->reason), reason) ? -EBADMSG
											  : 0;
}

static const struct timed_kind kind = {
	.size = sizeof(struct isolation_here),
	.max = ISOLATIONS_MAX,
	.until_at = offsetof(struct isolation_here, until_ms),
	.is_same = is_same_mac,
	.write = write_one,
	.read = read_one,
};

static struct timed_list list_of(struct isolations *l)
{
	return (struct timed_list){&kind, l->path, l->list, &l->count};
}

int isolations_load(struct isolations *l, const char *path)
{
	*l = (struct isolations){.path = strdup(path)};
	return l->path ? timed_list_load(list_of(l)) : -ENOMEM;
}

void isolations_done(struct isolations *l)
{
	free(l->path);
	*l = (struct isolations){0};
}

int isolations_add(struct isolations *l, const struct isolation_here *isolation)
{
	return timed_list_add(list_of(l), isolation);
}

int isolations_end(struct isolations *l, const struct mac *mac)
{
	return timed_list_end(list_of(l), &(struct isolation_here){.mac = *mac});
}

bool isolations_take_ended(struct isolations *l, int64_t now_ms, struct isolation_here *ret)
{
	return timed_list_take_ended(list_of(l), now_ms, ret);
}

const struct isolation_here *isolations_get(const struct isolations *l, const struct mac *mac,
					    int64_t now_ms)
{
	for (size_t i = 0; i < l->count; i++)
		if (mac_equal(&l->list[i].mac, mac))
			return l->list[i].until_ms > now_ms ? &l->list[i] : NULL;
	return NULL;
}
