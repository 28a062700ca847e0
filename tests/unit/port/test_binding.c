#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "port/binding.h"
#include "port/isolation.h"

static void fill(struct settings *s)
{
	*s = (struct settings){.ports = {.count = 1, .name = {"p1"}}, .gate_count = 1};
	s->refuges.count = s->resolvers.count = s->network.count = 1;
	assert_int_equal(addr_parse("10.1.0.9:3799", 0, &s->address), 0);
	assert_int_equal(addr_parse("10.1.0.8:1812", 0, &s->gates[0]), 0);
	assert_int_equal(addr_parse("10.1.0.2:443", 0, &s->refuges.addr[0]), 0);
	assert_int_equal(addr_parse("[fd00::53]:53", 0, &s->resolvers.addr[0]), 0);
	assert_int_equal(addr_parse("10.1.0.1", 0, &s->network.addr[0]), 0);
}

static void an_address_of_the_network_is_nobody_s_to_claim(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	struct settings s;

	(void)state;
	fill(&s);
	binding_print(&s, &out);
	assert_non_null(strstr(buf_str(&out),
			       "set network4 { type ipv4_addr; elements = { 10.1.0.9, "
			       "10.1.0.8, 10.1.0.2, 10.1.0.1 } }"));
	assert_non_null(
		strstr(buf_str(&out), "elements = { 0xfd000000000000000000000000000053 } }"));
	assert_non_null(strstr(buf_str(&out), "chain bind_arp {\n\t\tarp saddr ip @network4 drop"));
	assert_non_null(strstr(buf_str(&out), "chain bind_nd {\n\t\t@th,64,128 @network6 drop"));
}

static void a_table_without_such_addresses_is_whole(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	struct settings s;

	(void)state;
	fill(&s);
	s.resolvers.count = 0;
	binding_print(&s, &out);
	assert_non_null(strstr(buf_str(&out), "set network6 { typeof @nh,64,128; }"));
}

static void who_is_admitted_is_bound_only_where_it_is_wanted(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	struct settings s;

	(void)state;
	fill(&s);
	isolation_print(&s, &out);
	assert_non_null(strstr(buf_str(&out), "@enforced goto plan\n\t\tgoto note"));
	s.bind = true;
	buf_clear(&out);
	isolation_print(&s, &out);
	assert_non_null(strstr(buf_str(&out), "arp saddr ether != @admitted drop\n\t\tgoto bind"));
}

static void a_mac_that_leaves_gives_back_its_own_addresses_alone(void **state)
{
	static const char four[] = "elements = { 02:00:5e:00:01:02 . 10.10.0.12 expires 29m,\n"
				   "\t02:00:5e:00:01:03 . 10.10.0.13 expires 29m,\n"
				   "\t02:00:5e:00:01:02 . 10.50.0.12 expires 29m }";
	static const char six[] = "elements = { 0x2005e000102 . 0xfe80000000000000 expires 29m }";
	const struct mac mac = {{2, 0, 0x5e, 0, 1, 2}};
	CLEANUP_BUF struct buf out = BUF_INIT;

	(void)state;
	binding_print_release(&out, "bridge t", 0, four, &mac);
	binding_print_release(&out, "bridge t", 1, six, &mac);
	assert_non_null(strstr(buf_str(&out), "add element bridge t owned4 { 10.10.0.12 }"));
	assert_non_null(strstr(buf_str(&out),
			       "delete element bridge t bound4 { 02:00:5e:00:01:02 . "
			       "10.50.0.12 }"));
	assert_non_null(strstr(buf_str(&out), "delete element bridge t owned6 { "
					      "0xfe80000000000000 }"));
	assert_null(strstr(buf_str(&out), "10.10.0.13"));
	buf_clear(&out);
	binding_print_release(&out, "bridge t", 0, "set bound4 {\n}", &mac);
	assert_int_equal(out.len, 0);
}

static const struct mac printer = {{2, 0, 0x5e, 0, 1, 2}};

static struct answer_plan plan_of(const char *four, const char *six)
{
	struct answer_plan plan = {.count = 2};

	assert_int_equal(addr_parse(four, 0, &plan.list[0]), 0);
	assert_int_equal(addr_parse(six, 0, &plan.list[1]), 0);
	return plan;
}

