#include "crypto/seal.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/pkey.h"
#include "crypto/secret.h"

#define SEAL_VERSION 1
#define SEAL_PUBLIC_VERSION 2
#define KEY_SIZE 32
#define NONCE_SIZE 12
#define TAG_SIZE 16
#define X25519_SIZE 32

struct seal_key {
	uint8_t bytes[KEY_SIZE];
};

struct seal_pair {
	EVP_PKEY *key;
	bool private;
	uint8_t public[X25519_SIZE];
};

int seal_key_path(const char *name, const char *fallback, char ret[static SEAL_PATH_SIZE])
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[SEAL_PATH_SIZE];
	int n;

	if (dir && *dir) {
		n = snprintf(path, sizeof(path), "%s/%s", dir, name);
		if (n < 0 || (size_t)n >= sizeof(path))
			return -ENAMETOOLONG;
		if (!access(path, F_OK)) {
			memcpy(ret, path, (size_t)n + 1);
			return 0;
		}
		if (errno != ENOENT)
			return -errno;
	}
	if (strlen(fallback) >= SEAL_PATH_SIZE)
		return -ENAMETOOLONG;
	memcpy(ret, fallback, strlen(fallback) + 1);
	return 0;
}

int seal_key_load(const char *path, struct seal_key **ret)
{
	CLEANUP_SECRET_BUF struct buf bytes = BUF_INIT;
	struct stat st;
	struct seal_key *k;
	int r;

	if (stat(path, &st))
		return -errno;
	if (st.st_mode & 077)
		return -EPERM;
	r = file_read(path, KEY_SIZE + 1, &bytes);
	if (r == -EFBIG || (!r && bytes.len != KEY_SIZE))
		return -EBADMSG;
	if (r)
		return r;
	k = malloc(sizeof(*k));
	if (!k)
		return -ENOMEM;
	memcpy(k->bytes, bytes.data, KEY_SIZE);
	*ret = k;
	return 0;
}

int seal_key_load_or_make(const char *path, struct seal_key **ret)
{
	uint8_t bytes[KEY_SIZE];
	int r = seal_key_load(path, ret);

	if (r != -ENOENT)
		return r;
	random_bytes(bytes, sizeof(bytes));
	r = file_replace(path, bytes, sizeof(bytes), 0600);
	secret_wipe(bytes, sizeof(bytes));
	return r ? r : seal_key_load(path, ret);
}

int seal_key_from_passphrase(const void *passphrase, size_t len,
			     const uint8_t salt[static SEAL_SALT_SIZE], struct seal_key **ret)
{
	struct seal_key *k = malloc(sizeof(*k));

	if (!k)
		return -ENOMEM;
	if (EVP_PBE_scrypt(passphrase, len, salt, SEAL_SALT_SIZE, 32768, 8, 1, 64U << 20, k->bytes,
			   sizeof(k->bytes)) != 1) {
		seal_key_free(k);
		return pkey_error();
	}
	*ret = k;
	return 0;
}

void seal_key_free(struct seal_key *k)
{
	if (!k)
		return;
	secret_wipe(k, sizeof(*k));
	free(k);
}

/* Appends ciphertext and tag. */
static int gcm_seal(const uint8_t *key, const uint8_t *nonce, const char *context,
		    const void *plain, size_t len, struct buf *ret)
{
	CLEANUP_CIPHER_CTX EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *out = buf_reserve(ret, len + TAG_SIZE);
	int n = 0;

	if (!out)
		return ret->error;
	if (!ctx || EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
	    EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *)context, (int)strlen(context)) != 1 ||
	    (len && EVP_EncryptUpdate(ctx, out, &n, plain, (int)len) != 1) ||
	    EVP_EncryptFinal_ex(ctx, out + len, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, out + len) != 1) {
		(void)pkey_error();
		return -ENOMEM;
	}
	ret->len += len + TAG_SIZE;
	ret->data[ret->len] = 0;
	return 0;
}

