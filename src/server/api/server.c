#include "server/api/server.h"

#include <time.h>

#include "base/clock.h"

#define READER_WAIT_S 5

int64_t api_now(const struct api *a)
{
	return a->options.now_ms ? a->options.now_ms() : clock_wall_ms();
}

int api_reader_take(struct api *a, struct store_db **ret)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += READER_WAIT_S;
	pthread_mutex_lock(&a->readers_lock);
	while (!a->readers_idle && !r)
		r = -pthread_cond_timedwait(&a->readers_free, &a->readers_lock, &until);
	if (a->readers_idle) {
		*ret = a->readers[--a->readers_idle];
		r = 0;
	}
	pthread_mutex_unlock(&a->readers_lock);
	return r ? -EAGAIN : 0;
}

void api_reader_give(struct api *a, struct store_db *db)
{
	pthread_mutex_lock(&a->readers_lock);
	a->readers[a->readers_idle++] = db;
	pthread_cond_signal(&a->readers_free);
	pthread_mutex_unlock(&a->readers_lock);
}
