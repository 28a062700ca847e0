#define _GNU_SOURCE
#include "gate/lock.h"

/* It is held for microseconds, so who finds it taken looks a few times before sleeping. */
int gate_lock_share(struct gate_lock *l)
{
	pthread_mutexattr_t how;
	int err = -pthread_mutexattr_init(&how);

	if (err)
		return err;
	pthread_mutexattr_settype(&how, PTHREAD_MUTEX_ADAPTIVE_NP);
	err = -pthread_mutex_init(&l->mutex, &how);
	pthread_mutexattr_destroy(&how);
	l->shared = err == 0;
	return err;
}

void gate_lock_unshare(struct gate_lock *l)
{
	if (l->shared)
		pthread_mutex_destroy(&l->mutex);
	l->shared = false;
}
