#include "server/engine/engine.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

#define QUEUE_MAX_DEFAULT 16384
#define BATCH_MAX_DEFAULT 1024
#define ROOM_WAIT_MS 5000

struct listener {
	engine_listener_fn *fn;
	void *arg;
};

struct engine {
	struct store *store;
	size_t queue_max, batch_max;
	int64_t (*now_ms)(void);
	pthread_t thread;

	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t work_there, room_there, answer_there;
	struct engine_work *first, **last; /* waiting, oldest first */
	size_t waiting;
	bool stopping;
	uint64_t works, commits, failed;
	uint64_t times[ENGINE_TIMES];
	double seconds;
	int store_error;

	pthread_mutex_t listeners_lock; /* held while they run, so that unlisten waits */
	struct listener listeners[ENGINE_LISTENERS_MAX];
	size_t listener_count;
	struct head head; /* the newest; the engine's thread only */
};

/* ---- the queue ---- */

static void enqueue(struct engine *e, struct engine_work *w)
{
	w->next = NULL;
	*e->last = w;
	e->last = &w->next;
	e->waiting++;
	pthread_cond_signal(&e->work_there);
}

int engine_submit(struct engine *e, struct engine_work *w)
{
	int err = 0;

	w->waited_for = false;
	pthread_mutex_lock(&e->lock);
	if (e->stopping)
		err = -ESHUTDOWN;
	else if (e->waiting >= e->queue_max)
		err = -EAGAIN;
	else
		enqueue(e, w);
	pthread_mutex_unlock(&e->lock);
	return err;
}

/* Takes up to batch_max works off the queue; NULL when the engine stops and nothing is left. */
static struct engine_work *take_batch(struct engine *e)
{
	struct engine_work *batch, **end = &batch;

	pthread_mutex_lock(&e->lock);
	while (!e->first && !e->stopping)
		pthread_cond_wait(&e->work_there, &e->lock);
	batch = e->first;
	for (size_t n = 0; *end && n < e->batch_max; n++) {
		end = &(*end)->next;
		e->waiting--;
	}
	e->first = *end;
	*end = NULL;
	if (!e->first)
		e->last = &e->first;
	pthread_cond_broadcast(&e->room_there);
	pthread_mutex_unlock(&e->lock);
	return batch;
}

/* ---- one commit ---- */

/* An error of the store itself, after which the transaction is of no use. */
static int apply_one(struct engine *e, struct engine_work *w, int64_t now_ms)
{
	int err = store_mark(e->store);

	if (err)
		return err;
	w->err = w->apply(w, e->store, now_ms);
	if (!w->err && !store_is_explained(e->store))
		w->err = -EPROTO; /* invariant 2: no row changes without an entry */
	return w->err ? store_undo(e->store) : 0;
}

static int commit_batch(struct engine *e, struct engine_work *batch, int64_t now_ms)
{
	struct head head;
	int err = store_begin(e->store);

	if (err)
		return err;
	for (struct engine_work *w = batch; w && !err; w = w->next)
		err = apply_one(e, w, now_ms);
	if (err) {
		store_abort(e->store);
		return err;
	}
	err = store_commit(e->store, now_ms, &head);
	if (!err && head.size > 0)
		e->head = head;
	return err;
}

static void note_store_error(struct engine *e, int err)
{
	if (err && !e->store_error)
		log_error("the store takes no commits: %s; nothing is acknowledged until it does%s",
			  strerror(-err), err == -ENOSPC ? ": make room on the disk" : "");
	if (!err && e->store_error)
		log_info("the store takes commits again");
}

const unsigned engine_time_bounds_ms[ENGINE_TIMES] = {1,   2,	5,   10,   20,	 50,
						      100, 200, 500, 1000, 2000, 0};

static void count_time(struct engine *e, int64_t began_ms)
{
	int64_t took_ms = clock_mono_ms() - began_ms;
	size_t i = 0;

	while (engine_time_bounds_ms[i] && took_ms > engine_time_bounds_ms[i])
		i++;
	pthread_mutex_lock(&e->lock);
	e->times[i]++;
	e->seconds += (double)took_ms / 1000;
	pthread_mutex_unlock(&e->lock);
}

static void count_batch(struct engine *e, uint64_t works, uint64_t failed, int store_error)
{
	pthread_mutex_lock(&e->lock);
	note_store_error(e, store_error);
	e->works += works;
	e->failed += failed;
	e->commits += store_error == 0;
	e->store_error = store_error;
	pthread_mutex_unlock(&e->lock);
}

static void tell_listeners(struct engine *e, uint32_t topics, int64_t now_ms)
{
	const struct engine_commit commit = {&e->head, topics, now_ms};

	pthread_mutex_lock(&e->listeners_lock);
	for (size_t i = 0; i < e->listener_count; i++)
		e->listeners[i].fn(e->listeners[i].arg, &commit);
	pthread_mutex_unlock(&e->listeners_lock);
}

static void wake_waiter(struct engine *e, struct engine_work *w)
{
	pthread_mutex_lock(&e->lock);
	w->answered = true;
	pthread_cond_broadcast(&e->answer_there);
	pthread_mutex_unlock(&e->lock);
}

