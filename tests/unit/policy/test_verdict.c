#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "policy/hours.h"
#include "policy/verdict.h"

#define NOW INT64_C(1795400000000)
#define SWITCH 7

/* A good computer: known account on its own terminal with a healthy agent, in enforce mode. */
static struct knock good_eap(void)
{
	return (struct knock){
		.at_ms = NOW,
		.method = KNOCK_EAP_PASSWORD,
		.mac = {{0x00, 0x16, 0x3e, 1, 2, 3}},
		.switch_id = SWITCH,
		.port = "p1",
		.proof = REASON_OK,
		.account_known = true,
		.account_enabled = true,
	};
}

static struct facts good_computer(void)
{
	return (struct facts){
		.mode = MODE_ENFORCE,
		.terminal = {.known = true,
			     .kind = TERMINAL_PC,
			     .status = TERMINAL_IN_USE,
			     .account_allowed = true,
			     .posture = POSTURE_GOOD,
			     .posture_at_ms = NOW - MINUTE_MS},
	};
}

static struct knock printer_knock(void)
{
	struct knock k = good_eap();

	k.method = KNOCK_MAB;
	k.account_known = k.account_enabled = false;
	return k;
}

static struct facts permitted_printer(void)
{
	return (struct facts){
		.mode = MODE_ENFORCE,
		.terminal = {.known = true, .kind = TERMINAL_PRINTER, .status = TERMINAL_IN_USE},
		.permit = {.known = true,
			   .switch_id = SWITCH,
			   .port = "p1",
			   .until_ms = NOW + DAY_MS},
	};
}

static void assert_decides(const struct knock *k, const struct facts *f, enum verdict verdict,
			   enum reason reason)
{
	struct decision d;

	verdict_decide(k, f, &d);
	assert_string_equal(reason_text(d.reason)->code, reason_text(reason)->code);
	assert_string_equal(verdict_name(d.verdict), verdict_name(verdict));
}

static void a_healthy_computer_of_its_owner_is_admitted(void **state)
{
	struct knock k = good_eap();
	struct facts f = good_computer();

	(void)state;
	assert_decides(&k, &f, VERDICT_ADMIT, REASON_OK);
}

/* One thing wrong at a time, each with its verdict. */
#define WRONG(name, change, verdict, reason)                                                       \
	static void name(void **state)                                                             \
	{                                                                                          \
		struct knock k = good_eap();                                                       \
		struct facts f = good_computer();                                                  \
                                                                                                   \
		(void)state;                                                                       \
		change;                                                                            \
		assert_decides(&k, &f, verdict, reason);                                           \
	}

WRONG(a_wrong_password_is_rejected, k.proof = REASON_PASSWORD_WRONG, VERDICT_REJECT,
      REASON_PASSWORD_WRONG)
WRONG(an_unknown_account_is_rejected, k.account_known = false, VERDICT_REJECT,
      REASON_ACCOUNT_UNKNOWN)
WRONG(a_disabled_account_is_rejected, k.account_enabled = false, VERDICT_REJECT,
      REASON_ACCOUNT_DISABLED)
WRONG(a_locked_account_is_rejected, k.account_locked_until_ms = NOW + 1, VERDICT_REJECT,
      REASON_ACCOUNT_LOCKED)
WRONG(an_ended_lock_no_longer_counts, k.account_locked_until_ms = NOW, VERDICT_ADMIT, REASON_OK)
WRONG(a_revoked_certificate_is_rejected,
      (k.method = KNOCK_EAP_TLS, f.terminal.certificate_revoked = true), VERDICT_REJECT,
      REASON_CERTIFICATE_REVOKED)
WRONG(an_account_on_a_strange_terminal_is_rejected, f.terminal.account_allowed = false,
      VERDICT_REJECT, REASON_ACCOUNT_NOT_ON_TERMINAL)
WRONG(an_account_live_elsewhere_is_rejected, f.account_live_elsewhere = true, VERDICT_REJECT,
      REASON_ACCOUNT_LIVE_ELSEWHERE)
WRONG(a_mac_of_another_terminal_is_isolated, f.mac_owned_by_other = true, VERDICT_ISOLATE,
      REASON_MAC_OF_ANOTHER)
