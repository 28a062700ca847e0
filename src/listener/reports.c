#include "listener/reports.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "listener/quota.h"

struct reports {
	struct map by_key;
	struct report *newest, *oldest;
	int64_t period_ms;
	struct quota quota;
};

int reports_new(int64_t period_ms, unsigned per_minute, struct reports **ret)
{
	struct reports *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	map_init(&r->by_key, sizeof(((struct report *)NULL)->key));
	r->period_ms = period_ms;
	r->quota.per_minute = per_minute;
	*ret = r;
	return 0;
}

void reports_free(struct reports *r)
{
	struct report *each, *older;

	if (!r)
		return;
	map_done(&r->by_key);
	for (each = r->newest; each; each = older) {
		older = each->older;
		free(each);
	}
	free(r);
}

static void take_out(struct reports *r, struct report *each)
{
	if (each->newer)
		each->newer->older = each->older;
	else
		r->newest = each->older;
	if (each->older)
		each->older->newer = each->newer;
	else
		r->oldest = each->newer;
}

static void put_first(struct reports *r, struct report *each)
{
	each->newer = NULL;
	each->older = r->newest;
	if (r->newest)
		r->newest->newer = each;
	else
		r->oldest = each;
	r->newest = each;
}

static void forget(struct reports *r, struct report *each)
{
	map_remove(&r->by_key, &each->key);
	take_out(r, each);
	free(each);
}

/* What is of the MAC alone, whatever address the frame carried. */
static bool has_address(enum finding f)
{
	return f == FINDING_IP_CONFLICT || f == FINDING_IP_TAKEN || f == FINDING_GATEWAY_TAKEN ||
	       f == FINDING_PLAN_MAC || f == FINDING_PLAN_IP || f == FINDING_DHCP_SERVER ||
	       f == FINDING_ROUTER_ADVERT;
}

static int make(struct reports *r, const struct report *wanted, struct report **ret)
{
	struct report *made;
	void *old;

	if (r->by_key.count == REPORTS_MAX)
		forget(r, r->oldest);
	made = malloc(sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = *wanted;
	if (map_put(&r->by_key, &made->key, made, &old)) {
		free(made);
		return -ENOMEM;
	}
	*ret = made;
	return 0;
}

int reports_add(struct reports *r, enum finding f, const struct scene *s, const char *detail)
{
	struct report wanted, *each;
	int err;

	memset(&wanted, 0, sizeof(wanted)); /* the padding is part of the key */
	wanted.key.finding = f;
	wanted.key.mac = s->device->mac;
	if (has_address(f))
		wanted.key.ip = s->ip;
	wanted.first_ms = s->now_ms;
	each = map_get(&r->by_key, &wanted.key);
	if (each) {
		take_out(r, each);
	} else {
		err = make(r, &wanted, &each);
		if (err)
			return err;
	}
	put_first(r, each);
	each->vlan = s->device->vlan;
	each->count++;
	each->last_ms = s->now_ms;
	text_fit(each->detail, sizeof(each->detail), detail);
	return 0;
}

static bool is_due(const struct reports *r, const struct report *each, int64_t now_ms)
{
	return !each->told_ms ||
	       (each->count > each->told_count && now_ms - each->told_ms >= r->period_ms);
}

void reports_tell(struct reports *r, int64_t now_ms, report_tell_fn *fn, void *arg)
{
	while (r->oldest && now_ms - r->oldest->last_ms > 2 * r->period_ms)
		forget(r, r->oldest);
	for (struct report *each = r->newest; each; each = each->older) {
		if (!is_due(r, each, now_ms))
			continue;
		if (!quota_take(&r->quota, now_ms))
			return;
		fn(arg, each);
		each->told_ms = now_ms;
		each->told_count = each->count;
	}
}

size_t reports_count(const struct reports *r)
{
	return r->by_key.count;
}

const struct report *reports_newest(const struct reports *r)
{
	return r->newest;
}
