#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/addr.h"

static struct addr parsed(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, 1812, &a), 0);
	return a;
}

static void an_address_is_read_with_and_without_port(void **state)
{
	static const char *const pairs[][2] = {
		{"10.0.0.1", "10.0.0.1:1812"},
		{"10.0.0.1:99", "10.0.0.1:99"},
		{"0.0.0.0:65535", "0.0.0.0:65535"},
		{"::1", "[::1]:1812"},
		{"[::1]", "[::1]:1812"},
		{"[::1]:1", "[::1]:1"},
		{"2001:DB8::a", "[2001:db8::a]:1812"},
		{"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
		 "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
	};
	char text[ADDR_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct addr a = parsed(pairs[i][0]);

		addr_format(text, &a);
		assert_string_equal(text, pairs[i][1]);
	}
}

static void what_is_no_numeric_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		":",
		":80",
		"gate",
		"gate:80",
		"10.0.0",
		"10.0.0.1:",
		"10.0.0.1:0",
		"10.0.0.1:65536",
		"10.0.0.1:-1",
		"10.0.0.1:80x",
		"10.0.0.256",
		" 10.0.0.1",
		"[",
		"[]",
		"[::1",
		"[::1]x",
		"[::1]:",
		"[::1]:0",
		"::1]:80",
		"[::1]]:80",
		"1:2:3",
		"[10.0.0.1]:80",
		"fe80::1%eth0",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct addr a = {.len = 77};

		assert_int_equal(addr_parse(bad[i], 1812, &a), -EINVAL);
		assert_int_equal(a.len, 77);
	}
}

static void the_host_alone_is_written_without_port(void **state)
{
	struct addr v4 = parsed("10.0.0.1:99"), v6 = parsed("[::1]:99"), none = {0};
	char text[ADDR_TEXT_SIZE];

	(void)state;
	addr_format_host(text, &v4);
	assert_string_equal(text, "10.0.0.1");
	addr_format_host(text, &v6);
	assert_string_equal(text, "::1");
	addr_format_host(text, &none);
	assert_string_equal(text, "?");
}

static void a_port_can_be_changed_in_both_families(void **state)
{
	struct addr v4 = parsed("10.0.0.1"), v6 = parsed("::1");

	(void)state;
	addr_set_port(&v4, 3799);
	addr_set_port(&v6, 3799);
	assert_int_equal(addr_port(&v4), 3799);
	assert_int_equal(addr_port(&v6), 3799);
}

static void an_ipv4_mapped_address_is_the_same_host(void **state)
{
	struct addr v4 = parsed("10.0.0.1:1"), mapped = parsed("[::ffff:10.0.0.1]:2"),
		    other = parsed("10.0.0.2:1"), v6 = parsed("[::a00:1]:1");
	static const uint8_t key[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1};
	uint8_t got[16];

	(void)state;
	assert_true(addr_same_host(&v4, &mapped));
	assert_true(addr_same_host(&mapped, &v4));
	assert_false(addr_same_host(&v4, &other));
	assert_false(addr_same_host(&v4, &v6));
	addr_host_key(&v4, got);
	assert_memory_equal(got, key, sizeof(key));
	addr_host_key(&mapped, got);
	assert_memory_equal(got, key, sizeof(key));
}

/* Lets the kernel choose a port of loopback, then says which. */
static struct addr bound_to(int fd)
{
	struct addr a = {.len = sizeof(a.in6)};

	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, &a.sa, &a.len), 0);
	return a;
}

static struct addr loopback(int family)
{
	struct addr a = parsed(family == AF_INET ? "127.0.0.1" : "::1");

	addr_set_port(&a, 0);
	return a;
}

