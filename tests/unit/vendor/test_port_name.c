#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vendor/vendor.h"

static struct vendors *vendors;

static int load(void **state)
{
	char error[VENDOR_ERROR_SIZE];

	(void)state;
	return vendors_load(PROJECT_ROOT "/vendors", &vendors, error);
}

static int drop(void **state)
{
	(void)state;
	vendors_free(vendors);
	return 0;
}

static void check(const char *vendor, const char *word, const char *wanted)
{
	char name[VENDOR_PORT_SIZE] = "";
	const struct vendor *v = vendors_get(vendors, vendor);

	assert_string_equal(v->name, vendor);
	assert_int_equal(vendor_port_name(&v->ports, word, name), 0);
	assert_string_equal(name, wanted);
}

static void huaweis_words_become_the_interfaces_name(void **state)
{
	(void)state;
	check("huawei", "slot=0;subslot=0;port=1;vlanid=10", "GigabitEthernet0/0/1");
	check("huawei", "slot=0; subslot=0; port=001; vlanid=0010", "GigabitEthernet0/0/1");
	check("huawei", "slot=2;subslot=0;port=48;vlanid=10;", "GigabitEthernet2/0/48");
	check("huawei", "slot=0;subslot=0;port=1;vlanid=10;vlanid2=20;", "GigabitEthernet0/0/1");
	check("huawei", "slot=0;subslot=0;port=18;vlanid=121;interfaceName=MultiGE0/0/18",
	      "MultiGE0/0/18");
	/* 72 bytes, as the S5735 sends it. */
	check("huawei", "slot=0;subslot=0;port=18;vlanid=121;interfaceName=GigabitEthernet0/0/18",
	      "GigabitEthernet0/0/18");
	check("huawei", "GE0/0/1", "GigabitEthernet0/0/1");
	check("huawei", "XGE0/0/1", "XGigabitEthernet0/0/1");
	check("huawei", "GigabitEthernet0/0/1", "GigabitEthernet0/0/1");
}

static void huaweis_number_is_read_as_its_bits(void **state)
{
	(void)state;
	check("huawei", "4106", "GigabitEthernet0/0/1");      /* port 1, VLAN 10 */
	check("huawei", "33751050", "GigabitEthernet2/0/48"); /* slot 2, port 48, VLAN 10 */
	check("huawei", "10", "10");			      /* a VLAN alone names no port */
	check("huawei", "4294967296", "4294967296");
	/* The old format is as long as a number and means another thing. */
	check("huawei", "0000001000000121", "0000001000000121");
}

static void h3cs_words_become_the_interfaces_name(void **state)
{
	(void)state;
	check("h3c", "slot=1;subslot=0;port=1;vlanid=1", "GigabitEthernet1/0/1");
	check("h3c", "GigabitEthernet1/0/1", "GigabitEthernet1/0/1");
	check("h3c", "GE1/0/1", "GigabitEthernet1/0/1");
	check("h3c", "XGE1/0/49", "Ten-GigabitEthernet1/0/49");
	check("h3c", "16781313", "16781313"); /* no bits are documented */
}

static void ciscos_interface_is_called_by_its_short_name(void **state)
{
	(void)state;
	check("cisco", "GigabitEthernet1/0/1", "Gi1/0/1");
	check("cisco", "gigabitethernet 1/0/1", "Gi1/0/1");
	check("cisco", "Gi1/0/1", "Gi1/0/1");
	check("cisco", "TenGigabitEthernet1/1/4", "Te1/1/4");
	check("cisco", "TwentyFiveGigE1/1/1", "Twe1/1/1");
	check("cisco", "50101", "50101");
	check("cisco", "slot=1;subslot=0;port=1", "slot=1;subslot=0;port=1");
}

static void without_a_rule_a_word_stays_as_it_came(void **state)
{
	static const char *const names[] = {"other",	    "aruba",  "hostapd",
					    "menshen-port", "ruijie", "zte"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check(names[i], "slot=0;subslot=0;port=1;vlanid=10",
		      "slot=0;subslot=0;port=1;vlanid=10");
		check(names[i], "GigabitEthernet 0/1", "GigabitEthernet 0/1");
		check(names[i], "4106", "4106");
	}
}

