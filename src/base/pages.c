#define _GNU_SOURCE
#include "base/pages.h"

#include <sys/mman.h>

static size_t rounded(size_t bytes)
{
	return (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

static void *map(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/*
 * A large page begins at its own multiple. A newer kernel sees to that by itself, and puts one
 * beside the other without a gap; else what is mapped beside it goes back.
 */
static void *map_aligned(size_t bytes)
{
	uint8_t *all = map(bytes);
	size_t before;

	if (all == MAP_FAILED)
		return NULL;
	if ((uintptr_t)all % HUGE_PAGE != 0) {
		munmap(all, bytes);
		all = map(bytes + HUGE_PAGE);
		if (all == MAP_FAILED)
			return NULL;
		before = (HUGE_PAGE - (uintptr_t)all % HUGE_PAGE) % HUGE_PAGE;
		if (before)
			munmap(all, before);
		all += before;
		munmap(all + bytes, HUGE_PAGE - before);
	}
	madvise(all, bytes, MADV_HUGEPAGE); /* nothing depends on it */
	return all;
}

void *pages_new(size_t bytes)
{
	if (bytes > SIZE_MAX - 2 * HUGE_PAGE)
		return NULL;
	return bytes < HUGE_PAGE ? calloc(1, bytes) : map_aligned(rounded(bytes));
}

void pages_keep_from_children(void *pages, size_t bytes)
{
	if (bytes >= HUGE_PAGE)
		madvise(pages, rounded(bytes), MADV_DONTFORK); /* nothing depends on it */
}

void pages_free(void *pages, size_t bytes)
{
	if (bytes < HUGE_PAGE)
		free(pages);
	else if (pages)
		munmap(pages, rounded(bytes));
}
