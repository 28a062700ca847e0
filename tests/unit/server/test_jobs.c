/* The clock flow on a real store: silence behind its breaker, and what ends by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "office.h"
#include "server/engine/permit.h"
#include "server/engine/sweep.h"
#include "server/engine/tripped.h"
#include "server/jobs/expiry.h"
#include "server/jobs/silence.h"

#define GRACE_MS 90000

enum { DESKS_MAX = 40 };

struct desks {
	struct office *o;
	struct terminal t[DESKS_MAX];
	int count;
	bool lifeline;
};

static int add_desks(struct store *s, int64_t now_ms, void *arg)
{
	struct desks *d = arg;
	int err = 0;

	for (int i = 0; !err && i < d->count; i++) {
		const struct terminal_spec spec = {.kind = TERMINAL_PC,
						   .unit_id = d->o->unit_id,
						   .status = TERMINAL_IN_USE,
						   .lifeline = d->lifeline};
		struct terminal_agent agent = {"1", "Linux", (const uint8_t *)"0123456789abcdef",
					       "c"};
		char serial[16];

		snprintf(serial, sizeof(serial), "%d", i);
		agent.certificate = serial;
		err = terminal_create(s, now_ms, &actor_system, &spec, &d->t[i]);
		if (!err)
			err = terminal_set_agent(s, now_ms, &actor_system, d->t[i].id, &agent);
		if (!err)
			err = terminal_set_posture(s, now_ms, &actor_system, d->t[i].id,
						   POSTURE_GOOD, "");
	}
	return err;
}

struct on_network {
	struct desks *d;
	int first, last;
};

static int put_sessions(struct store *s, int64_t now_ms, void *arg)
{
	struct on_network *n = arg;
	int err = 0;

	for (int i = n->first; !err && i < n->last; i++) {
		char session[16];
		struct mac mac = {{2, 0, 0, 0, 0, (uint8_t)i}};

		snprintf(session, sizeof(session), "s%d", i);
		err = store_exec(s, STMT_LIVE_SESSION_PUT,
				 STORE_ARGS(v_text(session), v_text("north"), v_mac(&mac),
					    v_int(n->d->t[i].id), v_text(""), v_int(1), v_text("p"),
					    v_int(n->d->o->unit_id), v_text(""), v_text("mab"),
					    v_text("admit"), v_text("ok"), v_int(now_ms), v_null(),
					    v_text(""), v_int(0), v_int(0), v_int(now_ms), v_int(1),
					    v_text(""), v_int(now_ms)),
				 NULL);
	}
	return err;
}

static enum posture posture_of(struct office *o, const struct terminal *t)
{
	struct terminal now;

	assert_int_equal(terminal_load(o->reader, t->id, &now), 1);
	return now.posture;
}

static int count_silent(struct desks *d)
{
	int silent = 0;

	for (int i = 0; i < d->count; i++)
		silent += posture_of(d->o, &d->t[i]) == POSTURE_SILENT;
	return silent;
}

/* `count` desks with agents, the first `online` of them with a live network session. */
static void open_desks(struct office *o, struct desks *d, int count, int online, bool lifeline)
{
	struct on_network n = {d, 0, online};

	office_open(o);
	*d = (struct desks){.o = o, .count = count, .lifeline = lifeline};
	assert_int_equal(office_act(o, add_desks, d, TOPIC_TERMINAL), 0);
	assert_int_equal(office_act(o, put_sessions, &n, TOPIC_SESSION), 0);
	assert_int_equal(silence_expect_known(o->reader, o->presence, 0), 0);
}

static struct silence *open_silence(struct office *o)
{
	const struct silence_options so = {.engine = o->engine,
					   .presence = o->presence,
					   .grace_ms = GRACE_MS,
					   .breaker = {5, 10, 600000}};
	struct silence *s = NULL;

	assert_int_equal(silence_new(&so, &s), 0);
	return s;
}

static int nothing(struct store *s, int64_t now_ms, void *arg)
{
	(void)s;
	(void)now_ms;
	(void)arg;
	return 0;
}

