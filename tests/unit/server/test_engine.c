#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "office.h"
#include "server/engine/act.h"

/* One setting: a row of state with its entry. */
struct setting_work {
	struct engine_work work;
	int number;
	int fail_after; /* 1: after the row, 2: after the entry too */
	bool untold;	/* changes a row and tells nobody */
	int err;
	atomic_bool answered;
	uint64_t commits_at_answer;
	struct engine *engine;
};

static int apply_setting(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct setting_work *w = CONTAINER_OF(work, struct setting_work, work);
	char name[32];
	int err;

	snprintf(name, sizeof(name), "n%d", w->number);
	err = store_exec(s, STMT_SETTING_SET, STORE_ARGS(v_text(name), v_text("x")), NULL);
	if (!err && w->fail_after == 1)
		err = -EINVAL;
	if (!err && !w->untold)
		err = act_log(s, now_ms, &actor_system, "test.setting", 0, "",
			      json_pack("{s:i}", "number", w->number));
	if (!err && w->fail_after == 2)
		err = -EINVAL;
	return err;
}

static void on_answer(struct engine_work *work, int err)
{
	struct setting_work *w = CONTAINER_OF(work, struct setting_work, work);
	struct engine_stats stats;

	engine_get_stats(w->engine, &stats);
	w->commits_at_answer = stats.commits;
	w->err = err;
	atomic_store(&w->answered, true);
}

static void prepare(struct setting_work *w, struct office *o, int number)
{
	*w = (struct setting_work){.work = {.apply = apply_setting, .done = on_answer},
				   .number = number,
				   .engine = o->engine};
}

static void wait_answer(struct setting_work *w)
{
	int64_t until = clock_mono_ms() + 10000;

	while (!atomic_load(&w->answered) && clock_mono_ms() < until)
		usleep(1000);
	assert_true(atomic_load(&w->answered));
}

static bool is_set(struct office *o, int number)
{
	char name[32];
	json_t *row = NULL;
	int r;

	snprintf(name, sizeof(name), "n%d", number);
	r = store_get_json(o->reader, STMT_SETTING_GET, STORE_ARGS(v_text(name)), &row);
	assert_true(r >= 0);
	json_decref(row);
	return r == 1;
}

/* Holds the engine's thread until let go, so that a test can fill the queue behind it. */
struct brake {
	struct engine_work work;
	atomic_bool holds, go;
};

static int apply_brake(struct engine_work *work, struct store *s, int64_t now_ms)
{
	struct brake *b = CONTAINER_OF(work, struct brake, work);

	(void)s;
	(void)now_ms;
	atomic_store(&b->holds, true);
	while (!atomic_load(&b->go))
		usleep(500);
	return 0;
}

static void hold(struct office *o, struct brake *b)
{
	*b = (struct brake){.work = {.apply = apply_brake, .topics = TOPIC_SETTING}};
	assert_int_equal(engine_submit(o->engine, &b->work), 0);
	while (!atomic_load(&b->holds))
		usleep(500);
}

static void many_works_share_one_commit_and_are_answered_after_it(void **state)
{
	enum { COUNT = 200 };
	static struct setting_work works[COUNT];
	struct office o;
	struct brake brake;
	struct engine_stats before, after;

	(void)state;
	office_open(&o);
	hold(&o, &brake);
	engine_get_stats(o.engine, &before);
	for (int i = 0; i < COUNT; i++) {
		prepare(&works[i], &o, i);
		assert_int_equal(engine_submit(o.engine, &works[i].work), 0);
	}
	atomic_store(&brake.go, true);
	for (int i = 0; i < COUNT; i++) {
		wait_answer(&works[i]);
		assert_int_equal(works[i].err, 0);
		assert_true(is_set(&o, i));
	}
	engine_get_stats(o.engine, &after);
	/* the brake's own commit and one for all that waited behind it */
	assert_int_equal(after.commits - before.commits, 2);
	assert_int_equal(office_acts(&o, "test.setting"), COUNT);
	office_verify(&o);
	office_close(&o);
}

