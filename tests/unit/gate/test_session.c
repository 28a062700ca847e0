#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/live/session.h"

/* The log, entry by entry, as a disk would have it. */
static struct {
	uint8_t bytes[64][512];
	size_t len[64], count;
} written;

static struct sessions *sessions;

static void write_entry(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	assert_true(written.count < 64 && len <= 512);
	memcpy(written.bytes[written.count], entry, len);
	written.len[written.count++] = len;
}

static int setup(void **state)
{
	(void)state;
	written.count = 0;
	return sessions_new(write_entry, NULL, &sessions);
}

static int teardown(void **state)
{
	(void)state;
	sessions_free(sessions);
	return 0;
}

static struct session_grant grant_of(uint8_t mac, int64_t switch_id, const char *port,
				     const char *account)
{
	return (struct session_grant){
		.at_ms = 1000,
		.mac = {{2, 0, 0, 0, 0, mac}},
		.method = KNOCK_EAP_PASSWORD,
		.switch_id = switch_id,
		.terminal_id = mac,
		.port = port,
		.account = account,
		.calling = "02-00-00-00-00-01",
		.decision = {VERDICT_ADMIT, REASON_OK, VERDICT_ADMIT, REASON_OK},
	};
}

static struct session *grant(const struct session_grant *g, bool *ret_moved)
{
	struct session *n = NULL, old;
	bool moved = false;

	assert_int_equal(sessions_grant(sessions, g, &n, &moved, &old), 0);
	if (ret_moved)
		*ret_moved = moved;
	return n;
}

static void whose_word_a_session_is_survives_a_restart(void **state)
{
	const struct session_grant own = grant_of(1, 1, "p1", "alice");
	struct session said = *grant(&own, NULL), *n;
	CLEANUP_SESSIONS struct sessions *again = NULL;

	(void)state;
	said.mac.b[5] = 2;
	memset(said.class_id, 7, CLASS_SIZE);
	assert_int_equal(sessions_origin(sessions, "south", &said.origin), 0);
	said.version += 5;
	assert_int_equal(sessions_adopt(sessions, &said, &n), 0);
	assert_int_equal(sessions_live_of(sessions, 0), 1);
	assert_int_equal(sessions_live_of(sessions, said.origin), 1);
	assert_int_equal(sessions_new(write_entry, NULL, &again), 0);
	for (size_t i = 0; i < written.count; i++)
		assert_int_equal(sessions_restore(again, written.bytes[i], written.len[i]), 0);
	n = sessions_by_mac(again, &said.mac);
	assert_non_null(n);
	assert_string_equal(sessions_origin_name(again, n->origin), "south");
	assert_true(n->version == said.version && n->begun == said.begun);
	n = sessions_by_mac(again, &own.mac);
	assert_int_equal(n->origin, 0);
	/* what is changed from now on is later than all that was said */
	sessions_touch(again, n);
	assert_true(n->version > said.version);
}

static void a_session_is_found_by_class_mac_and_account(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);

	(void)state;
	assert_ptr_equal(sessions_by_class(sessions, n->class_id, CLASS_SIZE), n);
	assert_ptr_equal(sessions_by_mac(sessions, &g.mac), n);
	assert_ptr_equal(sessions_of_account(sessions, "alice"), n);
	assert_null(sessions_by_class(sessions, n->class_id, CLASS_SIZE - 1));
	assert_int_equal(sessions_live(sessions), 1);
	assert_int_equal(sessions_live_at(sessions, 1), 1);
}

static void the_same_mac_at_the_same_place_keeps_its_class(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	uint8_t class_id[CLASS_SIZE];
	size_t count;
	bool moved;

	(void)state;
	memcpy(class_id, grant(&g, NULL)->class_id, CLASS_SIZE);
	count = written.count;
	assert_memory_equal(grant(&g, &moved)->class_id, class_id, CLASS_SIZE);
	assert_false(moved);
	assert_int_equal(written.count, count); /* nothing new to write */
	assert_int_equal(sessions_live(sessions), 1);
}

