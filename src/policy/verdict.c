#include "policy/verdict.h"

#include <string.h>

#include "policy/hours.h"

static const char *const kind_names[TERMINAL_KIND_COUNT] = {
	"pc", "xpe", "ce", "printer", "camera", "atm", "phone", "other", "visitor",
};

const char *terminal_kind_name(enum terminal_kind kind)
{
	return (unsigned)kind < TERMINAL_KIND_COUNT ? kind_names[kind] : "other";
}

enum terminal_kind terminal_kind_from_name(const char *name)
{
	unsigned kind = 0;

	while (kind < TERMINAL_KIND_COUNT && strcmp(kind_names[kind], name) != 0)
		kind++;
	return (enum terminal_kind)kind;
}

const char *verdict_name(enum verdict v)
{
	return v == VERDICT_ADMIT ? "admit" : v == VERDICT_ISOLATE ? "isolate" : "reject";
}

const char *mode_name(enum mode m)
{
	return m == MODE_ENFORCE ? "enforce" : m == MODE_WARN ? "warn" : "observe";
}

const char *posture_name(enum posture p)
{
	static const char *const names[] = {"unknown", "good", "bad", "silent"};

	return names[(unsigned)p < ARRAY_SIZE(names) ? p : 0];
}

const char *knock_method_name(enum knock_method m)
{
	return m == KNOCK_MAB ? "mab" : m == KNOCK_EAP_TLS ? "eap-tls" : "eap-password";
}

bool terminal_kind_needs_agent(enum terminal_kind kind)
{
	return kind == TERMINAL_PC || kind == TERMINAL_XPE;
}

static struct decision answer(enum verdict verdict, enum reason reason)
{
	return (struct decision){verdict, reason, verdict, reason};
}

static struct decision admit(void)
{
	return answer(VERDICT_ADMIT, REASON_OK);
}

/* A device without client lives by a permit for this MAC on this switch and port (D03, D09). */
static struct decision decide_device(const struct knock *k, const struct permit_facts *p)
{
	if (!p->known)
		return answer(VERDICT_REJECT, REASON_PERMIT_MISSING);
	if (p->from_ms > k->at_ms)
		return answer(VERDICT_REJECT, REASON_PERMIT_NOT_YET);
	if (p->until_ms && p->until_ms <= k->at_ms)
		return answer(VERDICT_REJECT, REASON_PERMIT_EXPIRED);
	if (p->switch_id != k->switch_id)
		return answer(VERDICT_REJECT, REASON_PERMIT_OTHER_SWITCH);
	if (p->port[0] && strcmp(p->port, k->port) != 0)
		return answer(VERDICT_REJECT, REASON_PERMIT_OTHER_PORT);
	if (!hours_hold(p->hours, p->hours_count, k->at_ms))
		return answer(VERDICT_REJECT, REASON_PERMIT_OUTSIDE_HOURS);
	return admit();
}

static struct decision decide_unknown(const struct knock *k)
{
	return answer(VERDICT_ISOLATE,
		      mac_is_local(&k->mac) ? REASON_MAC_RANDOMISED : REASON_TERMINAL_UNKNOWN);
}

static struct decision decide_status(const struct terminal_facts *t)
{
	switch (t->status) {
	case TERMINAL_SCRAPPED:
		return answer(VERDICT_REJECT, REASON_TERMINAL_SCRAPPED);
	case TERMINAL_APPLIED:
	case TERMINAL_APPROVED:
		return answer(VERDICT_ISOLATE, REASON_TERMINAL_NOT_READY);
	case TERMINAL_IN_USE:
	case TERMINAL_IN_REPAIR:
		break;
	}
	return admit();
}

/*
 * Silence is not guilt (invariant 11): a posture counts for 30 days however long the server is
 * gone, and a session that has just begun waits for its agent before anybody misses it.
 */
