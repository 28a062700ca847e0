#include "gate/knock/knock.h"

#include <stdio.h>
#include <string.h>

#include "gate/eap/old_server.h"
#include "gate/eap/relay.h"
#include "gate/front/front.h"
#include "gate/line/record.h"
#include "gate/live/stay.h"
#include "gate/peer/peers.h"

/* ---- identify ---- */

static void conclude_mab(struct gate *g, const struct request *r, enum mab_result result,
			 const struct reply_eap *eap)
{
	struct proven who = {.method = KNOCK_MAB, .proof = REASON_OK, .eap = eap};

	if (result == MAB_WRONG && !r->is_signed) {
		front_silence(g->front, r);
		return;
	}
	if (result == MAB_WRONG)
		who.proof = REASON_PASSWORD_WRONG;
	knock_conclude(g, r, &who);
}

static void challenge_mab(struct gate *g, const struct request *r, const struct eap_packet *eap)
{
	struct radius_out *out = front_begin(g->front, r, RADIUS_ACCESS_CHALLENGE);

	mab_put_challenge(&g->mab, r, eap, out);
	front_send(g->front, r);
}

static void identify_mab_by_eap(struct gate *g, const struct request *r,
				const struct eap_packet *eap)
{
	enum mab_result result = mab_check_eap(&g->mab, r, eap);
	struct reply_eap end = {.success = result == MAB_PROVEN, .id = eap->id};

	if (result == MAB_CHALLENGE)
		challenge_mab(g, r, eap);
	else
		conclude_mab(g, r, result, &end);
}

static void refuse_method(struct gate *g, const struct request *r, const struct eap_packet *eap)
{
	struct reply_eap end = {.id = eap->id};
	struct proven who = {
		.method = KNOCK_EAP_PASSWORD, .proof = REASON_METHOD_REFUSED, .eap = &end};

	if (eap->code == EAP_RESPONSE)
		knock_conclude(g, r, &who);
	else
		front_silence(g->front, r);
}

static void identify_by_eap(struct gate *g, const struct request *r, const struct eap_packet *eap)
{
	if (request_names_its_mac(r) &&
	    (eap->type == EAP_TYPE_IDENTITY || eap->type == EAP_TYPE_MD5))
		identify_mab_by_eap(g, r, eap);
	else if (eap_may_pass(eap))
		relay_take(g->relay, r, eap);
	else
		refuse_method(g, r, eap);
}

void knock_take(struct gate *g, struct request *r)
{
	uint8_t bytes[EAP_PACKET_MAX];
	const struct snap_switch *sw = snapshot_switch(g->snapshot, r->switch_id);
	struct eap_packet eap;
	int err;

	/* Without a whole snapshot only a bypass answers, and only what needs no proof. */
	if (!sw || !r->has_mac || !gate_may_answer(g, r->switch_id, r->now_ms)) {
		front_silence(g->front, r);
		return;
	}
	if (old_server_wants(g->old, r)) {
		old_server_take(g->old, r);
		return;
	}
	err = eap_collect(&r->packet, bytes, &eap);
	if (err == 0 && gate_can_decide(g))
		identify_by_eap(g, r, &eap);
	else if (err == -ENOENT && r->mab != MAB_UNASKED)
		conclude_mab(g, r, (enum mab_result)r->mab, NULL);
	else if (err == -ENOENT && request_names_its_mac(r))
		conclude_mab(g, r, mab_check(r, front_secret(g->front, r, sw)), NULL);
	else
		front_silence(g->front, r);
}

void knock_repeat(struct gate *g, const struct request *r)
{
	if (!old_server_repeat(g->old, r))
		relay_repeat(g->relay, r);
}

/* ---- decide ---- */

/* What a person planned, and a life-line terminal outlives all the same. */
static bool is_planned(enum reason reason)
{
	return reason == REASON_PERMIT_OUTSIDE_HOURS;
}

/* It was let in at this very place before: the good state that may be kept. */
static bool was_good_here(const struct gate *g, const struct picture *p)
{
	const struct session *n = sessions_by_mac(g->sessions, &p->knock.mac);

	return n && n->was_admitted && n->switch_id == p->knock.switch_id &&
	       n->method == p->knock.method && strcmp(n->port, p->knock.port) == 0;
}

bool knock_must_hold(struct gate *g, const struct picture *p, const struct decision *d, size_t wave)
{
	char note[96];

	if (d->verdict == VERDICT_ADMIT || !was_good_here(g, p) ||
	    (!verdict_is_by_automation(d->reason) && !is_planned(d->reason)))
		return false;
	if (p->facts.terminal.lifeline)
		return true;
	if (is_planned(d->reason))
		return false;
	if (p->facts.frozen)
		return true;
	switch (breaker_ask(g->breaker, p->unit_id, &p->knock.mac, wave,
			    gate_sessions_of_unit(g, p->unit_id), p->knock.at_ms)) {
	case BREAKER_GO:
		return false;
	case BREAKER_TRIPS:
		snprintf(note, sizeof(note), "breaker stops: %s would keep out too many",
			 reason_text(d->reason)->code);
		log_error("unit %lld: %s; nobody more is put out, look at it now",
			  (long long)p->unit_id, note);
		record_gate(g, "gate.breaker", p->unit_id, note);
		break;
	case BREAKER_STOPPED:
		break;
	}
	return true;
}

const char *knock_held_note(const struct picture *p)
{
	return p->facts.frozen ? "frozen period: last good state kept" : "last good state kept";
}

static void keep_good_state(struct decision *d)
{
	d->verdict = VERDICT_ADMIT;
	d->reason = REASON_OK;
}

static void decide(struct gate *g, const struct picture *p, const struct proven *who,
		   struct decision *ret, bool *ret_held)
{
	struct decision d;

