#include "gate/front/planned.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gate/knock/picture.h"

#define WATCHED_MARK 0x5bd1e995U

static bool is_set(const char *text)
{
	return text && text[0];
}

static bool keeps_its_subnet(const struct planned_for *who)
{
	return who->verdict == VERDICT_ADMIT ||
	       (who->verdict == VERDICT_ISOLATE &&
		(is_set(who->place->acl) || is_set(who->place->reach)));
}

/* False: more than are held. */
static bool gather(const struct snapshot *s, const struct mac *mac, struct planned *p)
{
	const menshen_SnapAddress *a;
	size_t at = SNAPSHOT_FIRST, len = 0;

	for (size_t count = 0; (a = snapshot_address_of(s, mac, &at)); count++) {
		if (count == PLANNED_MAX)
			return false;
		len += (size_t)snprintf(p->text + len, sizeof(p->text) - len, "%s%s",
					len ? " " : "", a->ip);
		p->mark ^= text_hash(a->ip);
	}
	return len > 0;
}

static void forget(struct planned *p)
{
	p->text[0] = 0;
	p->watched = false;
	p->mark = 0;
}

void planned_draw(const struct gate *g, const struct planned_for *who, struct planned *ret)
{
	forget(ret);
	if (!vendor_says(who->vendor, VENDOR_USE_PLANNED) || !keeps_its_subnet(who))
		return;
	if (!gather(g->snapshot, who->mac, ret)) {
		forget(ret);
		return;
	}
	ret->watched = picture_mode(g, who->at, who->port) != MODE_ENFORCE ||
		       gate_bypass_until(g, who->at->row.unit_id, who->now_ms) != 0;
	if (ret->watched)
		ret->mark ^= WATCHED_MARK;
	ret->mark = MAX(ret->mark, 1U);
}

void planned_put(const struct planned *planned, struct vendor_place *place)
{
	place->planned = planned->text;
	place->watched = planned->watched;
}