static void the_same_mac_on_another_port_is_a_move(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	uint8_t class_id[CLASS_SIZE];
	bool moved;

	(void)state;
	memcpy(class_id, grant(&g, NULL)->class_id, CLASS_SIZE);
	g.port = "p2";
	assert_memory_not_equal(grant(&g, &moved)->class_id, class_id, CLASS_SIZE);
	assert_true(moved);
	assert_null(sessions_by_class(sessions, class_id, CLASS_SIZE));
	assert_int_equal(sessions_live(sessions), 1);
}

static void accounting_proves_and_ends(void **state)
{
	struct session_report report = {.at_ms = 5000, .acct_id = "S1", .octets_in = 10};
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);

	(void)state;
	assert_int_equal(n->state, SESSION_GRANTED);
	assert_int_equal(n->proven_at_ms, 0);
	sessions_prove(sessions, n, &report);
	assert_int_equal(n->state, SESSION_RUNNING);
	assert_int_equal(n->started_at_ms, 5000);
	report.at_ms = 6000;
	sessions_prove(sessions, n, &report);
	assert_int_equal(n->started_at_ms, 5000);
	assert_int_equal(n->proven_at_ms, 6000);
	sessions_end(sessions, n, &report);
	sessions_end(sessions, n, &report);
	assert_false(session_is_live(n));
	assert_int_equal(sessions_live(sessions), 0);
	assert_int_equal(sessions_live_at(sessions, 1), 0);
}

static void what_was_written_rebuilds_the_same_state(void **state)
{
	struct session_report report = {.at_ms = 5000, .acct_id = "S1", .address = "10.0.0.1"};
	struct session_grant g = grant_of(1, 1, "p1", "alice"), h = grant_of(2, 2, "p2", "bob");
	CLEANUP_SESSIONS struct sessions *again = NULL;
	uint8_t class_id[CLASS_SIZE];
	const struct session *n;
	struct session *first;

	(void)state;
	first = grant(&g, NULL);
	memcpy(class_id, first->class_id, CLASS_SIZE);
	sessions_prove(sessions, first, &report);
	sessions_end(sessions, grant(&h, NULL), &report);
	assert_int_equal(sessions_new(write_entry, NULL, &again), 0);
	for (size_t i = 0, count = written.count; i < count; i++)
		assert_int_equal(sessions_restore(again, written.bytes[i], written.len[i]), 0);
	assert_int_equal(sessions_live(again), 1);
	n = sessions_by_class(again, class_id, CLASS_SIZE);
	assert_non_null(n);
	assert_int_equal(n->state, SESSION_RUNNING);
	assert_string_equal(n->acct_id, "S1");
	assert_string_equal(n->address, "10.0.0.1");
	assert_string_equal(n->account, "alice");
	assert_string_equal(n->port, "p1");
	assert_true(n->was_admitted);
	assert_false(session_is_live(sessions_by_mac(again, &h.mac)));
}

static void an_entry_cut_or_altered_in_its_numbers_is_refused(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	uint8_t bad[512];

	(void)state;
	grant(&g, NULL);
	for (size_t len = 0; len < written.len[0]; len++)
		assert_int_equal(sessions_restore(sessions, written.bytes[0], len), -EBADMSG);
	memcpy(bad, written.bytes[0], written.len[0]);
	bad[1 + CLASS_SIZE + 6] = 200; /* a state that is none */
	assert_int_equal(sessions_restore(sessions, bad, written.len[0]), -EBADMSG);
}