WRONG(a_computer_that_nobody_registered_is_isolated, f.terminal.known = false, VERDICT_ISOLATE,
      REASON_TERMINAL_UNKNOWN)
WRONG(a_made_up_mac_has_a_reason_of_its_own, (f.terminal.known = false, k.mac.b[0] = 2),
      VERDICT_ISOLATE, REASON_MAC_RANDOMISED)
WRONG(an_approved_but_unenrolled_computer_is_isolated, f.terminal.status = TERMINAL_APPROVED,
      VERDICT_ISOLATE, REASON_TERMINAL_NOT_READY)
WRONG(a_scrapped_computer_is_rejected, f.terminal.status = TERMINAL_SCRAPPED, VERDICT_REJECT,
      REASON_TERMINAL_SCRAPPED)
WRONG(an_old_policy_isolates_under_its_own_name,
      (f.terminal.posture = POSTURE_BAD, f.terminal.policy_old = true), VERDICT_ISOLATE,
      REASON_POLICY_OLD)
WRONG(a_bad_posture_isolates, f.terminal.posture = POSTURE_BAD, VERDICT_ISOLATE, REASON_POSTURE_BAD)
WRONG(a_bad_posture_in_its_grace_is_warned_of,
      (f.terminal.posture = POSTURE_BAD, f.terminal.posture_at_ms = NOW - HOUR_MS,
       f.terminal.posture_grace_ms = HOUR_MS + 1),
      VERDICT_ADMIT, REASON_WARNED)
WRONG(a_bad_posture_isolates_when_its_grace_is_over,
      (f.terminal.posture = POSTURE_BAD, f.terminal.posture_at_ms = NOW - HOUR_MS,
       f.terminal.posture_grace_ms = HOUR_MS),
      VERDICT_ISOLATE, REASON_POSTURE_BAD)
WRONG(nothing_but_a_bad_posture_has_that_grace,
      (f.terminal.posture = POSTURE_SILENT, f.terminal.posture_at_ms = NOW - HOUR_MS,
       f.terminal.posture_grace_ms = DAY_MS),
      VERDICT_ISOLATE, REASON_AGENT_SILENT)
WRONG(a_silent_agent_isolates, f.terminal.posture = POSTURE_SILENT, VERDICT_ISOLATE,
      REASON_AGENT_SILENT)
WRONG(a_silent_agent_gets_no_grace_from_a_new_session,
      (f.terminal.posture = POSTURE_SILENT, k.first_report_due = true), VERDICT_ISOLATE,
      REASON_AGENT_SILENT)
WRONG(a_new_session_waits_for_its_agents_first_report,
      (f.terminal.posture = POSTURE_UNKNOWN, k.first_report_due = true), VERDICT_ADMIT,
      REASON_GRACE)
WRONG(an_agent_that_never_reported_isolates_after_the_grace, f.terminal.posture = POSTURE_UNKNOWN,
      VERDICT_ISOLATE, REASON_AGENT_SILENT)
WRONG(a_posture_counts_for_thirty_days, f.terminal.posture_at_ms = NOW - 30 * DAY_MS, VERDICT_ADMIT,
      REASON_OK)
WRONG(a_posture_older_than_thirty_days_is_stale, f.terminal.posture_at_ms = NOW - 30 * DAY_MS - 1,
      VERDICT_ISOLATE, REASON_POSTURE_STALE)
WRONG(a_stale_posture_still_gets_the_first_mornings_grace,
      (f.terminal.posture_at_ms = NOW - 40 * DAY_MS, k.first_report_due = true), VERDICT_ADMIT,
      REASON_GRACE)
WRONG(an_agent_with_other_cards_is_isolated, f.terminal.agent_mac_mismatch = true, VERDICT_ISOLATE,
      REASON_AGENT_MAC_MISMATCH)
WRONG(an_administrators_isolation_isolates, f.terminal.isolated_by_person = true, VERDICT_ISOLATE,
      REASON_ISOLATED_BY_PERSON)
WRONG(a_listed_mac_is_rejected, f.deny_listed = true, VERDICT_REJECT, REASON_DENY_LISTED)
WRONG(the_deny_list_holds_during_a_bypass, (f.deny_listed = true, f.bypass = true), VERDICT_REJECT,
      REASON_DENY_LISTED)
