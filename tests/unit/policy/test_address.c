/* Whether a card has what it was given, and who claims it on the wire (D22). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/address.h"

#define BANK "{\"bank\":[\"10.1.0.0/16\"]}"

static const struct mac own = {{0x3c, 0, 0, 0, 0, 1}}, none;

static int parse(const char *text, struct address_rules *ret, char *where)
{
	json_t *settings = json_loads(text, 0, NULL);
	int err = address_rules_parse(settings, ret, where);

	assert_non_null(settings);
	json_decref(settings);
	return err;
}

static struct address_rules rules(const char *text)
{
	char where[ADDRESS_WHERE_SIZE];
	struct address_rules r;

	assert_int_equal(parse(text, &r, where), 0);
	return r;
}

static void put_host(uint8_t dst[static 16], const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	memcpy(dst, p.host, sizeof(p.host));
}

static void put_address(struct link *l, const char *text, bool leased)
{
	if (leased)
		l->leased |= 1U << l->address_count;
	assert_int_equal(prefix_parse(text, &l->addresses[l->address_count++]), 0);
}

static struct link card(const char *address, bool leased)
{
	struct link l = {.name = "eth0", .up = true, .mac = own, .gateway_is_v4 = true};

	put_address(&l, address, leased);
	put_host(l.gateway, "10.1.2.1");
	return l;
}

static struct address_view judge(const struct address_rules *r, const struct assigned *a,
				 const struct link *l)
{
	struct address_view v;

	address_judge(r, a, l, &v);
	return v;
}

static void the_first_address_of_the_banks_is_the_given_one(void **state)
{
	const struct address_rules r = rules(BANK);
	struct assigned a = {.address = {.bits = 0}};
	struct link l = card("192.168.1.5/24", false);

	(void)state;
	assert_true(address_assign(&r, &l, &own, &a)); /* its MAC is known now */
	assert_int_equal(a.address.bits, 0);
	l = card("10.1.2.3/24", false);
	assert_true(address_assign(&r, &l, &own, &a));
	assert_int_equal(judge(&r, &a, &l).troubles, 0);
	l = card("10.1.2.4/24", false);
	assert_false(address_assign(&r, &l, &own, &a));
	assert_int_equal(judge(&r, &a, &l).troubles, 1U << ADDRESS_IS_OTHER);
	assert_int_equal(judge(&r, &a, &l).strangers, 1);
}

static void an_address_beside_the_given_one_is_a_stranger(void **state)
{
	const struct address_rules r = rules(BANK);
	struct assigned a = {.address = {.bits = 0}};
	struct link l = card("10.1.2.3/24", false);

	(void)state;
	assert_true(address_assign(&r, &l, &none, &a));
	put_address(&l, "10.1.2.3/16", false); /* the same with another reach */
	put_address(&l, "2001:db8::5/64", true);
	assert_int_equal(judge(&r, &a, &l).strangers, 1U << 1);
}

static void a_card_away_from_the_bank_is_not_judged(void **state)
{
	const struct address_rules r = rules(BANK);
	struct assigned a = {.address = {.bits = 0}};
	struct link l = card("10.1.2.3/24", false);

	(void)state;
	assert_true(address_assign(&r, &l, &own, &a));
	l = card("192.168.1.5/24", true);
	assert_int_equal(judge(&r, &a, &l).troubles, 0);
	l = card("192.168.1.5/24", false); /* typed in by hand */
	assert_int_equal(judge(&r, &a, &l).troubles, 1U << ADDRESS_IS_OTHER);
}

static void leases_are_followed_only_where_the_policy_says_so(void **state)
{
	const struct address_rules typed = rules(BANK);
	const struct address_rules leases = rules("{\"bank\":[\"10.1.0.0/16\"],\"leases\":true}");
	struct assigned a = {.address = {.bits = 0}};
	struct link first = card("10.1.2.3/24", true), later = card("10.1.2.9/24", true);
	struct link empty = card("10.1.2.9/24", true);

	(void)state;
	empty.address_count = 0;
	assert_true(address_assign(&typed, &first, &own, &a));
	assert_false(address_assign(&typed, &later, &own, &a));
	assert_int_not_equal(judge(&typed, &a, &later).troubles, 0);
	assert_int_equal(judge(&typed, &a, &empty).troubles, 1U << ADDRESS_IS_MISSING);
	assert_true(address_assign(&leases, &later, &own, &a));
	assert_int_equal(judge(&leases, &a, &later).troubles, 0);
	assert_int_equal(judge(&leases, &a, &empty).troubles, 0);
	later = card("10.1.2.10/24", false);
	assert_false(address_assign(&leases, &later, &own, &a));
	assert_int_not_equal(judge(&leases, &a, &later).troubles, 0);
}

static void the_plan_stands_above_what_a_card_had(void **state)
{
	const struct address_rules r =
		rules("{\"bank\":[\"10.1.0.0/16\"],\"plan\":[{\"mac\":\"3c-00-00-00-00-01\","
		      "\"address\":\"10.1.2.50/24\",\"gateway\":\"10.1.2.1\"}]}");
	struct assigned a = {.address = {.bits = 0}};
	struct link l = card("10.1.2.3/24", false);

	(void)state;
	assert_true(address_assign(&r, &l, &own, &a));
	assert_int_equal(judge(&r, &a, &l).troubles, 1U << ADDRESS_IS_OTHER);
	l = card("10.1.2.50/24", false);
	assert_int_equal(judge(&r, &a, &l).troubles, 0);
}