static void a_failing_work_leaves_nothing_and_hurts_nobody(void **state)
{
	struct setting_work works[5];
	struct office o;
	struct brake brake;

	(void)state;
	office_open(&o);
	hold(&o, &brake);
	for (int i = 0; i < 5; i++) {
		prepare(&works[i], &o, i);
		works[i].fail_after = i == 1 ? 1 : i == 2 ? 2 : 0;
		works[i].untold = i == 3;
		assert_int_equal(engine_submit(o.engine, &works[i].work), 0);
	}
	atomic_store(&brake.go, true);
	for (int i = 0; i < 5; i++)
		wait_answer(&works[i]);
	assert_int_equal(works[0].err, 0);
	assert_int_equal(works[1].err, -EINVAL);
	assert_int_equal(works[2].err, -EINVAL);
	assert_int_equal(works[3].err, -EPROTO);
	assert_int_equal(works[4].err, 0);
	assert_true(is_set(&o, 0));
	assert_false(is_set(&o, 1));
	assert_false(is_set(&o, 2));
	assert_false(is_set(&o, 3));
	assert_true(is_set(&o, 4));
	assert_int_equal(office_acts(&o, "test.setting"), 2);
	office_verify(&o);
	office_close(&o);
}

static void a_full_queue_pushes_back(void **state)
{
	struct setting_work works[4];
	struct engine_options options;
	struct office o;
	struct brake brake;
	int accepted = 0;

	(void)state;
	office_open(&o);
	engine_stop(o.engine);
	options = (struct engine_options){.store = o.store, .queue_max = 2};
	assert_int_equal(engine_start(&options, &o.engine), 0);
	hold(&o, &brake);
	for (int i = 0; i < 4; i++) {
		prepare(&works[i], &o, i);
		if (engine_submit(o.engine, &works[i].work) == 0)
			accepted++;
		else
			assert_int_equal(engine_submit(o.engine, &works[i].work), -EAGAIN);
	}
	assert_int_equal(accepted, 2);
	atomic_store(&brake.go, true);
	wait_answer(&works[1]);
	/* there is room again */
	assert_int_equal(engine_submit(o.engine, &works[2].work), 0);
	wait_answer(&works[2]);
	office_close(&o);
}

static void *stop_main(void *arg)
{
	engine_stop(arg);
	return NULL;
}

static void a_stopping_engine_finishes_what_it_took_and_takes_no_more(void **state)
{
	static struct setting_work works[500];
	struct office o;
	struct brake brake;
	pthread_t stopper;
	int taken = 20, err = 0;

	(void)state;
	office_open(&o);
	hold(&o, &brake);
	for (int i = 0; i < taken; i++) {
		prepare(&works[i], &o, i);
		assert_int_equal(engine_submit(o.engine, &works[i].work), 0);
	}
	assert_int_equal(pthread_create(&stopper, NULL, stop_main, o.engine), 0);
	for (; !err && taken < 500; taken += !err) {
		prepare(&works[taken], &o, taken);
		err = engine_submit(o.engine, &works[taken].work);
		usleep(5000);
	}
	assert_int_equal(err, -ESHUTDOWN);
	atomic_store(&brake.go, true);
	pthread_join(stopper, NULL);
	o.engine = NULL;
	for (int i = 0; i < taken; i++) {
		assert_true(atomic_load(&works[i].answered));
		assert_int_equal(works[i].err, 0);
	}
	office_close(&o);
}

/* A disk that takes no more bytes, by the limit of this process. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_acknowledges_nothing_and_work_goes_on_when_there_is_room(void **state)
{
	struct setting_work w;
	struct engine_stats stats;
	struct office o;

	(void)state;
	office_open(&o);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(4096);
	prepare(&w, &o, 1);
	assert_true(engine_run(o.engine, &w.work) < 0);
	prepare(&w, &o, 2);
	assert_true(engine_run(o.engine, &w.work) < 0);
	engine_get_stats(o.engine, &stats);
	assert_true(stats.store_error < 0);
	limit_files(RLIM_INFINITY);
	prepare(&w, &o, 3);
	assert_int_equal(engine_run(o.engine, &w.work), 0);
	assert_false(is_set(&o, 1));
	assert_false(is_set(&o, 2));
	assert_true(is_set(&o, 3));
	office_verify(&o);
	office_close(&o);
}

/* In the child: acknowledges numbers into the pipe until it is killed. */
static void acknowledge_for_ever(struct office *o, int to)
{
	static struct setting_work works[64];

	office_start(o);
	for (int n = 0;; n += 64) {
		for (int i = 0; i < 64; i++) {
			prepare(&works[i], o, n + i);
			if (engine_submit(o->engine, &works[i].work))
				_exit(1);
		}
		for (int i = 0; i < 64; i++) {
			while (!atomic_load(&works[i].answered))
				usleep(50);
			if (works[i].err ||
			    write(to, &works[i].number, sizeof(int)) != (ssize_t)sizeof(int))
				_exit(1);
		}
	}
}

