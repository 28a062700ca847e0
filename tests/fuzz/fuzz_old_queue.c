/* What waits for an old server as a disk might give it back: read, written, read again. */
#include <stdlib.h>

#include "gate/eap/old_queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int restore(void *arg, const uint8_t *entry, size_t len)
{
	return old_queue_restore(arg, entry, len);
}

static int restore_again(void *arg, const uint8_t *entry, size_t len)
{
	if (old_queue_restore(arg, entry, len))
		abort(); /* what we write, we read */
	return 0;
}

/* Sending walks them without looking twice. */
static void check(const struct old_packet *p)
{
	size_t at = 0;

	while (at < p->len)
		at += p->attributes[at + 1];
	if (at != p->len || p->len > RADIUS_PACKET_MAX)
		abort();
}

static void empty(struct old_queue *q)
{
	const struct old_packet *p;
	uint64_t number = 0;

	while ((p = old_queue_first(q))) {
		if (p->number <= number)
			abort();
		number = p->number;
		check(p);
		old_queue_pop(q);
	}
	if (old_queue_count(q) != 0)
		abort();
}

/* Entries without sums, u16 length each: a mutation reaches what lies behind the sums. */
static void restore_bare(struct old_queue *q, const uint8_t *data, size_t len)
{
	struct reader r = {data, len};
	const uint8_t *entry;
	uint16_t size;

	while (reader_be16(&r, &size) == 0 && reader_bytes(&r, size, &entry) == 0)
		(void)!old_queue_restore(q, entry, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_OLD_QUEUE struct old_queue *q = NULL, *again = NULL;
	int err;

	if (old_queue_new(&q) || old_queue_new(&again))
		abort();
	if (applog_walk(data, len, restore, q, &err) > len)
		abort();
	restore_bare(q, data, len);
	if (old_queue_count(q) > OLD_QUEUE_MAX)
		abort();
	if (old_queue_dump(q, restore_again, again) || old_queue_count(q) != old_queue_count(again))
		abort();
	empty(q);
	empty(again);
	return 0;
}
