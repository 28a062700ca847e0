/* Who is logged on, as logind's and utmp's files say it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#include "agent/guards/seats.h"
#include "base/file.h"
#include "place.h"

static struct seats load(const struct place *p, enum seats_source expected)
{
	enum seats_source source;
	struct seats s;

	assert_int_equal(seats_load(p->top, &s, &source), 0);
	assert_int_equal(source, expected);
	seats_ask(p->top, &s);
	return s;
}

static void without_both_nothing_is_known(void **state)
{
	assert_int_equal(load(*state, SEATS_BY_NOTHING).count, 0);
}

static void logind_names_persons_and_not_its_log_on_screen(void **state)
{
	struct place *p = *state;
	struct seats s;

	place_write(p, "run/systemd/sessions/c1", "USER=lightdm\nCLASS=greeter\nTYPE=x11\n");
	place_write(p, "run/systemd/sessions/c9", "USER=wang\nCLASS=user\nSTATE=closing\n");
	place_write(p, "run/systemd/sessions/3.ref", "USER=li\nCLASS=user\n");
	place_write(p, "run/systemd/sessions/3",
		    "USER=li\nCLASS=user\nSTATE=active\nTYPE=tty\nTTY=pts/77777\nLEADER=4711\n"
		    "REMOTE_HOST=10.1.2.3\nSERVICE=sshd\nREALTIME=1700000000000000\n");
	s = load(p, SEATS_BY_LOGIND);
	assert_int_equal(s.count, 1);
	assert_string_equal(s.list[0].user, "li");
	assert_string_equal(s.list[0].remote, "10.1.2.3");
	assert_int_equal(s.list[0].leader, 4711);
	assert_true(s.list[0].since_ms == INT64_C(1700000000000));
	assert_int_equal(s.list[0].idle_ms, -1); /* it has no such terminal */
	assert_false(s.list[0].graphical);
}

static void a_line_that_leads_out_of_dev_is_not_followed(void **state)
{
	struct place *p = *state;

	place_write(p, "dev/tty1", "");
	place_write(p, "tty1", "");
	place_write(p, "run/systemd/sessions/3", "USER=li\nCLASS=user\nTYPE=tty\nTTY=../tty1\n");
	assert_int_equal(load(p, SEATS_BY_LOGIND).list[0].idle_ms, -1);
	place_write(p, "run/systemd/sessions/3", "USER=li\nCLASS=user\nTYPE=tty\nTTY=tty1\n");
	assert_true(load(p, SEATS_BY_LOGIND).list[0].idle_ms >= 0);
}

static void utmp_counts_where_there_is_no_logind_and_only_the_living(void **state)
{
	struct place *p = *state;
	struct utmp u[2] = {
		{.ut_type = USER_PROCESS, .ut_pid = 17, .ut_line = "tty1", .ut_user = "li"},
		{.ut_type = USER_PROCESS, .ut_pid = 18, .ut_user = "gone"}};
	struct seats s;

	place_write(p, "proc/17/stat", "");
	place_write(p, "run/utmp", "");
	assert_int_equal(file_replace(place_path(p, "run/utmp"), u, sizeof(u), 0600), 0);
	s = load(p, SEATS_BY_UTMP);
	assert_int_equal(s.count, 1);
	assert_string_equal(s.list[0].user, "li");
	assert_string_equal(s.list[0].line, "tty1");
}

static void without_a_program_for_it_nothing_is_locked_or_switched_off(void **state)
{
	const struct place *p = *state;
	const struct seat s = {.id = "c2", .graphical = true};

	assert_int_equal(seat_lock(p->top, &s), -ENOENT);
	assert_int_equal(seat_end(p->top, &s, false), -ENOENT);
	assert_int_equal(seats_power_off(p->top), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_CASE(without_both_nothing_is_known),
		PLACE_CASE(logind_names_persons_and_not_its_log_on_screen),
		PLACE_CASE(a_line_that_leads_out_of_dev_is_not_followed),
		PLACE_CASE(utmp_counts_where_there_is_no_logind_and_only_the_living),
		PLACE_CASE(without_a_program_for_it_nothing_is_locked_or_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
