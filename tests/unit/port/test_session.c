#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "wood.h"

static void a_knock_waits_for_802_1x_and_then_asks(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &printer);
	assert_int_equal(w.s.state, SESSION_KNOCKED);
	assert_int_equal(w.invited, 1);
	assert_int_equal(w.timer_ms, 1000);
	assert_false(w.asking);
	session_timer(&w.s);
	assert_true(w.asking);
	assert_int_equal(w.s.state, SESSION_ASKING);
}

static void an_admitted_mac_opens_with_one_start(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_mac(&w);
	assert_true(w.open);
	assert_int_equal(w.starts, 1);
	assert_int_equal(w.s.method, SESSION_BY_MAC);
	assert_int_equal(w.timer_ms, 0);
}

static void a_refused_mac_is_held_with_its_reason_and_may_knock_later(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	session_mac_answered(&w.s, &refuse);
	assert_int_equal(w.s.state, SESSION_HELD);
	assert_string_equal(w.s.reason, "permit-expired");
	assert_int_equal(w.timer_ms, 60000);
	session_knock(&w.s, &printer);
	assert_int_equal(w.s.state, SESSION_HELD);
	session_timer(&w.s);
	assert_int_equal(w.s.state, SESSION_QUIET);
	assert_false(w.open);
	assert_int_equal(w.starts, 0);
}

static void another_mac_need_not_wait_for_the_held_one(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	session_mac_answered(&w.s, &refuse);
	session_knock(&w.s, &other);
	assert_int_equal(w.s.state, SESSION_KNOCKED);
	assert_true(mac_equal(&w.s.mac, &other));
	assert_int_equal(w.dismissed, 1);
}

static void eap_opens_only_after_accept_and_success(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_eap_runs(&w.s, &printer);
	session_eap_success(&w.s, &printer);
	assert_false(w.open);
	session_eap_answered(&w.s, &printer, &admit);
	assert_false(w.open);
	session_eap_success(&w.s, &other);
	assert_false(w.open);
	session_eap_success(&w.s, &printer);
	assert_true(w.open);
	assert_int_equal(w.s.method, SESSION_BY_EAP);
}

static void an_offer_counts_once(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_eap(&w, &admit);
	session_end(&w.s, RADIUS_CAUSE_ADMIN_RESET);
	session_eap_runs(&w.s, &printer);
	session_eap_success(&w.s, &printer);
	assert_false(w.open);
}

static void an_offer_for_one_mac_opens_nothing_for_another(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_eap_runs(&w.s, &printer);
	session_eap_answered(&w.s, &printer, &admit);
	session_eap_runs(&w.s, &other);
	session_eap_success(&w.s, &other);
	assert_false(w.open);
	session_eap_success(&w.s, &printer);
	assert_false(w.open);
}

static void eap_wins_over_a_mac_request_under_way(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	assert_true(w.asking);
	session_eap_runs(&w.s, &printer);
	assert_false(w.asking);
	session_mac_answered(&w.s, &admit);
	assert_false(w.open);
}

static void eap_replaces_a_mac_session_with_a_stop_and_a_start(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_mac(&w);
	admit_by_eap(&w, &admit);
	assert_int_equal(w.s.method, SESSION_BY_EAP);
	assert_int_equal(w.starts, 2);
	assert_int_equal(w.stops, 1);
	assert_true(w.locked_before_stop);
	assert_true(w.open);
}

static void eap_of_another_mac_takes_nothing_from_an_open_session(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_mac(&w);
	session_eap_runs(&w.s, &other);
	session_eap_answered(&w.s, &other, &admit);
	session_eap_success(&w.s, &other);
	session_knock(&w.s, &other);
	assert_true(mac_equal(&w.s.mac, &printer));
	assert_int_equal(w.starts, 1);
	assert_int_equal(w.stops, 0);
}

static void a_failed_eap_takes_nothing_from_a_mac_session(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_mac(&w);
	session_eap_runs(&w.s, &printer);
	session_eap_answered(&w.s, &printer, &refuse);
	assert_true(w.open);
}

