/* Whole frames in, findings out. */
#include "scene.h"

#include "base/clock.h"
#include "frames.h"

#define ANNA "00:1e:67:00:00:01"
#define BODO "00:1e:67:00:00:02"
#define WINDOWS "0103060f1f212b2c2e2f7779f9fc"
#define LINUX "011c02030f06770c2c2f1a792a"
#define PHONE "0103060f1a1c333a3b2b"

static void hear(struct ear *e, struct bytes frame)
{
	ear_hear(e, &frame);
}

static void two_macs_that_use_an_address_at_once_are_a_conflict(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_arp(ANNA, "10.0.0.7", "10.0.0.1"));
	hear(&e, make_arp(ANNA, "10.0.0.7", "10.0.0.2"));
	assert_int_equal(e.count, 0);
	e.now_ms += 5 * SECOND_MS;
	hear(&e, make_arp(BODO, "10.0.0.7", "10.0.0.1"));
	assert_int_equal(ear_found(&e, FINDING_IP_CONFLICT), 1);
	assert_int_equal(e.count, 1);
	assert_string_equal(e.detail[0], "10.0.0.7 was used by " ANNA " until 5000 ms ago");
	ear_done(&e);
}

static void an_arp_packet_that_lies_names_who_sent_it(void **state)
{
	struct bytes lie = make_arp(BODO, "10.0.0.7", "10.0.0.1");
	struct mac liar = mac_of("00:1e:67:00:00:66");
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_arp(ANNA, "10.0.0.7", "10.0.0.1"));
	memcpy(lie.b + 6, liar.b, 6); /* the frame's own sender */
	ear_hear(&e, &lie);
	assert_int_equal(ear_found(&e, FINDING_IP_CONFLICT), 1);
	assert_string_equal(e.detail[0], "10.0.0.7 was used by " ANNA " until 0 ms ago, said by "
					 "00:1e:67:00:00:66");
	ear_done(&e);
}

static void an_address_that_was_left_or_given_back_may_have_a_new_owner(void **state)
{
	struct bytes release = make_dhcp(ANNA, "pc-1", "MSFT 5.0", WINDOWS);
	struct ip left = ip_of("10.0.0.8");
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_arp(ANNA, "10.0.0.7", "10.0.0.1"));
	e.now_ms += CONFLICT_MS + 1;
	hear(&e, make_arp(BODO, "10.0.0.7", "10.0.0.1"));
	hear(&e, make_arp(ANNA, "10.0.0.8", "10.0.0.1"));
	release.b[42 + 240 + 2] = 7;
	memcpy(release.b + 42 + 12, left.b + 12, 4); /* ciaddr */
	hear(&e, release);
	hear(&e, make_arp(BODO, "10.0.0.8", "10.0.0.1"));
	assert_int_equal(e.count, 0);
	ear_done(&e);
}

static void the_same_address_in_another_vlan_is_another(void **state)
{
	struct bytes a = make_arp(ANNA, "10.0.0.7", "10.0.0.1");
	struct bytes b = make_arp(BODO, "10.0.0.7", "10.0.0.1");
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear_frame(&e.hear, a.b, a.len, 10, e.now_ms);
	hear_frame(&e.hear, b.b, b.len, 20, e.now_ms);
	assert_int_equal(e.count, 0);
	ear_done(&e);
}

static void an_announcement_over_anothers_address_takes_it(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_arp(ANNA, "10.0.0.7", "10.0.0.1"));
	e.now_ms += 30 * MINUTE_MS;
	hear(&e, make_arp(BODO, "10.0.0.7", "10.0.0.7"));
	assert_int_equal(ear_found(&e, FINDING_IP_TAKEN), 1);
	assert_int_equal(e.count, 1);
	ear_done(&e);
}

static void the_gateways_address_belongs_to_the_gateway(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "gateway 10.0.0.1 " ANNA "\ngateway 10.0.1.1\n", NULL);
	hear(&e, make_arp(ANNA, "10.0.0.1", "10.0.0.9"));
	hear(&e, make_arp(ANNA, "10.0.1.1", "10.0.1.9"));
	assert_int_equal(e.count, 0);
	e.now_ms += DAY_MS;
	hear(&e, make_arp(BODO, "10.0.0.1", "10.0.0.9"));
	hear(&e, make_arp(BODO, "10.0.1.1", "10.0.1.9"));
	assert_int_equal(ear_found(&e, FINDING_GATEWAY_TAKEN), 2);
	ear_done(&e);
}

static void a_mac_that_runs_through_addresses_roams(void **state)
{
	static const char *const ips[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ips); i++) {
		assert_int_equal(e.count, 0);
		e.now_ms += SECOND_MS;
		hear(&e, make_arp(ANNA, ips[i], "10.0.0.9"));
	}
	assert_int_equal(ear_found(&e, FINDING_ROAMING_MAC), 1);
	for (size_t i = 0; i < ARRAY_SIZE(ips); i++) {
		e.now_ms += 10 * MINUTE_MS;
		hear(&e, make_arp(BODO, ips[i], "10.0.0.9"));
	}
	assert_int_equal(ear_found(&e, FINDING_ROAMING_MAC), 1);
	ear_done(&e);
}

