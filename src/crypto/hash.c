#include "crypto/hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/text.h"
#include "crypto/sm3_lanes.h"

static const struct {
	const char *name;
	const char *fetch;
} kinds[] = {
	[HASH_SM3] = {"sm3", "SM3"},
	[HASH_SHA256] = {"sha256", "SHA256"},
};

struct hasher {
	enum hash_kind kind;
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

const char *hash_kind_name(enum hash_kind kind)
{
	return kinds[kind].name;
}

int hash_kind_parse(const char *name, enum hash_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_equal(name, kinds[i].name)) {
			*ret = (enum hash_kind)i;
			return 0;
		}
	return -EINVAL;
}

int hasher_new(enum hash_kind kind, struct hasher **ret)
{
	CLEANUP_HASHER struct hasher *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->kind = kind;
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx)
		return -ENOMEM;
	h->md = EVP_MD_fetch(NULL, kinds[kind].fetch, NULL);
	if (!h->md || EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1) {
		ERR_clear_error();
		return -ENOMEM;
	}
	*ret = TAKE_PTR(h);
	return 0;
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	free(h);
}

enum hash_kind hasher_kind(const struct hasher *h)
{
	return h->kind;
}

int hasher_begin(struct hasher *h)
{
	return EVP_DigestInit_ex2(h->ctx, NULL, NULL) == 1 ? 0 : -ENOMEM;
}

int hasher_add(struct hasher *h, const void *data, size_t len)
{
	return !len || EVP_DigestUpdate(h->ctx, data, len) == 1 ? 0 : -ENOMEM;
}

int hasher_end(struct hasher *h, uint8_t ret[static HASH_SIZE])
{
	return EVP_DigestFinal_ex(h->ctx, ret, NULL) == 1 ? 0 : -ENOMEM;
}

int hasher_pieces(struct hasher *h, const struct piece *pieces, size_t count,
		  uint8_t ret[static HASH_SIZE])
{
	int r = hasher_begin(h);

	for (size_t i = 0; !r && i < count; i++)
		r = hasher_add(h, pieces[i].data, pieces[i].len);
	return r ? r : hasher_end(h, ret);
}

int hasher_many(struct hasher *h, const uint8_t *messages, size_t size, size_t count,
		uint8_t (*ret)[HASH_SIZE])
{
	size_t i = 0;
	int r = 0;

	if (h->kind == HASH_SM3 && sm3_lanes_pay())
		for (; i + SM3_LANES <= count; i += SM3_LANES)
			sm3_lanes(messages + i * size, size, ret + i);
	for (; !r && i < count; i++)
		r = hasher_pieces(h, &PIECE(messages + i * size, size), 1, ret[i]);
	return r;
}

int hash_bytes(enum hash_kind kind, const void *data, size_t len, uint8_t ret[static HASH_SIZE])
{
	CLEANUP_HASHER struct hasher *h = NULL;
	int r = hasher_new(kind, &h);

	if (r)
		return r;
	return hasher_pieces(h, &PIECE(data, len), 1, ret);
}
