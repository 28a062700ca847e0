#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "radius/build.h"

static struct radius_secret secret, other;

/* RFC 5997 section 6.1: Status-Server to an authentication port and its answer. */
static const uint8_t status_server[] = {
	0x0c, 0xda, 0x00, 0x26, 0x8a, 0x54, 0xf4, 0x68, 0x6f, 0xb3, 0x94, 0xc5, 0x28,
	0x66, 0xe3, 0x02, 0x18, 0x5d, 0x06, 0x23, 0x50, 0x12, 0x5a, 0x66, 0x5e, 0x2e,
	0x1e, 0x84, 0x11, 0xf3, 0xe2, 0x43, 0x82, 0x20, 0x97, 0xc8, 0x4f, 0xa3,
};
static const uint8_t status_answer[] = {
	0x02, 0xda, 0x00, 0x14, 0xef, 0x0d, 0x55, 0x2a, 0x4b, 0xf2,
	0xd6, 0x93, 0xec, 0x2b, 0x6f, 0xe8, 0xb5, 0x41, 0x1d, 0x66,
};

static int set_secrets(void **state)
{
	(void)state;
	return radius_secret_set(&secret, "xyzzy5461", 9) ||
	       radius_secret_set(&other, "xyzzy5462", 9);
}

static void the_vectors_of_rfc_5997_hold(void **state)
{
	struct radius_packet p, answer;

	(void)state;
	assert_int_equal(radius_parse(status_server, sizeof(status_server), &p), 0);
	assert_int_equal(radius_check_message(&p, &secret, NULL), 0);
	assert_int_equal(radius_check_message(&p, &other, NULL), -EBADMSG);
	assert_int_equal(radius_parse(status_answer, sizeof(status_answer), &answer), 0);
	assert_int_equal(radius_check_response(&answer, &secret, p.authenticator), 0);
	assert_int_equal(radius_check_response(&answer, &other, p.authenticator), -EBADMSG);
	assert_int_equal(radius_check_message(&answer, &secret, p.authenticator), -ENOENT);
}

static void one_bit_changed_anywhere_is_noticed(void **state)
{
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 9);
	radius_put_text(&out, RADIUS_USER_NAME, "001a2b3c4d5e");
	assert_int_equal(radius_finish_request(&out, &secret), 0);
	for (size_t bit = 0; bit < out.len * 8; bit++) {
		out.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		if (radius_parse(out.data, out.len, &p) == 0)
			assert_int_not_equal(radius_check_message(&p, &secret, NULL), 0);
		out.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
	assert_int_equal(radius_parse(out.data, out.len, &p), 0);
	assert_int_equal(radius_check_message(&p, &secret, NULL), 0);
}

static void an_answer_begins_with_its_message_authenticator(void **state)
{
	struct radius_packet request, answer;
	struct radius_attr first = {0};
	struct radius_out in, out;

	(void)state;
	radius_begin_request(&in, RADIUS_ACCESS_REQUEST, 9);
	radius_put(&in, RADIUS_PROXY_STATE, "one", 3);
	radius_put(&in, RADIUS_PROXY_STATE, "two", 3);
	assert_int_equal(radius_finish_request(&in, &secret), 0);
	request = radius_out_packet(&in);
	radius_begin_answer(&out, RADIUS_ACCESS_REJECT, &request);
	radius_put_text(&out, RADIUS_REPLY_MESSAGE, "no");
	assert_int_equal(radius_finish_answer(&out, &secret, request.authenticator), 0);
	assert_int_equal(radius_parse(out.data, out.len, &answer), 0);
	assert_int_equal(answer.id, 9);
	assert_true(radius_next(&answer, &first));
	assert_int_equal(first.type, RADIUS_MESSAGE_AUTHENTICATOR);
	assert_true(radius_next(&answer, &first));
	assert_memory_equal(first.value, "one", 3);
	assert_true(radius_next(&answer, &first));
	assert_memory_equal(first.value, "two", 3);
	assert_int_equal(radius_check_response(&answer, &secret, request.authenticator), 0);
	assert_int_equal(radius_check_message(&answer, &secret, request.authenticator), 0);
}

static void accounting_and_disconnect_prove_their_sender(void **state)
{
	static const uint8_t codes[] = {RADIUS_ACCOUNTING_REQUEST, RADIUS_DISCONNECT_REQUEST,
					RADIUS_COA_REQUEST};
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++) {
		radius_begin_request(&out, codes[i], 3);
		radius_put_u32(&out, RADIUS_ACCT_STATUS_TYPE, RADIUS_ACCT_START);
		assert_int_equal(radius_finish_request(&out, &secret), 0);
		assert_int_equal(radius_parse(out.data, out.len, &p), 0);
		assert_int_equal(radius_check_request(&p, &secret), 0);
		assert_int_equal(radius_check_request(&p, &other), -EBADMSG);
		assert_int_equal(radius_check_message(&p, &secret, NULL), 0);
	}
}

