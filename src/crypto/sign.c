#define _GNU_SOURCE

#include "crypto/sign.h"

#include <openssl/err.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/pkey.h"
#include "crypto/secret.h"

#define KEY_ID_BYTES 8
#define KEY_FILE_MAX 16384

static const struct {
	const char *name;
	const char *algorithm;
	const char *digest;
	const char *identity; /* GB/T 32918.2, 5.5 */
} kinds[] = {
	[SIGN_SM2] = {"sm2", "SM2", "SM3", "1234567812345678"},
	[SIGN_ED25519] = {"ed25519", "ED25519", NULL, NULL},
};

struct sign_key {
	enum sign_kind kind;
	bool private;
	EVP_PKEY *key;
	char id[SIGN_KEY_ID_SIZE];
};

const char *sign_kind_name(enum sign_kind kind)
{
	return kinds[kind].name;
}

int sign_kind_parse(const char *name, enum sign_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_equal(name, kinds[i].name)) {
			*ret = (enum sign_kind)i;
			return 0;
		}
	return -EINVAL;
}

static int key_id(const EVP_PKEY *key, char ret[static SIGN_KEY_ID_SIZE])
{
	uint8_t digest[HASH_SIZE];
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	int r;

	if (len <= 0)
		return pkey_error();
	r = hash_bytes(HASH_SHA256, der, (size_t)len, digest);
	OPENSSL_free(der);
	if (!r)
		hex_encode(ret, digest, KEY_ID_BYTES);
	return r;
}

static int kind_of(const EVP_PKEY *key, enum sign_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (EVP_PKEY_is_a(key, kinds[i].algorithm)) {
			*ret = (enum sign_kind)i;
			return 0;
		}
	return -EBADMSG;
}

/* Takes `key` over, on failure too. */
static int wrap(EVP_PKEY *key, bool private, struct sign_key **ret)
{
	CLEANUP_SIGN_KEY struct sign_key *k = calloc(1, sizeof(*k));
	int r;

	if (!k) {
		EVP_PKEY_free(key);
		return -ENOMEM;
	}
	k->key = key;
	k->private = private;
	r = kind_of(key, &k->kind);
	if (!r)
		r = key_id(key, k->id);
	if (r)
		return r;
	*ret = TAKE_PTR(k);
	return 0;
}

int sign_key_make(enum sign_kind kind, struct sign_key **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_make(kinds[kind].algorithm, NULL, &key);

	return r ? r : wrap(key, true, ret);
}

void sign_key_free(struct sign_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

int sign_key_load(const char *path, struct sign_key **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_load_private(path, &key);

	return r ? r : wrap(key, true, ret);
}

int sign_key_save(const struct sign_key *k, const char *path)
{
	return k->private ? pkey_save_private(k->key, path) : -EPERM;
}

int sign_key_from_public_pem(const void *pem, size_t len, struct sign_key **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_parse_public(pem, len, &key);

	return r ? r : wrap(key, false, ret);
}

int sign_key_public_pem(const struct sign_key *k, struct buf *ret)
{
	return pkey_put_public(k->key, ret);
}

enum sign_kind sign_key_kind(const struct sign_key *k)
{
	return k->kind;
}

bool sign_key_is_private(const struct sign_key *k)
{
	return k->private;
}

const char *sign_key_id(const struct sign_key *k)
{
	return k->id;
}

/* With a key that was parsed before, nothing but missing memory makes these calls fail; the queue
 * does not always say so. */
static int missing_memory(void)
{
	ERR_clear_error();
	return -ENOMEM;
}

/* A wrong signature leaves nothing on OpenSSL's queue, or a complaint of SM2 or of its encoding. */
static int refusal(void)
{
	unsigned long e;
	int r = -EBADMSG;

	while ((e = ERR_get_error()))
		if (ERR_GET_LIB(e) != ERR_LIB_SM2 && ERR_GET_LIB(e) != ERR_LIB_ASN1)
			r = -ENOMEM;
	return r;
}

/* A digest context with the key's algorithm and, for SM2, its identity. */
static int digest_context(const struct sign_key *k, EVP_PKEY_CTX **ret_pctx, EVP_MD_CTX **ret)
{
	const char *identity = kinds[k->kind].identity;
	CLEANUP_MD_CTX EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	CLEANUP_PKEY_CTX EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->key, NULL);

	if (!ctx || !pctx)
		return -ENOMEM;
	if (identity && EVP_PKEY_CTX_set1_id(pctx, identity, (int)strlen(identity)) != 1)
		return missing_memory();
	EVP_MD_CTX_set_pkey_ctx(ctx, pctx);
	*ret_pctx = TAKE_PTR(pctx);
	*ret = TAKE_PTR(ctx);
	return 0;
}