static void a_word_that_fits_no_rule_stays_as_it_came(void **state)
{
	static const char *const words[] = {
		"",
		"slot=0;subslot=0;vlanid=10", /* a part is missing */
		"slot=0;subslot=0;port=;vlanid=10",
		"slot=0;subslot=0;port",
		"slot=0;;port=1",
		"=0;subslot=0;port=1",
		"slot=0;subslot=0;port=0;vlanid=101", /* no port: all of it is 0 */
		"slot",
		";",
		"=",
		"GE",
		"GEx/0/1",
		"GigabitEthernetGE0/0/1",
		"XYZ-0/0/1",
		"a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1;j=1;k=1;l=1;m=1;n=1;slot=0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		check("huawei", words[i], words[i]);
}

static void a_word_too_long_for_a_name_is_refused_unless_a_rule_fits(void **state)
{
	const struct vendor_ports *huawei = &vendors_get(vendors, "huawei")->ports;
	char word[VENDOR_PORT_WORD_MAX + 1], name[VENDOR_PORT_SIZE];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = 0;
	assert_int_equal(vendor_port_name(huawei, word, name), -EMSGSIZE);
	word[VENDOR_PORT_SIZE - 1] = 0;
	assert_int_equal(vendor_port_name(huawei, word, name), 0);
	assert_string_equal(name, word);
	/* An interface's name that is too long gives way to the next rule. */
	memset(word, 'x', sizeof(word) - 1);
	memcpy(word, "slot=0;subslot=0;port=1;interfaceName=", 38);
	assert_int_equal(vendor_port_name(huawei, word, name), 0);
	assert_string_equal(name, "GigabitEthernet0/0/1");
	/* So does a spelling: what it would grow to has no place. */
	memset(word, '1', sizeof(word) - 1);
	memcpy(word, "GE", 2);
	word[60] = 0;
	assert_int_equal(vendor_port_name(huawei, word, name), 0);
	assert_string_equal(name, word);
}

static void what_was_written_down_long_ago_is_still_that_port(void **state)
{
	const struct vendor_ports *huawei = &vendors_get(vendors, "huawei")->ports;
	const struct vendor_ports *other = &vendors_get(vendors, "other")->ports;
	const char *name = "GigabitEthernet0/0/1";

	(void)state;
	assert_true(vendor_port_is(huawei, name, name));
	assert_true(vendor_port_is(huawei, "slot=0;subslot=0;port=1;vlanid=10", name));
	assert_true(vendor_port_is(huawei, "slot=0;subslot=0;port=1;vlanid=99", name));
	assert_true(vendor_port_is(huawei, "4106", name));
	assert_true(vendor_port_is(huawei, "GE0/0/1", name));
	assert_false(vendor_port_is(huawei, "slot=0;subslot=0;port=2;vlanid=10", name));
	assert_false(vendor_port_is(huawei, "", name));
	assert_false(vendor_port_is(other, "slot=0;subslot=0;port=1;vlanid=10", name));
	assert_true(vendor_port_is(other, "eth0", "eth0"));
}

static void a_wrong_rule_is_refused_with_what_was_expected(void **state)
{
	static const char *const lines[][2] = {
		{"name", "GigabitEthernet"},
		{"name", "{slot"},
		{"name", "slot}{port}"},
		{"name", "{}"},
		{"name", "{a-word-that-is-too-long}"},
		{"name", "{a}1234567890123456789012345678901234567890123456789012345678901234"},
		{"number", "slot 8 port 8"},
		{"number", "slot 8 port 25"},
		{"number", "slot 8 port"},
		{"number", "slot 0 port 32"},
		{"number", "slot 8 port 24 vlan 1"},
		{"begin", "GE"},
		{"begin", "GE Gigabit Ethernet"},
	};
	struct vendor_ports p = {.name_count = 0};
	const char *wanted;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		memset(&p, 0, sizeof(p));
		wanted = NULL;
		assert_int_equal(vendor_ports_set(&p, lines[i][0], lines[i][1], &wanted), -EINVAL);
		assert_non_null(strstr(wanted, lines[i][0]));
	}
	assert_int_equal(vendor_ports_set(&p, "title", "x", &wanted), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(huaweis_words_become_the_interfaces_name),
		cmocka_unit_test(huaweis_number_is_read_as_its_bits),
		cmocka_unit_test(h3cs_words_become_the_interfaces_name),
		cmocka_unit_test(ciscos_interface_is_called_by_its_short_name),
		cmocka_unit_test(without_a_rule_a_word_stays_as_it_came),
		cmocka_unit_test(a_word_that_fits_no_rule_stays_as_it_came),
		cmocka_unit_test(a_word_too_long_for_a_name_is_refused_unless_a_rule_fits),
		cmocka_unit_test(what_was_written_down_long_ago_is_still_that_port),
		cmocka_unit_test(a_wrong_rule_is_refused_with_what_was_expected),
	};

	return cmocka_run_group_tests(tests, load, drop);
}
