#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "gate/front/place.h"
#include "gate/live/change.h"

static struct vendors *vendors;
static char error[VENDOR_ERROR_SIZE];
static struct snap_switch at = {.row = {.address = "10.1.0.11", .vlan_isolation = "99"}};
static struct session session = {
	.acct_id = "1A", .calling = "00-1", .port = "g1", .nas_port = 7, .address = "10.9.0.7"};

static int load(void **state)
{
	(void)state;
	if (radius_secret_set(&at.secret, "testing123", 10))
		return -1;
	return vendors_load(PROJECT_ROOT "/vendors", &vendors, error);
}

static int unload(void **state)
{
	(void)state;
	vendors_free(vendors);
	return 0;
}

/* What a request says: its code, then its attributes behind the Message-Authenticator. */
static void expect(const char *vendor, enum change_step step, const char *hex)
{
	const struct vendor *v = vendors_find(vendors, vendor);
	const struct vendor_place to = place_of(v, &at, VERDICT_ISOLATE, TERMINAL_PC, "none");
	const struct change_facts facts = {.vendor = v,
					   .at = &at,
					   .session = &session,
					   .to = &to,
					   .now_ms = 0x65000000LL * 1000};
	char said[2 * RADIUS_PACKET_MAX + 1], wanted[2 * RADIUS_PACKET_MAX + 1];
	struct radius_packet p;
	struct radius_out out;
	size_t n = 0, from = v->message_authenticator ? 38 : 20;

	assert_int_equal(change_build(&out, 9, step, &facts), 0);
	assert_int_equal(radius_parse(out.data, out.len, &p), 0);
	assert_int_equal(p.id, 9);
	assert_int_equal(radius_check_request(&p, &at.secret), 0);
	assert_int_equal(radius_check_message(&p, &at.secret, NULL),
			 v->message_authenticator ? 0 : -ENOENT);
	hex_encode(said, out.data, 1);
	hex_encode(said + 2, out.data + from, out.len - from);
	for (; *hex; hex++)
		if (*hex != ' ')
			wanted[n++] = *hex;
	wanted[n] = 0;
	if (strcmp(said, wanted) != 0)
		fail_msg("%s is told %s and not %s", vendor, said, wanted);
}

#define TUNNEL "40 06 0000000d 41 06 00000006 51 04 3939"
#define RFC_IDS "2c 04 3141 1f 06 30302d31 "
#define SWITCH "04 06 0a01000b "
#define NOW "37 06 65000000 "

static const struct {
	const char *vendor;
	enum change_step step;
	const char *said;
} requests[] = {
	{"huawei", CHANGE_PLACE, "2b" RFC_IDS SWITCH NOW TUNNEL},
	{"huawei", CHANGE_DISCONNECT, "28" RFC_IDS SWITCH NOW},
	{"huawei", CHANGE_BOUNCE,
	 "2b" RFC_IDS SWITCH NOW "1a 16 000007db ee 10 757365722d636f6d6d616e643d32"},
	{"h3c", CHANGE_PLACE, "2b" RFC_IDS SWITCH NOW TUNNEL},
	{"cisco", CHANGE_REAUTHENTICATE,
	 "2b" RFC_IDS SWITCH "1a 29 00000009 01 23 737562736372696265723a636f6d6d616e643d7265617574"
	 "68656e746963617465 1a 2b 00000009 01 25 737562736372696265723a72656175746865"
	 "6e7469636174652d747970653d6c617374"},
	{"cisco", CHANGE_DISCONNECT, "28" RFC_IDS SWITCH},
	{"aruba", CHANGE_PLACE,
	 "2b" SWITCH "01 06 30302d31 2c 04 3141 05 06 00000007 57 04 6731"
	 "1f 06 30302d31" NOW TUNNEL},
	{"ruijie", CHANGE_DISCONNECT, "28 1f 06 30302d31 2c 04 3141" SWITCH NOW},
	{"zte", CHANGE_DISCONNECT, "28" RFC_IDS "57 04 6731" SWITCH NOW},
	{"hostapd", CHANGE_DISCONNECT, "28" RFC_IDS NOW},
	{"menshen-port", CHANGE_DISCONNECT, "28 2c 04 3141 57 04 6731 1f 06 30302d31" NOW},
	{"other", CHANGE_DISCONNECT, "28" RFC_IDS NOW},
};

static void each_vendor_is_asked_in_its_own_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		expect(requests[i].vendor, requests[i].step, requests[i].said);
}

static void a_vendor_that_takes_no_message_authenticator_gets_none(void **state)
{
	static const char text[] = "[vendor]\ntitle = x\n[change]\nport = 1\n"
				   "identify = 31 text {calling}\nmessage-authenticator = no\n";
	CLEANUP_VENDOR struct vendor *v = NULL;
	struct change_facts facts = {.at = &at, .session = &session};
	struct radius_out out;

	(void)state;
	assert_int_equal(vendor_parse("x.conf", text, strlen(text), &v, error), 0);
	facts.vendor = v;
	assert_int_equal(change_build(&out, 1, CHANGE_DISCONNECT, &facts), 0);
	assert_int_equal(out.len, 26);
	assert_memory_equal(out.data + 20,
			    "\x1f\x06"
			    "00-1",
			    6);
}

static void a_port_that_is_only_a_number_is_not_sent_as_a_name(void **state)
{
	struct session before = session;

	(void)state;
	session.port[0] = '7';
	session.port[1] = 0;
	expect("zte", CHANGE_DISCONNECT, "28" RFC_IDS SWITCH NOW);
	session = before;
}

