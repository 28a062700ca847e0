#define _GNU_SOURCE
#include "crypto/bank_ca.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/md5.h"
#include "crypto/pkey.h"

#define CA_MAX ((size_t)1 << 20)
#define LISTS_MAX ((size_t)64 << 20)
#define NAME_MAX_BYTES 1024 /* the engine's, which cuts a longer name likewise */

struct issuer {
	char key[ISSUER_KEY_SIZE];
	X509 *cert;
	X509_CRL *list; /* NULL: none */
	bool revoked;
};

struct bank_ca {
	struct issuer *issuers;
	size_t count;
	int64_t lists_until_ms;
};

static void free_infos(STACK_OF(X509_INFO) * infos)
{
	sk_X509_INFO_pop_free(infos, X509_INFO_free);
}
DEFINE_SSL_CLEANUP(STACK_OF(X509_INFO), free_infos)
#define CLEANUP_INFOS CLEANUP(free_infos_cleanup)

static void make_key(const X509_NAME *name, char ret[static ISSUER_KEY_SIZE])
{
	char line[NAME_MAX_BYTES];
	uint8_t digest[MD5_SIZE];
	struct md5 m;

	X509_NAME_oneline(name, line, sizeof(line));
	md5_init(&m);
	md5_add(&m, line, strlen(line));
	md5_end(&m, digest);
	hex_encode(ret, digest, sizeof(digest));
}

static int read_infos(const char *path, size_t max, STACK_OF(X509_INFO) * *ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	CLEANUP_BIO BIO *bio = NULL;
	int err = file_read(path, max, &text);

	if (err)
		return err;
	bio = BIO_new_mem_buf(text.data, (int)text.len);
	if (!bio)
		return -ENOMEM;
	*ret = PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL);
	return *ret ? 0 : pkey_error();
}

static int take_issuers(struct bank_ca *b, STACK_OF(X509_INFO) * infos)
{
	int count = sk_X509_INFO_num(infos);

	b->issuers = calloc((size_t)MAX(count, 1), sizeof(*b->issuers));
	if (!b->issuers)
		return -ENOMEM;
	for (int i = 0; i < count; i++) {
		X509_INFO *info = sk_X509_INFO_value(infos, i);
		struct issuer *at = &b->issuers[b->count];

		if (!info->x509)
			continue;
		if (X509_check_ca(info->x509) < 1)
			return -EBADMSG;
		at->cert = TAKE_PTR(info->x509);
		make_key(X509_get_subject_name(at->cert), at->key);
		b->count++;
	}
	return b->count ? 0 : -EBADMSG;
}

static void note_date(struct bank_ca *b, const X509_CRL *list)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);
	int64_t until_ms;
	struct tm tm;

	if (!next || ASN1_TIME_to_tm(next, &tm) != 1)
		return;
	until_ms = (int64_t)timegm(&tm) * SECOND_MS;
	if (!b->lists_until_ms || until_ms < b->lists_until_ms)
		b->lists_until_ms = until_ms;
}

/* To the certificate that signed it; of two lists the later one counts. */
static int take_list(struct bank_ca *b, X509_INFO *info)
{
	for (size_t i = 0; i < b->count; i++) {
		struct issuer *at = &b->issuers[i];

		if (X509_NAME_cmp(X509_CRL_get_issuer(info->crl),
				  X509_get_subject_name(at->cert)) != 0 ||
		    X509_CRL_verify(info->crl, X509_get0_pubkey(at->cert)) != 1)
			continue;
		note_date(b, info->crl);
		if (at->list && ASN1_TIME_compare(X509_CRL_get0_lastUpdate(info->crl),
						  X509_CRL_get0_lastUpdate(at->list)) < 0)
			return 0;
		X509_CRL_free(at->list);
		at->list = TAKE_PTR(info->crl);
		return 0;
	}
	return -EBADMSG;
}

static const struct issuer *find(const struct bank_ca *b, const char *key)
{
	for (size_t i = 0; i < b->count; i++)
		if (text_equal(b->issuers[i].key, key))
			return &b->issuers[i];
	return NULL;
}

static bool is_listed(const struct issuer *by, const ASN1_INTEGER *serial)
{
	X509_REVOKED *entry = NULL;

	/* 2: taken off the list again. */
	return by && by->list &&
	       X509_CRL_get0_by_serial(by->list, &entry, (ASN1_INTEGER *)(uintptr_t)serial) == 1;
}

/* An issuing certificate may stand on the list of the one above it. */
static void mark_revoked(struct bank_ca *b)
{
	char above[ISSUER_KEY_SIZE];

	for (size_t i = 0; i < b->count; i++) {
		struct issuer *at = &b->issuers[i];

		make_key(X509_get_issuer_name(at->cert), above);
		at->revoked = is_listed(find(b, above), X509_get0_serialNumber(at->cert));
	}
}

static int take_lists(struct bank_ca *b, const char *path)
{
	CLEANUP_INFOS STACK_OF(X509_INFO) *infos = NULL;
	int err = read_infos(path, LISTS_MAX, &infos), found = 0;

	for (int i = 0; !err && i < sk_X509_INFO_num(infos); i++) {
		X509_INFO *info = sk_X509_INFO_value(infos, i);

		if (!info->crl)
			continue;
		err = take_list(b, info);
		found++;
	}
	if (!err && !found)
		err = -EBADMSG;
	if (!err)
		mark_revoked(b);
	return err;
}

int bank_ca_load(const char *ca_path, const char *crl_path, struct bank_ca **ret)
{
	CLEANUP_INFOS STACK_OF(X509_INFO) *infos = NULL;
	CLEANUP_BANK_CA struct bank_ca *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	err = read_infos(ca_path, CA_MAX, &infos);
	if (!err)
		err = take_issuers(b, infos);
	if (!err && crl_path)
		err = take_lists(b, crl_path);
	(void)pkey_error();
	if (err)
		return err;
	*ret = TAKE_PTR(b);
	return 0;
}

void bank_ca_free(struct bank_ca *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++) {
		X509_free(b->issuers[i].cert);
		X509_CRL_free(b->issuers[i].list);
	}
	free(b->issuers);
	free(b);
}

bool bank_ca_issues(const struct bank_ca *b, const char *issuer_key)
{
	const struct issuer *by = find(b, issuer_key);

	return by && !by->revoked;
}

bool bank_ca_revoked(const struct bank_ca *b, const char *issuer_key, const char *serial)
{
	ASN1_INTEGER *number = NULL;
	BIGNUM *bn = NULL;
	bool revoked = true; /* a serial that is none is nobody's */

	if (BN_hex2bn(&bn, serial) > 0)
		number = BN_to_ASN1_INTEGER(bn, NULL);
	if (number)
		revoked = is_listed(find(b, issuer_key), number);
	ASN1_INTEGER_free(number);
	BN_free(bn);
	return revoked;
}

int64_t bank_ca_lists_until_ms(const struct bank_ca *b)
{
	return b->lists_until_ms;
}

int issuer_key_load(const char *ca_path, char ret[static ISSUER_KEY_SIZE])
{
	CLEANUP_BUF struct buf pem = BUF_INIT;
	CLEANUP_X509 X509 *cert = NULL;
	int err = file_read(ca_path, CA_MAX, &pem);

	if (!err)
		err = x509_parse(pem.data, pem.len, &cert);
	if (err)
		return err;
	make_key(X509_get_subject_name(cert), ret);
	return 0;
}
