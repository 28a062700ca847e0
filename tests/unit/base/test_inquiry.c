#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/inquiry.h"
#include "base/local.h"

#define LINE_LONGEST 16
#define ANSWER_LONGEST (4U << 20)
#define LARGE_ANSWER (3U << 20) /* more than any socket's buffer */
#define SHORT_MS 500

/* A program that answers in the test's own thread, and whoever asks in another. */
struct program {
	char dir[32], path[64];
	struct loop *loop;
	struct inquiry *inquiry;
	struct inquiry_rules rules;
	unsigned answers;
	char last[64];
	uid_t last_uid;
};

static void answer(void *arg, const char *line, uid_t uid, struct buf *out)
{
	struct program *p = arg;

	p->answers++;
	p->last_uid = uid;
	snprintf(p->last, sizeof(p->last), "%s", line);
	if (strcmp(line, "nothing") == 0)
		return;
	if (strcmp(line, "too much") == 0 || strcmp(line, "much") == 0) {
		size_t len = line[0] == 't' ? ANSWER_LONGEST + 1 : LARGE_ANSWER;
		uint8_t *to = buf_reserve(out, len);

		if (to) {
			memset(to, 'm', len);
			out->len += len;
		}
		return;
	}
	buf_printf(out, "you said: %s\n", line);
}

static int start(void **state)
{
	struct program *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "/tmp/inquiry-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/sock", p->dir);
	p->rules = (struct inquiry_rules){.path = p->path,
					  .mode = 0600,
					  .line_max = LINE_LONGEST,
					  .answer_max = ANSWER_LONGEST,
					  .answer = answer,
					  .arg = p};
	assert_int_equal(loop_new(&p->loop), 0);
	*state = p;
	return 0;
}

static void listen_with(struct program *p, size_t line_max, int64_t patience_ms)
{
	p->rules.line_max = line_max;
	p->rules.patience_ms = patience_ms;
	assert_int_equal(inquiry_new(p->loop, &p->rules, &p->inquiry), 0);
}

static int stop(void **state)
{
	struct program *p = *state;
	struct stat st;

	inquiry_free(p->inquiry);
	loop_free(p->loop);
	assert_int_equal(stat(p->path, &st), -1);
	assert_int_equal(rmdir(p->dir), 0);
	free(p);
	return 0;
}

struct question {
	const char *path, *line;
	struct buf got;
	int err;
	bool done;
	pthread_t thread;
};