static void only_a_full_admission_counts_as_a_good_state(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "");

	(void)state;
	g.decision.verdict = VERDICT_ISOLATE;
	assert_false(grant(&g, NULL)->was_admitted);
	g.decision.verdict = VERDICT_ADMIT;
	g.decision.reason = REASON_BYPASS;
	assert_false(grant(&g, NULL)->was_admitted);
	g.decision.reason = REASON_OK;
	assert_true(grant(&g, NULL)->was_admitted);
	/* Remembered at this place after the end, forgotten elsewhere. */
	sessions_end(sessions, sessions_by_mac(sessions, &g.mac),
		     &(struct session_report){.at_ms = 1});
	g.decision.verdict = VERDICT_ISOLATE;
	assert_true(grant(&g, NULL)->was_admitted);
	g.port = "p2";
	assert_false(grant(&g, NULL)->was_admitted);
}

static void an_accounts_sessions_hang_together(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice"), h = grant_of(2, 1, "p2", "alice"),
			     i = grant_of(3, 1, "p3", "alice");
	size_t count = 0;

	(void)state;
	grant(&g, NULL);
	grant(&h, NULL);
	grant(&i, NULL);
	h.account = "bob"; /* somebody else logs on there */
	grant(&h, NULL);
	for (const struct session *n = sessions_of_account(sessions, "alice"); n;
	     n = n->next_of_account)
		count++;
	assert_int_equal(count, 2);
	assert_non_null(sessions_of_account(sessions, "bob"));
	assert_null(sessions_of_account(sessions, "bob")->next_of_account);
}

static struct session_grant stranger_of(uint8_t mac, const char *port)
{
	struct session_grant g = grant_of(mac, 1, port, "");

	g.at_ms = 1000 + mac;
	g.method = KNOCK_MAB;
	g.terminal_id = 0;
	g.decision = (struct decision){VERDICT_ISOLATE, REASON_TERMINAL_UNKNOWN, VERDICT_ISOLATE,
				       REASON_TERMINAL_UNKNOWN};
	return g;
}

static bool is_kept(uint8_t mac)
{
	const struct mac m = {{2, 0, 0, 0, 0, mac}};

	return sessions_by_mac(sessions, &m);
}

static void of_many_strangers_at_a_port_the_newest_are_kept(void **state)
{
	struct session_grant known = grant_of(99, 1, "p1", "alice"), g;

	(void)state;
	sessions_limit_strangers(sessions, 3, 100);
	grant(&known, NULL);
	for (uint8_t mac = 1; mac <= 3; mac++) {
		g = stranger_of(mac, "p1");
		grant(&g, NULL);
	}
	assert_false(sessions_take_crowded(sessions));
	g = stranger_of(4, "p1");
	grant(&g, NULL);
	assert_true(sessions_take_crowded(sessions));
	assert_false(sessions_take_crowded(sessions));
	assert_false(is_kept(1));
	assert_true(is_kept(2) && is_kept(4) && is_kept(99));
	assert_int_equal(sessions_live(sessions), 4);
	g = stranger_of(5, "p2"); /* another port has room of its own */
	grant(&g, NULL);
	assert_true(is_kept(2) && is_kept(5));
}

static void a_stranger_that_the_switch_accounts_for_stays(void **state)
{
	const struct session_report report = {.at_ms = 2000};
	struct session_grant g;
	struct session *n = NULL, old;
	bool moved;

	(void)state;
	sessions_limit_strangers(sessions, 2, 100);
	for (uint8_t mac = 1; mac <= 2; mac++) {
		g = stranger_of(mac, "p1");
		sessions_prove(sessions, grant(&g, NULL), &report);
	}
	g = stranger_of(3, "p1");
	assert_int_equal(sessions_grant(sessions, &g, &n, &moved, &old), -EUSERS);
	assert_true(is_kept(1) && is_kept(2));
	assert_true(sessions_take_crowded(sessions));
	sessions_end(sessions, sessions_by_mac(sessions, &(struct mac){{2, 0, 0, 0, 0, 2}}),
		     &report);
	grant(&g, NULL);
	assert_true(is_kept(1) && is_kept(3));
	assert_false(is_kept(2));
}

