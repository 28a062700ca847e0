#include "survey/table.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define STATUS_UP 1
#define STATUS_DOWN 2
/* LldpSystemCapabilitiesMap (IEEE 802.1AB): bit 0 is the octet's highest. */
#define CAN_BRIDGE 0x20
#define CAN_ACCESS_POINT 0x10
#define CAN_ROUTER 0x08
#define CAN_TELEPHONE 0x04
/* LldpChassisIdSubtype and LldpPortIdSubtype (the same). */
#define CHASSIS_IS_MAC 4
#define CHASSIS_IS_ADDRESS 5
#define PORT_IS_MAC 3
#define PORT_IS_ADDRESS 4

int table_new(struct table **ret)
{
	CLEANUP_TABLE struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->ports = calloc(TABLE_PORTS, sizeof(*t->ports));
	t->macs = calloc(TABLE_MACS, sizeof(*t->macs));
	t->neighbours = calloc(TABLE_NEIGHBOURS, sizeof(*t->neighbours));
	t->base_ports = calloc(TABLE_PORTS, sizeof(*t->base_ports));
	t->lldp_ports = calloc(TABLE_PORTS, sizeof(*t->lldp_ports));
	if (!t->ports || !t->macs || !t->neighbours || !t->base_ports || !t->lldp_ports)
		return -ENOMEM;
	*ret = TAKE_PTR(t);
	return 0;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	free(t->ports);
	free(t->macs);
	free(t->neighbours);
	free(t->base_ports);
	free(t->lldp_ports);
	free(t);
}

/* ---- values ---- */

/* Once only, and only what is a line of text: the first entity that has a model is the chassis. */
static void set_text(char *dst, size_t size, const struct cell *c)
{
	char text[CELL_BYTES_MAX + 1];

	if (dst[0] || !c->len || memchr(c->bytes, 0, c->len) ||
	    !text_is_clean((const char *)c->bytes, c->len))
		return;
	memcpy(text, c->bytes, c->len);
	text[c->len] = 0;
	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	text_fit(dst, size, text_trim(text));
}

#define SET_TEXT(field, c) set_text((field), sizeof(field), (c))

static bool mac_from_bytes(const uint8_t *bytes, size_t len, struct mac *ret)
{
	if (len != sizeof(ret->b))
		return false;
	memcpy(ret->b, bytes, sizeof(ret->b));
	return !mac_is_multicast(ret);
}

static bool mac_from_index(const uint32_t index[static 6], struct mac *ret)
{
	for (size_t i = 0; i < sizeof(ret->b); i++) {
		if (index[i] > UINT8_MAX)
			return false;
		ret->b[i] = (uint8_t)index[i];
	}
	return !mac_is_multicast(ret);
}

/* ---- rows ---- */

