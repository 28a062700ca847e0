/* A record decided again under other rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/replay.h"

#define NOW INT64_C(1795400000000)

static struct replay_record record(enum knock_method method, enum terminal_kind kind,
				   enum reason would_be)
{
	return (struct replay_record){
		.at_ms = NOW,
		.method = method,
		.mac = {{(uint8_t)(would_be == REASON_MAC_RANDOMISED ? 2 : 0), 1, 2, 3, 4, 5}},
		.switch_id = 7,
		.port = "p1",
		.verdict = VERDICT_ADMIT,
		.reason = REASON_OBSERVED,
		.would_be_reason = would_be,
		.terminal_known = true,
		.kind = kind};
}

/* The reasons that a gate can have recorded for each way of knocking. */
static const enum reason by_password[] = {REASON_OK,
					  REASON_GRACE,
					  REASON_PASSWORD_WRONG,
					  REASON_ACCOUNT_UNKNOWN,
					  REASON_ACCOUNT_DISABLED,
					  REASON_ACCOUNT_LOCKED,
					  REASON_PASSWORD_EXPIRED,
					  REASON_IDENTITY_MISSING,
					  REASON_METHOD_REFUSED,
					  REASON_ACCOUNT_NOT_IN_GROUP,
					  REASON_DENY_LISTED,
					  REASON_TERMINAL_UNKNOWN,
					  REASON_TERMINAL_NOT_READY,
					  REASON_TERMINAL_SCRAPPED,
					  REASON_ACCOUNT_NOT_ON_TERMINAL,
					  REASON_ACCOUNT_LIVE_ELSEWHERE,
					  REASON_MAC_RANDOMISED,
					  REASON_POSTURE_BAD,
					  REASON_POSTURE_STALE,
					  REASON_AGENT_SILENT,
					  REASON_AGENT_MAC_MISMATCH,
					  REASON_ISOLATED_BY_PERSON,
					  REASON_PORT_FULL};
static const enum reason by_certificate[] = {REASON_OK, REASON_CERTIFICATE_UNKNOWN,
					     REASON_CERTIFICATE_REVOKED, REASON_MAC_OF_ANOTHER,
					     REASON_POSTURE_BAD};
static const enum reason by_mac[] = {REASON_OK,
				     REASON_DENY_LISTED,
				     REASON_TERMINAL_UNKNOWN,
				     REASON_TERMINAL_NOT_READY,
				     REASON_TERMINAL_SCRAPPED,
				     REASON_MAC_RANDOMISED,
				     REASON_SUPPLICANT_MISSING,
				     REASON_PERMIT_MISSING,
				     REASON_PERMIT_EXPIRED,
				     REASON_PERMIT_NOT_YET,
				     REASON_PERMIT_OTHER_PORT,
				     REASON_PERMIT_OTHER_SWITCH,
				     REASON_PERMIT_OUTSIDE_HOURS,
				     REASON_POSTURE_BAD,
				     REASON_POLICY_OLD,
				     REASON_AGENT_SILENT,
				     REASON_ISOLATED_BY_PERSON,
				     REASON_PORT_FULL,
				     REASON_VISITOR_OVER,
				     REASON_VISITOR_ELSEWHERE,
				     REASON_VISITOR_NO_PLACE};

static void assert_gives_itself(enum knock_method method, enum terminal_kind kind,
				const enum reason *reasons, size_t count)
{
	const enum mode enforce = MODE_ENFORCE;
	const struct replay_change change = {.mode = &enforce};

	for (size_t i = 0; i < count; i++) {
		struct replay_record r = record(method, kind, reasons[i]);
		struct decision d;

		assert_true(replay_decide(&r, MODE_OBSERVE, &change, &d));
		assert_string_equal(reason_text(d.reason)->code, reason_text(reasons[i])->code);
	}
}

static void facts_built_from_a_record_give_its_own_answer_again(void **state)
{
	(void)state;
	assert_gives_itself(KNOCK_EAP_PASSWORD, TERMINAL_PC, by_password, ARRAY_SIZE(by_password));
	assert_gives_itself(KNOCK_EAP_TLS, TERMINAL_PC, by_certificate, ARRAY_SIZE(by_certificate));
	for (int kind = 0; kind < TERMINAL_KIND_COUNT; kind++)
		assert_gives_itself(KNOCK_MAB, (enum terminal_kind)kind, by_mac,
				    ARRAY_SIZE(by_mac));
}

static void without_a_change_the_answer_is_the_recorded_one(void **state)
{
	struct replay_record r = record(KNOCK_MAB, TERMINAL_PRINTER, REASON_PERMIT_MISSING);
	const struct replay_change none = {0};
	struct decision d;

	(void)state;
	assert_true(replay_decide(&r, MODE_ENFORCE, &none, &d));
	assert_int_equal(d.verdict, VERDICT_ADMIT);
	assert_int_equal(d.reason, REASON_OBSERVED);
	assert_int_equal(d.would_be_reason, REASON_PERMIT_MISSING);
}

