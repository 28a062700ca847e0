/* Small helpers that every folder uses: sizes, minimum and maximum, release at the end of a scope.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Hands over what a cleanup variable owns: `return TAKE_PTR(p);`. */
#define TAKE_PTR(p)                                                                                \
	__extension__({                                                                            \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})
#define TAKE_FD(fd)                                                                                \
	__extension__({                                                                            \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

#define CLEANUP(func) __attribute__((cleanup(func)))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define MUST_CHECK __attribute__((warn_unused_result))
/* For what is so short, or so much shorter with constant arguments, that a call costs more. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Defines `name_cleanup(type *)` for CLEANUP(name_cleanup) on a pointer that `name` frees. */
#define DEFINE_POINTER_CLEANUP(type, name)                                                         \
	static inline void name##_cleanup(type *p)                                                 \
	{                                                                                          \
		if (*p)                                                                            \
			name(*p);                                                                  \
	}

static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}

static inline void close_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define CLEANUP_FREE CLEANUP(free_cleanup)
#define CLEANUP_FD CLEANUP(close_cleanup)
