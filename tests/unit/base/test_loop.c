#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/loop.h"

/* One test's loop and what its callbacks saw. */
struct scene {
	struct loop *loop;
	int pair[2], other[2];
	struct loop_watch *watch, *watch_other;
	struct loop_timer *timers[8];
	size_t calls;
	int order[16];
	uint32_t events;
	int signals[8];
};

static int open_scene(void **state)
{
	static struct scene s;

	s = (struct scene){0};
	if (loop_new(&s.loop) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s.pair) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s.other))
		return -1;
	*state = &s;
	return 0;
}

static int close_scene(void **state)
{
	struct scene *s = *state;

	loop_watch_remove(s->watch);
	loop_watch_remove(s->watch_other);
	for (size_t i = 0; i < ARRAY_SIZE(s->timers); i++)
		loop_timer_free(s->timers[i]);
	loop_free(s->loop);
	for (int i = 0; i < 2; i++) {
		close(s->pair[i]);
		close(s->other[i]);
	}
	return 0;
}

static void step(struct scene *s, int timeout_ms)
{
	assert_int_equal(loop_step(s->loop, timeout_ms), 0);
}

static void send_byte(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

/* Descriptors */

static void note_events(void *arg, int fd, uint32_t events)
{
	struct scene *s = arg;
	char byte;

	s->calls++;
	s->events = events;
	if (events & EPOLLIN && read(fd, &byte, 1) < 0)
		s->events |= EPOLLERR;
}

static void a_readable_descriptor_calls_its_watch(void **state)
{
	struct scene *s = *state;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, note_events, s, &s->watch), 0);
	step(s, 0);
	assert_int_equal(s->calls, 0);
	send_byte(s->pair[1]);
	step(s, 1000);
	assert_int_equal(s->calls, 1);
	assert_int_equal(s->events, EPOLLIN);
	step(s, 0);
	assert_int_equal(s->calls, 1);
}

static void the_events_of_a_watch_can_change(void **state)
{
	struct scene *s = *state;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, note_events, s, &s->watch), 0);
	assert_int_equal(loop_watch_change(s->watch, EPOLLOUT), 0);
	send_byte(s->pair[1]);
	step(s, 1000);
	assert_int_equal(s->events, EPOLLOUT);
	assert_int_equal(loop_watch_change(s->watch, 0), 0);
	step(s, 0);
	assert_int_equal(s->calls, 1);
}

static void a_peer_that_hangs_up_is_told(void **state)
{
	struct scene *s = *state;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, note_events, s, &s->watch), 0);
	assert_int_equal(shutdown(s->pair[1], SHUT_RDWR), 0);
	step(s, 1000);
	assert_true(s->events & EPOLLHUP);
}

static void a_descriptor_is_watched_once_and_must_be_open(void **state)
{
	struct scene *s = *state;
	struct loop_watch *again = NULL;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, note_events, s, &s->watch), 0);
	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, note_events, s, &again),
			 -EEXIST);
	assert_int_equal(loop_watch_fd(s->loop, -1, EPOLLIN, note_events, s, &again), -EBADF);
	assert_null(again);
}

static void remove_both(void *arg, int fd, uint32_t events)
{
	struct scene *s = arg;

	(void)fd;
	(void)events;
	s->calls++;
	loop_watch_remove(s->watch);
	loop_watch_remove(s->watch_other);
	loop_watch_remove(s->watch); /* a second time is harmless within the round */
	s->watch = s->watch_other = NULL;
}

static void a_callback_may_remove_itself_and_one_whose_event_waits(void **state)
{
	struct scene *s = *state;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, remove_both, s, &s->watch), 0);
	assert_int_equal(
		loop_watch_fd(s->loop, s->other[0], EPOLLIN, remove_both, s, &s->watch_other), 0);
	send_byte(s->pair[1]);
	send_byte(s->other[1]);
	step(s, 1000); /* both events are in this round */
	assert_int_equal(s->calls, 1);
	step(s, 0);
	assert_int_equal(s->calls, 1);
}

static void replace_other(void *arg, int fd, uint32_t events)
{
	struct scene *s = arg;
	char byte;

	(void)events;
	assert_int_equal(read(fd, &byte, 1), 1);
	loop_watch_remove(s->watch_other);
	assert_int_equal(
		loop_watch_fd(s->loop, s->other[0], EPOLLIN, note_events, s, &s->watch_other), 0);
}

