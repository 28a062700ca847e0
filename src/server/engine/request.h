/*
 * Requests: filed by a person, decided step by step, with an effect in the transaction of the last
 * approval (invariant 2). Who may decide is looked up anew at each step, from role and unit: never
 * the applicant, never somebody who decided an earlier step.
 *
 *	file ── pending, step 0 ── approve ── step 1 ── approve ── effect, approved
 *	              │                │                   └ the effect is refused: nothing happened
 *	              │                └ refuse ── refused
 *	              └ withdraw ── withdrawn
 *
 * Acts run inside engine_work.apply(); errors as in engine/account.h.
 */
#pragma once

#include "server/engine/requests/kind.h"

/* 1, 0 or negative; -EUCLEAN: of a kind that this program does not know. Release with
 * request_done(). */
int request_load(struct store_db *db, int64_t id, struct request *ret) MUST_CHECK;
void request_done(struct request *r);
#define CLEANUP_REQUEST CLEANUP(request_done)

/* Whether the account may file this kind at all. */
bool request_may_file(const struct request_kind *kind, const struct account *account);
/* 1: may decide the step that is due; 0: not, with `why` filled; negative. */
int request_may_decide(struct store_db *db, const struct request *request,
		       const struct account *account, struct refused *why) MUST_CHECK;

/* "request.file": `form` is borrowed, checked, and kept in one notation. `unit_id` 0: the
 * applicant's own. */
int request_file(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 const struct account *applicant, const struct request_kind *kind, int64_t unit_id,
		 const json_t *form, int64_t *ret_id, struct refused *why) MUST_CHECK;

struct request_decision {
	int64_t id, step; /* the step that the person saw */
	bool approve;
	const char *comment;
};

struct request_outcome {
	char code[REQUEST_CODE_SIZE]; /* "" none; shown once */
	int64_t code_expires_at_ms;
};

/* "request.approve" or "request.refuse", then what the effect tells, then "request.close". */
int request_decide(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   const struct account *decider, const struct request_decision *decision,
		   struct request_outcome *ret, struct refused *why) MUST_CHECK;
/* "request.withdraw", by the applicant while it is pending. */
int request_withdraw(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const char *reason, struct refused *why) MUST_CHECK;

/* A checked copy of the form in one notation; refused with "form.NAME". */
int request_form_check(struct store_db *db, const struct request_kind *kind,
		       const struct unit *region, const json_t *form, int64_t now_ms, json_t **ret,
		       struct refused *why) MUST_CHECK;
/* The unit whose subtree is one region with this one: its branch, or head office. */
int request_region(struct store_db *db, const struct unit *unit, struct unit *ret) MUST_CHECK;
