/*
 * One thread's event loop over epoll: descriptors, timers, signals, and wake-ups from other
 * threads. Everything but loop_wake() and loop_watch_change() belongs to the thread that runs the
 * loop, or to whoever holds the lock that loop_share() names. A callback may remove any watch, its
 * own included.
 */
#pragma once

#include <signal.h>

#include "base/util.h"

struct loop;
struct loop_watch;
struct loop_timer;

/* `events` are EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP as in epoll_ctl(2). */
typedef void loop_fd_fn(void *arg, int fd, uint32_t events);
typedef void loop_timer_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);

int loop_new(struct loop **ret) MUST_CHECK;
void loop_free(struct loop *l);
/* Runs until loop_stop(); returns 0, or -errno when epoll itself failed. */
int loop_run(struct loop *l) MUST_CHECK;
/* One round: waits at most `timeout_ms` (-1: for ever) and dispatches. For tests and embedding. */
int loop_step(struct loop *l, int timeout_ms) MUST_CHECK;
void loop_stop(struct loop *l);

/* The loop does not own the descriptor: remove the watch before closing it. */
int loop_watch_fd(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg,
		  struct loop_watch **ret) MUST_CHECK;
int loop_watch_change(struct loop_watch *w, uint32_t events) MUST_CHECK;
void loop_watch_remove(struct loop_watch *w); /* NULL is fine */

/* Timers live until removed; an armed one fires once (arm again to repeat). Monotonic clock. */
int loop_timer_new(struct loop *l, loop_timer_fn *fn, void *arg,
		   struct loop_timer **ret) MUST_CHECK;
void loop_timer_arm(struct loop_timer *t, int64_t after_ms);
void loop_timer_disarm(struct loop_timer *t);
bool loop_timer_is_armed(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is fine */

/*
 * Blocks the signals in the calling thread and delivers them as calls; once per loop. From then on
 * the program ignores SIGPIPE: a peer that hangs up is told by write(), and ends nobody.
 */
int loop_watch_signals(struct loop *l, const int *signals, size_t count, loop_signal_fn *fn,
		       void *arg) MUST_CHECK;

/* From any thread: makes the loop call `fn` (set once by loop_on_wake) soon; calls coalesce. */
int loop_on_wake(struct loop *l, loop_timer_fn *fn, void *arg) MUST_CHECK;
void loop_wake(struct loop *l);

/*
 * The loop sleeps so long before it waits next. Who has just been called often for little calls it:
 * what comes meanwhile is dispatched together, which costs less. Microseconds; the kernel adds some
 * 50 of its own (timer slack, prctl(2)).
 */
void loop_rest(struct loop *l, unsigned us);

/*
 * Other threads take part under a lock of the caller's, which the loop's thread holds whenever it
 * calls back: `let_go` before the loop waits, `take` after. From then on the thread that runs the
 * loop must hold it when it calls loop_run() or loop_step(), and holds it when they return.
 */
int loop_share(struct loop *l, loop_timer_fn *let_go, loop_timer_fn *take, void *arg) MUST_CHECK;
