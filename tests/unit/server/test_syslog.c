#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/event.h"
#include "server/jobs/syslog.h"

static void a_message_is_written_as_rfc_5424_says(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;
	struct syslog_message m = {.at_ms = 1700000000123,
				   .kind = "knock",
				   .unit = "B1",
				   .reason = "terminal-unknown",
				   .verdict = "isolate",
				   .mac = "02:00:5e:00:00:01",
				   .text = "接入请求 / a request"};

	(void)state;
	syslog_format(&b, &m, "office", 42);
	assert_string_equal(buf_str(&b),
			    "<109>1 2023-11-14T22:13:20.123Z office menshend 42 knock "
			    "[menshen@32473 kind=\"knock\" unit=\"B1\" verdict=\"isolate\" "
			    "reason=\"terminal-unknown\" mac=\"02:00:5e:00:00:01\"] "
			    "\xef\xbb\xbf接入请求 / a request");
}

static void what_would_end_a_value_is_escaped(void **state)
{
	CLEANUP_BUF struct buf b = BUF_INIT;
	struct syslog_message m = {
		.alarm = true, .kind = "a b\nc", .account = "x\"]\\\ny", .text = "one\ntwo"};

	(void)state;
	syslog_format(&b, &m, "", 1);
	assert_string_equal(buf_str(&b), "<105>1 1970-01-01T00:00:00.000Z - menshend 1 abc "
					 "[menshen@32473 kind=\"a b c\" "
					 "account=\"x\\\"\\]\\\\ y\"] \xef\xbb\xbfone two");
}

static void the_longest_message_fits(void **state)
{
	struct syslog_message m = {.at_ms = 1};
	CLEANUP_BUF struct buf b = BUF_INIT;

	(void)state;
	memset(m.kind, ']', sizeof(m.kind) - 1);
	memset(m.unit, ']', sizeof(m.unit) - 1);
	memset(m.terminal, ']', sizeof(m.terminal) - 1);
	memset(m.reason, ']', sizeof(m.reason) - 1);
	memset(m.verdict, ']', sizeof(m.verdict) - 1);
	memset(m.mac, ']', sizeof(m.mac) - 1);
	memset(m.account, ']', sizeof(m.account) - 1);
	memset(m.text, 'x', sizeof(m.text) - 1);
	buf_init(&b, SYSLOG_MESSAGE_MAX);
	syslog_format(&b, &m, "office", 4194304);
	assert_int_equal(b.error, 0);
}

static void the_setting_names_kinds_families_all_or_none(void **state)
{
	(void)state;
	assert_int_equal(event_kinds_check(""), 0);
	assert_int_equal(event_kinds_check("none"), 0);
	assert_int_equal(event_kinds_check("all"), 0);
	assert_int_equal(event_kinds_check("knock session. posture  finding"), 0);
	assert_int_equal(event_kinds_check("knocks"), -EINVAL);
	assert_int_equal(event_kinds_check("knock nothing."), -EINVAL);
	assert_int_equal(event_kinds_check("session"), -EINVAL);
	assert_true(event_kinds_have("knock session.", "session.start"));
	assert_true(event_kinds_have("all", "posture"));
	assert_false(event_kinds_have("knock", "session.start"));
	assert_false(event_kinds_have("none", "knock"));
	assert_false(event_kinds_have("", "knock"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_written_as_rfc_5424_says),
		cmocka_unit_test(what_would_end_a_value_is_escaped),
		cmocka_unit_test(the_longest_message_fits),
		cmocka_unit_test(the_setting_names_kinds_families_all_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
