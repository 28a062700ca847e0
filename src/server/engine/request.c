#include "server/engine/request.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

/* ---- loading ---- */

void request_done(struct request *r)
{
	json_decref(r->form);
	json_decref(r->effect);
	r->form = r->effect = NULL;
}

int request_load(struct store_db *db, int64_t id, struct request *ret)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	struct request q = {0};
	int r = store_select(db, STMT_REQUEST_FACTS, STORE_ARGS(v_int(id)), &c);

	if (!r)
		r = store_next(c);
	if (r <= 0)
		return r;
	q.id = store_int(c, 0);
	q.kind = request_kind_find(store_text(c, 1));
	q.unit_id = store_int(c, 2);
	q.applicant_id = store_int(c, 3);
	q.step = store_int(c, 6);
	if (!q.kind || text_copy(q.status, sizeof(q.status), store_text(c, 5)) ||
	    text_copy(q.number, sizeof(q.number), store_text(c, 7)))
		return -EUCLEAN;
	q.form = json_loads(store_text(c, 4), 0, NULL);
	q.effect = json_loads(store_text(c, 8), 0, NULL);
	if (!json_is_object(q.form) || !json_is_object(q.effect)) {
		request_done(&q);
		return -EUCLEAN;
	}
	*ret = q;
	return 1;
}

bool request_may_file(const struct request_kind *kind, const struct account *account)
{
	return account_roles(account) & kind->filers;
}

/* ---- routing ---- */

int request_region(struct store_db *db, const struct unit *unit, struct unit *ret)
{
	int r = unit_above(db, unit, "branch", ret);

	if (!r)
		r = unit_above(db, unit, "head-office", ret);
	return r > 0 ? 0 : r ? r : -EUCLEAN;
}

/* Where the people of a step are looked for. */
static int step_unit(struct store_db *db, const struct request_step *step, const struct unit *unit,
		     struct unit *ret)
{
	int64_t technology;
	int r;

	if (step->unit == UNIT_OWN) {
		*ret = *unit;
		return 0;
	}
	r = request_region(db, unit, ret);
	if (r || !strcmp(ret->kind, "branch"))
		return r;
	r = store_get_int(db, STMT_REQUEST_TECHNOLOGY_UNIT, STORE_NO_ARGS, 0, &technology);
	if (!r && technology)
		r = unit_load(db, technology, ret);
	return r < 0 ? r : 0;
}

static int insert_step(struct store *s, int64_t request_id, int64_t number,
		       const struct request_step *step, const struct unit *unit,
		       int64_t applicant_id, struct refused *why)
{
	const char *role = role_name(step->role);
	int64_t approvers;
	int r = store_get_int(store_writer(s), STMT_REQUEST_APPROVERS,
			      STORE_ARGS(v_text(role), v_text(unit->path), v_int(applicant_id)), 0,
			      &approvers);

	if (r)
		return r;
	if (!approvers)
		return refuse(why, REFUSAL_NO_APPROVER, step->name);
	return store_exec(s, STMT_REQUEST_STEP_INSERT,
			  STORE_ARGS(v_int(request_id), v_int(number), v_text(step->name),
				     v_text(role), v_int(unit->id)),
			  NULL);
}

static int insert_route(struct store *s, const struct request *request, const struct unit *unit,
			struct refused *why)
{
	const struct request_step *route = request->kind->route;
	int r = 0;

	for (int64_t i = 0; !r && route[i].name; i++) {
		struct unit of_step;

		r = step_unit(store_writer(s), &route[i], unit, &of_step);
		if (!r)
			r = insert_step(s, request->id, i, &route[i], &of_step,
					request->applicant_id, why);
	}
	return r;
}

/* ---- filing ---- */

static void subject_of(char dst[static ACT_SUBJECT_SIZE], const struct request *q)
{
	snprintf(dst, ACT_SUBJECT_SIZE, "request:%s", q->number);
}

/* For the own unit, or one that a role of the filers' covers. */
static int filing_unit(struct store_db *db, const struct account *applicant,
		       const struct request_kind *kind, int64_t unit_id, struct unit *ret,
		       struct refused *why)
{
	int r = unit_load(db, unit_id ? unit_id : applicant->unit_id, ret);

	if (r <= 0)
		return r ? r : refuse(why, REFUSAL_NOT_FOUND, "unit_id");
	if (ret->ended)
		return refuse(why, REFUSAL_ENDED, "unit_id");
	if (ret->id != applicant->unit_id &&
	    !account_role_over(applicant,
			       kind->filers & ROLE_STAFF ? ROLES_GRANTED & ~(unsigned)ROLE_AUDITOR
							 : kind->filers,
			       ret->path))
		return refuse(why, REFUSAL_OUT_OF_SCOPE, "unit_id");
	return 0;
}

