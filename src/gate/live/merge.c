#include "gate/live/merge.h"

#include <string.h>

static bool same_class(const uint8_t a[static CLASS_SIZE], const uint8_t b[static CLASS_SIZE])
{
	return memcmp(a, b, CLASS_SIZE) == 0;
}

bool merge_began_before(const struct session *a, const struct session *b)
{
	if (a->begun != b->begun)
		return a->begun < b->begun;
	return memcmp(a->class_id, b->class_id, CLASS_SIZE) < 0;
}

static enum merge merge_unrelated(const struct session *here, const struct session *said)
{
	bool same_place = here->switch_id == said->switch_id && strcmp(here->port, said->port) == 0;

	if (session_is_live(here) != session_is_live(said))
		return session_is_live(said) ? MERGE_TAKE : MERGE_KEEP;
	if (!merge_began_before(here, said))
		return MERGE_KEEP;
	return session_is_live(here) && !same_place ? MERGE_CONFLICT : MERGE_TAKE;
}

enum merge merge_sessions(const struct session *here, const struct session *said)
{
	if (same_class(here->class_id, said->class_id))
		return said->version > here->version ? MERGE_TAKE : MERGE_KEEP;
	if (same_class(said->over, here->class_id))
		return MERGE_TAKE;
	if (same_class(here->over, said->class_id))
		return MERGE_KEEP;
	return merge_unrelated(here, said);
}
