#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "port/isolation.h"

static void fill(struct settings *s)
{
	*s = (struct settings){.ports = {.count = 2, .name = {"p1", "p2"}}};
	s->refuges.count = 2;
	assert_int_equal(addr_parse("10.1.0.2:443", 0, &s->refuges.addr[0]), 0);
	assert_int_equal(addr_parse("[fd00::2]:8443", 0, &s->refuges.addr[1]), 0);
	s->resolvers.count = 1;
	assert_int_equal(addr_parse("10.1.0.3:53", 0, &s->resolvers.addr[0]), 0);
}

static void the_rules_let_out_and_in_what_is_named_and_drop_the_rest(void **state)
{
	static const char *const wanted[] = {
		"elements = { \"p1\", \"p2\" }",
		"ip daddr . tcp dport { 10.1.0.2 . 443 } return",
		"ip6 daddr . tcp dport { fd00::2 . 8443 } return",
		"ip daddr . udp dport { 10.1.0.3 . 53 } return",
		"ip saddr . tcp sport { 10.1.0.2 . 443 } return",
		"iifname . ether saddr @confined goto from_confined\n\t\tdrop",
	};
	CLEANUP_BUF struct buf out = BUF_INIT;
	struct settings s;

	(void)state;
	fill(&s);
	isolation_print(&s, &out);
	assert_int_equal(out.error, 0);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_non_null(strstr(buf_str(&out), wanted[i]));
}

static const char refuge_discovery[] = "nd-neighbor-advert } return";

static void a_confined_terminal_speaks_for_nobody_else_and_to_no_neighbour(void **state)
{
	static const char *const wanted[] = {
		"chain from_confined {\n\t\toifname @ports drop",
		"chain to_confined {\n\t\tiifname @ports drop",
		"ether saddr != @enforced jump bind",
		"iifname . arp saddr ether @confined return",
		"ip hdrlength != 5 drop",
		"chain from_port {\n\t\tether type { 0x8100, 0x88a8, 0x9100 } drop",
		"iifname @ports ether type 0x888e drop",
	};
	CLEANUP_BUF struct buf out = BUF_INIT;
	struct settings s;

	(void)state;
	fill(&s);
	isolation_print(&s, &out);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_non_null(strstr(buf_str(&out), wanted[i]));
	assert_non_null(strstr(buf_str(&out), refuge_discovery));
	s.refuges.count = 1; /* the one of IPv6 is gone, and its neighbour discovery with it */
	buf_clear(&out);
	isolation_print(&s, &out);
	assert_null(strstr(buf_str(&out), refuge_discovery));
}

static void without_a_refuge_only_the_address_is_got(void **state)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	struct settings s;

	(void)state;
	fill(&s);
	s.refuges.count = s.resolvers.count = 0;
	isolation_print(&s, &out);
	assert_null(strstr(buf_str(&out), "daddr . "));
	assert_non_null(strstr(buf_str(&out), "udp dport 67"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules_let_out_and_in_what_is_named_and_drop_the_rest),
		cmocka_unit_test(a_confined_terminal_speaks_for_nobody_else_and_to_no_neighbour),
		cmocka_unit_test(without_a_refuge_only_the_address_is_got),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
