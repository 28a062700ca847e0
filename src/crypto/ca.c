#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/ca_private.h"

/* Takes certificate and key over, on failure too. */
static int wrap(X509 *cert, EVP_PKEY *key, struct ca **ret)
{
	CLEANUP_CA struct ca *ca = calloc(1, sizeof(*ca));
	int r;

	if (!ca) {
		X509_free(cert);
		EVP_PKEY_free(key);
		return -ENOMEM;
	}
	buf_init(&ca->pem, CERT_PEM_MAX);
	ca->cert = cert;
	ca->key = key;
	if (X509_check_ca(cert) != 1 || (key && X509_check_private_key(cert, key) != 1)) {
		(void)pkey_error();
		return -EBADMSG;
	}
	ca->store = X509_STORE_new();
	if (!ca->store || X509_STORE_add_cert(ca->store, cert) != 1)
		return -ENOMEM;
	r = x509_put(cert, &ca->pem);
	if (r)
		return r;
	*ret = TAKE_PTR(ca);
	return 0;
}

static int build_root(X509 *cert, EVP_PKEY *key, const char *common_name, int64_t now_ms,
		      unsigned days)
{
	int r = cert_set_common_name(X509_get_subject_name(cert), common_name);

	if (!r)
		r = cert_begin(cert, X509_get_subject_name(cert), key, now_ms - DAY_MS,
			       now_ms + days * DAY_MS);
	if (!r)
		r = cert_add_text_extension(cert, cert, NID_basic_constraints,
					    "critical,CA:TRUE,pathlen:0");
	if (!r)
		r = cert_add_text_extension(cert, cert, NID_key_usage,
					    "critical,keyCertSign,cRLSign");
	if (!r)
		r = cert_add_text_extension(cert, cert, NID_subject_key_identifier, "hash");
	if (!r && X509_sign(cert, key, EVP_sha256()) <= 0)
		r = pkey_error();
	return r;
}

int ca_make(const char *common_name, int64_t now_ms, unsigned days, struct ca **ret)
{
	CLEANUP_X509 X509 *cert = X509_new();
	CLEANUP_PKEY EVP_PKEY *key = NULL;
	int r;

	if (!cert)
		return -ENOMEM;
	r = pkey_make("EC", "P-256", &key);
	if (!r)
		r = build_root(cert, key, common_name, now_ms, days);
	return r ? r : wrap(TAKE_PTR(cert), TAKE_PTR(key), ret);
}

int ca_from_pem(const void *cert_pem, size_t len, struct ca **ret)
{
	X509 *cert = NULL;
	int r = x509_parse(cert_pem, len, &cert);

	return r ? r : wrap(cert, NULL, ret);
}

int ca_load(const char *cert_path, const char *key_path, struct ca **ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	CLEANUP_X509 X509 *cert = NULL;
	CLEANUP_PKEY EVP_PKEY *key = NULL;
	int r = file_read(cert_path, CERT_PEM_MAX, &text);

	if (!r)
		r = x509_parse(text.data, text.len, &cert);
	if (!r && key_path)
		r = pkey_load_private(key_path, &key);
	return r ? r : wrap(TAKE_PTR(cert), TAKE_PTR(key), ret);
}

int ca_save(const struct ca *ca, const char *cert_path, const char *key_path)
{
	int r = 0;

	if (key_path)
		r = ca->key ? pkey_save_private(ca->key, key_path) : -EPERM;
	return r ? r : file_replace(cert_path, ca->pem.data, ca->pem.len, 0644);
}

const char *ca_pem(const struct ca *ca)
{
	return buf_str(&ca->pem);
}

void ca_free(struct ca *ca)
{
	if (!ca)
		return;
	X509_STORE_free(ca->store);
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	buf_done(&ca->pem);
	free(ca);
}

/* Dates are judged after trust: a date alone never stops the walk up the chain. */
static int forgive_dates(int ok, X509_STORE_CTX *ctx)
{
	int *seen = X509_STORE_CTX_get_app_data(ctx);
	int error = X509_STORE_CTX_get_error(ctx);

	if (ok)
		return 1;
	if (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID)
		return 0;
	*seen = error;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

int ca_verify(const struct ca *ca, const void *pem, size_t len, int64_t at_ms, enum cert_state *ret)
{
	CLEANUP_X509 X509 *cert = NULL;
	X509_STORE_CTX *ctx;
	int date_error = 0, trusted;
	int r = x509_parse(pem, len, &cert);

	if (r)
		return r;
	ctx = X509_STORE_CTX_new();
	if (!ctx || X509_STORE_CTX_init(ctx, ca->store, cert, NULL) != 1) {
		X509_STORE_CTX_free(ctx);
		return -ENOMEM;
	}
	X509_STORE_CTX_set_app_data(ctx, &date_error);
	X509_STORE_CTX_set_verify_cb(ctx, forgive_dates);
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), at_ms / SECOND_MS);
	trusted = X509_verify_cert(ctx);
	X509_STORE_CTX_free(ctx);
	(void)pkey_error();
	if (trusted != 1)
		*ret = CERT_UNTRUSTED;
	else if (date_error)
		*ret = date_error == X509_V_ERR_CERT_HAS_EXPIRED ? CERT_EXPIRED
								 : CERT_NOT_YET_VALID;
	else
		*ret = CERT_GOOD;
	return 0;
}