static void a_reauthentication_that_changes_nothing_keeps_the_session(void **state)
{
	struct answer moved = admit;
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_eap(&w, &admit);
	admit_by_eap(&w, &admit);
	assert_int_equal(w.starts, 1);
	moved.vlan = 99;
	admit_by_eap(&w, &moved);
	assert_int_equal(w.starts, 2);
	assert_int_equal(w.stops, 1);
	assert_int_equal(w.s.answer.vlan, 99);
}

static void another_class_is_another_session_behind_the_same_open_door(void **state)
{
	struct answer renewed = {.kind = ANSWER_ADMIT, .vlan = 10, .class_len = 1};
	struct wood w;
	int locks;

	(void)state;
	plug(&w, 0);
	admit_by_eap(&w, &admit);
	locks = w.locks;
	admit_by_eap(&w, &renewed);
	assert_int_equal(w.locks, locks);
	assert_int_equal(w.starts, 2);
	assert_int_equal(w.stops, 1);
	assert_int_equal(w.s.answer.class_len, 1);
}

static void an_802_1x_session_is_renewed_in_time_or_ends(void **state)
{
	const struct answer limited = {
		.kind = ANSWER_ADMIT, .vlan = 10, .timeout_s = 600, .ask_again = true};
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_eap(&w, &limited);
	session_timer(&w.s);
	assert_int_equal(w.renewed, 1);
	assert_int_equal(w.timer_ms, SESSION_PROVING_MS);
	admit_by_eap(&w, &limited);
	assert_int_equal(w.timer_ms, 600000);
	session_timer(&w.s);
	session_timer(&w.s);
	assert_int_equal(w.renewed, 2);
	assert_false(w.open);
	assert_int_equal(w.cause, RADIUS_CAUSE_SESSION_TIMEOUT);
}

static void a_refused_reauthentication_closes(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_eap(&w, &admit);
	session_eap_runs(&w.s, &printer);
	session_eap_answered(&w.s, &printer, &refuse);
	assert_false(w.open);
	assert_int_equal(w.stops, 1);
	assert_int_equal(w.s.state, SESSION_HELD);
}

static void a_stuck_eap_falls_back_to_the_mac(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_eap_runs(&w.s, &printer);
	assert_int_equal(w.timer_ms, SESSION_PROVING_MS);
	session_timer(&w.s);
	assert_true(w.asking);
}

static void lost_carrier_closes_every_state(void **state)
{
	(void)state;
	for (int stage = 0; stage < 5; stage++) {
		struct wood w;

		plug(&w, 0);
		if (stage >= 1)
			session_knock(&w.s, &printer);
		if (stage >= 2)
			session_timer(&w.s);
		if (stage == 3)
			session_mac_answered(&w.s, &admit);
		if (stage == 4)
			session_mac_answered(&w.s, &refuse);
		session_carrier(&w.s, false);
		assert_int_equal(w.s.state, SESSION_DOWN);
		assert_false(w.open);
		assert_false(w.asking);
		assert_int_equal(w.timer_ms, 0);
		assert_int_equal(w.starts, w.stops);
		if (stage == 3)
			assert_int_equal(w.cause, RADIUS_CAUSE_LOST_CARRIER);
		session_mac_answered(&w.s, &admit);
		session_eap_answered(&w.s, &printer, &admit);
		session_eap_success(&w.s, &printer);
		session_knock(&w.s, &printer);
		assert_false(w.open);
	}
}

static void silent_gates_give_the_critical_vlan_or_nothing(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	session_mac_answered(&w.s, &silence);
	assert_false(w.open);
	assert_int_equal(w.s.state, SESSION_HELD);
	session_gates_back(&w.s);
	assert_int_equal(w.s.state, SESSION_QUIET);

	plug(&w, 50);
	session_eap_runs(&w.s, &printer);
	session_eap_answered(&w.s, &printer, &silence);
	assert_true(w.open);
	assert_int_equal(w.s.answer.vlan, 50);
	session_gates_back(&w.s);
	assert_false(w.open);
	assert_int_equal(w.stops, 1);
}

