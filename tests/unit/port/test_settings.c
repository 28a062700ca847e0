#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "port/settings.h"

/* behind the settings that it loads */
#include "../load_settings.h"

#define GOOD                                                                                       \
	"[switch]\nidentifier = outlet-1\naddress = 10.9.0.2\nports = p1 p2,p3\n"                  \
	"vlans = 10:br10 99:br99\nvlan = 10\n"                                                     \
	"[gate]\nprimary = 10.9.0.1\nsecret = abcdefgh\n"

static void a_short_file_is_enough(void **state)
{
	char error[CONFIG_ERROR_SIZE];
	struct settings s;

	(void)state;
	assert_int_equal(load(GOOD, &s, error), 0);
	assert_int_equal(s.ports.count, 3);
	assert_string_equal(s.ports.name[2], "p3");
	assert_int_equal(s.gate_count, 1);
	assert_int_equal(addr_port(&s.gates[0]), 1812);
	assert_int_equal(s.accounting_port, 1813);
	assert_int_equal(addr_port(&s.address), 3799);
	assert_string_equal(settings_vlan(&s, 99)->bridge, "br99");
	assert_null(settings_vlan(&s, 11));
	assert_int_equal(s.critical_vlan, 0);
	assert_int_equal(s.secret.len, 8);
}

static void everything_can_be_said(void **state)
{
	char error[CONFIG_ERROR_SIZE];
	struct settings s;

	(void)state;
	assert_int_equal(load(GOOD "secondary = [fd00::1]:11812\ncritical-vlan = 99\ntries = 1\n"
				   "[isolation]\nvlan = 99\nreach = 10.1.0.2:443 [fd00::2]:8443\n"
				   "resolvers = 10.1.0.3\n"
				   "[session]\neapol-wait-ms = 0\n",
			      &s, error),
			 0);
	assert_int_equal(s.gate_count, 2);
	assert_int_equal(addr_port(&s.gates[1]), 11812);
	assert_int_equal(s.refuges.count, 2);
	assert_int_equal(addr_port(&s.refuges.addr[1]), 8443);
	assert_int_equal(addr_port(&s.resolvers.addr[0]), 53);
	assert_int_equal(s.eapol_wait_ms, 0);
}

/* What is wrong, and a word that the error says. */
static const struct {
	const char *text, *told;
} wrong[] = {
	{"[switch]\nports = p1 p1\n", "different interfaces"},
	{"[switch]\nports = p1/../../x\n", "different interfaces"},
	{"[switch]\nports = averyveryverylongname\n", "different interfaces"},
	{"[switch]\nports = p1\"}\n", "different interfaces"},
	{"[switch]\nports = p2..p1\n", "different interfaces"},
	{"[switch]\nports = p1..q2\n", "different interfaces"},
	{"[switch]\nports = p1..p99\n", "different interfaces"},
	{"[switch]\nports = p..\n", "different interfaces"},
	{"[switch]\nports =\n", "different interfaces"},
	{"[switch]\nvlans = 10\n", "10:br10"},
	{"[switch]\nvlans = 10:br10 10:br11\n", "10:br10"},
	{"[switch]\nvlans = 5000:br\n", "10:br10"},
	{GOOD "critical-vlan = 50\n", "critical-vlan"},
	{GOOD "[isolation]\nvlan = 50\n", "vlan in [isolation]"},
	{GOOD "[isolation]\nreach = 10.1.0.2\n", "address:port"},
	{GOOD "secondary = gate2.bank\n", "gate is an address"},
	{GOOD "tries = 0\n", "from 1 to 10"},
	{GOOD "colour = red\n", "colour"},
	{"[gate]\nprimary = 10.9.0.1\n", "missing"},
};

static void a_wrong_line_stops_the_start_and_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		char error[CONFIG_ERROR_SIZE];
		struct settings s = {.vlan = 4711};

		assert_int_not_equal(load(wrong[i].text, &s, error), 0);
		assert_non_null(strstr(error, wrong[i].told));
		assert_int_equal(s.vlan, 4711);
	}
}

static void a_range_names_every_port_in_it(void **state)
{
	char error[CONFIG_ERROR_SIZE];
	struct settings s;

	(void)state;
	assert_int_equal(load("[switch]\nidentifier = o\naddress = 10.9.0.2\nports = p9..p48 up\n"
			      "vlans = 10:br10\nvlan = 10\n"
			      "[gate]\nprimary = 10.9.0.1\nsecret = abcdefgh\n",
			      &s, error),
			 0);
	assert_int_equal(s.ports.count, 41);
	assert_string_equal(s.ports.name[0], "p9");
	assert_string_equal(s.ports.name[39], "p48");
	assert_string_equal(s.ports.name[40], "up");
}

static void the_secret_is_wiped(void **state)
{
	static const uint8_t zeros[8];
	char error[CONFIG_ERROR_SIZE];
	struct settings s;

	(void)state;
	assert_int_equal(load(GOOD, &s, error), 0);
	settings_wipe(&s);
	assert_memory_equal(s.secret.text, zeros, sizeof(zeros));
}

static void the_default_file_loads(void **state)
{
	char path[512], error[CONFIG_ERROR_SIZE];
	struct settings s;
	const char *root = getenv("MENSHEN_ROOT");

	(void)state;
	snprintf(path, sizeof(path), "%s/packaging/port.conf", root ? root : PROJECT_ROOT);
	assert_int_equal(settings_load(path, &s, error), 0);
	assert_string_equal(error, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_file_is_enough),
		cmocka_unit_test(everything_can_be_said),
		cmocka_unit_test(a_wrong_line_stops_the_start_and_is_named),
		cmocka_unit_test(a_range_names_every_port_in_it),
		cmocka_unit_test(the_secret_is_wiped),
		cmocka_unit_test(the_default_file_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
