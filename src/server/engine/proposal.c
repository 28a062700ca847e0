#include "server/engine/proposal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "crypto/secret.h"
#include "server/engine/bypass.h"
#include "server/engine/exemption.h"
#include "server/engine/gate.h"
#include "server/engine/org.h"
#include "server/engine/period.h"
#include "server/engine/permit.h"
#include "server/engine/switch.h"
#include "server/engine/terminal.h"
#include "server/engine/tripped.h"
#include "server/engine/unit_choice.h"

/* What an effect has at hand. */
struct confirmation {
	struct store *store;
	int64_t now_ms;
	const struct entry_actor *who;
	const struct proposal *proposal;
	int64_t subject_id;
	const char *reason;
	const struct proposal_means *means;
	struct account_entry_code *code; /* what it tells */
	struct refused *why;
};

struct proposal_kind {
	const char *kind;
	const char *subject; /* "account": subject_id is one's row */
	unsigned roles;	     /* that may confirm, over the proposal's unit */
	int (*effect)(struct confirmation *c);
};

static const char *detail_text(const struct confirmation *c, const char *name)
{
	const char *s = json_string_value(json_object_get(c->proposal->detail, name));

	return s ? s : "";
}

static int64_t detail_int(const struct confirmation *c, const char *name)
{
	return json_integer_value(json_object_get(c->proposal->detail, name));
}

/* Who decides over others enters anew; who decides over nobody needs no code. */
static int await_entry(struct confirmation *c)
{
	struct account account;
	int r = account_load(store_writer(c->store), c->subject_id, &account);

	if (r <= 0)
		return r ? r : -ENOENT;
	return account_roles(&account) & ROLES_BY_TWO
		       ? account_entry_open(c->store, c->now_ms, c->who, account.id, c->code)
		       : 0;
}

static int reset_totp(struct confirmation *c)
{
	int r = account_totp_reset(c->store, c->now_ms, c->who, c->subject_id, c->reason);

	return r ? r : await_entry(c);
}

/* The proposer then gives the password, once and within a day: it is shown to nobody else. */
static int allow_password_reset(struct confirmation *c)
{
	char subject[ACT_SUBJECT_SIZE];
	int r;

	act_subject_account(subject, detail_text(c, "account"));
	r = act_log(c->store, c->now_ms, c->who, "account.password-reset-allow",
		    c->proposal->unit_id, subject,
		    json_pack("{s:I, s:s}", "proposal", (json_int_t)c->proposal->id, "reason",
			      c->reason));
	return r ? r : await_entry(c);
}

static int grant_role(struct confirmation *c)
{
	struct account account;
	int r = account_grant(c->store, c->now_ms, c->who, c->subject_id,
			      role_parse(detail_text(c, "role")), c->proposal->unit_id, c->reason,
			      c->why);

	if (!r)
		r = account_load(store_writer(c->store), c->subject_id, &account);
	if (r < 0)
		return r;
	return account_awaits_entry(&account) ? await_entry(c) : 0;
}

static int set_mode(struct confirmation *c)
{
	return unit_set_mode(c->store, c->now_ms, c->who, c->subject_id, detail_text(c, "mode"),
			     c->reason);
}

static int choose(struct confirmation *c)
{
	const struct unit_choice *choice =
		strcmp(c->proposal->kind, unit_grace.act) == 0 ? &unit_grace : &unit_last_known;

	return unit_choose(c->store, c->now_ms, c->who, choice, c->subject_id,
			   unit_choice_detailed(c->proposal->detail), c->reason, c->why);
}

static int set_lifeline(struct confirmation *c)
{
	return terminal_set_lifeline(c->store, c->now_ms, c->who, c->subject_id, true, c->reason);
}

static int end_deny(struct confirmation *c)
{
	return deny_end(c->store, c->now_ms, c->who, c->subject_id, c->reason);
}