static int insert_request(struct store *s, int64_t now_ms, struct request *q)
{
	CLEANUP_FREE char *form = json_dumps(q->form, JSON_COMPACT | JSON_SORT_KEYS);
	int r = form ? store_get_int(store_writer(s), STMT_REQUEST_NEXT_ID, STORE_NO_ARGS, 1,
				     &q->id)
		     : -ENOMEM;

	if (r)
		return r;
	snprintf(q->number, sizeof(q->number), "DR-%d-%06" PRId64, clock_month(now_ms) / 100,
		 q->id);
	return store_exec(s, STMT_REQUEST_INSERT,
			  STORE_ARGS(v_int(q->id), v_text(q->number), v_text(q->kind->id),
				     v_int(q->unit_id), v_int(q->applicant_id), v_text(form),
				     v_int(now_ms)),
			  NULL);
}

static int check_request(struct store *s, int64_t now_ms, const struct entry_actor *who,
			 const struct request *q, const struct unit *unit,
			 const struct account *applicant, struct refused *why)
{
	struct request_doing d = {.store = s,
				  .now_ms = now_ms,
				  .who = who,
				  .request = q,
				  .unit = unit,
				  .applicant = applicant,
				  .why = why};

	return q->kind->check ? q->kind->check(&d) : 0;
}

static int file_checked(struct store *s, int64_t now_ms, const struct entry_actor *who,
			struct request *q, const struct unit *unit, const struct account *applicant,
			struct refused *why)
{
	char subject[ACT_SUBJECT_SIZE];
	int r = check_request(s, now_ms, who, q, unit, applicant, why);

	if (!r)
		r = insert_request(s, now_ms, q);
	if (!r)
		r = insert_route(s, q, unit, why);
	if (r)
		return r;
	subject_of(subject, q);
	return act_log(s, now_ms, who, "request.file", unit->id, subject,
		       json_pack("{s:I, s:s, s:O}", "request", (json_int_t)q->id, "kind",
				 q->kind->id, "form", q->form));
}

int request_file(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct account *applicant, const struct request_kind *kind, int64_t unit_id,
		 const json_t *form, int64_t *ret_id, struct refused *why)
{
	CLEANUP_REQUEST struct request q = {.kind = kind, .applicant_id = applicant->id};
	struct store_db *db = store_writer(s);
	struct unit unit, region;
	int r;

	if (!request_may_file(kind, applicant))
		return refuse(why, REFUSAL_ROLE_MISSING, "kind");
	r = filing_unit(db, applicant, kind, unit_id, &unit, why);
	if (!r)
		r = request_region(db, &unit, &region);
	if (!r)
		r = request_form_check(db, kind, &region, form, now_ms, &q.form, why);
	q.unit_id = unit.id;
	if (!r)
		r = file_checked(s, now_ms, who, &q, &unit, applicant, why);
	if (!r)
		*ret_id = q.id;
	return r;
}

/* ---- deciding ---- */

int request_may_decide(struct store_db *db, const struct request *request,
		       const struct account *account, struct refused *why)
{
	CLEANUP_CURSOR struct store_cursor *c = NULL;
	int64_t before;
	int r;

	if (strcmp(request->status, "pending") != 0)
		return refuse(why, REFUSAL_STEP_DECIDED, NULL), 0;
	if (request->applicant_id == account->id)
		return refuse(why, REFUSAL_OWN_ACT, NULL), 0;
	r = store_get_int(db, STMT_REQUEST_DECIDED_BEFORE,
			  STORE_ARGS(v_int(request->id), v_int(account->id)), 0, &before);
	if (r)
		return r;
	if (before)
		return refuse(why, REFUSAL_STEP_TWICE, NULL), 0;
	r = store_select(db, STMT_REQUEST_STEP_FACTS,
			 STORE_ARGS(v_int(request->id), v_int(request->step)), &c);
	if (!r)
		r = store_next(c);
	if (r != 1)
		return r ? r : -EUCLEAN;
	if (account_role_over(account, role_parse(store_text(c, 0)), store_text(c, 2)))
		return 1;
	return refuse(why, REFUSAL_STEP_OF_OTHERS, NULL), 0;
}

static int close_request(struct store *s, int64_t now_ms, const struct request *q,
			 const char *status, const json_t *effect)
{
	CLEANUP_FREE char *text =
		effect ? json_dumps(effect, JSON_COMPACT | JSON_SORT_KEYS) : strdup("{}");

	if (!text)
		return -ENOMEM;
	return store_exec(s, STMT_REQUEST_CLOSE,
			  STORE_ARGS(v_int(q->id), v_text(status), v_text(text), v_int(now_ms)),
			  NULL);
}

