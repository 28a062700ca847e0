#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "gate/beside/learnt.h"

#define WINDOWS "1,3,6,15,31,33/MSFT 5.0"
#define LINUX "1,28,2,3,15,6,119,12"

static char dir[] = "/tmp/learnt-test-XXXXXX";
static char path[64];
static struct learnt *l;
static char note[LEARNT_NOTE_SIZE];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/learnt", dir);
	return learnt_new(path, &l);
}

static int teardown(void **state)
{
	(void)state;
	learnt_free(l);
	unlink(path);
	rmdir(dir);
	return text_copy(dir, sizeof(dir), "/tmp/learnt-test-XXXXXX");
}

static bool look(uint8_t mac, int64_t terminal, const char *print, const char *name, bool learn)
{
	struct learnt_look k = {.mac = {{2, 0, 0, 0, 0, mac}}, .terminal_id = terminal};

	assert_int_equal(text_copy(k.print, sizeof(k.print), print), 0);
	assert_int_equal(text_copy(k.name, sizeof(k.name), name), 0);
	return learnt_differs(l, &k, learn, note);
}

static void begin_again(void)
{
	learnt_free(l);
	l = NULL;
	assert_int_equal(learnt_new(path, &l), 0);
}

static void another_system_differs_and_says_both(void **state)
{
	(void)state;
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	assert_true(look(1, 7, LINUX, "pc-1", true));
	assert_non_null(strstr(note, "'" LINUX "'"));
	assert_non_null(strstr(note, "'" WINDOWS "'"));
	/* The first look stays: the rightful one is never blamed for the clone. */
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
}

static void another_name_differs_but_for_what_netbios_cuts(void **state)
{
	(void)state;
	assert_false(look(1, 7, "", "counter-0417-north", true));
	assert_false(look(1, 7, "", "counter-0417-no", true));
	assert_true(look(1, 7, "", "kali", true));
	assert_non_null(strstr(note, "'kali'"));
}

static void who_is_not_let_in_teaches_nothing(void **state)
{
	(void)state;
	assert_false(look(1, 7, LINUX, "kali", false));
	assert_int_equal(learnt_count(l), 0);
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	assert_true(look(1, 7, LINUX, "kali", false));
}

static void what_was_not_heard_is_learnt_later(void **state)
{
	(void)state;
	assert_false(look(1, 7, "", "pc-1", true));
	assert_false(look(1, 7, WINDOWS, "", true));
	assert_true(look(1, 7, LINUX, "pc-1", true));
	assert_true(look(1, 7, WINDOWS, "kali", true));
}

static void a_start_from_the_network_is_nobody_else(void **state)
{
	(void)state;
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	assert_false(look(1, 7, "1,2,3/PXEClient:Arch:00007", "", true));
}

static void a_mac_of_another_terminal_is_learnt_anew(void **state)
{
	(void)state;
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	assert_false(look(1, 8, LINUX, "server-2", true));
	assert_true(look(1, 8, WINDOWS, "pc-1", true));
}

static void it_is_known_after_a_restart_and_forgotten_for_good(void **state)
{
	const struct mac mac = {{2, 0, 0, 0, 0, 1}};

	(void)state;
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	begin_again();
	assert_true(look(1, 7, LINUX, "pc-1", true));
	assert_int_equal(learnt_forget(l, &mac), 0);
	assert_int_equal(learnt_forget(l, &mac), -ENOENT);
	begin_again();
	assert_false(look(1, 7, LINUX, "pc-1", true));
}

static void a_torn_file_keeps_what_is_whole(void **state)
{
	int fd;

	(void)state;
	assert_false(look(1, 7, WINDOWS, "pc-1", true));
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "\0\0\0\x60torn", 8), 8);
	close(fd);
	begin_again();
	assert_true(look(1, 7, LINUX, "pc-1", true));
}

static void what_is_outdated_is_not_kept_for_ever(void **state)
{
	struct stat before, after;

	(void)state;
	for (int64_t terminal = 1; terminal <= 100; terminal++)
		assert_false(look(1, terminal, WINDOWS, "pc-1", true));
	assert_int_equal(stat(path, &before), 0);
	begin_again();
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_size * 50 < before.st_size);
	assert_true(look(1, 100, LINUX, "pc-1", true));
	begin_again();
	assert_true(look(1, 100, LINUX, "pc-1", true));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_system_differs_and_says_both),
		TEST(another_name_differs_but_for_what_netbios_cuts),
		TEST(who_is_not_let_in_teaches_nothing),
		TEST(what_was_not_heard_is_learnt_later),
		TEST(a_start_from_the_network_is_nobody_else),
		TEST(a_mac_of_another_terminal_is_learnt_anew),
		TEST(it_is_known_after_a_restart_and_forgotten_for_good),
		TEST(a_torn_file_keeps_what_is_whole),
		TEST(what_is_outdated_is_not_kept_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