static void another_gateway_and_another_mac_are_noticed(void **state)
{
	const struct address_rules r = rules(BANK);
	struct assigned a = {.address = {.bits = 0}};
	struct link l = card("10.1.2.3/24", false);

	(void)state;
	assert_true(address_assign(&r, &l, &own, &a));
	put_host(l.gateway, "10.1.2.200");
	l.mac.b[0] = 2;
	assert_int_equal(judge(&r, &a, &l).troubles,
			 1U << ADDRESS_GATEWAY_IS_OTHER | 1U << ADDRESS_MAC_IS_OTHER);
	assert_string_equal(address_trouble_name(ADDRESS_MAC_IS_OTHER), "mac");
}

static void a_card_whose_own_mac_nobody_knows_keeps_the_first(void **state)
{
	const struct address_rules r = rules(BANK);
	struct assigned a = {.address = {.bits = 0}};
	struct link l = card("10.1.2.3/24", false);

	(void)state;
	assert_true(address_assign(&r, &l, &none, &a));
	l.mac.b[5] = 9;
	assert_false(address_assign(&r, &l, &none, &a));
	assert_int_equal(judge(&r, &a, &l).troubles, 1U << ADDRESS_MAC_IS_OTHER);
}

static void a_wrong_word_is_named_and_changes_nothing(void **state)
{
	static const struct {
		const char *text, *where;
	} bad[] = {
		{"{\"bank\":[\"10.1.0.0/33\"]}", "bank[0]"},
		{"{\"leases\":1}", "leases"},
		{"{\"generation\":-1}", "generation"},
		{"{\"plan\":[{\"mac\":\"3c\",\"address\":\"10.1.2.3/24\"}]}", "plan[0].mac"},
		{"{\"plan\":[{\"mac\":\"3c0000000001\",\"address\":\"10.1.2.3\"}]}",
		 "plan[0].address"},
		{"{\"plan\":[{\"mac\":\"3c0000000001\",\"address\":\"2001:db8::1/64\"}]}",
		 "plan[0].address"},
		{"{\"gateways\":[{\"address\":\"10.1.2.0/24\",\"mac\":\"3c0000000001\"}]}",
		 "gateways[0].address"},
		{"{\"gateways\":[{\"address\":\"10.1.2.1\"}]}", "gateways[0].mac"},
	};
	char where[ADDRESS_WHERE_SIZE];
	struct address_rules r = {.bank_count = 7};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i].text, &r, where), -EINVAL);
		assert_string_equal(where, bad[i].where);
		assert_int_equal(r.bank_count, 7);
	}
}

static void a_claim_is_read_and_a_probe_is_none(void **state)
{
	uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 0x66, 10, 1, 2, 3};
	uint8_t nd[72] = {0x60,	    [6] = 58, [7] = 255, [40] = 136, [48] = 0x20,
			  [63] = 7, [64] = 2, [65] = 1,	 [66] = 2,   [71] = 0x66};
	struct claim c;
	uint8_t host[16];

	(void)state;
	put_host(host, "10.1.2.3");
	assert_int_equal(claim_parse_arp(arp, sizeof(arp), &c), 0);
	assert_memory_equal(c.host, host, 16);
	assert_int_equal(c.mac.b[5], 0x66);
	assert_int_equal(claim_parse_arp(arp, sizeof(arp) - 1, &c), -EBADMSG);
	memset(arp + 14, 0, 4);
	assert_int_equal(claim_parse_arp(arp, sizeof(arp), &c), -EBADMSG);
	assert_int_equal(claim_parse_nd(nd, sizeof(nd), &c), 0);
	assert_int_equal(c.host[15], 7);
	assert_int_equal(c.mac.b[5], 0x66);
	nd[7] = 64; /* it came through a router */
	assert_int_equal(claim_parse_nd(nd, sizeof(nd), &c), -EBADMSG);
	nd[7] = 255, nd[65] = 0; /* an option without length */
	assert_int_equal(claim_parse_nd(nd, sizeof(nd), &c), -EBADMSG);
	assert_int_equal(claim_parse_nd(nd, 64, &c), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_address_of_the_banks_is_the_given_one),
		cmocka_unit_test(an_address_beside_the_given_one_is_a_stranger),
		cmocka_unit_test(a_card_away_from_the_bank_is_not_judged),
		cmocka_unit_test(leases_are_followed_only_where_the_policy_says_so),
		cmocka_unit_test(the_plan_stands_above_what_a_card_had),
		cmocka_unit_test(another_gateway_and_another_mac_are_noticed),
		cmocka_unit_test(a_card_whose_own_mac_nobody_knows_keeps_the_first),
		cmocka_unit_test(a_wrong_word_is_named_and_changes_nothing),
		cmocka_unit_test(a_claim_is_read_and_a_probe_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