static uint32_t answer(struct engine *e, struct engine_work *batch, int store_error)
{
	uint64_t works = 0, failed = 0;
	uint32_t topics = 0;
	struct engine_work *next;

	for (struct engine_work *w = batch; w; w = w->next, works++) {
		if (store_error)
			w->err = store_error;
		failed += w->err != 0;
		if (!w->err)
			topics |= w->topics ? w->topics : TOPIC_ALL;
	}
	count_batch(e, works, failed, store_error);
	for (struct engine_work *w = batch; w; w = next) {
		next = w->next; /* the work is its owner's again, who may free it */
		if (w->waited_for)
			wake_waiter(e, w);
		else if (w->done)
			w->done(w, w->err);
	}
	return topics;
}

static void run_batch(struct engine *e, struct engine_work *batch)
{
	int64_t now_ms = e->now_ms();
	int64_t began_ms = clock_mono_ms();
	int err = commit_batch(e, batch, now_ms);
	uint32_t topics;

	count_time(e, began_ms);
	topics = answer(e, batch, err);
	if (topics)
		tell_listeners(e, topics, now_ms);
}

static void *engine_main(void *arg)
{
	struct engine *e = arg;
	struct engine_work *batch;

	while ((batch = take_batch(e)))
		run_batch(e, batch);
	return NULL;
}

/* ---- start and stop ---- */

static int init_locks(struct engine *e)
{
	pthread_condattr_t mono;

	if (pthread_condattr_init(&mono))
		return -ENOMEM;
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	pthread_cond_init(&e->room_there, &mono);
	pthread_condattr_destroy(&mono);
	pthread_cond_init(&e->work_there, NULL);
	pthread_cond_init(&e->answer_there, NULL);
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->listeners_lock, NULL);
	return 0;
}

static void engine_free(struct engine *e)
{
	pthread_cond_destroy(&e->room_there);
	pthread_cond_destroy(&e->work_there);
	pthread_cond_destroy(&e->answer_there);
	pthread_mutex_destroy(&e->lock);
	pthread_mutex_destroy(&e->listeners_lock);
	free(e);
}

int engine_start(const struct engine_options *o, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->store = o->store;
	e->queue_max = o->queue_max ? o->queue_max : QUEUE_MAX_DEFAULT;
	e->batch_max = o->batch_max ? o->batch_max : BATCH_MAX_DEFAULT;
	e->now_ms = o->now_ms ? o->now_ms : clock_wall_ms;
	e->last = &e->first;
	err = init_locks(e);
	if (err) {
		free(e);
		return err;
	}
	err = -pthread_create(&e->thread, NULL, engine_main, e);
	if (err) {
		engine_free(e);
		return err;
	}
	*ret = e;
	return 0;
}

void engine_stop(struct engine *e)
{
	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	pthread_cond_broadcast(&e->work_there);
	pthread_cond_broadcast(&e->room_there);
	pthread_mutex_unlock(&e->lock);
	pthread_join(e->thread, NULL);
	engine_free(e);
}

/* ---- waiting for an answer ---- */

/* Takes the queue's next free place, waiting a while for one. Called with the lock held. */
static int wait_for_room(struct engine *e)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ROOM_WAIT_MS / SECOND_MS;
	while (!err && !e->stopping && e->waiting >= e->queue_max)
		err = -pthread_cond_timedwait(&e->room_there, &e->lock, &until);
	if (e->stopping)
		return -ESHUTDOWN;
	return err ? -EAGAIN : 0;
}

int engine_run(struct engine *e, struct engine_work *w)
{
	int err;

	w->done = NULL;
	w->waited_for = true;
	w->answered = false;
	pthread_mutex_lock(&e->lock);
	err = wait_for_room(e);
	if (!err)
		enqueue(e, w);
	while (!err && !w->answered)
		pthread_cond_wait(&e->answer_there, &e->lock);
	pthread_mutex_unlock(&e->lock);
	return err ? err : w->err;
}

/* ---- listeners ---- */

int engine_listen(struct engine *e, engine_listener_fn *fn, void *arg)
{
	int err = -ENOSPC;

	pthread_mutex_lock(&e->listeners_lock);
	if (e->listener_count < ENGINE_LISTENERS_MAX) {
		e->listeners[e->listener_count++] = (struct listener){fn, arg};
		err = 0;
	}
	pthread_mutex_unlock(&e->listeners_lock);
	return err;
}

void engine_unlisten(struct engine *e, engine_listener_fn *fn, void *arg)
{
	pthread_mutex_lock(&e->listeners_lock);
	for (size_t i = 0; i < e->listener_count; i++)
		if (e->listeners[i].fn == fn && e->listeners[i].arg == arg) {
			e->listeners[i] = e->listeners[--e->listener_count];
			break;
		}
	pthread_mutex_unlock(&e->listeners_lock);
}

void engine_get_stats(struct engine *e, struct engine_stats *ret)
{
	pthread_mutex_lock(&e->lock);
	*ret = (struct engine_stats){.works = e->works,
				     .commits = e->commits,
				     .failed = e->failed,
				     .waiting = e->waiting,
				     .store_error = e->store_error,
				     .seconds = e->seconds};
	memcpy(ret->times, e->times, sizeof(ret->times));
	pthread_mutex_unlock(&e->lock);
}
