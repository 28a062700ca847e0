#define _GNU_SOURCE
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "gate/front/outbox.h"

#define BUFFER (1 << 20)

/* Two switches and the gate's socket, all on loopback. */
struct wire {
	struct duplicates *duplicates;
	struct outbox *box;
	struct radius_secret secret;
	int gate, switches[2];
	struct addr at[2];
};

static int listen_somewhere(struct addr *ret)
{
	int size = BUFFER, fd;

	assert_int_equal(addr_parse("127.0.0.1", 0, ret), 0);
	fd = addr_udp_bind(ret);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, &ret->sa, &ret->len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static int set_up(void **state)
{
	struct wire *w = calloc(1, sizeof(*w));
	struct addr any;

	assert_non_null(w);
	assert_int_equal(duplicates_new(64, &w->duplicates), 0);
	assert_int_equal(outbox_new(&w->box), 0);
	assert_int_equal(radius_secret_set(&w->secret, "testing123", 10), 0);
	w->gate = listen_somewhere(&any);
	for (size_t i = 0; i < 2; i++) {
		w->at[i].len = sizeof(w->at[i].in6);
		w->switches[i] = listen_somewhere(&w->at[i]);
	}
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct wire *w = *state;

	outbox_free(w->box);
	duplicates_free(w->duplicates);
	close(w->gate);
	close(w->switches[0]);
	close(w->switches[1]);
	free(w);
	return 0;
}

/* `len` bytes that begin with a number and go on with it. */
static void post(struct wire *w, size_t to, uint8_t number, size_t len)
{
	struct radius_out *out = outbox_room(w->box);

	memset(out->data, number, len);
	out->len = len;
	outbox_add(w->box, w->gate, &w->at[to]);
}

/* The next datagram of a switch: its number, and its length; -1 when none comes. */
static int take(struct wire *w, size_t at, size_t *ret_len)
{
	uint8_t data[RADIUS_PACKET_MAX];
	struct pollfd p = {w->switches[at], POLLIN, 0};
	ssize_t n = poll(&p, 1, 2000) == 1 ? recv(p.fd, data, sizeof(data), MSG_DONTWAIT) : -1;

	if (n <= 0)
		return -1;
	for (ssize_t i = 1; i < n; i++)
		assert_int_equal(data[i], data[0]);
	*ret_len = (size_t)n;
	return data[0];
}

static bool is_empty(struct wire *w, size_t at)
{
	uint8_t data[1];

	return recv(w->switches[at], data, sizeof(data), MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void a_burst_of_one_switch_arrives_answer_by_answer(void **state)
{
	struct wire *w = *state;
	size_t len = 0;

	for (uint8_t i = 0; i < OUTBOX_SIZE; i++)
		post(w, 0, i, 140);
	outbox_flush(w->box);
	for (uint8_t i = 0; i < OUTBOX_SIZE; i++) {
		assert_int_equal(take(w, 0, &len), i);
		assert_int_equal(len, 140);
	}
	assert_true(is_empty(w, 0));
}

static void each_switch_gets_its_own_answers_in_their_own_lengths(void **state)
{
	struct wire *w = *state;
	bool seen[2][OUTBOX_SIZE] = {{false}};
	size_t len = 0;

	for (uint8_t i = 0; i < OUTBOX_SIZE; i++)
		post(w, i % 2, i, 40 + (size_t)(i % 3) * 100);
	outbox_flush(w->box);
	for (size_t at = 0; at < 2; at++) {
		for (size_t i = 0; i < OUTBOX_SIZE / 2; i++) {
			int number = take(w, at, &len);

			assert_in_range(number, 0, OUTBOX_SIZE - 1);
			assert_int_equal((size_t)number % 2, at);
			assert_false(seen[at][number]);
			assert_int_equal(len, 40 + (number % 3) * 100);
			seen[at][number] = true;
		}
		assert_true(is_empty(w, at));
	}
}

static void a_full_box_makes_room_by_sending(void **state)
{
	struct wire *w = *state;
	size_t len = 0;

	for (uint8_t i = 0; i < OUTBOX_SIZE + 1; i++)
		post(w, 0, i, 20);
	for (uint8_t i = 0; i < OUTBOX_SIZE; i++)
		assert_int_equal(take(w, 0, &len), i);
	assert_true(is_empty(w, 0));
	outbox_flush(w->box);
	assert_int_equal(take(w, 0, &len), OUTBOX_SIZE);
}

static void answers_longer_than_a_route_arrive_whole(void **state)
{
	struct wire *w = *state;
	size_t len = 0;

	for (uint8_t i = 0; i < 40; i++)
		post(w, 0, i, i % 2 ? RADIUS_PACKET_MAX : 1200);
	outbox_flush(w->box);
	for (size_t i = 0, total = 0; i < 40; i++) {
		assert_true(take(w, 0, &len) >= 0);
		total += len;
		if (i == 39)
			assert_int_equal(total, 20 * (RADIUS_PACKET_MAX + 1200));
	}
}

static void a_switch_that_cannot_be_reached_costs_nobody_else_an_answer(void **state)
{
	struct wire *w = *state;
	struct addr nowhere;
	size_t len = 0;

	assert_int_equal(addr_parse("[::1]:9", 0, &nowhere),
			 0); /* another family than the socket */
	for (uint8_t i = 0; i < 9; i++) {
		struct radius_out *out;

		post(w, 0, i, 100);
		out = outbox_room(w->box);
		memset(out->data, 0xff, 100);
		out->len = 100;
		outbox_add(w->box, w->gate, &nowhere);
	}
	outbox_flush(w->box);
	for (uint8_t i = 0; i < 9; i++)
		assert_int_equal(take(w, 0, &len), i);
	assert_true(is_empty(w, 0));
}

/* Asked `number`-th, the key and the request being made of the number. */
struct asked {
	struct duplicate_key key;
	struct radius_out request;
	struct duplicate_ref ref;
};

static enum duplicate_state look(struct wire *w, struct asked *a, const uint8_t **ret_answer,
				 size_t *ret_len)
{
	return duplicates_look(w->duplicates, &a->key, 1000, &a->ref, ret_answer, ret_len);
}

static void answer(struct wire *w, uint8_t number, struct asked *ret)
{
	const uint8_t *kept;
	struct radius_packet p;
	struct radius_out *out;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	ret->key.id = number;
	radius_begin_request(&ret->request, RADIUS_ACCESS_REQUEST, number);
	memcpy(ret->key.authenticator, ret->request.data + 4, RADIUS_AUTHENTICATOR_SIZE);
	assert_int_equal(look(w, ret, &kept, &len), DUPLICATE_NEW);
	p = radius_out_packet(&ret->request);
	out = outbox_room(w->box);
	radius_begin_answer(out, RADIUS_ACCESS_ACCEPT, &p);
	for (unsigned i = 0; i < number % 5; i++)
		radius_put_text(out, RADIUS_REPLY_MESSAGE, "some are longer than others are");
	outbox_add_unsigned(
		w->box, w->gate, &w->at[0],
		&(struct outbox_seal){&w->secret, p.authenticator, w->duplicates, ret->ref});
}

static void answers_are_signed_as_they_leave_and_kept_as_they_left(void **state)
{
	struct wire *w = *state;
	struct asked asked[20];
	const uint8_t *kept = NULL;
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
		answer(w, (uint8_t)i, &asked[i]);
	assert_int_equal(look(w, &asked[3], &kept, &len), DUPLICATE_PENDING);
	outbox_sign(w->box);
	assert_int_equal(look(w, &asked[3], &kept, &len), DUPLICATE_ANSWERED);
	outbox_flush(w->box);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct pollfd p = {w->switches[0], POLLIN, 0};
		uint8_t data[RADIUS_PACKET_MAX];
		struct radius_packet packet;
		ssize_t n = poll(&p, 1, 2000) == 1 ? recv(p.fd, data, sizeof(data), 0) : -1;
		const uint8_t *authenticator;

		assert_true(n > 0);
		assert_int_equal(radius_parse(data, (size_t)n, &packet), 0);
		assert_in_range(packet.id, 0, ARRAY_SIZE(asked) - 1);
		authenticator = asked[packet.id].request.data + 4;
		assert_int_equal(radius_check_message(&packet, &w->secret, authenticator), 0);
		assert_int_equal(radius_check_response(&packet, &w->secret, authenticator), 0);
		assert_int_equal(look(w, &asked[packet.id], &kept, &len), DUPLICATE_ANSWERED);
		assert_int_equal(len, n);
		assert_memory_equal(kept, data, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_burst_of_one_switch_arrives_answer_by_answer,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			each_switch_gets_its_own_answers_in_their_own_lengths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_box_makes_room_by_sending, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(answers_longer_than_a_route_arrive_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_switch_that_cannot_be_reached_costs_nobody_else_an_answer, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			answers_are_signed_as_they_leave_and_kept_as_they_left, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