static struct decision decide_posture(const struct knock *k, const struct terminal_facts *t)
{
	if (t->isolated_by_person)
		return answer(VERDICT_ISOLATE, REASON_ISOLATED_BY_PERSON);
	if (t->agent_mac_mismatch)
		return answer(VERDICT_ISOLATE, REASON_AGENT_MAC_MISMATCH);
	if (t->posture == POSTURE_BAD)
		return answer(VERDICT_ISOLATE,
			      t->policy_old ? REASON_POLICY_OLD : REASON_POSTURE_BAD);
	if (t->posture == POSTURE_SILENT || t->posture == POSTURE_UNKNOWN)
		return k->first_report_due && t->posture == POSTURE_UNKNOWN
			       ? answer(VERDICT_ADMIT, REASON_GRACE)
			       : answer(VERDICT_ISOLATE, REASON_AGENT_SILENT);
	if (t->posture_at_ms && k->at_ms - t->posture_at_ms > POSTURE_LIFE_MS)
		return k->first_report_due ? answer(VERDICT_ADMIT, REASON_GRACE)
					   : answer(VERDICT_ISOLATE, REASON_POSTURE_STALE);
	return admit();
}

/* A visitor's device: in the visitors' network of the unit that lets it in, for its days. */
static struct decision decide_visitor(const struct knock *k, const struct terminal_facts *t)
{
	if (t->until_ms <= k->at_ms)
		return answer(VERDICT_REJECT, REASON_VISITOR_OVER);
	if (!t->at_home)
		return answer(VERDICT_ISOLATE, REASON_VISITOR_ELSEWHERE);
	return t->has_place ? admit() : answer(VERDICT_ISOLATE, REASON_VISITOR_NO_PLACE);
}

static struct decision decide_mab(const struct knock *k, const struct facts *f)
{
	struct decision d;

	if (!f->terminal.known && !f->permit.known)
		return decide_unknown(k);
	if (f->terminal.known) {
		d = decide_status(&f->terminal);
		if (d.verdict != VERDICT_ADMIT)
			return d;
		if (terminal_kind_needs_agent(f->terminal.kind))
			return f->terminal.supplicant_exempt
				       ? decide_posture(k, &f->terminal)
				       : answer(VERDICT_ISOLATE, REASON_SUPPLICANT_MISSING);
		if (f->terminal.isolated_by_person)
			return answer(VERDICT_ISOLATE, REASON_ISOLATED_BY_PERSON);
		if (f->terminal.kind == TERMINAL_VISITOR)
			return decide_visitor(k, &f->terminal);
	}
	return decide_device(k, &f->permit);
}

static struct decision decide_account(const struct knock *k, const struct facts *f)
{
	bool password = k->method == KNOCK_EAP_PASSWORD;

	if (!k->account_known)
		return answer(VERDICT_REJECT,
			      password ? REASON_ACCOUNT_UNKNOWN : REASON_CERTIFICATE_UNKNOWN);
	if (!k->account_enabled)
		return answer(VERDICT_REJECT, REASON_ACCOUNT_DISABLED);
	if (k->account_locked_until_ms > k->at_ms)
		return answer(VERDICT_REJECT, REASON_ACCOUNT_LOCKED);
	if (f->terminal.known && f->terminal.certificate_revoked && !password)
		return answer(VERDICT_REJECT, REASON_CERTIFICATE_REVOKED);
	return admit();
}

static struct decision decide_eap(const struct knock *k, const struct facts *f)
{
	struct decision d = decide_account(k, f);

	if (d.verdict != VERDICT_ADMIT)
		return d;
	if (f->mac_owned_by_other)
		return answer(VERDICT_ISOLATE, REASON_MAC_OF_ANOTHER);
	if (!f->terminal.known)
		return decide_unknown(k);
	d = decide_status(&f->terminal);
	if (d.verdict != VERDICT_ADMIT)
		return d;
	if (k->method == KNOCK_EAP_PASSWORD && !f->terminal.account_allowed)
		return answer(VERDICT_REJECT, REASON_ACCOUNT_NOT_ON_TERMINAL);
	if (f->account_live_elsewhere)
		return answer(VERDICT_REJECT, REASON_ACCOUNT_LIVE_ELSEWHERE);
	return decide_posture(k, &f->terminal);
}

static struct decision decide_port(const struct facts *f)
{
	const struct port_facts *p = &f->port;
	bool is_phone = f->terminal.known && f->terminal.kind == TERMINAL_PHONE;

