#include "gate/line/record.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gate/front/place.h"
#include "gate/knock/knock.h"
#include "gate/line/ledger.h"

/* Cuts at the size: a record says what it can. */
static void put(char *dst, size_t size, const char *src)
{
	size_t len = strnlen(src, size - 1);

	/* Not in the middle of a character. */
	while (len > 0 && src[len] && ((uint8_t)src[len] & 0xc0) == 0x80)
		len--;
	memcpy(dst, src, len);
	dst[len] = 0;
}

#define PUT(field, text) put((field), sizeof(field), (text))

static void put_mac(menshen_Record *rec, const struct mac *mac)
{
	rec->mac.size = sizeof(mac->b);
	memcpy(rec->mac.bytes, mac->b, sizeof(mac->b));
}

static void put_decision(menshen_Record *rec, const struct decision *d)
{
	rec->verdict = d->verdict;
	PUT(rec->reason, reason_text(d->reason)->code);
	rec->would_be = d->would_be;
	PUT(rec->would_be_reason, reason_text(d->would_be_reason)->code);
}

void record_knock(struct gate *g, const struct request *r, const struct picture *p,
		  const struct decision *d, const struct session *session, const struct proven *who,
		  const char *note)
{
	menshen_Record rec = {.at_ms = r->now_ms,
			      .switch_id = r->switch_id,
			      .terminal_id = p->terminal ? p->terminal->id : 0,
			      .method = p->knock.method,
			      .last_known = who->last_known};

	if (d->reason == REASON_WARNED)
		rec.enforce_from_ms = p->enforce_from_ms;
	PUT(rec.kind, "knock");
	put_mac(&rec, &r->mac);
	put_decision(&rec, d);
	PUT(rec.account, who->account);
	PUT(rec.port, r->port);
	PUT(rec.note, note);
	if (session)
		session_class_text(rec.session, session);
	ledger_record(g->ledger, &rec);
}

static const char *const sources[ADDRESS_SOURCE_COUNT] = {
	[ADDRESS_UNSAID] = "",	 [ADDRESS_ACCOUNTING] = "accounting",
	[ADDRESS_DHCP] = "dhcp", [ADDRESS_ARP] = "arp",
	[ADDRESS_ND] = "nd",
};

static void put_vlan(const struct gate *g, menshen_Record *rec, const struct session *n)
{
	const struct snap_switch *sw = snapshot_switch(g->snapshot, n->switch_id);
	const struct snap_terminal *t = snapshot_terminal(g->snapshot, n->terminal_id);
	struct vendor_place place;

	if (!sw || n->decision.verdict == VERDICT_REJECT)
		return;
	place = place_of(vendors_get(g->vendors, sw->row.vendor), sw, n->decision.verdict,
			 t ? (enum terminal_kind)t->kind : TERMINAL_OTHER, g->settings.legacy_vlan);
	if (place.vlan)
		PUT(rec->vlan, place.vlan);
}

static void put_times(menshen_Record *rec, const struct session *n)
{
	rec->began_at_ms = n->started_at_ms;
	rec->heard_at_ms = n->is_stopped ? n->ended_at_ms : n->proven_at_ms;
	if (n->state == SESSION_ENDED)
		rec->ended_at_ms = n->ended_at_ms;
	else if (n->is_lost)
		rec->ended_at_ms = n->proven_at_ms;
}

static void record_of_session(struct gate *g, const char *kind, const struct session *n,
			      const char *note, int64_t enforce_from_ms)
{
	menshen_Record rec = {.at_ms = gate_now(g),
			      .enforce_from_ms = enforce_from_ms,
			      .switch_id = n->switch_id,
			      .terminal_id = n->terminal_id,
			      .method = n->method,
			      .octets_in = n->octets_in,
			      .octets_out = n->octets_out};

	PUT(rec.kind, kind);
	put_mac(&rec, &n->mac);
	put_decision(&rec, &n->decision);
	PUT(rec.account, n->account);
	PUT(rec.port, n->port);
	PUT(rec.address, n->address);
	PUT(rec.address_source, sources[n->address_source]);
	put_times(&rec, n);
	put_vlan(g, &rec, n);
	PUT(rec.note, note);
	session_class_text(rec.session, n);
	ledger_record(g->ledger, &rec);
}

void record_session(struct gate *g, const char *kind, const struct session *n, const char *note)
{
	record_of_session(g, kind, n, note, 0);
}

void record_warned(struct gate *g, const struct session *n, int64_t enforce_from_ms)
{
	record_of_session(g, "session.change", n, enforce_from_ms ? "warned" : "warned no more",
			  enforce_from_ms);
}

void record_held(struct gate *g, const struct session *n, const struct decision *instead,
		 const char *note)
{
	struct session told = *n;

	told.decision.would_be = instead->verdict;
	told.decision.would_be_reason = instead->reason;
	record_session(g, "session.held", &told, note);
}

void record_mac(struct gate *g, const char *kind, const struct mac *mac,
		const struct session *session, const char *note)
{
	menshen_Record rec = {.at_ms = gate_now(g)};

	if (session) {
		record_session(g, kind, session, note);
		return;
	}
	PUT(rec.kind, kind);
	put_mac(&rec, mac);
	PUT(rec.note, note);
	ledger_record(g->ledger, &rec);
}

void record_place(struct gate *g, const char *kind, const struct request *r, const char *note)
{
	menshen_Record rec = {.at_ms = r->now_ms, .switch_id = r->switch_id};

	PUT(rec.kind, kind);
	put_mac(&rec, &r->mac);
	PUT(rec.port, r->port);
	PUT(rec.note, note);
	ledger_record(g->ledger, &rec);
}

void record_finding(struct gate *g, const struct record_finding *f)
{
	menshen_Record rec = {
		.at_ms = gate_now(g), .terminal_id = f->terminal_id, .switch_id = f->switch_id};

	PUT(rec.kind, "finding");
	PUT(rec.port, f->port ? f->port : "");
	if (f->mac)
		put_mac(&rec, f->mac);
	PUT(rec.reason, f->code);
	PUT(rec.address, f->address);
	PUT(rec.note, f->note);
	if (f->session) {
		rec.switch_id = f->session->switch_id;
		rec.terminal_id =
			f->session->terminal_id ? f->session->terminal_id : f->terminal_id;
		PUT(rec.port, f->session->port);
		PUT(rec.account, f->session->account);
		session_class_text(rec.session, f->session);
	}
	ledger_record(g->ledger, &rec);
}

void record_gate(struct gate *g, const char *kind, int64_t unit_id, const char *note)
{
	menshen_Record rec = {.at_ms = gate_now(g)};
	char text[sizeof(rec.note)];

	PUT(rec.kind, kind);
	if (unit_id)
		snprintf(text, sizeof(text), "unit %lld: %s", (long long)unit_id, note);
	else
		put(text, sizeof(text), note);
	PUT(rec.note, text);
	ledger_record(g->ledger, &rec);
}

void record_unknown_switch(struct gate *g, const struct addr *from)
{
	menshen_Record rec = {.at_ms = gate_now(g)};
	char host[ADDR_TEXT_SIZE];

	PUT(rec.kind, "gate.unknown-switch");
	addr_format_host(host, from);
	PUT(rec.unknown_switch, host);
	ledger_record(g->ledger, &rec);
}
