#include "gate/peer/peers.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/facts/port_names.h"
#include "gate/line/link.h"
#include "gate/line/record.h"
#include "gate/live/review.h"
#include "gate/peer/heal.h"
#include "gate/peer/hearer.h"
#include "gate/peer/teller.h"

#define TICK_MS 500
#define TELL_MS (10 * SECOND_MS) /* head office, beside each change of a state */
#define NEW_MS 10000		 /* so long a start may take until a peer counts as missing */

struct peers {
	struct gate *gate;
	struct heal *heal;
	struct hearer *hearer;
	struct loop_timer *tick;
	uint8_t epoch[16];
	int64_t started_mono_ms;
	int64_t told_mono_ms;
	struct peer list[GATE_PEERS_MAX];
	size_t count;
};

const char *peer_state_name(enum peer_state state)
{
	static const char *const names[] = {"new", "heard", "missing"};

	return names[state];
}

struct peer *peers_named(struct peers *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (text_equal(p->list[i].at->name, name))
			return &p->list[i];
	return NULL;
}

const char *peer_judge(const struct peer *p, const struct tls_peer *shown)
{
	if (shown->cert.holder != CERT_GATE || !text_equal(shown->cert.gate, p->at->name))
		return "its certificate is another's";
	if (shown->expired)
		return "its certificate has expired";
	if (snapshot_revoked(p->gate->snapshot, shown->cert.serial))
		return "its certificate is revoked";
	return NULL;
}

/* ---- heard or missing ---- */

static void change_state(struct peer *p, enum peer_state state)
{
	struct gate *g = p->gate;
	size_t sessions = sessions_live_of(g->sessions, p->hearing.origin);
	int64_t now_ms = gate_now(g);
	char note[160];

	if (state == PEER_MISSING) {
		snprintf(note, sizeof(note),
			 "gate %s is not heard: its %zu sessions stay as last heard of, what it "
			 "holds now is not known",
			 p->at->name, sessions);
		log_warn("%s", note);
		record_gate(g, "gate.peer-missing", 0, note);
	} else {
		snprintf(note, sizeof(note), "gate %s is heard, with %zu sessions", p->at->name,
			 sessions);
		log_info("%s", note);
		if (p->state == PEER_MISSING)
			record_gate(g, "gate.peer-back", 0, note);
	}
	p->state = state;
	p->since_ms = now_ms;
	if (g->link)
		link_peers_changed(g->link);
}

void peer_heard(struct peer *p)
{
	p->heard_mono_ms = clock_mono_ms();
	p->heard_at_ms = gate_now(p->gate);
	if (p->hearing.told_all && p->state != PEER_HEARD)
		change_state(p, PEER_HEARD);
	if (p->hearing.unread && !p->unread_told) {
		p->unread_told = p->hearing.unread;
		log_warn("gate %s tells of sessions that this one cannot read or keep",
			 p->at->name);
	}
}

void peer_lost(struct peer *p)
{
	hearing_restart(&p->hearing);
	if (p->state == PEER_HEARD)
		change_state(p, PEER_MISSING);
}

static void look_at(struct peers *all, struct peer *p)
{
	int64_t now_ms = clock_mono_ms();
	bool silent = now_ms - p->heard_mono_ms > PEER_SILENT_MS;

	if ((p->state == PEER_HEARD && silent) ||
	    (p->state == PEER_NEW && now_ms - all->started_mono_ms > NEW_MS))
		change_state(p, PEER_MISSING);
}

static void on_tick(void *arg)
{
	struct peers *p = arg;

	for (size_t i = 0; i < p->count; i++)
		look_at(p, &p->list[i]);
	if (p->gate->link && clock_mono_ms() - p->told_mono_ms > TELL_MS) {
		p->told_mono_ms = clock_mono_ms();
		link_peers_changed(p->gate->link);
	}
	loop_timer_arm(p->tick, TICK_MS);
}

/* ---- what passes through ---- */

static void on_change(void *arg)
{
	struct peers *p = arg;

	for (size_t i = 0; i < p->count; i++)
		teller_wake(p->list[i].teller);
}

void peers_isolations_changed(struct peers *p)
{
	if (p)
		on_change(p);
}

static void on_over(void *arg, const struct session *here, const struct session *said,
		    enum merge how)
{
	struct peer *p = arg;

	heal_over(p->heal, here, said, how);
}

/*
 * Its gate missed the agent, so this one does, unless it has heard of it: who turns to this gate is
 * isolated here, too.
 */
static void learn_silence(struct gate *g, const struct session *n)
{
	const struct snap_terminal *t = snapshot_terminal(g->snapshot, n->terminal_id);

	if (n->decision.reason != REASON_AGENT_SILENT || !session_is_live(n) || !t || !t->has_uuid)
		return;
	/* Without memory this gate's own look misses it. */
	(void)!agents_miss(&g->agents, &t->uuid, n->started_at_ms);
}

