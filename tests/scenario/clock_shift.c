/*
 * Another date for one program: preloaded, it adds to the wall clock what the file named by
 * CLOCK_SHIFT holds (8 bytes, milliseconds), which may change while the program runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift_ms;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void set_up(void)
{
	const char *path = getenv("CLOCK_SHIFT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (at != MAP_FAILED)
		shift_ms = at;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): those of libc are reserved */
int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int r;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(clock, ts);
	if (r == 0 && clock == CLOCK_REALTIME && shift_ms)
		ts->tv_sec += (time_t)(*shift_ms / 1000);
	return r;
}

/* FreeRADIUS asks so. */
int gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec ts;
	int r = clock_gettime(CLOCK_REALTIME, &ts);

	(void)zone;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = (suseconds_t)(ts.tv_nsec / 1000);
	return r;
}

time_t time(time_t *ret)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (ret)
		*ret = ts.tv_sec;
	return ts.tv_sec;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
