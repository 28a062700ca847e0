#include "gate/knock/explain.h"

#include <string.h>

#include "base/text.h"
#include "gate/facts/port_names.h"
#include "gate/front/reply.h"
#include "gate/knock/picture.h"

static const struct {
	const char *code, *text;
} troubles[EXPLAIN_TROUBLE_COUNT] = {
	[EXPLAIN_FINE] = {"", ""},
	[EXPLAIN_NO_SNAPSHOT] = {"no-snapshot", "the gate has no snapshot to decide from"},
	[EXPLAIN_BAD_ACCOUNT] = {"bad-account", "the account is malformed"},
	[EXPLAIN_NO_SWITCH] = {"no-switch", "no switch has this name or address"},
	[EXPLAIN_NO_PLACE] = {"no-place",
			      "it has neither session nor permit: name a switch and a port"},
};

const char *explain_trouble_code(enum explain_trouble t)
{
	return troubles[t].code;
}

const char *explain_trouble_text(enum explain_trouble t)
{
	return troubles[t].text;
}

static const struct snap_switch *find_switch(const struct gate *g, const char *text)
{
	const struct snap_switch *sw;
	size_t at = 0;

	while ((sw = snapshot_next_switch(g->snapshot, &at)))
		if (text_equal(sw->row.name, text) || text_equal(sw->row.address, text))
			return sw;
	return NULL;
}

/* Where it stands, else where it may: its session's place or its permit's. */
static const struct snap_switch *usual_place(const struct gate *g, const struct mac *mac,
					     const char **ret_port)
{
	const struct session *n = sessions_by_mac(g->sessions, mac);
	const struct snap_permit *p = snapshot_permits(g->snapshot, mac);

	*ret_port = n ? n->port : p ? p->port : "";
	return snapshot_switch(g->snapshot, n ? n->switch_id : p ? p->switch_id : 0);
}

static enum explain_trouble read_ask(const struct gate *g, const struct explain_ask *ask,
				     struct explained *e)
{
	const char *port;

	*e = (struct explained){.mac = ask->mac};
	if (ask->account[0] && account_name(e->account, ask->account, strlen(ask->account)))
		return EXPLAIN_BAD_ACCOUNT;
	if (ask->at[0]) {
		e->at = find_switch(g, ask->at);
		port_name(g, e->at, ask->port, e->port);
		return e->at ? EXPLAIN_FINE : EXPLAIN_NO_SWITCH;
	}
	e->at = usual_place(g, &ask->mac, &port);
	port_name(g, e->at, port, e->port);
	return e->at ? EXPLAIN_FINE : EXPLAIN_NO_PLACE;
}

/* As it came in, if it is there; else by its account, its certificate or its MAC. */
static void suppose_method(const struct gate *g, struct explained *e)
{
	const struct session *n = sessions_by_mac(g->sessions, &e->mac);
	const struct snap_terminal *t = snapshot_terminal_by_mac(g->snapshot, &e->mac);
	bool here = n && session_is_live(n) && n->switch_id == e->at->row.id &&
		    text_equal(n->port, e->port);

	e->serial = t ? snap_terminal_text(t, SNAP_CERTIFICATE) : "";
	e->session = here && !e->account[0] ? n : NULL;
	e->method = e->account[0] ? KNOCK_EAP_PASSWORD : KNOCK_MAB;
	if (e->session) {
		e->method = n->method;
		(void)!text_copy(e->account, sizeof(e->account), n->account);
	} else if (!e->account[0] && t && e->serial[0] &&
		   terminal_kind_needs_agent((enum terminal_kind)t->kind)) {
		e->method = KNOCK_EAP_TLS;
	}
}

static void draw(struct gate *g, const struct explained *e, struct picture *ret)
{
	const struct subject subject = {.now_ms = gate_now(g),
					.method = e->method,
					.mac = e->mac,
					.switch_id = e->at->row.id,
					.port = e->port,
					.proof = REASON_OK,
					.account = e->account,
					.serial = e->serial,
					.session = e->session};

	picture_draw(g, &subject, e->at, ret);
}

enum explain_trouble explain_knock(struct gate *g, const struct explain_ask *ask,
				   struct explained *ret)
{
	enum explain_trouble t = EXPLAIN_NO_SNAPSHOT;
	struct explained e;
	struct picture p;

	if (gate_can_decide(g))
		t = read_ask(g, ask, &e);
	if (t != EXPLAIN_FINE)
		return t;
	suppose_method(g, &e);
	draw(g, &e, &p);
	picture_decide(&p, &e.decision);
	e.decision.verdict = reply_possible(&p, e.decision.verdict, NULL);
	e.mode = p.facts.mode;
	e.terminal_id = p.terminal ? p.terminal->id : 0;
	*ret = e;
	return EXPLAIN_FINE;
}