	if (!p->limit || p->others < p->limit || (is_phone && !p->phones_count))
		return admit();
	return answer(VERDICT_ISOLATE, REASON_PORT_FULL);
}

/* What the work at switches, cables, engine or clients disturbs. */
static bool is_disturbed_by_work(enum reason reason)
{
	switch (reason) {
	case REASON_PERMIT_OTHER_PORT:
	case REASON_PERMIT_OTHER_SWITCH:
	case REASON_PORT_FULL:
	case REASON_SUPPLICANT_MISSING:
	case REASON_AGENT_SILENT:
	case REASON_POSTURE_STALE:
		return true;
	default:
		return false;
	}
}

bool verdict_is_by_automation(enum reason reason)
{
	switch (reason) {
	case REASON_TERMINAL_UNKNOWN:
	case REASON_TERMINAL_NOT_READY:
	case REASON_ACCOUNT_NOT_ON_TERMINAL:
	case REASON_PERMIT_MISSING:
	case REASON_PERMIT_EXPIRED:
	case REASON_PERMIT_NOT_YET:
	case REASON_PORT_FULL:
	case REASON_POSTURE_BAD:
	case REASON_POLICY_OLD:
	case REASON_POSTURE_STALE:
	case REASON_AGENT_SILENT:
	case REASON_AGENT_MAC_MISMATCH:
		return true;
	default:
		return false;
	}
}

/* Bad posture and a person's isolation are looked at behind the missing supplicant, so here too. */
static bool is_tolerated(const struct knock *k, const struct facts *f, enum reason reason)
{
	const struct terminal_facts *t = &f->terminal;

	if (!f->maintenance || !t->known || !is_disturbed_by_work(reason) ||
	    t->isolated_by_person || t->agent_mac_mismatch || t->posture == POSTURE_BAD)
		return false;
	return k->method == KNOCK_MAB || (k->account_known && k->account_enabled);
}

/* What no mode and no bypass opens: the deny list, and somebody who did not prove who they are. */
static bool holds_always(const struct knock *k, const struct facts *f, struct decision *ret)
{
	if (f->deny_listed)
		*ret = answer(VERDICT_REJECT, REASON_DENY_LISTED);
	else if (k->method != KNOCK_MAB && k->proof != REASON_OK)
		*ret = answer(VERDICT_REJECT, k->proof);
	else
		return false;
	return true;
}

bool verdict_is_bad_posture(enum reason reason)
{
	return reason == REASON_POSTURE_BAD || reason == REASON_POLICY_OLD;
}

int64_t verdict_posture_due(const struct terminal_facts *t)
{
	return t->posture == POSTURE_BAD && t->posture_at_ms && t->posture_grace_ms > 0
		       ? t->posture_at_ms + t->posture_grace_ms
		       : 0;
}

void verdict_decide(const struct knock *knock, const struct facts *facts, struct decision *ret)
{
	struct decision d;

	if (holds_always(knock, facts, ret))
		return;
	d = knock->method == KNOCK_MAB ? decide_mab(knock, facts) : decide_eap(knock, facts);
	if (d.verdict == VERDICT_ADMIT && facts->port.limit) {
		struct decision place = decide_port(facts);

		d = place.verdict == VERDICT_ADMIT ? d : place;
	}
	if (d.verdict != VERDICT_ADMIT) {
		if (facts->bypass) {
			d.verdict = VERDICT_ADMIT;
			d.reason = REASON_BYPASS;
		} else if (facts->mode != MODE_ENFORCE) {
			d.verdict = VERDICT_ADMIT;
			d.reason = facts->mode == MODE_WARN ? REASON_WARNED : REASON_OBSERVED;
		} else if (verdict_is_bad_posture(d.reason) &&
			   knock->at_ms < verdict_posture_due(&facts->terminal)) {
			d.verdict = VERDICT_ADMIT;
			d.reason = REASON_WARNED;
		} else if (is_tolerated(knock, facts, d.reason)) {
			d.verdict = VERDICT_ADMIT;
			d.reason = REASON_MAINTENANCE;
		}
	}
	*ret = d;
}
