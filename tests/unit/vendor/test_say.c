#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "vendor/say.h"

static struct vendors *vendors;
static struct radius_out out;
static char error[VENDOR_ERROR_SIZE];

static int load(void **state)
{
	(void)state;
	return vendors_load(PROJECT_ROOT "/vendors", &vendors, error);
}

static int unload(void **state)
{
	(void)state;
	vendors_free(vendors);
	return 0;
}

static const struct vendor *begin(const char *name)
{
	const struct vendor *v = vendors_find(vendors, name);

	assert_non_null(v);
	out.error = 0;
	out.len = 0;
	return v;
}

/* The attributes that were said are exactly these bytes. */
static void expect(const char *name, const char *hex)
{
	char said[2 * RADIUS_PACKET_MAX + 1], wanted[2 * RADIUS_PACKET_MAX + 1];
	size_t at = 0;

	assert_int_equal(out.error, 0);
	hex_encode(said, out.data, out.len);
	for (; *hex; hex++)
		if (*hex != ' ')
			wanted[at++] = *hex;
	wanted[at] = 0;
	if (strcmp(said, wanted) != 0)
		fail_msg("%s says %s and not %s", name, said, wanted);
}

#define VLAN_10 "40 06 0000000d 41 06 00000006 51 04 3130 "

static void every_vendor_is_told_a_vlan_by_the_rfcs_tunnel(void **state)
{
	(void)state;
	for (size_t i = 0; vendors_at(vendors, i); i++) {
		const char *name = vendors_at(vendors, i)->name;

		vendor_put_place(begin(name), &(struct vendor_place){.vlan = "10"}, &out);
		expect(name, VLAN_10);
	}
	vendor_put_place(begin("cisco"), &(struct vendor_place){.vlan = "desks"}, &out);
	expect("cisco", "40 06 0000000d 41 06 00000006 51 07 6465736b73");
}

static const struct {
	const char *vendor, *said;
} acls[] = {
	{"huawei", "0b 06 33393939"},	   {"h3c", "0b 06 33393939"},
	{"ruijie", "0b 06 33393939"},	   {"zte", "0b 06 33393939"},
	{"cisco", "0b 09 333939392e696e"}, {"aruba", "1a 0c 000039e7 01 06 33393939"},
	{"hostapd", "0b 06 33393939"},	   {"menshen-port", "0b 06 33393939"},
	{"other", "0b 06 33393939"},
};

static void an_acl_is_named_in_the_vendors_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(acls); i++) {
		/* The name wins over the rules, and no VLAN is said that is not given. */
		vendor_put_place(begin(acls[i].vendor),
				 &(struct vendor_place){.acl = "3999", .reach = "10.1.0.2:443"},
				 &out);
		expect(acls[i].vendor, acls[i].said);
	}
}

/* The texts of the attributes that carry a downloadable ACL, for 10.1.0.2:8443 10.1.0.53:53/udp. */
static const struct {
	const char *vendor;
	uint32_t number; /* of the vendor, 0: an attribute of the RFCs */
	uint8_t type;
	const char *rules[4];
} downloads[] = {
	{"huawei",
	 2011,
	 82,
	 {"acl 10001 dest-ip 0.0.0.0 dest-ipmask 0 udp-dstport 67 permit",
	  "acl 10002 dest-ip 10.1.0.2 dest-ipmask 32 tcp-dstport 8443 permit",
	  "acl 10003 dest-ip 10.1.0.53 dest-ipmask 32 udp-dstport 53 permit",
	  "acl 10999 dest-ip 0.0.0.0 dest-ipmask 0 deny"}},
	{"cisco",
	 9,
	 1,
	 {"ip:inacl#1=permit udp any any eq bootps",
	  "ip:inacl#2=permit tcp any host 10.1.0.2 eq 8443",
	  "ip:inacl#3=permit udp any host 10.1.0.53 eq 53", "ip:inacl#4=deny ip any any"}},
	{"ruijie",
	 9,
	 1,
	 {"ip:inacl#1=permit udp any any eq 67", "ip:inacl#2=permit tcp any host 10.1.0.2 eq 8443",
	  "ip:inacl#3=permit udp any host 10.1.0.53 eq 53", "ip:inacl#4=deny ip any any"}},
	{"aruba",
	 14823,
	 51,
	 {"permit in udp from any to any 67", "permit in tcp from any to 10.1.0.2 8443",
	  "permit in udp from any to 10.1.0.53 53", "deny in ip from any to any"}},
};

