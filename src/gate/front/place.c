#include "gate/front/place.h"

#include "base/text.h"

size_t place_count_unknown(const struct vendors *v, const struct snapshot *s,
			   const struct snap_switch **ret_first)
{
	const struct snap_switch *sw, *first = NULL;
	size_t at = 0, count = 0;

	while ((sw = snapshot_next_switch(s, &at))) {
		if (vendors_find(v, sw->row.vendor))
			continue;
		count++;
		if (!first || sw->row.id < first->row.id)
			first = sw;
	}
	*ret_first = first;
	return count;
}

static bool downloads_rules(const struct vendor *v, const struct snap_switch *at)
{
	return at->row.reach[0] && vendor_says(v, VENDOR_USE_RULE);
}

bool place_can_isolate(const struct vendor *v, const struct snap_switch *at)
{
	return at->row.acl_isolation[0] || at->row.vlan_isolation[0] || downloads_rules(v, at);
}

struct vendor_place place_of(const struct vendor *v, const struct snap_switch *at,
			     enum verdict verdict, enum terminal_kind kind, const char *xpe_vlan)
{
	struct vendor_place p = {.vlan = at->row.vlan_normal};

	if (verdict != VERDICT_ISOLATE) {
		p.acl = at->row.acl_normal;
		if (kind == TERMINAL_PHONE && at->row.voice_vlan[0])
			p = (struct vendor_place){.acl = p.acl, .voice_vlan = at->row.voice_vlan};
		else if (kind == TERMINAL_VISITOR && at->row.visitor_vlan[0])
			p = (struct vendor_place){.vlan = at->row.visitor_vlan};
		else if (kind == TERMINAL_XPE && !text_equal(xpe_vlan, "none"))
			p = (struct vendor_place){.vlan = xpe_vlan};
	} else if (at->row.acl_isolation[0]) {
		p.acl = at->row.acl_isolation;
	} else if (downloads_rules(v, at)) {
		p.reach = at->row.reach;
	} else {
		p.vlan = at->row.vlan_isolation;
	}
	return p;
}

static bool is_set(const char *text)
{
	return text && text[0];
}

bool place_can_change(const struct vendor_place *from, const struct vendor_place *to)
{
	bool filters = is_set(to->acl) || is_set(to->reach);

	if ((is_set(from->acl) || is_set(from->reach)) && !filters)
		return false;
	if (is_set(from->voice_vlan) != is_set(to->voice_vlan))
		return false;
	if (is_set(from->vlan) && !is_set(to->vlan))
		return false;
	return is_set(to->vlan) || filters;
}
