#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/knock/mab.h"
#include "radius/password.h"

static struct radius_secret secret;
static struct mab_key key;
static struct radius_out out;

static int setup(void **state)
{
	(void)state;
	mab_key_init(&key);
	return radius_secret_set(&secret, "testing123", 10);
}

static void begin(const char *name, const char *calling)
{
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_text(&out, RADIUS_USER_NAME, name);
	radius_put_text(&out, RADIUS_CALLING_STATION_ID, calling);
}

static struct request request_of(int64_t now_ms)
{
	static const struct vendor_ports none;
	struct request r = {.packet = radius_out_packet(&out),
			    .now_ms = now_ms,
			    .switch_id = 1,
			    .ports = &none};

	assert_int_equal(request_read(&r), 0);
	return r;
}

static void the_name_must_be_the_calling_stations(void **state)
{
	struct request r;

	(void)state;
	begin("001a2b3c4d5e", "00-1A-2B-3C-4D-5E");
	r = request_of(0);
	assert_true(request_names_its_mac(&r));
	begin("001a2b3c4d5f", "00-1A-2B-3C-4D-5E");
	r = request_of(0);
	assert_false(request_names_its_mac(&r));
	begin("alice", "00-1A-2B-3C-4D-5E");
	r = request_of(0);
	assert_false(request_names_its_mac(&r));
	begin("01005e000001", "01-00-5E-00-00-01"); /* nobody's own address */
	r = request_of(0);
	assert_false(request_names_its_mac(&r));
}

static void the_password_is_the_mac_in_any_notation(void **state)
{
	static const char *const good[] = {"001a2b3c4d5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"};
	struct request r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		begin("001a2b3c4d5e", "00-1A-2B-3C-4D-5E");
		radius_put_password(&out, &secret, good[i]);
		r = request_of(0);
		assert_int_equal(mab_check(&r, &secret), MAB_PROVEN);
	}
	begin("001a2b3c4d5e", "00-1A-2B-3C-4D-5E");
	radius_put_password(&out, &secret, "password");
	r = request_of(0);
	assert_int_equal(mab_check(&r, &secret), MAB_WRONG);
}

static void no_password_at_all_needs_a_signature(void **state)
{
	struct request r;

	(void)state;
	begin("001a2b3c4d5e", "00-1A-2B-3C-4D-5E");
	r = request_of(0);
	assert_int_equal(mab_check(&r, &secret), MAB_WRONG);
	r.is_signed = true;
	assert_int_equal(mab_check(&r, &secret), MAB_PROVEN);
}

/* What a switch would answer to the challenge in `out`, with State and MD5 response. */
static void answer_challenge(uint8_t state_bytes[static MAB_STATE_SIZE], uint8_t eap[static 22])
{
	static const uint8_t identity[] = {EAP_RESPONSE, 9,   0,   17,	EAP_TYPE_IDENTITY,
					   '0',		 '0', '1', 'a', '2',
					   'b',		 '3', 'c', '4', 'd',
					   '5',		 'e'};
	uint8_t bytes[EAP_PACKET_MAX];
	struct radius_attr a = {0};
	struct radius_packet p;
	struct eap_packet e;
	struct request r;

	begin("001a2b3c4d5e", "00-1A-2B-3C-4D-5E");
	r = request_of(1000);
	assert_int_equal(eap_parse(identity, sizeof(identity), &e), 0);
	assert_int_equal(mab_check_eap(&key, &r, &e), MAB_CHALLENGE);
	radius_begin_request(&out, RADIUS_ACCESS_CHALLENGE, 1);
	mab_put_challenge(&key, &r, &e, &out);
	p = radius_out_packet(&out);
	assert_true(radius_find(&p, RADIUS_STATE, &a));
	memcpy(state_bytes, a.value, MAB_STATE_SIZE);
	assert_int_equal(eap_collect(&p, bytes, &e), 0);
	memcpy(eap, (uint8_t[]){EAP_RESPONSE, e.id, 0, 22, EAP_TYPE_MD5, 16}, 6);
	radius_chap_response(e.id, "001a2b3c4d5e", e.body + 1, 16, eap + 6);
}

static enum mab_result check(const uint8_t *state_bytes, size_t len, const uint8_t *eap,
			     int64_t now_ms, int64_t switch_id)
{
	struct request r;
	struct eap_packet e;

	begin("001a2b3c4d5e", "00-1A-2B-3C-4D-5E");
	if (len)
		radius_put(&out, RADIUS_STATE, state_bytes, len);
	r = request_of(now_ms);
	r.switch_id = switch_id;
	assert_int_equal(eap_parse(eap, 22, &e), 0);
	return mab_check_eap(&key, &r, &e);
}

static void an_md5_answer_holds_for_its_own_challenge_for_half_a_minute(void **state)
{
	uint8_t bytes[MAB_STATE_SIZE], eap[22];

	(void)state;
	answer_challenge(bytes, eap);
	assert_int_equal(check(bytes, sizeof(bytes), eap, 2000, 1), MAB_PROVEN);
	assert_int_equal(check(bytes, sizeof(bytes), eap, 40000, 1), MAB_WRONG);
	assert_int_equal(check(bytes, sizeof(bytes), eap, 2000, 2), MAB_WRONG);
	assert_int_equal(check(bytes, sizeof(bytes) - 1, eap, 2000, 1), MAB_WRONG);
	assert_int_equal(check(bytes, 0, eap, 2000, 1), MAB_WRONG);
	eap[21] ^= 1;
	assert_int_equal(check(bytes, sizeof(bytes), eap, 2000, 1), MAB_WRONG);
	eap[21] ^= 1;
	bytes[9] ^= 1; /* another moment */
	assert_int_equal(check(bytes, sizeof(bytes), eap, 2000, 1), MAB_WRONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_must_be_the_calling_stations),
		cmocka_unit_test(the_password_is_the_mac_in_any_notation),
		cmocka_unit_test(no_password_at_all_needs_a_signature),
		cmocka_unit_test(an_md5_answer_holds_for_its_own_challenge_for_half_a_minute),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