static void a_watch_put_in_another_s_place_does_not_get_its_old_event(void **state)
{
	struct scene *s = *state;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, replace_other, s, &s->watch),
			 0);
	assert_int_equal(
		loop_watch_fd(s->loop, s->other[0], EPOLLIN, remove_both, s, &s->watch_other), 0);
	send_byte(s->pair[1]);
	send_byte(s->other[1]);
	step(s, 1000);
	assert_int_equal(s->calls, 0);
	step(s, 1000); /* level-triggered: the new watch hears of it now */
	assert_int_equal(s->calls, 1);
	assert_int_equal(s->events, EPOLLIN);
}

/* Timers */

struct tick {
	struct scene *scene;
	int name;
};

static void note_tick(void *arg)
{
	struct tick *tick = arg;
	struct scene *s = tick->scene;

	if (s->calls < ARRAY_SIZE(s->order))
		s->order[s->calls] = tick->name;
	s->calls++;
}

static void new_timer(struct scene *s, size_t at, loop_timer_fn *fn, void *arg)
{
	assert_int_equal(loop_timer_new(s->loop, fn, arg, &s->timers[at]), 0);
}

/* Steps until `calls` callbacks ran, at most two seconds. */
static void wait_calls(struct scene *s, size_t calls)
{
	int64_t end = clock_mono_ms() + 2000;

	while (s->calls < calls && clock_mono_ms() < end)
		step(s, 100);
	assert_int_equal(s->calls, calls);
}

static void timers_fire_in_the_order_of_their_time(void **state)
{
	static const int after_ms[] = {40, 10, 30, 0, 20, 50};
	static const int expected[] = {3, 1, 4, 2, 0, 5};
	struct scene *s = *state;
	struct tick ticks[6];

	for (int i = 0; i < 6; i++) {
		ticks[i] = (struct tick){s, i};
		new_timer(s, (size_t)i, note_tick, &ticks[i]);
		loop_timer_arm(s->timers[i], after_ms[i]);
	}
	wait_calls(s, 6);
	assert_memory_equal(s->order, expected, sizeof(expected));
}

static void a_timer_fires_once_and_not_too_early(void **state)
{
	struct scene *s = *state;
	struct tick tick = {s, 1};
	int64_t start = clock_mono_ms();

	new_timer(s, 0, note_tick, &tick);
	assert_false(loop_timer_is_armed(s->timers[0]));
	loop_timer_arm(s->timers[0], 25);
	assert_true(loop_timer_is_armed(s->timers[0]));
	wait_calls(s, 1);
	assert_true(clock_mono_ms() - start >= 25);
	assert_false(loop_timer_is_armed(s->timers[0]));
	step(s, 30);
	assert_int_equal(s->calls, 1);
}

static void arming_again_moves_a_timer_and_disarming_stills_it(void **state)
{
	struct scene *s = *state;
	struct tick first = {s, 1}, second = {s, 2}, third = {s, 3};

	new_timer(s, 0, note_tick, &first);
	new_timer(s, 1, note_tick, &second);
	new_timer(s, 2, note_tick, &third);
	loop_timer_arm(s->timers[0], 5);
	loop_timer_arm(s->timers[1], 10);
	loop_timer_arm(s->timers[2], 15);
	loop_timer_arm(s->timers[0], 20);
	loop_timer_disarm(s->timers[1]);
	loop_timer_disarm(s->timers[1]);
	wait_calls(s, 2);
	assert_int_equal(s->order[0], 3);
	assert_int_equal(s->order[1], 1);
	step(s, 15);
	assert_int_equal(s->calls, 2);
}

static void a_time_in_the_past_is_now_and_for_ever_is_never(void **state)
{
	struct scene *s = *state;
	struct tick past = {s, 1}, never = {s, 2};

	new_timer(s, 0, note_tick, &past);
	new_timer(s, 1, note_tick, &never);
	loop_timer_arm(s->timers[0], INT64_MIN);
	loop_timer_arm(s->timers[1], INT64_MAX);
	wait_calls(s, 1);
	step(s, 5);
	assert_int_equal(s->calls, 1);
	assert_int_equal(s->order[0], 1);
}

static void free_three(void *arg)
{
	struct scene *s = arg;

	s->calls++;
	for (size_t i = 0; i < 3; i++) {
		loop_timer_free(s->timers[i]);
		s->timers[i] = NULL;
	}
}

