#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "port/proxy.h"

/* hostapd on one side, a gate of wood on the other, the proxy between them. */
struct scene {
	struct loop *loop;
	struct settings settings;
	struct gates *gates;
	struct proxy *proxy;
	struct radius_secret local;
	struct addr proxy_addr;
	int hostapd_fd, gate_fd;
	struct loop_watch *watch;
	uint8_t gate_says; /* a code, 0: silence */
	int heard, ran, broke;
	uint8_t last_id;
	char seen_port[IF_NAMESIZE], seen_session[RADIUS_VALUE_MAX + 1];
	struct answer answer;
	int answers;
};

static void on_gate_request(void *arg, int fd, uint32_t events)
{
	struct scene *s = arg;
	struct addr from = {.len = sizeof(from.in6)};
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet p;
	struct radius_out out;
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, &from.sa, &from.len);

	(void)events;
	assert_true(n > 0);
	assert_int_equal(radius_parse(data, (size_t)n, &p), 0);
	assert_int_equal(radius_check_message(&p, &s->settings.secret, NULL), 0);
	assert_int_equal(radius_get_text(&p, RADIUS_NAS_PORT_ID, s->seen_port, IF_NAMESIZE), 0);
	assert_int_equal(radius_get_text(&p, RADIUS_ACCT_SESSION_ID, s->seen_session,
					 sizeof(s->seen_session)),
			 0);
	s->heard++;
	s->last_id = p.id;
	if (!s->gate_says)
		return;
	radius_begin_answer(&out, s->gate_says, &p);
	radius_put_eap(&out, (const uint8_t *)"\x03\x07\x00\x04", 4);
	radius_put_vlan(&out, "20");
	radius_put(&out, RADIUS_STATE, "state", 5);
	radius_put_vendor(&out, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_MPPE_SEND_KEY, "key", 3);
	assert_int_equal(radius_finish_answer(&out, &s->settings.secret, p.authenticator), 0);
	assert_int_equal(sendto(fd, out.data, out.len, 0, &from.sa, from.len), out.len);
}

static int on_runs(void *arg, const char *port, const struct mac *mac,
		   struct request_place *ret_place, const char **ret_session_id)
{
	struct scene *s = arg;

	(void)mac;
	if (strcmp(port, "p1") != 0)
		return -ENOENT;
	s->ran++;
	*ret_place = (struct request_place){&s->settings, 1, "p1"};
	*ret_session_id = "0011223344556677";
	return 0;
}

static void on_answered(void *arg, const char *port, const struct mac *mac,
			const struct answer *answer)
{
	struct scene *s = arg;

	(void)mac;
	assert_string_equal(port, "p1");
	s->answer = *answer;
	s->answers++;
}

static void on_broken(void *arg, const char *port, const struct mac *mac)
{
	struct scene *s = arg;

	(void)port;
	(void)mac;
	s->broke++;
}

static void on_back(void *arg)
{
	(void)arg;
}

static int bind_loopback(struct addr *ret)
{
	struct addr a;
	int fd;

	assert_int_equal(addr_parse("127.0.0.1", 0, &a), 0);
	fd = addr_udp_bind(&a);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, &a.sa, &a.len), 0);
	*ret = a;
	return fd;
}

static void set_up(struct scene *s)
{
	static const struct proxy_events events = {on_runs, on_answered, on_broken};
	struct addr own;

	*s = (struct scene){.gate_says = RADIUS_ACCESS_ACCEPT};
	assert_int_equal(loop_new(&s->loop), 0);
	s->hostapd_fd = bind_loopback(&own);
	s->gate_fd = bind_loopback(&s->settings.gates[0]);
	assert_int_equal(loop_watch_fd(s->loop, s->gate_fd, 1, on_gate_request, s, &s->watch), 0);
	s->settings.gate_count = 1;
	s->settings.timeout_ms = 100;
	s->settings.tries = 2;
	s->settings.probe_s = 60;
	s->settings.accounting_port = 1813;
	assert_int_equal(addr_parse("10.9.0.2", 3799, &s->settings.address), 0);
	assert_int_equal(radius_secret_set(&s->settings.secret, "gates", 5), 0);
	assert_int_equal(gates_new(s->loop, &s->settings, on_back, s, &s->gates), 0);
	assert_int_equal(proxy_new(s->loop, s->gates, &events, s, &s->proxy), 0);
	assert_int_equal(addr_parse("127.0.0.1", proxy_port(s->proxy), &s->proxy_addr), 0);
	assert_int_equal(radius_secret_set(&s->local, proxy_secret(s->proxy),
					   strlen(proxy_secret(s->proxy))),
			 0);
}

static void tear_down(struct scene *s)
{
	proxy_free(s->proxy);
	gates_free(s->gates);
	loop_watch_remove(s->watch);
	close(s->hostapd_fd);
	close(s->gate_fd);
	loop_free(s->loop);
}

static void make(const struct scene *s, struct radius_out *out, uint8_t id, const char *port)
{
	radius_begin_request(out, RADIUS_ACCESS_REQUEST, id);
	radius_put_text(out, RADIUS_USER_NAME, "lina");
	radius_put_text(out, RADIUS_CALLING_STATION_ID, "02-00-5E-00-01-01");
	radius_put_text(out, RADIUS_NAS_PORT_ID, port);
	radius_put_eap(out, (const uint8_t *)"\x02\x01\x00\x09\x01lina", 9);
	assert_int_equal(radius_finish_request(out, &s->local), 0);
}

/* Sends as hostapd and returns the answer's code as hostapd sees it; 0: none came in time. */
static uint8_t exchange(struct scene *s, const struct radius_out *request, int wait_ms,
			struct radius_packet *ret, uint8_t data[static RADIUS_PACKET_MAX])
{
	int64_t until = clock_mono_ms() + wait_ms;

