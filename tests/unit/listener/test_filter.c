/* The program runs in the kernel: a pair of Unix datagram sockets takes the place of a cable. */
#include "scene.h"

#include <sys/socket.h>

#include "frames.h"
#include "listener/filter.h"

static size_t passed(const struct bytes *f)
{
	uint8_t got[FRAME_MAX];
	int pair[2];
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(filter_attach(pair[1]), 0);
	(void)!send(pair[0], f->b, f->len, 0);
	n = recv(pair[1], got, sizeof(got), 0);
	close(pair[0]);
	close(pair[1]);
	return n < 0 ? 0 : (size_t)n;
}

static void what_tells_of_a_terminal_comes_in_whole(void **state)
{
	static const char *const frames[] = {FRAME_ARP_REQUEST,
					     FRAME_BPDU,
					     FRAME_CDP,
					     FRAME_DHCP6_ADVERTISE,
					     FRAME_DHCP_ACK,
					     FRAME_DHCP_OFFER,
					     FRAME_DHCP_REQUEST,
					     FRAME_LLDP,
					     FRAME_MDNS_PROBE,
					     FRAME_NETBIOS,
					     FRAME_NEIGHBOUR_ADVERT,
					     FRAME_NEIGHBOUR_SOLICIT,
					     FRAME_ROUTER_ADVERT};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		struct bytes f = bytes_of(frames[i]);

		assert_int_equal(passed(&f), f.len);
	}
}

static void the_head_of_a_connection_comes_in_for_its_ttl(void **state)
{
	struct bytes f = make_ipv4("02:00:5e:10:00:01", "10.0.0.5", 64);

	(void)state;
	assert_int_equal(passed(&f), 54);
	memset(f.b + f.len, 0, 100);
	f.len += 100;
	assert_int_equal(passed(&f), FILTER_HEAD);
}

static void other_traffic_is_a_sample(void **state)
{
	struct bytes f = bytes_of(FRAME_ECHO);
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 64 * FILTER_SAMPLE; i++)
		count += passed(&f) > 0;
	/* 64 expected; this far from it is a chance of less than one in a million. */
	assert_in_range(count, 16, 128);
}

static void what_tells_nothing_stays_out(void **state)
{
	struct bytes ping6 = bytes_of(FRAME_ROUTER_SOLICIT);
	struct bytes ipx = bytes_of("ffffffffffff02005e1000018137ffff0022");
	struct bytes netbeui =
		bytes_of("03000000000102005e1000010010f0f003000000000000000000000000");

	(void)state;
	assert_int_equal(passed(&ping6), 0);
	assert_int_equal(passed(&ipx), 0);
	assert_int_equal(passed(&netbeui), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_tells_of_a_terminal_comes_in_whole),
		cmocka_unit_test(the_head_of_a_connection_comes_in_for_its_ttl),
		cmocka_unit_test(other_traffic_is_a_sample),
		cmocka_unit_test(what_tells_nothing_stays_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