WRONG(a_wrong_password_holds_during_a_bypass, (k.proof = REASON_PASSWORD_WRONG, f.bypass = true),
      VERDICT_REJECT, REASON_PASSWORD_WRONG)
WRONG(a_bypass_admits_what_would_be_kept_out, (f.terminal.known = false, f.bypass = true),
      VERDICT_ADMIT, REASON_BYPASS)

/* The same for a device without client. */
#define DEVICE(name, change, verdict, reason)                                                      \
	static void name(void **state)                                                             \
	{                                                                                          \
		struct knock k = printer_knock();                                                  \
		struct facts f = permitted_printer();                                              \
                                                                                                   \
		(void)state;                                                                       \
		change;                                                                            \
		assert_decides(&k, &f, verdict, reason);                                           \
	}

DEVICE(a_permitted_printer_is_admitted_on_its_port, (void)f, VERDICT_ADMIT, REASON_OK)
DEVICE(a_printer_without_permit_is_rejected, f.permit.known = false, VERDICT_REJECT,
       REASON_PERMIT_MISSING)
DEVICE(a_printer_on_another_port_is_rejected, k.port = "p2", VERDICT_REJECT,
       REASON_PERMIT_OTHER_PORT)
DEVICE(a_printer_on_another_switch_is_rejected, k.switch_id = 8, VERDICT_REJECT,
       REASON_PERMIT_OTHER_SWITCH)
DEVICE(a_permit_without_port_binds_to_the_switch, (f.permit.port = "", k.port = "p2"),
       VERDICT_ADMIT, REASON_OK)
DEVICE(a_permit_ends_at_its_last_moment, f.permit.until_ms = NOW, VERDICT_REJECT,
       REASON_PERMIT_EXPIRED)
DEVICE(a_permit_does_not_begin_early, f.permit.from_ms = NOW + 1, VERDICT_REJECT,
       REASON_PERMIT_NOT_YET)
DEVICE(a_stranger_by_mac_is_isolated, (f.terminal.known = false, f.permit.known = false),
       VERDICT_ISOLATE, REASON_TERMINAL_UNKNOWN)
DEVICE(a_computer_without_supplicant_is_isolated, f.terminal.kind = TERMINAL_PC, VERDICT_ISOLATE,
       REASON_SUPPLICANT_MISSING)
DEVICE(an_isolated_printer_stays_isolated, f.terminal.isolated_by_person = true, VERDICT_ISOLATE,
       REASON_ISOLATED_BY_PERSON)

WRONG(a_computer_on_a_port_that_is_full_is_isolated,
      f.port = ((struct port_facts){.limit = 1, .others = 1}), VERDICT_ISOLATE, REASON_PORT_FULL)
WRONG(the_last_place_at_a_port_is_given, f.port = ((struct port_facts){.limit = 2, .others = 1}),
      VERDICT_ADMIT, REASON_OK)
WRONG(a_port_without_limit_is_never_full, f.port = ((struct port_facts){.others = 200}),
      VERDICT_ADMIT, REASON_OK)
WRONG(what_else_is_wrong_is_said_before_a_full_port,
      (f.terminal.posture = POSTURE_BAD, f.port = ((struct port_facts){.limit = 1, .others = 1})),
      VERDICT_ISOLATE, REASON_POSTURE_BAD)
DEVICE(a_computer_that_is_exempt_stays_by_its_mac,
       (f.terminal.kind = TERMINAL_PC, f.terminal.supplicant_exempt = true,
	f.terminal.posture = POSTURE_GOOD, f.terminal.posture_at_ms = NOW),
       VERDICT_ADMIT, REASON_OK)
DEVICE(and_its_agent_is_asked_all_the_same,
       (f.terminal.kind = TERMINAL_PC, f.terminal.supplicant_exempt = true,
	f.terminal.posture = POSTURE_BAD),
       VERDICT_ISOLATE, REASON_POSTURE_BAD)

