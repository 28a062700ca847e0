/* Accounting forwarded to an old server, which is a socket of this test. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/eap/old_accounting.h"
#include "gate/eap/old_queue.h"
#include "gate/front/front.h"
#include "gate/gate.h"
#include "gate/line/ledger.h"
#include "radius/client.h"
#include "wire/record.h"

#define NOON INT64_C(1795400000000)
#define PROXY_STATE "of the way here"

static struct radius_secret secret;
static struct gate gate;
static struct loop *ledgers_loop; /* nobody runs it: what is written, is at the end */
static struct old_accounting *old;
static int server;

static void open_gate(void)
{
	struct loop *own;

	assert_int_equal(loop_new(&ledgers_loop), 0);
	assert_int_equal(loop_new(&gate.loop), 0);
	steady_init(&gate.steady, clock_wall_ms(), clock_mono_ms(), 0);
	own = gate.loop;
	gate.loop = ledgers_loop;
	assert_int_equal(ledger_new(&gate, &gate.ledger), 0);
	gate.loop = own;
	assert_int_equal(front_new(&gate, &gate.front), 0);
	assert_int_equal(old_accounting_new(&gate, &secret, &old), 0);
}

static void close_gate(void)
{
	ledger_free(gate.ledger);
	old_accounting_free(old);
	front_free(gate.front);
	sessions_free(gate.sessions);
	loop_free(gate.loop);
	loop_free(ledgers_loop);
}

static void open_server(void)
{
	struct addr at;

	assert_int_equal(addr_parse("127.0.0.1", 0, &at), 0);
	server = addr_udp_bind(&at);
	assert_true(server >= 0);
	assert_int_equal(getsockname(server, &at.sa, &at.len), 0);
	addr_format(gate.settings.old_accounting, &at);
}

