#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/core/guarding.h"
#include "base/file.h"
#include "place.h"

#define PERIOD_MS 40

/* A desk with one enforced guard, and an outbox that remembers the last word. */
struct desk {
	struct loop *loop;
	struct trusted_clock clock;
	struct kept_policy policy;
	struct outbox outbox;
	struct guarding *guarding;
	char root[96], state[96];
	int answer; /* of the outbox */
	unsigned told, changes, mended;
	char last[256];
};

static int take(void *arg, const char *kind, const char *body, size_t len)
{
	struct desk *d = arg;

	assert_string_equal(kind, "posture");
	if (d->answer)
		return d->answer;
	snprintf(d->last, sizeof(d->last), "%.*s", (int)len, body);
	d->told++;
	return 0;
}

static void on_change(void *arg, bool mended)
{
	struct desk *d = arg;

	d->changes++;
	d->mended += mended;
}

static void start_agent(struct desk *d, int64_t period_ms)
{
	const struct guarding_options o = {.loop = d->loop,
					   .root = d->root,
					   .state_dir = d->state,
					   .period_ms = period_ms,
					   .clock = &d->clock,
					   .policy = &d->policy,
					   .outbox = &d->outbox,
					   .on_change = on_change,
					   .arg = d};

	assert_int_equal(guarding_new(&o, &d->guarding), 0);
	guarding_start(d->guarding);
}

/* The other guards are off: what they find here is not this test's. */
static json_t *modes(const char *of_antivirus)
{
	json_t *all = json_object();

	for (size_t i = 0; i < guard_count; i++) {
		bool is_it = strcmp(guards[i]->name, "antivirus") == 0;

		json_object_set_new(all, guards[i]->name,
				    json_pack("{s:s}", "mode", is_it ? of_antivirus : "off"));
	}
	return all;
}

static struct desk *open_desk(const struct place *p, const char *mode)
{
	static struct desk d;

	d = (struct desk){.outbox = {take, &d}};
	snprintf(d.root, sizeof(d.root), "%.60s/root", p->top);
	snprintf(d.state, sizeof(d.state), "%.60s/state", p->top);
	place_write(p, "root/proc/1/stat", "1 (init) S 0 1");
	place_write(p, "root/var/lib/clamav/own.hdb", "definitions");
	assert_int_equal(file_make_dirs(d.state, 0700), 0);
	assert_int_equal(loop_new(&d.loop), 0);
	trusted_clock_init(&d.clock, place_path(p, "clock"), 0);
	d.policy.body = json_pack("{s:o}", "guards", modes(mode));
	return &d;
}

static void close_desk(struct desk *d)
{
	guarding_free(d->guarding);
	loop_free(d->loop);
	kept_policy_done(&d->policy);
}

static void run_scanner(const struct place *p, bool runs)
{
	if (runs)
		place_write(p, "root/proc/7/stat", "7 (clamd) S 1 7");
	else
		unlink(place_path(p, "root/proc/7/stat"));
}

static void let_run(struct desk *d, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		assert_int_equal(loop_step(d->loop, 5), 0);
}

static enum posture posture(const struct desk *d)
{
	return guarding_report(d->guarding)->posture;
}

static void a_change_is_told_once_and_not_again_after_a_restart(void **state)
{
	const struct place *p = *state;
	struct desk *d = open_desk(p, "enforce");

	start_agent(d, PERIOD_MS);
	assert_int_equal(posture(d), POSTURE_BAD);
	assert_string_equal(d->last, "{\"was\":\"unknown\",\"posture\":\"bad\","
				     "\"failing\":\"antivirus.missing\",\"warnings\":\"\"}");
	let_run(d, 3 * PERIOD_MS);
	assert_int_equal(d->told, 1);
	guarding_free(d->guarding);
	start_agent(d, PERIOD_MS);
	assert_int_equal(d->told, 1);
	run_scanner(p, true);
	let_run(d, 3 * PERIOD_MS);
	assert_int_equal(d->told, 2);
	assert_int_equal(posture(d), POSTURE_GOOD);
	assert_int_equal(d->mended, 1);
	close_desk(d);
}

