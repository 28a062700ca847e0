#include "scene.h"

#include "frames.h"
#include "listener/arp.h"
#include "listener/dhcp.h"
#include "listener/dhcp6.h"
#include "listener/gear.h"
#include "listener/names.h"
#include "listener/nd.h"

static void an_arp_request_claims_its_senders_address(void **state)
{
	struct bytes f = bytes_of(FRAME_ARP_REQUEST);
	struct packet p = packet_of(&f);
	struct ip sender = ip_of("10.77.0.1");
	struct arp a;

	(void)state;
	assert_int_equal(arp_parse(p.payload, p.len, &a), 0);
	assert_int_equal(a.op, ARP_REQUEST);
	assert_true(ip_equal(&a.sender, &sender));
	assert_false(a.probe);
	assert_false(a.announcement);
	assert_int_equal(arp_parse(p.payload, p.len - 1, &a), -EBADMSG);
}

static void a_probe_claims_nothing_and_an_announcement_is_known_as_one(void **state)
{
	struct bytes probe = make_arp("02:00:5e:10:00:01", "0.0.0.0", "10.0.0.7");
	struct bytes announcement = make_arp("02:00:5e:10:00:01", "10.0.0.7", "10.0.0.7");
	struct arp a;

	(void)state;
	assert_int_equal(arp_parse(probe.b + 14, probe.len - 14, &a), 0);
	assert_true(a.probe);
	assert_int_equal(arp_parse(announcement.b + 14, announcement.len - 14, &a), 0);
	assert_true(a.announcement);
}

static void neighbours_and_routers_are_told_apart(void **state)
{
	struct bytes advert = bytes_of(FRAME_NEIGHBOUR_ADVERT);
	struct bytes router = bytes_of(FRAME_ROUTER_ADVERT);
	struct bytes solicit = bytes_of(FRAME_ROUTER_SOLICIT);
	struct packet p = packet_of(&advert);
	struct ip target = ip_of("fe80::5eff:fe10:2"), prefix = ip_of("fd77::");
	struct mac link = mac_of("02:00:5e:10:00:02");
	struct nd nd;

	(void)state;
	assert_int_equal(nd_parse(&p, &nd), 0);
	assert_int_equal(nd.type, ND_ADVERT);
	assert_true(ip_equal(&nd.target, &target));
	assert_true(nd.has_link && mac_equal(&nd.link, &link));
	p = packet_of(&router);
	assert_int_equal(nd_parse(&p, &nd), 0);
	assert_int_equal(nd.type, ND_ROUTER_ADVERT);
	assert_int_equal(nd.router_life_s, 1800);
	assert_true(nd.has_prefix && ip_equal(&nd.prefix, &prefix));
	p = packet_of(&solicit);
	assert_int_equal(nd_parse(&p, &nd), -ENOENT);
}

static void an_advertisement_that_came_through_a_router_is_none(void **state)
{
	struct bytes f = bytes_of(FRAME_ROUTER_ADVERT);
	struct packet p;
	struct nd nd;

	(void)state;
	f.b[21] = 254;
	p = packet_of(&f);
	assert_int_equal(nd_parse(&p, &nd), -EBADMSG);
}

static void a_dhcp_client_shows_its_name_and_fingerprint(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP_REQUEST);
	struct packet p = packet_of(&f);
	struct ip asked = ip_of("10.77.0.58");
	char print[DHCP_FINGERPRINT_SIZE];
	struct dhcp d;

	(void)state;
	assert_int_equal(dhcp_parse(p.payload, p.len, &d), 0);
	assert_int_equal(d.type, DHCP_REQUEST);
	assert_false(d.from_server);
	assert_string_equal(d.host_name, "pc-0417");
	assert_true(d.has_asked_ip && ip_equal(&d.asked_ip, &asked));
	assert_true(d.has_client_id && mac_equal(&d.client_id, &d.client));
	dhcp_fingerprint(print, &d);
	assert_string_equal(print, "1,3,6,12,15,28,42,43,249/MSFT 5.0");
}