static void a_timer_may_free_itself_and_others_that_are_due(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < 3; i++) {
		new_timer(s, i, free_three, s);
		loop_timer_arm(s->timers[i], 0);
	}
	wait_calls(s, 1);
	step(s, 5);
	assert_int_equal(s->calls, 1);
	loop_timer_free(NULL);
}

static void arm_itself_again(void *arg)
{
	struct scene *s = arg;

	s->calls++;
	loop_timer_arm(s->timers[0], 1);
}

static void a_timer_that_arms_itself_repeats(void **state)
{
	struct scene *s = *state;

	new_timer(s, 0, arm_itself_again, s);
	loop_timer_arm(s->timers[0], 1);
	wait_calls(s, 5);
}

#define MANY 300

struct due {
	struct scene *scene;
	int64_t at_ms, *last_ms;
};

/* The clock may tick between arming and noting it: one millisecond of slack. */
static void note_due(void *arg)
{
	struct due *due = arg;

	due->scene->calls++;
	assert_true(due->at_ms + 1 >= *due->last_ms);
	*due->last_ms = due->at_ms;
}

/* Arms, moves and disarms in a mixed order. */
static void many_timers_fire_each_once_and_in_order(void **state)
{
	struct scene *s = *state;
	struct loop_timer *timers[MANY];
	struct due dues[MANY];
	int64_t last_ms = 0;
	uint32_t random = 1;
	size_t kept = 0;

	for (int i = 0; i < MANY; i++) {
		dues[i] = (struct due){s, 0, &last_ms};
		assert_int_equal(loop_timer_new(s->loop, note_due, &dues[i], &timers[i]), 0);
	}
	for (int round = 0; round < 5 * MANY; round++) {
		size_t i = (random >> 12) % MANY;

		if (random & 0x100) {
			dues[i].at_ms = clock_mono_ms() + (random >> 20) % 40;
			loop_timer_arm(timers[i], (random >> 20) % 40);
		} else {
			loop_timer_disarm(timers[i]);
		}
		random = random * 1664525 + 1013904223;
	}
	for (int i = 0; i < MANY; i++)
		kept += loop_timer_is_armed(timers[i]);
	assert_true(kept > 50);
	wait_calls(s, kept);
	step(s, 45);
	assert_int_equal(s->calls, kept);
	for (int i = 0; i < MANY; i++)
		loop_timer_free(timers[i]);
}

/* Wake-ups and signals */

static void note_wake(void *arg)
{
	struct scene *s = arg;

	s->calls++;
}

static void *wake_often(void *arg)
{
	struct scene *s = arg;

	for (int i = 0; i < 100; i++)
		loop_wake(s->loop);
	return NULL;
}

static void another_thread_wakes_the_loop_and_calls_coalesce(void **state)
{
	struct scene *s = *state;
	pthread_t thread;

	assert_int_equal(loop_on_wake(s->loop, note_wake, s), 0);
	assert_int_equal(pthread_create(&thread, NULL, wake_often, s), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	step(s, 1000);
	assert_int_equal(s->calls, 1);
	step(s, 0);
	assert_int_equal(s->calls, 1);
	loop_wake(s->loop);
	step(s, 1000);
	assert_int_equal(s->calls, 2);
}

static void stop_the_loop(void *arg)
{
	struct scene *s = arg;

	s->calls++;
	loop_stop(s->loop);
}

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;

static void let_go(void *arg)
{
	(void)arg;
	pthread_mutex_unlock(&shared);
}

static void take(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&shared);
}

/* Under the lock, so after the loop let go of it: while it waits. */
static void *arm_from_outside(void *arg)
{
	struct scene *s = arg;

	take(NULL);
	loop_timer_arm(s->timers[0], 5);
	let_go(NULL);
	return NULL;
}

