/*
 * A policy before it is signed. Head office reads the words of the guards that it knows as strictly
 * as a desk will obey them; a desk does not, since a newer head office may know more words.
 */
#pragma once

#include "policy/body.h"

/* As policy_body_check(), and each guard's own words: "guards.egress.bank[2]". */
int policy_draft_check(const json_t *body, char where[static POLICY_WHERE_SIZE]) MUST_CHECK;