static void in_all_the_oldest_idle_stranger_gives_way_and_nobody_else(void **state)
{
	static const char *const ports[] = {"p1", "p2", "p3", "p4", "p5", "p6"};
	const struct session_report report = {.at_ms = 2000};
	struct session_grant known = grant_of(99, 1, "p1", "alice"), g;
	struct session *n;

	(void)state;
	sessions_limit_strangers(sessions, 3, 4);
	grant(&known, NULL);
	for (uint8_t mac = 1; mac <= 5; mac++) {
		g = stranger_of(mac, ports[mac]);
		n = grant(&g, NULL);
		if (mac == 1)
			sessions_prove(sessions, n, &report);
	}
	assert_true(is_kept(1) && is_kept(3) && is_kept(5) && is_kept(99));
	assert_false(is_kept(2));
}

static void what_the_log_holds_too_much_is_not_kept_at_the_next_start(void **state)
{
	struct session_grant g;

	(void)state;
	for (uint8_t mac = 1; mac <= 20; mac++) {
		g = stranger_of(mac, "p1");
		grant(&g, NULL);
	}
	sessions_free(sessions);
	sessions = NULL;
	assert_int_equal(sessions_new(write_entry, NULL, &sessions), 0);
	sessions_limit_strangers(sessions, 5, 100);
	for (size_t i = 0; i < written.count; i++)
		assert_int_equal(sessions_restore(sessions, written.bytes[i], written.len[i]), 0);
	assert_int_equal(sessions_live(sessions), 5);
	assert_true(is_kept(20));
}

/* What a switch says of the session "S1" at second 100 + `at_s`, `lasted_s` after its start. */
static struct session_report word_at(uint32_t at_s, uint32_t lasted_s)
{
	return (struct session_report){.at_ms = 1000000 + at_s * 1000,
				       .acct_id = "S1",
				       .said_at_s = at_s ? 100 + at_s : 0,
				       .lasted_s = lasted_s};
}

static void what_is_said_again_changes_nothing(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);
	struct session_report start = word_at(1, 0), interim = word_at(61, 60),
			      stop = word_at(90, 89);

	(void)state;
	assert_true(session_learns(n, SESSION_WORD_START, &start));
	sessions_prove(sessions, n, &start);
	assert_false(session_learns(n, SESSION_WORD_START, &start));
	assert_true(session_learns(n, SESSION_WORD_INTERIM, &interim));
	sessions_prove(sessions, n, &interim);
	assert_false(session_learns(n, SESSION_WORD_INTERIM, &interim));
	assert_false(session_learns(n, SESSION_WORD_START, &start));
	assert_true(session_learns(n, SESSION_WORD_STOP, &stop));
	sessions_stop(sessions, n, &stop);
	assert_false(session_learns(n, SESSION_WORD_START, &start));
	assert_false(session_learns(n, SESSION_WORD_INTERIM, &interim));
	assert_false(session_learns(n, SESSION_WORD_STOP, &stop));
}

static void a_switch_without_a_clock_is_held_to_what_lasts(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);
	struct session_report early = word_at(0, 60), late = word_at(0, 120),
			      stop = word_at(0, 130);

	(void)state;
	sessions_prove(sessions, n, &early);
	sessions_prove(sessions, n, &late);
	assert_false(session_learns(n, SESSION_WORD_INTERIM, &early));
	assert_false(session_learns(n, SESSION_WORD_INTERIM, &late));
	sessions_stop(sessions, n, &stop);
	assert_false(session_learns(n, SESSION_WORD_INTERIM, &late));
}

static void a_clock_that_is_set_back_cuts_no_session_off(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);
	struct session_report before = word_at(1000, 60), after = word_at(5, 120),
			      replayed = word_at(4, 30);

	(void)state;
	sessions_prove(sessions, n, &before);
	assert_true(session_learns(n, SESSION_WORD_INTERIM, &after));
	assert_false(session_learns(n, SESSION_WORD_INTERIM, &replayed));
}

