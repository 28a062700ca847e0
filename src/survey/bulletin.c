#include "survey/bulletin.h"

#include "base/json_line.h"
#include "survey/ask.h"

/* A MAC at an access port, in the order of the ports. */
struct stand {
	const struct table_port *port;
	const struct table_mac *mac;
};

static const char *name_of(const struct table_port *p)
{
	return p->name[0] ? p->name : p->description;
}

static const char *mac_text(char dst[static MAC_TEXT_SIZE], bool is_there, const struct mac *mac)
{
	dst[0] = 0;
	if (is_there)
		mac_format(dst, mac);
	return dst;
}

static json_t *begin(const struct seat *seat, int64_t at_ms, bool whole)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:b, s:I}", "type", "seen", "switch",
			 (json_int_t)seat->target.id, "at", (json_int_t)at_ms, "said",
			 asked_code(seat->last), "whole", whole, "whole_at",
			 at_ms ? (json_int_t)seat->tidings.whole_at_ms : 0);
}

static void put_self(const struct seat *seat, int64_t at_ms, bool cut, struct buf *to)
{
	const struct table *t = seat->table;
	json_t *o = begin(seat, at_ms, true);
	char mac[MAC_TEXT_SIZE], chassis[MAC_TEXT_SIZE];

	if (o)
		json_object_update_new(o, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "name",
						    t->name, "description", t->description, "model",
						    t->model, "serial", t->serial, "mac",
						    mac_text(mac, t->has_mac, &t->mac), "chassis",
						    mac_text(chassis, t->has_chassis, &t->chassis),
						    "cut", cut));
	json_line_put(to, o);
}

/* How many stand behind an uplink changes all the time, and says nothing. */
static void put_port(const struct table_port *p, uint32_t uplink_macs, struct buf *to)
{
	bool uplink = port_is_uplink(p, uplink_macs);

	json_line_put(to, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:I, s:I}", "type", "port",
				    "port", name_of(p), "long", p->description, "alias", p->alias,
				    "enabled", !p->is_down, "linked", p->is_linked, "uplink",
				    uplink, "speed", (json_int_t)p->speed_mbit, "macs",
				    uplink ? (json_int_t)0 : (json_int_t)p->macs));
}

static size_t count_ports(const struct table *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->port_count; i++)
		count += port_is_plug(&t->ports[i]);
	return count;
}

static void put_ports(const struct table *t, uint32_t uplink_macs, struct buf *to)
{
	size_t left = BULLETIN_PORTS;

	for (size_t i = 0; left && i < t->port_count; i++)
		if (port_is_plug(&t->ports[i])) {
			put_port(&t->ports[i], uplink_macs, to);
			left--;
		}
}

/* ---- MACs ---- */

static int compare_stands(const void *a, const void *b)
{
	const struct stand *x = a, *y = b;

	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return (x->mac > y->mac) - (x->mac < y->mac);
}

static size_t gather(const struct table *t, uint32_t uplink_macs, struct stand *stands)
{
	size_t count = 0;

	for (size_t i = 0; i < t->mac_count; i++) {
		const struct table_port *p = table_port(t, t->macs[i].port);

		if (p && port_is_plug(p) && !port_is_uplink(p, uplink_macs))
			stands[count++] = (struct stand){p, &t->macs[i]};
	}
	qsort(stands, count, sizeof(*stands), compare_stands);
	return count;
}

static void put_group(const struct stand *stands, size_t count, struct buf *to)
{
	json_t *macs = json_array();
	char text[MAC_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		mac_format(text, &stands[i].mac->mac);
		json_array_append_new(macs, json_string(text));
		json_array_append_new(macs, json_integer(stands[i].mac->vlan));
	}
	json_line_put(to, json_pack("{s:s, s:s, s:o}", "type", "macs", "port",
				    name_of(stands[0].port), "macs", macs));
}

static void put_macs(const struct table *t, uint32_t uplink_macs, struct buf *to)
{
	CLEANUP_FREE struct stand *stands = calloc(t->mac_count + 1, sizeof(*stands));
	size_t count = stands ? gather(t, uplink_macs, stands) : 0, n;

	if (!stands)
		to->error = to->error ? to->error : -ENOMEM;
	for (size_t i = 0; i < count; i += n) {
		n = 1;
		while (n < BULLETIN_MACS && i + n < count && stands[i + n].port == stands[i].port)
			n++;
		put_group(stands + i, n, to);
	}
}

/* ---- neighbours ---- */

static void put_neighbours(const struct table *t, struct buf *to)
{
	for (size_t i = 0; i < t->neighbour_count; i++) {
		const struct table_neighbour *n = &t->neighbours[i];
		const struct table_port *p = table_port(t, n->port);
		char mac[MAC_TEXT_SIZE];

		json_line_put(to, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "type", "link",
					    "port", p ? name_of(p) : "", "mac",
					    mac_text(mac, n->has_mac, &n->mac), "name", n->name,
					    "far", n->far_port, "can", (json_int_t)n->can));
	}
}

void bulletin_write(const struct seat *seat, uint32_t uplink_macs, int64_t at_ms, struct buf *to)
{
	const struct table *t = seat->table;

	if (seat->last != ASKED_DONE || !t) {
		json_line_put(to, begin(seat, at_ms, false));
		return;
	}
	put_self(seat, at_ms, t->cut || count_ports(t) > BULLETIN_PORTS, to);
	put_ports(t, uplink_macs, to);
	put_macs(t, uplink_macs, to);
	put_neighbours(t, to);
	json_line_put(
		to, json_pack("{s:s, s:I}", "type", "told", "switch", (json_int_t)seat->target.id));
}

void bulletin_write_same(const struct seat *seat, struct buf *to)
{
	json_line_put(to, begin(seat, seat->asked_at_ms, false));
}
