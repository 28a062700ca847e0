/* Two gates' sessions, and what passes between them, without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/peer/hearing.h"
#include "gate/peer/telling.h"

#define NOW_MS INT64_C(1700000000000)
#define SKEW_MS (5 * 60 * INT64_C(1000))

struct side {
	struct sessions *sessions;
	struct hearing hearing; /* of the other */
	struct telling telling; /* to the other */
	uint8_t epoch[16];
	int64_t now_ms;
	unsigned over, conflicts;
};

static struct side a, b;

static void ignore(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
}

static void on_over(void *arg, const struct session *here, const struct session *said,
		    enum merge how)
{
	struct side *s = arg;

	(void)here;
	(void)said;
	s->over++;
	s->conflicts += how == MERGE_CONFLICT;
}

static void make_side(struct side *s, const char *other, uint8_t epoch)
{
	*s = (struct side){.now_ms = NOW_MS};
	assert_int_equal(sessions_new(ignore, NULL, &s->sessions), 0);
	s->hearing = (struct hearing){.sessions = s->sessions, .on_over = on_over, .arg = s};
	assert_int_equal(sessions_origin(s->sessions, other, &s->hearing.origin), 0);
	memset(s->epoch, epoch, sizeof(s->epoch));
}

static int setup(void **state)
{
	(void)state;
	make_side(&a, "b", 1);
	make_side(&b, "a", 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	telling_end(&a.telling);
	telling_end(&b.telling);
	sessions_free(a.sessions);
	sessions_free(b.sessions);
	return 0;
}

static int hear(struct side *to, enum frame_type type, const void *message, size_t size,
		struct buf *answer)
{
	CLEANUP_BUF struct buf frame = BUF_INIT;
	struct frame f;
	size_t used;

	assert_int_equal(frame_encode(&frame, type, message, size), 0);
	assert_int_equal(frame_parse(frame.data, frame.len, &f, &used), 0);
	return hearing_take(&to->hearing, &f, to->now_ms, answer);
}

static void greet(struct side *from, struct side *to)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	menshen_PeerHello hello = {.protocol = PEER_PROTOCOL};
	menshen_PeerWelcome welcome;
	struct frame f;
	size_t used;

	memcpy(hello.epoch, from->epoch, sizeof(hello.epoch));
	hearing_restart(&to->hearing);
	assert_int_equal(hear(to, FRAME_PEER_HELLO, &hello, sizeof(hello), &answer), 0);
	assert_int_equal(frame_parse(answer.data, answer.len, &f, &used), 0);
	assert_int_equal(FRAME_DECODE(&f, &welcome), 0);
	telling_end(&from->telling);
	telling_begin(&from->telling, from->sessions, from->hearing.origin, welcome.through);
}

/* How many sessions it took. */
static unsigned tell(struct side *from, struct side *to)
{
	const menshen_PeerBeat all = {.told_all = true};
	CLEANUP_BUF struct buf answer = BUF_INIT;
	unsigned count = 0;

	for (;; count++) {
		CLEANUP_BUF struct buf frame = BUF_INIT;
		struct frame f;
		size_t used;
		int r = telling_next(&from->telling, from->now_ms, &frame);

		assert_true(r >= 0);
		if (r == 0)
			break;
		assert_int_equal(frame_parse(frame.data, frame.len, &f, &used), 0);
		assert_int_equal(hearing_take(&to->hearing, &f, to->now_ms, &answer), 0);
	}
	assert_int_equal(hear(to, FRAME_PEER_BEAT, &all, sizeof(all), &answer), 0);
	return count;
}

static struct session *knock(struct side *s, uint8_t mac, int64_t switch_id, const char *account)
{
	const struct session_grant g = {
		.at_ms = ++s->now_ms,
		.mac = {{2, 0, 0, 0, 0, mac}},
		.method = KNOCK_EAP_PASSWORD,
		.switch_id = switch_id,
		.terminal_id = mac,
		.port = "p1",
		.account = account,
		.calling = "02-00-00-00-00-01",
		.decision = {VERDICT_ADMIT, REASON_OK, VERDICT_ADMIT, REASON_OK},
	};
	struct session *n = NULL, old;
	bool moved;

	assert_int_equal(sessions_grant(s->sessions, &g, &n, &moved, &old), 0);
	return n;
}

static struct session *at(const struct side *s, uint8_t mac)
{
	return sessions_by_mac(s->sessions, &(struct mac){{2, 0, 0, 0, 0, mac}});
}

static void prove(struct side *s, uint8_t mac)
{
	const struct session_report r = {.at_ms = ++s->now_ms, .acct_id = "1"};

	sessions_prove(s->sessions, at(s, mac), &r);
}

static void what_one_holds_the_other_knows_as_its(void **state)
{
	const struct session *n;

	(void)state;
	knock(&a, 1, 1, "alice");
	greet(&a, &b);
	assert_int_equal(tell(&a, &b), 1);
	n = at(&b, 1);
	assert_non_null(n);
	assert_string_equal(sessions_origin_name(b.sessions, n->origin), "a");
	assert_memory_equal(n->class_id, at(&a, 1)->class_id, CLASS_SIZE);
	assert_ptr_equal(sessions_of_account(b.sessions, "alice"), n);
	assert_int_equal(sessions_live_of(b.sessions, n->origin), 1);
	assert_int_equal(tell(&a, &b), 0);
	prove(&a, 1);
	assert_int_equal(tell(&a, &b), 1);
	assert_int_equal(at(&b, 1)->state, SESSION_RUNNING);
}

static void times_are_put_right_for_a_clock_that_goes_wrong(void **state)
{
	(void)state;
	a.now_ms += SKEW_MS;
	knock(&a, 1, 1, "alice");
	prove(&a, 1);
	greet(&a, &b);
	tell(&a, &b);
	assert_int_equal(at(&b, 1)->proven_at_ms, b.now_ms);
}

