#include "survey/place.h"

#include "base/text.h"

bool port_is_uplink(const struct table_port *p, uint32_t most)
{
	return p->leads_further || p->macs > most;
}

bool place_find(const struct table *const *tables, size_t count, uint32_t most,
		const struct mac *mac, struct place *ret)
{
	struct place best = {.at = count};

	for (size_t i = 0; i < count; i++) {
		const struct table_mac *m = tables[i] ? table_mac(tables[i], mac) : NULL;
		const struct table_port *p = m ? table_port(tables[i], m->port) : NULL;

		if (!p || port_is_uplink(p, most) || (best.port && best.port->macs <= p->macs))
			continue;
		best = (struct place){.at = i, .port = p, .mac = m};
	}
	if (!best.port)
		return false;
	*ret = best;
	return true;
}

static bool is_this(const struct table *t, const struct table_neighbour *n)
{
	if (n->has_mac && ((t->has_chassis && mac_equal(&t->chassis, &n->mac)) ||
			   (t->has_mac && mac_equal(&t->mac, &n->mac))))
		return true;
	return n->name[0] && text_equal(t->name, n->name);
}

bool neighbour_is_unknown(const struct table *const *tables, const char *const *names, size_t count,
			  const struct table_neighbour *n)
{
	if (!neighbour_leads_further(n))
		return false;
	for (size_t i = 0; i < count; i++)
		if ((tables[i] && is_this(tables[i], n)) ||
		    (names[i] && n->name[0] && text_equal(names[i], n->name)))
			return false;
	return true;
}
