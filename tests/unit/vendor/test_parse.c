#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "vendor/vendor.h"

#define GOOD                                                                                       \
	"[vendor]\ntitle = Example\n[answer]\nvlan = 81 text {vlan}\n"                             \
	"[change]\nport = 3799\nidentify = 31 text {calling}\n"

static char error[VENDOR_ERROR_SIZE];

static int parse(const char *path, const char *text, struct vendor **ret)
{
	return vendor_parse(path, text, strlen(text), ret, error);
}

static void a_good_file_gives_its_vendor(void **state)
{
	CLEANUP_VENDOR struct vendor *v = NULL;

	(void)state;
	assert_int_equal(parse("a/example.conf", GOOD, &v), 0);
	assert_string_equal(error, "");
	assert_string_equal(v->name, "example");
	assert_string_equal(v->title, "Example");
	assert_int_equal(v->port, 3799);
	assert_int_equal(v->count, 2);
	assert_true(v->message_authenticator);
	assert_int_equal(v->change, VENDOR_CHANGE_DISCONNECT);
	assert_int_equal(v->bounce, VENDOR_BOUNCE_NONE);
	assert_true(vendor_says(v, VENDOR_USE_VLAN));
	assert_false(vendor_says(v, VENDOR_USE_BOUNCE));
	assert_string_equal(v->configuration, "");
}

/* What is wrong, in which line, and a word that the error says. */
static const struct {
	const char *text;
	const char *where, *told;
} wrong[] = {
	{"", "example.conf:0: ", "title"},
	{"title = x\n", "example.conf:1: ", "no setting is called 'title' in []"},
	{"[colour]\n", "example.conf:1: ", "sections"},
	{"[\n", "example.conf:1: ", "sections"},
	{"[vendor]\ncolour = red\n", "example.conf:2: ", "colour"},
	{"[vendor]\ntitle\n", "example.conf:2: ", "name = value"},
	{"[vendor]\ntitle =\n", "example.conf:2: ", "title"},
	{"[answer]\nvlan = 81 text {colour}\n", "example.conf:2: ", "no word {colour}"},
	{"[answer]\nvlan = 81 text {acl}\n", "example.conf:2: ", "'vlan' has no word {acl}"},
	{"[answer]\nvlan = 81 text {vlan\n", "example.conf:2: ", "no word"},
	{"[answer]\nvlan = 81 colour {vlan}\n", "example.conf:2: ", "no type is called 'colour'"},
	{"[answer]\nvlan = 81\n", "example.conf:2: ", "no type"},
	{"[answer]\nvlan = 81 text\n", "example.conf:2: ", "lacks the value"},
	{"[answer]\nvlan = 0 text {vlan}\n", "example.conf:2: ", "NUMBER"},
	{"[answer]\nvlan = 256 text {vlan}\n", "example.conf:2: ", "NUMBER"},
	{"[answer]\nvlan = 26 octets {vlan}\n", "example.conf:2: ", "NUMBER"},
	{"[answer]\nvlan = 80 octets {vlan}\n", "example.conf:2: ", "NUMBER"},
	{"[answer]\nvlan = 0.1 text {vlan}\n", "example.conf:2: ", "NUMBER"},
	{"[answer]\nvlan = 16777216.1 text {vlan}\n", "example.conf:2: ", "NUMBER"},
	{"[answer]\nvlan = 64 tagged-number 16777216\n", "example.conf:2: ", "no number"},
	{"[answer]\nvlan = 64 number x{vlan}\n", "example.conf:2: ", "no number"},
	{"[answer]\nvlan = 81 text a\tb\n", "example.conf:2: ", "tab"},
	{"[answer]\nidentify = 31 text {calling}\n", "example.conf:2: ", "[answer]"},
	{"[change]\nport = 0\n", "example.conf:2: ", "65535"},
	{"[change]\nplace = there\n", "example.conf:2: ", "disconnect, coa or"},
	{"[change]\nmessage-authenticator = maybe\n", "example.conf:2: ", "yes or no"},
	{"[vendor]\ntitle = x\n[change]\nport = 1\n", "example.conf:4: ", "identify"},
	{"[vendor]\ntitle = x\n[change]\nidentify = 31 text {calling}\n",
	 "example.conf:4: ", "port"},
	{GOOD "place = reauthenticate\n", "example.conf:8: ", "reauthenticate"},
	{GOOD "bounce = snmp\nbounce = 9.1 text x\n", "example.conf:9: ", "not both"},
	{GOOD "[configuration]\na {gate}\nb {colour}\n", "example.conf:10: ", "braces"},
	{GOOD "[configuration]\na {\n", "example.conf:9: ", "braces"},
	{"[vendor]\ntitle = \x01\n", "example.conf:0: ", "UTF-8"},
};

static void a_wrong_line_is_named_with_its_file_and_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct vendor *v = NULL;

		assert_int_equal(parse("a/example.conf", wrong[i].text, &v), -EINVAL);
		assert_null(v);
		if (!strstr(error, wrong[i].where) || !strstr(error, wrong[i].told))
			fail_msg("'%s' is told as: %s", wrong[i].text, error);
	}
}

