#define _GNU_SOURCE
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "gate/eap/trunk.h"

#define QUESTIONS 300 /* more than one socket has ids */

/* An engine that answers what it hears, and what the trunk heard of it. */
struct lab {
	struct loop *loop;
	struct trunk *trunk;
	struct radius_secret secret, engine_secret;
	int engine;
	struct radius_out questions[QUESTIONS];
	struct radius_out heard; /* by the engine, last */
	int slots[QUESTIONS];
	size_t answered, batches;
	unsigned copies; /* of each answer */
};

static void on_answer(void *arg, void *owner, const struct radius_packet *answer)
{
	struct lab *lab = arg;
	const struct radius_out *q = owner;
	size_t i = (size_t)(q - lab->questions);

	assert_in_range(i, 0, QUESTIONS - 1);
	assert_int_equal(answer->code, RADIUS_ACCESS_CHALLENGE);
	assert_int_equal(answer->id, q->data[1]);
	assert_int_equal(radius_check_response(answer, &lab->secret, q->data + 4), 0);
	trunk_leave_slot(lab->trunk, lab->slots[i]);
	lab->slots[i] = -1;
	lab->answered++;
}

static void on_done(void *arg)
{
	struct lab *lab = arg;

	lab->batches++;
}

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	struct addr at;
	int size = 1 << 20;

	assert_non_null(lab);
	assert_int_equal(loop_new(&lab->loop), 0);
	assert_int_equal(trunk_new(lab->loop, on_answer, on_done, lab, &lab->trunk), 0);
	assert_int_equal(addr_parse("127.0.0.1", 0, &at), 0);
	lab->engine = addr_udp_bind(&at);
	assert_true(lab->engine >= 0);
	setsockopt(lab->engine, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(getsockname(lab->engine, &at.sa, &at.len), 0);
	assert_int_equal(radius_secret_set(&lab->secret, "between them", 12), 0);
	lab->engine_secret = lab->secret;
	lab->copies = 1;
	assert_int_equal(trunk_open(lab->trunk, addr_port(&at), &lab->secret), 0);
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	trunk_free(lab->trunk);
	loop_free(lab->loop);
	close(lab->engine);
	free(lab);
	return 0;
}

static void ask(struct lab *lab, size_t i)
{
	struct radius_out *q = &lab->questions[i];

	lab->slots[i] = trunk_take_slot(lab->trunk, q);
	assert_true(lab->slots[i] >= 0);
	radius_begin_request(q, RADIUS_ACCESS_REQUEST, trunk_id(lab->slots[i]));
	for (size_t n = 0; n < i % 7; n++)
		radius_put_text(q, RADIUS_USER_NAME, "somebody");
	trunk_ask(lab->trunk, lab->slots[i], q);
}

/* As the engine would: what came must be finished. */
static void answer(struct lab *lab, const struct addr *to)
{
	struct radius_packet question;
	struct radius_out out;

	assert_int_equal(radius_parse(lab->heard.data, lab->heard.len, &question), 0);
	assert_int_equal(radius_check_message(&question, &lab->secret, NULL), 0);
	radius_begin_answer(&out, RADIUS_ACCESS_CHALLENGE, &question);
	assert_int_equal(radius_finish_answer(&out, &lab->engine_secret, question.authenticator),
			 0);
	for (unsigned i = 0; i < lab->copies; i++)
		assert_int_equal(sendto(lab->engine, out.data, out.len, 0, &to->sa, to->len),
				 (ssize_t)out.len);
}

/* How many came to the engine and were answered. */
static size_t echo(struct lab *lab)
{
	struct pollfd p = {lab->engine, POLLIN, 0};
	struct radius_out *in = &lab->heard;
	size_t count = 0;

	while (poll(&p, 1, 200) == 1) {
		struct addr from = {.len = sizeof(from.in6)};
		ssize_t n =
			recvfrom(lab->engine, in->data, sizeof(in->data), 0, &from.sa, &from.len);

		assert_true(n > 0);
		in->len = (size_t)n;
		answer(lab, &from);
		count++;
	}
	return count;
}

static void step_until_answered(struct lab *lab, size_t count)
{
	for (unsigned i = 0; lab->answered < count && i < 1000; i++)
		assert_int_equal(loop_step(lab->loop, 10), 0);
	assert_int_equal(lab->answered, count);
}

static void every_answer_finds_the_one_who_asked(void **state)
{
	struct lab *lab = *state;

	for (size_t i = 0; i < QUESTIONS; i++)
		ask(lab, i);
	assert_int_equal(trunk_waiting(lab->trunk), QUESTIONS);
	for (size_t done = 0; done < QUESTIONS; done = lab->answered) {
		trunk_flush(lab->trunk);
		step_until_answered(lab, done + echo(lab));
		assert_true(lab->answered > done);
	}
	assert_int_equal(trunk_waiting(lab->trunk), 0);
	assert_true(lab->batches > 0);
}