static int begin_bypass(struct confirmation *c)
{
	struct bypass_spec spec = {.unit_id = c->subject_id,
				   .until_ms = c->now_ms + detail_int(c, "minutes") * 60000,
				   .why = c->reason,
				   .proposed_by = c->proposal->proposed_by,
				   .confirmed_by = c->who->account};
	int64_t id;

	return bypass_begin(c->store, c->now_ms, c->who, &spec, &id);
}

static int reset_breaker(struct confirmation *c)
{
	int r = tripped_reset(c->store, c->now_ms, c->who, c->subject_id, c->reason);

	return r == -ENOENT ? refuse(c->why, REFUSAL_ENDED, NULL) : r;
}

static int except_switch(struct confirmation *c)
{
	int64_t until = detail_int(c, "until_at");

	if (until <= c->now_ms)
		return refuse(c->why, REFUSAL_TIME_PAST, NULL);
	return switch_set_mab_exception(c->store, c->now_ms, c->who, c->subject_id, until,
					c->reason);
}

/* The export itself is the download; the confirmation opens it for a day. */
static int allow_export(struct confirmation *c)
{
	return act_log(c->store, c->now_ms, c->who, "audit.export-allow", 0, "",
		       json_pack("{s:I, s:s}", "proposal", (json_int_t)c->proposal->id, "reason",
				 c->reason));
}

static int publish_policy(struct confirmation *c)
{
	struct policy_version version;

	return policy_publish(
		c->store, c->now_ms, c->who, c->means->policy.key, c->means->policy.epoch,
		json_object_get(c->proposal->detail, "policy"), c->who->account, &version);
}

static int add_gate(struct confirmation *c)
{
	const struct gate_request q = {.name = detail_text(c, "name"),
				       .unit_id = c->proposal->unit_id,
				       .csr_pem = detail_text(c, "csr"),
				       .eap_csr_pem = detail_text(c, "eap_csr"),
				       .cosign_public_pem = detail_text(c, "cosign_key")};
	int r = gate_admit(c->store, c->now_ms, c->who, c->means->ca, &q);

	if (r == -EPERM)
		return refuse(c->why, REFUSAL_STATE, "ca");
	return r == -EEXIST ? refuse(c->why, REFUSAL_TAKEN, "name") : r;
}

static int grant_exemption(struct confirmation *c)
{
	const struct exemption_spec spec = {.terminal_id = c->subject_id,
					    .what = detail_text(c, "what"),
					    .why = c->reason,
					    .until_ms = detail_int(c, "until_at"),
					    .asked_by = c->proposal->proposed_by,
					    .confirmed_by = c->who->account};

	if (spec.until_ms <= c->now_ms)
		return refuse(c->why, REFUSAL_TIME_PAST, NULL);
	return exemption_grant(c->store, c->now_ms, c->who, &spec);
}

static int begin_period(struct confirmation *c)
{
	const struct period_spec spec = {.kind = detail_text(c, "kind"),
					 .unit_id = c->proposal->unit_id,
					 .switch_id = detail_int(c, "switch_id"),
					 .why = c->reason,
					 .from_ms = detail_int(c, "from_at"),
					 .until_ms = detail_int(c, "until_at"),
					 .asked_by = c->proposal->proposed_by,
					 .confirmed_by = c->who->account};
	int r = period_begin(c->store, c->now_ms, c->who, &spec);

	if (r == -ETIME)
		return refuse(c->why, REFUSAL_TIME_PAST, NULL);
	return r == -EEXIST ? refuse(c->why, REFUSAL_TAKEN, NULL) : r;
}

static int set_port_mode(struct confirmation *c)
{
	return switch_set_port_mode(c->store, c->now_ms, c->who, c->subject_id,
				    detail_text(c, "port"), detail_text(c, "mode"), c->reason);
}

