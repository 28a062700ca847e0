/* Which programs run (D14, D15, C04). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/software_rules.h"

#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const uint8_t hash[PROGRAM_HASH_SIZE] = {0x9f, 0x86, 0xd0, 0x81, 0x88, 0x4c, 0x7d, 0x65,
						0x9a, 0x2f, 0xea, 0xa0, 0xc5, 0x5a, 0xd0, 0x15,
						0xa3, 0xbf, 0x4f, 0x1b, 0x2b, 0x0b, 0x82, 0x2c,
						0xd1, 0x5d, 0x6c, 0x15, 0xb0, 0xf0, 0x0a, 0x08};
static const uint8_t other_hash[PROGRAM_HASH_SIZE] = {1};
static const struct program own = {
	.path = "/home/li/game", .size = 100, .owner = 1000, .mode = 0755, .runner = 1000};
static const struct program systems = {
	.path = "/usr/bin/vi", .size = 100, .owner = 0, .mode = 0755, .runner = 1000};

static struct software_rules rules(const char *text)
{
	json_t *settings = json_loads(text, 0, NULL);
	char where[SOFTWARE_WHERE_SIZE];
	struct software_rules r;

	assert_non_null(settings);
	assert_int_equal(software_rules_parse(settings, &r, where), 0);
	json_decref(settings);
	return r;
}

static void refused(const char *text, const char *place)
{
	json_t *settings = json_loads(text, 0, NULL);
	char where[SOFTWARE_WHERE_SIZE] = "";
	struct software_rules r = {.count = 77};

	assert_non_null(settings);
	assert_int_equal(software_rules_parse(settings, &r, where), -EINVAL);
	assert_string_equal(where, place);
	assert_int_equal(r.count, 77);
	json_decref(settings);
}

static enum software_answer decide(const char *text, const struct program *p,
				   const struct software_facts *given)
{
	struct software_rules r = rules(text);
	struct software_verdict v;
	struct map none;
	struct software_facts f = given ? *given : (struct software_facts){.now_ms = 1000};

	map_init(&none, 0);
	if (!f.files)
		f.files = &none;
	software_decide(&r, &f, p, &v);
	software_rules_done(&r);
	return v.answer;
}

static void a_path_denies_a_file_or_all_below_a_folder(void **state)
{
	struct program p = own;

	(void)state;
	assert_int_equal(decide("{\"denied\":[\"path:/home/li/game\"]}", &p, NULL), SOFTWARE_DENY);
	assert_int_equal(decide("{\"denied\":[\"path:/home/li/\"]}", &p, NULL), SOFTWARE_DENY);
	assert_int_equal(decide("{\"denied\":[\"path:/home/li\"]}", &p, NULL), SOFTWARE_RUN);
	p.path = "/home/li/games";
	assert_int_equal(decide("{\"denied\":[\"path:/home/li/game\"]}", &p, NULL), SOFTWARE_RUN);
	p.way = PROGRAM_READ;
	assert_int_equal(decide("{\"denied\":[\"path:/home/\"]}", &p, NULL), SOFTWARE_DENY);
	p.way = PROGRAM_DATA;
	assert_int_equal(decide("{\"denied\":[\"path:/home/\"]}", &p, NULL), SOFTWARE_RUN);
}

static void a_hash_is_asked_for_where_it_decides_and_only_there(void **state)
{
	struct program p = own;

	(void)state;
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH "\"]}", &p, NULL), SOFTWARE_HASH);
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH ":99\"]}", &p, NULL), SOFTWARE_RUN);
	assert_int_equal(decide("{\"denied\":[\"path:/home/\",\"sm3:" HASH "\"]}", &p, NULL),
			 SOFTWARE_DENY);
	p.sha256 = hash;
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH "\"]}", &p, NULL), SOFTWARE_DENY);
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH ":100\"]}", &p, NULL), SOFTWARE_DENY);
	p.sha256 = other_hash;
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH "\"]}", &p, NULL), SOFTWARE_RUN);
	p.way = PROGRAM_DATA;
	p.sha256 = NULL;
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH "\"]}", &p, NULL), SOFTWARE_RUN);
	assert_int_equal(decide("{\"denied\":[\"sha256:" HASH ":100\"]}", &p, NULL), SOFTWARE_HASH);
}

static void a_package_and_its_publisher_deny_its_files(void **state)
{
	struct software_package game = {"game", "Idle Soft <a@b>"};
	struct software_facts f = {.now_ms = 1000};
	struct map files;
	void *old;

	(void)state;
	map_init(&files, 0);
	assert_int_equal(map_put(&files, own.path, &game, &old), 0);
	f.files = &files;
	assert_int_equal(decide("{\"denied\":[\"package:game\"]}", &own, &f), SOFTWARE_DENY);
	assert_int_equal(decide("{\"denied\":[\"publisher:idle soft\"]}", &own, &f), SOFTWARE_DENY);
	assert_int_equal(decide("{\"denied\":[\"package:gam\"]}", &own, &f), SOFTWARE_RUN);
	assert_int_equal(decide("{\"denied\":[\"package:game\"]}", &systems, &f), SOFTWARE_RUN);
	map_done(&files);
}

static void an_exception_goes_before_a_denial_until_it_ends(void **state)
{
	static const char text[] =
		"{\"denied\":[\"path:/home/\"],\"except\":[{\"program\":\"path:/home/li/game\","
		"\"until\":\"1970-01-01T00:00:02Z\"}]}";
	struct software_facts f = {.now_ms = 1999};

	(void)state;
	assert_int_equal(decide(text, &own, &f), SOFTWARE_RUN);
	f.now_ms = 2000;
	assert_int_equal(decide(text, &own, &f), SOFTWARE_DENY);
}

static void what_was_learnt_is_denied_under_any_name_but_never_what_is_the_systems(void **state)
{
	struct software_item item = {.list = SOFTWARE_DENIED};
	struct software_learnt learnt = {.size = 100, .item = &item};
	struct software_facts f = {.learnt = &learnt, .learnt_count = 1};
	struct program p = own, shell = systems;

	(void)state;
	memcpy(learnt.sha256, hash, sizeof(hash));
	assert_int_equal(decide("{}", &p, &f), SOFTWARE_HASH);
	p.sha256 = shell.sha256 = hash;
	assert_int_equal(decide("{}", &p, &f), SOFTWARE_DENY);
	assert_int_equal(decide("{}", &shell, &f), SOFTWARE_RUN);
	p.sha256 = other_hash;
	assert_int_equal(decide("{}", &p, &f), SOFTWARE_RUN);
	p.sha256 = NULL;
	p.size = 101;
	assert_int_equal(decide("{}", &p, &f), SOFTWARE_RUN);
}

static void a_white_list_leaves_the_system_and_root_running(void **state)
{
	struct program p = own;

	(void)state;
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_DENY);
	assert_int_equal(decide("{\"default\":\"deny\"}", &systems, NULL), SOFTWARE_RUN);
	assert_int_equal(
		decide("{\"default\":\"deny\",\"allowed\":[\"path:/home/li/\"]}", &p, NULL),
		SOFTWARE_RUN);
	assert_int_equal(
		decide("{\"default\":\"deny\",\"allowed\":[\"sha256:" HASH "\"]}", &p, NULL),
		SOFTWARE_HASH);
	p.runner = 0;
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_DENY);
	p.owner = 0;
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_RUN);
	p.mode = 0775;
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_DENY);
	p.way = PROGRAM_READ;
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_RUN);
	p.way = PROGRAM_LOADED;
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_DENY);
	p = systems;
	p.path = "/usr/local/bin/own";
	assert_int_equal(decide("{\"default\":\"deny\"}", &p, NULL), SOFTWARE_DENY);
}

static void a_persons_program_of_no_package_is_of_unknown_origin(void **state)
{
	struct software_facts f = {.now_ms = 0};
	struct program p = own, installed = systems, stick = systems;
	struct map none;

	(void)state;
	map_init(&none, 0);
	f.files = &none;
	stick.path = "/media/li/stick/run"; /* mounted as root's */
	assert_true(program_is_of_unknown_origin(&f, &p));
	assert_true(program_is_of_unknown_origin(&f, &stick));
	installed.path = "/opt/office/run";
	assert_false(program_is_of_unknown_origin(&f, &installed));
	assert_false(program_is_of_unknown_origin(&f, &systems));
	p.runner = 0;
	assert_false(program_is_of_unknown_origin(&f, &p));
}

