/* Private to crypto: what a ca holds. */
#pragma once

#include <openssl/x509.h>

#include "crypto/ca.h"
#include "crypto/pkey.h"

#define URN_TERMINAL "urn:menshen:terminal:"
#define URN_GATE "urn:menshen:gate:"

struct ca {
	X509 *cert;
	EVP_PKEY *key; /* NULL: verify only */
	X509_STORE *store;
	struct buf pem;
};

/* Version, random serial, issuer, dates and public key; the extensions come after. */
int cert_begin(X509 *cert, const X509_NAME *issuer, EVP_PKEY *public, int64_t not_before_ms,
	       int64_t not_after_ms) MUST_CHECK;
int cert_set_common_name(X509_NAME *name, const char *common_name) MUST_CHECK;
/* An extension in OpenSSL's notation; `text` is never made of foreign bytes. */
int cert_add_text_extension(X509 *cert, X509 *issuer, int nid, const char *text) MUST_CHECK;
bool cert_gate_name_ok(const char *name);
/* -EBADMSG for anything but a P-256 key. */
int cert_check_p256(EVP_PKEY *key) MUST_CHECK;
int cert_read(X509 *cert, struct cert_info *ret) MUST_CHECK;
