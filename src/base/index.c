#include "base/index.h"

#include "base/file.h"
#include "base/pages.h"

#define MIN_SIZE ((size_t)16)

/* Linear probing; a removal shifts the run behind it back, so there are no tombstones. */

void index_init(struct index *x)
{
	*x = (struct index){0};
	random_bytes(&x->seed, sizeof(x->seed));
}

void index_done(struct index *x)
{
	pages_free(x->slots, x->size * sizeof(*x->slots));
	x->slots = NULL;
	x->size = x->count = 0;
}

static void put(struct index *x, struct index_slot slot)
{
	size_t i = index_home(x, slot.tag);

	while (x->slots[i].row)
		i = i + 1 == x->size ? 0 : i + 1;
	x->slots[i] = slot;
}

static int resize(struct index *x, size_t size)
{
	struct index old = *x;

	if (size > UINT32_MAX)
		return -ENOMEM;
	x->slots = pages_new(size * sizeof(*x->slots));
	if (!x->slots) {
		x->slots = old.slots;
		return -ENOMEM;
	}
	x->size = (uint32_t)size;
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].row)
			put(x, old.slots[i]);
	pages_free(old.slots, old.size * sizeof(*old.slots));
	return 0;
}

static bool has_room(const struct index *x, size_t count)
{
	return count <= x->size / 4 * (size_t)3;
}

int index_reserve(struct index *x, size_t count)
{
	return has_room(x, count) ? 0 : resize(x, MAX(count + count / 2, MIN_SIZE));
}

int index_add(struct index *x, uint32_t tag, uint32_t row)
{
	int err = has_room(x, x->count + (size_t)1)
			  ? 0
			  : resize(x, MAX(x->size + x->size / (size_t)2, MIN_SIZE));

	if (err)
		return err;
	put(x, (struct index_slot){tag, row});
	x->count++;
	return 0;
}

/* How far behind its home a slot lies. */
static size_t distance(const struct index *x, size_t slot, size_t home)
{
	return slot >= home ? slot - home : slot + x->size - home;
}

static void close_hole(struct index *x, size_t hole)
{
	for (size_t i = hole + 1;; i++) {
		if (i == x->size)
			i = 0;
		if (!x->slots[i].row)
			break;
		if (distance(x, i, index_home(x, x->slots[i].tag)) >= distance(x, i, hole)) {
			x->slots[hole] = x->slots[i];
			hole = i;
		}
	}
	x->slots[hole] = (struct index_slot){0};
}

void index_remove(struct index *x, uint32_t tag, uint32_t row)
{
	size_t at = INDEX_START;
	uint32_t found;

	while ((found = index_next(x, tag, &at)))
		if (found == row) {
			close_hole(x, at);
			x->count--;
			return;
		}
}

uint32_t index_walk(const struct index *x, size_t *at)
{
	while (*at < x->size) {
		uint32_t row = x->slots[(*at)++].row;

		if (row)
			return row;
	}
	return 0;
}
