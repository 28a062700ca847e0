#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "crypto/ca_private.h"
#include "crypto/secret.h"

DEFINE_SSL_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free)

static int read_serial(const X509 *cert, char ret[static CERT_SERIAL_SIZE])
{
	BIGNUM *bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	uint8_t bytes[(CERT_SERIAL_SIZE - 1) / 2];
	int r = -EBADMSG;

	if (bn && !BN_is_negative(bn) && BN_num_bytes(bn) <= (int)sizeof(bytes)) {
		hex_encode(ret, bytes, (size_t)BN_bn2bin(bn, bytes));
		r = 0;
	}
	BN_free(bn);
	return r;
}

static int read_time(const ASN1_TIME *time, int64_t *ret)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return -EBADMSG;
	*ret = (int64_t)timegm(&tm) * SECOND_MS;
	return 0;
}

static void read_common_name(const X509 *cert, char ret[static CERT_NAME_SIZE])
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	int len;

	ret[0] = 0;
	if (at < 0)
		return;
	len = ASN1_STRING_to_UTF8(&text,
				  X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (len > 0 && text_is_clean((char *)text, (size_t)len) &&
	    text_copy_n(ret, CERT_NAME_SIZE, (char *)text, (size_t)len))
		ret[0] = 0;
	OPENSSL_free(text);
}

/* One URI of ours; others are passed over. */
static int read_urn(const char *urn, struct cert_info *info)
{
	static const char ours[] = "urn:menshen:";

	if (!text_starts(urn, ours))
		return 0;
	if (info->holder != CERT_OTHER)
		return -EBADMSG;
	if (text_starts(urn, URN_TERMINAL)) {
		info->holder = CERT_TERMINAL;
		return uuid_parse(urn + sizeof(URN_TERMINAL) - 1, &info->terminal) ? -EBADMSG : 0;
	}
	if (text_starts(urn, URN_GATE) && cert_gate_name_ok(urn + sizeof(URN_GATE) - 1)) {
		info->holder = CERT_GATE;
		return text_copy(info->gate, sizeof(info->gate), urn + sizeof(URN_GATE) - 1);
	}
	return -EBADMSG;
}

static int read_holder(X509 *cert, struct cert_info *info)
{
	int critical = 0;
	CLEANUP(GENERAL_NAMES_free_cleanup)
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);
	char urn[sizeof(URN_TERMINAL) + CERT_NAME_SIZE];
	int r = 0;

	if (!names)
		return critical == -1 ? 0 : -EBADMSG;
	for (int i = 0; !r && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *value;
		size_t len;

		if (name->type != GEN_URI)
			continue;
		value = name->d.uniformResourceIdentifier;
		len = (size_t)ASN1_STRING_length(value);
		if (len >= sizeof(urn) || memchr(ASN1_STRING_get0_data(value), 0, len))
			continue;
		memcpy(urn, ASN1_STRING_get0_data(value), len);
		urn[len] = 0;
		r = read_urn(urn, info);
	}
	return r;
}

int cert_read(X509 *cert, struct cert_info *ret)
{
	struct cert_info info = {.holder = CERT_OTHER};
	int r = read_serial(cert, info.serial);

	if (!r)
		r = read_time(X509_get0_notBefore(cert), &info.not_before_ms);
	if (!r)
		r = read_time(X509_get0_notAfter(cert), &info.not_after_ms);
	if (!r)
		r = read_holder(cert, &info);
	(void)pkey_error();
	if (r)
		return r;
	read_common_name(cert, info.common_name);
	*ret = info;
	return 0;
}

int cert_parse(const void *pem, size_t len, struct cert_info *ret)
{
	CLEANUP_X509 X509 *cert = NULL;
	int r = len > CERT_PEM_MAX ? -EBADMSG : x509_parse(pem, len, &cert);

	return r ? r : cert_read(cert, ret);
}

int cert_parse_der(const void *der, size_t len, struct cert_info *ret)
{
	const unsigned char *at = der;
	CLEANUP_X509 X509 *cert = NULL;

	if (len > CERT_PEM_MAX)
		return -EBADMSG;
	cert = d2i_X509(NULL, &at, (long)len);
	if (!cert)
		return pkey_error();
	if (at != (const unsigned char *)der + len)
		return -EBADMSG;
	return cert_read(cert, ret);
}

static int put_request(const char *common_name, EVP_PKEY *key, struct buf *ret_csr_pem)
{
	CLEANUP_X509_REQ X509_REQ *request = X509_REQ_new();
	CLEANUP_BIO BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;
	int r;

	if (!request || !bio)
		return -ENOMEM;
	r = cert_set_common_name(X509_REQ_get_subject_name(request), common_name);
	if (r)
		return r;
	if (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
	    X509_REQ_set_pubkey(request, key) != 1 ||
	    X509_REQ_sign(request, key, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509_REQ(bio, request) != 1)
		return pkey_error();
	len = BIO_get_mem_data(bio, &text);
	buf_append(ret_csr_pem, text, (size_t)len);
	return ret_csr_pem->error;
}

int csr_make(const char *common_name, struct buf *ret_key_pem, struct buf *ret_csr_pem)
{
	CLEANUP_PKEY EVP_PKEY *key = NULL;
	int r = pkey_make("EC", "P-256", &key);

	if (!r)
		r = put_request(common_name, key, ret_csr_pem);
	return r ? r : pkey_put_private(key, ret_key_pem);
}

int csr_make_for_key(const char *common_name, const void *key_pem, size_t len,
		     struct buf *ret_csr_pem)
{
	CLEANUP_PKEY EVP_PKEY *key = NULL;
	int r = pkey_parse_private(key_pem, len, &key);

	if (!r)
		r = cert_check_p256(key);
	return r ? r : put_request(common_name, key, ret_csr_pem);
}