#define VISITS                                                                                     \
	f.terminal.kind = TERMINAL_VISITOR, f.terminal.until_ms = NOW + 1,                         \
	f.terminal.at_home = f.terminal.has_place = true, f.permit.known = false

DEVICE(a_visitor_is_admitted_to_the_visitors_network, (VISITS), VERDICT_ADMIT, REASON_OK)
DEVICE(a_visitor_ends, (VISITS, f.terminal.until_ms = NOW), VERDICT_REJECT, REASON_VISITOR_OVER)
DEVICE(a_visitor_of_another_unit_is_isolated, (VISITS, f.terminal.at_home = false), VERDICT_ISOLATE,
       REASON_VISITOR_ELSEWHERE)
DEVICE(a_visitor_without_a_network_is_isolated, (VISITS, f.terminal.has_place = false),
       VERDICT_ISOLATE, REASON_VISITOR_NO_PLACE)
static const uint32_t never[] = {0};

DEVICE(a_permit_holds_in_its_hours_only, (f.permit.hours = never, f.permit.hours_count = 1),
       VERDICT_REJECT, REASON_PERMIT_OUTSIDE_HOURS)
DEVICE(another_port_is_said_before_the_hours,
       (f.permit.hours = never, f.permit.hours_count = 1, k.port = "p2"), VERDICT_REJECT,
       REASON_PERMIT_OTHER_PORT)
DEVICE(a_phone_needs_no_place_at_the_port,
       (f.terminal.kind = TERMINAL_PHONE, f.port = ((struct port_facts){.limit = 1, .others = 1})),
       VERDICT_ADMIT, REASON_OK)
DEVICE(a_phone_that_counts_needs_a_place,
       (f.terminal.kind = TERMINAL_PHONE,
	f.port = ((struct port_facts){.limit = 1, .others = 1, .phones_count = true})),
       VERDICT_ISOLATE, REASON_PORT_FULL)

static void observe_mode_admits_and_tells_what_would_have_been(void **state)
{
	struct knock k = printer_knock();
	struct facts f = permitted_printer();
	struct decision d;

	(void)state;
	f.mode = MODE_OBSERVE;
	k.port = "p2";
	verdict_decide(&k, &f, &d);
	assert_int_equal(d.verdict, VERDICT_ADMIT);
	assert_int_equal(d.reason, REASON_OBSERVED);
	assert_int_equal(d.would_be, VERDICT_REJECT);
	assert_int_equal(d.would_be_reason, REASON_PERMIT_OTHER_PORT);
}

static void warn_mode_admits_with_a_warning(void **state)
{
	struct knock k = good_eap();
	struct facts f = good_computer();
	struct decision d;

	(void)state;
	f.mode = MODE_WARN;
	f.terminal.posture = POSTURE_BAD;
	verdict_decide(&k, &f, &d);
	assert_int_equal(d.verdict, VERDICT_ADMIT);
	assert_int_equal(d.reason, REASON_WARNED);
	assert_int_equal(d.would_be, VERDICT_ISOLATE);
}

static void no_mode_lets_a_wrong_password_or_a_listed_mac_in(void **state)
{
	struct knock k = good_eap();
	struct facts f = good_computer();

	(void)state;
	f.mode = MODE_OBSERVE;
	k.proof = REASON_PASSWORD_WRONG;
	assert_decides(&k, &f, VERDICT_REJECT, REASON_PASSWORD_WRONG);
	k.proof = REASON_OK;
	f.deny_listed = true;
	assert_decides(&k, &f, VERDICT_REJECT, REASON_DENY_LISTED);
}

static void the_same_knock_always_gets_the_same_verdict(void **state)
{
	struct knock k = good_eap();
	struct facts f = good_computer();
	struct decision first, again;

	(void)state;
	verdict_decide(&k, &f, &first);
	for (int i = 0; i < 100; i++) {
		verdict_decide(&k, &f, &again);
		assert_int_equal(first.verdict, again.verdict);
		assert_int_equal(first.reason, again.reason);
	}
}

static void names_of_kinds_come_back(void **state)
{
	(void)state;
	for (unsigned k = 0; k < TERMINAL_KIND_COUNT; k++)
		assert_int_equal(terminal_kind_from_name(terminal_kind_name((enum terminal_kind)k)),
				 k);
	assert_int_equal(terminal_kind_from_name("toaster"), TERMINAL_KIND_COUNT);
}

