#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "agent/guards/antivirus_product.h"
#include "agent/guards/guard.h"
#include "base/clock.h"
#include "base/file.h"
#include "place.h"

extern const struct guard guard_antivirus;

#define NOW_MS (INT64_C(1795400000) * SECOND_MS)

/* A file that the glob pattern matches: '*' becomes "x", "[lv]" the first of its letters. */
static void file_of_pattern(const char *pattern, char dst[256])
{
	size_t n = 0;

	for (const char *p = pattern; *p; p++) {
		bool set = *p == '[';

		dst[n++] = *p == '*' ? 'x' : p[set];
		if (set)
			p = strchr(p, ']');
	}
	dst[n] = 0;
}

static void install(const struct place *p, const struct antivirus_product *product)
{
	assert_int_equal(file_make_dirs(place_path(p, product->programs[0] + 1), 0755), 0);
}

static void start(const struct place *p, const struct antivirus_product *product, char state)
{
	char stat[128];

	snprintf(stat, sizeof(stat), "412 (%s) %c 1 412", product->processes[0], state);
	place_write(p, "proc/412/stat", stat);
}

static void update(const struct place *p, const struct antivirus_product *product, int64_t at_ms)
{
	struct timespec times[2] = {{.tv_sec = at_ms / SECOND_MS}, {.tv_sec = at_ms / SECOND_MS}};
	char file[256];

	file_of_pattern(product->definitions[0], file);
	place_write(p, file + 1, "definitions");
	assert_int_equal(utimensat(AT_FDCWD, place_path(p, file + 1), times, 0), 0);
}

static struct finding check(const struct place *p, const char *settings)
{
	json_t *object = settings ? json_loads(settings, 0, NULL) : NULL;
	const struct guard_context c = {p->top, NOW_MS, object};
	struct finding f;

	guard_antivirus.check(&c, &f);
	json_decref(object);
	return f;
}

static void assert_bad(const struct finding *f, const char *code)
{
	assert_int_equal(f->state, FINDING_BAD);
	assert_string_equal(f->reason->code, code);
}

static int make_root(void **state)
{
	if (place_make(state))
		return -1;
	place_write(*state, "proc/1/stat", "1 (init) S 0 1");
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_root, place_remove)

static void every_product_of_the_table_is_seen_in_each_of_its_states(void **state)
{
	struct place *p = *state;
	struct finding f;

	for (size_t i = 0; i < antivirus_product_count; i++) {
		const struct antivirus_product *product = &antivirus_products[i];

		f = check(p, NULL);
		assert_bad(&f, "missing");
		install(p, product);
		f = check(p, NULL);
		assert_bad(&f, "stopped");
		assert_string_equal(f.detail, product->name);
		start(p, product, 'S');
		f = check(p, NULL);
		assert_bad(&f, "no-definitions");
		update(p, product, NOW_MS - 8 * DAY_MS);
		f = check(p, NULL);
		assert_bad(&f, "outdated");
		update(p, product, NOW_MS - 6 * DAY_MS);
		f = check(p, NULL);
		assert_int_equal(f.state, FINDING_GOOD);
		assert_null(f.reason);
		assert_int_equal(strncmp(f.detail, product->name, strlen(product->name)), 0);
		place_remove_tree(p->top);
		assert_int_equal(mkdir(p->top, 0700), 0);
		place_write(p, "proc/1/stat", "1 (init) S 0 1");
	}
}

static void the_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < antivirus_product_count; i++) {
		const struct antivirus_product *product = &antivirus_products[i];

		assert_true(product->id[0] && product->name[0]);
		assert_non_null(product->programs[0]);
		assert_non_null(product->processes[0]);
		assert_non_null(product->definitions[0]);
		for (const char *const *name = product->processes; *name; name++)
			assert_true(strlen(*name) <= 15);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(product->id, antivirus_products[k].id);
	}
	for (size_t i = 0; i < guard_antivirus.reason_count; i++) {
		const struct guard_reason *r = &guard_antivirus.reasons[i];

		assert_true(r->zh[0] && r->en[0] && r->zh_todo[0] && r->en_todo[0]);
	}
}

static void the_policy_says_how_old_definitions_may_be(void **state)
{
	struct place *p = *state;
	struct finding f;

	start(p, &antivirus_products[0], 'S');
	update(p, &antivirus_products[0], NOW_MS - 3 * DAY_MS);
	f = check(p, "{\"definitions_max_days\": 2}");
	assert_bad(&f, "outdated");
	f = check(p, "{\"definitions_max_days\": 4}");
	assert_int_equal(f.state, FINDING_GOOD);
	f = check(p, "{\"definitions_max_days\": -1}");
	assert_int_equal(f.state, FINDING_GOOD);
}