/* `sealed` is ciphertext and tag. Plain bytes appear in `ret` only when the tag is right. */
static int gcm_open(const uint8_t *key, const uint8_t *nonce, const char *context,
		    const uint8_t *sealed, size_t sealed_len, struct buf *ret)
{
	CLEANUP_CIPHER_CTX EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t len = sealed_len - TAG_SIZE;
	uint8_t *out = buf_reserve(ret, len);
	uint8_t tag[TAG_SIZE];
	int n = 0;

	if (!out)
		return ret->error;
	if (!ctx)
		return -ENOMEM;
	memcpy(tag, sealed + len, TAG_SIZE);
	if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
	    EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)context, (int)strlen(context)) != 1 ||
	    (len && EVP_DecryptUpdate(ctx, out, &n, sealed, (int)len) != 1) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) != 1 ||
	    EVP_DecryptFinal_ex(ctx, out + len, &n) != 1) {
		secret_wipe(out, len);
		return pkey_error();
	}
	ret->len += len;
	ret->data[ret->len] = 0;
	return 0;
}

int seal_bytes(const struct seal_key *k, const char *context, const void *plain, size_t len,
	       struct buf *ret)
{
	uint8_t nonce[NONCE_SIZE];
	size_t start = ret->len;
	int r;

	if (len > SEAL_PLAIN_MAX)
		return -EMSGSIZE;
	random_bytes(nonce, sizeof(nonce));
	buf_put_u8(ret, SEAL_VERSION);
	buf_append(ret, nonce, sizeof(nonce));
	r = gcm_seal(k->bytes, nonce, context, plain, len, ret);
	if (r)
		ret->len = start;
	return r;
}

int seal_open(const struct seal_key *k, const char *context, const void *sealed, size_t len,
	      struct buf *ret)
{
	const uint8_t *p = sealed;

	if (len < SEAL_OVERHEAD || len > SEAL_PLAIN_MAX + SEAL_OVERHEAD || p[0] != SEAL_VERSION)
		return -EBADMSG;
	return gcm_open(k->bytes, p + 1, context, p + 1 + NONCE_SIZE, len - 1 - NONCE_SIZE, ret);
}

/* Takes `key` over, on failure too. */
static int wrap_pair(EVP_PKEY *key, bool private, struct seal_pair **ret)
{
	CLEANUP_SEAL_PAIR struct seal_pair *p = calloc(1, sizeof(*p));
	size_t len = X25519_SIZE;

	if (!p) {
		EVP_PKEY_free(key);
		return -ENOMEM;
	}
	p->key = key;
	p->private = private;
	if (!EVP_PKEY_is_a(key, "X25519"))
		return -EBADMSG;
	if (EVP_PKEY_get_raw_public_key(key, p->public, &len) != 1)
		return pkey_error();
	*ret = TAKE_PTR(p);
	return 0;
}

int seal_pair_make(struct seal_pair **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_make("X25519", NULL, &key);

	return r ? r : wrap_pair(key, true, ret);
}

int seal_pair_load(const char *path, struct seal_pair **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_load_private(path, &key);

	return r ? r : wrap_pair(key, true, ret);
}

int seal_pair_save(const struct seal_pair *p, const char *path)
{
	return p->private ? pkey_save_private(p->key, path) : -EPERM;
}

int seal_pair_from_public_pem(const void *pem, size_t len, struct seal_pair **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_parse_public(pem, len, &key);

	return r ? r : wrap_pair(key, false, ret);
}

int seal_pair_public_pem(const struct seal_pair *p, struct buf *ret)
{
	return pkey_put_public(p->key, ret);
}

int seal_pair_private_pem(const struct seal_pair *p, struct buf *ret)
{
	return p->private ? pkey_put_private(p->key, ret) : -EPERM;
}

int seal_pair_from_private_pem(const void *pem, size_t len, struct seal_pair **ret)
{
	EVP_PKEY *key = NULL;
	int r = pkey_parse_private(pem, len, &key);

	return r ? r : wrap_pair(key, true, ret);
}

