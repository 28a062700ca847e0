#include "server/gateway/record_effect.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/engine/finding.h"
#include "server/gateway/bypass_note.h"
#include "server/gateway/conn.h"
#include "server/gateway/live_inventory.h"

/* One record on its way through its kind's effect. */
struct effect {
	struct store *s;
	int64_t now_ms;
	const struct record_origin *origin;
	struct store_record *r;
	const menshen_Record *wire;
	struct record_effects *fx;
};

typedef int effect_fn(struct effect *e);

/* ---- knocks and sessions ---- */

static struct store_value text_of(const char *s)
{
	return v_text(s ? s : "");
}

static int knock(struct effect *e)
{
	const struct store_record *r = e->r;
	const menshen_Record *w = e->wire;

	if (!r->mac)
		return 0;
	e->fx->topics |= TOPIC_KNOCK;
	return store_exec(e->s, STMT_LIVE_KNOCK_PUT,
			  STORE_ARGS(v_mac(r->mac), v_int(r->at_ms), v_int(r->switch_id),
				     text_of(r->port), v_int(r->unit_id),
				     v_int_or_null(r->terminal_id), text_of(r->account),
				     v_text(knock_method_name((enum knock_method)w->method)),
				     text_of(r->verdict), text_of(r->reason),
				     v_text(verdict_name((enum verdict)w->would_be)),
				     v_text(w->would_be_reason)),
			  NULL);
}

static int put_session(struct effect *e, bool proves, bool is_over)
{
	const struct session_word word = {.gate = strchr(e->origin->source, ':') + 1,
					  .now_ms = e->now_ms,
					  .proves = proves,
					  .is_over = is_over};

	if (!e->r->mac || !e->wire->session[0])
		return 0;
	e->fx->topics |= TOPIC_SESSION;
	return stay_effect(e->s, e->r, e->wire, &word, &e->fx->stays);
}

static int session_proves(struct effect *e)
{
	return put_session(e, true, false);
}

/* Over only where the record says so. */
static int session_lives(struct effect *e)
{
	return put_session(e, false, false);
}

static int session_ends(struct effect *e)
{
	return put_session(e, false, true);
}

/* ---- what a listener found ---- */

static int keep_finding(struct effect *e)
{
	const struct store_record *r = e->r;
	const menshen_Record *w = e->wire;
	int err;

	if (finding_from_code(w->reason) == FINDING_COUNT)
		return 0;
	err = store_exec(e->s, STMT_LIVE_FINDING_PUT,
			 STORE_ARGS(v_text(w->reason), v_mac(r->mac), v_text(w->address),
				    v_int(r->at_ms), v_int(r->switch_id), text_of(r->port),
				    v_int(r->unit_id), v_int_or_null(r->terminal_id),
				    text_of(r->account), v_text(strchr(e->origin->source, ':') + 1),
				    v_text(w->note)),
			 NULL);
	return err ? err
		   : store_exec(e->s, STMT_LIVE_FINDING_FORGET,
				STORE_ARGS(v_int(e->now_ms - FINDING_KEPT_MS)), NULL);
}

/* No entry: findings are many. Their records are told at once, as an alarm is. */
static int finding(struct effect *e)
{
	int64_t approved = 0;
	int err = e->r->mac ? keep_finding(e) : 0;

	e->fx->topics |= TOPIC_ALARM;
	if (err || !e->fx->findings || !e->r->mac)
		return err;
	err = store_get_int(
		store_writer(e->s), STMT_FINDING_APPROVED,
		STORE_ARGS(v_text(e->wire->reason), v_mac(e->r->mac), v_text(e->wire->address)), 0,
		&approved);
	if (err || approved)
		return err;
	return isolate_for_finding(e->s, e->now_ms, e->fx->findings, e->wire->reason, e->r->mac,
				   e->wire->note, e->fx->findings_alarmed_ms, &e->fx->topics);
}

/* ---- what a gate did by itself ---- */

static int raise_alarm(struct effect *e)
{
	e->fx->topics |= TOPIC_ALARM;
	return act_log(
		e->s, e->now_ms, &actor_system, e->wire->kind, e->origin->unit_id,
		e->origin->source,
		json_pack("{s:s, s:I}", "note", e->wire->note, "at", (json_int_t)e->wire->at_ms));
}

static int unit_is_known(struct store *s, int64_t unit_id, bool *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r = store_select(store_writer(s), STMT_TERMINAL_UNIT_PATH, STORE_ARGS(v_int(unit_id)),
			     &c);

	if (!r)
		r = store_next(c);
	*ret = r == 1;
	return MIN(r, 0);
}

/* The second person comes afterwards (invariant 13). One that is over already is only told. */
static int bypass_begins(struct effect *e)
{
	struct bypass_spec spec = {0};
	bool known = false;
	int64_t id;
	int err = raise_alarm(e);

	if (!err && bypass_note_parse(e->wire->note, &spec) == 0)
		err = unit_is_known(e->s, spec.unit_id, &known);
	if (err || !known)
		return err;
	e->fx->topics |= TOPIC_BYPASS;
	err = bypass_begin_on_gate(e->s, e->now_ms, &actor_system, &spec, &id);
	return err == -EINVAL ? 0 : err;
}

static int bypass_ends(struct effect *e)
{
	struct bypass_spec spec = {0};
	int64_t id = 0;
	int err = raise_alarm(e);

	if (!err && bypass_note_parse(e->wire->note, &spec) == 0)
		err = store_get_int(store_writer(e->s), STMT_BYPASS_OPEN_FROM_GATE,
				    STORE_ARGS(v_int(spec.unit_id)), 0, &id);
	if (err || !id)
		return err;
	e->fx->topics |= TOPIC_BYPASS;
	return bypass_end(e->s, e->now_ms, &actor_system, id, "ended on the gate");
}