static void pairs_are_held_against_the_plan(void **state)
{
	static const char text[] = "ip,mac,who\n10.0.0.7," ANNA ",counter 1\n";
	CLEANUP_PLAN struct plan *plan = NULL;
	size_t skipped;
	struct ear e;

	(void)state;
	assert_int_equal(plan_parse(text, strlen(text), &plan, &skipped), 0);
	ear_init(&e, "", plan);
	hear(&e, make_arp(ANNA, "10.0.0.7", "10.0.0.1"));
	hear(&e, make_arp(BODO, "10.0.0.9", "10.0.0.1"));
	assert_int_equal(e.count, 0);
	hear(&e, make_arp(ANNA, "10.0.0.8", "10.0.0.1"));
	assert_int_equal(ear_found(&e, FINDING_PLAN_IP), 1);
	e.now_ms += HOUR_MS;
	hear(&e, make_arp(BODO, "10.0.0.7", "10.0.0.1"));
	assert_int_equal(ear_found(&e, FINDING_PLAN_MAC), 1);
	assert_int_equal(e.count, 2);
	ear_done(&e);
}

static void a_second_dhcp_server_is_found(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "dhcp-server 10.0.0.2\n", NULL);
	hear(&e, make_offer(ANNA, "10.0.0.2"));
	assert_int_equal(e.count, 0);
	hear(&e, make_offer(BODO, "10.0.0.66"));
	assert_int_equal(ear_found(&e, FINDING_DHCP_SERVER), 1);
	ear_done(&e);
	ear_init(&e, "", NULL);
	hear(&e, make_offer(ANNA, "10.0.0.2"));
	assert_int_equal(e.count, 0);
	hear(&e, make_offer(BODO, "10.0.0.66"));
	assert_int_equal(ear_found(&e, FINDING_DHCP_SERVER), 1);
	ear_done(&e);
}

static void a_stranger_may_not_advertise_itself_as_router(void **state)
{
	struct bytes advert = bytes_of(FRAME_ROUTER_ADVERT);
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	ear_hear(&e, &advert);
	assert_int_equal(ear_found(&e, FINDING_ROUTER_ADVERT), 1);
	ear_done(&e);
	ear_init(&e, "router 02-00-5e-10-00-01\n", NULL);
	ear_hear(&e, &advert);
	assert_int_equal(e.count, 0);
	ear_done(&e);
}

static void packets_one_hop_old_under_one_address_are_translated(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_ipv4(ANNA, "10.0.0.7", 64));
	hear(&e, make_ipv4(ANNA, "10.0.0.7", 63));
	hear(&e, make_ipv4(ANNA, "10.0.0.7", 127));
	assert_int_equal(e.count, 0);
	hear(&e, make_ipv4(ANNA, "10.0.0.7", 63));
	assert_int_equal(ear_found(&e, FINDING_NAT), 1);
	assert_string_equal(e.detail[0], "packets of others under one address, TTL 63 x2 64 x1 127 "
					 "x1, sources 10.0.0.7");
	ear_done(&e);
}

static void packets_of_several_addresses_one_hop_old_are_routed(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "router " BODO "\n", NULL);
	for (int i = 0; i < 5; i++) {
		hear(&e, make_ipv4(BODO, "10.8.0.1", 63));
		hear(&e, make_ipv4(BODO, "10.8.0.2", 63));
	}
	assert_int_equal(e.count, 0);
	hear(&e, make_ipv4(ANNA, "10.8.0.1", 63));
	hear(&e, make_ipv4(ANNA, "10.8.0.2", 63));
	hear(&e, make_ipv4(ANNA, "10.8.0.2", 63));
	assert_int_equal(ear_found(&e, FINDING_ROUTER), 1);
	assert_int_equal(e.count, 1);
	ear_done(&e);
}

