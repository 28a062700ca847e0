/* From what switches answer to where a MAC is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "survey/place.h"

#define CELL(t, c, bytes_or_null, value, ...)                                                      \
	take((t), (c), (bytes_or_null), (value), (const uint32_t[]){__VA_ARGS__},                  \
	     sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void take(struct table *t, enum column column, const char *text, uint32_t number,
		 const uint32_t *index, size_t count)
{
	struct cell c = {.column = column, .number = number, .index_len = count};

	memcpy(c.index, index, count * sizeof(*index));
	c.bytes = (const uint8_t *)text;
	c.len = text ? strlen(text) : 0;
	table_take(t, &c);
}

static void take_mac_text(struct table *t, enum column column, const char *mac,
			  const uint32_t *index, size_t count)
{
	struct cell c = {.column = column, .index_len = count};
	struct mac m;

	assert_int_equal(mac_parse(mac, &m), 0);
	if (count)
		memcpy(c.index, index, count * sizeof(*index));
	c.bytes = m.b;
	c.len = sizeof(m.b);
	table_take(t, &c);
}

/* Ports 101.. named Gi0/1.., which BRIDGE-MIB calls 1... */
static struct table *switch_with_ports(const char *name, const char *mac, uint32_t count)
{
	struct table *t;

	assert_int_equal(table_new(&t), 0);
	CELL(t, COLUMN_NAME, name, 0, 0);
	take_mac_text(t, COLUMN_BRIDGE_ADDRESS, mac, (const uint32_t[]){0}, 1);
	for (uint32_t i = 1; i <= count; i++) {
		char port[24];

		snprintf(port, sizeof(port), "Gi0/%u", i);
		CELL(t, COLUMN_IF_NAME, port, 0, 100 + i);
		CELL(t, COLUMN_BASE_PORT, NULL, 100 + i, i);
	}
	return t;
}

static void learn(struct table *t, uint32_t port, uint32_t last)
{
	CELL(t, COLUMN_VLAN_FDB_PORT, NULL, port, 30, 0, 0x1e, 0x67, 0, last >> 8, last & 255);
}

static struct mac address_of(uint32_t last)
{
	return (struct mac){{0, 0x1e, 0x67, 0, (uint8_t)(last >> 8), (uint8_t)last}};
}

static void neighbour(struct table *t, uint32_t port, const char *mac, const char *name,
		      const char *can)
{
	const uint32_t index[] = {0, port, 1};

	take_mac_text(t, COLUMN_NEIGHBOUR_CHASSIS, mac, index, 3);
	CELL(t, COLUMN_NEIGHBOUR_NAME, name, 0, 0, port, 1);
	CELL(t, COLUMN_NEIGHBOUR_CAN, can, 0, 0, port, 1);
}

static void a_mac_stands_behind_the_port_that_the_bridge_names(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 4);
	const struct table *all[] = {t};
	struct mac wanted = address_of(7);
	struct place p;

	(void)state;
	learn(t, 3, 7);
	CELL(t, COLUMN_FDB_PORT, NULL, 3, 0, 0x1e, 0x67, 0, 0, 7);
	table_finish(t);
	assert_true(place_find(all, 1, UPLINK_MACS, &wanted, &p));
	assert_string_equal(p.port->name, "Gi0/3");
	assert_int_equal(p.port->index, 103);
	assert_int_equal(p.mac->vlan, 30);
	assert_int_equal(t->mac_count, 1); /* both tables had it */
	assert_int_equal(p.port->macs, 1);
}

static void a_port_to_another_bridge_is_an_uplink_and_hides_nothing(void **state)
{
	CLEANUP_TABLE struct table *core = switch_with_ports("core", "00:00:5e:00:53:01", 4);
	CLEANUP_TABLE struct table *edge = switch_with_ports("edge", "00:00:5e:00:53:02", 4);
	const struct table *all[] = {core, NULL, edge};
	struct mac wanted = address_of(9);
	struct place p;

	(void)state;
	learn(core, 1, 9);
	neighbour(core, 1, "00:00:5e:00:53:02", "edge", "\x20");
	learn(edge, 2, 9);
	learn(edge, 2, 10);
	table_finish(core);
	table_finish(edge);
	assert_true(port_is_uplink(table_port_named(core, "Gi0/1"), UPLINK_MACS));
	assert_true(place_find(all, 3, UPLINK_MACS, &wanted, &p));
	assert_int_equal(p.at, 2);
	assert_string_equal(p.port->name, "Gi0/2");
}