static void only_the_products_that_the_policy_accepts_count(void **state)
{
	struct place *p = *state;
	struct finding f;

	start(p, &antivirus_products[0], 'S');
	update(p, &antivirus_products[0], NOW_MS);
	f = check(p, "{\"products\": [\"qianxin\", \"360\"]}");
	assert_bad(&f, "missing");
	f = check(p, "{\"products\": [\"qianxin\", \"clamav\"]}");
	assert_int_equal(f.state, FINDING_GOOD);
}

static void the_best_of_several_products_counts(void **state)
{
	struct place *p = *state;
	struct finding f;

	install(p, &antivirus_products[1]);
	start(p, &antivirus_products[0], 'S');
	update(p, &antivirus_products[0], NOW_MS);
	f = check(p, NULL);
	assert_int_equal(f.state, FINDING_GOOD);
}

static void a_zombie_does_not_guard(void **state)
{
	struct place *p = *state;
	struct finding f;

	install(p, &antivirus_products[0]);
	start(p, &antivirus_products[0], 'Z');
	f = check(p, NULL);
	assert_bad(&f, "stopped");
}

static void a_name_that_only_begins_alike_does_not_count(void **state)
{
	struct place *p = *state;
	struct finding f;

	place_write(p, "proc/9/stat", "9 (clamdscan) S 1 9");
	f = check(p, NULL);
	assert_bad(&f, "missing");
	place_write(p, "proc/9/stat", "9 (a) clamd (b) S 1 9");
	f = check(p, NULL);
	assert_bad(&f, "missing");
}

/* Invariant 5 */
static void a_process_list_that_cannot_be_read_is_unknown(void **state)
{
	struct place *p = *state;
	struct finding f;

	place_remove_tree(place_path(p, "proc"));
	f = check(p, NULL);
	assert_int_equal(f.state, FINDING_UNKNOWN);
	assert_string_equal(f.reason->code, "unreadable");
}

static void a_socket_that_accepts_is_a_running_scanner_and_a_dead_one_is_not(void **state)
{
	struct place *p = *state;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct finding f;

	install(p, &antivirus_products[0]);
	update(p, &antivirus_products[0], NOW_MS);
	assert_int_equal(file_make_dirs(place_path(p, "run/clamav"), 0755), 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%.64s/run/clamav/clamd.ctl", p->top);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	f = check(p, NULL);
	assert_bad(&f, "stopped");
	assert_int_equal(listen(fd, 1), 0);
	f = check(p, NULL);
	assert_int_equal(f.state, FINDING_GOOD);
	close(fd);
	f = check(p, NULL);
	assert_bad(&f, "stopped");
}

static void a_clamav_database_tells_its_own_time(void **state)
{
	static const char header[] = "ClamAV-VDB:16 Sep 2021 08-32 -0400:26297:1:";
	int64_t made_ms = 0, wanted_ms = 0;

	(void)state;
	assert_int_equal(clock_parse("2021-09-16T12:32:00Z", &wanted_ms), 0);
	assert_int_equal(antivirus_clamav_time(header, strlen(header), &made_ms), 0);
	assert_true(made_ms == wanted_ms);
}

static void a_database_header_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"ClamAV-VDB:",
		"ClamAV-VDB:16 Sep 2021 08-32 -0400",
		"ClamAV-VDB:16 Foo 2021 08-32 -0400:",
		"ClamAV-VDB:16 Sep 2021 08-32 -0400 x:",
		"ClamAV-VDX:16 Sep 2021 08-32 -0400:",
		"ClamAV-VDB:16 Sep 2021                          08-32 -0400:",
	};
	int64_t made_ms = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(antivirus_clamav_time(bad[i], strlen(bad[i]), &made_ms), -EBADMSG);
	assert_true(made_ms == 77);
}

/* A copied database has a fresh file time and an old header. */
static void the_header_of_a_database_outweighs_the_time_of_its_file(void **state)
{
	struct place *p = *state;
	struct finding f;

	start(p, &antivirus_products[0], 'S');
	place_write(p, "var/lib/clamav/daily.cvd", "ClamAV-VDB:16 Sep 2021 08-32 -0400:26297:");
	f = check(p, NULL);
	assert_bad(&f, "outdated");
	assert_string_equal(f.detail, "ClamAV, 2021-09-16 20:32");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(every_product_of_the_table_is_seen_in_each_of_its_states),
		CASE(the_table_is_whole),
		CASE(the_policy_says_how_old_definitions_may_be),
		CASE(only_the_products_that_the_policy_accepts_count),
		CASE(the_best_of_several_products_counts),
		CASE(a_zombie_does_not_guard),
		CASE(a_name_that_only_begins_alike_does_not_count),
		CASE(a_process_list_that_cannot_be_read_is_unknown),
		CASE(a_socket_that_accepts_is_a_running_scanner_and_a_dead_one_is_not),
		CASE(a_clamav_database_tells_its_own_time),
		CASE(a_database_header_that_is_none_is_refused),
		CASE(the_header_of_a_database_outweighs_the_time_of_its_file),
	};

	return cmocka_run_group_tests_name("antivirus", tests, NULL, NULL);
}
