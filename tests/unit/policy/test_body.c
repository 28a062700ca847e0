#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/body.h"

static int check_text(const char *text, char *where)
{
	json_t *body = json_loads(text, JSON_DECODE_ANY, NULL);
	int r;

	assert_non_null(body);
	r = policy_body_check(body, where);
	json_decref(body);
	return r;
}

static void a_policy_with_words_of_a_newer_head_office_is_good(void **state)
{
	char where[POLICY_WHERE_SIZE];

	(void)state;
	assert_int_equal(check_text("{}", where), 0);
	assert_int_equal(check_text("{\"heartbeat_s\":30,\"later\":[1,{\"a\":\"b\"}],\"guards\":"
				    "{\"antivirus\":{\"mode\":\"warn\",\"days\":7},"
				    "\"moon\":{\"mode\":\"off\"}}}",
				    where),
			 0);
}

static void a_wrong_word_is_named_by_its_place(void **state)
{
	static const struct {
		const char *text, *where;
	} bad[] = {
		{"[]", ""},
		{"7", ""},
		{"{\"heartbeat_s\":0}", "heartbeat_s"},
		{"{\"heartbeat_s\":3601}", "heartbeat_s"},
		{"{\"heartbeat_s\":\"60\"}", "heartbeat_s"},
		{"{\"guards\":[]}", "guards"},
		{"{\"guards.usb.mode\":\"enforce\"}", "guards.usb.mode"},
		{"{\"later\":{\"\":1}}", "later."},
		{"{\"guards\":{\"usb\":true}}", "guards.usb"},
		{"{\"guards\":{\"usb\":{}}}", "guards.usb.mode"},
		{"{\"guards\":{\"usb\":{\"mode\":\"Warn\"}}}", "guards.usb.mode"},
		{"{\"guards\":{\"usb\":{\"mode\":\"off\",\"share\":0.5}}}", "guards.usb.share"},
		{"{\"a\":[[[[[[[[[[[[[1]]]]]]]]]]]]]}", "a"},
	};
	char where[POLICY_WHERE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(check_text(bad[i].text, where), -EINVAL);
		assert_string_equal(where, bad[i].where);
	}
}

static void assert_changes(const char *was_text, const char *is_text, const char *expected)
{
	json_t *was = was_text ? json_loads(was_text, 0, NULL) : NULL;
	json_t *is = json_loads(is_text, 0, NULL), *changes = policy_body_changes(was, is);
	char *text = json_dumps(changes, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, expected);
	free(text);
	json_decref(was);
	json_decref(is);
	json_decref(changes);
}

static void what_differs_is_told_word_by_word_and_versions_do_not_count(void **state)
{
	(void)state;
	assert_changes("{\"epoch\":1,\"number\":4,\"a\":1}", "{\"a\":1}", "[]");
	assert_changes("{\"guards\":{\"b\":{\"mode\":\"off\",\"x\":1},\"c\":{\"mode\":\"off\"}}}",
		       "{\"guards\":{\"b\":{\"mode\":\"warn\",\"y\":[2]}},\"a\":3}",
		       "[{\"is\":3,\"path\":\"a\"},"
		       "{\"is\":\"warn\",\"path\":\"guards.b.mode\",\"was\":\"off\"},"
		       "{\"path\":\"guards.b.x\",\"was\":1},"
		       "{\"is\":[2],\"path\":\"guards.b.y\"},"
		       "{\"path\":\"guards.c.mode\",\"was\":\"off\"}]");
	assert_changes(NULL, "{\"guards\":{\"b\":{\"mode\":\"off\"}}}",
		       "[{\"is\":\"off\",\"path\":\"guards.b.mode\"}]");
	assert_changes("{\"a\":{\"b\":1}}", "{\"a\":2}",
		       "[{\"is\":2,\"path\":\"a\",\"was\":{\"b\":1}}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_with_words_of_a_newer_head_office_is_good),
		cmocka_unit_test(a_wrong_word_is_named_by_its_place),
		cmocka_unit_test(what_differs_is_told_word_by_word_and_versions_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
