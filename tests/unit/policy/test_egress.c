/* Which links lead past the bank (D21). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/egress.h"

#define WIRE_ALONE "{\"bank\":[\"10.1.0.0/16\",\"2001:db8:1::/48\"]}"

static struct egress_rules rules(const char *text)
{
	char where[EGRESS_WHERE_SIZE];
	struct egress_rules r;
	json_t *settings = json_loads(text, 0, NULL);

	assert_non_null(settings);
	assert_int_equal(egress_rules_parse(settings, &r, where), 0);
	json_decref(settings);
	return r;
}

static void refused(const char *text)
{
	char where[EGRESS_WHERE_SIZE];
	struct egress_rules r = {.bank_count = 77};
	json_t *settings = json_loads(text, 0, NULL);

	assert_int_equal(egress_rules_parse(settings, &r, where), -EINVAL);
	assert_int_equal(r.bank_count, 77);
	json_decref(settings);
}

static struct link *add(struct links *l, enum link_kind kind, const char *address)
{
	struct link *link = &l->list[l->count++];

	*link = (struct link){.kind = kind, .up = true, .index = (int)l->count};
	if (address) {
		assert_int_equal(prefix_parse(address, &link->addresses[0]), 0);
		link->address_count = 1;
	}
	return link;
}

static void route(struct link *l, const char *hop)
{
	assert_int_equal(prefix_parse(hop, &l->hops[l->hop_count++]), 0);
}

static struct egress_view judge(const struct egress_rules *r, const struct links *l)
{
	struct egress_view v;

	egress_judge(r, l, &v);
	return v;
}

static void the_banks_wire_alone_is_fine(void **state)
{
	const struct egress_rules r = rules(WIRE_ALONE);
	struct links l = {.count = 0};
	struct egress_view v;

	(void)state;
	add(&l, LINK_VIRTUAL, "127.0.0.1");
	route(add(&l, LINK_WIRE, "10.1.2.3/24"), "10.1.2.1");
	v = judge(&r, &l);
	assert_true(v.inside);
	assert_int_equal(v.bank, 1U << 1);
	assert_int_equal(v.second, 0);
	assert_false(egress_wants_cut(&r, &v));
}

static void a_radio_is_a_way_out_before_it_has_an_address(void **state)
{
	static const enum link_kind eager[] = {LINK_WIFI, LINK_MODEM, LINK_TETHER, LINK_BLUETOOTH};
	const struct egress_rules r = rules(WIRE_ALONE);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(eager); i++) {
		struct links l = {.count = 0};
		struct egress_view v;

		add(&l, LINK_WIRE, "10.1.2.3");
		add(&l, eager[i], NULL);
		v = judge(&r, &l);
		assert_int_equal(v.second, 1U << 1);
		assert_true(egress_wants_cut(&r, &v));
		l.list[1].up = false;
		assert_int_equal(judge(&r, &l).second, 0);
	}
}

static void a_telephone_with_an_address_of_the_banks_is_not_the_bank(void **state)
{
	const struct egress_rules r = rules(WIRE_ALONE);
	struct links l = {.count = 0};

	(void)state;
	add(&l, LINK_TETHER, "10.1.2.3");
	assert_false(judge(&r, &l).inside);
	assert_int_equal(judge(&r, &l).second, 1);
}

static void staff_wifi_is_the_banks_when_the_policy_says_so(void **state)
{
	const struct egress_rules r =
		rules("{\"bank\":[\"10.1.0.0/16\"],\"allow\":[\"wire\",\"wifi\"]}");
	struct links l = {.count = 0};

	(void)state;
	add(&l, LINK_WIFI, "10.1.2.3");
	assert_true(judge(&r, &l).inside);
	assert_int_equal(judge(&r, &l).second, 0);
}

static void a_foreign_address_hop_or_reach_makes_the_banks_link_mixed(void **state)
{
	static const char *const foreign[] = {"192.168.43.1", "203.0.113.0/24", "10.0.0.0/8",
					      "0.0.0.0/0"};
	const struct egress_rules r = rules(WIRE_ALONE);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		struct links l = {.count = 0};
		struct egress_view v;

		route(add(&l, LINK_WIRE, "10.1.2.3"), foreign[i]);
		v = judge(&r, &l);
		assert_true(v.inside);
		assert_int_equal(v.mixed, 1);
		assert_int_equal(v.second, 1);
	}
}

static void more_than_can_be_looked_at_is_mixed(void **state)
{
	const struct egress_rules r = rules(WIRE_ALONE);
	struct links l = {.count = 0};

	(void)state;
	add(&l, LINK_WIRE, "10.1.2.3")->more = true;
	assert_int_equal(judge(&r, &l).mixed, 1);
}

static void a_containers_bridge_leads_nowhere_and_its_ports_are_its_own(void **state)
{
	const struct egress_rules r = rules(WIRE_ALONE);
	struct links l = {.count = 0};

	(void)state;
	add(&l, LINK_WIRE, "10.1.2.3");
	add(&l, LINK_BRIDGE, "172.17.0.1");
	add(&l, LINK_WIRE, "172.17.0.2")->enslaved = true;
	assert_int_equal(judge(&r, &l).second, 0);
	l.list[1].is_default = true;
	assert_int_equal(judge(&r, &l).second, 1U << 1);
}

static void away_is_recorded_or_cut_as_the_policy_says(void **state)
{
	const struct egress_rules record = rules(WIRE_ALONE);
	const struct egress_rules cut = rules("{\"bank\":[\"10.1.0.0/16\"],\"away\":\"cut\"}");
	struct links l = {.count = 0};
	struct egress_view v;

	(void)state;
	add(&l, LINK_WIRE, "192.168.1.20");
	v = judge(&record, &l);
	assert_false(v.inside);
	assert_int_equal(v.second, 1);
	assert_false(egress_wants_cut(&record, &v));
	assert_true(egress_wants_cut(&cut, &v));
}

static void without_the_banks_addresses_nothing_is_judged(void **state)
{
	const struct egress_rules r = rules("{}");
	struct links l = {.count = 0};

	(void)state;
	add(&l, LINK_WIFI, "192.168.1.20");
	assert_int_equal(judge(&r, &l).second, 0);
}

static void rules_that_are_none_change_nothing(void **state)
{
	(void)state;
	refused("{\"bank\":\"10.0.0.0/8\"}");
	refused("{\"bank\":[\"10.0.0.0/33\"]}");
	refused("{\"bank\":[\"bank.example\"]}");
	refused("{\"bank\":[7]}");
	refused("{\"allow\":[\"carrier pigeon\"]}");
	refused("{\"away\":\"perhaps\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_banks_wire_alone_is_fine),
		cmocka_unit_test(a_radio_is_a_way_out_before_it_has_an_address),
		cmocka_unit_test(a_telephone_with_an_address_of_the_banks_is_not_the_bank),
		cmocka_unit_test(staff_wifi_is_the_banks_when_the_policy_says_so),
		cmocka_unit_test(a_foreign_address_hop_or_reach_makes_the_banks_link_mixed),
		cmocka_unit_test(more_than_can_be_looked_at_is_mixed),
		cmocka_unit_test(a_containers_bridge_leads_nowhere_and_its_ports_are_its_own),
		cmocka_unit_test(away_is_recorded_or_cut_as_the_policy_says),
		cmocka_unit_test(without_the_banks_addresses_nothing_is_judged),
		cmocka_unit_test(rules_that_are_none_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
