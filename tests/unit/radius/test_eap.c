#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "radius/eap.h"
#include "radius/password.h"

static const uint8_t identity[] = {EAP_RESPONSE, 7, 0, 9, EAP_TYPE_IDENTITY, 'j', 'o', 'h', 'n'};

static void an_identity_is_read(void **state)
{
	struct eap_packet e;

	(void)state;
	assert_int_equal(eap_parse(identity, sizeof(identity), &e), 0);
	assert_int_equal(e.id, 7);
	assert_int_equal(e.type, EAP_TYPE_IDENTITY);
	assert_int_equal(e.body_len, 4);
	assert_memory_equal(e.body, "john", 4);
	assert_true(eap_may_pass(&e));
}

static void a_length_that_is_not_the_packets_is_refused(void **state)
{
	uint8_t bytes[sizeof(identity)];
	struct eap_packet e;

	(void)state;
	for (size_t len = 0; len < sizeof(identity); len++)
		assert_int_equal(eap_parse(identity, len, &e), -EBADMSG);
	memcpy(bytes, identity, sizeof(bytes));
	bytes[3] = 10;
	assert_int_equal(eap_parse(bytes, sizeof(bytes), &e), -EBADMSG);
	bytes[3] = 8;
	assert_int_equal(eap_parse(bytes, sizeof(bytes), &e), -EBADMSG);
}

static void codes_and_types_outside_the_list_do_not_pass(void **state)
{
	uint8_t bytes[sizeof(identity)];
	struct eap_packet e;
	unsigned passing = 0;

	(void)state;
	memcpy(bytes, identity, sizeof(bytes));
	for (unsigned type = 0; type < 256; type++) {
		bytes[4] = (uint8_t)type;
		assert_int_equal(eap_parse(bytes, sizeof(bytes), &e), 0);
		passing += eap_may_pass(&e);
	}
	assert_int_equal(passing, 5);
	bytes[4] = EAP_TYPE_PEAP;
	bytes[0] = EAP_REQUEST;
	assert_int_equal(eap_parse(bytes, sizeof(bytes), &e), 0);
	assert_false(eap_may_pass(&e));
	bytes[0] = 5;
	assert_int_equal(eap_parse(bytes, sizeof(bytes), &e), -EBADMSG);
}

static void a_long_packet_is_split_and_put_together(void **state)
{
	uint8_t bytes[1200], back[EAP_PACKET_MAX];
	struct radius_packet p;
	struct radius_out out;
	struct eap_packet e;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	memcpy(bytes, (uint8_t[]){EAP_RESPONSE, 3, 1200 >> 8, 1200 & 0xff, EAP_TYPE_TLS}, 5);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_eap(&out, bytes, sizeof(bytes));
	p = radius_out_packet(&out);
	assert_int_equal(eap_collect(&p, back, &e), 0);
	assert_int_equal(e.len, sizeof(bytes));
	assert_memory_equal(back, bytes, sizeof(bytes));
}

static void pieces_with_something_between_them_are_refused(void **state)
{
	uint8_t back[EAP_PACKET_MAX];
	struct radius_packet p;
	struct radius_out out;
	struct eap_packet e;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	p = radius_out_packet(&out);
	assert_int_equal(eap_collect(&p, back, &e), -ENOENT);
	radius_put_eap(&out, identity, 5);
	radius_put_text(&out, RADIUS_USER_NAME, "john");
	radius_put_eap(&out, identity + 5, 4);
	p = radius_out_packet(&out);
	assert_int_equal(eap_collect(&p, back, &e), -EBADMSG);
}

static void an_md5_challenge_is_answered_only_by_the_password(void **state)
{
	static const uint8_t challenge[16] = {1, 2, 3, 4};
	uint8_t answer[22] = {EAP_RESPONSE, 5, 0, 22, EAP_TYPE_MD5, 16}, back[EAP_PACKET_MAX];
	struct radius_packet p;
	struct radius_out out;
	struct eap_packet e;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	eap_put_md5_challenge(&out, 5, challenge);
	p = radius_out_packet(&out);
	assert_int_equal(eap_collect(&p, back, &e), 0);
	assert_int_equal(e.code, EAP_REQUEST);
	assert_memory_equal(e.body + 1, challenge, 16);
	radius_chap_response(5, "001a2b3c4d5e", challenge, 16, answer + 6);
	assert_int_equal(eap_parse(answer, sizeof(answer), &e), 0);
	assert_int_equal(eap_check_md5(&e, 5, "001a2b3c4d5e", challenge), 0);
	assert_int_equal(eap_check_md5(&e, 6, "001a2b3c4d5e", challenge), -EBADMSG);
	assert_int_equal(eap_check_md5(&e, 5, "001a2b3c4d5f", challenge), -EACCES);
}

static void an_ending_carries_no_type(void **state)
{
	uint8_t back[EAP_PACKET_MAX];
	struct radius_packet p;
	struct radius_out out;
	struct eap_packet e;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	eap_put_end(&out, EAP_FAILURE, 77);
	p = radius_out_packet(&out);
	assert_int_equal(eap_collect(&p, back, &e), 0);
	assert_int_equal(e.code, EAP_FAILURE);
	assert_int_equal(e.id, 77);
	assert_int_equal(e.type, EAP_TYPE_NONE);
	assert_false(eap_may_pass(&e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_is_read),
		cmocka_unit_test(a_length_that_is_not_the_packets_is_refused),
		cmocka_unit_test(codes_and_types_outside_the_list_do_not_pass),
		cmocka_unit_test(a_long_packet_is_split_and_put_together),
		cmocka_unit_test(pieces_with_something_between_them_are_refused),
		cmocka_unit_test(an_md5_challenge_is_answered_only_by_the_password),
		cmocka_unit_test(an_ending_carries_no_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
