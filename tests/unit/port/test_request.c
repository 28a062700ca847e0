#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "port/request.h"
#include "radius/password.h"

static struct settings settings;
static const struct request_place place = {&settings, 3, "p3"};
static const struct mac printer = {{0x02, 0, 0x5e, 0, 1, 2}};

static struct radius_packet finished(struct radius_out *out)
{
	assert_int_equal(radius_finish_request(out, &settings.secret), 0);
	return radius_out_packet(out);
}

static void assert_text(const struct radius_packet *p, uint8_t type, const char *wanted)
{
	char text[RADIUS_VALUE_MAX + 1];

	assert_int_equal(radius_get_text(p, type, text, sizeof(text)), 0);
	assert_string_equal(text, wanted);
}

static void assert_number(const struct radius_packet *p, uint8_t type, uint32_t wanted)
{
	uint32_t value;

	assert_int_equal(radius_get_u32(p, type, &value), 0);
	assert_int_equal(value, wanted);
}

static size_t count(const struct radius_packet *p, uint8_t type)
{
	struct radius_attr a = {0};
	size_t n = 0;

	while (radius_find(p, type, &a))
		n++;
	return n;
}

static void a_mac_knock_says_who_where_and_that_it_is_a_call_check(void **state)
{
	struct radius_out out;
	struct radius_packet p;
	char password[64];

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	request_put_mac_knock(&out, &place, &printer, "0011223344556677");
	p = finished(&out);
	assert_int_equal(radius_check_message(&p, &settings.secret, NULL), 0);
	assert_text(&p, RADIUS_USER_NAME, "02:00:5e:00:01:02");
	assert_text(&p, RADIUS_CALLING_STATION_ID, "02:00:5e:00:01:02");
	assert_int_equal(radius_get_password(&p, &settings.secret, password, sizeof(password)), 0);
	assert_string_equal(password, "02:00:5e:00:01:02");
	assert_number(&p, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_CALL_CHECK);
	assert_number(&p, RADIUS_NAS_PORT, 3);
	assert_number(&p, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_TYPE_ETHERNET);
	assert_text(&p, RADIUS_NAS_PORT_ID, "p3");
	assert_text(&p, RADIUS_NAS_IDENTIFIER, "outlet-1");
	assert_text(&p, RADIUS_ACCT_SESSION_ID, "0011223344556677");
	assert_number(&p, RADIUS_NAS_IP_ADDRESS, 0x0a090002);
}

static void a_relayed_request_keeps_eap_and_state_and_names_this_box(void **state)
{
	struct radius_out from, out;
	struct radius_packet inner, p;
	uint8_t eap[600];
	struct radius_attr a = {0}, b = {0};

	(void)state;
	memset(eap, 7, sizeof(eap));
	radius_begin_request(&from, RADIUS_ACCESS_REQUEST, 9);
	radius_put_text(&from, RADIUS_USER_NAME, "lina");
	radius_put_text(&from, RADIUS_NAS_IDENTIFIER, "hostapd");
	radius_put_text(&from, RADIUS_NAS_PORT_ID, "hostapd-port");
	radius_put_text(&from, RADIUS_ACCT_SESSION_ID, "hostapd-session");
	radius_put_text(&from, RADIUS_CALLED_STATION_ID, "02-00-00-00-00-00:");
	radius_put_eap(&from, eap, sizeof(eap));
	radius_put(&from, RADIUS_STATE, "state", 5);
	inner = finished(&from);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	request_put_relayed(&out, &place, &inner, "0011223344556677");
	p = finished(&out);
	assert_text(&p, RADIUS_USER_NAME, "lina");
	assert_text(&p, RADIUS_NAS_PORT_ID, "p3");
	assert_text(&p, RADIUS_NAS_IDENTIFIER, "outlet-1");
	assert_text(&p, RADIUS_ACCT_SESSION_ID, "0011223344556677");
	assert_text(&p, RADIUS_STATE, "state");
	assert_int_equal(count(&p, RADIUS_NAS_PORT_ID), 1);
	assert_int_equal(count(&p, RADIUS_MESSAGE_AUTHENTICATOR), 1);
	assert_int_equal(count(&p, RADIUS_CALLED_STATION_ID), 0);
	while (radius_find(&inner, RADIUS_EAP_MESSAGE, &a)) {
		assert_true(radius_find(&p, RADIUS_EAP_MESSAGE, &b));
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.value, b.value, a.len);
	}
}

