#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "port/das.h"
#include "radius/client.h"

#define NOW_MS INT64_C(1790000000000)

static struct radius_secret secret, wrong_secret;
static const struct mac printer = {{2, 0, 0, 0, 0, 1}};

static void begin(struct radius_out *out, uint8_t code, int64_t at_ms)
{
	radius_begin_request(out, code, 7);
	if (at_ms)
		radius_put_u32(out, RADIUS_EVENT_TIMESTAMP, (uint32_t)(at_ms / 1000));
}

static int finish_and_read(struct radius_out *out, struct das_request *ret)
{
	struct radius_packet p;

	assert_int_equal(radius_finish_request(out, &secret), 0);
	return das_read(out->data, out->len, &secret, NOW_MS, &p, ret);
}

static void a_request_names_its_session(void **state)
{
	struct radius_out out;
	struct das_request r;

	(void)state;
	begin(&out, RADIUS_DISCONNECT_REQUEST, NOW_MS - 299000);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "0123456789abcdef");
	radius_put_text(&out, RADIUS_CALLING_STATION_ID, "02-00-00-00-00-01");
	radius_put_text(&out, RADIUS_NAS_PORT_ID, "p1");
	radius_put(&out, RADIUS_CLASS, "class", 5);
	assert_int_equal(finish_and_read(&out, &r), 0);
	assert_string_equal(r.session_id, "0123456789abcdef");
	assert_true(r.has_mac && mac_equal(&r.mac, &printer));
	assert_string_equal(r.port, "p1");
	assert_int_equal(r.class_len, 5);
	assert_memory_equal(r.class_value, "class", 5);
}

static void an_old_or_future_request_is_stale(void **state)
{
	static const int64_t times[] = {NOW_MS - 302000, NOW_MS + 302000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct radius_out out;
		struct das_request r;

		begin(&out, RADIUS_DISCONNECT_REQUEST, times[i]);
		radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
		assert_int_equal(finish_and_read(&out, &r), -ESTALE);
	}
}

static void a_request_without_time_or_session_lacks_an_attribute(void **state)
{
	struct radius_out out;
	struct das_request r;

	(void)state;
	begin(&out, RADIUS_DISCONNECT_REQUEST, 0);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	assert_int_equal(finish_and_read(&out, &r), -ENODATA);
	begin(&out, RADIUS_DISCONNECT_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_NAS_PORT_ID, "p1");
	assert_int_equal(finish_and_read(&out, &r), -ENODATA);
}