static void many_macs_make_an_uplink(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 2);
	const struct table *all[] = {t};
	struct mac wanted = address_of(1);
	struct place p;

	(void)state;
	for (uint32_t i = 1; i <= UPLINK_MACS + 1; i++)
		learn(t, 1, i);
	table_finish(t);
	assert_true(port_is_uplink(table_port_named(t, "Gi0/1"), UPLINK_MACS));
	assert_false(port_is_uplink(table_port_named(t, "Gi0/1"), UPLINK_MACS + 1));
	assert_false(place_find(all, 1, UPLINK_MACS, &wanted, &p));
}

static void a_telephone_that_bridges_is_no_uplink(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 2);

	(void)state;
	neighbour(t, 2, "00:00:5e:00:53:99", "phone", "\x24");
	table_finish(t);
	assert_false(port_is_uplink(table_port_named(t, "Gi0/2"), UPLINK_MACS));
	assert_int_equal(t->neighbours[0].port, 102);
}

/* The kinds are those of LldpChassisIdSubtype and LldpPortIdSubtype. */
static void call(struct table *t, uint32_t port, uint32_t kind, const char *id, size_t len)
{
	struct cell c = {.column = COLUMN_NEIGHBOUR_CHASSIS, .index = {0, port, 1}, .index_len = 3};

	c.bytes = (const uint8_t *)id;
	c.len = len;
	table_take(t, &c);
	CELL(t, COLUMN_NEIGHBOUR_CHASSIS_KIND, NULL, kind, 0, port, 1);
	CELL(t, COLUMN_NEIGHBOUR_CAN, "\x20", 0, 0, port, 1);
}

static void a_neighbour_is_called_by_what_its_kind_says(void **state)
{
	static const struct {
		uint32_t kind;
		const char *id;
		size_t len;
		bool has_mac;
		const char *name;
	} calls[] = {
		{4, "\x00\x00\x5e\x00\x53\x66", 6, true, ""},
		{0, "\x00\x00\x5e\x00\x53\x66", 6, true, ""},  /* of a switch that tells no kind */
		{4, "\x01\x00\x5e\x00\x53\x66", 6, false, ""}, /* a group's */
		{4, "\x00\x00\x5e", 3, false, ""},
		{7, "Rtr-01", 6, false, "Rtr-01"}, /* six letters are no MAC */
		{6, "eth0", 4, false, "eth0"},
		{5, "\x01\x0a\x01\x02\x03", 5, false, "10.1.2.3"},
		{5, "\x02\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09", 17, false, "fd00::9"},
		{5, "\x03\x0a\x01\x02\x03", 5, false, ""}, /* of no family that is known */
		{5, "\x01\x0a\x01", 3, false, ""},
		{7, "a\0b", 3, false, ""},
	};
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 16);

	(void)state;
	for (uint32_t i = 0; i < ARRAY_SIZE(calls); i++)
		call(t, i + 1, calls[i].kind, calls[i].id, calls[i].len);
	table_finish(t);
	assert_int_equal(t->neighbour_count, ARRAY_SIZE(calls));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		assert_int_equal(t->neighbours[i].has_mac, calls[i].has_mac);
		assert_string_equal(t->neighbours[i].name, calls[i].name);
	}
}

static void its_port_s_mac_stands_for_one_whose_chassis_has_none(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 2);

	(void)state;
	for (uint32_t port = 1; port <= 2; port++) {
		call(t, port, 7, "tp-link", 7);
		take_mac_text(t, COLUMN_NEIGHBOUR_PORT, "00:00:5e:00:53:66",
			      (const uint32_t[]){0, port, 1}, 3);
		CELL(t, COLUMN_NEIGHBOUR_PORT_KIND, NULL, port == 1 ? 3 : 5, 0, port, 1);
	}
	table_finish(t);
	assert_true(t->neighbours[0].has_mac);
	assert_int_equal(t->neighbours[0].mac.b[5], 0x66);
	assert_string_equal(t->neighbours[0].far_port, "00:00:5e:00:53:66");
	assert_string_equal(t->neighbours[0].name, "tp-link");
	assert_false(t->neighbours[1].has_mac); /* that the port is called so is another thing */
}

