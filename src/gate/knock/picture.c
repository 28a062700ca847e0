#include "gate/knock/picture.h"

#include <string.h>

#include "base/text.h"
#include "gate/facts/bank.h"
#include "gate/facts/periods.h"
#include "gate/facts/port_names.h"
#include "gate/facts/unit_number.h"
#include "gate/knock/port_limit.h"
#include "policy/hours.h"
#include "policy/port_mode.h"

#define INTERIM_SLACK_MS (60 * SECOND_MS)

static const struct snap_terminal *find_terminal(const struct snapshot *s,
						 const struct subject *who,
						 const struct snap_device *d, struct picture *p)
{
	const struct snap_terminal *t;

	if (who->method != KNOCK_EAP_TLS)
		return snapshot_terminal_of(s, d);
	t = bank_is_machine(who->account)
		    ? snapshot_terminal_named(s, who->account + strlen(BANK_MACHINE))
		    : snapshot_terminal_by_serial(s, who->serial);
	p->facts.mac_owned_by_other = t && snapshot_owner(d) && snapshot_owner(d) != t->id;
	return t;
}

static enum posture current_posture(const struct snap_terminal *t, const struct agent *agent,
				    int64_t now_ms)
{
	enum posture posture = (enum posture)t->posture;

	if (posture == POSTURE_BAD && snap_terminal_time(t, SNAP_POSTURE_EXEMPT_UNTIL) > now_ms)
		posture = POSTURE_GOOD;

	/* A posture that went bad says more than silence does. */
	return agent && agent->missed && posture != POSTURE_BAD ? POSTURE_SILENT : posture;
}

static void draw_terminal(const struct gate *g, const struct subject *who, struct picture *p)
{
	const struct snap_terminal *t = p->terminal;
	struct terminal_facts *f = &p->facts.terminal;
	const struct agent *agent;
	int64_t isolated_until_ms;

	if (!t)
		return;
	f->known = true;
	f->uuid = t->uuid;
	f->kind = (enum terminal_kind)t->kind;
	agent = terminal_kind_needs_agent(f->kind) ? agents_get(&g->agents, &f->uuid) : NULL;
	f->status = (enum terminal_status)t->status;
	f->lifeline = t->lifeline;
	f->posture = current_posture(t, agent, who->now_ms);
	f->policy_old = t->policy_old;
	f->posture_at_ms = t->posture_at_ms;
	f->posture_grace_ms =
		HOUR_MS * unit_posture_grace(&g->settings.posture_grace, g->snapshot, p->unit_id);
	f->agent_seen_at_ms = agent ? agent->seen_at_ms : 0;
	f->agent_mac_mismatch = agent_denies_mac(agent, &who->mac, who->now_ms);
	isolated_until_ms = snap_terminal_time(t, SNAP_ISOLATED_UNTIL);
	f->isolated_by_person = t->isolated_by_person &&
				(isolated_until_ms == 0 || isolated_until_ms > who->now_ms);
	f->supplicant_exempt = snap_terminal_time(t, SNAP_SUPPLICANT_EXEMPT_UNTIL) > who->now_ms;
	f->until_ms = snap_terminal_time(t, SNAP_UNTIL);
	f->has_place = p->at->row.visitor_vlan[0];
	f->at_home = snapshot_unit_within(g->snapshot, p->unit_id, t->unit_id) ||
		     snapshot_unit_within(g->snapshot, t->unit_id, p->unit_id);
	p->knock.first_report_due =
		!(agent && agent->missed) &&
		(!who->session || who->now_ms - who->session->started_at_ms < AGENT_GRACE_MS);
}

static bool is_proven_live(const struct gate *g, const struct session *n, int64_t now_ms)
{
	int64_t fresh_ms = 2 * (int64_t)g->settings.interim_seconds * 1000 + INTERIM_SLACK_MS;
	const struct snap_terminal *t = snapshot_terminal(g->snapshot, n->terminal_id);
	const struct agent *agent = NULL;

	if (t && t->has_uuid)
		agent = agents_get(&g->agents, &t->uuid);
	if (agent_is_live(agent, now_ms))
		return true;
	/* Its agent said goodbye after the switch last spoke of it. */
	if (agent && !agent->connected && agent->seen_at_ms > n->proven_at_ms)
		return false;
	return n->state == SESSION_RUNNING && now_ms - n->proven_at_ms <= fresh_ms;
}

static void draw_account(const struct gate *g, const struct subject *who, struct picture *p)
{
	const struct snap_account *a;
	struct session *n;

	if (who->method == KNOCK_EAP_TLS) {
		p->knock.account_known = p->knock.account_enabled = p->terminal;
		return;
	}
	a = snapshot_account(g->snapshot, who->account);
	if (!a)
		return;
	p->knock.account_known = true;
	p->knock.account_enabled = a->enabled;
	p->knock.account_locked_until_ms = a->locked_until_ms;
	if (p->terminal)
		p->facts.terminal.account_allowed =
			snapshot_account_allowed(g->snapshot, p->terminal->id, a->id);
	if (who->session)
		return; /* who is in is not put out by who comes later */
	for (n = sessions_of_account(g->sessions, who->account); n; n = n->next_of_account) {
		if (!session_is_live(n) || mac_equal(&n->mac, &who->mac) ||
		    (p->terminal && n->terminal_id == p->terminal->id))
			continue;
		if (is_proven_live(g, n, who->now_ms) &&
		    !(p->terminal &&
		      snap_terminal_time(p->terminal, SNAP_ACCOUNT_LIVE_EXEMPT_UNTIL) >
			      who->now_ms))
			p->facts.account_live_elsewhere = true;
		else
			p->elsewhere = n;
	}
}

