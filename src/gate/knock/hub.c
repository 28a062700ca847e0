#include "gate/knock/hub.h"

#include <string.h>

#include "gate/live/session.h"

struct place_key {
	int64_t switch_id;
	char port[PORT_SIZE];
};

struct hub_port {
	struct place_key key;
	struct mac mac; /* of the last stranger */
	int64_t seen_at_ms, told_at_ms;
};

void hubs_init(struct hubs *h)
{
	map_init(&h->ports, sizeof(struct place_key));
}

static void forget(struct hubs *h)
{
	struct hub_port *p;
	size_t at = 0;

	while ((p = map_next(&h->ports, &at)))
		free(p);
	map_clear(&h->ports);
}

void hubs_done(struct hubs *h)
{
	forget(h);
	map_done(&h->ports);
}

/* NULL when memory is short: then nothing is told. */
static struct hub_port *get_port(struct hubs *h, int64_t switch_id, const char *port)
{
	struct place_key key = {.switch_id = switch_id};
	struct hub_port *p;

	memcpy(key.port, port, strnlen(port, sizeof(key.port) - 1));
	p = map_get(&h->ports, &key);
	if (p)
		return p;
	if (h->ports.count >= HUB_PORTS_MAX)
		forget(h);
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->key = key;
	if (map_put(&h->ports, &p->key, p, NULL)) {
		free(p);
		return NULL;
	}
	return p;
}

bool hubs_see(struct hubs *h, int64_t switch_id, const char *port, const struct mac *mac,
	      int64_t now_ms, struct mac *ret_other)
{
	struct hub_port *p = get_port(h, switch_id, port);
	bool second;

	if (!p)
		return false;
	second = p->seen_at_ms && now_ms - p->seen_at_ms <= HUB_WINDOW_MS &&
		 !mac_equal(&p->mac, mac) &&
		 (!p->told_at_ms || now_ms - p->told_at_ms >= HUB_AGAIN_MS);
	if (second) {
		p->told_at_ms = now_ms;
		*ret_other = p->mac;
	}
	p->mac = *mac;
	p->seen_at_ms = now_ms;
	return second;
}