static void another_place_is_told_by_coa_where_the_vendor_can_else_the_session_ends(void **state)
{
	const struct vendor_place normal = {.vlan = "10"}, apart = {.vlan = "99"},
				  filtered = {.vlan = "10", .acl = "3999"};
	static const struct {
		const char *vendor;
		enum change_step to_vlan, off_filter;
	} firsts[] = {
		{"huawei", CHANGE_PLACE, CHANGE_REAUTHENTICATE},
		{"h3c", CHANGE_PLACE, CHANGE_DISCONNECT},
		{"aruba", CHANGE_PLACE, CHANGE_DISCONNECT},
		{"cisco", CHANGE_REAUTHENTICATE, CHANGE_REAUTHENTICATE},
		{"ruijie", CHANGE_DISCONNECT, CHANGE_DISCONNECT},
		{"zte", CHANGE_DISCONNECT, CHANGE_DISCONNECT},
		{"menshen-port", CHANGE_PLACE, CHANGE_DISCONNECT},
		{"hostapd", CHANGE_DISCONNECT, CHANGE_DISCONNECT},
		{"other", CHANGE_DISCONNECT, CHANGE_DISCONNECT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
		const struct vendor *v = vendors_find(vendors, firsts[i].vendor);

		assert_int_equal(change_first(v, &normal, &apart), firsts[i].to_vlan);
		assert_int_equal(change_first(v, &filtered, &normal), firsts[i].off_filter);
		assert_int_equal(change_first(v, &normal, NULL), CHANGE_DISCONNECT);
	}
}

static void what_is_refused_is_tried_another_way_and_at_last_at_the_port(void **state)
{
	static const struct {
		const char *vendor;
		enum change_step step;
		enum change_outcome outcome;
		bool may_bounce;
		enum change_step next;
	} cases[] = {
		{"huawei", CHANGE_PLACE, CHANGE_ACK, true, CHANGE_OVER},
		{"huawei", CHANGE_PLACE, CHANGE_GONE, true, CHANGE_OVER},
		{"huawei", CHANGE_PLACE, CHANGE_NAK, false, CHANGE_DISCONNECT},
		{"huawei", CHANGE_PLACE, CHANGE_SILENT, true, CHANGE_BOUNCE_SNMP},
		{"huawei", CHANGE_PLACE, CHANGE_SILENT, false, CHANGE_OVER},
		{"cisco", CHANGE_REAUTHENTICATE, CHANGE_NAK, true, CHANGE_DISCONNECT},
		{"cisco", CHANGE_DISCONNECT, CHANGE_NAK, true, CHANGE_BOUNCE},
		{"cisco", CHANGE_DISCONNECT, CHANGE_NAK, false, CHANGE_OVER},
		{"cisco", CHANGE_BOUNCE, CHANGE_NAK, true, CHANGE_BOUNCE_SNMP},
		{"cisco", CHANGE_BOUNCE, CHANGE_SILENT, true, CHANGE_BOUNCE_SNMP},
		{"cisco", CHANGE_BOUNCE_SNMP, CHANGE_SILENT, true, CHANGE_OVER},
		{"ruijie", CHANGE_DISCONNECT, CHANGE_NAK, true, CHANGE_BOUNCE_SNMP},
		{"hostapd", CHANGE_DISCONNECT, CHANGE_NAK, true, CHANGE_OVER},
		{"hostapd", CHANGE_DISCONNECT, CHANGE_SILENT, true, CHANGE_OVER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(change_next(vendors_find(vendors, cases[i].vendor), cases[i].step,
					     cases[i].outcome, cases[i].may_bounce),
				 cases[i].next);
}

static void an_answer_is_told_in_words(void **state)
{
	static const struct {
		uint8_t code;
		uint32_t cause;
		enum change_outcome outcome;
		const char *said;
	} cases[] = {
		{RADIUS_COA_ACK, 0, CHANGE_ACK, "CoA-Request: ACK"},
		{RADIUS_COA_NAK, 405, CHANGE_NAK, "CoA-Request: NAK, Unsupported Service (405)"},
		{RADIUS_COA_NAK, 999, CHANGE_NAK, "CoA-Request: NAK, cause (999)"},
		{RADIUS_COA_NAK, 0, CHANGE_NAK, "CoA-Request: NAK"},
		{RADIUS_DISCONNECT_NAK, 503, CHANGE_GONE,
		 "CoA-Request: NAK, Session Context Not Found (503)"},
		{RADIUS_COA_NAK, 507, CHANGE_ACK, "CoA-Request: ACK"},
	};
	char text[CHANGE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum change_outcome outcome;
		struct radius_packet p;
		struct radius_out out;
		uint32_t cause;

		radius_begin_request(&out, cases[i].code, 1);
		if (cases[i].cause)
			radius_put_u32(&out, RADIUS_ERROR_CAUSE, cases[i].cause);
		assert_int_equal(radius_finish_request(&out, &at.secret), 0);
		p = radius_out_packet(&out);
		outcome = change_read(&p, &cause);
		assert_int_equal(outcome, cases[i].outcome);
		change_tell(text, CHANGE_PLACE, outcome, cause);
		assert_string_equal(text, cases[i].said);
	}
	change_tell(text, CHANGE_DISCONNECT, CHANGE_SILENT, 0);
	assert_string_equal(text, "Disconnect-Request: no answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_vendor_is_asked_in_its_own_bytes),
		cmocka_unit_test(a_vendor_that_takes_no_message_authenticator_gets_none),
		cmocka_unit_test(a_port_that_is_only_a_number_is_not_sent_as_a_name),
		cmocka_unit_test(
			another_place_is_told_by_coa_where_the_vendor_can_else_the_session_ends),
		cmocka_unit_test(what_is_refused_is_tried_another_way_and_at_last_at_the_port),
		cmocka_unit_test(an_answer_is_told_in_words),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
