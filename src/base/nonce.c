#include "base/nonce.h"

#include <pthread.h>
#include <string.h>

#include "base/file.h"

#define POOL_SIZE 4096

static _Thread_local struct {
	uint8_t bytes[POOL_SIZE];
	size_t left; /* at the end of `bytes` */
} pool;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forget_pool(void)
{
	pool.left = 0;
}

static void watch_forks(void)
{
	if (pthread_atfork(NULL, NULL, forget_pool))
		abort(); /* a child would repeat its parent's */
}

void nonce_bytes(void *dst, size_t len)
{
	uint8_t *from;

	if (len > NONCE_MAX)
		abort();
	if (pool.left < len) {
		pthread_once(&once, watch_forks);
		random_bytes(pool.bytes, sizeof(pool.bytes));
		pool.left = sizeof(pool.bytes);
	}
	from = pool.bytes + sizeof(pool.bytes) - pool.left;
	memcpy(dst, from, len);
	memset(from, 0, len);
	pool.left -= len;
}