static void a_dhcp_server_shows_itself(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP_OFFER);
	struct packet p = packet_of(&f);
	struct ip server = ip_of("10.77.0.1"), given = ip_of("10.77.0.58");
	struct dhcp d;

	(void)state;
	assert_int_equal(dhcp_parse(p.payload, p.len, &d), 0);
	assert_int_equal(d.type, DHCP_OFFER);
	assert_true(d.from_server);
	assert_true(d.has_server && ip_equal(&d.server, &server));
	assert_true(ip_equal(&d.given_ip, &given));
}

static void a_cut_option_of_dhcp_is_not_there(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP_REQUEST);
	struct packet p = packet_of(&f);
	struct dhcp d;

	(void)state;
	/* Within the host name, which stands behind the list of parameters. */
	assert_int_equal(dhcp_parse(p.payload, 273, &d), 0);
	assert_string_equal(d.host_name, "");
	assert_int_equal(d.asked_count, 9);
	assert_int_equal(dhcp_parse(p.payload, 239, &d), -EBADMSG);
}

static void a_request_that_calls_itself_an_answer_is_refused(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP_OFFER);
	struct packet p;
	struct dhcp d;

	(void)state;
	f.b[42] = 1;
	p = packet_of(&f);
	assert_int_equal(dhcp_parse(p.payload, p.len, &d), -EBADMSG);
}

static void a_dhcpv6_server_shows_itself(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP6_ADVERTISE);
	struct packet p = packet_of(&f);
	struct dhcp6 d;

	(void)state;
	assert_int_equal(p.from_port, 547);
	assert_int_equal(dhcp6_parse(p.payload, p.len, &d), 0);
	assert_true(d.from_server);
	assert_int_equal(dhcp6_parse(p.payload, p.len - 1, &d), -EBADMSG);
}

/* What is switched on, behind what it could be. */
static size_t capabilities_at(const struct bytes *f)
{
	return (size_t)((const uint8_t *)memmem(f->b, f->len, "\x0e\x04", 2) - f->b) + 4;
}

static void lldp_tells_name_model_and_what_is_switched_on(void **state)
{
	struct bytes f = bytes_of(FRAME_LLDP);
	struct packet p = packet_of(&f);
	struct gear g;

	(void)state;
	assert_int_equal(p.ether_type, ETHER_LLDP);
	assert_int_equal(lldp_parse(p.payload, p.len, &g), 0);
	assert_string_equal(g.model, "Desk switch 8 ports");
	/* It could be bridge, access point and router, and is none of them. */
	assert_int_equal(g.can, 0);
	set_be16(f.b + capabilities_at(&f), 1 << 2 | 1 << 3);
	assert_int_equal(lldp_parse(p.payload, p.len, &g), 0);
	assert_int_equal(g.can, GEAR_BRIDGE | GEAR_ACCESS_POINT);
}

static void lldp_wants_its_three_first_fields_and_its_end(void **state)
{
	struct bytes f = bytes_of(FRAME_LLDP);
	struct packet p = packet_of(&f);
	struct gear g;

	(void)state;
	assert_int_equal(lldp_parse(p.payload + 9, p.len - 9, &g), -EBADMSG);
	assert_int_equal(lldp_parse(p.payload, p.len - 2, &g), -EBADMSG);
}

static void cdp_tells_device_port_and_platform(void **state)
{
	struct bytes f = bytes_of(FRAME_CDP);
	struct packet p = packet_of(&f);
	struct gear g;

	(void)state;
	assert_int_equal(cdp_parse(p.payload, p.len, &g), 0);
	assert_string_equal(g.name, "SW24-001");
	assert_string_equal(g.port, "GigabitEthernet/3");
	assert_string_equal(g.model, "cisco WS-C2960-24TT-L");
	assert_int_equal(g.can, GEAR_BRIDGE | GEAR_ROUTER);
	assert_int_equal(cdp_parse(p.payload, p.len - 1, &g), -EBADMSG);
}

static void spanning_tree_names_bridge_and_root(void **state)
{
	struct bytes f = bytes_of(FRAME_BPDU);
	struct packet p = packet_of(&f);
	struct mac bridge = mac_of("02:00:5e:10:00:02");
	struct stp s;

	(void)state;
	assert_int_equal(stp_parse(p.payload, p.len, &s), 0);
	assert_true(mac_equal(&s.bridge, &bridge));
	assert_int_equal(s.bridge_priority, 0x8000);
	assert_true(s.claims_root);
	assert_int_equal(stp_parse(p.payload, p.len - 1, &s), -EBADMSG);
	assert_int_equal(cdp_parse(p.payload, p.len, &(struct gear){0}), -ENOENT);
}