static const struct request_account stop = {
	.status = RADIUS_ACCT_STOP,
	.at_ms = INT64_C(1790000000123),
	.port_number = 3,
	.port = "p3",
	.mac = {{0x02, 0, 0x5e, 0, 1, 2}},
	.session_id = "0011223344556677",
	.account = "lina",
	.by_eap = true,
	.class_value = "class",
	.class_len = 5,
	.duration_s = 61,
	.used = {.rx_bytes = (UINT64_C(5) << 32) + 7,
		 .tx_bytes = 9,
		 .rx_packets = 11,
		 .tx_packets = 13},
	.cause = RADIUS_CAUSE_LOST_CARRIER,
};

static void a_stop_says_what_was_used_and_why_it_ended(void **state)
{
	struct radius_out out;
	struct radius_packet p;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCOUNTING_REQUEST, 1);
	request_put_account(&out, &settings, &stop);
	p = finished(&out);
	assert_int_equal(radius_check_request(&p, &settings.secret), 0);
	assert_number(&p, RADIUS_ACCT_STATUS_TYPE, RADIUS_ACCT_STOP);
	assert_text(&p, RADIUS_USER_NAME, "lina");
	assert_text(&p, RADIUS_CLASS, "class");
	assert_number(&p, RADIUS_ACCT_SESSION_TIME, 61);
	assert_number(&p, RADIUS_ACCT_INPUT_OCTETS, 7);
	assert_number(&p, RADIUS_ACCT_INPUT_GIGAWORDS, 5);
	assert_number(&p, RADIUS_ACCT_OUTPUT_OCTETS, 9);
	assert_int_equal(count(&p, RADIUS_ACCT_OUTPUT_GIGAWORDS), 0);
	assert_number(&p, RADIUS_ACCT_TERMINATE_CAUSE, RADIUS_CAUSE_LOST_CARRIER);
	assert_number(&p, RADIUS_EVENT_TIMESTAMP, 1790000000);
}

static void a_start_says_nothing_of_use_and_a_printer_is_named_by_its_mac(void **state)
{
	struct request_account start = stop;
	struct radius_out out;
	struct radius_packet p;

	(void)state;
	start.status = RADIUS_ACCT_START;
	start.account[0] = 0;
	radius_begin_request(&out, RADIUS_ACCOUNTING_REQUEST, 1);
	request_put_account(&out, &settings, &start);
	p = finished(&out);
	assert_text(&p, RADIUS_USER_NAME, "02:00:5e:00:01:02");
	assert_int_equal(count(&p, RADIUS_ACCT_SESSION_TIME), 0);
	assert_int_equal(count(&p, RADIUS_ACCT_TERMINATE_CAUSE), 0);
}

static void accounting_of_the_box_names_no_terminal(void **state)
{
	const struct request_account on = {.status = RADIUS_ACCT_ON, .session_id = "1"};
	struct radius_out out;
	struct radius_packet p;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCOUNTING_REQUEST, 1);
	request_put_account(&out, &settings, &on);
	p = finished(&out);
	assert_int_equal(count(&p, RADIUS_USER_NAME), 0);
	assert_int_equal(count(&p, RADIUS_NAS_PORT_ID), 0);
	assert_text(&p, RADIUS_NAS_IDENTIFIER, "outlet-1");
}

static void a_box_with_an_ipv6_address_says_so(void **state)
{
	struct settings six = settings;
	const struct request_place there = {&six, 1, "p1"};
	struct radius_out out;
	struct radius_packet p;

	(void)state;
	assert_int_equal(addr_parse("fd00::2", 3799, &six.address), 0);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	request_put_place(&out, &there);
	p = finished(&out);
	assert_int_equal(count(&p, RADIUS_NAS_IP_ADDRESS), 0);
	assert_int_equal(count(&p, RADIUS_NAS_IPV6_ADDRESS), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mac_knock_says_who_where_and_that_it_is_a_call_check),
		cmocka_unit_test(a_relayed_request_keeps_eap_and_state_and_names_this_box),
		cmocka_unit_test(a_stop_says_what_was_used_and_why_it_ended),
		cmocka_unit_test(a_start_says_nothing_of_use_and_a_printer_is_named_by_its_mac),
		cmocka_unit_test(accounting_of_the_box_names_no_terminal),
		cmocka_unit_test(a_box_with_an_ipv6_address_says_so),
	};

	if (radius_secret_set(&settings.secret, "secret", 6) ||
	    addr_parse("10.9.0.2", 3799, &settings.address) ||
	    text_copy(settings.identifier, sizeof(settings.identifier), "outlet-1"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