static void gates_that_are_back_leave_decided_sessions_alone(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 50);
	admit_by_mac(&w);
	session_gates_back(&w.s);
	assert_true(w.open);
}

static void a_renewal_that_meets_silence_takes_nothing_away(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 50);
	admit_by_eap(&w, &admit);
	session_eap_runs(&w.s, &printer);
	session_eap_answered(&w.s, &printer, &silence);
	session_eap_gone(&w.s, &printer);
	assert_true(w.open);
	assert_int_equal(w.timer_ms, 0);
	session_gates_back(&w.s);
	assert_int_equal(w.invited, 1);
	assert_int_equal(w.timer_ms, SESSION_PROVING_MS);
	session_eap_gone(&w.s, &printer);
	admit_by_eap(&w, &admit);
	assert_true(w.open);
	assert_int_equal(w.starts, 1);
	session_eap_gone(&w.s, &printer);
	assert_false(w.open);
}

static void a_session_that_is_not_renewed_after_the_silence_ends(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 50);
	admit_by_eap(&w, &admit);
	session_eap_runs(&w.s, &printer);
	session_eap_answered(&w.s, &printer, &silence);
	session_gates_back(&w.s);
	session_timer(&w.s);
	assert_false(w.open);
}

static void a_broken_conversation_starts_anew(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_eap_runs(&w.s, &printer);
	session_eap_broken(&w.s, &other);
	assert_int_equal(w.invited, 0);
	session_eap_broken(&w.s, &printer);
	assert_int_equal(w.invited, 1);
	assert_int_equal(w.s.state, SESSION_PROVING);
}

static void what_cannot_be_obeyed_opens_nothing(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	w.open_fails = true;
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	session_mac_answered(&w.s, &admit);
	assert_int_equal(w.s.state, SESSION_HELD);
	assert_string_equal(w.s.reason, "no such VLAN");
	assert_int_equal(w.starts, 0);
	assert_int_equal(w.s.method, SESSION_BY_NOBODY);
}

static void a_request_that_cannot_be_sent_holds_the_port(void **state)
{
	struct wood w;

	(void)state;
	plug(&w, 0);
	w.ask_fails = true;
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	assert_int_equal(w.s.state, SESSION_HELD);
}

static void a_session_time_out_closes_or_asks_again(void **state)
{
	struct answer limited = {.kind = ANSWER_ADMIT, .vlan = 10, .timeout_s = 180};
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	session_mac_answered(&w.s, &limited);
	assert_int_equal(w.timer_ms, 180000);
	session_timer(&w.s);
	assert_false(w.open);
	assert_int_equal(w.cause, RADIUS_CAUSE_SESSION_TIMEOUT);

	plug(&w, 0);
	limited.ask_again = true;
	session_knock(&w.s, &printer);
	session_timer(&w.s);
	session_mac_answered(&w.s, &limited);
	session_timer(&w.s);
	assert_true(w.open);
	assert_true(w.asking);
	session_mac_answered(&w.s, &limited);
	assert_int_equal(w.starts, 1);
	session_timer(&w.s);
	session_mac_answered(&w.s, &refuse);
	assert_false(w.open);
	assert_int_equal(w.stops, 1);
	assert_int_equal(w.s.state, SESSION_HELD);
}

static void every_session_has_an_id_of_its_own(void **state)
{
	char first[REQUEST_SESSION_ID_SIZE];
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_mac(&w);
	snprintf(first, sizeof(first), "%s", w.started_id);
	session_end(&w.s, RADIUS_CAUSE_ADMIN_RESET);
	assert_int_equal(w.s.state, SESSION_QUIET);
	admit_by_mac(&w);
	assert_string_not_equal(first, w.started_id);
}