int sign_bytes(const struct sign_key *k, const void *data, size_t len,
	       uint8_t ret[static SIGN_SIZE_MAX], size_t *ret_len)
{
	CLEANUP_PKEY_CTX EVP_PKEY_CTX *pctx = NULL;
	CLEANUP_MD_CTX EVP_MD_CTX *ctx = NULL;
	size_t size = SIGN_SIZE_MAX;
	int r;

	if (!k->private)
		return -EPERM;
	r = digest_context(k, &pctx, &ctx);
	if (r)
		return r;
	if (EVP_DigestSignInit_ex(ctx, NULL, kinds[k->kind].digest, NULL, NULL, k->key, NULL) !=
		    1 ||
	    EVP_DigestSign(ctx, ret, &size, data, len) != 1)
		return missing_memory();
	*ret_len = size;
	return 0;
}

int sign_verify(const struct sign_key *k, const void *data, size_t len, const uint8_t *signature,
		size_t signature_len)
{
	CLEANUP_PKEY_CTX EVP_PKEY_CTX *pctx = NULL;
	CLEANUP_MD_CTX EVP_MD_CTX *ctx = NULL;
	int r = digest_context(k, &pctx, &ctx);

	if (r)
		return r;
	if (EVP_DigestVerifyInit_ex(ctx, NULL, kinds[k->kind].digest, NULL, NULL, k->key, NULL) !=
	    1)
		return missing_memory();
	return EVP_DigestVerify(ctx, signature, signature_len, data, len) == 1 ? 0 : refusal();
}

int sign_keyring_add(struct sign_keyring *ring, struct sign_key *k)
{
	if (sign_keyring_find(ring, k->id)) {
		sign_key_free(k);
		return 0;
	}
	if (ring->count == SIGN_KEYRING_MAX) {
		sign_key_free(k);
		return -ENOSPC;
	}
	ring->keys[ring->count++] = k;
	return 0;
}

int sign_keyring_add_pem(struct sign_keyring *ring, const void *pem, size_t len)
{
	static const char begin[] = "-----BEGIN PUBLIC KEY-----";
	const char *at = len ? memmem(pem, len, begin, sizeof(begin) - 1) : NULL;
	const char *end = (const char *)pem + len;
	int r = at ? 0 : -EBADMSG;

	while (!r && at) {
		const char *rest = at + sizeof(begin) - 1;
		const char *next = memmem(rest, (size_t)(end - rest), begin, sizeof(begin) - 1);
		struct sign_key *k = NULL;

		r = sign_key_from_public_pem(at, (size_t)((next ? next : end) - at), &k);
		if (!r)
			r = sign_keyring_add(ring, k);
		at = next;
	}
	return r;
}

const struct sign_key *sign_keyring_find(const struct sign_keyring *ring, const char *id)
{
	for (size_t i = 0; i < ring->count; i++)
		if (text_equal(ring->keys[i]->id, id))
			return ring->keys[i];
	return NULL;
}

void sign_keyring_done(struct sign_keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		sign_key_free(ring->keys[i]);
	ring->count = 0;
}