static int setup(void **state)
{
	static char dir[32];

	(void)state;
	memset(&gate, 0, sizeof(gate));
	snprintf(dir, sizeof(dir), "/tmp/old-accounting-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(gate.settings.state_dir, sizeof(gate.settings.state_dir), "%s", dir);
	gate.settings.spool_mib = 64;
	gate.settings.lanes = 1;
	for (size_t i = 0; i < ARRAY_SIZE(gate.settings.listen); i++)
		snprintf(gate.settings.listen[i], sizeof(gate.settings.listen[i]), "none");
	assert_int_equal(radius_secret_set(&secret, "old-secret", 10), 0);
	open_server();
	open_gate();
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	close_gate();
	close_cleanup(&server);
	return nftw(gate.settings.state_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- a switch says, the old server hears ---- */

static void say_with(uint32_t status, const char *session, int64_t now_ms, uint32_t dated_s)
{
	struct radius_out out;
	struct request r = {.now_ms = now_ms};

	radius_begin_request(&out, RADIUS_ACCOUNTING_REQUEST, 1);
	radius_put_u32(&out, RADIUS_ACCT_STATUS_TYPE, status);
	radius_put_text(&out, RADIUS_ACCT_SESSION_ID, session);
	radius_put_text(&out, RADIUS_PROXY_STATE, PROXY_STATE);
	if (dated_s)
		radius_put_u32(&out, RADIUS_EVENT_TIMESTAMP, dated_s);
	assert_int_equal(radius_finish_request(&out, &secret), 0);
	r.packet = radius_out_packet(&out);
	assert_int_equal(old_accounting_take(old, &r), 0);
}

static void say(uint32_t status, const char *session)
{
	say_with(status, session, NOON, 0);
}

static void say_number(uint32_t status, unsigned number)
{
	char session[16];

	snprintf(session, sizeof(session), "%u", number);
	say(status, session);
}

/* What comes next; its bytes live until the next one comes. */
static struct radius_packet hear(struct addr *from)
{
	static uint8_t data[RADIUS_PACKET_MAX];
	struct radius_packet p;
	ssize_t n;

	assert_int_equal(poll(&(struct pollfd){.fd = server, .events = POLLIN}, 1, 10000), 1);
	from->len = sizeof(from->in6);
	n = recvfrom(server, data, sizeof(data), 0, &from->sa, &from->len);
	assert_true(n > 0);
	assert_int_equal(radius_parse(data, (size_t)n, &p), 0);
	assert_int_equal(radius_check_request(&p, &secret), 0);
	return p;
}

static void answer(const struct radius_packet *p, const struct addr *to)
{
	struct radius_out out;

	radius_begin_answer(&out, RADIUS_ACCOUNTING_RESPONSE, p);
	assert_int_equal(radius_finish_answer(&out, &secret, p->authenticator), 0);
	assert_int_equal(sendto(server, out.data, out.len, 0, &to->sa, to->len), out.len);
	assert_int_equal(loop_step(gate.loop, 10000), 0);
}

static void hears_and_answers(const char *session)
{
	struct addr from;
	struct radius_packet p = hear(&from);
	char said[16];

	assert_int_equal(radius_get_text(&p, RADIUS_ACCT_SESSION_ID, said, sizeof(said)), 0);
	assert_string_equal(said, session);
	answer(&p, &from);
}

static void hears_number(unsigned number)
{
	char session[16];

	snprintf(session, sizeof(session), "%u", number);
	hears_and_answers(session);
}

static void hears_no_more(void)
{
	uint8_t byte;

	assert_int_equal(recv(server, &byte, 1, MSG_DONTWAIT), -1);
}

/* ---- what the gate wrote down ---- */

/* The gate starts anew for it: its end is when all is on the disk. */
static size_t notes(const char *text)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_FREE char *path = NULL;
	const char *at, *end;
	size_t count = 0;

	close_gate();
	open_gate();
	assert_int_equal(file_path(gate.settings.state_dir, "spool/0000000000000001.log", &path),
			 0);
	assert_int_equal(file_read(path, 1U << 20, &bytes), 0);
	at = buf_str(&bytes);
	end = at + bytes.len;
	while ((at = memmem(at, (size_t)(end - at), text, strlen(text)))) {
		count++;
		at++;
	}
	return count;
}

/* ---- cases ---- */

static void each_waits_for_the_answer_to_the_one_before(void **state)
{
	(void)state;
	say(RADIUS_ACCT_START, "a");
	say(RADIUS_ACCT_INTERIM, "b");
	say(RADIUS_ACCT_STOP, "c");
	hears_and_answers("a");
	hears_and_answers("b");
	hears_and_answers("c");
	hears_no_more();
}

static void what_the_switch_did_not_date_is_dated_when_it_came(void **state)
{
	struct radius_attr a = {0};
	struct radius_packet p;
	struct addr from;
	uint32_t date_s;

	(void)state;
	say(RADIUS_ACCT_START, "undated");
	say_with(RADIUS_ACCT_STOP, "dated", NOON, 4711);
	p = hear(&from);
	assert_int_equal(radius_get_u32(&p, RADIUS_EVENT_TIMESTAMP, &date_s), 0);
	assert_int_equal(date_s, NOON / 1000);
	assert_false(radius_find(&p, RADIUS_PROXY_STATE, &a));
	answer(&p, &from);
	p = hear(&from);
	assert_int_equal(radius_get_u32(&p, RADIUS_EVENT_TIMESTAMP, &date_s), 0);
	assert_int_equal(date_s, 4711);
	answer(&p, &from);
}

/* Starts, but for two interims. */
static void fill(void)
{
	for (unsigned i = 0; i < OLD_QUEUE_MAX; i++)
		say_number(i == 3 || i == 5 ? RADIUS_ACCT_INTERIM : RADIUS_ACCT_START, i);
}

static void without_room_interims_go_first_and_then_the_oldest(void **state)
{
	(void)state;
	fill();
	say(RADIUS_ACCT_START, "a"); /* for 3 */
	say(RADIUS_ACCT_START, "b"); /* for 5 */
	say(RADIUS_ACCT_STOP, "c");  /* for 1: the first is under way */
	hears_number(0);
	hears_number(2);
	hears_number(4);
	for (unsigned i = 6; i < OLD_QUEUE_MAX; i++)
		hears_number(i);
	hears_and_answers("a");
	hears_and_answers("b");
	hears_and_answers("c");
	hears_no_more();
}

static void what_had_no_room_is_told_at_once_and_then_by_the_minute(void **state)
{
	(void)state;
	fill();
	say(RADIUS_ACCT_START, "a");
	say(RADIUS_ACCT_START, "b");
	say_with(RADIUS_ACCT_START, "c", NOON + 59999, 0);
	say_with(RADIUS_ACCT_START, "d", NOON + 60000, 0);
	assert_int_equal(notes("had no room"), 2);
	assert_int_equal(notes("accounting for the old server: 1 packets had no room"), 1);
	assert_int_equal(notes("accounting for the old server: 3 packets had no room"), 1);
}

static void restart(void)
{
	close_gate();
	open_gate();
}

static void a_gate_that_starts_again_forwards_what_waited(void **state)
{
	(void)state;
	say(RADIUS_ACCT_START, "a");
	say(RADIUS_ACCT_STOP, "b");
	hears_and_answers("a");
	assert_int_equal(recv(server, &(uint8_t){0}, 1, 0), 1); /* b, unanswered */
	restart();
	assert_int_equal(old_accounting_waiting(old), 1);
	hears_and_answers("b");
	hears_no_more();
	restart();
	assert_int_equal(old_accounting_waiting(old), 0);
	hears_no_more();
}

static void a_gate_that_has_no_old_server_any_more_says_what_waits(void **state)
{
	(void)state;
	assert_int_equal(old_accounting_left(&gate), 0);
	say(RADIUS_ACCT_START, "a");
	restart();
	assert_true(old_accounting_left(&gate) > 0);
}

static void look_at_the_disk(void *arg, int error)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_FREE char *path = NULL;

	assert_int_equal(error, 0);
	assert_int_equal(file_path(gate.settings.state_dir, "old-accounting", &path), 0);
	assert_int_equal(file_read(path, 65536, &bytes), 0);
	assert_non_null(memmem(buf_str(&bytes), bytes.len, "acknowledged", 12));
	*(bool *)arg = true;
}

static void before_the_switch_is_answered_it_is_on_disk(void **state)
{
	bool looked = false;

	(void)state;
	say(RADIUS_ACCT_START, "acknowledged");
	assert_int_equal(ledger_wait(gate.ledger, look_at_the_disk, &looked), 0);
	while (!looked)
		assert_int_equal(loop_step(ledgers_loop, 10000), 0);
}

static void be_silent(void *arg, int error)
{
	*(int *)arg = error;
}

static void while_its_file_cannot_be_written_no_switch_is_answered(void **state)
{
	struct rlimit before, limit;
	int error = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 10; /* of the ledger's three it alone has something to write */
	signal(SIGXFSZ, SIG_IGN);
	say(RADIUS_ACCT_START, "a");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(ledger_wait(gate.ledger, be_silent, &error), 0);
	while (!error)
		assert_int_equal(loop_step(ledgers_loop, 10000), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(error, -EFBIG);
}

/* Within the minute nothing more is said, and nobody comes any more to say it at. */
static void what_was_lost_is_told_when_the_old_server_is_on_again(void **state)
{
	int64_t now_ms = gate_now(&gate);

	(void)state;
	fill();
	say_with(RADIUS_ACCT_START, "a", now_ms - 59900, 0);
	say_with(RADIUS_ACCT_START, "b", now_ms - 59900, 0);
	say_with(RADIUS_ACCT_START, "c", now_ms - 59900, 0); /* for 1 */
	hears_number(0);
	hears_number(2);
	hears_number(4);
	for (unsigned i = 6; i < OLD_QUEUE_MAX; i++)
		hears_number(i);
	hears_and_answers("a");
	hears_and_answers("b");
	hears_and_answers("c");
	assert_int_equal(loop_step(gate.loop, 200), 0);
	assert_int_equal(gate.counters[COUNT_OLD_LOST], 3);
	assert_int_equal(notes("accounting for the old server: 2 packets had no room"), 1);
}

static void with_room_nothing_is_told(void **state)
{
	(void)state;
	fill();
	assert_int_equal(notes("had no room"), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(each_waits_for_the_answer_to_the_one_before),
		CASE(what_the_switch_did_not_date_is_dated_when_it_came),
		CASE(without_room_interims_go_first_and_then_the_oldest),
		CASE(what_had_no_room_is_told_at_once_and_then_by_the_minute),
		CASE(a_gate_that_starts_again_forwards_what_waited),
		CASE(before_the_switch_is_answered_it_is_on_disk),
		CASE(while_its_file_cannot_be_written_no_switch_is_answered),
		CASE(a_gate_that_has_no_old_server_any_more_says_what_waits),
		CASE(what_was_lost_is_told_when_the_old_server_is_on_again),
		CASE(with_room_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