/* A round, and everything that it submitted has been answered. */
static void settle(struct office *o, struct silence *s, int64_t now_mono_ms)
{
	silence_round(s, now_mono_ms);
	assert_int_equal(office_act(o, nothing, NULL, TOPIC_SETTING), 0);
}

static void a_desk_on_the_network_that_is_not_heard_becomes_silent(void **state)
{
	struct office o;
	struct desks d;
	struct silence *s;

	(void)state;
	open_desks(&o, &d, 4, 2, false);
	s = open_silence(&o);
	settle(&o, s, GRACE_MS + 1);
	assert_int_equal(posture_of(&o, &d.t[0]), POSTURE_SILENT);
	assert_int_equal(posture_of(&o, &d.t[1]), POSTURE_SILENT);
	/* the others are switched off: nobody is hurt by their silence */
	assert_int_equal(posture_of(&o, &d.t[2]), POSTURE_GOOD);
	assert_int_equal(posture_of(&o, &d.t[3]), POSTURE_GOOD);
	office_verify(&o);
	silence_free(s);
	office_close(&o);
}

static void nothing_goes_stale_for_one_grace_after_a_start(void **state)
{
	struct office o;
	struct desks d;
	struct silence *s;

	(void)state;
	open_desks(&o, &d, 2, 2, false);
	s = open_silence(&o);
	settle(&o, s, GRACE_MS);
	assert_int_equal(count_silent(&d), 0);
	silence_free(s);
	office_close(&o);
}

static void a_desk_that_is_switched_on_again_has_its_time_to_report(void **state)
{
	struct office o;
	struct desks d;
	struct on_network n = {&d, 0, 1};
	struct silence *s;

	(void)state;
	open_desks(&o, &d, 1, 0, false);
	s = open_silence(&o);
	settle(&o, s, GRACE_MS + 1);
	assert_int_equal(count_silent(&d), 0);
	assert_int_equal(office_act(&o, put_sessions, &n, TOPIC_SESSION), 0);
	presence_session_began(o.presence, d.t[0].id, 10 * GRACE_MS);
	settle(&o, s, 10 * GRACE_MS + AGENT_GRACE_MS - 1);
	assert_int_equal(count_silent(&d), 0);
	settle(&o, s, 11 * GRACE_MS + AGENT_GRACE_MS + 1);
	assert_int_equal(count_silent(&d), 1);
	silence_free(s);
	office_close(&o);
}

static void all_desks_silent_at_once_trip_the_breaker_and_none_is_cut(void **state)
{
	struct office o;
	struct desks d;
	struct silence *s;
	struct presence_view v;
	struct presence_beat beat = {
		.now_mono_ms = 3 * GRACE_MS, .posture = POSTURE_GOOD, .failing = "", .user = ""};

	(void)state;
	open_desks(&o, &d, 20, 20, false);
	s = open_silence(&o);
	settle(&o, s, GRACE_MS + 1);
	assert_int_equal(count_silent(&d), 0);
	assert_int_equal(office_acts(&o, "breaker.tripped"), 1);
	settle(&o, s, 2 * GRACE_MS);
	settle(&o, s, 3 * GRACE_MS);
	assert_int_equal(count_silent(&d), 0);
	assert_int_equal(office_acts(&o, "breaker.tripped"), 1);
	/* one that comes and goes while the others are held is part of the wave still */
	assert_true(presence_get(o.presence, &d.t[0].uuid, &v) && v.held);
	assert_false(presence_beat(o.presence, &d.t[0].uuid, &beat));
	settle(&o, s, 4 * GRACE_MS + 1);
	assert_int_equal(count_silent(&d), 0);
	/* all are heard again, and one falls silent by itself: that one is cut */
	for (beat.now_mono_ms = 5 * GRACE_MS; beat.now_mono_ms <= 6 * GRACE_MS;
	     beat.now_mono_ms += GRACE_MS)
		for (size_t i = beat.now_mono_ms == 5 * GRACE_MS ? 0 : 1; i < 20; i++)
			(void)presence_beat(o.presence, &d.t[i].uuid, &beat);
	settle(&o, s, 6 * GRACE_MS + 1);
	assert_int_equal(count_silent(&d), 1);
	office_verify(&o);
	silence_free(s);
	office_close(&o);
}

