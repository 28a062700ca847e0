/*
 * The bank's own certificate authority, beside the built-in one: which certificates are issuing
 * ones, and which leaves its revocation lists name (RFC 5280). FreeRADIUS builds and checks the
 * chain; this says who issued and whether it was taken back.
 *
 * An issuer is named by the MD5 of its one-line name, in lower-case hexadecimal, because that is
 * what the EAP engine can say in one attribute; it is a key here, not a proof.
 */
#pragma once

#include "base/util.h"

#define ISSUER_KEY_SIZE 33 /* with NUL */

struct bank_ca;

/*
 * `ca_path`: every issuing certificate of the bank, root included, as PEM; `crl_path`: its lists as
 * PEM, NULL for none. -EBADMSG: no certificate, one that is no CA's, or a list that none of them
 * signed. -EFBIG. Logs nothing.
 */
int bank_ca_load(const char *ca_path, const char *crl_path, struct bank_ca **ret) MUST_CHECK;
void bank_ca_free(struct bank_ca *b);
/* It is one of the bank's issuers and none of them took it back. */
bool bank_ca_issues(const struct bank_ca *b, const char *issuer_key);
/* `serial`: hexadecimal. A list past its date still counts: it knows no less than it did. */
bool bank_ca_revoked(const struct bank_ca *b, const char *issuer_key, const char *serial);
/* When the first list wants to be replaced, wall-clock ms; 0 without lists or dates. */
int64_t bank_ca_lists_until_ms(const struct bank_ca *b);
/* The key of the first certificate in a PEM file, as issuer: the built-in CA's. */
int issuer_key_load(const char *ca_path, char ret[static ISSUER_KEY_SIZE]) MUST_CHECK;

static inline void bank_ca_free_cleanup(struct bank_ca **b)
{
	bank_ca_free(*b);
}
#define CLEANUP_BANK_CA CLEANUP(bank_ca_free_cleanup)
