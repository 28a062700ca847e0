/*
 * Terminals that hold a certificate of the bank's own CA. The certificate's name says which
 * terminal it is; from then on it stands for the machine, with anybody or nobody logged on, and the
 * agent says who sits there. A person's certificate names no terminal and admits nobody.
 *
 * The revocation lists are read again when their file changes; one that cannot be read leaves what
 * was known in force. The CA itself is read at start.
 */
#pragma once

#include "gate/eap/engine_word.h"

/* Before the certificate's name, where a session or record names an account. */
#define BANK_MACHINE "host/"

/* `ret` is NULL when [eap] names no bank CA. Logs what is wrong. */
int bank_new(const struct settings *s, struct bank **ret) MUST_CHECK;
void bank_free(struct bank *b);
/* A snapshot has to be asked for names before it is used; `b` may be NULL. */
int bank_prepare(const struct bank *b, struct snapshot *s) MUST_CHECK;
/*
 * Which terminal a certificate proves that the engine found good: REASON_OK with `who` as it was
 * for one of the built-in CA, with BANK_MACHINE and its name as account for one of the bank's.
 */
enum reason bank_judge(struct bank *b, const struct shown_certificate *shown, struct proven *who);
bool bank_is_machine(const char *account);
