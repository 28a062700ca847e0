#include "policy/replay.h"

#include <string.h>

#include "policy/body.h"

/* Everything good, for a device by its permit or for a computer by its owner. */
static void all_good(const struct replay_record *r, struct knock *k, struct facts *f)
{
	*k = (struct knock){.at_ms = r->at_ms,
			    .method = r->method,
			    .mac = r->mac,
			    .switch_id = r->switch_id,
			    .port = r->port,
			    .proof = REASON_OK,
			    .account_known = true,
			    .account_enabled = true};
	*f = (struct facts){.mode = MODE_ENFORCE,
			    .terminal = {.known = true,
					 .kind = r->terminal_known ? r->kind : TERMINAL_OTHER,
					 .status = TERMINAL_IN_USE,
					 .account_allowed = true,
					 .posture = POSTURE_GOOD,
					 .posture_at_ms = r->at_ms,
					 .supplicant_exempt = true,
					 .until_ms = r->kind == TERMINAL_VISITOR ? r->at_ms + 1 : 0,
					 .at_home = true,
					 .has_place = true},
			    .permit = {.known = true, .switch_id = r->switch_id, .port = ""}};
}

static bool fail_proof(enum reason reason, struct knock *k)
{
	switch (reason) {
	case REASON_PASSWORD_WRONG:
	case REASON_PASSWORD_EXPIRED:
	case REASON_IDENTITY_MISSING:
	case REASON_METHOD_REFUSED:
	case REASON_ACCOUNT_NOT_IN_GROUP:
		k->proof = reason;
		return true;
	case REASON_ACCOUNT_UNKNOWN:
	case REASON_CERTIFICATE_UNKNOWN:
		k->account_known = false;
		return true;
	case REASON_ACCOUNT_DISABLED:
		k->account_enabled = false;
		return true;
	case REASON_ACCOUNT_LOCKED:
		k->account_locked_until_ms = k->at_ms + 1;
		return true;
	default:
		return false;
	}
}

static bool fail_permit(enum reason reason, const struct knock *k, struct permit_facts *p)
{
	static const uint32_t never[] = {0};

	switch (reason) {
	case REASON_PERMIT_MISSING:
		p->known = false;
		return true;
	case REASON_PERMIT_EXPIRED:
		p->until_ms = k->at_ms;
		return true;
	case REASON_PERMIT_NOT_YET:
		p->from_ms = k->at_ms + 1;
		return true;
	case REASON_PERMIT_OTHER_SWITCH:
		p->switch_id = 0;
		return true;
	case REASON_PERMIT_OTHER_PORT:
		p->port = "another";
		return true;
	case REASON_PERMIT_OUTSIDE_HOURS:
		p->hours = never;
		p->hours_count = 1;
		return true;
	default:
		return false;
	}
}

static bool fail_place(enum reason reason, const struct knock *k, struct facts *f)
{
	switch (reason) {
	case REASON_DENY_LISTED:
		f->deny_listed = true;
		return true;
	case REASON_MAC_OF_ANOTHER:
		f->mac_owned_by_other = true;
		return true;
	case REASON_ACCOUNT_LIVE_ELSEWHERE:
		f->account_live_elsewhere = true;
		return true;
	case REASON_PORT_FULL:
		f->port = (struct port_facts){.limit = 1, .others = 1, .phones_count = true};
		return true;
	case REASON_VISITOR_OVER:
		f->terminal.until_ms = k->at_ms;
		return true;
	case REASON_VISITOR_ELSEWHERE:
		f->terminal.at_home = false;
		return true;
	case REASON_VISITOR_NO_PLACE:
		f->terminal.has_place = false;
		return true;
	default:
		return false;
	}
}

static bool fail_terminal(enum reason reason, struct facts *f)
{
	struct terminal_facts *t = &f->terminal;

	switch (reason) {
	case REASON_TERMINAL_UNKNOWN:
	case REASON_MAC_RANDOMISED:
		t->known = f->permit.known = false;
		return true;
	case REASON_TERMINAL_NOT_READY:
		t->status = TERMINAL_APPROVED;
		return true;
	case REASON_TERMINAL_SCRAPPED:
		t->status = TERMINAL_SCRAPPED;
		return true;
	case REASON_CERTIFICATE_REVOKED:
		t->certificate_revoked = true;
		return true;
	case REASON_ACCOUNT_NOT_ON_TERMINAL:
		t->account_allowed = false;
		return true;
	case REASON_SUPPLICANT_MISSING:
		t->supplicant_exempt = false;
		return true;
	case REASON_ISOLATED_BY_PERSON:
		t->isolated_by_person = true;
		return true;
	case REASON_AGENT_MAC_MISMATCH:
		t->agent_mac_mismatch = true;
		return true;
	default:
		return false;
	}
}

