/* What the engine says in attributes of ours: who was proven, and why it said no. */
#pragma once

#include "gate/knock.h"

/*
 * Fills method and account or serial from an Access-Accept. REASON_OK, or REASON_IDENTITY_MISSING:
 * an Accept that names nobody, or nobody that could be one, admits nobody.
 */
enum reason engine_word_identity(const struct radius_packet *p, struct proven *who);
/* Why an Access-Reject; fills the account that was claimed, for the record. Never REASON_OK. */
enum reason engine_word_cause(const struct radius_packet *p, struct proven *who);
