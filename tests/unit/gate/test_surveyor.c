/* What menshen-survey says of a switch becomes frames for head office. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "gate/beside/surveyor_message.h"

static int parse(const char *text, struct surveyor_message *ret)
{
	return surveyor_parse(text, strlen(text), ret);
}

static void a_switch_goes_on_as_it_was_told(void **state)
{
	struct surveyor_message m;

	(void)state;
	assert_int_equal(
		parse("{\"type\":\"seen\",\"switch\":3,\"at\":1800000000000,\"said\":\"ok\","
		      "\"whole\":true,\"whole_at\":5,\"name\":\"core\",\"description\":\"d\","
		      "\"model\":\"S5735\",\"serial\":\"SN\",\"mac\":\"00:00:5e:00:53:01\","
		      "\"chassis\":\"\",\"cut\":false}",
		      &m),
		0);
	assert_int_equal(m.type, SURVEYOR_REPORT);
	assert_int_equal(m.frame, FRAME_SURVEY_SWITCH);
	assert_int_equal(m.report.seen.switch_id, 3);
	assert_int_equal(m.report.seen.at_ms, 1800000000000);
	assert_int_equal(m.report.seen.whole_at_ms, 5);
	assert_true(m.report.seen.whole);
	assert_string_equal(m.report.seen.model, "S5735");
	assert_int_equal(m.report.seen.mac.size, 6);
	assert_int_equal(m.report.seen.chassis.size, 0);
}

static void ports_macs_and_neighbours_go_on(void **state)
{
	struct surveyor_message m;

	(void)state;
	assert_int_equal(
		parse("{\"type\":\"port\",\"port\":\"GE0/0/1\",\"long\":\"Gigabit\",\"alias\":"
		      "\"desk\",\"enabled\":true,\"linked\":true,\"uplink\":false,\"speed\":"
		      "1000,\"macs\":2}",
		      &m),
		0);
	assert_int_equal(m.frame, FRAME_SURVEY_PORT);
	assert_true(m.report.at.linked && m.report.at.enabled && !m.report.at.uplink);
	assert_int_equal(m.report.at.speed_mbit, 1000);
	assert_int_equal(
		parse("{\"type\":\"macs\",\"port\":\"GE0/0/1\",\"macs\":[\"00:1e:67:00:00:11\","
		      "30,\"00:1e:67:00:00:12\",0]}",
		      &m),
		0);
	assert_int_equal(m.frame, FRAME_SURVEY_MACS);
	assert_int_equal(m.report.macs.macs_count, 2);
	assert_int_equal(m.report.macs.macs[0].vlan, 30);
	assert_int_equal(m.report.macs.macs[1].mac[5], 0x12);
	assert_int_equal(
		parse("{\"type\":\"link\",\"port\":\"GE0/0/7\",\"mac\":\"00:00:5e:00:53:66\","
		      "\"name\":\"tp-link\",\"far\":\"1\",\"can\":32}",
		      &m),
		0);
	assert_int_equal(m.frame, FRAME_SURVEY_NEIGHBOUR);
	assert_int_equal(m.report.link.can, 0x20);
	assert_string_equal(m.report.link.name, "tp-link");
	assert_int_equal(parse("{\"type\":\"told\",\"switch\":3}", &m), 0);
	assert_int_equal(m.frame, FRAME_SURVEY_END);
}

static void a_neighbour_has_a_mac_or_a_name(void **state)
{
	struct surveyor_message m;

	(void)state;
	assert_int_equal(parse("{\"type\":\"neighbour\",\"switch\":3,\"port\":\"GE0/0/7\",\"mac\":"
			       "\"00:00:5e:00:53:66\",\"name\":\"\"}",
			       &m),
			 0);
	assert_true(m.has_mac);
	assert_int_equal(parse("{\"type\":\"neighbour\",\"switch\":3,\"port\":\"GE0/0/7\",\"mac\":"
			       "\"\",\"name\":\"10.1.2.3\"}",
			       &m),
			 0);
	assert_false(m.has_mac);
	assert_string_equal(m.name, "10.1.2.3");
}

static void what_is_no_report_is_refused(void **state)
{
	static const char *const none[] = {
		"{\"type\":\"neighbour\",\"switch\":3,\"port\":\"x\",\"mac\":\"\",\"name\":\"\"}",
		"{\"type\":\"neighbour\",\"switch\":3,\"port\":\"x\",\"name\":\"a\"}",
		"{\"type\":\"neighbour\",\"switch\":3,\"port\":\"x\",\"mac\":\"66\",\"name\":"
		"\"a\"}",
		"{\"type\":\"seen\",\"switch\":0,\"at\":1}",
		"{\"type\":\"seen\",\"switch\":1}",
		"{\"type\":\"port\",\"port\":\"\"}",
		"{\"type\":\"macs\",\"port\":\"x\",\"macs\":[]}",
		"{\"type\":\"macs\",\"port\":\"x\",\"macs\":[\"01:00:5e:00:00:01\",1]}",
		"{\"type\":\"macs\",\"port\":\"x\",\"macs\":[7,1]}",
		"{\"type\":\"told\"}",
		"{\"type\":\"else\"}",
		"[]",
		"",
	};
	struct surveyor_message m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(parse(none[i], &m), -EBADMSG);
}

static void more_macs_than_a_frame_holds_are_refused(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct surveyor_message m;

	(void)state;
	buf_puts(&text, "{\"type\":\"macs\",\"port\":\"x\",\"macs\":[");
	for (size_t i = 0; i < 17; i++)
		buf_printf(&text, "%s\"00:1e:67:00:00:11\",1", i ? "," : "");
	buf_puts(&text, "]}");
	assert_int_equal(parse(buf_str(&text), &m), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch_goes_on_as_it_was_told),
		cmocka_unit_test(ports_macs_and_neighbours_go_on),
		cmocka_unit_test(a_neighbour_has_a_mac_or_a_name),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(more_macs_than_a_frame_holds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