static const struct proposal_kind kinds[] = {
	{"account.totp-reset", "account", ROLE_SYSTEM | ROLE_SECURITY, reset_totp},
	{"account.password-reset", "account", ROLE_SYSTEM | ROLE_SECURITY, allow_password_reset},
	{"role.grant", "account", ROLE_SYSTEM | ROLE_SECURITY, grant_role},
	{"unit.mode", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, set_mode},
	{"unit.grace", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, choose},
	{"unit.last-known", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, choose},
	{"terminal.lifeline", "terminal", ROLE_SECURITY | ROLE_REGIONAL, set_lifeline},
	{"exemption.grant", "terminal", ROLE_SECURITY | ROLE_REGIONAL, grant_exemption},
	{"period.freeze", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, begin_period},
	{"period.maintain", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, begin_period},
	{"period.maintain-switch", "switch", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL,
	 begin_period},
	{"switch.port-mode", "switch", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, set_port_mode},
	{"deny.end", "deny", ROLE_SECURITY | ROLE_SYSTEM, end_deny},
	{"bypass.begin", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, begin_bypass},
	{"breaker.reset", "unit", ROLE_SECURITY | ROLE_SYSTEM | ROLE_REGIONAL, reset_breaker},
	{"switch.mab-exception", "switch", ROLE_SYSTEM | ROLE_SECURITY, except_switch},
	{"gate.create", "unit", ROLE_SYSTEM | ROLE_SECURITY, add_gate},
	{"policy.publish", "policy", ROLE_SECURITY | ROLE_SYSTEM, publish_policy},
	{"audit.export", "log", ROLE_AUDITOR | ROLE_SECURITY, allow_export},
};

static const struct proposal_kind *find_kind(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return &kinds[i];
	return NULL;
}

unsigned proposal_roles(const char *kind)
{
	const struct proposal_kind *found = find_kind(kind);

	return found ? found->roles : 0;
}

void proposal_done(struct proposal *p)
{
	json_decref(p->detail);
	p->detail = NULL;
}