static bool fail_posture(enum reason reason, struct knock *k, struct terminal_facts *t)
{
	switch (reason) {
	case REASON_POSTURE_BAD:
	case REASON_POLICY_OLD:
		t->posture = POSTURE_BAD;
		t->policy_old = reason == REASON_POLICY_OLD;
		return true;
	case REASON_AGENT_SILENT:
		t->posture = POSTURE_SILENT;
		return true;
	case REASON_POSTURE_STALE:
		t->posture_at_ms = k->at_ms - POSTURE_LIFE_MS - 1;
		return true;
	case REASON_GRACE:
		t->posture = POSTURE_UNKNOWN;
		k->first_report_due = true;
		return true;
	default:
		return reason == REASON_OK;
	}
}

static bool is_of_permit(enum reason reason)
{
	const struct knock k = {0};
	struct permit_facts p;

	return fail_permit(reason, &k, &p);
}

/* A device's or a computer's: which of the two was looked at follows from what failed. */
static void choose_kind(const struct replay_record *r, struct terminal_facts *t)
{
	bool visitor = r->would_be_reason == REASON_VISITOR_OVER ||
		       r->would_be_reason == REASON_VISITOR_ELSEWHERE ||
		       r->would_be_reason == REASON_VISITOR_NO_PLACE;
	bool computer = r->method != KNOCK_MAB || r->would_be_reason == REASON_SUPPLICANT_MISSING ||
			r->would_be_reason == REASON_AGENT_SILENT ||
			r->would_be_reason == REASON_AGENT_MAC_MISMATCH ||
			r->would_be_reason == REASON_GRACE ||
			verdict_is_bad_posture(r->would_be_reason) ||
			r->would_be_reason == REASON_POSTURE_STALE;

	if (visitor)
		t->kind = TERMINAL_VISITOR;
	else if (computer && !terminal_kind_needs_agent(t->kind))
		t->kind = TERMINAL_PC;
	else if (is_of_permit(r->would_be_reason) &&
		 (t->kind == TERMINAL_VISITOR || terminal_kind_needs_agent(t->kind)))
		t->kind = TERMINAL_OTHER;
	if (t->kind == TERMINAL_VISITOR && !t->until_ms)
		t->until_ms = INT64_MAX;
}

static enum mode mode_of(const struct replay_record *r, enum mode mode)
{
	return r->reason == REASON_OBSERVED ? MODE_OBSERVE
	       : r->reason == REASON_WARNED ? MODE_WARN
					    : mode;
}

bool replay_facts(const struct replay_record *r, enum mode mode, struct knock *ret_knock,
		  struct facts *ret_facts)
{
	enum reason why = r->would_be_reason;
	struct knock k;
	struct facts f;

	all_good(r, &k, &f);
	choose_kind(r, &f.terminal);
	/* A MAC whose own password was wrong is refused before any verdict. */
	if (r->method == KNOCK_MAB && why == REASON_PASSWORD_WRONG)
		return false;
	if (!fail_proof(why, &k) && !fail_permit(why, &k, &f.permit) && !fail_place(why, &k, &f) &&
	    !fail_terminal(why, &f) && !fail_posture(why, &k, &f.terminal))
		return false;
	f.mode = mode_of(r, mode);
	f.bypass = r->reason == REASON_BYPASS;
	*ret_knock = k;
	*ret_facts = f;
	return true;
}

static void put_change(const struct replay_change *c, struct knock *k, struct facts *f)
{
	struct terminal_facts *t = &f->terminal;

	if (c->directory_down)
		k->proof = REASON_DIRECTORY_DOWN;
	if (c->mode)
		f->mode = *c->mode;
	if (c->no_bypass)
		f->bypass = false;
	if (c->no_exempt && c->supplicant_exempt)
		t->supplicant_exempt = false;
	if (c->no_exempt && c->posture_exempt)
		t->posture = POSTURE_BAD;
	/* Silence and staleness are of no policy's making. */
	if (c->posture && (t->posture == POSTURE_GOOD || t->posture == POSTURE_BAD))
		t->posture = *c->posture;
	if (t->posture == POSTURE_BAD && c->bad_since_ms) {
		t->posture_at_ms = c->bad_since_ms;
		t->posture_grace_ms = c->posture_grace_ms;
	}
}

bool replay_decide(const struct replay_record *r, enum mode mode,
		   const struct replay_change *change, struct decision *ret)
{
	struct knock k;
	struct facts f;

	if (!replay_facts(r, mode, &k, &f))
		return false;
	put_change(change, &k, &f);
	verdict_decide(&k, &f, ret);
	return true;
}

static bool is_enforced(const json_t *policy, const char *guard)
{
	const json_t *guards = json_object_get(policy, "guards");
	const char *mode =
		json_string_value(json_object_get(json_object_get(guards, guard), "mode"));

	return mode && strcmp(mode, guard_mode_name(GUARD_ENFORCE)) == 0;
}

enum posture replay_posture(const json_t *policy, const char *reasons)
{
	char guard[64];

	while (*reasons) {
		size_t len = strcspn(reasons, ",."), all = strcspn(reasons, ",");

		if (len < sizeof(guard)) {
			memcpy(guard, reasons, len);
			guard[len] = '\0';
			if (is_enforced(policy, guard))
				return POSTURE_BAD;
		}
		reasons += all + (reasons[all] == ',');
	}
	return POSTURE_GOOD;
}