static void a_downloadable_acl_is_written_rule_by_rule(void **state)
{
	const struct vendor_place place = {.reach = " 10.1.0.2:8443  10.1.0.53:53/udp"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(downloads); i++) {
		struct radius_out wanted = {0};
		char hex[2 * RADIUS_PACKET_MAX + 1];

		for (size_t r = 0; r < 4; r++)
			radius_put_vendor(&wanted, downloads[i].number, downloads[i].type,
					  downloads[i].rules[r], strlen(downloads[i].rules[r]));
		hex_encode(hex, wanted.data, wanted.len);
		vendor_put_place(begin(downloads[i].vendor), &place, &out);
		expect(downloads[i].vendor, hex);
	}
	/* RFC 4849: each rule ends with a zero byte. */
	vendor_put_place(begin("other"), &place, &out);
	assert_memory_equal(out.data, "\x5c\x23permit in udp from any to any 67\0\x5c", 36);
	/* Who has no form for rules is told none. */
	vendor_put_place(begin("h3c"), &place, &out);
	expect("h3c", "");
}

static const struct {
	const char *vendor, *said;
} voices[] = {
	{"huawei", "40 06 0000000d 41 06 00000006 51 04 3230 1a 0c 000007db 21 06 00000001"},
	{"h3c", "40 06 0000000d 41 06 00000006 51 04 3230 "
		"1a 22 000063a2 d2 1c 6465766963652d747261666669632d636c6173733d766f696365"},
	{"cisco", "1a 22 00000009 01 1c 6465766963652d747261666669632d636c6173733d766f696365"},
	{"aruba", "38 06 31000014 1a 0c 000039e7 3f 06 00000001"},
	{"other", "38 06 31000014"},
	/* Without a word for voice it is a VLAN as any other. */
	{"zte", "40 06 0000000d 41 06 00000006 51 04 3230"},
	{"menshen-port", "40 06 0000000d 41 06 00000006 51 04 3230"},
};

static void a_phone_is_sent_into_the_voice_vlan(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(voices); i++) {
		vendor_put_place(begin(voices[i].vendor),
				 &(struct vendor_place){.voice_vlan = "20"}, &out);
		expect(voices[i].vendor, voices[i].said);
	}
	vendor_put_place(begin("other"), &(struct vendor_place){.voice_vlan = "phones"}, &out);
	expect("other", "3a 09 31 70686f6e6573");
}

static void planned_addresses_are_told_where_a_switch_can_hold_them(void **state)
{
	static const struct vendor_place place = {.vlan = "10", .planned = "10.1.0.9 fd00::9"};
	struct vendor_place watched = place;

	(void)state;
	vendor_put_place(begin("menshen-port"), &place, &out);
	expect("menshen-port", VLAN_10 "08 06 0a010009 a8 12 fd000000000000000000000000000009");
	watched.watched = true;
	vendor_put_place(begin("menshen-port"), &watched, &out);
	expect("menshen-port", VLAN_10 "08 06 0a010009 a8 12 fd000000000000000000000000000009 "
				       "1a 0c 00007ed9 07 06 00000001");
	vendor_put_place(begin("huawei"), &watched, &out);
	expect("huawei", VLAN_10);
}

static void a_session_ends_after_its_time_by_asking_again(void **state)
{
	(void)state;
	for (size_t i = 0; vendors_at(vendors, i); i++) {
		const char *name = vendors_at(vendors, i)->name;

		vendor_put_timeout(begin(name), 28800, &out);
		expect(name, "1b 06 00007080 1d 06 00000001");
	}
}

static const struct vendor_session session = {.session_id = "1A",
					      .calling = "00-1",
					      .port_id = "g1",
					      .user = "li",
					      .switch_address = "10.1.0.11",
					      .has_nas_port = true,
					      .nas_port = 7,
					      .class_value = (const uint8_t *)"\0\1",
					      .class_len = 2,
					      .now_s = 0x65000000};