static void a_service_that_only_restarts_is_no_violation(void **state)
{
	const struct place *p = *state;
	struct desk *d = open_desk(p, "enforce");

	run_scanner(p, true);
	start_agent(d, DAY_MS);
	assert_int_equal(posture(d), POSTURE_GOOD);
	run_scanner(p, false);
	guarding_policy_changed(d->guarding); /* looks at once */
	assert_int_equal(posture(d), POSTURE_GOOD);
	run_scanner(p, true);
	guarding_policy_changed(d->guarding);
	assert_int_equal(posture(d), POSTURE_GOOD);
	assert_int_equal(d->told, 1);
	run_scanner(p, false);
	guarding_policy_changed(d->guarding);
	guarding_policy_changed(d->guarding);
	assert_int_equal(posture(d), POSTURE_BAD);
	assert_int_equal(d->told, 2);
	close_desk(d);
}

static void while_the_queue_is_full_a_change_waits_and_is_not_lost(void **state)
{
	const struct place *p = *state;
	struct desk *d = open_desk(p, "enforce");

	run_scanner(p, true);
	start_agent(d, DAY_MS);
	assert_int_equal(d->told, 1);
	d->answer = -ENOBUFS;
	run_scanner(p, false);
	guarding_policy_changed(d->guarding);
	guarding_policy_changed(d->guarding);
	assert_int_equal(posture(d), POSTURE_BAD);
	assert_int_equal(d->told, 1);
	d->answer = 0;
	guarding_resume(d->guarding);
	assert_int_equal(d->told, 2);
	assert_non_null(strstr(d->last, "\"was\":\"good\",\"posture\":\"bad\""));
	guarding_resume(d->guarding);
	assert_int_equal(d->told, 2);
	close_desk(d);
}

static void what_came_and_went_while_the_queue_was_full_is_no_change(void **state)
{
	const struct place *p = *state;
	struct desk *d = open_desk(p, "enforce");

	run_scanner(p, true);
	start_agent(d, DAY_MS);
	d->answer = -ENOBUFS;
	run_scanner(p, false);
	guarding_policy_changed(d->guarding);
	guarding_policy_changed(d->guarding);
	run_scanner(p, true);
	guarding_policy_changed(d->guarding);
	d->answer = 0;
	guarding_resume(d->guarding);
	assert_int_equal(d->told, 1);
	close_desk(d);
}

static void a_watched_file_calls_for_a_look_long_before_the_period(void **state)
{
	const struct place *p = *state;
	struct desk *d = open_desk(p, "enforce");

	start_agent(d, DAY_MS);
	run_scanner(p, true);
	let_run(d, 200);
	assert_int_equal(posture(d), POSTURE_BAD); /* nobody watches /proc */
	place_write(p, "root/var/lib/clamav/own.hdb", "newer definitions");
	let_run(d, 1500);
	assert_int_equal(posture(d), POSTURE_GOOD);
	close_desk(d);
}

static void a_guard_that_is_off_looks_at_nothing(void **state)
{
	const struct place *p = *state;
	struct desk *d = open_desk(p, "off");

	start_agent(d, DAY_MS);
	assert_int_equal(posture(d), POSTURE_GOOD);
	assert_string_equal(guarding_report(d->guarding)->warnings, "");
	assert_int_equal(guarding_finding(d->guarding, 0)->state, FINDING_GOOD);
	close_desk(d);
}

/* Rule 5 */
static void what_costs_much_is_off_until_a_policy_names_it(void **state)
{
	static const char *const costly[] = {"session", "shares", "software", "files"};
	struct desk *d = open_desk(*state, "enforce");

	start_agent(d, DAY_MS);
	json_object_del(d->policy.body, "guards");
	for (size_t i = 0; i < guard_count; i++) {
		enum guard_mode expected = GUARD_WARN;

		for (size_t c = 0; c < ARRAY_SIZE(costly); c++)
			if (strcmp(guards[i]->name, costly[c]) == 0)
				expected = GUARD_OFF;
		assert_int_equal(guarding_mode(d->guarding, i), expected);
	}
	close_desk(d);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(a_change_is_told_once_and_not_again_after_a_restart),
		PLACE_CASE(a_service_that_only_restarts_is_no_violation),
		PLACE_CASE(while_the_queue_is_full_a_change_waits_and_is_not_lost),
		PLACE_CASE(what_came_and_went_while_the_queue_was_full_is_no_change),
		PLACE_CASE(a_watched_file_calls_for_a_look_long_before_the_period),
		PLACE_CASE(a_guard_that_is_off_looks_at_nothing),
		PLACE_CASE(what_costs_much_is_off_until_a_policy_names_it),
	};

	return cmocka_run_group_tests_name("guarding", tests, NULL, NULL);
}