void seal_pair_free(struct seal_pair *p)
{
	if (!p)
		return;
	EVP_PKEY_free(p->key);
	free(p);
}

static int agree(EVP_PKEY *own, EVP_PKEY *peer, uint8_t ret[static X25519_SIZE])
{
	CLEANUP_PKEY_CTX EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t len = X25519_SIZE;

	if (!ctx || EVP_PKEY_derive_init(ctx) != 1 || EVP_PKEY_derive_set_peer(ctx, peer) != 1 ||
	    EVP_PKEY_derive(ctx, ret, &len) != 1)
		return pkey_error();
	return 0;
}

static int expand(uint8_t shared[static X25519_SIZE], uint8_t salt[static 2 * X25519_SIZE],
		  uint8_t ret[static KEY_SIZE + NONCE_SIZE])
{
	char digest[] = "SHA256", info[] = "menshen seal 2";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared, X25519_SIZE),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt, 2 * X25519_SIZE),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof(info) - 1),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	int ok = ctx ? EVP_KDF_derive(ctx, ret, KEY_SIZE + NONCE_SIZE, params) : 0;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok == 1 ? 0 : pkey_error();
}

/* Key and nonce of one message, from either side. */
static int message_key(EVP_PKEY *own, EVP_PKEY *peer, const uint8_t *ephemeral,
		       const uint8_t *recipient, uint8_t ret[static KEY_SIZE + NONCE_SIZE])
{
	uint8_t shared[X25519_SIZE], salt[2 * X25519_SIZE];
	int r = agree(own, peer, shared);

	memcpy(salt, ephemeral, X25519_SIZE);
	memcpy(salt + X25519_SIZE, recipient, X25519_SIZE);
	if (!r)
		r = expand(shared, salt, ret);
	secret_wipe(shared, sizeof(shared));
	return r;
}

int seal_to_public(const struct seal_pair *p, const char *context, const void *plain, size_t len,
		   struct buf *ret)
{
	CLEANUP_SEAL_PAIR struct seal_pair *ephemeral = NULL;
	uint8_t key[KEY_SIZE + NONCE_SIZE];
	size_t start = ret->len;
	int r;

	if (len > SEAL_PLAIN_MAX)
		return -EMSGSIZE;
	r = seal_pair_make(&ephemeral);
	if (!r)
		r = message_key(ephemeral->key, p->key, ephemeral->public, p->public, key);
	if (r)
		return r;
	buf_put_u8(ret, SEAL_PUBLIC_VERSION);
	buf_append(ret, ephemeral->public, X25519_SIZE);
	r = gcm_seal(key, key + KEY_SIZE, context, plain, len, ret);
	secret_wipe(key, sizeof(key));
	if (r)
		ret->len = start;
	return r;
}

int seal_open_private(const struct seal_pair *p, const char *context, const void *sealed,
		      size_t len, struct buf *ret)
{
	CLEANUP_PKEY EVP_PKEY *ephemeral = NULL;
	uint8_t key[KEY_SIZE + NONCE_SIZE];
	const uint8_t *bytes = sealed;
	int r;

	if (!p->private)
		return -EPERM;
	if (len < SEAL_PUBLIC_OVERHEAD || len > SEAL_PLAIN_MAX + SEAL_PUBLIC_OVERHEAD ||
	    bytes[0] != SEAL_PUBLIC_VERSION)
		return -EBADMSG;
	ephemeral = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, bytes + 1, X25519_SIZE);
	if (!ephemeral)
		return pkey_error();
	r = message_key(p->key, ephemeral, bytes + 1, p->public, key);
	if (!r)
		r = gcm_open(key, key + KEY_SIZE, context, bytes + 1 + X25519_SIZE,
			     len - 1 - X25519_SIZE, ret);
	secret_wipe(key, sizeof(key));
	return r;
}