static void what_the_worker_may_not_hold_yet_waits_and_what_is_asked_again_does_not(void **state)
{
	struct lab *lab = *state;

	for (size_t i = 0; i < TRUNK_WINDOW + 2; i++)
		ask(lab, i);
	trunk_flush(lab->trunk);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), TRUNK_WINDOW);
	trunk_ask(lab->trunk, lab->slots[3], &lab->questions[3]);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 1);
	trunk_leave_slot(lab->trunk, lab->slots[3]);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 1);
	trunk_leave_slot(lab->trunk, lab->slots[TRUNK_WINDOW + 1]); /* never sent: makes no room */
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 0);
	step_until_answered(lab, TRUNK_WINDOW);
	assert_int_equal(trunk_waiting(lab->trunk), 0);
}

static void a_quiet_trunk_reads_only_when_it_is_asked(void **state)
{
	struct lab *lab = *state;

	trunk_set_quiet(lab->trunk, true);
	ask(lab, 0);
	ask(lab, 1);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 2);
	assert_int_equal(loop_step(lab->loop, 20), 0);
	assert_int_equal(lab->answered, 0);
	trunk_poll(lab->trunk);
	assert_int_equal(lab->answered, 2);
	ask(lab, 2);
	trunk_flush(lab->trunk);
	trunk_set_quiet(lab->trunk, false);
	assert_int_equal(echo(lab), 1);
	step_until_answered(lab, 3);
}

static void a_question_that_was_given_up_is_not_sent_and_not_answered(void **state)
{
	struct lab *lab = *state;

	ask(lab, 0);
	ask(lab, 1);
	trunk_leave_slot(lab->trunk, lab->slots[0]);
	trunk_flush(lab->trunk);
	trunk_leave_slot(lab->trunk, lab->slots[1]);
	assert_int_equal(echo(lab), 1);
	assert_int_equal(loop_step(lab->loop, 20), 0);
	assert_int_equal(lab->answered, 0);
	assert_int_equal(trunk_waiting(lab->trunk), 0);
}

static void what_is_asked_again_is_the_same_bytes(void **state)
{
	struct lab *lab = *state;
	struct radius_out first;

	ask(lab, 0);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 1);
	first = lab->heard;
	trunk_ask(lab->trunk, lab->slots[0], &lab->questions[0]);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 1);
	assert_int_equal(lab->heard.len, first.len);
	assert_memory_equal(lab->heard.data, first.data, first.len);
	step_until_answered(lab, 1);
}

static void an_answer_under_another_secret_is_dropped(void **state)
{
	struct lab *lab = *state;

	for (size_t i = 0; i < 9; i++)
		ask(lab, i);
	assert_int_equal(radius_secret_set(&lab->engine_secret, "of somebody else", 16), 0);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 9);
	assert_int_equal(loop_step(lab->loop, 20), 0);
	assert_int_equal(lab->answered, 0);
	lab->engine_secret = lab->secret;
	trunk_ask(lab->trunk, lab->slots[5], &lab->questions[5]);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 1);
	step_until_answered(lab, 1);
	assert_int_equal(trunk_waiting(lab->trunk), 8);
}

static void an_answer_that_comes_twice_counts_once(void **state)
{
	struct lab *lab = *state;

	lab->copies = 2;
	for (size_t i = 0; i < 9; i++)
		ask(lab, i);
	trunk_flush(lab->trunk);
	assert_int_equal(echo(lab), 9);
	step_until_answered(lab, 9);
	assert_int_equal(loop_step(lab->loop, 20), 0);
	assert_int_equal(lab->answered, 9);
}

static void few_questions_share_a_socket_and_ids_go_round(void **state)
{
	struct lab *lab = *state;
	int first = trunk_take_slot(lab->trunk, lab), before = first;

	assert_in_range(first, 0, TRUNK_IDS - 1);
	for (int i = 1; i < TRUNK_IDS; i++) {
		int slot = trunk_take_slot(lab->trunk, lab);

		assert_in_range(slot, 0, TRUNK_IDS - 1);
		assert_int_equal(slot, (before + 1) % TRUNK_IDS); /* none again so soon */
		trunk_leave_slot(lab->trunk, slot);
		before = slot;
		if (i == TRUNK_IDS - 1)
			trunk_leave_slot(lab->trunk, first);
	}
	assert_int_equal(trunk_waiting(lab->trunk), 0);
}

static void all_slots_can_be_held_and_no_more(void **state)
{
	struct lab *lab = *state;
	int slot = 0;

	for (size_t i = 0; i < TRUNK_SLOTS; i++) {
		slot = trunk_take_slot(lab->trunk, lab);
		assert_true(slot >= 0);
	}
	assert_int_equal(trunk_take_slot(lab->trunk, lab), -EBUSY);
	trunk_leave_slot(lab->trunk, slot);
	assert_int_equal(trunk_take_slot(lab->trunk, lab), slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_answer_finds_the_one_who_asked, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			what_the_worker_may_not_hold_yet_waits_and_what_is_asked_again_does_not,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_quiet_trunk_reads_only_when_it_is_asked, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_question_that_was_given_up_is_not_sent_and_not_answered, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(what_is_asked_again_is_the_same_bytes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_answer_under_another_secret_is_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_answer_that_comes_twice_counts_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(few_questions_share_a_socket_and_ids_go_round,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_slots_can_be_held_and_no_more, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