static void a_host_that_proposes_its_name_by_mdns_is_known_by_it(void **state)
{
	struct bytes f = bytes_of(FRAME_MDNS_PROBE);
	struct packet p = packet_of(&f);
	char name[HOST_NAME_SIZE];

	(void)state;
	assert_int_equal(mdns_host_name(p.payload, p.len, name), 0);
	assert_string_equal(name, "pc-0417");
	assert_int_equal(mdns_host_name(p.payload, 11, name), -EBADMSG);
}

static void a_question_about_another_host_names_nobody(void **state)
{
	/* Who has printer.local? */
	struct bytes f = bytes_of("000000000001000000000000"
				  "077072696e746572056c6f63616c0000010001");
	char name[HOST_NAME_SIZE];

	(void)state;
	assert_int_equal(mdns_host_name(f.b, f.len, name), -ENOENT);
}

static void a_name_that_points_at_itself_ends(void **state)
{
	struct bytes f = bytes_of("000084000000000100000000c00c000100010000007800040a000001");
	char name[HOST_NAME_SIZE];

	(void)state;
	assert_int_equal(mdns_host_name(f.b, f.len, name), -EBADMSG);
}

static void a_netbios_registration_names_its_sender(void **state)
{
	struct bytes f = bytes_of(FRAME_NETBIOS);
	struct packet p = packet_of(&f);
	char name[HOST_NAME_SIZE];

	(void)state;
	assert_int_equal(netbios_host_name(p.payload, p.len, name), 0);
	assert_string_equal(name, "pc-0417");
	f.b[f.len - 6] = 0x80; /* a group's name */
	assert_int_equal(netbios_host_name(p.payload, p.len, name), -ENOENT);
	assert_int_equal(netbios_host_name(p.payload, p.len - 1, name), -EBADMSG);
}

static void a_name_of_control_characters_is_no_name(void **state)
{
	char name[HOST_NAME_SIZE] = "kept";

	(void)state;
	assert_int_equal(host_name_take(name, (const uint8_t *)"a\nb", 3), -EINVAL);
	assert_int_equal(host_name_take(name, (const uint8_t *)"\xff\xfe", 2), -EINVAL);
	assert_int_equal(host_name_take(name, (const uint8_t *)".local", 6), -EINVAL);
	assert_string_equal(name, "kept");
	assert_int_equal(host_name_take(name, (const uint8_t *)"PC-1.bank.cn", 12), 0);
	assert_string_equal(name, "pc-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arp_request_claims_its_senders_address),
		cmocka_unit_test(a_probe_claims_nothing_and_an_announcement_is_known_as_one),
		cmocka_unit_test(neighbours_and_routers_are_told_apart),
		cmocka_unit_test(an_advertisement_that_came_through_a_router_is_none),
		cmocka_unit_test(a_dhcp_client_shows_its_name_and_fingerprint),
		cmocka_unit_test(a_dhcp_server_shows_itself),
		cmocka_unit_test(a_cut_option_of_dhcp_is_not_there),
		cmocka_unit_test(a_request_that_calls_itself_an_answer_is_refused),
		cmocka_unit_test(a_dhcpv6_server_shows_itself),
		cmocka_unit_test(lldp_tells_name_model_and_what_is_switched_on),
		cmocka_unit_test(lldp_wants_its_three_first_fields_and_its_end),
		cmocka_unit_test(cdp_tells_device_port_and_platform),
		cmocka_unit_test(spanning_tree_names_bridge_and_root),
		cmocka_unit_test(a_host_that_proposes_its_name_by_mdns_is_known_by_it),
		cmocka_unit_test(a_question_about_another_host_names_nobody),
		cmocka_unit_test(a_name_that_points_at_itself_ends),
		cmocka_unit_test(a_netbios_registration_names_its_sender),
		cmocka_unit_test(a_name_of_control_characters_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
