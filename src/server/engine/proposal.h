/*
 * Acts that need a second person before they take effect (invariant 9). What can be proposed is a
 * table in proposal.c: the act, who may confirm it, and its effect, which runs in the transaction
 * of the confirmation and is told as an act of the one who confirms. A proposal lapses after a
 * week.
 *
 * Acts run inside engine_work.apply(); errors as in engine/account.h.
 */
#pragma once

#include "crypto/seal.h"
#include "server/engine/account_entry.h"
#include "server/engine/publish.h"

#define PROPOSAL_LIFE_MS (7 * 24 * 3600 * INT64_C(1000))
/* What effects need that lies in no store; borrowed. */
struct proposal_means {
	struct policy_signer policy;
	const struct ca *ca;
};

#define EXPORT_LIFE_MS (24 * 3600 * INT64_C(1000))
#define PASSWORD_RESET_LIFE_MS (24 * 3600 * INT64_C(1000))
#define PROPOSAL_KIND_SIZE 40

struct proposal {
	int64_t id, unit_id, proposed_by, expires_at_ms, decided_at_ms;
	int64_t subject_id; /* the row that it is about */
	int64_t given_by;   /* who gave the present password of the account that it is about */
	char kind[PROPOSAL_KIND_SIZE];
	char decision[16]; /* "" open */
	json_t *detail;	   /* owned */
};

/* 1, 0 or negative; release with proposal_done(). */
int proposal_load(struct store_db *db, int64_t id, struct proposal *ret) MUST_CHECK;
void proposal_done(struct proposal *p);
#define CLEANUP_PROPOSAL CLEANUP(proposal_done)
/* The roles that may confirm this kind; 0: no such kind. */
unsigned proposal_roles(const char *kind);
/* The same person proposed it, gains by it, or knows the password of the account that it is about:
 * none of them confirms. */
bool proposal_is_own(const struct proposal *p, const struct account *account);
/* Whether this account may confirm it now. */
bool proposal_may_confirm(const struct proposal *p, const struct account *account,
			  const char *unit_path, int64_t now_ms);

struct proposal_spec {
	const char *kind; /* "account.totp-reset": the act that it will be */
	int64_t unit_id;  /* whose scope decides who may confirm */
	int64_t subject_id;
	const char *reason;
	json_t *detail; /* taken over; NULL is -ENOMEM */
};

/* Whether a second person has confirmed what `proposer` proposed, since then. */
int proposal_was_confirmed(struct store_db *db, const char *kind, int64_t subject_id,
			   int64_t proposer, int64_t since_ms, bool *ret) MUST_CHECK;
/* "proposal.make"; refused when the same is open already. `who->account` proposes. */
int proposal_make(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct proposal_spec *spec, int64_t *ret_id,
		  struct refused *why) MUST_CHECK;
/* "proposal.refuse", or "proposal.confirm" followed by the effect's own entry. The caller has
 * checked proposal_may_confirm(). `means`: to sign with. `ret_code`: for whom confirms alone, when
 * the effect is that an account awaits its owner (account_entry.h); else its text is "". */
int proposal_decide(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		    bool confirm, const struct proposal_means *means,
		    struct account_entry_code *ret_code, struct refused *why) MUST_CHECK;