int proposal_load(struct store_db *db, int64_t id, struct proposal *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct proposal p = {0};
	int r = store_select(db, STMT_PROPOSAL_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	p.id = store_int(c, 0);
	p.unit_id = store_int(c, 2);
	p.proposed_by = store_int(c, 4);
	p.expires_at_ms = store_int(c, 5);
	p.decided_at_ms = store_int(c, 7);
	p.subject_id = store_int(c, 8);
	p.given_by = store_int(c, 9);
	if (text_copy(p.kind, sizeof(p.kind), store_text(c, 1)) ||
	    text_copy(p.decision, sizeof(p.decision), store_text(c, 6)))
		return -EUCLEAN;
	p.detail = json_loads(store_text(c, 3), 0, NULL);
	if (!json_is_object(p.detail)) {
		json_decref(p.detail);
		return -EUCLEAN;
	}
	*ret = p;
	return 1;
}

bool proposal_is_own(const struct proposal *p, const struct account *account)
{
	const struct proposal_kind *kind = find_kind(p->kind);

	return p->proposed_by == account->id || p->given_by == account->id ||
	       (kind && !strcmp(kind->subject, "account") && p->subject_id == account->id);
}

bool proposal_may_confirm(const struct proposal *p, const struct account *account,
			  const char *unit_path, int64_t now_ms)
{
	return !p->decision[0] && p->expires_at_ms > now_ms && !proposal_is_own(p, account) &&
	       account_role_over(account, proposal_roles(p->kind), unit_path);
}

int proposal_was_confirmed(struct store_db *db, const char *kind, int64_t subject_id,
			   int64_t proposer, int64_t since_ms, bool *ret)
{
	const struct proposal_kind *found = find_kind(kind);
	char subject[ACT_SUBJECT_SIZE];
	int64_t count;
	int r;

	if (!found)
		return -EINVAL;
	snprintf(subject, sizeof(subject), "%s:%" PRId64, found->subject, subject_id);
	r = store_get_int(
		db, STMT_PROPOSAL_CONFIRMED,
		STORE_ARGS(v_text(kind), v_text(subject), v_int(proposer), v_int(since_ms)), 0,
		&count);
	if (!r)
		*ret = count > 0;
	return r;
}

static int insert_proposal(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   const struct proposal_spec *spec, const char *subject, int64_t *ret_id)
{
	CLEANUP_FREE char *detail = json_dumps(spec->detail, JSON_COMPACT | JSON_SORT_KEYS);

	if (!detail)
		return -ENOMEM;
	return store_insert(s, STMT_PROPOSAL_INSERT,
			    STORE_ARGS(v_text(spec->kind), v_text(subject), v_int(spec->unit_id),
				       v_text(detail), v_text(spec->reason), v_int(who->account),
				       v_int(now_ms), v_int(now_ms + PROPOSAL_LIFE_MS)),
			    ret_id);
}

int proposal_make(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct proposal_spec *spec, int64_t *ret_id, struct refused *why)
{
	const struct proposal_kind *kind = find_kind(spec->kind);
	char subject[ACT_SUBJECT_SIZE];
	int64_t open, id;
	int r = spec->detail ? 0 : -ENOMEM;

	if (!r && !kind)
		r = -EINVAL;
	if (!r) {
		snprintf(subject, sizeof(subject), "%s:%" PRId64, kind->subject, spec->subject_id);
		r = store_get_int(store_writer(s), STMT_PROPOSAL_SAME_OPEN,
				  STORE_ARGS(v_text(spec->kind), v_text(subject), v_int(now_ms)), 0,
				  &open);
	}
	if (!r && open)
		r = refuse(why, REFUSAL_PROPOSED_ALREADY, NULL);
	if (!r)
		r = insert_proposal(s, now_ms, who, spec, subject, &id);
	if (r) {
		json_decref(spec->detail);
		return r;
	}
	r = act_log(s, now_ms, who, "proposal.make", spec->unit_id, subject,
		    json_pack("{s:I, s:s, s:s, s:o}", "proposal", (json_int_t)id, "act", spec->kind,
			      "reason", spec->reason, "detail", spec->detail));
	if (!r)
		*ret_id = id;
	return r;
}

static int check_open(const struct proposal *p, int64_t now_ms, struct refused *why)
{
	if (p->decision[0])
		return refuse(why, REFUSAL_STEP_DECIDED, NULL);
	return p->expires_at_ms <= now_ms ? refuse(why, REFUSAL_ENDED, NULL) : 0;
}

static int take_effect(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       const struct proposal *p, const struct proposal_means *means,
		       struct account_entry_code *code, struct refused *why)
{
	const struct proposal_kind *kind = find_kind(p->kind);
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct confirmation confirmation = {.store = s,
					    .now_ms = now_ms,
					    .who = who,
					    .proposal = p,
					    .means = means,
					    .code = code,
					    .why = why};
	char reason[2048];
	int r = store_select(store_writer(s), STMT_PROPOSAL_SUBJECT, STORE_ARGS(v_int(p->id)), &c);

	if (!r)
		r = store_next(c);
	if (r != 1)
		return r ? r : -ENOENT;
	r = text_copy(reason, sizeof(reason), store_text(c, 1));
	confirmation.subject_id = store_int(c, 0);
	confirmation.reason = reason;
	store_cursor_free(TAKE_PTR(c));
	if (!r && !kind)
		r = -EUCLEAN;
	return r ? r : kind->effect(&confirmation);
}

int proposal_decide(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		    bool confirm, const struct proposal_means *means,
		    struct account_entry_code *ret_code, struct refused *why)
{
	CLEANUP_PROPOSAL struct proposal p = {0};
	struct account_entry_code code = {0};
	char subject[ACT_SUBJECT_SIZE];
	int r = proposal_load(store_writer(s), id, &p);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = check_open(&p, now_ms, why);
	if (!r)
		r = store_exec(s, STMT_PROPOSAL_DECIDE,
			       STORE_ARGS(v_int(id), v_text(confirm ? "confirmed" : "refused"),
					  v_int(who->account), v_int(now_ms)),
			       NULL);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "proposal:%" PRId64, id);
	r = act_log(s, now_ms, who, confirm ? "proposal.confirm" : "proposal.refuse", p.unit_id,
		    subject, json_pack("{s:s}", "act", p.kind));
	if (!r && confirm)
		r = take_effect(s, now_ms, who, &p, means, &code, why);
	if (!r)
		*ret_code = code;
	secret_wipe(&code, sizeof(code));
	return r;
}