/* Nearly always by the very name, and then nobody needs the rules. */
static bool sits_there(const struct picture *p, const struct snap_permit *permit,
		       const struct subject *who)
{
	return text_equal(permit->port, who->port) ||
	       vendor_port_is(&p->vendor->ports, permit->port, who->port);
}

/* Of several permits the one that fits best speaks: place before dates. */
static unsigned fitness(const struct picture *p, const struct snap_permit *of,
			const struct subject *who)
{
	bool same_port = !of->port[0] || sits_there(p, of, who);
	unsigned fits = 0;

	if (of->switch_id == who->switch_id)
		fits = same_port ? 6 : 4;
	return fits + (of->from_ms <= who->now_ms &&
		       (!of->until_ms || of->until_ms > who->now_ms) &&
		       hours_hold(of->hours, of->hours_count, who->now_ms));
}

static void draw_permit(const struct gate *g, const struct subject *who,
			const struct snap_device *d, struct picture *p)
{
	const struct snap_permit *best = NULL, *at;
	int64_t hours_end_ms;

	for (at = snapshot_permits_of(g->snapshot, d); at;
	     at = snapshot_next_permit(g->snapshot, at))
		if (!best || fitness(p, at, who) > fitness(p, best, who))
			best = at;
	p->facts.permit.port = "";
	if (!best)
		return;
	p->facts.permit = (struct permit_facts){.known = true,
						.switch_id = best->switch_id,
						.port = best->port,
						.from_ms = best->from_ms,
						.until_ms = best->until_ms,
						.hours = best->hours,
						.hours_count = best->hours_count};
	if (best->switch_id == who->switch_id && sits_there(p, best, who))
		p->facts.permit.port = who->port;
	p->permit_until_ms = best->until_ms;
	hours_end_ms = hours_until(best->hours, best->hours_count, who->now_ms);
	if (hours_end_ms && (!p->permit_until_ms || hours_end_ms < p->permit_until_ms))
		p->permit_until_ms = hours_end_ms;
}

static bool is_that_port(const void *arg, const char *written, const char *port)
{
	return vendor_port_is(arg, written, port);
}

enum mode picture_mode(const struct gate *g, const struct snap_switch *at, const char *port)
{
	const struct snap_unit *unit = snapshot_unit(g->snapshot, at->row.unit_id);
	enum mode mode = unit ? (enum mode)unit->row.mode : MODE_ENFORCE;

	if (at->row.port_modes[0])
		(void)port_mode_find(at->row.port_modes, port, is_that_port,
				     port_rules(g->vendors, at), &mode);
	return mode;
}

void picture_draw(struct gate *g, const struct subject *who, const struct snap_switch *at,
		  struct picture *ret)
{
	const struct snap_unit *unit = snapshot_unit(g->snapshot, at->row.unit_id);
	const struct snap_device *d = snapshot_device(g->snapshot, &who->mac);
	struct picture p = {.at = at,
			    .vendor = vendors_get(g->vendors, at->row.vendor),
			    .unit_id = at->row.unit_id};

	p.knock = (struct knock){.at_ms = who->now_ms,
				 .method = who->method,
				 .mac = who->mac,
				 .switch_id = who->switch_id,
				 .port = who->port,
				 .proof = who->proof};
	p.facts.mode = picture_mode(g, at, who->port);
	p.facts.frozen = period_is_frozen(g->snapshot, p.unit_id, who->now_ms);
	p.maintained_until_ms = period_maintained_until(g->snapshot, at, who->now_ms);
	p.facts.maintenance = p.maintained_until_ms != 0;
	p.enforce_from_ms = unit ? unit->row.enforce_from_ms : 0;
	p.bypass_until_ms = gate_bypass_until(g, p.unit_id, who->now_ms);
	p.facts.bypass = p.bypass_until_ms != 0;
	p.facts.deny_listed = snapshot_denies(g->snapshot, d, who->now_ms);
	p.terminal = find_terminal(g->snapshot, who, d, &p);
	draw_terminal(g, who, &p);
	if (p.facts.mode == MODE_ENFORCE && verdict_posture_due(&p.facts.terminal))
		p.enforce_from_ms = verdict_posture_due(&p.facts.terminal);
	if (who->method != KNOCK_MAB)
		draw_account(g, who, &p);
	draw_permit(g, who, d, &p);
	port_limit_draw(g, who, at, &p.facts.port);
	p.isolated_here = isolations_get(&g->isolations, &who->mac, who->now_ms);
	*ret = p;
}

void picture_decide(const struct picture *p, struct decision *ret)
{
	verdict_decide(&p->knock, &p->facts, ret);
	if (p->isolated_here && ret->verdict == VERDICT_ADMIT)
		*ret = (struct decision){VERDICT_ISOLATE, REASON_ISOLATED_BY_PERSON,
					 VERDICT_ISOLATE, REASON_ISOLATED_BY_PERSON};
}
