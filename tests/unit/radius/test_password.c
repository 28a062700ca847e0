#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "radius/password.h"

static struct radius_secret secret, other;

/* RFC 2865 section 7.1: nemo's password is arctangent, the secret xyzzy5461. */
static const uint8_t nemo[] = {
	0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83,
	0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12,
	0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a,
	0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03,
};

/* RFC 2865 section 7.2: flopsy proves the same password by CHAP. */
static const uint8_t flopsy[] = {
	0x01, 0x01, 0x00, 0x47, 0x2a, 0xee, 0x86, 0xf0, 0x8d, 0x0d, 0x55, 0x96, 0x9c, 0xa5, 0x97,
	0x8e, 0x0d, 0x33, 0x67, 0xa2, 0x01, 0x08, 0x66, 0x6c, 0x6f, 0x70, 0x73, 0x79, 0x03, 0x13,
	0x16, 0xe9, 0x75, 0x57, 0xc3, 0x16, 0x18, 0x58, 0x95, 0xf2, 0x93, 0xff, 0x63, 0x44, 0x07,
	0x72, 0x75, 0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x14, 0x06,
	0x06, 0x00, 0x00, 0x00, 0x02, 0x07, 0x06, 0x00, 0x00, 0x00, 0x01,
};

static int set_secrets(void **state)
{
	(void)state;
	return radius_secret_set(&secret, "xyzzy5461", 9) || radius_secret_set(&other, "other", 5);
}

static void the_password_of_rfc_2865_is_read(void **state)
{
	struct radius_packet p;
	char text[RADIUS_PASSWORD_MAX + 1];

	(void)state;
	assert_int_equal(radius_parse(nemo, sizeof(nemo), &p), 0);
	assert_int_equal(radius_get_password(&p, &secret, text, sizeof(text)), 0);
	assert_string_equal(text, "arctangent");
	assert_int_equal(radius_get_password(&p, &secret, text, 5), -ENAMETOOLONG);
}

static void the_chap_proof_of_rfc_2865_is_checked(void **state)
{
	struct radius_packet p;

	(void)state;
	assert_int_equal(radius_parse(flopsy, sizeof(flopsy), &p), 0);
	assert_int_equal(radius_check_chap(&p, "arctangent"), 0);
	assert_int_equal(radius_check_chap(&p, "arctangenu"), -EACCES);
	assert_int_equal(radius_parse(nemo, sizeof(nemo), &p), 0);
	assert_int_equal(radius_check_chap(&p, "arctangent"), -ENOENT);
}

static void passwords_of_every_length_come_back(void **state)
{
	char text[RADIUS_PASSWORD_MAX + 1] = "", back[RADIUS_PASSWORD_MAX + 1];
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	for (size_t len = 0; len <= RADIUS_PASSWORD_MAX; len++) {
		radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
		radius_put_password(&out, &secret, text);
		assert_int_equal(out.error, 0);
		p = radius_out_packet(&out);
		assert_int_equal(radius_get_password(&p, &secret, back, sizeof(back)), 0);
		assert_string_equal(back, text);
		if (len < RADIUS_PASSWORD_MAX)
			text[len] = (char)('a' + len % 26);
	}
}

static void a_password_of_no_whole_blocks_is_refused(void **state)
{
	struct radius_packet p;
	struct radius_out out;
	char text[RADIUS_PASSWORD_MAX + 1];

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put(&out, RADIUS_USER_PASSWORD, "seventeen bytes..", 17);
	p = radius_out_packet(&out);
	assert_int_equal(radius_get_password(&p, &secret, text, sizeof(text)), -EBADMSG);
}

static void a_session_key_moves_from_one_secret_to_another(void **state)
{
	static const uint8_t authenticator[16] = {1, 2, 3};
	uint8_t key[32], back[RADIUS_MPPE_KEY_MAX];
	struct radius_packet p;
	struct radius_out out;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_mppe(&out, RADIUS_MS_MPPE_SEND_KEY, &secret, authenticator, 1, key, 32);
	radius_put_mppe(&out, RADIUS_MS_MPPE_RECV_KEY, &other, authenticator, 2, key, 32);
	assert_int_equal(out.error, 0);
	p = radius_out_packet(&out);
	assert_int_equal(
		radius_get_mppe(&p, RADIUS_MS_MPPE_SEND_KEY, &secret, authenticator, back, &len),
		0);
	assert_int_equal(len, sizeof(key));
	assert_memory_equal(back, key, sizeof(key));
	memset(back, 0, sizeof(back));
	assert_int_equal(
		radius_get_mppe(&p, RADIUS_MS_MPPE_RECV_KEY, &other, authenticator, back, &len), 0);
	assert_memory_equal(back, key, sizeof(key));
}

/* RFC 2548 section 2.4.2 writes the chain out; this is one block of it by hand. */
static void a_session_key_is_hidden_as_rfc_2548_says(void **state)
{
	static const uint8_t authenticator[16] = {9, 9, 9};
	uint8_t pad[MD5_SIZE], salt[2] = {0x80, 0x05};
	struct radius_attr a = {0};
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_mppe(&out, RADIUS_MS_MPPE_SEND_KEY, &secret, authenticator, 5,
			(const uint8_t *)"key", 3);
	p = radius_out_packet(&out);
	assert_true(radius_find_vendor(&p, RADIUS_VENDOR_MICROSOFT, RADIUS_MS_MPPE_SEND_KEY, &a));
	assert_int_equal(a.len, 18);
	assert_memory_equal(a.value, salt, 2);
	md5_pieces((struct piece[]){{"xyzzy5461", 9}, {authenticator, 16}, {salt, 2}}, 3, pad);
	assert_int_equal(a.value[2] ^ pad[0], 3);
	assert_int_equal(a.value[3] ^ pad[1], 'k');
	assert_int_equal(a.value[6] ^ pad[4], 0);
}

static void a_session_key_whose_length_lies_is_refused(void **state)
{
	static const uint8_t authenticator[16] = {0};
	uint8_t back[RADIUS_MPPE_KEY_MAX];
	struct radius_packet p;
	struct radius_out out;
	size_t len, refused = 0;

	(void)state;
	for (uint16_t salt = 0; salt < 64; salt++) {
		radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
		radius_put_mppe(&out, RADIUS_MS_MPPE_SEND_KEY, &secret, authenticator, salt,
				(const uint8_t *)"k", 1);
		p = radius_out_packet(&out);
		/* Under the wrong secret the length is noise; over 15 it cannot be. */
		refused += radius_get_mppe(&p, RADIUS_MS_MPPE_SEND_KEY, &other, authenticator, back,
					   &len) == -EBADMSG;
	}
	assert_true(refused > 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_password_of_rfc_2865_is_read),
		cmocka_unit_test(the_chap_proof_of_rfc_2865_is_checked),
		cmocka_unit_test(passwords_of_every_length_come_back),
		cmocka_unit_test(a_password_of_no_whole_blocks_is_refused),
		cmocka_unit_test(a_session_key_moves_from_one_secret_to_another),
		cmocka_unit_test(a_session_key_is_hidden_as_rfc_2548_says),
		cmocka_unit_test(a_session_key_whose_length_lies_is_refused),
	};

	return cmocka_run_group_tests(tests, set_secrets, NULL);
}
