#include "gate/line/syncer.h"

#include <pthread.h>
#include <unistd.h>

struct syncer {
	struct loop *loop;
	syncer_done_fn *fn;
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	bool asked, done, stopping;
	int error;
	struct syncer_work work;
	bool busy; /* the loop's thread only */
};

static int sync_all(const struct syncer_work *w)
{
	for (size_t i = 0; i < SYNCER_FDS; i++)
		if (w->fds[i] >= 0 && fdatasync(w->fds[i]) < 0)
			return -errno;
	return 0;
}

static void delete_all(const struct syncer_work *w)
{
	for (size_t i = 0; i < w->path_count; i++) {
		(void)!unlink(w->paths[i]);
		free(w->paths[i]);
	}
}

static void *run(void *arg)
{
	struct syncer *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping || s->asked) {
		struct syncer_work work;
		int error;

		if (!s->asked) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		work = s->work;
		s->asked = false;
		pthread_mutex_unlock(&s->lock);
		error = sync_all(&work);
		pthread_mutex_lock(&s->lock);
		s->error = error;
		s->done = true;
		loop_wake(s->loop);
		pthread_mutex_unlock(&s->lock);
		delete_all(&work);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void on_wake(void *arg)
{
	struct syncer *s = arg;
	bool done;
	int error;

	pthread_mutex_lock(&s->lock);
	done = s->done;
	error = s->error;
	s->done = false;
	pthread_mutex_unlock(&s->lock);
	if (!done)
		return;
	s->busy = false;
	s->fn(s->arg, error);
}

int syncer_new(struct loop *l, syncer_done_fn *fn, void *arg, struct syncer **ret)
{
	struct syncer *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->loop = l;
	s->fn = fn;
	s->arg = arg;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	err = loop_on_wake(l, on_wake, s);
	if (!err)
		err = -pthread_create(&s->thread, NULL, run, s);
	if (err) {
		free(s);
		return err;
	}
	*ret = s;
	return 0;
}

void syncer_free(struct syncer *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool syncer_is_busy(const struct syncer *s)
{
	return s->busy;
}

void syncer_ask(struct syncer *s, const struct syncer_work *work)
{
	s->busy = true;
	pthread_mutex_lock(&s->lock);
	s->work = *work;
	s->asked = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}