static void on_isolation(void *arg, const struct isolation_here *said)
{
	struct peer *p = arg;
	struct gate *g = p->gate;
	char mac[MAC_TEXT_SIZE];
	int err;

	if (text_equal(said->gate, g->settings.name)) {
		struct isolation_here own = *said;

		own.gate[0] = 0; /* it comes back to a gate that lost it */
		err = isolations_merge(&g->isolations, &own, gate_now(g));
	} else {
		err = isolations_merge(&g->isolations, said, gate_now(g));
	}
	mac_format(mac, &said->mac);
	if (err < 0)
		log_warn("gate %s tells of %s what cannot be kept: %s", p->at->name, mac,
			 strerror(-err));
	if (err != 1)
		return;
	log_info("%s is %s at gate %s", mac, said->released ? "released" : "isolated", said->gate);
	review_snapshot_changed(g->review);
	peers_isolations_changed(p->all);
}

static void on_said(void *arg, struct session *n)
{
	struct peer *p = arg;

	learn_silence(p->gate, n);
	heal_said(p->heal, n);
}

/* A gate of an older version tells a port as its switch called it. */
static void on_read(void *arg, struct session *said)
{
	const struct peer *p = arg;

	port_name_told(p->gate, said);
}

/* ---- its life ---- */

static int add_peer(struct peers *all, const struct peer_gate *at)
{
	struct peer *p = &all->list[all->count];
	int err;

	*p = (struct peer){.gate = all->gate,
			   .all = all,
			   .heal = all->heal,
			   .at = at,
			   .since_ms = gate_now(all->gate)};
	p->hearing = (struct hearing){.sessions = all->gate->sessions,
				      .on_over = on_over,
				      .on_said = on_said,
				      .on_read = on_read,
				      .on_isolation = on_isolation,
				      .arg = p};
	err = sessions_origin(all->gate->sessions, at->name, &p->hearing.origin);
	if (!err)
		err = teller_new(p, all->epoch, &p->teller);
	if (!err)
		all->count++;
	return err;
}

static int add_peers(struct peers *p)
{
	const struct settings *s = &p->gate->settings;
	int err = 0;

	for (size_t i = 0; !err && i < s->peers.count; i++) {
		const struct peer_gate *at = &s->peers.list[i];

		if (peers_named(p, at->name))
			err = -EEXIST;
		else if (!text_equal(at->name, s->name))
			err = add_peer(p, at);
		if (err)
			log_error("peer %s: %s", at->name, strerror(-err));
	}
	return err;
}

int peers_new(struct gate *g, struct peers **ret)
{
	struct peers *p;
	int err;

	if (!g->settings.peers.count)
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->gate = g;
	p->started_mono_ms = clock_mono_ms();
	random_bytes(p->epoch, sizeof(p->epoch));
	err = heal_new(g, &p->heal);
	if (!err)
		err = add_peers(p);
	if (!err)
		err = hearer_new(g, p, &p->hearer);
	if (!err)
		err = loop_timer_new(g->loop, on_tick, p, &p->tick);
	if (err) {
		peers_free(p);
		return err;
	}
	sessions_watch(g->sessions, on_change, p);
	loop_timer_arm(p->tick, TICK_MS);
	*ret = p;
	return 0;
}

void peers_free(struct peers *p)
{
	if (!p)
		return;
	sessions_watch(p->gate->sessions, NULL, NULL);
	for (size_t i = 0; i < p->count; i++)
		p->list[i].state = PEER_NEW; /* an end is no loss */
	hearer_free(p->hearer);
	for (size_t i = 0; i < p->count; i++)
		teller_free(p->list[i].teller);
	heal_free(p->heal);
	loop_timer_free(p->tick);
	free(p);
}

void peers_certificate_changed(struct peers *p)
{
	int err;

	if (!p)
		return;
	err = hearer_use_certificate(p->hearer);
	for (size_t i = 0; i < p->count && !err; i++)
		err = teller_start(p->list[i].teller);
	if (err)
		log_error("the peers are not shown the new certificate: %s", strerror(-err));
}

/* ---- asked ---- */

const char *peers_missing(const struct peers *p)
{
	for (size_t i = 0; p && i < p->count; i++)
		if (p->list[i].state != PEER_HEARD)
			return p->list[i].at->name;
	return NULL;
}

bool peers_hear(const struct peers *p, uint8_t origin)
{
	for (size_t i = 0; p && i < p->count; i++)
		if (p->list[i].hearing.origin == origin)
			return p->list[i].state == PEER_HEARD;
	return origin == 0;
}

size_t peers_count(const struct peers *p)
{
	return p ? p->count : 0;
}

void peers_view(const struct peers *p, size_t i, struct peer_view *ret)
{
	const struct peer *at = &p->list[i];

	*ret = (struct peer_view){
		.name = at->at->name,
		.address = at->at->address,
		.state = at->state,
		.told = teller_has_told(at->teller),
		.since_ms = at->since_ms,
		.heard_at_ms = at->heard_at_ms,
		.sessions = sessions_live_of(p->gate->sessions, at->hearing.origin),
	};
}
