#include "crypto/pkey.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "crypto/secret.h"

#define PEM_MAX 65536

int pkey_error(void)
{
	unsigned long e;
	int r = -EBADMSG;

	while ((e = ERR_get_error()))
		if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			r = -ENOMEM;
	return r;
}

/* Answers for an encrypted key: there is no pass phrase, and nobody is asked. */
static int no_pass_phrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag, (void)arg;
	return -1;
}

static int open_text(const void *pem, size_t len, BIO **ret)
{
	if (len > PEM_MAX)
		return -EBADMSG;
	*ret = BIO_new_mem_buf(pem, (int)len);
	return *ret ? 0 : -ENOMEM;
}

int pkey_parse_private(const void *pem, size_t len, EVP_PKEY **ret)
{
	CLEANUP_BIO BIO *bio = NULL;
	EVP_PKEY *key;
	int r = open_text(pem, len, &bio);

	if (r)
		return r;
	key = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
	if (!key)
		return pkey_error();
	*ret = key;
	return 0;
}

int pkey_parse_public(const void *pem, size_t len, EVP_PKEY **ret)
{
	CLEANUP_BIO BIO *bio = NULL;
	EVP_PKEY *key;
	int r = open_text(pem, len, &bio);

	if (r)
		return r;
	key = PEM_read_bio_PUBKEY(bio, NULL, no_pass_phrase, NULL);
	if (!key)
		return pkey_error();
	*ret = key;
	return 0;
}

int pkey_load_private(const char *path, EVP_PKEY **ret)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	int r = file_read(path, PEM_MAX, &text);

	return r ? r : pkey_parse_private(text.data, text.len, ret);
}

static int take_text(BIO *bio, int written, struct buf *ret)
{
	char *text = NULL;
	long len;

	if (written != 1)
		return pkey_error();
	len = BIO_get_mem_data(bio, &text);
	buf_append(ret, text, (size_t)len);
	return ret->error;
}

int pkey_put_private(const EVP_PKEY *key, struct buf *ret)
{
	CLEANUP_BIO BIO *bio = BIO_new(BIO_s_secmem());

	if (!bio)
		return -ENOMEM;
	return take_text(bio, PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
			 ret);
}

int pkey_put_public(const EVP_PKEY *key, struct buf *ret)
{
	CLEANUP_BIO BIO *bio = BIO_new(BIO_s_mem());

	if (!bio)
		return -ENOMEM;
	return take_text(bio, PEM_write_bio_PUBKEY(bio, key), ret);
}

int pkey_save_private(const EVP_PKEY *key, const char *path)
{
	CLEANUP_SECRET_BUF struct buf text = BUF_INIT;
	int r = pkey_put_private(key, &text);

	return r ? r : file_replace(path, text.data, text.len, 0600);
}

int pkey_make(const char *algorithm, const char *group, EVP_PKEY **ret)
{
	CLEANUP_PKEY_CTX EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) != 1)
		return pkey_error();
	if (group && EVP_PKEY_CTX_set_group_name(ctx, group) != 1)
		return pkey_error();
	if (EVP_PKEY_generate(ctx, &key) != 1)
		return pkey_error();
	*ret = key;
	return 0;
}

int x509_parse(const void *pem, size_t len, X509 **ret)
{
	CLEANUP_BIO BIO *bio = NULL;
	X509 *cert;
	int r = open_text(pem, len, &bio);

	if (r)
		return r;
	cert = PEM_read_bio_X509(bio, NULL, no_pass_phrase, NULL);
	if (!cert)
		return pkey_error();
	*ret = cert;
	return 0;
}

int x509_put(const X509 *cert, struct buf *ret)
{
	CLEANUP_BIO BIO *bio = BIO_new(BIO_s_mem());

	if (!bio)
		return -ENOMEM;
	return take_text(bio, PEM_write_bio_X509(bio, cert), ret);
}