/* Everything that was true at filing must still be: the effect belongs to now. */
static int take_effect(struct request_doing *d, struct request_outcome *ret)
{
	const struct request *q = d->request;
	char subject[ACT_SUBJECT_SIZE];
	int r = q->kind->check ? q->kind->check(d) : 0;

	if (!r)
		r = q->kind->effect(d);
	if (!r)
		r = close_request(d->store, d->now_ms, q, "approved", d->effect);
	if (r)
		return r;
	memcpy(ret->code, d->code, sizeof(ret->code));
	ret->code_expires_at_ms = d->code_expires_at_ms;
	subject_of(subject, q);
	return act_log(d->store, d->now_ms, d->who, "request.close", d->unit->id, subject,
		       json_pack("{s:O}", "effect", d->effect));
}

static int complete(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct request *q, struct request_outcome *ret, struct refused *why)
{
	struct account applicant;
	struct unit unit;
	struct request_doing d = {.store = s,
				  .now_ms = now_ms,
				  .who = who,
				  .request = q,
				  .unit = &unit,
				  .applicant = &applicant,
				  .why = why};
	int r = unit_load(store_writer(s), q->unit_id, &unit);

	if (r == 1)
		r = account_load(store_writer(s), q->applicant_id, &applicant);
	if (r != 1)
		return r ? r : -EUCLEAN;
	r = take_effect(&d, ret);
	json_decref(d.effect);
	return r;
}

/* The step's row and its entry; gives whether another step follows. */
static int decide_step(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       const struct request *q, const struct request_decision *decision,
		       bool *ret_last)
{
	const char *comment = decision->comment ? decision->comment : "";
	char subject[ACT_SUBJECT_SIZE];
	int64_t steps;
	int r = store_get_int(store_writer(s), STMT_REQUEST_STEP_COUNT, STORE_ARGS(v_int(q->id)), 0,
			      &steps);

	if (!r)
		r = store_exec(s, STMT_REQUEST_STEP_DECIDE,
			       STORE_ARGS(v_int(q->id), v_int(q->step),
					  v_text(decision->approve ? "approved" : "refused"),
					  v_text(comment), v_int(who->account), v_int(now_ms)),
			       NULL);
	*ret_last = q->step + 1 >= steps;
	if (!r && decision->approve && !*ret_last)
		r = store_exec(s, STMT_REQUEST_ADVANCE, STORE_ARGS(v_int(q->id)), NULL);
	if (!r && !decision->approve)
		r = close_request(s, now_ms, q, "refused", NULL);
	if (r)
		return r;
	subject_of(subject, q);
	return act_log(s, now_ms, who, decision->approve ? "request.approve" : "request.refuse",
		       q->unit_id, subject,
		       json_pack("{s:I, s:s, s:s}", "step", (json_int_t)q->step, "name",
				 q->kind->route[q->step].name, "comment", comment));
}

int request_decide(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   const struct account *decider, const struct request_decision *decision,
		   struct request_outcome *ret, struct refused *why)
{
	CLEANUP_REQUEST struct request q = {0};
	struct request_outcome outcome = {.code = ""};
	bool last = false;
	int r = request_load(store_writer(s), decision->id, &q);

	if (r <= 0)
		return r ? r : -ENOENT;
	r = request_may_decide(store_writer(s), &q, decider, why);
	if (r <= 0)
		return r ? r : -ECANCELED;
	if (q.step != decision->step)
		return refuse(why, REFUSAL_STEP_DECIDED, "step");
	if (!decision->approve && (!decision->comment || !decision->comment[0]))
		return refuse(why, REFUSAL_COMMENT_NEEDED, "comment");
	r = decide_step(s, now_ms, who, &q, decision, &last);
	if (!r && decision->approve && last)
		r = complete(s, now_ms, who, &q, &outcome, why);
	if (!r)
		*ret = outcome;
	return r;
}

int request_withdraw(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const char *reason, struct refused *why)
{
	CLEANUP_REQUEST struct request q = {0};
	char subject[ACT_SUBJECT_SIZE];
	int r = request_load(store_writer(s), id, &q);

	if (r <= 0)
		return r ? r : -ENOENT;
	if (q.applicant_id != who->account)
		return refuse(why, REFUSAL_OUT_OF_SCOPE, NULL);
	if (strcmp(q.status, "pending") != 0)
		return refuse(why, REFUSAL_STATE, NULL);
	r = close_request(s, now_ms, &q, "withdrawn", NULL);
	if (r)
		return r;
	subject_of(subject, &q);
	return act_log(s, now_ms, who, "request.withdraw", q.unit_id, subject,
		       json_pack("{s:s}", "reason", reason));
}
