#include "crypto/secret.h"

#include <openssl/crypto.h>

void secret_wipe(void *data, size_t len)
{
	if (len)
		OPENSSL_cleanse(data, len);
}

void secret_buf_done(struct buf *b)
{
	secret_wipe(b->data, b->size);
	buf_done(b);
}

bool secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
