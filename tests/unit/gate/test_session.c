#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/session.h"

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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_session_is_found_by_class_mac_and_account),
		CASE(the_same_mac_at_the_same_place_keeps_its_class),
		CASE(the_same_mac_on_another_port_is_a_move),
		CASE(accounting_proves_and_ends),
		CASE(what_was_written_rebuilds_the_same_state),
		CASE(an_entry_cut_or_altered_in_its_numbers_is_refused),
		CASE(only_a_full_admission_counts_as_a_good_state),
		CASE(an_accounts_sessions_hang_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