static void gear_that_nobody_listed_is_a_bridge(void **state)
{
	struct bytes frames[] = {bytes_of(FRAME_BPDU), bytes_of(FRAME_LLDP), bytes_of(FRAME_CDP)};
	uint8_t *can = memmem(frames[1].b, frames[1].len, "\x0e\x04", 2);
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	ear_hear(&e, &frames[1]); /* a station */
	assert_int_equal(e.count, 0);
	can[5] = 1 << 2;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		ear_hear(&e, &frames[i]);
	assert_int_equal(ear_found(&e, FINDING_BRIDGE), 3);
	assert_string_equal(e.detail[0], "spanning tree of bridge 02:00:5e:10:00:02, priority "
					 "32768, claims the root");
	ear_done(&e);
	ear_init(&e, "network-gear 02-00-5e\nnetwork-gear 0050560a0b0c\n", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		ear_hear(&e, &frames[i]);
	assert_int_equal(e.count, 0);
	ear_done(&e);
}

static void a_phone_with_a_port_for_a_pc_is_no_bridge(void **state)
{
	struct bytes f = bytes_of(FRAME_CDP);
	struct ear e;

	(void)state;
	f.b[14 + 8 + 4 + 12 + 21 + 7] = 0x90; /* phone, host */
	ear_init(&e, "", NULL);
	ear_hear(&e, &f);
	assert_int_equal(e.count, 0);
	ear_done(&e);
}

static void an_address_of_a_hotspot_is_one(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_arp(ANNA, "192.168.137.1", "192.168.137.20"));
	assert_int_equal(ear_found(&e, FINDING_SOFT_AP), 1);
	ear_done(&e);
}

static void a_terminal_with_another_fingerprint_or_name_may_be_a_clone(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_dhcp(ANNA, "pc-0417", "MSFT 5.0", WINDOWS));
	hear(&e, make_dhcp(ANNA, "PC-0417", "MSFT 5.0", WINDOWS));
	assert_int_equal(e.count, 0);
	hear(&e, make_dhcp(ANNA, "pc-0417", "", LINUX));
	assert_int_equal(ear_found(&e, FINDING_CLONE), 1);
	hear(&e, make_dhcp(ANNA, "kali", "", LINUX));
	assert_int_equal(ear_found(&e, FINDING_CLONE), 2);
	assert_string_equal(e.detail[1], "its host name is kali, was pc-0417");
	ear_done(&e);
}

static void a_computer_that_starts_from_the_network_stays_itself(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_dhcp(ANNA, "pc-0417", "PXEClient:Arch:00007", LINUX));
	hear(&e, make_dhcp(ANNA, "pc-0417", "MSFT 5.0", WINDOWS));
	hear(&e, make_dhcp(ANNA, "pc-0417", "PXEClient:Arch:00007", PHONE));
	assert_int_equal(e.count, 0);
	ear_done(&e);
}

static void several_systems_under_one_mac_are_many(void **state)
{
	struct ear e;

	(void)state;
	ear_init(&e, "", NULL);
	hear(&e, make_dhcp(ANNA, "pc-1", "MSFT 5.0", WINDOWS));
	hear(&e, make_dhcp(ANNA, "pc-1", "", LINUX));
	assert_int_equal(ear_found(&e, FINDING_MANY_BEHIND), 0);
	hear(&e, make_dhcp(ANNA, "pc-1", "android-dhcp-13", PHONE));
	assert_int_equal(ear_found(&e, FINDING_MANY_BEHIND), 1);
	ear_done(&e);
}

static void every_finding_has_its_words_and_a_code_of_its_own(void **state)
{
	(void)state;
	for (unsigned f = 0; f < FINDING_COUNT; f++) {
		const struct finding_text *t = finding_text((enum finding)f);

		assert_true(t->code && t->clause && t->zh && t->en && t->zh_todo && t->en_todo);
		assert_in_range(t->code ? strlen(t->code) : 0, 1, 31); /* as the wire has it */
		assert_int_equal(finding_from_code(t->code), f);
	}
	assert_int_equal(finding_from_code("nothing"), FINDING_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_macs_that_use_an_address_at_once_are_a_conflict),
		cmocka_unit_test(an_arp_packet_that_lies_names_who_sent_it),
		cmocka_unit_test(an_address_that_was_left_or_given_back_may_have_a_new_owner),
		cmocka_unit_test(the_same_address_in_another_vlan_is_another),
		cmocka_unit_test(an_announcement_over_anothers_address_takes_it),
		cmocka_unit_test(the_gateways_address_belongs_to_the_gateway),
		cmocka_unit_test(a_mac_that_runs_through_addresses_roams),
		cmocka_unit_test(pairs_are_held_against_the_plan),
		cmocka_unit_test(a_second_dhcp_server_is_found),
		cmocka_unit_test(a_stranger_may_not_advertise_itself_as_router),
		cmocka_unit_test(packets_one_hop_old_under_one_address_are_translated),
		cmocka_unit_test(packets_of_several_addresses_one_hop_old_are_routed),
		cmocka_unit_test(gear_that_nobody_listed_is_a_bridge),
		cmocka_unit_test(a_phone_with_a_port_for_a_pc_is_no_bridge),
		cmocka_unit_test(an_address_of_a_hotspot_is_one),
		cmocka_unit_test(a_terminal_with_another_fingerprint_or_name_may_be_a_clone),
		cmocka_unit_test(a_computer_that_starts_from_the_network_stays_itself),
		cmocka_unit_test(several_systems_under_one_mac_are_many),
		cmocka_unit_test(every_finding_has_its_words_and_a_code_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