static void a_neighbour_that_is_no_switch_of_ours_is_unknown(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 4);
	CLEANUP_TABLE struct table *other = switch_with_ports("sw2", "00:00:5e:00:53:02", 1);
	const struct table *all[] = {t, other, NULL};
	const char *const names[] = {"sw1", "sw2", "sw3"};

	(void)state;
	neighbour(t, 1, "00:00:5e:00:53:02", "renamed", "\x20");
	neighbour(t, 2, "00:00:5e:00:53:77", "sw3", "\x28");
	neighbour(t, 3, "00:00:5e:00:53:66", "tp-link", "\x20");
	neighbour(t, 4, "00:00:5e:00:53:55", "a computer", "\x01");
	table_finish(t);
	table_finish(other);
	assert_false(neighbour_is_unknown(all, names, 3, &t->neighbours[0]));
	assert_false(neighbour_is_unknown(all, names, 3, &t->neighbours[1]));
	assert_true(neighbour_is_unknown(all, names, 3, &t->neighbours[2]));
	assert_false(neighbour_is_unknown(all, names, 3, &t->neighbours[3]));
}

static void lldp_names_its_ports_by_itself(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 4);

	(void)state;
	CELL(t, COLUMN_LLDP_PORT, "Gi0/4", 0, 1);
	neighbour(t, 1, "00:00:5e:00:53:66", "x", "\x20");
	table_finish(t);
	assert_int_equal(t->neighbours[0].port, 104);
}

static void a_table_of_too_many_macs_is_cut_and_says_so(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 2);

	(void)state;
	for (uint32_t i = 0; i < TABLE_MACS; i++)
		learn(t, 1, i);
	assert_false(t->cut);
	learn(t, 1, TABLE_MACS);
	assert_true(t->cut);
	table_finish(t);
	assert_int_equal(t->mac_count, TABLE_MACS);
}

static void what_makes_no_sense_is_left_out(void **state)
{
	CLEANUP_TABLE struct table *t = switch_with_ports("sw1", "00:00:5e:00:53:01", 2);

	(void)state;
	CELL(t, COLUMN_FDB_PORT, NULL, 1, 0, 0x1e, 0x67, 0, 0, 256);
	CELL(t, COLUMN_FDB_PORT, NULL, 1, 0, 0x1e, 0x67);
	CELL(t, COLUMN_FDB_PORT, NULL, 1, 1, 0, 0x5e, 0, 0, 1); /* a group's address */
	CELL(t, COLUMN_MODEL, "\x1b[2J", 0, 1);
	CELL(t, COLUMN_MODEL, "S5735\nL", 0, 2);
	CELL(t, COLUMN_MODEL, "a module", 0, 3);
	CELL(t, COLUMN_IF_NAME, "nowhere", 0, 0);
	CELL(t, COLUMN_NEIGHBOUR_NAME, "nobody", 0, 1);
	table_finish(t);
	assert_int_equal(t->mac_count, 0);
	assert_int_equal(t->port_count, 2);
	assert_int_equal(t->neighbour_count, 0);
	assert_string_equal(t->model, "S5735 L");
}

static void a_cell_survives_its_way(void **state)
{
	const struct cell sent = {.column = COLUMN_IF_NAME,
				  .index = {7, UINT32_MAX},
				  .index_len = 2,
				  .number = 77,
				  .bytes = (const uint8_t *)"Gi0/7",
				  .len = 5};
	CLEANUP_BUF struct buf b = BUF_INIT;
	struct cell c;
	size_t used;

	(void)state;
	cell_put(&b, &sent);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(cell_get(b.data, len, &c, &used), 0);
	assert_int_equal(cell_get(b.data, b.len, &c, &used), 1);
	assert_int_equal(used, b.len);
	assert_int_equal(c.index[1], UINT32_MAX);
	assert_int_equal(c.number, 77);
	assert_memory_equal(c.bytes, "Gi0/7", 5);
	b.data[0] = COLUMN_COUNT;
	assert_int_equal(cell_get(b.data, b.len, &c, &used), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mac_stands_behind_the_port_that_the_bridge_names),
		cmocka_unit_test(a_port_to_another_bridge_is_an_uplink_and_hides_nothing),
		cmocka_unit_test(many_macs_make_an_uplink),
		cmocka_unit_test(a_telephone_that_bridges_is_no_uplink),
		cmocka_unit_test(a_neighbour_is_called_by_what_its_kind_says),
		cmocka_unit_test(its_port_s_mac_stands_for_one_whose_chassis_has_none),
		cmocka_unit_test(a_neighbour_that_is_no_switch_of_ours_is_unknown),
		cmocka_unit_test(lldp_names_its_ports_by_itself),
		cmocka_unit_test(a_table_of_too_many_macs_is_cut_and_says_so),
		cmocka_unit_test(what_makes_no_sense_is_left_out),
		cmocka_unit_test(a_cell_survives_its_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
