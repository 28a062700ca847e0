#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "radius/client.h"

static struct radius_secret secret;

static int set_secret(void **state)
{
	(void)state;
	return radius_secret_set(&secret, "testing123", 10);
}

static void ask(struct radius_out *request, uint8_t code)
{
	radius_begin_request(request, code, 42);
	assert_int_equal(radius_finish_request(request, &secret), 0);
}

static void reply(struct radius_out *answer, const struct radius_out *request, uint8_t code)
{
	struct radius_packet p = radius_out_packet(request);

	radius_begin_answer(answer, code, &p);
	assert_int_equal(radius_finish_answer(answer, &secret, p.authenticator), 0);
}

static void each_request_takes_its_own_answers_only(void **state)
{
	static const uint8_t requests[] = {RADIUS_ACCESS_REQUEST, RADIUS_ACCOUNTING_REQUEST,
					   RADIUS_STATUS_SERVER, RADIUS_DISCONNECT_REQUEST,
					   RADIUS_COA_REQUEST};
	unsigned taken[ARRAY_SIZE(requests)] = {0};
	static const unsigned wanted[] = {3, 1, 2, 2, 2};
	struct radius_out request, answer;
	struct radius_packet p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		ask(&request, requests[i]);
		for (unsigned code = 0; code < 64; code++) {
			reply(&answer, &request, (uint8_t)code);
			taken[i] += radius_check_answer(&request, answer.data, answer.len, &secret,
							&p) == 0;
		}
		assert_int_equal(taken[i], wanted[i]);
	}
}

static void an_answer_to_somebody_else_is_refused(void **state)
{
	struct radius_out first, second, answer;
	struct radius_packet p;

	(void)state;
	ask(&first, RADIUS_ACCESS_REQUEST);
	ask(&second, RADIUS_ACCESS_REQUEST);
	reply(&answer, &first, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(radius_check_answer(&second, answer.data, answer.len, &secret, &p),
			 -EBADMSG);
	assert_int_equal(radius_check_answer(&first, answer.data, answer.len, &secret, &p), 0);
}

/* The forgery of CVE-2024-3596 works on answers without one. */
static void an_access_accept_without_message_authenticator_is_refused(void **state)
{
	struct radius_out request;
	struct radius_packet p;
	uint8_t bare[RADIUS_HEADER_SIZE] = {RADIUS_ACCESS_ACCEPT, 42, 0, sizeof(bare)};

	(void)state;
	ask(&request, RADIUS_ACCESS_REQUEST);
	memcpy(bare + 4, request.data + 4, 16);
	md5_pieces((struct piece[]){{bare, sizeof(bare)}, {"testing123", 10}}, 2, bare + 4);
	assert_int_equal(radius_check_answer(&request, bare, sizeof(bare), &secret, &p), -EBADMSG);
	ask(&request, RADIUS_ACCOUNTING_REQUEST);
	bare[0] = RADIUS_ACCOUNTING_RESPONSE;
	memcpy(bare + 4, request.data + 4, 16);
	md5_pieces((struct piece[]){{bare, sizeof(bare)}, {"testing123", 10}}, 2, bare + 4);
	assert_int_equal(radius_check_answer(&request, bare, sizeof(bare), &secret, &p), 0);
}

static void every_byte_that_is_read_of_an_answer_is_proven(void **state)
{
	struct radius_out request, answer;
	struct radius_packet p;

	(void)state;
	ask(&request, RADIUS_ACCESS_REQUEST);
	p = radius_out_packet(&request);
	radius_begin_answer(&answer, RADIUS_ACCESS_CHALLENGE, &p);
	radius_put_text(&answer, RADIUS_REPLY_MESSAGE, "wait");
	radius_put_text(&answer, RADIUS_STATE, "0123456789abcdef");
	assert_int_equal(radius_finish_answer(&answer, &secret, p.authenticator), 0);
	for (size_t at = 0; at < answer.len; at++) {
		bool is_read = at < 4 || at >= RADIUS_HEADER_SIZE;
		int err;

		answer.data[at] ^= 1;
		err = radius_check_answer(&request, answer.data, answer.len, &secret, &p);
		assert_int_equal(err, is_read ? -EBADMSG : 0);
		answer.data[at] ^= 1;
	}
	assert_int_equal(radius_check_answer(&request, answer.data, answer.len, &secret, &p), 0);
}

static void an_answer_without_message_authenticator_is_proven_by_the_other_one(void **state)
{
	uint8_t bare[RADIUS_HEADER_SIZE] = {RADIUS_ACCOUNTING_RESPONSE, 42, 0, sizeof(bare)};
	struct radius_out request;
	struct radius_packet p;

	(void)state;
	ask(&request, RADIUS_ACCOUNTING_REQUEST);
	memcpy(bare + 4, request.data + 4, 16);
	md5_pieces((struct piece[]){{bare, sizeof(bare)}, {"testing123", 10}}, 2, bare + 4);
	assert_int_equal(radius_check_answer(&request, bare, sizeof(bare), &secret, &p), 0);
	bare[4] ^= 1;
	assert_int_equal(radius_check_answer(&request, bare, sizeof(bare), &secret, &p), -EBADMSG);
}

static void waiting_grows_and_stays_bounded(void **state)
{
	(void)state;
	assert_int_equal(radius_retry_ms(0), 2000);
	assert_int_equal(radius_retry_ms(1), 4000);
	assert_int_equal(radius_retry_ms(3), 16000);
	assert_int_equal(radius_retry_ms(1000), 16000);
}

static void a_bare_request_is_proven_by_its_authenticator_alone(void **state)
{
	struct radius_attr a = {0};
	struct radius_out out;
	struct radius_packet p;

	(void)state;
	radius_begin_bare_request(&out, RADIUS_DISCONNECT_REQUEST, 7);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, "1A");
	assert_int_equal(radius_finish_request(&out, &secret), 0);
	assert_int_equal(radius_parse(out.data, out.len, &p), 0);
	assert_false(radius_find(&p, RADIUS_MESSAGE_AUTHENTICATOR, &a));
	assert_int_equal(radius_out_packet(&out).message_at, 0);
	assert_int_equal(radius_check_request(&p, &secret), 0);
	out.data[out.len - 1] ^= 1;
	assert_int_not_equal(radius_check_request(&p, &secret), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_takes_its_own_answers_only),
		cmocka_unit_test(an_answer_to_somebody_else_is_refused),
		cmocka_unit_test(every_byte_that_is_read_of_an_answer_is_proven),
		cmocka_unit_test(
			an_answer_without_message_authenticator_is_proven_by_the_other_one),
		cmocka_unit_test(an_access_accept_without_message_authenticator_is_refused),
		cmocka_unit_test(waiting_grows_and_stays_bounded),
		cmocka_unit_test(a_bare_request_is_proven_by_its_authenticator_alone),
	};

	return cmocka_run_group_tests(tests, set_secret, NULL);
}
