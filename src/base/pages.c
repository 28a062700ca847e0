#define _GNU_SOURCE
#include "base/pages.h"

#include <sys/mman.h>

static size_t rounded(size_t bytes)
{
	return (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

/* A large page begins at its own multiple: what is mapped beside it goes back. */
static void *map_aligned(size_t bytes)
{
	uint8_t *all = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (all == MAP_FAILED)
		return NULL;
	before = (HUGE_PAGE - (uintptr_t)all % HUGE_PAGE) % HUGE_PAGE;
	if (before)
		munmap(all, before);
	munmap(all + before + bytes, HUGE_PAGE - before);
	madvise(all + before, bytes, MADV_HUGEPAGE); /* nothing depends on it */
	return all + before;
}

void *pages_new(size_t bytes)
{
	if (bytes > SIZE_MAX - 2 * HUGE_PAGE)
		return NULL;
	return bytes < HUGE_PAGE ? calloc(1, bytes) : map_aligned(rounded(bytes));
}

void pages_free(void *pages, size_t bytes)
{
	if (bytes < HUGE_PAGE)
		free(pages);
	else if (pages)
		munmap(pages, rounded(bytes));
}
