#include "gate/knock/strangers.h"

#include <string.h>

#include "base/text.h"

struct place_key {
	int64_t switch_id;
	char port[PORT_SIZE];
};

struct strangers_port {
	struct place_key key;
	struct session *first; /* linked by next_at_port */
	size_t count;
};

static void set_key(struct place_key *key, int64_t switch_id, const char *port)
{
	memset(key, 0, sizeof(*key));
	key->switch_id = switch_id;
	memcpy(key->port, port, strnlen(port, sizeof(key->port) - 1));
}

void strangers_init(struct strangers *s)
{
	*s = (struct strangers){.per_port = STRANGERS_PER_PORT, .total = STRANGERS_TOTAL};
	map_init(&s->ports, sizeof(struct place_key));
}

void strangers_done(struct strangers *s)
{
	struct strangers_port *port;
	size_t at = 0;

	while ((port = map_next(&s->ports, &at)))
		free(port);
	map_done(&s->ports);
}

bool session_is_stranger(const struct session *n)
{
	return n->terminal_id == 0 && !n->account[0];
}

static struct strangers_port *find_port(const struct strangers *s, int64_t switch_id,
					const char *port)
{
	struct place_key key;

	set_key(&key, switch_id, port);
	return map_get(&s->ports, &key);
}

static struct session *oldest_idle_at(const struct strangers_port *port)
{
	struct session *oldest = NULL;

	for (struct session *n = port->first; n; n = n->next_at_port)
		if (n->state != SESSION_RUNNING &&
		    (!oldest || n->granted_at_ms <= oldest->granted_at_ms))
			oldest = n;
	return oldest;
}

int strangers_make_room(struct strangers *s, int64_t switch_id, const char *port,
			struct session **ret)
{
	const struct strangers_port *at = find_port(s, switch_id, port);
	struct session *victim;

	if (at && at->count >= s->per_port) {
		victim = oldest_idle_at(at);
	} else if (s->count >= s->total) {
		victim = s->oldest_idle;
	} else {
		*ret = NULL;
		return 0;
	}
	s->crowded = true;
	if (!victim)
		return -EUSERS;
	*ret = victim;
	return 0;
}

static void add_idle(struct strangers *s, struct session *n)
{
	n->older_idle = s->newest_idle;
	n->newer_idle = NULL;
	if (s->newest_idle)
		s->newest_idle->newer_idle = n;
	else
		s->oldest_idle = n;
	s->newest_idle = n;
	n->is_idle = true;
}

static void remove_idle(struct strangers *s, struct session *n)
{
	if (n->older_idle)
		n->older_idle->newer_idle = n->newer_idle;
	else
		s->oldest_idle = n->newer_idle;
	if (n->newer_idle)
		n->newer_idle->older_idle = n->older_idle;
	else
		s->newest_idle = n->older_idle;
	n->is_idle = false;
}

static int get_port(struct strangers *s, const struct session *n, struct strangers_port **ret)
{
	struct strangers_port *port = find_port(s, n->switch_id, n->port);
	int err;

	if (!port) {
		port = calloc(1, sizeof(*port));
		if (!port)
			return -ENOMEM;
		set_key(&port->key, n->switch_id, n->port);
		err = map_put(&s->ports, &port->key, port, NULL);
		if (err) {
			free(port);
			return err;
		}
	}
	*ret = port;
	return 0;
}

int strangers_add(struct strangers *s, struct session *n)
{
	struct strangers_port *port;
	int err;

	if (!session_is_stranger(n))
		return 0;
	err = get_port(s, n, &port);
	if (err)
		return err;
	n->at_port = port;
	n->next_at_port = port->first;
	port->first = n;
	port->count++;
	s->count++;
	strangers_changed(s, n);
	return 0;
}

void strangers_remove(struct strangers *s, struct session *n)
{
	struct strangers_port *port = n->at_port;
	struct session **at;

	if (!port)
		return;
	if (n->is_idle)
		remove_idle(s, n);
	for (at = &port->first; *at != n;)
		at = &(*at)->next_at_port;
	*at = n->next_at_port;
	n->at_port = NULL;
	s->count--;
	if (--port->count == 0) {
		map_remove(&s->ports, &port->key);
		free(port);
	}
}

void strangers_changed(struct strangers *s, struct session *n)
{
	bool is_idle = n->state != SESSION_RUNNING;

	if (!n->at_port || is_idle == n->is_idle)
		return;
	if (is_idle)
		add_idle(s, n);
	else
		remove_idle(s, n);
}