static void a_killed_server_has_lost_nothing_that_it_acknowledged(void **state)
{
	struct office o;
	int pipes[2], number, last = -1, status;
	pid_t child;

	(void)state;
	office_open(&o);
	office_stop(&o);
	for (int round = 0; round < 5; round++) {
		assert_int_equal(pipe(pipes), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			acknowledge_for_ever(&o, pipes[1]);
		close(pipes[1]);
		last = -1;
		while (last < 100 + 37 * round &&
		       read(pipes[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
			last = number;
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		while (read(pipes[0], &number, sizeof(number)) == (ssize_t)sizeof(number))
			last = number;
		close(pipes[0]);
		office_start(&o);
		assert_true(last >= 100);
		for (int i = 0; i <= last; i++)
			assert_true(is_set(&o, i));
		office_verify(&o);
		office_stop(&o);
	}
	office_start(&o);
	office_close(&o);
}

struct heard {
	atomic_uint topics, calls;
	uint64_t size;
};

static void on_commit(void *arg, const struct engine_commit *commit)
{
	struct heard *h = arg;

	h->size = commit->head->size;
	atomic_fetch_or(&h->topics, commit->topics);
	atomic_fetch_add(&h->calls, 1);
}

static void listeners_hear_the_topics_and_the_head_of_a_commit(void **state)
{
	struct setting_work w;
	struct heard heard = {0};
	struct office o;
	int64_t until;

	(void)state;
	office_open(&o);
	assert_int_equal(engine_listen(o.engine, on_commit, &heard), 0);
	prepare(&w, &o, 1);
	w.work.topics = TOPIC_SETTING | TOPIC_ALARM;
	assert_int_equal(engine_run(o.engine, &w.work), 0);
	until = clock_mono_ms() + 5000;
	while (atomic_load(&heard.calls) == 0 && clock_mono_ms() < until)
		usleep(1000);
	engine_unlisten(o.engine, on_commit, &heard);
	assert_int_equal(atomic_load(&heard.topics), TOPIC_SETTING | TOPIC_ALARM);
	assert_int_equal(heard.size, office_count(&o, STMT_LOG_SIZE, STORE_NO_ARGS));
	prepare(&w, &o, 2);
	assert_int_equal(engine_run(o.engine, &w.work), 0);
	assert_int_equal(atomic_load(&heard.calls), 1);
	office_close(&o);
}

static void what_was_acknowledged_is_there_after_a_new_start(void **state)
{
	struct setting_work w;
	struct office o;

	(void)state;
	office_open(&o);
	prepare(&w, &o, 7);
	assert_int_equal(engine_run(o.engine, &w.work), 0);
	office_stop(&o);
	office_start(&o);
	assert_true(is_set(&o, 7));
	office_verify(&o);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_works_share_one_commit_and_are_answered_after_it),
		cmocka_unit_test(a_failing_work_leaves_nothing_and_hurts_nobody),
		cmocka_unit_test(a_full_queue_pushes_back),
		cmocka_unit_test(a_stopping_engine_finishes_what_it_took_and_takes_no_more),
		cmocka_unit_test(
			a_full_disk_acknowledges_nothing_and_work_goes_on_when_there_is_room),
		cmocka_unit_test(a_killed_server_has_lost_nothing_that_it_acknowledged),
		cmocka_unit_test(listeners_hear_the_topics_and_the_head_of_a_commit),
		cmocka_unit_test(what_was_acknowledged_is_there_after_a_new_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