static void a_wrong_word_is_named_and_a_folder_of_the_systems_is_not_denied(void **state)
{
	(void)state;
	refused("{\"default\":\"maybe\"}", "default");
	refused("{\"denied\":\"path:/x\"}", "denied");
	refused("{\"denied\":[\"path:/x\",\"file:/y\"]}", "denied[1]");
	refused("{\"denied\":[\"sha256:12\"]}", "denied[0]");
	refused("{\"denied\":[\"sm3:" HASH ":x\"]}", "denied[0]");
	refused("{\"denied\":[\"publisher:ab\"]}", "denied[0]");
	refused("{\"denied\":[\"package:\"]}", "denied[0]");
	refused("{\"denied\":[7]}", "denied[0]");
	refused("{\"denied\":[\"path:opt/\"]}", "denied[0]");
	refused("{\"denied\":[\"path:/\"]}", "denied[0]");
	refused("{\"denied\":[\"path:/usr/\"]}", "denied[0]");
	refused("{\"denied\":[\"path:/usr/bin/\"]}", "denied[0]");
	refused("{\"denied\":[\"path:/opt//\"]}", "denied[0]");
	refused("{\"except\":[{\"program\":\"package:x\"}]}", "except[0]");
	refused("{\"except\":[{\"until\":\"2030-01-01T00:00:00Z\"}]}", "except[0]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_denies_a_file_or_all_below_a_folder),
		cmocka_unit_test(a_hash_is_asked_for_where_it_decides_and_only_there),
		cmocka_unit_test(a_package_and_its_publisher_deny_its_files),
		cmocka_unit_test(an_exception_goes_before_a_denial_until_it_ends),
		cmocka_unit_test(
			what_was_learnt_is_denied_under_any_name_but_never_what_is_the_systems),
		cmocka_unit_test(a_white_list_leaves_the_system_and_root_running),
		cmocka_unit_test(a_persons_program_of_no_package_is_of_unknown_origin),
		cmocka_unit_test(a_wrong_word_is_named_and_a_folder_of_the_systems_is_not_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
