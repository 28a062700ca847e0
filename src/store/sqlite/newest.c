#include "store/sqlite/newest.h"

#include <string.h>

static bool is_newer(const struct newest_key *a, const struct newest_key *b)
{
	return a->at > b->at || (a->at == b->at && a->id > b->id);
}

static bool is_same(const struct newest_key *a, const struct newest_key *b)
{
	return a->at == b->at && a->id == b->id;
}

bool newest_keep(struct newest *n, struct newest_key key)
{
	size_t at = n->count;

	if (newest_is_full(n) && (n->room == 0 || !is_newer(&key, &n->keys[n->count - 1])))
		return false;
	while (at > 0 && is_newer(&key, &n->keys[at - 1]))
		at--;
	if (at > 0 && is_same(&key, &n->keys[at - 1]))
		return true;
	n->count += n->count < n->room;
	memmove(n->keys + at + 1, n->keys + at, (n->count - at - 1) * sizeof(*n->keys));
	n->keys[at] = key;
	return true;
}
