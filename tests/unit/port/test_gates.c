#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "port/accounting.h"
#include "port/gates.h"

#define TIMEOUT_MS 60

/* Two gates of wood on loopback; each answers, or keeps silent, as it is told. */
struct scene {
	struct loop *loop;
	struct settings settings;
	struct gates *gates;
	int auth_fd[2], acct_fd;
	struct loop_watch *watch[3];
	bool talks[2], acct_talks, lies;
	int heard[2], probes;
	size_t booked;
	uint8_t first[RADIUS_PACKET_MAX]; /* the first request that gate 0 heard */
	size_t first_len;
	bool changed; /* a retransmission was not the same bytes */
	uint32_t order[8];
	int kinds[RADIUS_ACCT_OFF + 1]; /* records by Acct-Status-Type */
	int done, back;
	int err;
	size_t gate;
};

static void answer(struct scene *s, int fd, const struct radius_packet *p, const struct addr *from)
{
	struct radius_secret wrong;
	struct radius_out out;
	uint8_t code = p->code == RADIUS_ACCOUNTING_REQUEST ? RADIUS_ACCOUNTING_RESPONSE
							    : RADIUS_ACCESS_ACCEPT;

	assert_int_equal(radius_secret_set(&wrong, "wrong", 5), 0);
	radius_begin_answer(&out, code, p);
	assert_int_equal(radius_finish_answer(&out, s->lies ? &wrong : &s->settings.secret,
					      p->authenticator),
			 0);
	assert_int_equal(sendto(fd, out.data, out.len, 0, &from->sa, from->len), out.len);
}

static void on_record(struct scene *s, int fd, const struct radius_packet *p,
		      const struct addr *from)
{
	uint32_t status;

	assert_int_equal(radius_check_request(p, &s->settings.secret), 0);
	assert_int_equal(radius_get_u32(p, RADIUS_ACCT_STATUS_TYPE, &status), 0);
	if (!s->acct_talks)
		return;
	if (s->booked < ARRAY_SIZE(s->order))
		s->order[s->booked] = status;
	s->booked++;
	s->kinds[status]++;
	answer(s, fd, p, from);
}

static void on_request(void *arg, int fd, uint32_t events)
{
	struct scene *s = arg;
	size_t gate = fd == s->auth_fd[1];
	struct addr from = {.len = sizeof(from.in6)};
	uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet p;
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, &from.sa, &from.len);

	(void)events;
	assert_true(n > 0);
	assert_int_equal(radius_parse(data, (size_t)n, &p), 0);
	if (fd == s->acct_fd) {
		on_record(s, fd, &p, &from);
		return;
	}
	if (p.code == RADIUS_STATUS_SERVER)
		s->probes++;
	else
		s->heard[gate]++;
	if (gate == 0 && s->first_len == 0) {
		memcpy(s->first, data, (size_t)n);
		s->first_len = (size_t)n;
	} else if (gate == 0 && p.code == RADIUS_ACCESS_REQUEST && s->first[1] == p.id &&
		   memcmp(s->first, data, (size_t)n) != 0) {
		s->changed = true;
	}
	if (s->talks[gate])
		answer(s, fd, &p, &from);
}

static void on_back(void *arg)
{
	struct scene *s = arg;

	s->back++;
}

static int open_gate(struct scene *s, struct addr *ret, struct loop_watch **ret_watch)
{
	struct addr a;
	int fd;

	assert_int_equal(addr_parse("127.0.0.1", 0, &a), 0);
	fd = addr_udp_bind(&a);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, &a.sa, &a.len), 0);
	assert_int_equal(loop_watch_fd(s->loop, fd, 1, on_request, s, ret_watch), 0);
	*ret = a;
	return fd;
}

