#include "gate/live/ports.h"

#include <string.h>

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t place_of_port(int64_t switch_id, const char *port)
{
	uint64_t place = (FNV_START ^ (uint64_t)switch_id) * FNV_PRIME;

	for (; *port; port++)
		place = (place ^ (uint8_t)*port) * FNV_PRIME;
	return place;
}

void ports_init(struct ports *p)
{
	map_init(&p->by_place, sizeof(uint64_t));
}

void ports_done(struct ports *p)
{
	map_done(&p->by_place);
}

int ports_add(struct ports *p, struct session *n)
{
	int err;

	n->place = place_of_port(n->switch_id, n->port);
	n->next_at_place = map_get(&p->by_place, &n->place);
	err = map_put(&p->by_place, &n->place, n, NULL);
	if (err)
		n->next_at_place = NULL;
	return err;
}

void ports_remove(struct ports *p, struct session *n)
{
	struct session *at = map_get(&p->by_place, &n->place);

	if (at == n) {
		map_remove(&p->by_place, &n->place);
		if (n->next_at_place)
			(void)!map_put(&p->by_place, &n->next_at_place->place, n->next_at_place,
				       NULL);
		return;
	}
	while (at && at->next_at_place != n)
		at = at->next_at_place;
	if (at)
		at->next_at_place = n->next_at_place;
}

/* Two ports may share a number. */
static struct session *skip_others(struct session *n, int64_t switch_id, const char *port)
{
	while (n && (n->switch_id != switch_id || strcmp(n->port, port) != 0))
		n = n->next_at_place;
	return n;
}

struct session *ports_first(const struct ports *p, int64_t switch_id, const char *port)
{
	uint64_t place = place_of_port(switch_id, port);

	return skip_others(map_get(&p->by_place, &place), switch_id, port);
}

struct session *ports_next(const struct session *n)
{
	return skip_others(n->next_at_place, n->switch_id, n->port);
}
