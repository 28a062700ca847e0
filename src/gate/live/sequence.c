#include "gate/live/sequence.h"

static bool is_in(const struct sequence *q, const struct session *n)
{
	return n->older || n->newer || q->oldest == n;
}

void sequence_remove(struct sequence *q, struct session *n)
{
	if (!is_in(q, n))
		return;
	for (struct sequence_reader *r = q->readers; r; r = r->next)
		if (r->at == n)
			r->at = n->older;
	if (n->older)
		n->older->newer = n->newer;
	else
		q->oldest = n->newer;
	if (n->newer)
		n->newer->older = n->older;
	else
		q->newest = n->older;
	n->older = n->newer = NULL;
}

void sequence_touch(struct sequence *q, struct session *n)
{
	sequence_remove(q, n);
	n->changed = ++q->last;
	n->older = q->newest;
	if (q->newest)
		q->newest->newer = n;
	else
		q->oldest = n;
	q->newest = n;
}

void sequence_open(struct sequence *q, struct sequence_reader *r, uint64_t after)
{
	struct session *at = after ? q->newest : NULL;

	while (at && at->changed > after)
		at = at->older;
	*r = (struct sequence_reader){.next = q->readers, .at = at};
	q->readers = r;
}

void sequence_close(struct sequence *q, struct sequence_reader *r)
{
	struct sequence_reader **at = &q->readers;

	while (*at && *at != r)
		at = &(*at)->next;
	if (*at)
		*at = r->next;
}

struct session *sequence_next(const struct sequence *q, struct sequence_reader *r)
{
	struct session *n = r->at ? r->at->newer : q->oldest;

	if (n)
		r->at = n;
	return n;
}
