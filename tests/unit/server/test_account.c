/* Passwords, second factors, stages of a log-in: what needs no store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/engine/account_login.h"
#include "server/engine/account_totp.h"

static void a_password_keeps_the_rules(void **state)
{
	static const struct {
		const char *password;
		enum refusal what;
	} cases[] = {
		{"Sommer-2026", REFUSAL_NONE},
		{"门神守护银行桌面安全Ab", REFUSAL_NONE},
		{"aB3aB3aB3a", REFUSAL_NONE},
		{"aB3-aB3-a", REFUSAL_PASSWORD_SHORT},
		{"门神门神门神Ab1", REFUSAL_PASSWORD_SHORT},
		{"abcdefghij12", REFUSAL_PASSWORD_PLAIN},
		{"1234567890-1", REFUSAL_PASSWORD_PLAIN},
		{"xWANGx-2026", REFUSAL_PASSWORD_HAS_NAME},
		{"Tab\there-2026", REFUSAL_NONE},
		{"Bell\ahere-2026", REFUSAL_VALUE_WRONG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct refused why = {0};
		int r = password_check_rules("wang", cases[i].password, &why);

		assert_int_equal(r, cases[i].what ? -ECANCELED : 0);
		if (why.what != cases[i].what)
			fail_msg("%s: %s", cases[i].password, refusal_text(why.what)->code);
	}
}

static void a_first_password_keeps_the_rules_too(void **state)
{
	char one[PASSWORD_FIRST_SIZE], two[PASSWORD_FIRST_SIZE];
	struct refused why = {0};

	(void)state;
	password_make_first(one);
	password_make_first(two);
	assert_string_not_equal(one, two);
	assert_int_equal(password_check_rules("wang", one, &why), 0);
}

static void a_derived_password_verifies_and_its_nt_hash_opens_at_the_gates(void **state)
{
	struct seal_pair *gates;
	struct password p;
	struct buf plain = BUF_INIT;
	/* NT hash of "password": MD4 over UTF-16LE */
	static const uint8_t expected[16] = {0x88, 0x46, 0xf7, 0xea, 0xee, 0x8f, 0xb1, 0x17,
					     0xad, 0x06, 0xbd, 0xd8, 0x30, 0xb7, 0x58, 0x6c};

	(void)state;
	assert_int_equal(seal_pair_make(&gates), 0);
	assert_int_equal(password_derive(gates, "wang", "password", &p), 0);
	assert_int_equal(password_verify(p.hash, "password"), 0);
	assert_int_equal(password_verify(p.hash, "Password"), -EKEYREJECTED);
	assert_int_equal(password_verify("!", "!"), -EKEYREJECTED);
	assert_int_equal(password_verify_nobody("x"), -EKEYREJECTED);
	assert_int_equal(
		seal_open_private(gates, "nt:wang", p.nt_sealed, sizeof(p.nt_sealed), &plain), 0);
	assert_memory_equal(plain.data, expected, 16);
	buf_clear(&plain);
	assert_int_equal(
		seal_open_private(gates, "nt:li", p.nt_sealed, sizeof(p.nt_sealed), &plain),
		-EBADMSG);
	buf_done(&plain);
	seal_pair_free(gates);
}

