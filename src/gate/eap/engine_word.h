/* What the engine says in attributes of ours: who was proven, and why it said no. */
#pragma once

#include "crypto/bank_ca.h"
#include "gate/knock/knock.h"

/* What a certificate said beside its serial; "" when it did not. */
struct shown_certificate {
	char issuer[ISSUER_KEY_SIZE];
	char name[ACCOUNT_NAME_SIZE];
};

/*
 * Fills method and account or serial from an Access-Accept. REASON_OK, or REASON_IDENTITY_MISSING:
 * an Accept that names nobody, or nobody that could be one, admits nobody.
 */
enum reason engine_word_identity(const struct radius_packet *p, struct proven *who,
				 struct shown_certificate *ret_shown);
/*
 * The directory could not be asked, so nothing is known about the account: a challenge or a Reject
 * that says so must not reach the supplicant (invariant 5).
 */
bool engine_word_directory_down(const struct radius_packet *p);
/* The directory could not be asked; what proved it last was given again. */
bool engine_word_last_known(const struct radius_packet *p);
/* Why an Access-Reject; fills the account that was claimed, for the record. Never REASON_OK. */
enum reason engine_word_cause(const struct radius_packet *p, struct proven *who);