static void set_up(struct scene *s)
{
	struct addr acct;

	*s = (struct scene){.talks = {true, true}, .acct_talks = true, .err = 1};
	assert_int_equal(loop_new(&s->loop), 0);
	s->auth_fd[0] = open_gate(s, &s->settings.gates[0], &s->watch[0]);
	s->auth_fd[1] = open_gate(s, &s->settings.gates[1], &s->watch[1]);
	s->acct_fd = open_gate(s, &acct, &s->watch[2]);
	s->settings.accounting_port = addr_port(&acct);
	s->settings.gate_count = 2;
	s->settings.timeout_ms = TIMEOUT_MS;
	s->settings.tries = 2;
	s->settings.probe_s = 1;
	assert_int_equal(addr_parse("127.0.0.1", 3799, &s->settings.address), 0);
	assert_int_equal(radius_secret_set(&s->settings.secret, "right", 5), 0);
	assert_int_equal(gates_new(s->loop, &s->settings, on_back, s, &s->gates), 0);
}

static void tear_down(struct scene *s)
{
	gates_free(s->gates);
	for (size_t i = 0; i < ARRAY_SIZE(s->watch); i++)
		loop_watch_remove(s->watch[i]);
	close(s->auth_fd[0]);
	close(s->auth_fd[1]);
	close(s->acct_fd);
	loop_free(s->loop);
}

static void on_done(void *arg, int err, const struct radius_packet *packet, size_t gate)
{
	struct scene *s = arg;

	s->done++;
	s->err = err;
	s->gate = gate;
	assert_int_equal(err == 0, packet != NULL);
}

static void ask(struct scene *s, size_t gate)
{
	struct gates_request *req = gates_begin(s->gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);

	assert_non_null(req);
	radius_put_text(&req->out, RADIUS_USER_NAME, "lina");
	assert_int_equal(gates_send(req, gate, on_done, s), 0);
}

static void run(struct scene *s, int ms)
{
	int64_t until = clock_mono_ms() + ms;

	while (clock_mono_ms() < until)
		assert_int_equal(loop_step(s->loop, 5), 0);
}

static void run_until_done(struct scene *s, int done)
{
	int64_t until = clock_mono_ms() + 5000;

	while (s->done < done && clock_mono_ms() < until)
		assert_int_equal(loop_step(s->loop, 5), 0);
	assert_int_equal(s->done, done);
}

static void the_first_gate_answers(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	ask(&s, GATES_ANY);
	run_until_done(&s, 1);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.gate, 0);
	assert_int_equal(s.heard[1], 0);
	tear_down(&s);
}

static void a_silent_gate_is_asked_the_same_bytes_again_and_then_the_next(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.talks[0] = false;
	ask(&s, GATES_ANY);
	run_until_done(&s, 1);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.gate, 1);
	assert_int_equal(s.heard[0], 2);
	assert_false(s.changed);
	assert_false(gates_one_alive(s.gates, 0));
	assert_true(gates_alive(s.gates));
	ask(&s, GATES_ANY); /* the silent one costs nothing any more */
	run_until_done(&s, 2);
	assert_int_equal(s.gate, 1);
	assert_int_equal(s.heard[0], 2);
	tear_down(&s);
}

static void a_conversation_stays_with_its_gate(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.talks[0] = false;
	ask(&s, 0);
	run_until_done(&s, 1);
	assert_int_equal(s.err, -ETIMEDOUT);
	assert_int_equal(s.heard[1], 0);
	tear_down(&s);
}

static void a_forged_answer_is_no_answer(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.lies = true;
	ask(&s, GATES_ANY);
	run_until_done(&s, 1);
	assert_int_equal(s.err, -ETIMEDOUT);
	assert_false(gates_alive(s.gates));
	tear_down(&s);
}

static void a_gate_that_lives_again_is_noticed_and_told_once(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.talks[0] = s.talks[1] = false;
	ask(&s, GATES_ANY);
	run_until_done(&s, 1);
	assert_int_equal(s.err, -ETIMEDOUT);
	assert_false(gates_alive(s.gates));
	ask(&s, GATES_ANY); /* the silent get one try each */
	run_until_done(&s, 2);
	assert_int_equal(s.heard[0], 3);
	assert_int_equal(s.heard[1], 3);
	s.talks[0] = s.talks[1] = true;
	run(&s, 1300);
	assert_int_equal(s.probes, 2);
	assert_true(gates_one_alive(s.gates, 0) && gates_one_alive(s.gates, 1));
	assert_int_equal(s.back, 1);
	tear_down(&s);
}

