/*
 * Secrets at rest (invariant 10).
 *
 * 1. A seal key: 32 random bytes in a file; AES-256-GCM (NIST SP 800-38D) with a random nonce.
 *    Sealed bytes: 0x01 | nonce[12] | ciphertext | tag[16].
 *    In production the file comes from systemd's LoadCredential: seal_key_path() looks into
 *    $CREDENTIALS_DIRECTORY first.
 * 2. A sealing pair: anybody with the public half seals, only the private half opens. The server
 *    seals each NT hash so and cannot open it again; gates hold the private half. Ephemeral X25519
 *    (RFC 7748), HKDF-SHA256 (RFC 5869) with salt = ephemeral public | recipient public and info
 *    "menshen seal 2", giving key[32] | nonce[12] for AES-256-GCM.
 *    Sealed bytes: 0x02 | ephemeral public[32] | ciphertext | tag[16].
 *
 * `context` names what the bytes are ("account:17:nt") and is bound in as associated data: sealed
 * bytes moved to another place do not open. Keys may be used by several threads at once.
 */
#pragma once

#include "base/buf.h"

#define SEAL_OVERHEAD 29	/* bytes more than the plain text */
#define SEAL_PUBLIC_OVERHEAD 49 /* the same for a sealing pair */
#define SEAL_PLAIN_MAX 65536
#define SEAL_PATH_SIZE 4096

struct seal_key;

/* The file of credential `name`: in $CREDENTIALS_DIRECTORY when it is there, else `fallback`. */
int seal_key_path(const char *name, const char *fallback,
		  char ret[static SEAL_PATH_SIZE]) MUST_CHECK;
/* Reads 32 bytes; -EBADMSG for any other size, -EPERM when group or others may read the file. */
int seal_key_load(const char *path, struct seal_key **ret) MUST_CHECK;
/* Loads, or makes the file (0600) when there is none. */
int seal_key_load_or_make(const char *path, struct seal_key **ret) MUST_CHECK;
#define SEAL_SALT_SIZE 16
/* scrypt (RFC 7914; N 32768, r 8, p 1): a tenth of a second and 32 MiB. */
int seal_key_from_passphrase(const void *passphrase, size_t len,
			     const uint8_t salt[static SEAL_SALT_SIZE],
			     struct seal_key **ret) MUST_CHECK;
void seal_key_free(struct seal_key *k);

/* Appends sealed bytes to `ret`. */
int seal_bytes(const struct seal_key *k, const char *context, const void *plain, size_t len,
	       struct buf *ret) MUST_CHECK;
/* Appends the plain bytes to `ret`; -EBADMSG when altered, of another key or context. */
int seal_open(const struct seal_key *k, const char *context, const void *sealed, size_t len,
	      struct buf *ret) MUST_CHECK;

struct seal_pair;

int seal_pair_make(struct seal_pair **ret) MUST_CHECK;
/* PEM "PRIVATE KEY" of X25519; saved 0600. */
int seal_pair_load(const char *path, struct seal_pair **ret) MUST_CHECK;
int seal_pair_save(const struct seal_pair *p, const char *path) MUST_CHECK;
/* The public half alone, PEM "PUBLIC KEY". */
int seal_pair_from_public_pem(const void *pem, size_t len, struct seal_pair **ret) MUST_CHECK;
int seal_pair_public_pem(const struct seal_pair *p, struct buf *ret) MUST_CHECK;
/* The private half as PEM, to hand a new gate the pair (over its mTLS link only; wipe it). */
int seal_pair_private_pem(const struct seal_pair *p, struct buf *ret) MUST_CHECK;
int seal_pair_from_private_pem(const void *pem, size_t len, struct seal_pair **ret) MUST_CHECK;
void seal_pair_free(struct seal_pair *p);

int seal_to_public(const struct seal_pair *p, const char *context, const void *plain, size_t len,
		   struct buf *ret) MUST_CHECK;
/* -EPERM when `p` is a public half; -EBADMSG as seal_open(). */
int seal_open_private(const struct seal_pair *p, const char *context, const void *sealed,
		      size_t len, struct buf *ret) MUST_CHECK;

static inline void seal_key_free_cleanup(struct seal_key **k)
{
	seal_key_free(*k);
}
static inline void seal_pair_free_cleanup(struct seal_pair **p)
{
	seal_pair_free(*p);
}
#define CLEANUP_SEAL_KEY CLEANUP(seal_key_free_cleanup)
#define CLEANUP_SEAL_PAIR CLEANUP(seal_pair_free_cleanup)