static int reset_breaker(struct store *s, int64_t now_ms, void *arg)
{
	struct office *o = arg;

	return tripped_reset(s, now_ms, &actor_system, o->unit_id, "they are really gone");
}

static bool is_shown(struct office *o)
{
	return office_count(o, STMT_TRIPPED_STANDS, STORE_ARGS(v_int(o->unit_id))) == 1;
}

static void a_reset_lets_the_wave_through(void **state)
{
	struct office o;
	struct desks d;
	struct silence *s;

	(void)state;
	open_desks(&o, &d, 20, 20, false);
	s = open_silence(&o);
	assert_int_equal(office_act(&o, reset_breaker, &o, TOPIC_ALARM), -ENOENT);
	settle(&o, s, GRACE_MS + 1);
	settle(&o, s, 2 * GRACE_MS);
	assert_true(is_shown(&o));
	assert_int_equal(count_silent(&d), 0);
	assert_int_equal(office_act(&o, reset_breaker, &o, TOPIC_ALARM), 0);
	settle(&o, s, 3 * GRACE_MS);
	assert_int_equal(count_silent(&d), 20);
	assert_int_equal(office_acts(&o, "breaker.tripped"), 1);
	assert_int_equal(office_acts(&o, "breaker.reset"), 1);
	office_verify(&o);
	silence_free(s);
	office_close(&o);
}

static void a_wave_that_is_over_is_shown_no_more(void **state)
{
	struct office o;
	struct desks d;
	struct silence *s;
	struct presence_beat beat = {
		.now_mono_ms = 3 * GRACE_MS, .posture = POSTURE_GOOD, .failing = "", .user = ""};

	(void)state;
	open_desks(&o, &d, 20, 20, false);
	s = open_silence(&o);
	settle(&o, s, GRACE_MS + 1);
	assert_true(is_shown(&o));
	for (size_t i = 0; i < 20; i++)
		(void)presence_beat(o.presence, &d.t[i].uuid, &beat);
	settle(&o, s, 3 * GRACE_MS + 1);
	assert_false(is_shown(&o));
	assert_int_equal(office_act(&o, reset_breaker, &o, TOPIC_ALARM), -ENOENT);
	silence_free(s);
	office_close(&o);
}

static void life_line_terminals_are_never_touched(void **state)
{
	struct office o;
	struct desks d;
	struct silence *s;

	(void)state;
	open_desks(&o, &d, 2, 2, true);
	s = open_silence(&o);
	settle(&o, s, 100 * GRACE_MS);
	assert_int_equal(count_silent(&d), 0);
	silence_free(s);
	office_close(&o);
}

/* ---- what ends by itself ---- */

struct ending {
	struct desks *d;
	int64_t deny_id;
	struct mac mac;
};

static int begin_things(struct store *s, int64_t now_ms, void *arg)
{
	struct ending *e = arg;
	int err = terminal_isolate(s, now_ms, &actor_system, e->d->t[0].id, now_ms + MINUTE_MS,
				   "a stick");

	return err ? err
		   : deny_add(s, now_ms, &actor_system, &e->mac, now_ms + MINUTE_MS, "stranger",
			      &e->deny_id);
}