	assert_int_equal(sendto(s->hostapd_fd, request->data, request->len, 0, &s->proxy_addr.sa,
				s->proxy_addr.len),
			 request->len);
	while (clock_mono_ms() < until) {
		ssize_t n;

		assert_int_equal(loop_step(s->loop, 5), 0);
		n = recv(s->hostapd_fd, data, RADIUS_PACKET_MAX, MSG_DONTWAIT);
		if (n < 0)
			continue;
		assert_int_equal(radius_check_answer(request, data, (size_t)n, &s->local, ret), 0);
		return ret->code;
	}
	return 0;
}

static void an_accept_reaches_hostapd_newly_proven_and_the_port_learns_its_vlan(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_out request;
	struct radius_packet p;
	struct radius_attr a = {0}, eap = {0};
	struct scene s;

	(void)state;
	set_up(&s);
	make(&s, &request, 9, "p1");
	assert_int_equal(exchange(&s, &request, 1000, &p, data), RADIUS_ACCESS_ACCEPT);
	assert_int_equal(s.answers, 1);
	assert_int_equal(s.answer.kind, ANSWER_ADMIT);
	assert_int_equal(s.answer.vlan, 20);
	assert_string_equal(s.seen_port, "p1");
	assert_string_equal(s.seen_session, "0011223344556677");
	assert_true(radius_find(&p, RADIUS_EAP_MESSAGE, &eap));
	assert_memory_equal(eap.value, "\x03\x07\x00\x04", 4);
	assert_false(radius_find(&p, RADIUS_VENDOR_SPECIFIC, &a));
	assert_false(radius_find(&p, RADIUS_TUNNEL_PRIVATE_GROUP_ID, &a));
	tear_down(&s);
}

static void a_challenge_passes_and_tells_nobody(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_out request;
	struct radius_packet p;
	struct scene s;

	(void)state;
	set_up(&s);
	s.gate_says = RADIUS_ACCESS_CHALLENGE;
	make(&s, &request, 9, "p1");
	assert_int_equal(exchange(&s, &request, 1000, &p, data), RADIUS_ACCESS_CHALLENGE);
	assert_int_equal(s.answers, 0);
	tear_down(&s);
}

static void an_answered_request_gets_the_same_answer_and_the_gate_hears_once(void **state)
{
	uint8_t first[RADIUS_PACKET_MAX], second[RADIUS_PACKET_MAX];
	struct radius_out request;
	struct radius_packet p;
	struct scene s;
	size_t len;

	(void)state;
	set_up(&s);
	make(&s, &request, 9, "p1");
	assert_int_equal(exchange(&s, &request, 1000, &p, first), RADIUS_ACCESS_ACCEPT);
	len = p.len;
	assert_int_equal(exchange(&s, &request, 1000, &p, second), RADIUS_ACCESS_ACCEPT);
	assert_int_equal(p.len, len);
	assert_memory_equal(first, second, len);
	assert_int_equal(s.heard, 1);
	assert_int_equal(s.answers, 1);
	tear_down(&s);
}

static void a_repetition_under_way_travels_under_no_new_id(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX], id;
	struct radius_out request;
	struct radius_packet p;
	struct scene s;

	(void)state;
	set_up(&s);
	s.gate_says = 0;
	make(&s, &request, 9, "p1");
	assert_int_equal(exchange(&s, &request, 30, &p, data), 0);
	id = s.last_id;
	assert_int_equal(exchange(&s, &request, 30, &p, data), 0);
	assert_int_equal(s.last_id, id);
	assert_int_equal(s.ran, 1);
	tear_down(&s);
}

static void silence_is_told_when_no_gate_lives(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_out request;
	struct radius_packet p;
	struct scene s;

	(void)state;
	set_up(&s);
	s.gate_says = 0;
	make(&s, &request, 9, "p1");
	assert_int_equal(exchange(&s, &request, 400, &p, data), 0);
	assert_int_equal(s.heard, 2);
	assert_int_equal(s.answers, 1);
	assert_int_equal(s.answer.kind, ANSWER_SILENT);
	assert_int_equal(s.broke, 0);
	tear_down(&s);
}

static void only_hostapd_on_a_port_of_this_box_is_served(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_out request;
	struct radius_packet p;
	struct scene s;

	(void)state;
	set_up(&s);
	make(&s, &request, 9, "p7");
	assert_int_equal(exchange(&s, &request, 50, &p, data), 0);
	s.local = s.settings.secret; /* somebody else on this host */
	make(&s, &request, 9, "p1");
	assert_int_equal(exchange(&s, &request, 50, &p, data), 0);
	assert_int_equal(s.heard, 0);
	tear_down(&s);
}

static void many_conversations_cost_bounded_memory_and_all_are_answered(void **state)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_out request;
	struct radius_packet p;
	struct scene s;

	(void)state;
	set_up(&s);
	for (int i = 0; i < 300; i++) {
		make(&s, &request, (uint8_t)i, "p1");
		assert_int_equal(exchange(&s, &request, 1000, &p, data), RADIUS_ACCESS_ACCEPT);
	}
	assert_int_equal(s.heard, 300);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_accept_reaches_hostapd_newly_proven_and_the_port_learns_its_vlan),
		cmocka_unit_test(a_challenge_passes_and_tells_nobody),
		cmocka_unit_test(an_answered_request_gets_the_same_answer_and_the_gate_hears_once),
		cmocka_unit_test(a_repetition_under_way_travels_under_no_new_id),
		cmocka_unit_test(silence_is_told_when_no_gate_lives),
		cmocka_unit_test(only_hostapd_on_a_port_of_this_box_is_served),
		cmocka_unit_test(many_conversations_cost_bounded_memory_and_all_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