	picture_decide(p, &d);
	/* A switch that signs but does not know the MAC's own password proves nothing. */
	if (who->method == KNOCK_MAB && who->proof != REASON_OK)
		d = (struct decision){VERDICT_REJECT, who->proof, VERDICT_REJECT, who->proof};
	*ret_held = knock_must_hold(g, p, &d, 1);
	if (*ret_held)
		keep_good_state(&d);
	d.verdict = reply_possible(p, d.verdict, who->eap);
	*ret = d;
}

/* ---- reply and record ---- */

static void look_for_hub(struct gate *g, const struct request *r, const struct picture *p)
{
	struct mac other;
	char note[64], text[MAC_TEXT_SIZE];

	if (p->terminal || !r->port[0] ||
	    !hubs_see(&g->hubs, r->switch_id, r->port, &r->mac, r->now_ms, &other))
		return;
	mac_format(text, &other);
	snprintf(note, sizeof(note), "unknown, behind the port of %s", text);
	record_place(g, "port.hub", r, note);
}

/* At most one a minute: who invents MACs does not fill the records instead. */
static void tell_crowd(struct gate *g, const struct request *r, const struct picture *p)
{
	char note[192];

	g->counters[COUNT_CROWDED]++;
	if (g->crowd_told_at_ms && r->now_ms - g->crowd_told_at_ms < MINUTE_MS)
		return;
	g->crowd_told_at_ms = r->now_ms;
	snprintf(note, sizeof(note), "more unknown MACs than are kept, the last at %s port %s",
		 p->at->row.name, r->port);
	log_warn("%s", note);
	record_gate(g, "gate.strangers", p->unit_id, note);
}

/* A stranger more than is kept gets its answer all the same, and no session. */
static int grant(struct gate *g, const struct request *r, const struct picture *p,
		 const struct proven *who, const struct decision *d, bool held, uint32_t planned,
		 struct session **ret)
{
	struct session_grant wanted = {
		.at_ms = r->now_ms,
		.mac = r->mac,
		.method = who->method,
		.switch_id = r->switch_id,
		.terminal_id = p->terminal ? p->terminal->id : 0,
		.nas_port = r->nas_port,
		.port = r->port,
		.account = who->account,
		.calling = r->calling,
		.decision = *d,
		.held = held,
		.planned = planned,
	};
	struct session old;
	bool moved = false;
	int err = sessions_grant(g->sessions, &wanted, ret, &moved, &old);

	if (!err && moved)
		stay_left(g, &old, r->now_ms);
	if (!err && moved)
		imposters_moved(g, r, p, &old);
	if (sessions_take_crowded(g->sessions))
		tell_crowd(g, r, p);
	return err == -EUSERS ? 0 : err;
}

void knock_close_silent(struct gate *g, struct session *n, int64_t now_ms)
{
	struct session_report report = {0};

	if (!n || !session_is_live(n))
		return;
	report.at_ms = stay_end(g, n, now_ms);
	sessions_end(g->sessions, n, &report);
	record_session(g, "session.closed", n, "the account is used elsewhere, this one is silent");
}

static const enum counter verdict_counters[] = {
	[VERDICT_REJECT] = COUNT_REJECTED,
	[VERDICT_ISOLATE] = COUNT_ISOLATED,
	[VERDICT_ADMIT] = COUNT_ADMITTED,
};

/* Another gate may hold what would have kept it out. */
static bool may_admit_too_much(const struct gate *g, const struct proven *who,
			       const struct decision *d)
{
	return who->method == KNOCK_EAP_PASSWORD && d->verdict == VERDICT_ADMIT &&
	       peers_missing(g->peers);
}

static void tell_knock(struct gate *g, const struct request *r, const struct picture *p,
		       const struct proven *who, const struct decision *d,
		       const struct session *session, bool held)
{
	char degraded[GATE_NAME_SIZE + 32];
	const char *note = "";

	if (held) {
		note = knock_held_note(p);
	} else if (!r->is_signed) {
		note = "unsigned request";
	} else if (may_admit_too_much(g, who, d)) {
		snprintf(degraded, sizeof(degraded), "degraded: gate %s is not heard",
			 peers_missing(g->peers));
		note = degraded;
	}
	record_knock(g, r, p, d, session, who, note);
}

void knock_conclude(struct gate *g, const struct request *r, const struct proven *who)
{
	struct subject subject = {.now_ms = r->now_ms,
				  .method = who->method,
				  .mac = r->mac,
				  .switch_id = r->switch_id,
				  .port = r->port,
				  .proof = who->proof,
				  .account = who->account,
				  .serial = who->serial};
	const struct snap_switch *sw = snapshot_switch(g->snapshot, r->switch_id);
	struct session *session = NULL;
	struct reply_place place;
	struct picture picture;
	struct decision d;
	bool held;

	if (!sw) {
		front_silence(g->front, r);
		return;
	}
	picture_draw(g, &subject, sw, &picture);
	decide(g, &picture, who, &d, &held);
	if (d.verdict != VERDICT_REJECT) {
		reply_place(g, &picture, &d, &place);
		if (grant(g, r, &picture, who, &d, held, place.planned.mark, &session)) {
			front_silence(g->front, r);
			return;
		}
		knock_close_silent(g, picture.elsewhere, r->now_ms);
	}
	look_for_hub(g, r, &picture);
	imposters_look(g, r, &picture, &d, session);
	g->counters[verdict_counters[d.verdict]]++;
	g->verdicts[who->method][d.verdict]++;
	reply_send(g, r, &picture, &d, &place, session, who->eap);
	tell_knock(g, r, &picture, who, &d, session, held);
}
