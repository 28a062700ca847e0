#include "gate/knock/port_limit.h"

#include <string.h>

#include "gate/live/ports.h"

#define UNITS_DEEP 32 /* so that a circle in the rows does not hang the gate */
#define INTERIM_SLACK_MS MINUTE_MS

struct port_limit port_limit_of(const struct snapshot *s, const struct snap_switch *at)
{
	const struct snap_unit *u;
	int64_t id = at->row.unit_id;

	if (at->row.port_limit)
		return (struct port_limit){at->row.port_limit, at->row.phones_count};
	for (unsigned deep = 0; deep < UNITS_DEEP && (u = snapshot_unit(s, id)); deep++) {
		if (u->row.port_limit)
			return (struct port_limit){u->row.port_limit, u->row.phones_count};
		id = u->row.parent_id;
	}
	return (struct port_limit){0};
}

/* Its switch lets it speak: by interims where there is accounting, by the grant elsewhere. */
static bool is_there(const struct gate *g, const struct snap_switch *at, const struct session *n,
		     int64_t now_ms)
{
	int64_t seconds = at->row.session_seconds ? at->row.session_seconds
						  : (int64_t)g->settings.session_seconds;

	switch (n->state) {
	case SESSION_RUNNING:
		return now_ms - n->proven_at_ms <=
		       2 * (int64_t)g->settings.interim_seconds * SECOND_MS + INTERIM_SLACK_MS;
	case SESSION_GRANTED:
		return now_ms - n->granted_at_ms <= seconds * SECOND_MS + INTERIM_SLACK_MS;
	case SESSION_ENDED:
		break;
	}
	return false;
}

static bool came_before(const struct session *n, const struct session *own)
{
	if (n->started_at_ms != own->started_at_ms)
		return n->started_at_ms < own->started_at_ms;
	return memcmp(&n->mac, &own->mac, sizeof(n->mac)) < 0;
}

/* An isolated one has no place, but one that waits is before those that came after it. */
static bool takes_place(const struct session *n, const struct session *own)
{
	bool is_in = n->decision.verdict == VERDICT_ADMIT;
	bool own_is_in = own && own->decision.verdict == VERDICT_ADMIT;

	if (own_is_in)
		return is_in && came_before(n, own);
	return is_in || (own && n->decision.reason == REASON_PORT_FULL && came_before(n, own));
}

static bool is_phone(const struct gate *g, const struct session *n)
{
	const struct snap_terminal *t = snapshot_terminal(g->snapshot, n->terminal_id);

	return t && t->kind == TERMINAL_PHONE;
}

/* The session of who knocks where it already sits. */
static const struct session *own_session(const struct gate *g, const struct subject *who)
{
	const struct session *n =
		who->session ? who->session : sessions_by_mac(g->sessions, &who->mac);

	return n && session_is_live(n) && n->switch_id == who->switch_id &&
			       strcmp(n->port, who->port) == 0
		       ? n
		       : NULL;
}

void port_limit_draw(const struct gate *g, const struct subject *who, const struct snap_switch *at,
		     struct port_facts *ret)
{
	struct port_limit limit = port_limit_of(g->snapshot, at);
	const struct session *own, *n;
	struct port_facts f = {.limit = limit.terminals, .phones_count = limit.phones_count};

	*ret = (struct port_facts){0};
	if (!limit.terminals || !who->port[0])
		return;
	own = own_session(g, who);
	for (n = sessions_at_port(g->sessions, who->switch_id, who->port); n; n = ports_next(n))
		if (!mac_equal(&n->mac, &who->mac) && is_there(g, at, n, who->now_ms) &&
		    takes_place(n, own) && (limit.phones_count || !is_phone(g, n)))
			f.others++;
	*ret = f;
}