static void *put(void *arg)
{
	struct question *q = arg;

	q->err = inquiry_ask(q->path, q->line, &q->got);
	__atomic_store_n(&q->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void begin(struct program *p, const char *line, struct question *q)
{
	*q = (struct question){.path = p->path, .line = line, .got = BUF_INIT};
	assert_int_equal(pthread_create(&q->thread, NULL, put, q), 0);
}

static int finish(struct program *p, struct question *q)
{
	while (!__atomic_load_n(&q->done, __ATOMIC_ACQUIRE))
		assert_int_equal(loop_step(p->loop, 10), 0);
	assert_int_equal(pthread_join(q->thread, NULL), 0);
	return q->err;
}

static int ask(struct program *p, const char *line, struct buf *ret)
{
	struct question q;
	int err;

	begin(p, line, &q);
	err = finish(p, &q);
	buf_done(ret);
	*ret = q.got;
	return err;
}

static void expect_answer(struct program *p, const char *line, const char *expected)
{
	CLEANUP_BUF struct buf got = BUF_INIT;

	assert_int_equal(ask(p, line, &got), 0);
	assert_string_equal(buf_str(&got), expected);
}

static int connect_to(struct program *p)
{
	int fd = local_connect(p->path, SOCK_STREAM, SOCK_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

static void step_until_answers(struct program *p, unsigned count)
{
	while (p->answers < count)
		assert_int_equal(loop_step(p->loop, 10), 0);
}

/* Steps until the program hung up on `fd`; how much it had said comes back. */
static size_t read_to_the_end(struct program *p, int fd)
{
	char bytes[65536];
	size_t all = 0;
	ssize_t n = -1;

	while (n != 0 && !(n < 0 && errno == ECONNRESET)) {
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n > 0)
			all += (size_t)n;
		else if (n < 0)
			assert_int_equal(loop_step(p->loop, 10), 0);
	}
	return all;
}

static void a_line_is_answered_to_whom_the_mode_lets_in(void **state)
{
	struct program *p = *state;
	struct stat st;

	listen_with(p, LINE_LONGEST, 0);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	expect_answer(p, "ports", "you said: ports\n");
	assert_int_equal(p->last_uid, geteuid());
	expect_answer(p, "", "you said: \n");
	expect_answer(p, "nothing", "");
}

static void a_program_that_reads_no_line_answers_at_once(void **state)
{
	struct program *p = *state;

	p->rules.mode = 0666;
	listen_with(p, 0, 0);
	expect_answer(p, NULL, "you said: \n");
}

static void a_line_that_comes_in_pieces_is_one_line(void **state)
{
	struct program *p = *state;
	int fd;

	listen_with(p, LINE_LONGEST, 0);
	fd = connect_to(p);
	for (const char *c = "ports\n"; *c; c++) {
		assert_int_equal(send(fd, c, 1, MSG_NOSIGNAL), 1);
		assert_int_equal(loop_step(p->loop, 10), 0);
	}
	assert_int_equal(read_to_the_end(p, fd), sizeof("you said: ports\n"));
	assert_string_equal(p->last, "ports");
	close(fd);
}

static void a_line_of_the_longest_length_is_heard_and_one_byte_more_is_not(void **state)
{
	struct program *p = *state;
	CLEANUP_BUF struct buf got = BUF_INIT;

	listen_with(p, LINE_LONGEST, 0);
	expect_answer(p, "0123456789abcdef", "you said: 0123456789abcdef\n");
	buf_puts(&got, "before");
	assert_int_equal(ask(p, "0123456789abcdefg", &got), -EBADMSG);
	assert_int_equal(p->answers, 1);
}

static void a_line_with_no_end_or_with_a_nul_is_not_answered(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {{"0123456789abcdefg", 17}, {"po\0ts\n", 6}};
	struct program *p = *state;

	listen_with(p, LINE_LONGEST, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int fd = connect_to(p);

		assert_int_equal(send(fd, bad[i].bytes, bad[i].len, 0), bad[i].len);
		assert_int_equal(read_to_the_end(p, fd), 0);
		close(fd);
	}
	assert_int_equal(p->answers, 0);
}

static void an_answer_larger_than_the_sockets_buffer_arrives_whole(void **state)
{
	struct program *p = *state;
	CLEANUP_BUF struct buf got = BUF_INIT;

	listen_with(p, LINE_LONGEST, 0);
	assert_int_equal(ask(p, "much", &got), 0);
	assert_int_equal(got.len, LARGE_ANSWER);
}

static void an_answer_beyond_the_bound_is_not_given(void **state)
{
	struct program *p = *state;
	CLEANUP_BUF struct buf got = BUF_INIT;

	listen_with(p, LINE_LONGEST, 0);
	assert_int_equal(ask(p, "too much", &got), -EBADMSG);
	expect_answer(p, "ports", "you said: ports\n");
}

static void what_the_asking_side_has_no_room_for_leaves_it_as_it_was(void **state)
{
	struct program *p = *state;
	struct question q = {.path = p->path, .line = "much"};

	listen_with(p, LINE_LONGEST, 0);
	buf_init(&q.got, 100);
	buf_puts(&q.got, "before");
	assert_int_equal(pthread_create(&q.thread, NULL, put, &q), 0);
	assert_int_equal(finish(p, &q), -EMSGSIZE);
	assert_string_equal(buf_str(&q.got), "before");
	buf_done(&q.got);
}

static void a_slow_reader_holds_nobody_up_and_is_cut_off(void **state)
{
	struct program *p = *state;
	size_t got;
	int fd;

	listen_with(p, LINE_LONGEST, SHORT_MS);
	fd = connect_to(p);
	assert_int_equal(send(fd, "much\n", 5, 0), 5);
	step_until_answers(p, 1);
	expect_answer(p, "ports", "you said: ports\n");
	usleep(SHORT_MS * 1000);
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_step(p->loop, 1), 0);
	got = read_to_the_end(p, fd);
	assert_true(got > 0 && got < LARGE_ANSWER);
	close(fd);
}

static void one_more_than_there_are_places_waits_until_a_silent_one_is_cut_off(void **state)
{
	struct program *p = *state;
	int silent[INQUIRY_CLIENTS_MAX];

	listen_with(p, LINE_LONGEST, SHORT_MS);
	for (size_t i = 0; i < INQUIRY_CLIENTS_MAX; i++)
		silent[i] = connect_to(p);
	expect_answer(p, "ports", "you said: ports\n");
	for (size_t i = 0; i < INQUIRY_CLIENTS_MAX; i++) {
		assert_int_equal(read_to_the_end(p, silent[i]), 0);
		close(silent[i]);
	}
}

static void a_peer_that_leaves_in_the_middle_frees_its_place(void **state)
{
	struct program *p = *state;

	listen_with(p, LINE_LONGEST, 0);
	for (unsigned i = 0; i < 2 * INQUIRY_CLIENTS_MAX; i++) {
		int fd = connect_to(p);

		/* One of two leaves in its line, the other in its answer. */
		assert_int_equal(send(fd, "much\n", i % 2 ? 5 : 2, 0), i % 2 ? 5 : 2);
		step_until_answers(p, (i + 1) / 2);
		close(fd);
		assert_int_equal(loop_step(p->loop, 10), 0);
	}
	expect_answer(p, "ports", "you said: ports\n");
}

static void a_program_that_goes_hangs_up_on_who_is_there(void **state)
{
	struct program *p = *state;
	struct question q;

	listen_with(p, LINE_LONGEST, 0);
	begin(p, "much", &q);
	step_until_answers(p, 1);
	inquiry_free(p->inquiry);
	p->inquiry = NULL;
	assert_int_equal(finish(p, &q), -EBADMSG);
	buf_done(&q.got);
}

static void a_path_where_somebody_listens_is_refused_and_an_old_one_is_not(void **state)
{
	struct program *p = *state;
	struct inquiry *second = NULL;
	CLEANUP_BUF struct buf got = BUF_INIT;
	int old;

	assert_int_equal(inquiry_ask(p->path, "ports", &got), -ENOENT);
	old = local_listen(p->path, SOCK_STREAM, 0600);
	assert_true(old >= 0);
	assert_int_equal(inquiry_new(p->loop, &p->rules, &second), -EADDRINUSE);
	close(old);
	assert_int_equal(inquiry_ask(p->path, "ports", &got), -ECONNREFUSED);
	listen_with(p, LINE_LONGEST, 0);
	assert_int_equal(inquiry_new(p->loop, &p->rules, &second), -EADDRINUSE);
	expect_answer(p, "ports", "you said: ports\n");
}

#define IN_A_PROGRAM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_PROGRAM(a_line_is_answered_to_whom_the_mode_lets_in),
		IN_A_PROGRAM(a_program_that_reads_no_line_answers_at_once),
		IN_A_PROGRAM(a_line_that_comes_in_pieces_is_one_line),
		IN_A_PROGRAM(a_line_of_the_longest_length_is_heard_and_one_byte_more_is_not),
		IN_A_PROGRAM(a_line_with_no_end_or_with_a_nul_is_not_answered),
		IN_A_PROGRAM(an_answer_larger_than_the_sockets_buffer_arrives_whole),
		IN_A_PROGRAM(an_answer_beyond_the_bound_is_not_given),
		IN_A_PROGRAM(what_the_asking_side_has_no_room_for_leaves_it_as_it_was),
		IN_A_PROGRAM(a_slow_reader_holds_nobody_up_and_is_cut_off),
		IN_A_PROGRAM(one_more_than_there_are_places_waits_until_a_silent_one_is_cut_off),
		IN_A_PROGRAM(a_peer_that_leaves_in_the_middle_frees_its_place),
		IN_A_PROGRAM(a_program_that_goes_hangs_up_on_who_is_there),
		IN_A_PROGRAM(a_path_where_somebody_listens_is_refused_and_an_old_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