static void no_more_than_256_requests_are_under_way(void **state)
{
	struct gates_request *kept[256];
	struct scene s;

	(void)state;
	set_up(&s);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		kept[i] = gates_begin(s.gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);
		assert_non_null(kept[i]);
	}
	assert_null(gates_begin(s.gates, GATES_AUTH, RADIUS_ACCESS_REQUEST));
	gates_cancel(kept[7]);
	kept[7] = gates_begin(s.gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);
	assert_non_null(kept[7]);
	assert_int_equal(kept[7]->out.data[1], 7);
	tear_down(&s);
}

static void a_cancelled_request_calls_nobody(void **state)
{
	struct gates_request *req;
	struct scene s;

	(void)state;
	set_up(&s);
	req = gates_begin(s.gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);
	assert_non_null(req);
	assert_int_equal(gates_send(req, GATES_ANY, on_done, &s), 0);
	gates_cancel(req);
	run(&s, 2 * TIMEOUT_MS);
	assert_int_equal(s.done, 0);
	tear_down(&s);
}

/* ---- accounting over the same gates ---- */

static void book(struct accounting *a, uint32_t status)
{
	const struct request_account r = {.status = status, .port = "p1", .session_id = "1"};

	assert_int_equal(accounting_add(a, &r), 0);
}

static void records_arrive_in_their_order_once_somebody_answers(void **state)
{
	static const uint32_t sent[] = {RADIUS_ACCT_ON, RADIUS_ACCT_START, RADIUS_ACCT_INTERIM,
					RADIUS_ACCT_STOP};
	struct accounting *a;
	struct scene s;

	(void)state;
	set_up(&s);
	s.acct_talks = false;
	assert_int_equal(accounting_new(s.loop, &s.settings, s.gates, &a), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		book(a, sent[i]);
	run(&s, 6 * TIMEOUT_MS);
	assert_int_equal(accounting_waiting(a), 4);
	assert_true(gates_alive(s.gates)); /* silence of accounting is not silence of the gate */
	s.acct_talks = true;
	run(&s, 2600);
	assert_int_equal(accounting_waiting(a), 0);
	assert_int_equal(s.booked, 4);
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		assert_int_equal(s.order[i], sent[i]);
	accounting_free(a);
	tear_down(&s);
}

static void a_full_queue_drops_interim_records_first_and_then_the_oldest_start(void **state)
{
	struct accounting *a;
	struct scene s;

	(void)state;
	set_up(&s);
	s.acct_talks = false;
	assert_int_equal(accounting_new(s.loop, &s.settings, s.gates, &a), 0);
	book(a, RADIUS_ACCT_ON);
	book(a, RADIUS_ACCT_INTERIM);
	for (size_t i = 0; i < ACCOUNTING_QUEUE_MAX; i++)
		book(a, i % 2 ? RADIUS_ACCT_STOP : RADIUS_ACCT_START);
	assert_int_equal(accounting_waiting(a), ACCOUNTING_QUEUE_MAX);
	s.acct_talks = true;
	for (int rounds = 0; rounds < 100 && accounting_waiting(a); rounds++)
		run(&s, 100);
	assert_int_equal(accounting_waiting(a), 0);
	assert_int_equal(s.kinds[RADIUS_ACCT_ON], 1);
	assert_int_equal(s.kinds[RADIUS_ACCT_INTERIM], 0);
	assert_int_equal(s.kinds[RADIUS_ACCT_START], ACCOUNTING_QUEUE_MAX / 2 - 1);
	assert_int_equal(s.kinds[RADIUS_ACCT_STOP], ACCOUNTING_QUEUE_MAX / 2);
	accounting_free(a);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_gate_answers),
		cmocka_unit_test(a_silent_gate_is_asked_the_same_bytes_again_and_then_the_next),
		cmocka_unit_test(a_conversation_stays_with_its_gate),
		cmocka_unit_test(a_forged_answer_is_no_answer),
		cmocka_unit_test(a_gate_that_lives_again_is_noticed_and_told_once),
		cmocka_unit_test(no_more_than_256_requests_are_under_way),
		cmocka_unit_test(a_cancelled_request_calls_nobody),
		cmocka_unit_test(records_arrive_in_their_order_once_somebody_answers),
		cmocka_unit_test(
			a_full_queue_drops_interim_records_first_and_then_the_oldest_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