/* ---- maintenance windows and frozen periods ---- */

static void assert_maintained(const struct knock *k, struct facts f, bool admitted)
{
	struct decision with, without;

	verdict_decide(k, &f, &without);
	f.maintenance = true;
	verdict_decide(k, &f, &with);
	assert_int_not_equal(without.verdict, VERDICT_ADMIT);
	assert_int_equal(with.would_be_reason, without.reason);
	assert_int_equal(with.would_be, without.verdict);
	if (admitted)
		assert_string_equal(reason_text(with.reason)->code, "maintenance");
	assert_int_equal(with.verdict, admitted ? VERDICT_ADMIT : without.verdict);
}

static void in_a_maintenance_window_a_known_terminal_is_in_whatever_the_work_disturbs(void **state)
{
	struct knock printer = printer_knock(), pc = good_eap();
	struct facts moved = permitted_printer(), silent = good_computer(), full = good_computer();

	(void)state;
	moved.permit.port = "p2";
	assert_maintained(&printer, moved, true);
	moved.permit.switch_id = SWITCH + 1;
	assert_maintained(&printer, moved, true);
	silent.terminal.posture = POSTURE_SILENT;
	assert_maintained(&pc, silent, true);
	full.port = (struct port_facts){.limit = 1, .others = 1, .phones_count = true};
	assert_maintained(&pc, full, true);
	pc.method = KNOCK_MAB;
	assert_maintained(&pc, good_computer(), true); /* 802.1X does not work */
}

static void a_maintenance_window_lets_nobody_in_whom_the_work_does_not_disturb(void **state)
{
	struct knock printer = printer_knock(), pc = good_eap(), stranger = good_eap();
	struct facts f = good_computer(), expired = permitted_printer(),
		     moved = permitted_printer();

	(void)state;
	f.terminal.posture = POSTURE_BAD;
	assert_maintained(&pc, f, false);
	pc.method = KNOCK_MAB; /* bad posture does not hide behind the missing supplicant */
	assert_maintained(&pc, f, false);
	f.terminal.isolated_by_person = true;
	assert_maintained(&pc, f, false);
	expired.permit.until_ms = NOW;
	assert_maintained(&printer, expired, false);
	moved.permit.port = "p2";
	moved.terminal.known = false;
	assert_maintained(&printer, moved, false);
	moved = permitted_printer();
	moved.deny_listed = true;
	assert_maintained(&printer, moved, false);
	f = good_computer();
	f.terminal.known = false;
	assert_maintained(&stranger, f, false);
	stranger.account_known = false;
	assert_maintained(&stranger, good_computer(), false);
}