static void what_has_an_end_ends_by_itself_and_once(void **state)
{
	struct office o;
	struct desks d;
	struct ending e = {.d = &d, .mac = {{2, 0, 0, 0, 9, 9}}};
	struct expiry *x = NULL;
	struct terminal t;
	int64_t now = clock_wall_ms();

	(void)state;
	open_desks(&o, &d, 1, 0, false);
	assert_int_equal(office_act(&o, begin_things, &e, TOPIC_TERMINAL | TOPIC_DENY), 0);
	assert_int_equal(expiry_new(o.engine, o.store, 30 * DAY_MS, &x), 0);
	assert_int_equal(expiry_round(x, now), 0);
	assert_int_equal(office_act(&o, nothing, NULL, TOPIC_SETTING), 0);
	assert_int_equal(office_acts(&o, "terminal.release"), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(expiry_round(x, now + HOUR_MS), 0);
		assert_int_equal(office_act(&o, nothing, NULL, TOPIC_SETTING), 0);
	}
	assert_int_equal(office_acts(&o, "terminal.release"), 1);
	assert_int_equal(office_acts(&o, "deny.end"), 1);
	assert_int_equal(terminal_load(o.reader, d.t[0].id, &t), 1);
	assert_int_equal(t.isolated_at_ms, 0);
	office_verify(&o);
	expiry_free(x);
	office_close(&o);
}

/* ---- what nobody needs any more ---- */

#define LOGINS 300

static int put(struct store *s, enum store_stmt stmt, const struct store_value *args, size_t count)
{
	int64_t id;

	return store_insert(s, stmt, args, count, &id);
}

/* An account with logins, codes and a proposal; one login has time yet, and one code is asked for.
 */
static int leave_things(struct store *s, int64_t now_ms, void *arg)
{
	struct desks *d = arg;
	int64_t until = now_ms - 2 * HOUR_MS;
	int err = put(s, STMT_PERSON_INSERT,
		      STORE_ARGS(v_int(d->o->unit_id), v_text("王"), v_text("N1"), v_text(""),
				 v_text("")));

	if (!err)
		err = put(s, STMT_ACCOUNT_INSERT,
			  STORE_ARGS(v_int(1), v_text("wang"), v_text("!"), v_int(0), v_int(0),
				     v_null(), v_int(0)));
	for (uint32_t i = 0; !err && i < LOGINS; i++)
		err = put(s, STMT_LOGIN_INSERT,
			  STORE_ARGS(v_int(1), v_blob(&i, sizeof(i)), v_text("full"), v_text("::1"),
				     v_int(until - DAY_MS), v_int(i ? until : until + DAY_MS)));
	if (!err)
		err = put(s, STMT_ENROL_CODE_INSERT,
			  STORE_ARGS(v_int(d->t[0].id), v_blob("late", 4), v_int(until)));
	if (!err)
		err = put(s, STMT_ENROL_CODE_INSERT,
			  STORE_ARGS(v_int(d->t[0].id), v_blob("old", 3),
				     v_int(until - SWEEP_CODE_AFTER_MS)));
	if (!err)
		err = put(s, STMT_PROPOSAL_INSERT,
			  STORE_ARGS(v_text("unit.mode"), v_text("unit:1"), v_int(d->o->unit_id),
				     v_text("{}"), v_text("why"), v_int(1), v_int(until - DAY_MS),
				     v_int(until)));
	return err ? err : act_log(s, now_ms, &actor_system, "test", 0, "", json_object());
}

static void rounds(struct office *o, struct expiry *x, int64_t at_ms)
{
	for (int i = 0; i < 4; i++) {
		assert_int_equal(expiry_round(x, at_ms), 0);
		assert_int_equal(office_act(o, nothing, NULL, TOPIC_SETTING), 0);
	}
}

static bool is_login(struct office *o, uint32_t n, int64_t at_ms)
{
	return office_count(o, STMT_LOGIN_BY_TOKEN,
			    STORE_ARGS(v_blob(&n, sizeof(n)), v_int(at_ms))) > 0;
}

static bool is_code(struct office *o, const char *hash)
{
	return office_count(o, STMT_ENROL_CODE_BY_HASH, STORE_ARGS(v_blob(hash, strlen(hash)))) > 0;
}

