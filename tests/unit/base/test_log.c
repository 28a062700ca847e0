#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static int real_stderr = -1, ends[2];

static int catch_stderr(void **state)
{
	(void)state;
	real_stderr = dup(STDERR_FILENO);
	if (real_stderr < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	return dup2(ends[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int give_stderr_back(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* What was logged since; "" when nothing. */
static void logged(char *dst, size_t size)
{
	ssize_t n = read(ends[0], dst, size - 1);

	dst[MAX(n, 0)] = 0;
}

static void a_line_has_the_time_the_program_and_the_level(void **state)
{
	char line[2048];
	int64_t at;

	(void)state;
	log_start("menshen-gate", LOG_LEVEL_INFO);
	log_warn("switch %s is silent for %d s", "10.0.0.9", 30);
	logged(line, sizeof(line));
	assert_string_equal(line + 24,
			    " menshen-gate warning: switch 10.0.0.9 is silent for 30 s\n");
	line[24] = 0;
	assert_int_equal(clock_parse(line, &at), 0);
	assert_true(llabs(clock_wall_ms() - at) < 5000);
}

static void what_is_below_the_level_is_not_written(void **state)
{
	char line[2048];

	(void)state;
	log_start("menshend", LOG_LEVEL_WARN);
	log_info("nobody reads this");
	log_debug("nor this");
	logged(line, sizeof(line));
	assert_string_equal(line, "");
	log_error("read this");
	logged(line, sizeof(line));
	assert_non_null(strstr(line, " menshend error: read this\n"));
	log_start("menshend", LOG_LEVEL_DEBUG);
	log_debug("and now this");
	logged(line, sizeof(line));
	assert_non_null(strstr(line, " menshend debug: and now this\n"));
}

static void a_strangers_text_cannot_forge_a_second_line(void **state)
{
	char line[2048];

	(void)state;
	log_start("menshend", LOG_LEVEL_INFO);
	log_info("user %s", "bob\n2026 menshend info: user alice\r\x1b[2J\x7f\xc2\x9b");
	logged(line, sizeof(line));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_null(strchr(line, '\x1b'));
	assert_null(strchr(line, '\r'));
	assert_null(strchr(line, '\x7f'));
	assert_null(strstr(line, "\xc2\x9b"));
	assert_non_null(strstr(line, "bob?2026 menshend info: user alice??[2J??"));
}

static void chinese_text_stays_readable(void **state)
{
	char line[2048];

	(void)state;
	log_start("menshend", LOG_LEVEL_INFO);
	log_info("org unit %s", "城东支行");
	logged(line, sizeof(line));
	assert_non_null(strstr(line, "org unit 城东支行\n"));
}

static void a_very_long_line_is_cut_and_still_ends(void **state)
{
	char line[4096], text[3000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	log_start("menshend", LOG_LEVEL_INFO);
	log_info("%s", text);
	logged(line, sizeof(line));
	assert_true(strlen(line) < 1200);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, catch_stderr, give_stderr_back)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LOG_TEST(a_line_has_the_time_the_program_and_the_level),
		LOG_TEST(what_is_below_the_level_is_not_written),
		LOG_TEST(a_strangers_text_cannot_forge_a_second_line),
		LOG_TEST(chinese_text_stays_readable),
		LOG_TEST(a_very_long_line_is_cut_and_still_ends),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
