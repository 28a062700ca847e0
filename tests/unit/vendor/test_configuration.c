#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "vendor/configuration.h"
#include "vendor/vendor.h"

static void a_line_without_its_value_is_left_out(void **state)
{
	static const char text[] = "server {gate} key {secret}\n"
				   "server {gate2} key {secret}\n"
				   "{?gate2} second\n"
				   "{?gate} first\n"
				   "{!gate2}alone\n"
				   "{!gate}never\n"
				   "set {{x} {name}";
	const struct configuration c = {.gate = "10.1.0.5", .secret = "s", .name = "a{b"};
	CLEANUP_BUF struct buf to = BUF_INIT;
	unsigned line = 0;

	(void)state;
	assert_int_equal(configuration_check(text, strlen(text), &line), 0);
	configuration_write(text, &c, &to);
	assert_string_equal(buf_str(&to), "server 10.1.0.5 key s\n first\nalone\nset {x} a{b\n");
}

static void a_word_that_is_none_is_found_by_its_line(void **state)
{
	static const char *const bad[] = {"a\nb {colour}\n", "a\n{gate\n", "a\n{}\n", "a\n{?}",
					  "a\n{?x}\n"};
	unsigned line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		line = 0;
		assert_int_equal(configuration_check(bad[i], strlen(bad[i]), &line), -EINVAL);
		assert_int_equal(line, 2);
	}
}

static void compare(const struct vendor *v, const char *text)
{
	CLEANUP_BUF struct buf wanted = BUF_INIT;
	char path[256];

	snprintf(path, sizeof(path), PROJECT_ROOT "/tests/unit/vendor/expected/%s.txt", v->name);
	if (file_read(path, 1U << 16, &wanted))
		fail_msg("%s is missing", path);
	if (strcmp(buf_str(&wanted), text) != 0)
		fail_msg("%s is set up so:\n%s", v->name, text);
}

/* Every value; then the least that a switch is set up with. */
static const struct configuration full = {.name = "outlet-0101",
					  .address = "10.1.0.11",
					  .gate = "10.1.0.5",
					  .gate2 = "10.1.0.6",
					  .secret = "<secret-of-this-switch>",
					  .coa_port = "3799",
					  .vlan = "10",
					  .isolation_vlan = "99",
					  .critical_vlan = "900",
					  .voice_vlan = "20",
					  .ports = "p1..p5",
					  .community = "<snmp-community>",
					  .reach = "10.1.0.2:8443"};
static const struct configuration least = {.gate = "10.1.0.5", .secret = "x", .coa_port = "3799"};

static void each_vendors_switch_is_set_up_as_expected(void **state)
{
	CLEANUP_VENDORS struct vendors *vendors = NULL;
	char error[VENDOR_ERROR_SIZE];
	const struct vendor *v;

	(void)state;
	assert_int_equal(vendors_load(PROJECT_ROOT "/vendors", &vendors, error), 0);
	for (size_t i = 0; i < vendors_count(vendors); i++) {
		CLEANUP_BUF struct buf all = BUF_INIT, some = BUF_INIT;

		v = vendors_at(vendors, i);
		configuration_write(v->configuration, &full, &all);
		compare(v, buf_str(&all));
		configuration_write(v->configuration, &least, &some);
		assert_non_null(strstr(buf_str(&some), "10.1.0.5"));
		assert_null(strstr(buf_str(&some), "10.1.0.6"));
		assert_null(strstr(buf_str(&some), "{"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_without_its_value_is_left_out),
		cmocka_unit_test(a_word_that_is_none_is_found_by_its_line),
		cmocka_unit_test(each_vendors_switch_is_set_up_as_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