/* ---- a desk's inventory ---- */

static int inventory(struct effect *e)
{
	e->fx->topics |= TOPIC_INVENTORY;
	return live_inventory_apply(e->s, e->origin->terminal_id, e->r->at_ms,
				    strchr(e->r->kind, '.') + 1, e->r->body);
}

/* The first whose prefix fits counts. */
static const struct kind {
	const char *prefix;
	bool gate;
	effect_fn *fn;
} kinds[] = {
	{"knock", true, knock},
	{"session.start", true, session_proves},
	{"session.interim", true, session_proves},
	{"session.address", true, session_lives},
	{"session.change", true, session_lives},
	{"session.disconnect", true, session_lives},
	{"session.held", true, session_lives},
	{"session.", true, session_ends},
	{"finding", true, finding},
	{"gate.bypass-end", true, bypass_ends},
	{"gate.bypass", true, bypass_begins},
	{"gate.isolate", true, raise_alarm},
	{"gate.breaker", true, raise_alarm},
	{"gate.clock", true, raise_alarm},
	{"gate.engine", true, raise_alarm},
	{"gate.directory", true, raise_alarm},
	{"gate.peer-", true, raise_alarm},
	{"gate.head-fork", true, raise_alarm},
	{"inventory.", false, inventory},
};

static const struct kind *find_kind(const char *name, bool gate)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].gate == gate && text_starts(name, kinds[i].prefix))
			return &kinds[i];
	return NULL;
}

/* The record's unit is its switch's; the gate's own where there is no switch. */
static int find_unit(struct effect *e, int64_t *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int r;

	*ret = e->origin->unit_id;
	if (!e->r->switch_id)
		return 0;
	if (e->fx->switch_id != e->r->switch_id) {
		r = store_select(store_writer(e->s), STMT_SWITCH_BY_ID,
				 STORE_ARGS(v_int(e->r->switch_id)), &c);
		if (!r)
			r = store_next(c);
		if (r < 0)
			return r;
		e->fx->switch_id = e->r->switch_id;
		e->fx->switch_unit = r == 1 ? store_int(c, 1) : e->origin->unit_id;
	}
	*ret = e->fx->switch_unit;
	return 0;
}

int record_effect(struct store *s, int64_t now_ms, const struct record_origin *origin,
		  struct store_record *r, const menshen_Record *wire, struct record_effects *fx)
{
	struct effect e = {s, now_ms, origin, r, wire, fx};
	const struct kind *kind = find_kind(r->kind, wire != NULL);
	int err = wire ? find_unit(&e, &r->unit_id) : 0;

	r->stay = NULL;
	return err || !kind ? err : kind->fn(&e);
}

/* ---- the body ---- */

static int set_text(json_t *body, const char *name, const char *text)
{
	return text[0] ? json_object_set_new(body, name, json_string(text)) : 0;
}

static int set_number(json_t *body, const char *name, uint64_t number)
{
	return number ? json_object_set_new(body, name, json_integer((json_int_t)number)) : 0;
}

bool record_is_decision(const menshen_Record *w)
{
	return w->mac.size && w->reason[0] && !text_equal(w->kind, "finding");
}

int record_body(const menshen_Record *w, json_t *body)
{
	int r = 0;

	if (record_is_decision(w)) {
		r |= set_text(body, "method", knock_method_name((enum knock_method)w->method));
		r |= set_text(body, "would_be", verdict_name((enum verdict)w->would_be));
	}
	r |= set_text(body, "would_be_reason", w->would_be_reason);
	r |= set_number(body, "last_known", w->last_known);
	r |= set_number(body, "enforce_from", (uint64_t)MAX(w->enforce_from_ms, 0));
	r |= set_text(body, "session", w->session);
	r |= set_text(body, "address", w->address);
	r |= set_text(body, "note", w->note);
	r |= set_text(body, "unknown_switch", w->unknown_switch);
	r |= set_number(body, "octets_in", w->octets_in);
	r |= set_number(body, "octets_out", w->octets_out);
	r |= set_number(body, "began_at", (uint64_t)w->began_at_ms);
	r |= set_number(body, "heard_at", (uint64_t)w->heard_at_ms);
	r |= set_number(body, "ended_at", (uint64_t)w->ended_at_ms);
	r |= set_text(body, "address_source", w->address_source);
	r |= set_text(body, "vlan", w->vlan);
	return r ? -ENOMEM : 0;
}

/* ---- after the commit ---- */

static void tell_agent(struct gateway *g, const menshen_Record *w)
{
	struct presence_view v;
	struct message m = {.kind = MESSAGE_NOTICE};

	if (!presence_get_by_id(g->o.presence, w->terminal_id, &v) || !v.connected)
		return;
	m.conn = v.owner.conn;
	m.notice.verdict = w->verdict;
	snprintf(m.notice.reason, sizeof(m.notice.reason), "%s", w->reason);
	if (text_equal(w->reason, reason_text(REASON_WARNED)->code)) {
		snprintf(m.notice.would_be_reason, sizeof(m.notice.would_be_reason), "%s",
			 w->would_be_reason);
		m.notice.enforce_from_ms = w->enforce_from_ms;
	}
	worker_post(v.owner.worker, &m);
}

void record_notices(struct gateway *g, const menshen_Record *wire, size_t count,
		    int64_t now_mono_ms)
{
	for (size_t i = 0; i < count; i++) {
		const menshen_Record *w = &wire[i];

		if (!w->terminal_id)
			continue;
		if (text_equal(w->kind, "knock"))
			tell_agent(g, w);
		else if (text_equal(w->kind, "session.start"))
			presence_session_began(g->o.presence, w->terminal_id, now_mono_ms);
	}
}
