/* The plain MD5 functions of OpenSSL are marked deprecated; EVP costs ten times as much per packet.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/md5.h"

#include <openssl/md5.h>
#include <string.h>

#include "crypto/secret.h"

_Static_assert(sizeof(MD5_CTX) <= sizeof(struct md5), "struct md5 holds an MD5_CTX");

#define HMAC_BLOCK 64

static MD5_CTX *state_of(struct md5 *m)
{
	return (MD5_CTX *)(void *)m->state;
}

void md5_init(struct md5 *m)
{
	MD5_Init(state_of(m));
}

void md5_add(struct md5 *m, const void *data, size_t len)
{
	if (len)
		MD5_Update(state_of(m), data, len);
}

void md5_end(struct md5 *m, uint8_t ret[static MD5_SIZE])
{
	MD5_Final(ret, state_of(m));
}

void md5_words(const struct md5 *m, uint32_t ret[static 4])
{
	const MD5_CTX *c = (const void *)m->state;

	ret[0] = c->A;
	ret[1] = c->B;
	ret[2] = c->C;
	ret[3] = c->D;
}

void md5_pieces(const struct piece *pieces, size_t count, uint8_t ret[static MD5_SIZE])
{
	struct md5 m;

	md5_init(&m);
	for (size_t i = 0; i < count; i++)
		md5_add(&m, pieces[i].data, pieces[i].len);
	md5_end(&m, ret);
}

static void absorb_pad(struct md5 *m, const uint8_t *key, size_t len, uint8_t pad)
{
	uint8_t block[HMAC_BLOCK];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < len; i++)
		block[i] ^= key[i];
	md5_init(m);
	md5_add(m, block, sizeof(block));
	secret_wipe(block, sizeof(block));
}

void hmac_md5_key_init(struct hmac_md5_key *k, const void *secret, size_t len)
{
	uint8_t digest[MD5_SIZE];

	if (len > HMAC_BLOCK) {
		md5_pieces(&PIECE(secret, len), 1, digest);
		secret = digest;
		len = sizeof(digest);
	}
	absorb_pad(&k->inner, secret, len, 0x36);
	absorb_pad(&k->outer, secret, len, 0x5c);
	secret_wipe(digest, sizeof(digest));
}

void hmac_md5(const struct hmac_md5_key *k, const struct piece *pieces, size_t count,
	      uint8_t ret[static MD5_SIZE])
{
	struct md5 m = k->inner;
	uint8_t digest[MD5_SIZE];

	for (size_t i = 0; i < count; i++)
		md5_add(&m, pieces[i].data, pieces[i].len);
	md5_end(&m, digest);
	m = k->outer;
	md5_add(&m, digest, sizeof(digest));
	md5_end(&m, ret);
}