/* Of all lengths, each third with the other secret, each fifth unsigned. */
static void packets_are_finished_and_proven_together_as_alone(void **state)
{
	static struct radius_out outs[RADIUS_BATCH_MAX], alone;
	static struct radius_packet packets[RADIUS_BATCH_MAX];
	struct radius_draft drafts[RADIUS_BATCH_MAX];
	struct radius_proof proofs[RADIUS_BATCH_MAX];
	const uint8_t codes[] = {RADIUS_ACCESS_REQUEST, RADIUS_COA_REQUEST};

	(void)state;
	for (size_t i = 0; i < RADIUS_BATCH_MAX; i++) {
		const struct radius_secret *s = i % 3 ? &secret : &other;

		if (i % 5)
			radius_begin_request(&outs[i], codes[i % 2], (uint8_t)i);
		else
			radius_begin_bare_request(&outs[i], codes[i % 2], (uint8_t)i);
		for (size_t j = 0; j < i; j++)
			radius_put_text(&outs[i], RADIUS_REPLY_MESSAGE, "a text of some length");
		alone = outs[i];
		assert_int_equal(radius_finish_request(&alone, s), 0);
		drafts[i] = (struct radius_draft){&outs[i], s, NULL};
		radius_finish_many(&drafts[i], 1);
		assert_memory_equal(outs[i].data, alone.data, alone.len);
		memset(outs[i].data + 4, 0, i % 2 ? RADIUS_AUTHENTICATOR_SIZE : 0);
		if (i % 5)
			memset(outs[i].data + RADIUS_HEADER_SIZE + 2, 0, RADIUS_AUTHENTICATOR_SIZE);
	}
	radius_finish_many(drafts, RADIUS_BATCH_MAX);
	for (size_t i = 0; i < RADIUS_BATCH_MAX; i++) {
		assert_int_equal(radius_parse(outs[i].data, outs[i].len, &packets[i]), 0);
		if (i % 2)
			assert_int_equal(radius_check_request(&packets[i], drafts[i].secret), 0);
		proofs[i] = (struct radius_proof){&packets[i], &secret, NULL, 1};
	}
	radius_check_messages(proofs, RADIUS_BATCH_MAX);
	for (size_t i = 0; i < RADIUS_BATCH_MAX; i++) {
		assert_int_equal(proofs[i].result, i % 5 == 0 ? -ENOENT : i % 3 ? 0 : -EBADMSG);
		assert_int_equal(radius_check_message(&packets[i], &secret, NULL),
				 proofs[i].result);
	}
}

static void what_did_not_fit_is_not_finished_with_the_others(void **state)
{
	static struct radius_out outs[5];
	struct radius_draft drafts[ARRAY_SIZE(outs)];
	struct radius_packet p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outs); i++) {
		radius_begin_request(&outs[i], RADIUS_COA_REQUEST, (uint8_t)i);
		drafts[i] = (struct radius_draft){&outs[i], &secret, NULL};
	}
	radius_put(&outs[2], RADIUS_REPLY_MESSAGE, &secret, RADIUS_VALUE_MAX + 1);
	radius_finish_many(drafts, ARRAY_SIZE(outs));
	for (size_t i = 0; i < ARRAY_SIZE(outs); i++)
		assert_int_equal(radius_parse(outs[i].data, outs[i].len, &p) == 0 &&
					 radius_check_request(&p, &secret) == 0,
				 i != 2);
}

static void an_empty_or_endless_secret_is_refused(void **state)
{
	uint8_t long_text[RADIUS_SECRET_MAX + 1] = {0};
	struct radius_secret s;

	(void)state;
	assert_int_equal(radius_secret_set(&s, "", 0), -EINVAL);
	assert_int_equal(radius_secret_set(&s, long_text, sizeof(long_text)), -EINVAL);
	assert_int_equal(radius_secret_set(&s, long_text, RADIUS_SECRET_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_5997_hold),
		cmocka_unit_test(one_bit_changed_anywhere_is_noticed),
		cmocka_unit_test(an_answer_begins_with_its_message_authenticator),
		cmocka_unit_test(accounting_and_disconnect_prove_their_sender),
		cmocka_unit_test(packets_are_finished_and_proven_together_as_alone),
		cmocka_unit_test(what_did_not_fit_is_not_finished_with_the_others),
		cmocka_unit_test(an_empty_or_endless_secret_is_refused),
	};

	return cmocka_run_group_tests(tests, set_secrets, NULL);
}
