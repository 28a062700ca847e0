#include "gate/facts/port_names.h"

#include <string.h>

#include "base/text.h"
#include "gate/facts/snapshot.h"

_Static_assert(PORT_SIZE == VENDOR_PORT_SIZE, "a name of a port is kept whole");

const struct vendor_ports *port_rules(const struct vendors *v, const struct snap_switch *at)
{
	static const struct vendor_ports none;

	return v && at ? &vendors_get(v, at->row.vendor)->ports : &none;
}

void port_name(const struct gate *g, const struct snap_switch *at, const char *word,
	       char ret[static PORT_SIZE])
{
	if (vendor_port_name(port_rules(g->vendors, at), word, ret))
		text_fit(ret, PORT_SIZE, word);
}

void port_name_told(const struct gate *g, struct session *told)
{
	char name[PORT_SIZE];

	port_name(g, g->snapshot ? snapshot_switch(g->snapshot, told->switch_id) : NULL, told->port,
		  name);
	memcpy(told->port, name, sizeof(told->port));
}

static bool name_one(void *arg, const struct session *n, char ret[static PORT_SIZE])
{
	const struct gate *g = arg;
	const struct snap_switch *at = snapshot_switch(g->snapshot, n->switch_id);

	if (!vendor_ports_any(port_rules(g->vendors, at)))
		return false;
	port_name(g, at, n->port, ret);
	return true;
}

static bool any_rules(const struct gate *g)
{
	const struct snap_switch *sw;
	size_t at = 0;

	while ((sw = snapshot_next_switch(g->snapshot, &at)))
		if (vendor_ports_any(port_rules(g->vendors, sw)))
			return true;
	return false;
}

/* A start with half a million sessions does not go through them for nothing. */
int port_name_sessions(struct gate *g)
{
	return g->snapshot && any_rules(g) ? sessions_name_ports(g->sessions, name_one, g) : 0;
}
