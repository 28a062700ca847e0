#define _GNU_SOURCE
#include "base/loop.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/clock.h"

#define EVENTS_PER_ROUND 64

struct loop_watch {
	struct loop *loop;
	int fd;
	loop_fd_fn *fn;
	void *arg;
	bool dead;
	struct loop_watch *next_dead;
};

struct loop_timer {
	struct loop *loop;
	loop_timer_fn *fn;
	void *arg;
	int64_t due_ms; /* monotonic */
	size_t at;	/* place in the heap; NOT_ARMED outside */
};

#define NOT_ARMED SIZE_MAX

struct loop {
	int epoll_fd;
	bool stopping;
	unsigned rest_us;	  /* before it waits next */
	struct loop_watch *dead;  /* removed in this round, freed after it */
	struct loop_timer **heap; /* smallest due time first; room for every timer */
	size_t armed, timers, heap_size;
	int signal_fd, wake_fd;
	struct loop_watch *signal_watch, *wake_watch;
	loop_signal_fn *signal_fn;
	void *signal_arg;
	loop_timer_fn *wake_fn;
	void *wake_arg;
	loop_timer_fn *let_go, *take; /* NULL: it is not shared */
	void *share_arg;
	int64_t wakes_at_ms; /* while it waits; AWAKE: it does not, or not alone */
};

#define AWAKE INT64_MIN

int loop_new(struct loop **ret)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->signal_fd = l->wake_fd = -1;
	l->wakes_at_ms = AWAKE;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0) {
		free(l);
		return -errno;
	}
	*ret = l;
	return 0;
}

static void bury(struct loop *l)
{
	while (l->dead) {
		struct loop_watch *w = l->dead;

		l->dead = w->next_dead;
		free(w);
	}
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_watch_remove(l->signal_watch);
	loop_watch_remove(l->wake_watch);
	close_cleanup(&l->signal_fd);
	close_cleanup(&l->wake_fd);
	bury(l);
	free(l->heap);
	close(l->epoll_fd);
	free(l);
}

int loop_watch_fd(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg,
		  struct loop_watch **ret)
{
	struct loop_watch *w = calloc(1, sizeof(*w));
	struct epoll_event ev = {.events = events, .data.ptr = w};

	if (!w)
		return -ENOMEM;
	*w = (struct loop_watch){.loop = l, .fd = fd, .fn = fn, .arg = arg};
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0) {
		free(w);
		return -errno;
	}
	*ret = w;
	return 0;
}

int loop_watch_change(struct loop_watch *w, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = w};

	return epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_MOD, w->fd, &ev) < 0 ? -errno : 0;
}

void loop_watch_remove(struct loop_watch *w)
{
	if (!w || w->dead)
		return;
	epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->dead = true; /* this round may still hold an event for it */
	w->next_dead = w->loop->dead;
	w->loop->dead = w;
}

static void heap_set(struct loop *l, size_t at, struct loop_timer *t)
{
	l->heap[at] = t;
	t->at = at;
}