static void a_line_an_attribute_and_a_file_have_their_bounds(void **state)
{
	static char text[VENDOR_FILE_MAX + 8];
	struct vendor *v = NULL;
	size_t at = 0;

	(void)state;
	memset(text, ';', 300);
	assert_int_equal(vendor_parse("e.conf", text, 300, &v, error), -EINVAL);
	assert_non_null(strstr(error, "e.conf:1: a line is at most"));
	memset(text, '\n', sizeof(text));
	assert_int_equal(vendor_parse("e.conf", text, sizeof(text), &v, error), -EINVAL);
	assert_non_null(strstr(error, "bytes"));
	at += (size_t)snprintf(text, sizeof(text), "[answer]\n");
	for (size_t i = 0; i <= VENDOR_ATTRIBUTES_MAX; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "vlan = 64 number 13\n");
	assert_int_equal(vendor_parse("e.conf", text, at, &v, error), -EINVAL);
	assert_non_null(strstr(error, "at most 64 attributes"));
	at = (size_t)snprintf(text, sizeof(text), "[answer]\nvlan = 81 text %0200d\n", 0);
	assert_int_equal(vendor_parse("e.conf", text, at, &v, error), -EINVAL);
	assert_non_null(strstr(error, "127 bytes"));
	assert_null(v);
}

static void a_file_is_called_after_its_vendor(void **state)
{
	static const char *const names[] = {"Example.conf", ".conf", "a b.conf", "example",
					    "a-name-that-is-much-too-long.conf"};
	struct vendor *v = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(parse(names[i], GOOD, &v), -EINVAL);
		assert_non_null(strstr(error, "NAME.conf"));
	}
}

static void all_vendors_of_this_project_load(void **state)
{
	static const char *const names[] = {"aruba",	    "cisco",  "h3c", "hostapd", "huawei",
					    "menshen-port", "ruijie", "zte", "other"};
	CLEANUP_VENDORS struct vendors *v = NULL;

	(void)state;
	if (vendors_load(PROJECT_ROOT "/vendors", &v, error))
		fail_msg("%s", error);
	assert_int_equal(vendors_count(v), 8);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct vendor *at = vendors_at(v, i);

		assert_string_equal(at->name, names[i]);
		assert_ptr_equal(vendors_find(v, names[i]), at);
		assert_true(vendor_says(at, VENDOR_USE_VLAN));
		assert_true(vendor_says(at, VENDOR_USE_TIMEOUT));
		assert_true(at->configuration[0] || i == 8);
	}
	assert_null(vendors_at(v, ARRAY_SIZE(names)));
	assert_null(vendors_find(v, "acme"));
	assert_string_equal(vendors_get(v, "acme")->name, "other");
}

static void a_folder_that_is_not_there_leaves_the_rfcs(void **state)
{
	CLEANUP_VENDORS struct vendors *v = NULL;

	(void)state;
	assert_int_equal(vendors_load("/nowhere/vendors", &v, error), 0);
	assert_int_equal(vendors_count(v), 0);
	assert_string_equal(vendors_get(v, "huawei")->name, "other");
}

static void adding_a_vendor_is_adding_a_file_and_a_bad_one_stops_the_load(void **state)
{
	char dir[] = "/tmp/menshen-vendors-XXXXXX", path[96], bad[96];
	CLEANUP_VENDORS struct vendors *v = NULL;
	struct vendors *none = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/acme.conf", dir);
	snprintf(bad, sizeof(bad), "%s/bad.conf", dir);
	assert_int_equal(file_replace(path, GOOD, strlen(GOOD), 0644), 0);
	assert_int_equal(vendors_load(dir, &v, error), 0);
	assert_int_equal(vendors_count(v), 1);
	assert_string_equal(vendors_get(v, "acme")->title, "Example");
	assert_int_equal(file_replace(bad, "[vendor]\nx\n", 11, 0644), 0);
	assert_int_equal(vendors_load(dir, &none, error), -EINVAL);
	assert_non_null(strstr(error, "/bad.conf:2: "));
	assert_null(none);
	unlink(bad);
	unlink(path);
	rmdir(dir);
}

static void a_ports_name_and_the_switchs_word_for_it_exclude_each_other(void **state)
{
	CLEANUP_VENDOR struct vendor *v = NULL;

	(void)state;
	assert_int_equal(parse("a/x.conf", GOOD "[port]\nname = ge{port}\n", &v), 0);
	assert_true(vendor_ports_any(&v->ports));
	vendor_free(TAKE_PTR(v));
	assert_int_equal(parse("a/x.conf",
			       GOOD "identify = 87 text {port-id}\n[port]\nname = ge{port}\n", &v),
			 -EINVAL);
	assert_non_null(strstr(error, "{port-id}"));
	assert_int_equal(parse("a/x.conf", GOOD "[port]\nname = ge\n", &v), -EINVAL);
	assert_non_null(strstr(error, "a/x.conf:9: 'name' in [port]"));
	assert_int_equal(parse("a/x.conf", GOOD "[port]\nnumber = port 32\n", &v), -EINVAL);
	assert_int_equal(parse("a/x.conf", GOOD "[port]\nvlan = 1\n", &v), -EINVAL);
	assert_non_null(strstr(error, "no setting is called 'vlan' in [port]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_gives_its_vendor),
		cmocka_unit_test(a_wrong_line_is_named_with_its_file_and_number),
		cmocka_unit_test(a_line_an_attribute_and_a_file_have_their_bounds),
		cmocka_unit_test(a_file_is_called_after_its_vendor),
		cmocka_unit_test(all_vendors_of_this_project_load),
		cmocka_unit_test(a_folder_that_is_not_there_leaves_the_rfcs),
		cmocka_unit_test(a_ports_name_and_the_switchs_word_for_it_exclude_each_other),
		cmocka_unit_test(adding_a_vendor_is_adding_a_file_and_a_bad_one_stops_the_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