static void who_holds_the_lock_may_arm_a_timer_from_another_thread(void **state)
{
	struct scene *s = *state;
	int64_t began_ms = clock_mono_ms();
	pthread_t thread;

	new_timer(s, 0, stop_the_loop, s);
	assert_int_equal(loop_share(s->loop, let_go, take, NULL), 0);
	take(NULL);
	assert_int_equal(pthread_create(&thread, NULL, arm_from_outside, s), 0);
	new_timer(s, 1, stop_the_loop, s);
	loop_timer_arm(s->timers[1], 60000);
	assert_int_equal(loop_run(s->loop), 0);
	let_go(NULL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(loop_timer_is_armed(s->timers[1]));
	assert_true(clock_mono_ms() - began_ms < 50000);
}

static void note_signal(void *arg, int signo)
{
	struct scene *s = arg;

	s->signals[s->calls++ % ARRAY_SIZE(s->signals)] = signo;
}

static void a_peer_that_hangs_up_ends_nobody(void **state)
{
	static const int wanted[] = {SIGUSR1};
	struct scene *s = *state;
	int ends[2];

	assert_int_equal(loop_watch_signals(s->loop, wanted, 1, note_signal, s), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[1]);
	assert_int_equal(write(ends[0], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[0]);
}

static void watched_signals_become_calls(void **state)
{
	static const int wanted[] = {SIGUSR1, SIGTERM};
	struct scene *s = *state;

	assert_int_equal(loop_watch_signals(s->loop, wanted, ARRAY_SIZE(wanted), note_signal, s),
			 0);
	raise(SIGTERM);
	raise(SIGUSR1);
	step(s, 1000);
	assert_int_equal(s->calls, 2);
	assert_int_equal(s->signals[0] + s->signals[1], SIGUSR1 + SIGTERM);
	step(s, 0);
	assert_int_equal(s->calls, 2);
}

static void running_ends_when_a_callback_stops_it(void **state)
{
	struct scene *s = *state;

	new_timer(s, 0, stop_the_loop, s);
	new_timer(s, 1, stop_the_loop, s);
	loop_timer_arm(s->timers[0], 1);
	loop_timer_arm(s->timers[1], 1);
	assert_int_equal(loop_run(s->loop), 0);
	assert_int_equal(s->calls, 1); /* nothing more is fired behind a stop */
}

static void freeing_no_loop_is_harmless(void **state)
{
	(void)state;
	loop_free(NULL);
	loop_watch_remove(NULL);
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)

static void count_call(void *arg, int fd, uint32_t events)
{
	struct scene *s = arg;
	char byte;

	(void)events;
	while (read(fd, &byte, 1) == 1)
		s->calls++;
}

static void *write_late(void *arg)
{
	struct scene *s = arg;
	struct timespec soon = {.tv_nsec = 5 * 1000 * 1000};

	nanosleep(&soon, NULL);
	(void)!write(s->pair[1], "2", 1);
	return NULL;
}

/* What comes while it rests is dispatched together with what was there; the rest is for once. */
static void what_comes_while_it_rests_is_dispatched_together(void **state)
{
	struct scene *s = *state;
	int64_t began_us = clock_mono_us();
	pthread_t thread;

	assert_int_equal(loop_watch_fd(s->loop, s->pair[0], EPOLLIN, count_call, s, &s->watch), 0);
	assert_int_equal(write(s->pair[1], "1", 1), 1);
	assert_int_equal(pthread_create(&thread, NULL, write_late, s), 0);
	loop_rest(s->loop, 500000);
	step(s, -1);
	assert_int_equal(s->calls, 2);
	assert_true(clock_mono_us() - began_us >= 500000);
	pthread_join(thread, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENE_TEST(a_readable_descriptor_calls_its_watch),
		SCENE_TEST(the_events_of_a_watch_can_change),
		SCENE_TEST(a_peer_that_hangs_up_is_told),
		SCENE_TEST(a_descriptor_is_watched_once_and_must_be_open),
		SCENE_TEST(a_callback_may_remove_itself_and_one_whose_event_waits),
		SCENE_TEST(a_watch_put_in_another_s_place_does_not_get_its_old_event),
		SCENE_TEST(timers_fire_in_the_order_of_their_time),
		SCENE_TEST(a_timer_fires_once_and_not_too_early),
		SCENE_TEST(arming_again_moves_a_timer_and_disarming_stills_it),
		SCENE_TEST(a_time_in_the_past_is_now_and_for_ever_is_never),
		SCENE_TEST(a_timer_may_free_itself_and_others_that_are_due),
		SCENE_TEST(a_timer_that_arms_itself_repeats),
		SCENE_TEST(many_timers_fire_each_once_and_in_order),
		SCENE_TEST(another_thread_wakes_the_loop_and_calls_coalesce),
		SCENE_TEST(who_holds_the_lock_may_arm_a_timer_from_another_thread),
		SCENE_TEST(watched_signals_become_calls),
		SCENE_TEST(a_peer_that_hangs_up_ends_nobody),
		SCENE_TEST(what_comes_while_it_rests_is_dispatched_together),
		SCENE_TEST(running_ends_when_a_callback_stops_it),
		cmocka_unit_test(freeing_no_loop_is_harmless),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