static void a_multicast_source_is_nobody(void **state)
{
	const struct mac group = {{1, 0, 0x5e, 0, 0, 1}};
	struct wood w;

	(void)state;
	plug(&w, 0);
	session_knock(&w.s, &group);
	assert_int_equal(w.s.state, SESSION_QUIET);
}

static void a_change_moves_the_session_and_keeps_its_books(void **state)
{
	const struct answer place = {.vlan = 99, .filter = "isolation"};
	struct wood w;

	(void)state;
	plug(&w, 0);
	assert_int_equal(session_change(&w.s, &place), -ENOENT);
	admit_by_mac(&w);
	w.locks = 0;
	assert_int_equal(session_change(&w.s, &place), 0);
	assert_true(w.open);
	assert_int_equal(w.locks, 1);
	assert_int_equal(w.s.state, SESSION_OPEN);
	assert_int_equal(w.s.answer.vlan, 99);
	assert_string_equal(w.s.answer.filter, "isolation");
	assert_int_equal(w.starts, 1);
	assert_int_equal(w.stops, 0);
}

static void a_change_to_a_place_that_is_not_there_closes_the_port(void **state)
{
	const struct answer place = {.vlan = 77};
	struct wood w;

	(void)state;
	plug(&w, 0);
	admit_by_mac(&w);
	w.open_fails = true;
	assert_int_equal(session_change(&w.s, &place), -ENOTSUP);
	assert_false(w.open);
	assert_int_equal(w.s.state, SESSION_HELD);
	assert_string_equal(w.s.reason, "no such VLAN");
	assert_int_equal(w.stops, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_knock_waits_for_802_1x_and_then_asks),
		cmocka_unit_test(an_admitted_mac_opens_with_one_start),
		cmocka_unit_test(a_refused_mac_is_held_with_its_reason_and_may_knock_later),
		cmocka_unit_test(another_mac_need_not_wait_for_the_held_one),
		cmocka_unit_test(eap_opens_only_after_accept_and_success),
		cmocka_unit_test(an_offer_counts_once),
		cmocka_unit_test(an_offer_for_one_mac_opens_nothing_for_another),
		cmocka_unit_test(eap_wins_over_a_mac_request_under_way),
		cmocka_unit_test(eap_replaces_a_mac_session_with_a_stop_and_a_start),
		cmocka_unit_test(eap_of_another_mac_takes_nothing_from_an_open_session),
		cmocka_unit_test(a_failed_eap_takes_nothing_from_a_mac_session),
		cmocka_unit_test(a_reauthentication_that_changes_nothing_keeps_the_session),
		cmocka_unit_test(another_class_is_another_session_behind_the_same_open_door),
		cmocka_unit_test(an_802_1x_session_is_renewed_in_time_or_ends),
		cmocka_unit_test(a_refused_reauthentication_closes),
		cmocka_unit_test(a_stuck_eap_falls_back_to_the_mac),
		cmocka_unit_test(lost_carrier_closes_every_state),
		cmocka_unit_test(silent_gates_give_the_critical_vlan_or_nothing),
		cmocka_unit_test(gates_that_are_back_leave_decided_sessions_alone),
		cmocka_unit_test(a_renewal_that_meets_silence_takes_nothing_away),
		cmocka_unit_test(a_session_that_is_not_renewed_after_the_silence_ends),
		cmocka_unit_test(a_broken_conversation_starts_anew),
		cmocka_unit_test(what_cannot_be_obeyed_opens_nothing),
		cmocka_unit_test(a_request_that_cannot_be_sent_holds_the_port),
		cmocka_unit_test(a_session_time_out_closes_or_asks_again),
		cmocka_unit_test(every_session_has_an_id_of_its_own),
		cmocka_unit_test(a_multicast_source_is_nobody),
		cmocka_unit_test(a_change_moves_the_session_and_keeps_its_books),
		cmocka_unit_test(a_change_to_a_place_that_is_not_there_closes_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
