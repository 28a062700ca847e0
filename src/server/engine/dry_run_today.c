#include "server/engine/dry_run_today.h"

#include "policy/exemption.h"
#include "server/engine/permit.h"
#include "server/engine/terminal.h"

/* Columns of dry_run_today. */
enum column {
	KIND,
	STATUS,
	POSTURE,
	POSTURE_AT,
	ISOLATED_AT,
	ISOLATED_UNTIL,
	FAILING,
	EXEMPTIONS,
	PERMIT,
	PERMIT_SWITCH,
	PERMIT_PORT,
	PERMIT_FROM,
	PERMIT_UNTIL,
	PERMIT_HOURS,
	DENIED,
	ACCOUNT,
	ACCOUNT_ENABLED,
	ACCOUNT_ALLOWED,
	VISITOR_UNTIL,
};

static int draw_terminal(const struct store_cursor *c, const struct dry_run_today *who,
			 bool no_exemptions, struct terminal_facts *t)
{
	const char *exempt = no_exemptions ? "" : store_text(c, EXEMPTIONS);

	if (store_is_null(c, KIND))
		return 0;
	t->known = true;
	t->kind = terminal_kind_from_name(store_text(c, KIND));
	if (t->kind == TERMINAL_KIND_COUNT ||
	    terminal_status_parse(store_text(c, STATUS), &t->status) ||
	    posture_parse(store_text(c, POSTURE), &t->posture))
		return -EUCLEAN;
	t->posture_at_ms = store_int(c, POSTURE_AT);
	t->posture_grace_ms = who->posture_grace_ms;
	if (t->posture == POSTURE_BAD &&
	    exemption_of_posture(exempt, store_text(c, FAILING)) > who->now_ms)
		t->posture = POSTURE_GOOD;
	t->isolated_by_person =
		!store_is_null(c, ISOLATED_AT) &&
		(store_is_null(c, ISOLATED_UNTIL) || store_int(c, ISOLATED_UNTIL) > who->now_ms);
	t->supplicant_exempt = exemption_until(exempt, EXEMPT_SUPPLICANT) > who->now_ms;
	t->account_allowed = store_int(c, ACCOUNT_ALLOWED) != 0;
	t->until_ms = store_int(c, VISITOR_UNTIL);
	t->at_home = t->has_place = true;
	return 0;
}

int dry_run_today(struct store_db *db, const struct dry_run_today *who, bool no_exemptions,
		  struct decision *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct knock k = {.at_ms = who->now_ms,
			  .method = who->method,
			  .mac = who->mac,
			  .switch_id = who->switch_id,
			  .port = who->port,
			  .proof = REASON_OK};
	struct facts f = {.mode = MODE_ENFORCE, .permit.port = ""};
	uint32_t hours[HOURS_MOST];
	int r = store_select(db, STMT_DRY_RUN_TODAY,
			     STORE_ARGS(v_mac(&who->mac), v_text(who->account), v_int(who->now_ms)),
			     &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	r = draw_terminal(c, who, no_exemptions, &f.terminal);
	if (!r && !store_is_null(c, PERMIT)) {
		f.permit = (struct permit_facts){.known = true,
						 .switch_id = store_int(c, PERMIT_SWITCH),
						 .port = store_text(c, PERMIT_PORT),
						 .from_ms = store_int(c, PERMIT_FROM),
						 .until_ms = store_int(c, PERMIT_UNTIL),
						 .hours = hours};
		r = permit_hours_parse(store_text(c, PERMIT_HOURS), hours, &f.permit.hours_count);
	}
	if (r)
		return r;
	f.deny_listed = store_int(c, DENIED) != 0;
	k.account_known =
		who->method == KNOCK_EAP_TLS ? f.terminal.known : !store_is_null(c, ACCOUNT);
	k.account_enabled = who->method == KNOCK_EAP_TLS || store_int(c, ACCOUNT_ENABLED);
	verdict_decide(&k, &f, ret);
	return 0;
}
