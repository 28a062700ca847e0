#define _GNU_SOURCE
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "gate/eap/trunk.h"

#define QUESTIONS 300 /* more than one socket has ids */

/* An engine that sends back what it hears, and what the trunk heard of it. */
struct lab {
	struct loop *loop;
	struct trunk *trunk;
	int engine;
	struct radius_out questions[QUESTIONS];
	int slots[QUESTIONS];
	size_t answered, batches;
};

static void on_answer(void *arg, void *owner, const uint8_t *data, size_t len)
{
	struct lab *lab = arg;
	const struct radius_out *q = owner;
	size_t i = (size_t)(q - lab->questions);

	assert_in_range(i, 0, QUESTIONS - 1);
	assert_int_equal(len, q->len);
	assert_memory_equal(data, q->data, len);
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
	assert_int_equal(trunk_open(lab->trunk, addr_port(&at)), 0);
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
	q->len = 40 + i % 3;
	memset(q->data, (int)(i & 0xff), q->len);
	q->data[0] = RADIUS_ACCESS_REQUEST;
	q->data[1] = trunk_id(lab->slots[i]);
	trunk_ask(lab->trunk, lab->slots[i], q);
}

/* How many came to the engine and went back. */
static size_t echo(struct lab *lab)
{
	struct pollfd p = {lab->engine, POLLIN, 0};
	uint8_t data[RADIUS_PACKET_MAX];
	size_t count = 0;

	while (poll(&p, 1, 200) == 1) {
		struct addr from = {.len = sizeof(from.in6)};
		ssize_t n = recvfrom(lab->engine, data, sizeof(data), 0, &from.sa, &from.len);

		assert_true(n > 0);
		assert_int_equal(sendto(lab->engine, data, (size_t)n, 0, &from.sa, from.len), n);
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
		cmocka_unit_test_setup_teardown(few_questions_share_a_socket_and_ids_go_round,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_slots_can_be_held_and_no_more, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
