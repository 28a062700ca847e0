/* A month's knocks replayed, in a store of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "office.h"
#include "server/engine/account.h"
#include "server/engine/dry_run.h"
#include "server/engine/org.h"
#include "server/engine/unit_choice.h"

static const uint8_t epoch[16] = {9};
static const struct mac stranger = {{0, 0x1e, 0x67, 0, 0, 1}}, desk = {{0, 0x1e, 0x67, 0, 0, 2}};

struct month {
	struct office o;
	int64_t now_ms, terminal_id;
	struct store_record records[16];
	size_t count;
};

static void add(struct month *m, const char *kind, const char *verdict, const char *reason,
		const char *body, const struct mac *mac)
{
	m->records[m->count] = (struct store_record){
		.seq = m->count + 1,
		.at_ms = m->now_ms - HOUR_MS + (int64_t)m->count,
		.kind = kind,
		.unit_id = m->o.unit_id,
		.terminal_id = mac == &desk ? m->terminal_id : 0,
		.switch_id = 3,
		.mac = mac,
		.account = mac == &desk ? "wang" : "",
		.port = "GE1/0/1",
		.verdict = verdict,
		.reason = reason,
		.body = body,
	};
	m->count++;
}

static int put_terminal(struct store *s, int64_t now_ms, void *arg)
{
	struct month *m = arg;
	struct terminal_spec spec = {.kind = TERMINAL_PC,
				     .unit_id = m->o.unit_id,
				     .name = "desk",
				     .status = TERMINAL_IN_USE};
	struct terminal t;
	int err = terminal_create(s, now_ms, &actor_system, &spec, &t);

	m->terminal_id = t.id;
	return err ? err : terminal_own_mac(s, now_ms, &actor_system, t.id, &desk);
}

static int put_records(struct store *s, int64_t now_ms, void *arg)
{
	struct month *m = arg;

	(void)now_ms;
	return store_records(s, "gate:north", epoch, m->records, m->count);
}

static void month_open_for(struct month *m)
{
	*m = (struct month){.now_ms = clock_wall_ms()};
	office_open(&m->o);
	assert_int_equal(office_act(&m->o, put_terminal, m, TOPIC_TERMINAL), 0);
}

static json_t *replay(struct month *m, struct dry_run_spec spec)
{
	json_t *report = NULL;

	if (m->count)
		assert_int_equal(office_act(&m->o, put_records, m, 0), 0);
	m->count = 0;
	spec.from_ms = m->now_ms - 30 * DAY_MS;
	spec.until_ms = spec.now_ms = m->now_ms + HOUR_MS;
	if (!spec.most)
		spec.most = 100;
	assert_int_equal(dry_run(m->o.reader, &spec, &report), 0);
	return report;
}

static int64_t number(const json_t *report, const char *name)
{
	assert_true(json_is_integer(json_object_get(report, name)));
	return json_integer_value(json_object_get(report, name));
}

static const char *in_row(const json_t *report, size_t row, const char *name)
{
	const char *s = json_string_value(
		json_object_get(json_array_get(json_object_get(report, "rows"), row), name));

	assert_non_null(s);
	return s;
}

#define OBSERVED_STRANGER                                                                          \
	"{\"method\":\"mab\",\"would_be\":\"isolate\",\"would_be_reason\":\"terminal-unknown\"}"
#define GOOD_DESK "{\"method\":\"eap-password\",\"would_be\":\"admit\",\"would_be_reason\":\"ok\"}"

static void enforcing_would_have_kept_out_whom_observing_let_in(void **state)
{
	struct dry_run_spec spec = {0};
	struct month m;
	json_t *report;

	(void)state;
	month_open_for(&m);
	for (int i = 0; i < 3; i++)
		add(&m, "knock", "admit", "observed", OBSERVED_STRANGER, &stranger);
	add(&m, "knock", "admit", "ok", GOOD_DESK, &desk);
	report = replay(&m, spec);
	assert_int_equal(number(report, "replayed"), 4);
	assert_int_equal(number(report, "devices"), 0);
	json_decref(report);

	spec.modes[0] = (struct dry_run_mode){"/", MODE_ENFORCE};
	spec.mode_count = 1;
	report = replay(&m, spec);
	assert_int_equal(number(report, "kept_out"), 3);
	assert_int_equal(number(report, "devices"), 1);
	assert_string_equal(in_row(report, 0, "mac"), "00:1e:67:00:00:01");
	assert_string_equal(in_row(report, 0, "verdict"), "isolate");
	assert_string_equal(in_row(report, 0, "reason"), "terminal-unknown");
	assert_string_equal(in_row(report, 0, "today_reason"), "terminal-unknown");
	assert_int_equal(number(json_array_get(json_object_get(report, "rows"), 0), "times"), 3);
	json_decref(report);
	office_close(&m.o);
}

static void a_draft_counts_what_desks_found_at_that_time(void **state)
{
	json_t *policy = json_pack("{s:{s:{s:s}}}", "guards", "antivirus", "mode", "enforce");
	struct dry_run_spec spec = {.policy = policy};
	struct month m;
	json_t *report;

	(void)state;
	month_open_for(&m);
	add(&m, "posture", NULL, NULL,
	    "{\"was\":\"unknown\",\"posture\":\"good\",\"failing\":\"\",\"warnings\":\"antivirus."
	    "old\"}",
	    &desk);
	add(&m, "knock", "admit", "ok", GOOD_DESK, &desk);
	add(&m, "posture", NULL, NULL,
	    "{\"was\":\"good\",\"posture\":\"good\",\"failing\":\"\",\"warnings\":\"\"}", &desk);
	add(&m, "knock", "admit", "ok", GOOD_DESK, &desk);
	spec.modes[0] = (struct dry_run_mode){"/", MODE_ENFORCE};
	spec.mode_count = 1;
	report = replay(&m, spec);
	assert_int_equal(number(report, "replayed"), 2);
	assert_int_equal(number(report, "kept_out"), 1);
	assert_string_equal(in_row(report, 0, "reason"), "posture-bad");
	assert_string_equal(in_row(report, 0, "account"), "wang");
	json_decref(report);
	json_decref(policy);
	office_close(&m.o);
}

static void only_the_units_of_the_scope_are_replayed(void **state)
{
	json_t *elsewhere = json_pack("[s]", "/999/");
	struct dry_run_spec spec = {.scope = elsewhere};
	struct month m;
	json_t *report;

	(void)state;
	month_open_for(&m);
	add(&m, "knock", "admit", "observed", OBSERVED_STRANGER, &stranger);
	report = replay(&m, spec);
	assert_int_equal(number(report, "replayed"), 0);
	json_decref(report);
	json_decref(elsewhere);
	office_close(&m.o);
}

static void rows_beyond_the_most_are_counted_and_not_kept(void **state)
{
	struct dry_run_spec spec = {.most = 1, .mode_count = 1};
	struct month m;
	json_t *report;

	(void)state;
	month_open_for(&m);
	add(&m, "knock", "admit", "observed", OBSERVED_STRANGER, &stranger);
	add(&m, "knock", "admit", "observed", OBSERVED_STRANGER, &desk);
	spec.modes[0] = (struct dry_run_mode){"/", MODE_ENFORCE};
	report = replay(&m, spec);
	assert_int_equal(json_array_size(json_object_get(report, "rows")), 1);
	assert_int_equal(number(report, "rows_left_out"), 1);
	assert_int_equal(number(report, "kept_out"), 2);
	json_decref(report);
	office_close(&m.o);
}

#define LAST_KNOWN_DESK                                                                            \
	"{\"method\":\"eap-password\",\"would_be\":\"admit\",\"would_be_reason\":\"ok\","          \
	"\"last_known\":1}"

static int put_wang(struct store *s, int64_t now_ms, void *arg)
{
	const struct month *m = arg;
	const struct person_spec wang = {
		.unit_id = m->o.unit_id, .name = "王", .staff_no = "1", .post = "", .phone = ""};
	const struct password none = {.hash = "!"};
	struct refused why = {0};
	int64_t id;
	int err = person_create(s, now_ms, &actor_system, &wang, &id, &why);

	return err ? err : account_create(s, now_ms, &actor_system, id, "wang", &none, &id, &why);
}

static int choose_silence(struct store *s, int64_t now_ms, void *arg)
{
	const struct month *m = arg;
	struct refused why = {0};

	return unit_choose(s, now_ms, &actor_system, &unit_last_known, m->o.unit_id, 0, "test",
			   &why);
}

static void a_last_known_account_is_let_in_until_its_unit_chooses_silence(void **state)
{
	struct month m;
	json_t *report;

	(void)state;
	month_open_for(&m);
	assert_int_equal(office_act(&m.o, put_wang, &m, TOPIC_ACCOUNT), 0);
	add(&m, "knock", "admit", "ok", GOOD_DESK, &desk);
	add(&m, "knock", "admit", "ok", LAST_KNOWN_DESK, &desk);
	report = replay(&m, (struct dry_run_spec){0});
	assert_int_equal(number(report, "replayed"), 2);
	assert_int_equal(number(report, "kept_out"), 0); /* a gate's own file may have let it in */
	json_decref(report);
	assert_int_equal(office_act(&m.o, choose_silence, &m, TOPIC_UNIT), 0);
	report = replay(&m, (struct dry_run_spec){0});
	assert_int_equal(number(report, "kept_out"), 1);
	assert_string_equal(in_row(report, 0, "reason"), "directory-down");
	json_decref(report);
	office_close(&m.o);
}

static void a_record_without_a_verdict_is_counted_as_not_replayed(void **state)
{
	struct month m;
	json_t *report;

	(void)state;
	month_open_for(&m);
	add(&m, "knock", "admit", "ok", "{}", &desk);
	report = replay(&m, (struct dry_run_spec){0});
	assert_int_equal(number(report, "not_replayed"), 1);
	assert_int_equal(number(report, "replayed"), 0);
	json_decref(report);
	office_close(&m.o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enforcing_would_have_kept_out_whom_observing_let_in),
		cmocka_unit_test(a_draft_counts_what_desks_found_at_that_time),
		cmocka_unit_test(only_the_units_of_the_scope_are_replayed),
		cmocka_unit_test(rows_beyond_the_most_are_counted_and_not_kept),
		cmocka_unit_test(a_last_known_account_is_let_in_until_its_unit_chooses_silence),
		cmocka_unit_test(a_record_without_a_verdict_is_counted_as_not_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