static void a_planned_address_is_taken_from_whoever_claimed_it(void **state)
{
	static const char *const lists[] = {
		"type ether_addr . ipv4_addr\n"
		"elements = { 02:00:5e:00:01:03 . 10.10.0.9 expires 29m,\n"
		"\t02:00:5e:00:01:03 . 10.10.0.90 expires 29m }",
		"typeof @ll,48,48 . @nh,64,128\n"
		"elements = { 0x2005e000103 . 0xfd000000000000000000000000000009 expires 29m }"};
	const struct answer_plan plan = plan_of("10.10.0.9", "[fd00::9]");
	CLEANUP_BUF struct buf out = BUF_INIT;

	(void)state;
	binding_print_plan(&out, "bridge t", lists, &printer, &plan);
	assert_int_equal(out.error, 0);
	assert_non_null(strstr(buf_str(&out),
			       "delete element bridge t bound4 { 02:00:5e:00:01:03 . 10.10.0.9 }"));
	assert_null(strstr(buf_str(&out), "10.10.0.90"));
	assert_non_null(strstr(buf_str(&out), "delete element bridge t bound6 { 0x2005e000103 . "
					      "0xfd000000000000000000000000000009 }"));
	assert_non_null(strstr(buf_str(&out),
			       "add element bridge t planned4 { 02:00:5e:00:01:02 . 10.10.0.9 }"));
	assert_non_null(strstr(buf_str(&out), "add element bridge t planned6 { 0x2005e000102 . "
					      "0xfd000000000000000000000000000009 }"));
	assert_non_null(
		strstr(buf_str(&out), "add element bridge t enforced { 02:00:5e:00:01:02 }"));
}

static void who_leaves_gives_the_plan_back(void **state)
{
	struct answer_plan plan = plan_of("10.10.0.9", "[fd00::9]");
	CLEANUP_BUF struct buf out = BUF_INIT;

	(void)state;
	plan.watched = true;
	binding_print_unplan(&out, "bridge t", &printer, &plan);
	assert_non_null(
		strstr(buf_str(&out),
		       "delete element bridge t planned4 { 02:00:5e:00:01:02 . 10.10.0.9 }"));
	assert_non_null(
		strstr(buf_str(&out), "delete element bridge t watched { 02:00:5e:00:01:02 }"));
	buf_clear(&out);
	binding_print_unplan(&out, "bridge t", &printer, &(struct answer_plan){0});
	assert_int_equal(out.len, 0);
}

static void claims_beside_the_plan_are_read_one_by_one(void **state)
{
	const char *four = "type ether_addr . ipv4_addr\n"
			   "elements = { 02:00:5e:00:01:02 . 10.10.0.42 expires 59m,\n"
			   "\t02:00:5e:00:01:03 . 10.10.0.43 expires 59m }";
	const char *six = "typeof @ll,48,48 . @nh,64,128\n"
			  "elements = { 0x2005e000102 . 0xfd10000000000000000000000000042 }";
	char text[ADDR_TEXT_SIZE];
	struct addr a;
	struct mac mac;

	(void)state;
	assert_true(binding_read_astray(&four, 0, &mac, &a));
	assert_true(mac_equal(&mac, &printer));
	addr_format_host(text, &a);
	assert_string_equal(text, "10.10.0.42");
	assert_true(binding_read_astray(&four, 0, &mac, &a));
	addr_format_host(text, &a);
	assert_string_equal(text, "10.10.0.43");
	assert_false(binding_read_astray(&four, 0, &mac, &a));
	assert_true(binding_read_astray(&six, 1, &mac, &a));
	assert_true(mac_equal(&mac, &printer));
	assert_int_equal(a.sa.sa_family, AF_INET6);
	assert_false(binding_read_astray(&six, 1, &mac, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_of_the_network_is_nobody_s_to_claim),
		cmocka_unit_test(a_table_without_such_addresses_is_whole),
		cmocka_unit_test(who_is_admitted_is_bound_only_where_it_is_wanted),
		cmocka_unit_test(a_mac_that_leaves_gives_back_its_own_addresses_alone),
		cmocka_unit_test(a_planned_address_is_taken_from_whoever_claimed_it),
		cmocka_unit_test(who_leaves_gives_the_plan_back),
		cmocka_unit_test(claims_beside_the_plan_are_read_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