static void a_bypass_taken_away_leaves_what_the_rules_say(void **state)
{
	struct replay_record r = record(KNOCK_MAB, TERMINAL_PRINTER, REASON_PERMIT_EXPIRED);
	struct replay_change change = {0};
	struct decision d;

	(void)state;
	r.reason = REASON_BYPASS;
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_BYPASS);
	change.no_bypass = true;
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.verdict, VERDICT_REJECT);
	assert_int_equal(d.reason, REASON_PERMIT_EXPIRED);
}

static void an_exemption_taken_away_keeps_out_who_lived_by_it(void **state)
{
	struct replay_record r = record(KNOCK_MAB, TERMINAL_PC, REASON_OK);
	struct replay_change change = {.no_exempt = true};
	struct decision d;

	(void)state;
	r.reason = REASON_OK;
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_OK);
	change.supplicant_exempt = true;
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_SUPPLICANT_MISSING);
	change = (struct replay_change){.no_exempt = true, .posture_exempt = true};
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_POSTURE_BAD);
}

static void a_bad_posture_is_only_warned_of_in_the_grace_of_its_place(void **state)
{
	const enum mode enforce = MODE_ENFORCE;
	struct replay_record r = record(KNOCK_EAP_PASSWORD, TERMINAL_PC, REASON_POSTURE_BAD);
	struct replay_change change = {.mode = &enforce, .posture_grace_ms = 1000};
	struct decision d;

	(void)state;
	change.bad_since_ms = r.at_ms - 999;
	assert_true(replay_decide(&r, MODE_OBSERVE, &change, &d));
	assert_int_equal(d.verdict, VERDICT_ADMIT);
	assert_int_equal(d.reason, REASON_WARNED);
	change.bad_since_ms = r.at_ms - 1000;
	assert_true(replay_decide(&r, MODE_OBSERVE, &change, &d));
	assert_int_equal(d.verdict, VERDICT_ISOLATE);
	change.bad_since_ms = 0; /* nobody knows since when: it is counted as kept out */
	assert_true(replay_decide(&r, MODE_OBSERVE, &change, &d));
	assert_int_equal(d.verdict, VERDICT_ISOLATE);
}

static void who_was_let_in_by_a_last_known_proof_meets_silence_where_that_is_chosen(void **state)
{
	struct replay_record r = record(KNOCK_EAP_PASSWORD, TERMINAL_PC, REASON_OK);
	struct replay_change change = {0};
	struct decision d;

	(void)state;
	assert_true(replay_decide(&r, MODE_OBSERVE, &change, &d));
	assert_int_equal(d.verdict, VERDICT_ADMIT);
	change.directory_down = true;
	assert_true(replay_decide(&r, MODE_OBSERVE, &change, &d));
	assert_int_equal(d.verdict, VERDICT_REJECT);
	assert_int_equal(d.reason, REASON_DIRECTORY_DOWN);
}

static void a_draft_that_enforces_a_guard_makes_its_reasons_count(void **state)
{
	json_t *policy = json_pack("{s:{s:{s:s}, s:{s:s}}}", "guards", "antivirus", "mode",
				   "enforce", "disk", "mode", "warn");
	struct replay_record r = record(KNOCK_EAP_PASSWORD, TERMINAL_PC, REASON_OK);
	enum posture posture = POSTURE_BAD;
	struct replay_change change = {.posture = &posture};
	struct decision d;

	(void)state;
	assert_int_equal(replay_posture(policy, "disk.full,antivirus.old"), POSTURE_BAD);
	assert_int_equal(replay_posture(policy, "disk.full,"), POSTURE_GOOD);
	assert_int_equal(replay_posture(policy, ""), POSTURE_GOOD);
	assert_int_equal(replay_posture(NULL, "antivirus.old"), POSTURE_GOOD);
	json_decref(policy);
	r.reason = REASON_OK;
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_POSTURE_BAD);
	posture = POSTURE_GOOD;
	r.would_be_reason = REASON_POSTURE_BAD;
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_OK);
	r.would_be_reason = REASON_AGENT_SILENT; /* a policy does not wake an agent */
	assert_true(replay_decide(&r, MODE_ENFORCE, &change, &d));
	assert_int_equal(d.reason, REASON_AGENT_SILENT);
}

static void a_reason_of_no_verdict_is_not_replayed(void **state)
{
	struct replay_record r = record(KNOCK_MAB, TERMINAL_PRINTER, REASON_NONE);
	const struct replay_change none = {0};
	struct decision d;

	(void)state;
	assert_false(replay_decide(&r, MODE_ENFORCE, &none, &d));
	r.would_be_reason = REASON_PASSWORD_WRONG;
	assert_false(replay_decide(&r, MODE_ENFORCE, &none, &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_built_from_a_record_give_its_own_answer_again),
		cmocka_unit_test(without_a_change_the_answer_is_the_recorded_one),
		cmocka_unit_test(a_bypass_taken_away_leaves_what_the_rules_say),
		cmocka_unit_test(an_exemption_taken_away_keeps_out_who_lived_by_it),
		cmocka_unit_test(a_bad_posture_is_only_warned_of_in_the_grace_of_its_place),
		cmocka_unit_test(
			who_was_let_in_by_a_last_known_proof_meets_silence_where_that_is_chosen),
		cmocka_unit_test(a_draft_that_enforces_a_guard_makes_its_reasons_count),
		cmocka_unit_test(a_reason_of_no_verdict_is_not_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
