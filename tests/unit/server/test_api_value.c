/* What a call brings: fields, queries, cookies, file names; and what is counted about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/api/auth.h"
#include "server/api/static.h"
#include "server/api/throttle.h"
#include "server/api/value.h"

static const char *const colours[] = {"red", "green", NULL};

static const struct value_rule item_rules[] = {
	{RULE_MAC("mac"), .required = true},
	{.name = NULL},
};

static const struct value_rule rules[] = {
	{RULE_CODE("code"), .required = true},
	{RULE_NAME("name")},
	{RULE_CHOICE("colour", colours)},
	{RULE_ID("id")},
	{RULE_TIME("at")},
	{RULE_BOOL("flag")},
	{.name = "count", .kind = VALUE_INT, .min = 2, .max = 5},
	{.name = "form", .kind = VALUE_OBJECT, .max = 1},
	{.name = "items", .kind = VALUE_ARRAY, .min = 1, .max = 2, .items = item_rules},
	{.name = NULL},
};

static enum refusal check(const char *text, char field[static REFUSED_FIELD_SIZE])
{
	json_t *object = json_loads(text, JSON_DECODE_ANY, NULL);
	struct refused why = {0};
	int r;

	assert_non_null(object);
	r = value_check_object(object, rules, 1, &why);
	json_decref(object);
	assert_int_equal(r, why.what ? -ECANCELED : 0);
	memcpy(field, why.field, sizeof(why.field));
	return why.what;
}

static void good_values_pass(void **state)
{
	static const char *const good[] = {
		"{\"code\":\"a\"}",
		"{\"code\":\"A-1_x.\",\"name\":\"城东支行\",\"colour\":\"red\",\"id\":1,\"at\":0,"
		"\"flag\":false}",
		"{\"code\":\"a\",\"count\":2,\"form\":{\"any\":[1]},\"items\":[{\"mac\":\"0011."
		"2233.4455\"}]}",
		"{\"code\":\"a\",\"id\":9007199254740991}",
	};
	char field[REFUSED_FIELD_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(check(good[i], field), REFUSAL_NONE);
}

static void each_wrong_value_is_refused_by_its_name(void **state)
{
	static const struct {
		const char *text;
		enum refusal what;
		const char *field;
	} cases[] = {
		{"[]", REFUSAL_VALUE_WRONG, ""},
		{"7", REFUSAL_VALUE_WRONG, ""},
		{"{}", REFUSAL_VALUE_MISSING, "code"},
		{"{\"name\":\"x\"}", REFUSAL_VALUE_MISSING, "code"},
		{"{\"code\":\"\"}", REFUSAL_VALUE_WRONG, "code"},
		{"{\"code\":\"-a\"}", REFUSAL_VALUE_WRONG, "code"},
		{"{\"code\":\"a b\"}", REFUSAL_VALUE_WRONG, "code"},
		{"{\"code\":\"0123456789012345678901234567890x\"}", REFUSAL_VALUE_WRONG, "code"},
		{"{\"code\":7}", REFUSAL_VALUE_WRONG, "code"},
		{"{\"code\":null}", REFUSAL_VALUE_WRONG, "code"},
		{"{\"code\":\"a\",\"name\":\"a\\u0001\"}", REFUSAL_VALUE_WRONG, "name"},
		{"{\"code\":\"a\",\"name\":"
		 "\"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二\"}",
		 REFUSAL_VALUE_WRONG, "name"},
		{"{\"code\":\"a\",\"colour\":\"blue\"}", REFUSAL_VALUE_WRONG, "colour"},
		{"{\"code\":\"a\",\"id\":0}", REFUSAL_VALUE_WRONG, "id"},
		{"{\"code\":\"a\",\"id\":9007199254740992}", REFUSAL_VALUE_WRONG, "id"},
		{"{\"code\":\"a\",\"id\":1.0}", REFUSAL_VALUE_WRONG, "id"},
		{"{\"code\":\"a\",\"id\":\"1\"}", REFUSAL_VALUE_WRONG, "id"},
		{"{\"code\":\"a\",\"at\":-1}", REFUSAL_VALUE_WRONG, "at"},
		{"{\"code\":\"a\",\"flag\":1}", REFUSAL_VALUE_WRONG, "flag"},
		{"{\"code\":\"a\",\"count\":1}", REFUSAL_VALUE_WRONG, "count"},
		{"{\"code\":\"a\",\"count\":6}", REFUSAL_VALUE_WRONG, "count"},
		{"{\"code\":\"a\",\"form\":{\"a\":1,\"b\":2}}", REFUSAL_VALUE_WRONG, "form"},
		{"{\"code\":\"a\",\"items\":[]}", REFUSAL_VALUE_WRONG, "items"},
		{"{\"code\":\"a\",\"items\":[1]}", REFUSAL_VALUE_WRONG, ""},
		{"{\"code\":\"a\",\"items\":[{\"mac\":\"00:11\"}]}", REFUSAL_VALUE_WRONG, "mac"},
		{"{\"code\":\"a\",\"stranger\":1}", REFUSAL_VALUE_UNKNOWN, "stranger"},
	};
	char field[REFUSED_FIELD_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum refusal what = check(cases[i].text, field);

		if (what != cases[i].what || strcmp(field, cases[i].field) != 0)
			fail_msg("%s: %s at '%s'", cases[i].text, refusal_text(what)->code, field);
	}
}

static void a_query_is_text_that_stands_for_a_value(void **state)
{
	struct refused why = {0};
	json_t *v;

	(void)state;
	assert_int_equal(value_from_query(&rules[3], "17", &v, &why), 0);
	assert_int_equal(json_integer_value(v), 17);
	json_decref(v);
	assert_int_equal(value_from_query(&rules[5], "true", &v, &why), 0);
	assert_true(json_is_true(v));
	json_decref(v);
	assert_int_equal(value_from_query(&rules[3], "17x", &v, &why), -ECANCELED);
	assert_string_equal(why.field, "id");
	assert_int_equal(value_from_query(&rules[5], "1", &v, &why), -ECANCELED);
	assert_int_equal(value_from_query(&rules[0], "", &v, &why), -ECANCELED);
	assert_int_equal(value_from_query(&rules[1], "\xff", &v, &why), -ECANCELED);
}

#define TOKEN_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void our_cookie_is_found_among_others(void **state)
{
	static const char *const headers[] = {
		"menshen_session=" TOKEN_A,
		"a=b; menshen_session=" TOKEN_A,
		"a=b;menshen_session=" TOKEN_A "; c=d",
	};
	uint8_t token[LOGIN_TOKEN_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		assert_int_equal(auth_parse_cookie(headers[i], token), 0);
		assert_int_equal(token[31], 0x1f);
	}
}

static void what_is_no_token_is_refused(void **state)
{
	uint8_t token[LOGIN_TOKEN_SIZE];

	(void)state;
	assert_int_equal(auth_parse_cookie("", token), -ENOENT);
	assert_int_equal(auth_parse_cookie("menshen_session", token), -ENOENT);
	assert_int_equal(auth_parse_cookie("xmenshen_session=" TOKEN_A, token), -ENOENT);
	assert_int_equal(auth_parse_cookie("menshen_session=1", token), -EBADMSG);
	assert_int_equal(auth_parse_cookie("menshen_session=" TOKEN_A "00", token), -EBADMSG);
	assert_int_equal(auth_parse_cookie("menshen_session=zz" TOKEN_A, token), -EBADMSG);
}

static void two_tokens_have_two_csrf_words(void **state)
{
	uint8_t a[LOGIN_TOKEN_SIZE] = {1}, b[LOGIN_TOKEN_SIZE] = {2};
	char of_a[33], of_b[33], again[33];

	(void)state;
	assert_int_equal(auth_csrf(a, of_a), 0);
	assert_int_equal(auth_csrf(b, of_b), 0);
	assert_int_equal(auth_csrf(a, again), 0);
	assert_string_equal(of_a, again);
	assert_string_not_equal(of_a, of_b);
}

static void a_file_name_never_leaves_its_folder(void **state)
{
	static const char *const bad[] = {"",	     "..",     "../x", "a/../b",
					  ".hidden", "a/.git", "a//b", "a/",
					  "a b",     "a\\b",   "a%2e", "\xe4\xb8\xad"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(static_path_is_safe(bad[i]));
	assert_true(static_path_is_safe("assets/index-9f.js"));
	assert_true(static_path_is_safe("favicon.ico"));
}

static void what_happens_too_often_is_stopped_for_a_while(void **state)
{
	struct throttle *t;

	(void)state;
	assert_int_equal(throttle_new(2, 3, 1000, &t), 0);
	for (int i = 0; i < 3; i++) {
		assert_true(throttle_allows(t, "a", 100));
		throttle_count(t, "a", 100);
	}
	assert_false(throttle_allows(t, "a", 1099));
	assert_true(throttle_allows(t, "b", 1099));
	assert_true(throttle_allows(t, "a", 1100));
	throttle_free(t);
}

static void a_full_table_forgets_the_quietest(void **state)
{
	struct throttle *t;

	(void)state;
	assert_int_equal(throttle_new(2, 1, 100000, &t), 0);
	throttle_count(t, "a", 1);
	throttle_count(t, "b", 2);
	throttle_count(t, "c", 3);
	assert_true(throttle_allows(t, "a", 4));
	assert_false(throttle_allows(t, "b", 4));
	assert_false(throttle_allows(t, "c", 4));
	throttle_free(t);
}

static void an_idle_session_stays_over(void **state)
{
	struct idle *i;

	(void)state;
	assert_int_equal(idle_new(100, &i), 0);
	assert_true(idle_touch(i, 7, 1000, true));
	assert_true(idle_touch(i, 7, 1100, true));
	assert_true(idle_touch(i, 7, 1150, false));
	assert_false(idle_touch(i, 7, 1201, true));
	assert_false(idle_touch(i, 7, 1202, true));
	assert_true(idle_touch(i, 8, 1202, true));
	idle_free(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_values_pass),
		cmocka_unit_test(each_wrong_value_is_refused_by_its_name),
		cmocka_unit_test(a_query_is_text_that_stands_for_a_value),
		cmocka_unit_test(our_cookie_is_found_among_others),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(two_tokens_have_two_csrf_words),
		cmocka_unit_test(a_file_name_never_leaves_its_folder),
		cmocka_unit_test(what_happens_too_often_is_stopped_for_a_while),
		cmocka_unit_test(a_full_table_forgets_the_quietest),
		cmocka_unit_test(an_idle_session_stays_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