/* RFC 6238, appendix B, SHA-1, the last six digits. */
static void totp_codes_are_those_of_the_rfc(void **state)
{
	static const struct {
		int64_t at_s;
		const char *code;
	} vectors[] = {{59, "287082"},	       {1111111109, "081804"}, {1111111111, "050471"},
		       {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
	uint8_t secret[TOTP_SECRET_SIZE];
	int64_t step;

	(void)state;
	memcpy(secret, "12345678901234567890", TOTP_SECRET_SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		assert_int_equal(
			totp_check(secret, vectors[i].at_s * 1000, 0, vectors[i].code, &step), 0);
		assert_int_equal(step, vectors[i].at_s / 30);
	}
}

static void a_totp_code_is_good_for_one_step_around_and_once(void **state)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	int64_t step = 0, at = INT64_C(1111111111) * 1000;

	(void)state;
	memcpy(secret, "12345678901234567890", TOTP_SECRET_SIZE);
	assert_int_equal(totp_check(secret, at + 30000, 0, "050471", &step), 0);
	assert_int_equal(totp_check(secret, at - 30000, 0, "050471", &step), 0);
	assert_int_equal(totp_check(secret, at + 60000, 0, "050471", &step), -EKEYREJECTED);
	assert_int_equal(totp_check(secret, at, step, "050471", &step), -EKEYREJECTED);
	assert_int_equal(totp_check(secret, at, 0, "05047", &step), -EKEYREJECTED);
	assert_int_equal(totp_check(secret, at, 0, "0504711", &step), -EKEYREJECTED);
}

static void a_secret_is_shown_in_base32(void **state)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	char text[TOTP_SECRET_TEXT_SIZE];

	(void)state;
	memcpy(secret, "12345678901234567890", TOTP_SECRET_SIZE);
	totp_secret_text(secret, text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void a_log_in_asks_for_one_thing_after_the_other(void **state)
{
	struct account a = {.must_change = true, .grant_count = 1, .password_at_ms = 1000};
	struct login l = {.full = true};

	(void)state;
	assert_int_equal(login_stage(&l, &a, 2000), STAGE_PASSWORD_CHANGE);
	a.must_change = false;
	assert_int_equal(login_stage(&l, &a, 2000), STAGE_TOTP_ENROL);
	a.totp = TOTP_PROPOSED;
	assert_int_equal(login_stage(&l, &a, 2000), STAGE_TOTP_ENROL);
	a.totp = TOTP_ACTIVE;
	assert_int_equal(login_stage(&l, &a, 2000), STAGE_FULL);
	l.full = false;
	a.must_change = true;
	assert_int_equal(login_stage(&l, &a, 2000), STAGE_TOTP);
}

/* Whatever is there already: a password of one's own, a device, the second factor given. */
static void a_role_by_two_persons_opens_nothing_before_its_owner_has_entered(void **state)
{
	static const struct {
		unsigned role;
		bool awaits;
	} cases[] = {{ROLE_SECURITY, true}, {ROLE_SYSTEM, true},   {ROLE_AUDITOR, true},
		     {ROLE_REGIONAL, true}, {ROLE_APPROVER, true}, {ROLE_DEVICE_OFFICER, false}};
	struct login l = {.full = true};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct account a = {.grants = {{.role = cases[i].role}},
				    .grant_count = 1,
				    .totp = TOTP_ACTIVE,
				    .password_at_ms = 1000};

		assert_int_equal(account_awaits_entry(&a), cases[i].awaits);
		assert_int_equal(login_stage(&l, &a, 2000),
				 cases[i].awaits ? STAGE_ENTRY : STAGE_FULL);
		a.entered_at_ms = 1500;
		assert_int_equal(login_stage(&l, &a, 2000), STAGE_FULL);
	}
}

static void the_session_of_the_code_goes_on_to_a_new_password_and_device(void **state)
{
	struct account a = {.grants = {{.role = ROLE_REGIONAL}},
			    .grant_count = 1,
			    .must_change = true,
			    .password_at_ms = 1000};
	struct login code = {.full = true, .entering = true}, other = {.full = true};

	(void)state;
	assert_int_equal(login_stage(&code, &a, 2000), STAGE_PASSWORD_CHANGE);
	assert_int_equal(login_stage(&other, &a, 2000), STAGE_ENTRY);
	a.must_change = false;
	assert_int_equal(login_stage(&code, &a, 2000), STAGE_TOTP_ENROL);
	assert_int_equal(login_stage(&other, &a, 2000), STAGE_ENTRY);
}

static void a_password_lives_ninety_days(void **state)
{
	struct account a = {.password_at_ms = 1000};
	struct login l = {.full = true};

	(void)state;
	assert_int_equal(login_stage(&l, &a, 1000 + PASSWORD_LIFE_MS - 1), STAGE_FULL);
	assert_int_equal(login_stage(&l, &a, 1000 + PASSWORD_LIFE_MS), STAGE_PASSWORD_CHANGE);
}

static void a_role_reaches_its_unit_and_what_is_below(void **state)
{
	struct account a = {.grants = {{.role = ROLE_REGIONAL, .path = "/1/4/"},
				       {.role = ROLE_APPROVER, .path = "/1/4/9/"}},
			    .grant_count = 2};

	(void)state;
	assert_int_equal(account_role_over(&a, ROLE_REGIONAL, "/1/4/"), ROLE_REGIONAL);
	assert_int_equal(account_role_over(&a, ROLE_REGIONAL, "/1/4/17/"), ROLE_REGIONAL);
	assert_int_equal(account_role_over(&a, ROLE_REGIONAL, "/1/"), 0);
	assert_int_equal(account_role_over(&a, ROLE_REGIONAL, "/1/44/"), 0);
	assert_int_equal(account_role_over(&a, ROLE_APPROVER, "/1/4/"), 0);
	assert_int_equal(account_role_over(&a, ROLE_SECURITY, "/1/4/9/"), 0);
}

static void an_auditor_is_no_staff(void **state)
{
	struct account a = {.grants = {{.role = ROLE_AUDITOR, .path = "/1/"}}, .grant_count = 1};
	struct account nobody = {.grant_count = 0};

	(void)state;
	assert_int_equal(account_roles(&a), ROLE_AUDITOR);
	assert_int_equal(account_roles(&nobody), ROLE_STAFF);
}

static void account_names_are_plain(void **state)
{
	static const char *const bad[] = {
		"",	   "a",	    "Wang",	 "1wang",
		"wang li", "-wang", "w\xc3\xa9", "x123456789012345678901234567890ab"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(account_name_is_good(bad[i]));
	assert_true(account_name_is_good("wang.li-2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_keeps_the_rules),
		cmocka_unit_test(a_first_password_keeps_the_rules_too),
		cmocka_unit_test(a_derived_password_verifies_and_its_nt_hash_opens_at_the_gates),
		cmocka_unit_test(totp_codes_are_those_of_the_rfc),
		cmocka_unit_test(a_totp_code_is_good_for_one_step_around_and_once),
		cmocka_unit_test(a_secret_is_shown_in_base32),
		cmocka_unit_test(a_log_in_asks_for_one_thing_after_the_other),
		cmocka_unit_test(a_role_by_two_persons_opens_nothing_before_its_owner_has_entered),
		cmocka_unit_test(the_session_of_the_code_goes_on_to_a_new_password_and_device),
		cmocka_unit_test(a_password_lives_ninety_days),
		cmocka_unit_test(a_role_reaches_its_unit_and_what_is_below),
		cmocka_unit_test(an_auditor_is_no_staff),
		cmocka_unit_test(account_names_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
