#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "radius/build.h"

/* RFC 2865 section 7.1: nemo logs in on port 3. */
static const uint8_t nemo[] = {
	0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83,
	0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12,
	0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a,
	0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03,
};

static void the_packet_of_rfc_2865_is_read(void **state)
{
	struct radius_packet p;
	char name[16];
	uint32_t port;

	(void)state;
	assert_int_equal(radius_parse(nemo, sizeof(nemo), &p), 0);
	assert_int_equal(p.code, RADIUS_ACCESS_REQUEST);
	assert_int_equal(p.id, 0);
	assert_int_equal(p.message_at, 0);
	assert_memory_equal(p.authenticator, nemo + 4, RADIUS_AUTHENTICATOR_SIZE);
	assert_int_equal(radius_get_text(&p, RADIUS_USER_NAME, name, sizeof(name)), 0);
	assert_string_equal(name, "nemo");
	assert_int_equal(radius_get_u32(&p, RADIUS_NAS_PORT, &port), 0);
	assert_int_equal(port, 3);
}

static void a_packet_cut_anywhere_is_refused(void **state)
{
	struct radius_packet p;

	(void)state;
	for (size_t len = 0; len < sizeof(nemo); len++)
		assert_int_equal(radius_parse(nemo, len, &p), -EBADMSG);
}

static void padding_behind_the_stated_length_is_ignored(void **state)
{
	uint8_t padded[sizeof(nemo) + 7] = {0};
	struct radius_packet p;

	(void)state;
	memcpy(padded, nemo, sizeof(nemo));
	assert_int_equal(radius_parse(padded, sizeof(padded), &p), 0);
	assert_int_equal(p.len, sizeof(nemo));
}

static void an_attribute_that_lies_about_its_length_is_refused(void **state)
{
	static const uint8_t lies[] = {0, 1, 5, 0x13, 0xff};
	struct radius_packet p;
	uint8_t bytes[sizeof(nemo)];

	(void)state;
	for (size_t i = 0; i < sizeof(lies); i++) {
		memcpy(bytes, nemo, sizeof(nemo));
		bytes[27] = lies[i]; /* of User-Password, 18 in truth */
		assert_int_equal(radius_parse(bytes, sizeof(bytes), &p), -EBADMSG);
	}
}

static void a_message_authenticator_of_another_size_or_twice_is_refused(void **state)
{
	uint8_t zeros[16] = {0};
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put(&out, RADIUS_MESSAGE_AUTHENTICATOR, zeros, 16);
	out.data[3] = (uint8_t)out.len;
	assert_int_equal(radius_parse(out.data, out.len, &p), -EBADMSG);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	out.data[20] = RADIUS_PROXY_STATE;
	radius_put(&out, RADIUS_MESSAGE_AUTHENTICATOR, zeros, 15);
	out.data[3] = (uint8_t)out.len;
	assert_int_equal(radius_parse(out.data, out.len, &p), -EBADMSG);
}

static void a_packet_of_countless_attributes_is_refused(void **state)
{
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	for (unsigned i = 1; i < RADIUS_ATTRIBUTES_MAX; i++)
		radius_put(&out, RADIUS_CLASS, NULL, 0);
	out.data[2] = (uint8_t)(out.len >> 8);
	out.data[3] = (uint8_t)out.len;
	assert_int_equal(radius_parse(out.data, out.len, &p), 0);
	radius_put(&out, RADIUS_CLASS, NULL, 0);
	out.data[2] = (uint8_t)(out.len >> 8);
	out.data[3] = (uint8_t)out.len;
	assert_int_equal(radius_parse(out.data, out.len, &p), -EBADMSG);
}

static void absent_and_malformed_values_are_told_apart(void **state)
{
	struct radius_packet p;
	struct radius_out out;
	char text[4];
	uint32_t number = 7;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put(&out, RADIUS_NAS_PORT, "abc", 3);
	radius_put(&out, RADIUS_NAS_PORT_ID, "a\0b", 3);
	radius_put_text(&out, RADIUS_USER_NAME, "long name");
	p = radius_out_packet(&out);
	assert_int_equal(radius_get_u32(&p, RADIUS_SESSION_TIMEOUT, &number), -ENOENT);
	assert_int_equal(radius_get_u32(&p, RADIUS_NAS_PORT, &number), -EBADMSG);
	assert_int_equal(number, 7);
	assert_int_equal(radius_get_text(&p, RADIUS_NAS_PORT_ID, text, sizeof(text)), -EBADMSG);
	assert_int_equal(radius_get_text(&p, RADIUS_USER_NAME, text, sizeof(text)), -ENAMETOOLONG);
}

static void vendor_attributes_are_found_one_per_envelope_or_many(void **state)
{
	static const uint8_t many[] = {0, 0, 0x01, 0x37, 7, 3, 'a', 16, 4, 'b', 'c'};
	struct radius_attr a = {0};
	struct radius_packet p;
	struct radius_out out;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_vendor(&out, RADIUS_VENDOR_MENSHEN, 16, "x", 1);
	radius_put(&out, RADIUS_VENDOR_SPECIFIC, many, sizeof(many));
	p = radius_out_packet(&out);
	assert_true(radius_find_vendor(&p, RADIUS_VENDOR_MICROSOFT, 16, &a));
	assert_int_equal(a.len, 2);
	assert_memory_equal(a.value, "bc", 2);
	assert_false(radius_find_vendor(&p, RADIUS_VENDOR_MICROSOFT, 17, &a));
	assert_true(radius_find_vendor(&p, RADIUS_VENDOR_MENSHEN, 16, &a));
	assert_memory_equal(a.value, "x", 1);
}

static void a_packet_that_grows_too_large_says_so_once_at_the_end(void **state)
{
	uint8_t value[RADIUS_VALUE_MAX] = {0};
	struct radius_secret secret;
	struct radius_out out;

	(void)state;
	assert_int_equal(radius_secret_set(&secret, "s", 1), 0);
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	for (int i = 0; i < 20; i++)
		radius_put(&out, RADIUS_CLASS, value, sizeof(value));
	assert_true(out.len <= RADIUS_PACKET_MAX);
	assert_int_equal(radius_finish_request(&out, &secret), -EMSGSIZE);
}

static void a_vlan_is_three_tunnel_attributes(void **state)
{
	static const uint8_t wanted[] = {64, 6, 0, 0, 0, 13, 65, 6, 0, 0, 0, 6, 81, 4, '2', '0'};
	struct radius_out out;

	(void)state;
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_vlan(&out, "20");
	assert_memory_equal(out.data + 38, wanted, sizeof(wanted));
	assert_int_equal(out.len, 38 + sizeof(wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_packet_of_rfc_2865_is_read),
		cmocka_unit_test(a_packet_cut_anywhere_is_refused),
		cmocka_unit_test(padding_behind_the_stated_length_is_ignored),
		cmocka_unit_test(an_attribute_that_lies_about_its_length_is_refused),
		cmocka_unit_test(a_message_authenticator_of_another_size_or_twice_is_refused),
		cmocka_unit_test(a_packet_of_countless_attributes_is_refused),
		cmocka_unit_test(absent_and_malformed_values_are_told_apart),
		cmocka_unit_test(vendor_attributes_are_found_one_per_envelope_or_many),
		cmocka_unit_test(a_packet_that_grows_too_large_says_so_once_at_the_end),
		cmocka_unit_test(a_vlan_is_three_tunnel_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
