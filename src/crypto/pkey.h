/* Private to crypto: OpenSSL keys and certificates to and from PEM. Every failure leaves OpenSSL's
 * error queue empty, which TLS depends on. */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"

/* -ENOMEM or -EBADMSG, by what OpenSSL's queue says; clears the queue. */
int pkey_error(void);

/* No pass phrase is ever asked for. */
int pkey_parse_private(const void *pem, size_t len, EVP_PKEY **ret) MUST_CHECK;
int pkey_parse_public(const void *pem, size_t len, EVP_PKEY **ret) MUST_CHECK;
int pkey_load_private(const char *path, EVP_PKEY **ret) MUST_CHECK;
int pkey_put_private(const EVP_PKEY *key, struct buf *ret) MUST_CHECK;
int pkey_put_public(const EVP_PKEY *key, struct buf *ret) MUST_CHECK;
int pkey_save_private(const EVP_PKEY *key, const char *path) MUST_CHECK;
/* A new key of "SM2", "ED25519", "X25519" or, with its group, "EC". */
int pkey_make(const char *algorithm, const char *group, EVP_PKEY **ret) MUST_CHECK;

int x509_parse(const void *pem, size_t len, X509 **ret) MUST_CHECK;
int x509_put(const X509 *cert, struct buf *ret) MUST_CHECK;

#define DEFINE_SSL_CLEANUP(type, name)                                                             \
	static inline void name##_cleanup(type **p)                                                \
	{                                                                                          \
		name(*p);                                                                          \
	}

DEFINE_SSL_CLEANUP(EVP_PKEY, EVP_PKEY_free)
DEFINE_SSL_CLEANUP(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_SSL_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free)
DEFINE_SSL_CLEANUP(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
DEFINE_SSL_CLEANUP(X509, X509_free)
DEFINE_SSL_CLEANUP(X509_REQ, X509_REQ_free)
DEFINE_SSL_CLEANUP(BIO, BIO_free_all)

#define CLEANUP_PKEY CLEANUP(EVP_PKEY_free_cleanup)
#define CLEANUP_PKEY_CTX CLEANUP(EVP_PKEY_CTX_free_cleanup)
#define CLEANUP_MD_CTX CLEANUP(EVP_MD_CTX_free_cleanup)
#define CLEANUP_CIPHER_CTX CLEANUP(EVP_CIPHER_CTX_free_cleanup)
#define CLEANUP_X509 CLEANUP(X509_free_cleanup)
#define CLEANUP_X509_REQ CLEANUP(X509_REQ_free_cleanup)
#define CLEANUP_BIO CLEANUP(BIO_free_all_cleanup)
