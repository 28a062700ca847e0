#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/kept_policy.h"
#include "base/file.h"
#include "place.h"

static struct sign_key *key, *stranger;

static int make_keys(void **state)
{
	(void)state;
	return sign_key_make(SIGN_SM2, &key) || sign_key_make(SIGN_SM2, &stranger) ? -1 : 0;
}

static int free_keys(void **state)
{
	(void)state;
	sign_key_free(key);
	sign_key_free(stranger);
	return 0;
}

static const menshen_Policy *signed_by(const struct sign_key *signer, uint64_t epoch,
				       uint64_t number, const char *body)
{
	static menshen_Policy p;
	uint8_t signature[SIGN_SIZE_MAX];
	size_t len = 0;

	p = (menshen_Policy){.epoch = epoch, .number = number};
	p.body.size = (pb_size_t)strlen(body);
	memcpy(p.body.bytes, body, strlen(body));
	assert_int_equal(sign_bytes(signer, body, strlen(body), signature, &len), 0);
	memcpy(p.signature.bytes, signature, len);
	p.signature.size = (pb_size_t)len;
	return &p;
}

static const menshen_Policy *version(uint64_t epoch, uint64_t number)
{
	char body[160];

	snprintf(body, sizeof(body),
		 "{\"epoch\":%llu,\"number\":%llu,\"heartbeat_s\":30,"
		 "\"guards\":{\"antivirus\":{\"mode\":\"enforce\",\"definitions_max_days\":3}}}",
		 (unsigned long long)epoch, (unsigned long long)number);
	return signed_by(key, epoch, number, body);
}

static void a_newer_signed_policy_is_kept_over_a_restart(void **state)
{
	const struct place *p = *state;
	struct kept_policy kept = {0}, again;
	const json_t *settings;

	assert_int_equal(kept_policy_offer(&kept, p->top, key, version(1, 7)), 0);
	assert_int_equal(kept.number, 7);
	assert_int_equal(kept_policy_mode(&kept, "antivirus"), GUARD_ENFORCE);
	assert_int_equal(kept_policy_heartbeat_s(&kept), 30);
	kept_policy_done(&kept);
	assert_int_equal(kept_policy_load(p->top, key, &again), 0);
	assert_int_equal(again.epoch, 1);
	assert_int_equal(again.number, 7);
	settings = kept_policy_settings(&again, "antivirus");
	assert_int_equal(json_integer_value(json_object_get(settings, "definitions_max_days")), 3);
	kept_policy_done(&again);
}

static void without_a_policy_or_a_word_guards_only_warn(void **state)
{
	const struct place *p = *state;
	struct kept_policy none = {0};

	assert_int_equal(kept_policy_load(p->top, key, &none), -ENOENT);
	assert_int_equal(kept_policy_mode(&none, "antivirus"), GUARD_WARN);
	assert_null(kept_policy_settings(&none, "antivirus"));
	assert_int_equal(kept_policy_heartbeat_s(&none), 0);
	assert_int_equal(kept_policy_offer(&none, p->top, key, version(1, 1)), 0);
	assert_int_equal(kept_policy_mode(&none, "usb"), GUARD_WARN);
	kept_policy_done(&none);
}

