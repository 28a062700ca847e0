/* Accounts of a desk: how they are read, what is wrong with them, and passwords that everybody
 * tries (D26, D30). The hashes are of crypt(5), made for this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <crypt.h>

#include <cmocka.h>

#include "agent/guards/weak_password.h"
#include "base/text.h"
#include "place.h"

#define TODAY 20000

static struct accounts all;

static const struct account *load(const struct place *p, const char *name)
{
	assert_int_equal(accounts_load(p->top, &all), 0);
	for (size_t i = 0; i < all.count; i++)
		if (text_equal(all.list[i].name, name))
			return &all.list[i];
	fail_msg("no account %s", name);
	return NULL;
}

static void put(const struct place *p, const char *shadow)
{
	place_write(p, "etc/passwd",
		    "root:x:0:0::/root:/bin/bash\n"
		    "daemon:x:1:1::/:/usr/sbin/nologin\n"
		    "li:x:1000:1000:李明,,,:/home/li:/bin/bash\n"
		    "wang:x:1001:1001::/home/wang:/bin/bash\n"
		    "toor:x:0:0::/root:/bin/sh\n");
	place_write(p, "etc/group", "root:x:0:\nsudo:x:27:wang\nusers:x:100:li\n");
	place_write(p, "etc/shadow", shadow);
}

static unsigned judge(const struct place *p, const char *name, const char *rules)
{
	json_t *words = json_loads(rules, 0, NULL);
	const struct account_rules r = {.max_days = 90,
					.admins = json_object_get(words, "admins"),
					.accounts = json_object_get(words, "accounts")};
	unsigned found = account_judge(&r, &all, load(p, name), TODAY);

	json_decref(words);
	return found;
}

static void what_lets_nobody_in_is_in_no_trouble(void **state)
{
	const struct place *p = *state;

	put(p, "daemon::1:0:99999:7:::\n");
	assert_int_equal(load(p, "daemon")->password, PASSWORD_NONE);
	assert_int_equal(judge(p, "daemon", "{\"accounts\":[]}"), 0);
}

static void a_password_is_empty_locked_or_set(void **state)
{
	const struct place *p = *state;

	put(p, "root:!:1:0:90:7:::\nli::19990:0:90:7:::\nwang:$6$x$y:19990:0:90:7:::\n");
	assert_int_equal(judge(p, "root", "{}") & ~(1U << ACCOUNT_SHARED_ID), 0);
	assert_int_equal(judge(p, "li", "{}"), 1U << ACCOUNT_EMPTY);
	assert_int_equal(judge(p, "wang", "{}"), 0);
	assert_string_equal(load(p, "wang")->hash, "$6$x$y");
}

static void a_password_ages_and_must_have_an_end(void **state)
{
	const struct place *p = *state;

	put(p, "li:$6$x$y:19909:0:90:7:::\nwang:$6$x$y:19910:0:99999:7:::\n");
	assert_int_equal(judge(p, "li", "{}"), 1U << ACCOUNT_UNCHANGED);
	assert_int_equal(judge(p, "wang", "{}"), 1U << ACCOUNT_ENDLESS);
	put(p, "li:$6$x$y::0:90:7:::\nwang:$6$x$y:0:0:90:7:::\n");
	assert_int_equal(judge(p, "li", "{}"), 0);
	assert_int_equal(judge(p, "wang", "{}"), 1U << ACCOUNT_UNCHANGED);
}

static void a_second_account_with_one_number_is_found_on_both(void **state)
{
	const struct place *p = *state;

	put(p, "root:!:1:0:90:7:::\ntoor:!:1:0:90:7:::\n");
	assert_int_equal(judge(p, "root", "{}"), 1U << ACCOUNT_SHARED_ID);
	assert_int_equal(judge(p, "toor", "{\"admins\":[]}"),
			 1U << ACCOUNT_SHARED_ID | 1U << ACCOUNT_ADMIN);
}

static void who_is_not_named_is_unknown(void **state)
{
	const struct place *p = *state;

	put(p, "li:!:1:0:90:7:::\nwang:!:1:0:90:7:::\n");
	assert_int_equal(judge(p, "li", "{\"accounts\":[\"li\"],\"admins\":[]}"), 0);
	assert_int_equal(judge(p, "wang", "{\"accounts\":[\"li\"],\"admins\":[]}"),
			 1U << ACCOUNT_ADMIN | 1U << ACCOUNT_UNKNOWN);
	assert_int_equal(judge(p, "wang", "{}"), 0);
}

static void without_the_right_to_read_passwords_none_is_called_empty(void **state)
{
	const struct place *p = *state;

	place_write(p, "etc/passwd", "li:x:1000:1000::/home/li:/bin/bash\n");
	place_write(p, "etc/group", "");
	assert_int_equal(load(p, "li")->password, PASSWORD_LOCKED);
}

/* A cheap method, so that a guess takes no time. */
static bool is_weak(const char *name, const char *password, const json_t *words)
{
	struct account a = {.login = true, .password = PASSWORD_SET};
	const char *hash = crypt(password, "$1$menshen$");

	assert_non_null(hash);
	assert_int_equal(text_copy(a.name, sizeof(a.name), name), 0);
	assert_int_equal(text_copy(a.hash, sizeof(a.hash), hash), 0);
	return weak_password_is(&a, words);
}

static void what_everybody_tries_is_weak(void **state)
{
	json_t *words = json_pack("[s]", "nongshang");

	(void)state;
	assert_true(is_weak("li", "888888", NULL));
	assert_true(is_weak("li", "Aa123456", NULL));
	assert_true(is_weak("liming", "Liming@123", NULL));
	assert_true(is_weak("liming", "liming", NULL));
	assert_false(is_weak("liming", "nongshang2026", NULL));
	assert_true(is_weak("liming", "nongshang2026", words));
	assert_true(is_weak("liming", "Nongshang@123", words));
	assert_false(is_weak("liming", "three guards at one door", words));
	json_decref(words);
}

static void a_hash_that_is_none_is_not_weak(void **state)
{
	struct account a = {.name = "li", .hash = "*0"};

	(void)state;
	assert_false(weak_password_is(&a, NULL));
	text_fit(a.hash, sizeof(a.hash), "$6$");
	assert_false(weak_password_is(&a, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_CASE(what_lets_nobody_in_is_in_no_trouble),
		PLACE_CASE(a_password_is_empty_locked_or_set),
		PLACE_CASE(a_password_ages_and_must_have_an_end),
		PLACE_CASE(a_second_account_with_one_number_is_found_on_both),
		PLACE_CASE(who_is_not_named_is_unknown),
		PLACE_CASE(without_the_right_to_read_passwords_none_is_called_empty),
		cmocka_unit_test(what_everybody_tries_is_weak),
		cmocka_unit_test(a_hash_that_is_none_is_not_weak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
