#include "gate/facts/builder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/background.h"

struct builder {
	struct loop_watch *watch;
	builder_done_fn *done;
	void *arg;
	pthread_t thread;
	bool has_thread;
	int ask_fd, done_fd;
	bool busy; /* the loop's */
	atomic_bool hurried, stopping;
	atomic_bool is_threads; /* whose turn it is with what follows: the thread's or the loop's */
	struct snapshot *to;
	const uint8_t *frames;
	size_t len;
	struct built built;
};

static void wake(int fd)
{
	(void)!write(fd, &(const uint64_t){1}, sizeof(uint64_t));
}

static bool wait_for(int fd)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(count);
}

static void build(struct builder *b)
{
	size_t used = 1, rows;

	b->built = (struct built){0};
	while (!b->built.error && used > 0 && b->built.used < b->len && !atomic_load(&b->hurried)) {
		b->built.error = snapshot_apply_some(b->to, b->frames + b->built.used,
						     b->len - b->built.used, &used, &rows);
		if (b->built.error)
			break;
		b->built.used += used;
		b->built.rows += rows;
	}
}

static void *run(void *arg)
{
	struct builder *b = arg;

	background_enter();
	while (wait_for(b->ask_fd) && !atomic_load(&b->stopping)) {
		if (atomic_load(&b->is_threads))
			build(b);
		atomic_store(&b->is_threads, false);
		wake(b->done_fd);
	}
	return NULL;
}

static void on_done(void *arg, int fd, uint32_t events)
{
	struct builder *b = arg;
	struct built built;

	(void)events;
	if (!wait_for(fd) || atomic_load(&b->is_threads))
		return;
	built = b->built;
	b->busy = false;
	b->done(b->arg, &built);
}

int builder_new(struct loop *l, builder_done_fn *done, void *arg, struct builder **ret)
{
	struct builder *b = calloc(1, sizeof(*b));
	int err = 0;

	if (!b)
		return -ENOMEM;
	b->done = done;
	b->arg = arg;
	b->ask_fd = eventfd(0, EFD_CLOEXEC);
	b->done_fd = eventfd(0, EFD_CLOEXEC);
	if (b->ask_fd < 0 || b->done_fd < 0)
		err = -errno;
	if (!err)
		err = loop_watch_fd(l, b->done_fd, EPOLLIN, on_done, b, &b->watch);
	if (!err)
		err = -pthread_create(&b->thread, NULL, run, b);
	b->has_thread = !err;
	if (err)
		builder_free(b);
	else
		*ret = b;
	return err;
}

void builder_free(struct builder *b)
{
	if (!b)
		return;
	atomic_store(&b->hurried, true);
	atomic_store(&b->stopping, true);
	if (b->has_thread) {
		wake(b->ask_fd);
		pthread_join(b->thread, NULL);
	}
	loop_watch_remove(b->watch);
	close_cleanup(&b->ask_fd);
	close_cleanup(&b->done_fd);
	free(b);
}

bool builder_is_busy(const struct builder *b)
{
	return b->busy;
}

void builder_give(struct builder *b, struct snapshot *to, const uint8_t *frames, size_t len)
{
	b->to = to;
	b->frames = frames;
	b->len = len;
	b->busy = true;
	atomic_store(&b->hurried, false);
	atomic_store(&b->is_threads, true);
	wake(b->ask_fd);
}

void builder_hurry(struct builder *b)
{
	atomic_store(&b->hurried, true);
}