static void the_stop_of_the_session_before_does_not_end_the_next(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);
	struct session_report start = word_at(1, 0), stop = word_at(9, 8), next = word_at(20, 0);

	(void)state;
	sessions_prove(sessions, n, &start);
	sessions_stop(sessions, n, &stop);
	n = grant(&g, NULL); /* its Start is still to come, and the switch returns no Class */
	assert_int_equal(n->state, SESSION_GRANTED);
	assert_false(session_learns(n, SESSION_WORD_STOP, &stop));
	assert_false(session_learns(n, SESSION_WORD_START, &start));
	next.acct_id = "S2";
	assert_true(session_learns(n, SESSION_WORD_START, &next));
	sessions_prove(sessions, n, &next);
	assert_false(session_learns(n, SESSION_WORD_STOP, &stop));
}

static void who_was_put_out_here_and_runs_there_is_believed(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session *n = grant(&g, NULL);
	struct session_report start = word_at(1, 0), interim = word_at(61, 60);

	(void)state;
	sessions_prove(sessions, n, &start);
	sessions_end(sessions, n, &(struct session_report){.at_ms = 2000});
	assert_true(session_learns(n, SESSION_WORD_INTERIM, &interim));
}

static void a_restart_of_yesterday_ends_nothing_of_today(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session_report start = word_at(400, 0);
	struct session *n;

	(void)state;
	g.at_ms = 1000 * 1000;
	n = grant(&g, NULL);
	assert_false(session_is_after(n, 1000 + 100));
	assert_true(session_is_after(n, 500));
	sessions_prove(sessions, n, &start);
	assert_true(session_is_after(n, 499));
	assert_false(session_is_after(n, 500));
}

static void what_the_switch_said_survives_a_restart(void **state)
{
	struct session_grant g = grant_of(1, 1, "p1", "alice");
	struct session_report start = word_at(1, 0), stop = word_at(90, 89), other = word_at(95, 0);
	CLEANUP_SESSIONS struct sessions *again = NULL;
	const struct session *n;
	struct session *first = grant(&g, NULL);

	(void)state;
	sessions_prove(sessions, first, &start);
	other.acct_id = "S0";
	sessions_prove(sessions, first, &other);
	stop.acct_id = "S0";
	sessions_stop(sessions, first, &stop);
	assert_int_equal(sessions_new(write_entry, NULL, &again), 0);
	for (size_t i = 0, count = written.count; i < count; i++)
		assert_int_equal(sessions_restore(again, written.bytes[i], written.len[i]), 0);
	n = sessions_by_mac(again, &g.mac);
	assert_true(n->is_stopped);
	assert_string_equal(n->acct_before, "S1");
	assert_int_equal(n->said_at_s, 190);
	assert_int_equal(n->lasted_s, 89);
	assert_false(session_learns(n, SESSION_WORD_STOP, &stop));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_session_is_found_by_class_mac_and_account),
		CASE(whose_word_a_session_is_survives_a_restart),
		CASE(the_same_mac_at_the_same_place_keeps_its_class),
		CASE(the_same_mac_on_another_port_is_a_move),
		CASE(accounting_proves_and_ends),
		CASE(what_was_written_rebuilds_the_same_state),
		CASE(an_entry_cut_or_altered_in_its_numbers_is_refused),
		CASE(only_a_full_admission_counts_as_a_good_state),
		CASE(an_accounts_sessions_hang_together),
		CASE(of_many_strangers_at_a_port_the_newest_are_kept),
		CASE(a_stranger_that_the_switch_accounts_for_stays),
		CASE(in_all_the_oldest_idle_stranger_gives_way_and_nobody_else),
		CASE(what_the_log_holds_too_much_is_not_kept_at_the_next_start),
		CASE(what_is_said_again_changes_nothing),
		CASE(a_switch_without_a_clock_is_held_to_what_lasts),
		CASE(a_clock_that_is_set_back_cuts_no_session_off),
		CASE(the_stop_of_the_session_before_does_not_end_the_next),
		CASE(who_was_put_out_here_and_runs_there_is_believed),
		CASE(a_restart_of_yesterday_ends_nothing_of_today),
		CASE(what_the_switch_said_survives_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
