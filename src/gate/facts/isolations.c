#include "gate/facts/isolations.h"

#include <string.h>

#include "base/clock.h"
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
	return json_pack("{s:s, s:I, s:I, s:b, s:I, s:s, s:s}", "mac", mac, "until_ms",
			 (json_int_t)n->until_ms, "changed_ms", (json_int_t)n->changed_ms,
			 "released", n->released, "uid", (json_int_t)n->uid, "gate", n->gate,
			 "reason", n->reason);
}

static int read_one(json_t *from, void *ret)
{
	struct isolation_here *n = ret;
	const char *mac, *reason, *gate;
	json_int_t until, changed, uid;
	int released;

	if (json_unpack(from, "{s:s, s:I, s:I, s:b, s:I, s:s, s:s}", "mac", &mac, "until_ms",
			&until, "changed_ms", &changed, "released", &released, "uid", &uid, "gate",
			&gate, "reason", &reason))
		return -EBADMSG;
	*n = (struct isolation_here){.until_ms = until,
				     .changed_ms = changed,
				     .released = released,
				     .uid = (unsigned)uid};
	return mac_parse(mac, &n->mac) || text_copy(n->gate, sizeof(n->gate), gate) ||
			       text_copy(n->reason, sizeof(n->reason), reason)
		       ? -EBADMSG
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
	*l = (struct isolations){.path = strdup(path), .epoch = 1};
	return l->path ? timed_list_load(list_of(l)) : -ENOMEM;
}

void isolations_done(struct isolations *l)
{
	free(l->path);
	*l = (struct isolations){0};
}

static const struct isolation_here *find(const struct isolations *l, const struct mac *mac)
{
	for (size_t i = 0; i < l->count; i++)
		if (mac_equal(&l->list[i].mac, mac))
			return &l->list[i];
	return NULL;
}

static int put(struct isolations *l, const struct isolation_here *word)
{
	int err = timed_list_add(list_of(l), word);

	l->epoch += !err;
	return err;
}

/* Later than what is known of this MAC, whatever the clocks say. */
static int64_t next_change(const struct isolations *l, const struct mac *mac, int64_t now_ms)
{
	const struct isolation_here *before = find(l, mac);

	return before ? MAX(now_ms, before->changed_ms + 1) : now_ms;
}

int isolations_add(struct isolations *l, const struct isolation_here *isolation, int64_t now_ms)
{
	struct isolation_here n = *isolation;

	n.changed_ms = next_change(l, &n.mac, now_ms);
	n.released = false;
	return put(l, &n);
}

int isolations_end(struct isolations *l, const struct mac *mac, unsigned uid, int64_t now_ms)
{
	const struct isolation_here *before = isolations_get(l, mac, now_ms);
	struct isolation_here n;

	if (!before)
		return -ENOENT;
	n = *before;
	n.changed_ms = next_change(l, mac, now_ms);
	n.released = true;
	n.uid = uid;
	n.gate[0] = 0;
	return put(l, &n);
}

int isolations_merge(struct isolations *l, const struct isolation_here *said, int64_t now_ms)
{
	const struct isolation_here *here = find(l, &said->mac);
	int err;

	if (said->until_ms <= now_ms ||
	    said->until_ms > now_ms + ISOLATION_HOURS_MAX * HOUR_MS + HOUR_MS ||
	    said->changed_ms <= 0 || said->changed_ms > said->until_ms)
		return -EBADMSG;
	if (here && (here->changed_ms > said->changed_ms ||
		     (here->changed_ms == said->changed_ms && here->released <= said->released)))
		return 0;
	err = put(l, said);
	return err ? err : 1;
}

bool isolations_take_ended(struct isolations *l, int64_t now_ms, struct isolation_here *ret)
{
	return timed_list_take_ended(list_of(l), now_ms, ret);
}

const struct isolation_here *isolations_get(const struct isolations *l, const struct mac *mac,
					    int64_t now_ms)
{
	const struct isolation_here *n = find(l, mac);

	if (n && !n->released && n->until_ms > now_ms)
		return n;
	return NULL;
}
