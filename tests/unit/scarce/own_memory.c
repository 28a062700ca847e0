#define _GNU_SOURCE
#undef _FORTIFY_SOURCE /* its inline asprintf() would be in the way */
#include "own_memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HIDDEN __attribute__((visibility("hidden")))

static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t count, size_t size);
	void *(*realloc)(void *p, size_t size);
} real;

static long until_refusal = -1;
static bool refused;

static void look_up(void)
{
	if (real.realloc)
		return;
	*(void **)&real.malloc = dlsym(RTLD_DEFAULT, "malloc");
	*(void **)&real.calloc = dlsym(RTLD_DEFAULT, "calloc");
	*(void **)&real.realloc = dlsym(RTLD_DEFAULT, "realloc");
}

static bool refuse(void)
{
	look_up();
	if (until_refusal < 0 || until_refusal-- > 0)
		return false;
	refused = true;
	errno = ENOMEM;
	return true;
}

void own_memory_refuse(long n)
{
	refused = false;
	until_refusal = n;
}

bool own_memory_refused(void)
{
	return refused;
}

void *own_memory_grant(void *p, size_t size)
{
	look_up();
	return real.realloc(p, size);
}

HIDDEN void *malloc(size_t size)
{
	return refuse() ? NULL : real.malloc(size);
}

HIDDEN void *calloc(size_t count, size_t size)
{
	return refuse() ? NULL : real.calloc(count, size);
}

HIDDEN void *realloc(void *p, size_t size)
{
	return refuse() ? NULL : real.realloc(p, size);
}

HIDDEN void *reallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

HIDDEN char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

HIDDEN int vasprintf(char **ret, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	*ret = len < 0 ? NULL : malloc((size_t)len + 1);
	return *ret ? vsnprintf(*ret, (size_t)len + 1, fmt, ap) : -1;
}

HIDDEN int asprintf(char **ret, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(ret, fmt, ap);
	va_end(ap);
	return len;
}