static const struct {
	const char *vendor, *said;
} identities[] = {
	{"huawei", "2c 04 3141 1f 06 30302d31 04 06 0a01000b 37 06 65000000"},
	{"h3c", "2c 04 3141 1f 06 30302d31 04 06 0a01000b 37 06 65000000"},
	{"ruijie", "1f 06 30302d31 2c 04 3141 04 06 0a01000b 37 06 65000000"},
	{"zte", "2c 04 3141 1f 06 30302d31 57 04 6731 04 06 0a01000b 37 06 65000000"},
	{"cisco", "2c 04 3141 1f 06 30302d31 04 06 0a01000b"},
	{"aruba", "04 06 0a01000b 01 04 6c69 2c 04 3141 05 06 00000007 57 04 6731 1f 06 30302d31 "
		  "37 06 65000000"},
	{"hostapd", "2c 04 3141 1f 06 30302d31 37 06 65000000"},
	{"menshen-port", "2c 04 3141 57 04 6731 1f 06 30302d31 37 06 65000000"},
	{"other", "2c 04 3141 1f 06 30302d31 37 06 65000000"},
};

static void a_session_is_named_by_what_its_switch_knows_it_by(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(identities); i++) {
		vendor_put_session(begin(identities[i].vendor), &session, &out);
		expect(identities[i].vendor, identities[i].said);
	}
}

static void what_nobody_knows_of_a_session_is_left_out(void **state)
{
	const struct vendor_session little = {.calling = "00-1", .switch_address = "2001:db8::b"};

	(void)state;
	vendor_put_session(begin("aruba"), &little, &out);
	expect("aruba", "5f 12 20010db800000000000000000000000b 1f 06 30302d31 37 06 00000000");
}

static const struct {
	const char *vendor;
	enum vendor_use use;
	const char *said;
} commands[] = {
	{"huawei", VENDOR_USE_BOUNCE, "1a 16 000007db ee 10 757365722d636f6d6d616e643d32"},
	{"huawei", VENDOR_USE_REAUTHENTICATE, "1a 16 000007db ee 10 757365722d636f6d6d616e643d31"},
	{"h3c", VENDOR_USE_BOUNCE,
	 "1a 2b 000063a2 d2 25 737562736372696265723a636f6d6d616e643d626f756e63652d686f73742d70"
	 "6f7274"},
	{"cisco", VENDOR_USE_BOUNCE,
	 "1a 2b 00000009 01 25 737562736372696265723a636f6d6d616e643d626f756e63652d686f73742d70"
	 "6f7274"},
	{"aruba", VENDOR_USE_BOUNCE, "1a 0c 000039e7 28 06 0000000c"},
	{"ruijie", VENDOR_USE_BOUNCE, ""},
};

static void a_port_is_bounced_in_the_vendors_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		vendor_put_command(begin(commands[i].vendor), commands[i].use, &out);
		expect(commands[i].vendor, commands[i].said);
	}
	assert_int_equal(vendors_find(vendors, "ruijie")->bounce, VENDOR_BOUNCE_SNMP);
	assert_int_equal(vendors_find(vendors, "cisco")->bounce, VENDOR_BOUNCE_COA);
	assert_int_equal(vendors_find(vendors, "hostapd")->bounce, VENDOR_BOUNCE_NONE);
}

static void a_malformed_reach_is_refused(void **state)
{
	static const char *const bad[] = {
		"10.1.0.2",	 "10.1.0.2:", "10.1.0.2:0",	 "10.1.0.2:65536",
		"10.1.0.2:80/x", "host:80",   "[2001:db8::1]:1", "10.1.0.2:80,10.1.0.3:80"};
	char many[32 * 16];
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(vendor_check_reach(bad[i]), -EINVAL);
	assert_int_equal(vendor_check_reach(""), 0);
	assert_int_equal(vendor_check_reach("10.1.0.2:8443 10.1.0.53:53/udp"), 0);
	for (size_t i = 0; i <= VENDOR_REACH_MAX; i++)
		at += (size_t)snprintf(many + at, sizeof(many) - at, "10.1.0.%zu:80 ", i);
	assert_int_equal(vendor_check_reach(many), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vendor_is_told_a_vlan_by_the_rfcs_tunnel),
		cmocka_unit_test(an_acl_is_named_in_the_vendors_way),
		cmocka_unit_test(a_downloadable_acl_is_written_rule_by_rule),
		cmocka_unit_test(a_phone_is_sent_into_the_voice_vlan),
		cmocka_unit_test(planned_addresses_are_told_where_a_switch_can_hold_them),
		cmocka_unit_test(a_session_ends_after_its_time_by_asking_again),
		cmocka_unit_test(a_session_is_named_by_what_its_switch_knows_it_by),
		cmocka_unit_test(what_nobody_knows_of_a_session_is_left_out),
		cmocka_unit_test(a_port_is_bounced_in_the_vendors_words),
		cmocka_unit_test(a_malformed_reach_is_refused),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
