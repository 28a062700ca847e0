#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gate/beside/heard_message.h"

static int parse(const char *text, struct heard_message *m)
{
	return heard_parse(text, strlen(text), m);
}

static void a_finding_is_read_as_it_was_written(void **state)
{
	struct heard_message m;

	(void)state;
	assert_int_equal(parse("{\"n\":7,\"type\":\"finding\",\"finding\":\"dhcp-server\","
			       "\"mac\":\"00:1e:67:00:00:01\",\"ip\":\"10.0.0.66\",\"vlan\":10,"
			       "\"count\":3,\"detail\":\"a DHCP server answers as 10.0.0.66\"}",
			       &m),
			 0);
	assert_int_equal(m.type, HEARD_FINDING);
	assert_int_equal(m.number, 7);
	assert_int_equal(m.finding, FINDING_DHCP_SERVER);
	assert_string_equal(m.address, "10.0.0.66");
	assert_int_equal(m.vlan, 10);
	assert_int_equal(m.count, 3);
	assert_string_equal(m.detail, "a DHCP server answers as 10.0.0.66");
}

static void a_device_is_known_by_its_newest_name_and_address(void **state)
{
	struct heard_message m;

	(void)state;
	assert_int_equal(parse("{\"n\":8,\"type\":\"device\",\"mac\":\"00-1e-67-00-00-01\","
			       "\"vendor\":\"HP\",\"addresses\":[\"fe80::1\",\"10.0.0.7\"],"
			       "\"names\":[\"pc-1\",\"old\"],\"fingerprint\":\"1,3\"}",
			       &m),
			 0);
	assert_int_equal(m.type, HEARD_DEVICE);
	assert_string_equal(m.address, "10.0.0.7");
	assert_int_equal(m.address_count, 1); /* a link-local one says nothing of who is where */
	assert_string_equal(m.addresses[0].text, "10.0.0.7");
	assert_false(m.addresses[0].is_leased);
	assert_string_equal(m.name, "pc-1");
	assert_string_equal(m.vendor, "HP");
	assert_string_equal(m.since, "");
	assert_int_equal(parse("{\"n\":9,\"type\":\"device\",\"mac\":\"00-1e-67-00-00-01\","
			       "\"addresses\":[\"fe80::1\"]}",
			       &m),
			 0);
	assert_string_equal(m.address, "fe80::1");
}

static void what_a_stranger_calls_itself_spoils_no_record(void **state)
{
	struct heard_message m;

	(void)state;
	assert_int_equal(parse("{\"n\":8,\"type\":\"device\",\"mac\":\"00-1e-67-00-00-01\","
			       "\"names\":[\"a\\u0007b\"],\"addresses\":[\"here\"],"
			       "\"fingerprint\":5}",
			       &m),
			 0);
	assert_string_equal(m.name, "");
	assert_string_equal(m.address, "");
	assert_string_equal(m.fingerprint, "");
}

static const char *const wrong[] = {
	"",
	"[]",
	"{\"type\":\"device\",\"mac\":\"00-1e-67-00-00-01\"}",
	"{\"n\":0,\"type\":\"device\",\"mac\":\"00-1e-67-00-00-01\"}",
	"{\"n\":1,\"type\":\"order\",\"mac\":\"00-1e-67-00-00-01\"}",
	"{\"n\":1,\"type\":\"device\"}",
	"{\"n\":1,\"type\":\"device\",\"mac\":\"01-00-5e-00-00-01\"}",
	"{\"n\":1,\"type\":\"finding\",\"finding\":\"none\",\"count\":1,\"mac\":\"00-1e-67-00-00-"
	"01\"}",
	"{\"n\":1,\"type\":\"finding\",\"finding\":\"nat\",\"count\":0,\"mac\":\"00-1e-67-00-00-"
	"01\"}",
	"{\"n\":1,\"type\":\"finding\",\"finding\":\"nat\",\"count\":1,\"vlan\":4095,"
	"\"mac\":\"00-1e-67-00-00-01\"}",
	"{\"n\":1,\"n\":2,\"type\":\"device\",\"mac\":\"00-1e-67-00-00-01\"}",
};

static void what_is_no_message_is_refused(void **state)
{
	struct heard_message m = {.number = 4711};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(parse(wrong[i], &m), -EBADMSG);
		assert_int_equal(m.number, 4711);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_read_as_it_was_written),
		cmocka_unit_test(a_device_is_known_by_its_newest_name_and_address),
		cmocka_unit_test(what_a_stranger_calls_itself_spoils_no_record),
		cmocka_unit_test(what_is_no_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