static void what_is_over_is_swept_with_an_entry_and_the_rest_stays(void **state)
{
	struct office o;
	struct desks d;
	struct expiry *x = NULL;
	int64_t now = clock_wall_ms();

	(void)state;
	open_desks(&o, &d, 1, 0, false);
	assert_int_equal(office_act(&o, leave_things, &d, TOPIC_ACCOUNT), 0);
	assert_int_equal(expiry_new(o.engine, o.store, 30 * DAY_MS, &x), 0);
	rounds(&o, x, now - SWEEP_CODE_AFTER_MS - DAY_MS);
	assert_int_equal(office_acts(&o, "proposal.expire"), 0);
	assert_int_equal(office_acts(&o, "session.expire"), 0);
	rounds(&o, x, now);
	assert_int_equal(office_acts(&o, "proposal.expire"), 1);
	assert_int_equal(office_acts(&o, "session.expire"), 2); /* 256, and the rest */
	assert_int_equal(office_acts(&o, "enrol.code-expire"), 1);
	assert_false(is_login(&o, 1, 0));
	assert_false(is_login(&o, LOGINS - 1, 0));
	assert_true(is_login(&o, 0, now));
	assert_true(is_code(&o, "late"));
	assert_false(is_code(&o, "old"));
	office_verify(&o);
	expiry_free(x);
	office_close(&o);
}

static int end_session(struct store *s, int64_t now_ms, void *arg)
{
	const struct mac mac = {{2, 0, 0, 0, 0, 1}};
	const int64_t *ended_at = arg;

	return store_exec(s, STMT_LIVE_SESSION_PUT,
			  STORE_ARGS(v_text("s0"), v_text("north"), v_mac(&mac), v_null(),
				     v_text(""), v_int(1), v_text("p"), v_int(1), v_text(""),
				     v_text("mab"), v_text("admit"), v_text("ok"), v_int(*ended_at),
				     v_int(*ended_at), v_text("stop"), v_int(0), v_int(0),
				     v_int(*ended_at), v_int(0), v_text(""), v_int(now_ms)),
			  NULL);
}

static bool is_session(struct office *o, const char *session)
{
	json_t *rows;
	size_t count;

	assert_int_equal(store_list_json(o->reader, STMT_LIVE_SESSION_STATE,
					 STORE_ARGS(v_text(session)), 2, &rows),
			 0);
	count = json_array_size(rows);
	json_decref(rows);
	return count > 0;
}

static void a_session_that_ended_leaves_the_list_some_days_after_that_was_heard(void **state)
{
	int64_t now = clock_wall_ms(), ended_at = now - 40 * DAY_MS;
	struct expiry *x = NULL;
	struct office o;
	struct desks d;

	(void)state;
	open_desks(&o, &d, 2, 2, false);
	assert_int_equal(expiry_new(o.engine, o.store, 30 * DAY_MS, &x), 0);
	/* told late: what its gate tells next must still find it */
	assert_int_equal(office_act(&o, end_session, &ended_at, TOPIC_SESSION), 0);
	rounds(&o, x, now + 29 * DAY_MS);
	assert_true(is_session(&o, "s0"));
	rounds(&o, x, now + 31 * DAY_MS);
	assert_false(is_session(&o, "s0"));
	assert_true(is_session(&o, "s1")); /* it goes on */
	office_verify(&o);
	expiry_free(x);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_over_is_swept_with_an_entry_and_the_rest_stays),
		cmocka_unit_test(
			a_session_that_ended_leaves_the_list_some_days_after_that_was_heard),
		cmocka_unit_test(a_desk_on_the_network_that_is_not_heard_becomes_silent),
		cmocka_unit_test(nothing_goes_stale_for_one_grace_after_a_start),
		cmocka_unit_test(a_desk_that_is_switched_on_again_has_its_time_to_report),
		cmocka_unit_test(all_desks_silent_at_once_trip_the_breaker_and_none_is_cut),
		cmocka_unit_test(a_reset_lets_the_wave_through),
		cmocka_unit_test(a_wave_that_is_over_is_shown_no_more),
		cmocka_unit_test(life_line_terminals_are_never_touched),
		cmocka_unit_test(what_has_an_end_ends_by_itself_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
