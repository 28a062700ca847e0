/* A switch's answers as cells: whatever they say, the tables stay sorted, bounded and clean. */
#include <string.h>

#include "base/text.h"
#include "survey/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct table *t)
{
	const struct table *all[] = {t};
	const char *const names[] = {NULL};
	struct place p;

	for (size_t i = 0; i < t->port_count; i++)
		if ((i && t->ports[i - 1].index >= t->ports[i].index) ||
		    !text_is_clean(t->ports[i].name, strlen(t->ports[i].name)))
			abort();
	for (size_t i = 0; i < t->mac_count; i++) {
		if ((i && memcmp(&t->macs[i - 1].mac, &t->macs[i].mac, 6) >= 0) ||
		    mac_is_multicast(&t->macs[i].mac))
			abort();
		if (t->macs[i].port && !table_port(t, t->macs[i].port))
			abort();
		if (place_find(all, 1, 1, &t->macs[i].mac, &p) && port_is_uplink(p.port, 1))
			abort();
	}
	for (size_t i = 0; i < t->neighbour_count; i++) {
		const struct table_neighbour *n = &t->neighbours[i];

		(void)neighbour_is_unknown(all, names, 1, n);
		if (!text_is_clean(n->name, strlen(n->name)) ||
		    !text_is_clean(n->far_port, strlen(n->far_port)) ||
		    (n->has_mac && mac_is_multicast(&n->mac)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_TABLE struct table *t = NULL;
	struct cell c;
	size_t used;

	if (table_new(&t))
		return 0;
	while (cell_get(data, len, &c, &used) == 1) {
		table_take(t, &c);
		data += used;
		len -= used;
	}
	table_finish(t);
	check(t);
	return 0;
}