/* Where `number` stands or belongs, in an array sorted by its first member, a uint32_t. */
static size_t place_in(const void *rows, size_t count, size_t size, uint32_t number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t there;

		memcpy(&there, (const char *)rows + middle * size, sizeof(there));
		if (there < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The row of `number`, made in its place where there is none; NULL when all `most` are taken. */
static void *row_of(struct table *t, void *rows, size_t *count, size_t most, size_t size,
		    uint32_t number)
{
	size_t at = place_in(rows, *count, size, number);
	char *row = (char *)rows + at * size;

	if (at < *count && memcmp(row, &number, sizeof(number)) == 0)
		return row;
	if (*count == most) {
		t->cut = true;
		return NULL;
	}
	memmove(row + size, row, (*count - at) * size);
	memset(row, 0, size);
	memcpy(row, &number, sizeof(number));
	++*count;
	return row;
}

static void take_port(struct table *t, const struct cell *c)
{
	struct table_port *p;

	if (c->index_len != 1 || !c->index[0])
		return;
	p = row_of(t, t->ports, &t->port_count, TABLE_PORTS, sizeof(*p), c->index[0]);
	if (!p)
		return;
	if (c->column == COLUMN_IF_NAME)
		SET_TEXT(p->name, c);
	else if (c->column == COLUMN_IF_DESCRIPTION)
		SET_TEXT(p->description, c);
	else if (c->column == COLUMN_IF_ALIAS)
		SET_TEXT(p->alias, c);
	else if (c->column == COLUMN_IF_KIND)
		p->kind = c->number;
	else if (c->column == COLUMN_IF_SPEED)
		p->speed_mbit = c->number;
	else if (c->column == COLUMN_IF_ADMIN)
		p->is_down = c->number == STATUS_DOWN;
	else
		p->is_linked = c->number == STATUS_UP;
}

static void take_mac(struct table *t, const struct cell *c)
{
	size_t ahead = c->column == COLUMN_VLAN_FDB_PORT ? 1 : 0;
	struct table_mac m = {.base_port = c->number};

	if (c->index_len != ahead + sizeof(m.mac.b) || !c->number ||
	    !mac_from_index(c->index + ahead, &m.mac))
		return;
	m.vlan = ahead ? c->index[0] : 0;
	if (t->mac_count == TABLE_MACS)
		t->cut = true;
	else
		t->macs[t->mac_count++] = m;
}

static void take_link(struct table *t, const struct cell *c)
{
	bool is_base = c->column == COLUMN_BASE_PORT;
	struct table_link *l;

	if (c->index_len != 1 || !c->index[0])
		return;
	l = row_of(t, is_base ? t->base_ports : t->lldp_ports,
		   is_base ? &t->base_port_count : &t->lldp_port_count, TABLE_PORTS, sizeof(*l),
		   c->index[0]);
	if (l && is_base)
		l->port = c->number;
	else if (l)
		SET_TEXT(l->name, c);
}

/* Index: time mark, number of the port, number of the neighbour. */
static struct table_neighbour *neighbour_of(struct table *t, const struct cell *c)
{
	struct table_neighbour *n = t->neighbours;

	if (c->index_len != 3)
		return NULL;
	for (size_t i = 0; i < t->neighbour_count; i++, n++)
		if (n->number == c->index[1] && n->remote == c->index[2])
			return n;
	if (t->neighbour_count == TABLE_NEIGHBOURS) {
		t->cut = true;
		return NULL;
	}
	t->neighbour_count++;
	*n = (struct table_neighbour){.number = c->index[1], .remote = c->index[2]};
	return n;
}

static void take_id(struct table_id *id, const struct cell *c)
{
	id->len = (uint8_t)MIN(c->len, sizeof(id->bytes));
	memcpy(id->bytes, c->bytes, id->len);
}

static void take_neighbour(struct table *t, const struct cell *c)
{
	struct table_neighbour *n = neighbour_of(t, c);

	if (!n)
		return;
	if (c->column == COLUMN_NEIGHBOUR_CHASSIS_KIND)
		n->chassis.kind = (uint8_t)MIN(c->number, UINT8_MAX);
	else if (c->column == COLUMN_NEIGHBOUR_CHASSIS)
		take_id(&n->chassis, c);
	else if (c->column == COLUMN_NEIGHBOUR_PORT_KIND)
		n->port_id.kind = (uint8_t)MIN(c->number, UINT8_MAX);
	else if (c->column == COLUMN_NEIGHBOUR_PORT)
		take_id(&n->port_id, c);
	else if (c->column == COLUMN_NEIGHBOUR_NAME)
		SET_TEXT(n->name, c);
	else
		n->can = c->len ? c->bytes[0] : 0;
}

static void take_self(struct table *t, const struct cell *c)
{
	if (c->column == COLUMN_DESCRIPTION)
		SET_TEXT(t->description, c);
	else if (c->column == COLUMN_NAME)
		SET_TEXT(t->name, c);
	else if (c->column == COLUMN_MODEL)
		SET_TEXT(t->model, c);
	else if (c->column == COLUMN_SERIAL)
		SET_TEXT(t->serial, c);
	else if (c->column == COLUMN_CHASSIS)
		t->has_chassis = mac_from_bytes(c->bytes, c->len, &t->chassis);
	else
		t->has_mac = mac_from_bytes(c->bytes, c->len, &t->mac);
}

static void (*const takers[COLUMN_COUNT])(struct table *t, const struct cell *c) = {
	[COLUMN_DESCRIPTION] = take_self,
	[COLUMN_NAME] = take_self,
	[COLUMN_MODEL] = take_self,
	[COLUMN_SERIAL] = take_self,
	[COLUMN_IF_NAME] = take_port,
	[COLUMN_IF_DESCRIPTION] = take_port,
	[COLUMN_IF_ALIAS] = take_port,
	[COLUMN_IF_ADMIN] = take_port,
	[COLUMN_IF_OPER] = take_port,
	[COLUMN_BRIDGE_ADDRESS] = take_self,
	[COLUMN_BASE_PORT] = take_link,
	[COLUMN_FDB_PORT] = take_mac,
	[COLUMN_VLAN_FDB_PORT] = take_mac,
	[COLUMN_CHASSIS] = take_self,
	[COLUMN_LLDP_PORT] = take_link,
	[COLUMN_NEIGHBOUR_CHASSIS_KIND] = take_neighbour,
	[COLUMN_NEIGHBOUR_CHASSIS] = take_neighbour,
	[COLUMN_NEIGHBOUR_PORT_KIND] = take_neighbour,
	[COLUMN_NEIGHBOUR_PORT] = take_neighbour,
	[COLUMN_NEIGHBOUR_NAME] = take_neighbour,
	[COLUMN_NEIGHBOUR_CAN] = take_neighbour,
	[COLUMN_IF_KIND] = take_port,
	[COLUMN_IF_SPEED] = take_port,
};

void table_take(struct table *t, const struct cell *c)
{
	takers[c->column](t, c);
}

/* ---- joining ---- */

static const struct table_link *link_of(const struct table_link *links, size_t count,
					uint32_t number)
{
	size_t at = place_in(links, count, sizeof(*links), number);

	return at < count && links[at].number == number ? &links[at] : NULL;
}

static uint32_t port_of_base(const struct table *t, uint32_t number)
{
	const struct table_link *l = link_of(t->base_ports, t->base_port_count, number);

	return l && table_port(t, l->port) ? l->port : 0;
}

/*
 * LLDP counts ports by itself: the port is the one whose name LLDP gives, else the one with that
 * number in BRIDGE-MIB, else in IF-MIB.
 */
static uint32_t port_of_lldp(const struct table *t, uint32_t number)
{
	const struct table_link *l = link_of(t->lldp_ports, t->lldp_port_count, number);
	const struct table_port *p = l && l->name[0] ? table_port_named(t, l->name) : NULL;
	uint32_t base = port_of_base(t, number);

	if (p)
		return p->index;
	if (base)
		return base;
	return table_port(t, number) ? number : 0;
}

/* An address is its family, by IANA's numbers, and its bytes; all else is text, or left out. */
static void put_id(char *dst, size_t size, const struct table_id *id, uint8_t address_kind)
{
	const int family = id->len == 5 && id->bytes[0] == 1	? AF_INET
			   : id->len == 17 && id->bytes[0] == 2 ? AF_INET6
								: AF_UNSPEC;
	char text[INET6_ADDRSTRLEN];

	if (id->kind != address_kind)
		set_text(dst, size, &(struct cell){.bytes = id->bytes, .len = id->len});
	else if (family != AF_UNSPEC && inet_ntop(family, id->bytes + 1, text, sizeof(text)))
		text_fit(dst, size, text);
}

static bool far_port_mac(const struct table_neighbour *n, struct mac *ret)
{
	return n->port_id.kind == PORT_IS_MAC &&
	       mac_from_bytes(n->port_id.bytes, n->port_id.len, ret);
}

/* By which MAC and name it is known, whatever it calls itself by. */
static void call_neighbour(struct table_neighbour *n)
{
	struct mac far;

	/* A switch that tells no kind means a MAC wherever it can be one. */
	if (n->chassis.kind == CHASSIS_IS_MAC || n->chassis.kind == 0)
		n->has_mac = mac_from_bytes(n->chassis.bytes, n->chassis.len, &n->mac);
	else if (!n->name[0])
		put_id(n->name, sizeof(n->name), &n->chassis, CHASSIS_IS_ADDRESS);
	if (!far_port_mac(n, &far)) {
		put_id(n->far_port, sizeof(n->far_port), &n->port_id, PORT_IS_ADDRESS);
		return;
	}
	mac_format(n->far_port, &far);
	if (!n->has_mac)
		n->mac = far;
	n->has_mac = true;
}

/* Of equal addresses the one with a port first, then the one with a VLAN. */
static int compare_macs(const void *a, const void *b)
{
	const struct table_mac *x = a, *y = b;
	int order = memcmp(&x->mac, &y->mac, sizeof(x->mac));

	if (!order)
		order = (x->port == 0) - (y->port == 0);
	if (!order)
		order = (x->vlan == 0) - (y->vlan == 0);
	if (!order)
		order = (x->vlan > y->vlan) - (x->vlan < y->vlan);
	return order;
}

static struct table_port *port_to_change(struct table *t, uint32_t index)
{
	const struct table_port *p = table_port(t, index);

	return p ? &t->ports[p - t->ports] : NULL;
}

static void join_macs(struct table *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->mac_count; i++)
		t->macs[i].port = port_of_base(t, t->macs[i].base_port);
	qsort(t->macs, t->mac_count, sizeof(*t->macs), compare_macs);
	for (size_t i = 0; i < t->mac_count; i++) {
		struct table_port *p = port_to_change(t, t->macs[i].port);

		if (kept && mac_equal(&t->macs[kept - 1].mac, &t->macs[i].mac))
			continue;
		if (p)
			p->macs++;
		t->macs[kept++] = t->macs[i];
	}
	t->mac_count = kept;
}

/* Most of the room was never used. */
static void *shrink(void *rows, size_t count, size_t size)
{
	void *less = realloc(rows, MAX(count, (size_t)1) * size);

	return less ? less : rows;
}

static void tidy(struct table *t)
{
	free(t->base_ports);
	free(t->lldp_ports);
	t->base_ports = t->lldp_ports = NULL;
	t->base_port_count = t->lldp_port_count = 0;
	t->ports = shrink(t->ports, t->port_count, sizeof(*t->ports));
	t->macs = shrink(t->macs, t->mac_count, sizeof(*t->macs));
	t->neighbours = shrink(t->neighbours, t->neighbour_count, sizeof(*t->neighbours));
}

void table_finish(struct table *t)
{
	join_macs(t);
	for (size_t i = 0; i < t->neighbour_count; i++) {
		struct table_neighbour *n = &t->neighbours[i];
		struct table_port *p;

		call_neighbour(n);
		n->port = port_of_lldp(t, n->number);
		p = port_to_change(t, n->port);
		if (p && neighbour_leads_further(n))
			p->leads_further = true;
	}
	tidy(t);
}

/* ---- looking up ---- */

bool port_is_plug(const struct table_port *p)
{
	/* IANAifType-MIB: Ethernet under its four names, IEEE 802.11, an aggregate. */
	static const uint32_t plugs[] = {0, 6, 62, 69, 117, 71, 161};

	for (size_t i = 0; i < ARRAY_SIZE(plugs); i++)
		if (p->kind == plugs[i])
			return p->name[0] || p->description[0];
	return false;
}

bool neighbour_leads_further(const struct table_neighbour *n)
{
	return (n->can & (CAN_BRIDGE | CAN_ROUTER)) &&
	       !(n->can & (CAN_TELEPHONE | CAN_ACCESS_POINT));
}

const struct table_port *table_port(const struct table *t, uint32_t index)
{
	size_t at = place_in(t->ports, t->port_count, sizeof(*t->ports), index);

	return at < t->port_count && t->ports[at].index == index ? &t->ports[at] : NULL;
}

const struct table_port *table_port_named(const struct table *t, const char *name)
{
	for (size_t i = 0; name[0] && i < t->port_count; i++)
		if (text_equal(t->ports[i].name, name))
			return &t->ports[i];
	for (size_t i = 0; name[0] && i < t->port_count; i++)
		if (text_equal(t->ports[i].description, name))
			return &t->ports[i];
	return NULL;
}

const struct table_mac *table_mac(const struct table *t, const struct mac *mac)
{
	size_t low = 0, high = t->mac_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(&t->macs[middle].mac, mac, sizeof(*mac));

		if (order == 0)
			return &t->macs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