static void a_change_of_authorisation_gives_a_place(void **state)
{
	struct radius_out out;
	struct das_request r;

	(void)state;
	begin(&out, RADIUS_COA_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	radius_put_vlan(&out, "99");
	radius_put_text(&out, RADIUS_FILTER_ID, "isolation");
	assert_int_equal(finish_and_read(&out, &r), 0);
	assert_true(r.is_change);
	assert_string_equal(r.session_id, "a");
	assert_int_equal(r.place.vlan, 99);
	assert_string_equal(r.place.filter, "isolation");
	begin(&out, RADIUS_DISCONNECT_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	assert_int_equal(finish_and_read(&out, &r), 0);
	assert_false(r.is_change);
}

static void a_change_that_gives_no_place_is_not_served(void **state)
{
	struct radius_out out;
	struct das_request r;

	(void)state;
	begin(&out, RADIUS_COA_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	assert_int_equal(finish_and_read(&out, &r), -EOPNOTSUPP);
	begin(&out, RADIUS_COA_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	radius_put_vlan(&out, "desks");
	assert_int_equal(finish_and_read(&out, &r), -EINVAL);
	begin(&out, RADIUS_COA_REQUEST, NOW_MS);
	radius_put_vlan(&out, "99");
	assert_int_equal(finish_and_read(&out, &r), -ENODATA);
}

static void another_secret_or_a_changed_byte_is_not_proven(void **state)
{
	struct radius_packet p;
	struct radius_out out;
	struct das_request r;

	(void)state;
	begin(&out, RADIUS_DISCONNECT_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	assert_int_equal(radius_finish_request(&out, &secret), 0);
	assert_int_equal(das_read(out.data, out.len, &wrong_secret, NOW_MS, &p, &r), -EBADMSG);
	for (size_t i = 0; i < out.len; i++) {
		int err;

		out.data[i] ^= 1;
		err = das_read(out.data, out.len, &secret, NOW_MS, &p, &r);
		assert_int_equal(err, -EBADMSG);
		out.data[i] ^= 1;
	}
}

/* RFC 5176 leaves it optional; here nobody is put out without it. */
static void a_request_without_message_authenticator_is_not_proven(void **state)
{
	struct radius_packet p;
	struct radius_out out;
	struct das_request r;
	uint8_t bare[RADIUS_PACKET_MAX];
	size_t len;
	struct md5 md5;

	(void)state;
	begin(&out, RADIUS_DISCONNECT_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	len = out.len - 18; /* the Message-Authenticator comes first */
	memset(bare, 0, RADIUS_HEADER_SIZE);
	bare[0] = RADIUS_DISCONNECT_REQUEST;
	bare[1] = 7;
	bare[3] = (uint8_t)len;
	memcpy(bare + RADIUS_HEADER_SIZE, out.data + RADIUS_HEADER_SIZE + 18,
	       len - RADIUS_HEADER_SIZE);
	md5_init(&md5);
	md5_add(&md5, bare, len);
	md5_add(&md5, secret.text, secret.len);
	md5_end(&md5, bare + 4);
	assert_int_equal(das_read(bare, len, &secret, NOW_MS, &p, &r), -EBADMSG);
}

static void a_broken_mac_is_not_nobody(void **state)
{
	struct radius_out out;
	struct das_request r;

	(void)state;
	begin(&out, RADIUS_DISCONNECT_REQUEST, NOW_MS);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "a");
	radius_put_text(&out, RADIUS_CALLING_STATION_ID, "printer");
	assert_int_equal(finish_and_read(&out, &r), -EBADMSG);
}

/* ---- over the socket ---- */

struct box {
	struct loop *loop;
	struct settings settings;
	struct das *das;
	int calls, fd;
	size_t known;
};

static int on_disconnect(void *arg, const struct das_request *request)
{
	struct box *b = arg;

	(void)request;
	b->calls++;
	return (int)b->known;
}

static void open_box(struct box *b, const char *gate)
{
	const struct addr any = {
		.len = sizeof(any.in),
		.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};

	*b = (struct box){.known = 1};
	assert_int_equal(loop_new(&b->loop), 0);
	b->settings.secret = secret;
	b->settings.gate_count = 1;
	assert_int_equal(addr_parse(gate, 1812, &b->settings.gates[0]), 0);
	assert_int_equal(addr_parse("127.0.0.1:33799", 0, &b->settings.address), 0);
	assert_int_equal(das_new(b->loop, &b->settings, on_disconnect, b, &b->das), 0);
	b->fd = addr_udp_bind(&any);
	assert_true(b->fd >= 0);
}

static void close_box(struct box *b)
{
	das_free(b->das);
	loop_free(b->loop);
	close(b->fd);
}

/* Sends, lets the box work, and returns the answer's code; 0: it is silent. */
static uint8_t exchange(struct box *b, const struct radius_out *request, uint32_t *ret_cause)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet answer;
	ssize_t n = sendto(b->fd, request->data, request->len, 0, &b->settings.address.sa,
			   b->settings.address.len);

	assert_int_equal(n, request->len);
	assert_int_equal(loop_step(b->loop, 100), 0);
	n = recv(b->fd, data, sizeof(data), 0);
	if (n < 0)
		return 0;
	assert_int_equal(radius_check_answer(request, data, (size_t)n, &secret, &answer), 0);
	if (radius_get_u32(&answer, RADIUS_ERROR_CAUSE, ret_cause))
		*ret_cause = 0;
	return answer.code;
}

static void make(struct radius_out *out, uint8_t code, const char *session)
{
	begin(out, code, clock_wall_ms());
	if (session)
		radius_put_text(out, RADIUS_ACCT_SESSION_ID, session);
	assert_int_equal(radius_finish_request(out, &secret), 0);
}

static void a_gate_is_answered_and_a_repetition_ends_nothing_twice(void **state)
{
	struct radius_out out;
	struct box b;
	uint32_t cause;

	(void)state;
	open_box(&b, "127.0.0.1");
	make(&out, RADIUS_DISCONNECT_REQUEST, "a");
	assert_int_equal(exchange(&b, &out, &cause), RADIUS_DISCONNECT_ACK);
	assert_int_equal(exchange(&b, &out, &cause), RADIUS_DISCONNECT_ACK);
	assert_int_equal(b.calls, 1);
	b.known = 0;
	make(&out, RADIUS_DISCONNECT_REQUEST, "b");
	assert_int_equal(exchange(&b, &out, &cause), RADIUS_DISCONNECT_NAK);
	assert_int_equal(cause, RADIUS_ERROR_SESSION_NOT_FOUND);
	make(&out, RADIUS_DISCONNECT_REQUEST, NULL);
	assert_int_equal(exchange(&b, &out, &cause), RADIUS_DISCONNECT_NAK);
	assert_int_equal(cause, RADIUS_ERROR_MISSING_ATTRIBUTE);
	make(&out, RADIUS_COA_REQUEST, "a");
	assert_int_equal(exchange(&b, &out, &cause), RADIUS_COA_NAK);
	assert_int_equal(cause, RADIUS_ERROR_UNSUPPORTED_SERVICE);
	close_box(&b);
}

static void a_request_that_is_replayed_after_many_others_ends_nothing(void **state)
{
	struct radius_out first, out;
	char name[16];
	struct box b;
	uint32_t cause;

	(void)state;
	open_box(&b, "127.0.0.1");
	make(&first, RADIUS_DISCONNECT_REQUEST, "first");
	assert_int_equal(exchange(&b, &first, &cause), RADIUS_DISCONNECT_ACK);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		make(&out, RADIUS_DISCONNECT_REQUEST, name);
		assert_int_equal(exchange(&b, &out, &cause), RADIUS_DISCONNECT_ACK);
	}
	assert_int_equal(exchange(&b, &first, &cause), RADIUS_DISCONNECT_ACK);
	assert_int_equal(b.calls, 201);
	close_box(&b);
}

static void who_is_no_gate_is_not_heard(void **state)
{
	struct radius_out out;
	struct box b;
	uint32_t cause;

	(void)state;
	open_box(&b, "127.0.0.9");
	make(&out, RADIUS_DISCONNECT_REQUEST, "a");
	assert_int_equal(exchange(&b, &out, &cause), 0);
	assert_int_equal(b.calls, 0);
	close_box(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_names_its_session),
		cmocka_unit_test(an_old_or_future_request_is_stale),
		cmocka_unit_test(a_request_without_time_or_session_lacks_an_attribute),
		cmocka_unit_test(a_change_of_authorisation_gives_a_place),
		cmocka_unit_test(a_change_that_gives_no_place_is_not_served),
		cmocka_unit_test(another_secret_or_a_changed_byte_is_not_proven),
		cmocka_unit_test(a_request_without_message_authenticator_is_not_proven),
		cmocka_unit_test(a_broken_mac_is_not_nobody),
		cmocka_unit_test(a_gate_is_answered_and_a_repetition_ends_nothing_twice),
		cmocka_unit_test(a_request_that_is_replayed_after_many_others_ends_nothing),
		cmocka_unit_test(who_is_no_gate_is_not_heard),
	};

	if (radius_secret_set(&secret, "right", 5) || radius_secret_set(&wrong_secret, "wrong", 5))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
