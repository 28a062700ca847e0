#include "scene.h"

#include "frames.h"

static void a_frame_shows_its_sender_its_addresses_and_its_ports(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP_ACK);
	struct packet p = packet_of(&f);
	struct mac from = mac_of("02:00:5e:10:00:01");
	struct ip server = ip_of("10.77.0.1");

	(void)state;
	assert_true(mac_equal(&p.from_mac, &from));
	assert_true(ip_equal(&p.from, &server));
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.from_port, 67);
	assert_int_equal(p.to_port, 68);
	assert_int_equal(p.vlan, 0);
}

static void a_tag_in_the_frame_names_its_vlan_and_one_taken_off_does_too(void **state)
{
	struct bytes f = bytes_of("ffffffffffff02005e100001810060640806"
				  "000108000604000102005e1000010a4d00010000000000000a4d003a");
	struct packet p;

	(void)state;
	assert_int_equal(packet_parse(f.b, f.len, 0, &p), 0);
	assert_int_equal(p.vlan, 100);
	assert_int_equal(p.ether_type, ETHER_ARP);
	assert_int_equal(packet_parse(f.b, f.len, 7, &p), 0);
	assert_int_equal(p.vlan, 7);
}

static void the_padding_of_a_short_frame_is_no_payload(void **state)
{
	struct bytes f = bytes_of(FRAME_BPDU);
	struct packet p;

	(void)state;
	memset(f.b + f.len, 0xee, 8);
	assert_int_equal(packet_parse(f.b, f.len + 8, 0, &p), 0);
	assert_int_equal(p.ether_type, 0);
	assert_int_equal(p.len, 38);
}

static void an_advertisement_behind_extension_headers_is_still_one(void **state)
{
	struct bytes f = bytes_of(FRAME_ROUTER_ADVERT);
	struct packet p;

	(void)state;
	/* A destination options header between the two (RFC 7113, section 2.1). */
	memmove(f.b + 62, f.b + 54, f.len - 54);
	f.len += 8;
	memcpy(f.b + 54, "\x3a\x00\x01\x04\x00\x00\x00\x00", 8);
	f.b[20] = 60;
	set_be16(f.b + 18, (uint16_t)(f.len - 54));
	assert_int_equal(packet_parse(f.b, f.len, 0, &p), 0);
	assert_int_equal(p.proto, PROTO_ICMPV6);
	assert_int_equal(p.payload[0], 134);
}

static void a_frame_cut_anywhere_is_refused_or_shorter_and_never_read_past(void **state)
{
	static const char *const frames[] = {FRAME_DHCP_ACK, FRAME_ROUTER_ADVERT, FRAME_LLDP,
					     FRAME_MDNS_PROBE};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		struct bytes f = bytes_of(frames[i]);

		for (size_t len = 0; len < f.len; len++) {
			CLEANUP_FREE uint8_t *exact = malloc(len + 1);
			struct packet p;

			memcpy(exact, f.b, len);
			if (packet_parse(exact, len, 0, &p) == 0)
				assert_true(p.payload + p.len <= exact + len);
			else
				assert_true(len < 54);
		}
	}
}

static void a_later_fragment_has_no_ports(void **state)
{
	struct bytes f = bytes_of(FRAME_DHCP_ACK);
	struct packet p;

	(void)state;
	f.b[21] = 0x10;
	assert_int_equal(packet_parse(f.b, f.len, 0, &p), 0);
	assert_int_equal(p.proto, 0);
	assert_int_equal(p.from_port, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_shows_its_sender_its_addresses_and_its_ports),
		cmocka_unit_test(a_tag_in_the_frame_names_its_vlan_and_one_taken_off_does_too),
		cmocka_unit_test(the_padding_of_a_short_frame_is_no_payload),
		cmocka_unit_test(an_advertisement_behind_extension_headers_is_still_one),
		cmocka_unit_test(a_frame_cut_anywhere_is_refused_or_shorter_and_never_read_past),
		cmocka_unit_test(a_later_fragment_has_no_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