static void sockets_do_not_block_and_are_closed_on_exec(void **state)
{
	struct addr any = loopback(AF_INET);
	CLEANUP_FD int udp = addr_udp_bind(&any), tcp = addr_tcp_listen(&any, 4);

	(void)state;
	assert_true(udp >= 0 && tcp >= 0);
	assert_true(fcntl(udp, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(udp, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(tcp, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(tcp, F_GETFD) & FD_CLOEXEC);
}

static void an_address_in_use_is_told(void **state)
{
	struct addr any = loopback(AF_INET), taken;
	CLEANUP_FD int udp = addr_udp_bind(&any), tcp = addr_tcp_listen(&any, 4);
	struct addr elsewhere = parsed("192.0.2.1:1");

	(void)state;
	taken = bound_to(udp);
	assert_int_equal(addr_udp_bind(&taken), -EADDRINUSE);
	taken = bound_to(tcp);
	assert_int_equal(addr_tcp_listen(&taken, 4), -EADDRINUSE);
	assert_int_equal(addr_udp_bind(&elsewhere), -EADDRNOTAVAIL);
}

static void an_address_is_shared_only_by_who_wants_to(void **state)
{
	struct addr any = loopback(AF_INET), taken;
	CLEANUP_FD int first = addr_udp_bind_shared(&any), second = -1;

	(void)state;
	assert_true(first >= 0);
	taken = bound_to(first);
	second = addr_udp_bind_shared(&taken);
	assert_true(second >= 0);
	assert_int_equal(addr_udp_bind(&taken), -EADDRINUSE);
}

static void connect_and_see(int family)
{
	struct addr any = loopback(family), server;
	CLEANUP_FD int listener = addr_tcp_listen(&any, 4), client = -1, peer = -1;
	struct pollfd poll_client, poll_listener = {.fd = listener, .events = POLLIN};

	server = bound_to(listener);
	client = addr_tcp_connect(&server);
	assert_true(client >= 0);
	poll_client = (struct pollfd){.fd = client, .events = POLLOUT};
	assert_int_equal(poll(&poll_client, 1, 5000), 1);
	assert_int_equal(poll(&poll_listener, 1, 5000), 1);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	assert_int_equal(write(client, "x", 1), 1);
}

static void a_connection_is_made_in_both_families(void **state)
{
	(void)state;
	connect_and_see(AF_INET);
	connect_and_see(AF_INET6);
}

static void a_listener_at_any_address_hears_ipv4_too(void **state)
{
	struct addr any = parsed("::"), server;
	CLEANUP_FD int listener = -1, client = -1;
	struct pollfd wait = {.events = POLLIN};
	uint16_t port;

	(void)state;
	addr_set_port(&any, 0);
	listener = addr_tcp_listen(&any, 4);
	assert_true(listener >= 0);
	wait.fd = listener;
	server = bound_to(listener);
	port = addr_port(&server);
	server = parsed("127.0.0.1");
	addr_set_port(&server, port);
	client = addr_tcp_connect(&server);
	assert_true(client >= 0);
	assert_int_equal(poll(&wait, 1, 5000), 1);
}

static void a_host_is_an_address_without_a_port(void **state)
{
	(void)state;
	assert_true(addr_is_host("10.0.0.1"));
	assert_true(addr_is_host("2001:db8::1"));
	assert_false(addr_is_host("10.0.0.1:1"));
	assert_false(addr_is_host("10.0.0.1:2"));
	assert_false(addr_is_host("[::1]:3799"));
	assert_false(addr_is_host("gate.bank"));
	assert_false(addr_is_host(""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_read_with_and_without_port),
		cmocka_unit_test(what_is_no_numeric_address_is_refused),
		cmocka_unit_test(the_host_alone_is_written_without_port),
		cmocka_unit_test(a_port_can_be_changed_in_both_families),
		cmocka_unit_test(an_ipv4_mapped_address_is_the_same_host),
		cmocka_unit_test(sockets_do_not_block_and_are_closed_on_exec),
		cmocka_unit_test(an_address_in_use_is_told),
		cmocka_unit_test(an_address_is_shared_only_by_who_wants_to),
		cmocka_unit_test(a_connection_is_made_in_both_families),
		cmocka_unit_test(a_listener_at_any_address_hears_ipv4_too),
		cmocka_unit_test(a_host_is_an_address_without_a_port),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