static void what_a_person_did_is_not_called_automation(void **state)
{
	(void)state;
	assert_true(verdict_is_by_automation(REASON_POSTURE_BAD));
	assert_true(verdict_is_by_automation(REASON_PERMIT_EXPIRED));
	assert_false(verdict_is_by_automation(REASON_ISOLATED_BY_PERSON));
	assert_false(verdict_is_by_automation(REASON_DENY_LISTED));
	assert_false(verdict_is_by_automation(REASON_PASSWORD_WRONG));
	assert_false(verdict_is_by_automation(REASON_CERTIFICATE_REVOKED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_computer_of_its_owner_is_admitted),
		cmocka_unit_test(a_wrong_password_is_rejected),
		cmocka_unit_test(an_unknown_account_is_rejected),
		cmocka_unit_test(a_disabled_account_is_rejected),
		cmocka_unit_test(a_locked_account_is_rejected),
		cmocka_unit_test(an_ended_lock_no_longer_counts),
		cmocka_unit_test(a_revoked_certificate_is_rejected),
		cmocka_unit_test(an_account_on_a_strange_terminal_is_rejected),
		cmocka_unit_test(an_account_live_elsewhere_is_rejected),
		cmocka_unit_test(a_mac_of_another_terminal_is_isolated),
		cmocka_unit_test(a_computer_that_nobody_registered_is_isolated),
		cmocka_unit_test(a_made_up_mac_has_a_reason_of_its_own),
		cmocka_unit_test(an_approved_but_unenrolled_computer_is_isolated),
		cmocka_unit_test(a_scrapped_computer_is_rejected),
		cmocka_unit_test(an_old_policy_isolates_under_its_own_name),
		cmocka_unit_test(a_bad_posture_isolates),
		cmocka_unit_test(a_bad_posture_in_its_grace_is_warned_of),
		cmocka_unit_test(a_bad_posture_isolates_when_its_grace_is_over),
		cmocka_unit_test(nothing_but_a_bad_posture_has_that_grace),
		cmocka_unit_test(a_silent_agent_isolates),
		cmocka_unit_test(a_silent_agent_gets_no_grace_from_a_new_session),
		cmocka_unit_test(a_new_session_waits_for_its_agents_first_report),
		cmocka_unit_test(an_agent_that_never_reported_isolates_after_the_grace),
		cmocka_unit_test(a_posture_counts_for_thirty_days),
		cmocka_unit_test(a_posture_older_than_thirty_days_is_stale),
		cmocka_unit_test(a_stale_posture_still_gets_the_first_mornings_grace),
		cmocka_unit_test(an_agent_with_other_cards_is_isolated),
		cmocka_unit_test(an_administrators_isolation_isolates),
		cmocka_unit_test(a_listed_mac_is_rejected),
		cmocka_unit_test(the_deny_list_holds_during_a_bypass),
		cmocka_unit_test(a_wrong_password_holds_during_a_bypass),
		cmocka_unit_test(a_bypass_admits_what_would_be_kept_out),
		cmocka_unit_test(a_permitted_printer_is_admitted_on_its_port),
		cmocka_unit_test(a_printer_without_permit_is_rejected),
		cmocka_unit_test(a_printer_on_another_port_is_rejected),
		cmocka_unit_test(a_printer_on_another_switch_is_rejected),
		cmocka_unit_test(a_permit_without_port_binds_to_the_switch),
		cmocka_unit_test(a_permit_ends_at_its_last_moment),
		cmocka_unit_test(a_permit_does_not_begin_early),
		cmocka_unit_test(a_stranger_by_mac_is_isolated),
		cmocka_unit_test(a_computer_without_supplicant_is_isolated),
		cmocka_unit_test(an_isolated_printer_stays_isolated),
		cmocka_unit_test(a_computer_on_a_port_that_is_full_is_isolated),
		cmocka_unit_test(the_last_place_at_a_port_is_given),
		cmocka_unit_test(a_port_without_limit_is_never_full),
		cmocka_unit_test(what_else_is_wrong_is_said_before_a_full_port),
		cmocka_unit_test(a_permit_holds_in_its_hours_only),
		cmocka_unit_test(another_port_is_said_before_the_hours),
		cmocka_unit_test(a_visitor_is_admitted_to_the_visitors_network),
		cmocka_unit_test(a_computer_that_is_exempt_stays_by_its_mac),
		cmocka_unit_test(and_its_agent_is_asked_all_the_same),
		cmocka_unit_test(a_visitor_ends),
		cmocka_unit_test(a_visitor_of_another_unit_is_isolated),
		cmocka_unit_test(a_visitor_without_a_network_is_isolated),
		cmocka_unit_test(a_phone_needs_no_place_at_the_port),
		cmocka_unit_test(a_phone_that_counts_needs_a_place),
		cmocka_unit_test(observe_mode_admits_and_tells_what_would_have_been),
		cmocka_unit_test(warn_mode_admits_with_a_warning),
		cmocka_unit_test(no_mode_lets_a_wrong_password_or_a_listed_mac_in),
		cmocka_unit_test(the_same_knock_always_gets_the_same_verdict),
		cmocka_unit_test(names_of_kinds_come_back),
		cmocka_unit_test(
			in_a_maintenance_window_a_known_terminal_is_in_whatever_the_work_disturbs),
		cmocka_unit_test(
			a_maintenance_window_lets_nobody_in_whom_the_work_does_not_disturb),
		cmocka_unit_test(what_a_person_did_is_not_called_automation),
	};

	return cmocka_run_group_tests_name("policy/verdict", tests, NULL, NULL);
}