/* Invariant 7 */
static void old_and_equal_versions_leave_the_kept_one_in_force(void **state)
{
	static const struct {
		uint64_t epoch, number;
		int result;
	} offers[] = {
		{2, 4, -ESTALE}, {1, 900, -ESTALE}, {2, 5, -EALREADY}, {2, 6, 0},
		{2, 5, -ESTALE}, {3, 1, 0},	    {2, 900, -ESTALE},
	};
	const struct place *p = *state;
	struct kept_policy kept = {0};

	assert_int_equal(kept_policy_offer(&kept, p->top, key, version(2, 5)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(offers); i++)
		assert_int_equal(kept_policy_offer(&kept, p->top, key,
						   version(offers[i].epoch, offers[i].number)),
				 offers[i].result);
	assert_int_equal(kept.epoch, 3);
	kept_policy_done(&kept);
	assert_int_equal(kept_policy_load(p->top, key, &kept), 0);
	assert_int_equal(kept.epoch, 3);
	assert_int_equal(kept.number, 1);
	kept_policy_done(&kept);
}

static void a_policy_that_the_key_did_not_sign_is_refused(void **state)
{
	const struct place *p = *state;
	struct kept_policy kept = {0};
	menshen_Policy altered = *version(1, 2);

	assert_int_equal(kept_policy_offer(&kept, p->top, key,
					   signed_by(stranger, 1, 2, "{\"epoch\":1,\"number\":2}")),
			 -EPERM);
	altered.body.bytes[altered.body.size - 5] ^= 1;
	assert_int_equal(kept_policy_offer(&kept, p->top, key, &altered), -EPERM);
	altered = *version(1, 2);
	altered.signature.size = 0;
	assert_int_equal(kept_policy_offer(&kept, p->top, key, &altered), -EPERM);
	assert_int_equal(kept_policy_offer(&kept, p->top, NULL, version(1, 2)), -EPERM);
	assert_int_equal(kept.number, 0);
	assert_int_equal(access(place_path(p, "policy"), F_OK), -1);
}

static void a_signed_body_that_is_no_policy_is_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		"[]",
		"{\"epoch\":1}",
		"{\"epoch\":1,\"number\":3}",
		"{\"epoch\":2,\"number\":2}",
		"{\"epoch\":1,\"number\":\"2\"}",
		"{\"epoch\":1,\"number\":2} x",
		"{\"epoch\":1,\"number\":2,\"number\":2}",
		"{\"epoch\":1,\"number\":2,\"guards\":[]}",
		"{\"epoch\":1,\"number\":2,\"guards\":{\"antivirus\":1}}",
		"{\"epoch\":1,\"number\":2,\"guards\":{\"antivirus\":{}}}",
		"{\"epoch\":1,\"number\":2,\"guards\":{\"antivirus\":{\"mode\":\"strict\"}}}",
		"{\"epoch\":1,\"number\":2,\"heartbeat_s\":0}",
		"{\"epoch\":1,\"number\":2,\"heartbeat_s\":3601}",
		"{\"epoch\":1,\"number\":2,\"heartbeat_s\":\"30\"}",
	};
	const struct place *p = *state;
	struct kept_policy kept = {0};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		if (kept_policy_offer(&kept, p->top, key, signed_by(key, 1, 2, bodies[i])) !=
		    -EBADMSG)
			fail_msg("taken: %s", bodies[i]);
	assert_int_equal(
		kept_policy_offer(&kept, p->top, key,
				  signed_by(key, 1, 2, "{\"epoch\":1,\"number\":2,\"new\":{}}")),
		0);
	kept_policy_done(&kept);
}

static void a_kept_file_cut_at_any_byte_or_of_another_key_is_not_obeyed(void **state)
{
	const struct place *p = *state;
	CLEANUP_BUF struct buf file = BUF_INIT;
	struct kept_policy kept = {0};

	assert_int_equal(kept_policy_offer(&kept, p->top, key, version(1, 7)), 0);
	kept_policy_done(&kept);
	assert_int_equal(file_read(place_path(p, "policy"), 65536, &file), 0);
	assert_int_equal(kept_policy_load(p->top, stranger, &kept), -EBADMSG);
	for (size_t cut = 0; cut < file.len; cut++) {
		assert_int_equal(file_replace(place_path(p, "policy"), file.data, cut, 0600), 0);
		assert_int_equal(kept_policy_load(p->top, key, &kept), -EBADMSG);
		assert_int_equal(kept.number, 0);
	}
}

static void a_policy_that_cannot_be_kept_is_not_in_force(void **state)
{
	const struct place *p = *state;
	struct kept_policy kept = {0};

	assert_true(kept_policy_offer(&kept, place_path(p, "nowhere"), key, version(1, 1)) < 0);
	assert_int_equal(kept.number, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(a_newer_signed_policy_is_kept_over_a_restart),
		PLACE_CASE(without_a_policy_or_a_word_guards_only_warn),
		PLACE_CASE(old_and_equal_versions_leave_the_kept_one_in_force),
		PLACE_CASE(a_policy_that_the_key_did_not_sign_is_refused),
		PLACE_CASE(a_signed_body_that_is_no_policy_is_refused),
		PLACE_CASE(a_kept_file_cut_at_any_byte_or_of_another_key_is_not_obeyed),
		PLACE_CASE(a_policy_that_cannot_be_kept_is_not_in_force),
	};

	return cmocka_run_group_tests_name("policy", tests, make_keys, free_keys);
}
