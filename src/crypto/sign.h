/*
 * Signature keys: SM2 with SM3 (GB/T 32918.2-2016), the default, and Ed25519 (RFC 8032).
 *
 * Encodings, so that other programs and a browser can verify:
 * - SM2: ASN.1 DER SEQUENCE { r INTEGER, s INTEGER } (at most 72 bytes), with the standard's
 * default identity "1234567812345678"; the message is hashed with SM3 after Z (GB/T 32918.2, 5.5).
 * - Ed25519: the 64 bytes R || S over the message itself.
 * - Keys: PEM, "PRIVATE KEY" (PKCS #8) and "PUBLIC KEY" (SubjectPublicKeyInfo).
 * - Key id: the first 8 bytes of SHA-256 over the DER SubjectPublicKeyInfo, in hexadecimal.
 *
 * A key may be used by several threads at once.
 */
#pragma once

#include "base/buf.h"

enum sign_kind { SIGN_SM2, SIGN_ED25519 };

#define SIGN_SIZE_MAX 80    /* bytes of any signature */
#define SIGN_KEY_ID_SIZE 17 /* text with NUL */

const char *sign_kind_name(enum sign_kind kind); /* "sm2", "ed25519" */
int sign_kind_parse(const char *name, enum sign_kind *ret) MUST_CHECK;

struct sign_key; /* a private key with its public half, or a public key alone */

int sign_key_make(enum sign_kind kind, struct sign_key **ret) MUST_CHECK;
void sign_key_free(struct sign_key *k);

/* -EBADMSG when the text is no key of the two kinds; the file's own errno otherwise. */
int sign_key_load(const char *path, struct sign_key **ret) MUST_CHECK;
/* Written whole or not at all, mode 0600. -EPERM for a public key. */
int sign_key_save(const struct sign_key *k, const char *path) MUST_CHECK;
int sign_key_from_public_pem(const void *pem, size_t len, struct sign_key **ret) MUST_CHECK;
/* Appends the public half as PEM. */
int sign_key_public_pem(const struct sign_key *k, struct buf *ret) MUST_CHECK;

enum sign_kind sign_key_kind(const struct sign_key *k);
bool sign_key_is_private(const struct sign_key *k);
const char *sign_key_id(const struct sign_key *k); /* 16 hexadecimal digits, lives with the key */

/* -EPERM for a public key. */
int sign_bytes(const struct sign_key *k, const void *data, size_t len,
	       uint8_t ret[static SIGN_SIZE_MAX], size_t *ret_len) MUST_CHECK;
/* 0 when good; -EBADMSG when not; -ENOMEM. */
int sign_verify(const struct sign_key *k, const void *data, size_t len, const uint8_t *signature,
		size_t signature_len) MUST_CHECK;

static inline void sign_key_free_cleanup(struct sign_key **k)
{
	sign_key_free(*k);
}
#define CLEANUP_SIGN_KEY CLEANUP(sign_key_free_cleanup)

/* Public keys to check signatures with, found by id. Owns its keys; zeroed is empty. */
#define SIGN_KEYRING_MAX 64

struct sign_keyring {
	struct sign_key *keys[SIGN_KEYRING_MAX];
	size_t count;
};

/* Takes the key over, on failure too; a second key of the same id is dropped. -ENOSPC when full. */
int sign_keyring_add(struct sign_keyring *r, struct sign_key *k) MUST_CHECK;
/* Adds each "PUBLIC KEY" of a text with one or more; -EBADMSG when there is none. */
int sign_keyring_add_pem(struct sign_keyring *r, const void *pem, size_t len) MUST_CHECK;
const struct sign_key *sign_keyring_find(const struct sign_keyring *r, const char *id);
void sign_keyring_done(struct sign_keyring *r);