static void sift_up(struct loop *l, struct loop_timer *t)
{
	size_t at = t->at;

	while (at > 0 && l->heap[(at - 1) / 2]->due_ms > t->due_ms) {
		heap_set(l, at, l->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(l, at, t);
}

static void sift_down(struct loop *l, struct loop_timer *t)
{
	size_t at = t->at, child;

	while ((child = 2 * at + 1) < l->armed) {
		if (child + 1 < l->armed && l->heap[child + 1]->due_ms < l->heap[child]->due_ms)
			child++;
		if (l->heap[child]->due_ms >= t->due_ms)
			break;
		heap_set(l, at, l->heap[child]);
		at = child;
	}
	heap_set(l, at, t);
}

int loop_timer_new(struct loop *l, loop_timer_fn *fn, void *arg, struct loop_timer **ret)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	/* Room is made here so that arming cannot fail. */
	if (l->timers == l->heap_size) {
		size_t size = l->heap_size ? l->heap_size * 2 : 16;
		struct loop_timer **heap = reallocarray(l->heap, size, sizeof(*heap));

		if (!heap) {
			free(t);
			return -ENOMEM;
		}
		l->heap = heap;
		l->heap_size = size;
	}
	l->timers++;
	*t = (struct loop_timer){.loop = l, .fn = fn, .arg = arg, .at = NOT_ARMED};
	*ret = t;
	return 0;
}

void loop_timer_disarm(struct loop_timer *t)
{
	struct loop *l = t->loop;
	struct loop_timer *last;
	size_t at = t->at;

	if (at == NOT_ARMED)
		return;
	t->at = NOT_ARMED;
	last = l->heap[--l->armed];
	if (last == t)
		return;
	heap_set(l, at, last);
	sift_up(l, last);
	sift_down(l, last);
}

void loop_timer_arm(struct loop_timer *t, int64_t after_ms)
{
	struct loop *l = t->loop;

	loop_timer_disarm(t);
	t->due_ms = clock_mono_ms() + MIN(MAX(after_ms, 0), INT64_MAX / 2);
	heap_set(l, l->armed++, t);
	sift_up(l, t);
	if (t->due_ms < l->wakes_at_ms) { /* by another thread, and the loop would sleep too long */
		l->wakes_at_ms = AWAKE;
		loop_wake(l);
	}
}

bool loop_timer_is_armed(const struct loop_timer *t)
{
	return t->at != NOT_ARMED;
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	loop_timer_disarm(t);
	t->loop->timers--;
	free(t);
}

static int wait_ms(const struct loop *l, int timeout_ms)
{
	int64_t left;

	if (l->armed == 0)
		return timeout_ms;
	left = MAX(l->heap[0]->due_ms - clock_mono_ms(), 0);
	left = MIN(left, INT32_MAX);
	return timeout_ms < 0 ? (int)left : (int)MIN(left, timeout_ms);
}

static void fire_timers(struct loop *l)
{
	int64_t now = clock_mono_ms();

	while (l->armed > 0 && l->heap[0]->due_ms <= now && !l->stopping) {
		struct loop_timer *t = l->heap[0];

		loop_timer_disarm(t);
		t->fn(t->arg);
	}
}

void loop_rest(struct loop *l, unsigned us)
{
	l->rest_us = us;
}

static void rest(struct loop *l)
{
	struct timespec time = {.tv_nsec = (long)l->rest_us * 1000};

	if (l->rest_us && !l->stopping)
		nanosleep(&time, NULL);
	l->rest_us = 0;
}

/* How many events there are, or -errno. */
static int wait_for_events(struct loop *l, struct epoll_event *events, int timeout_ms)
{
	int n, left_ms = wait_ms(l, timeout_ms);

	if (l->let_go) {
		l->wakes_at_ms = left_ms < 0 ? INT64_MAX : clock_mono_ms() + left_ms;
		l->let_go(l->share_arg);
	}
	rest(l);
	n = epoll_wait(l->epoll_fd, events, EVENTS_PER_ROUND, left_ms);
	n = n >= 0 ? n : errno == EINTR ? 0 : -errno;
	if (l->take) {
		l->take(l->share_arg);
		l->wakes_at_ms = AWAKE;
	}
	return n;
}

int loop_step(struct loop *l, int timeout_ms)
{
	struct epoll_event events[EVENTS_PER_ROUND];
	int n = wait_for_events(l, events, timeout_ms);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		struct loop_watch *w = events[i].data.ptr;

		if (!w->dead)
			w->fn(w->arg, w->fd, events[i].events);
	}
	fire_timers(l);
	bury(l);
	return 0;
}

int loop_run(struct loop *l)
{
	int err = 0;

	while (!l->stopping && !err)
		err = loop_step(l, -1);
	return err;
}

void loop_stop(struct loop *l)
{
	l->stopping = true;
}

static void on_signal(void *arg, int fd, uint32_t events)
{
	struct loop *l = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		l->signal_fn(l->signal_arg, (int)info.ssi_signo);
}

int loop_watch_signals(struct loop *l, const int *signals, size_t count, loop_signal_fn *fn,
		       void *arg)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	if (sigaction(SIGPIPE, &ignore, NULL) < 0)
		return -errno;
	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signal_fd < 0)
		return -errno;
	l->signal_fn = fn;
	l->signal_arg = arg;
	return loop_watch_fd(l, l->signal_fd, EPOLLIN, on_signal, l, &l->signal_watch);
}

static void on_wake(void *arg, int fd, uint32_t events)
{
	struct loop *l = arg;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count) && l->wake_fn)
		l->wake_fn(l->wake_arg);
}

static int open_wake(struct loop *l)
{
	if (l->wake_fd >= 0)
		return 0;
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake_fd < 0)
		return -errno;
	return loop_watch_fd(l, l->wake_fd, EPOLLIN, on_wake, l, &l->wake_watch);
}

int loop_on_wake(struct loop *l, loop_timer_fn *fn, void *arg)
{
	l->wake_fn = fn;
	l->wake_arg = arg;
	return open_wake(l);
}

int loop_share(struct loop *l, loop_timer_fn *let_go, loop_timer_fn *take, void *arg)
{
	int err = open_wake(l);

	if (err)
		return err;
	l->let_go = let_go;
	l->take = take;
	l->share_arg = arg;
	return 0;
}

void loop_wake(struct loop *l)
{
	uint64_t one = 1;
	ssize_t n = write(l->wake_fd, &one, sizeof(one));

	(void)n; /* a full counter wakes the loop just the same */
}