static void who_changes_a_session_takes_it_over(void **state)
{
	(void)state;
	a.now_ms += SKEW_MS; /* and its later word is later all the same */
	knock(&a, 1, 1, "alice");
	greet(&a, &b);
	greet(&b, &a);
	tell(&a, &b);
	prove(&b, 1);
	assert_int_equal(at(&b, 1)->origin, 0);
	assert_int_equal(tell(&b, &a), 1);
	assert_int_equal(at(&a, 1)->origin, a.hearing.origin);
	assert_int_equal(at(&a, 1)->state, SESSION_RUNNING);
	assert_int_equal(tell(&a, &b), 0); /* nobody gives back what it was told */
	assert_int_equal(a.conflicts + b.conflicts, 0);
	assert_int_equal(sessions_live_of(a.sessions, 0), 0);
	assert_int_equal(sessions_live(a.sessions), 1);
}

static void a_move_between_gates_is_no_conflict(void **state)
{
	(void)state;
	knock(&a, 1, 1, "");
	greet(&a, &b);
	greet(&b, &a);
	tell(&a, &b);
	knock(&b, 1, 2, "");
	tell(&b, &a);
	assert_int_equal(at(&a, 1)->switch_id, 2);
	assert_int_equal(a.conflicts + b.conflicts, 0);
}

static void after_a_partition_both_hold_the_later_and_one_closes(void **state)
{
	(void)state;
	knock(&a, 1, 1, "");
	b.now_ms += 1000;
	knock(&b, 1, 2, "");
	greet(&a, &b);
	greet(&b, &a);
	tell(&a, &b);
	tell(&b, &a);
	assert_int_equal(at(&a, 1)->switch_id, 2);
	assert_int_equal(at(&b, 1)->switch_id, 2);
	assert_int_equal(a.conflicts, 1);
	assert_int_equal(b.conflicts, 0);
	assert_int_equal(at(&b, 1)->origin, 0);
}

static void who_was_away_is_told_what_changed_meanwhile(void **state)
{
	(void)state;
	for (uint8_t mac = 1; mac <= 10; mac++)
		knock(&a, mac, 1, "");
	greet(&a, &b);
	assert_int_equal(tell(&a, &b), 10);
	prove(&a, 3);
	greet(&a, &b);
	assert_int_equal(tell(&a, &b), 1);
	a.epoch[0]++; /* it started anew, with other numbers */
	greet(&a, &b);
	assert_int_equal(tell(&a, &b), 10);
}

static void who_lost_its_sessions_gets_them_back(void **state)
{
	(void)state;
	knock(&a, 1, 1, "alice");
	greet(&a, &b);
	tell(&a, &b);
	telling_end(&a.telling);
	sessions_free(a.sessions);
	make_side(&a, "b", 3);
	greet(&b, &a);
	assert_int_equal(tell(&b, &a), 1);
	assert_non_null(at(&a, 1));
	assert_int_equal(at(&a, 1)->origin, 0);
	assert_int_equal(sessions_live_of(a.sessions, 0), 1);
}

static void only_what_was_lost_is_taken_back(void **state)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	menshen_PeerSession m = {.number = 1, .now_ms = NOW_MS, .yours = true};

	(void)state;
	knock(&b, 1, 1, "");
	greet(&b, &a);
	tell(&b, &a); /* it has told all: nothing is given back any more */
	m.number = 1000;
	m.entry.size = 3;
	assert_int_equal(hear(&a, FRAME_PEER_SESSION, &m, sizeof(m), &answer), 0);
	assert_int_equal(a.hearing.unread, 1);
	assert_int_equal(at(&a, 1)->origin, a.hearing.origin);
}

static void who_does_not_greet_or_goes_back_is_not_heard(void **state)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	const menshen_PeerBeat beat = {0};
	const menshen_PeerHello later = {.protocol = PEER_PROTOCOL + 1};
	const menshen_PeerSession m = {.number = 0};

	(void)state;
	assert_int_equal(hear(&a, FRAME_PEER_BEAT, &beat, sizeof(beat), &answer), -EBADMSG);
	assert_int_equal(hear(&a, FRAME_PEER_SESSION, &m, sizeof(m), &answer), -EBADMSG);
	assert_int_equal(hear(&a, FRAME_PEER_HELLO, &later, sizeof(later), &answer), -EPROTO);
	greet(&b, &a);
	assert_int_equal(hear(&a, FRAME_PEER_SESSION, &m, sizeof(m), &answer), -EBADMSG);
	assert_int_equal(hear(&a, FRAME_ACK, &(menshen_Ack){0}, sizeof(menshen_Ack), &answer),
			 -EBADMSG);
}

static void a_version_from_far_ahead_is_passed_over(void **state)
{
	(void)state;
	a.now_ms += 500 * 86400 * INT64_C(1000);
	knock(&a, 1, 1, "");
	greet(&a, &b);
	tell(&a, &b);
	assert_null(at(&b, 1));
	assert_int_equal(b.hearing.unread, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_one_holds_the_other_knows_as_its),
		TEST(times_are_put_right_for_a_clock_that_goes_wrong),
		TEST(who_changes_a_session_takes_it_over),
		TEST(a_move_between_gates_is_no_conflict),
		TEST(after_a_partition_both_hold_the_later_and_one_closes),
		TEST(who_was_away_is_told_what_changed_meanwhile),
		TEST(who_lost_its_sessions_gets_them_back),
		TEST(only_what_was_lost_is_taken_back),
		TEST(who_does_not_greet_or_goes_back_is_not_heard),
		TEST(a_version_from_far_ahead_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
