#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/ca_private.h"
#include "crypto/secret.h"

#define SERIAL_BYTES 16

DEFINE_SSL_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free)
DEFINE_SSL_CLEANUP(GENERAL_NAME, GENERAL_NAME_free)

static int set_random_serial(X509 *cert)
{
	uint8_t bytes[SERIAL_BYTES];
	BIGNUM *bn;
	int ok;

	random_bytes(bytes, sizeof(bytes));
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
	bn = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert));
	BN_free(bn);
	return ok ? 0 : -ENOMEM;
}

int cert_begin(X509 *cert, const X509_NAME *issuer, EVP_PKEY *public, int64_t not_before_ms,
	       int64_t not_after_ms)
{
	int r = set_random_serial(cert);

	if (r)
		return r;
	if (X509_set_version(cert, X509_VERSION_3) != 1 ||
	    X509_set_issuer_name(cert, issuer) != 1 || X509_set_pubkey(cert, public) != 1 ||
	    !ASN1_TIME_set(X509_getm_notBefore(cert), not_before_ms / SECOND_MS) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), not_after_ms / SECOND_MS))
		return pkey_error() == -ENOMEM ? -ENOMEM : -EINVAL;
	return 0;
}

int cert_set_common_name(X509_NAME *name, const char *common_name)
{
	size_t len = common_name ? strlen(common_name) : 0;

	if (!len || len >= CERT_NAME_SIZE || !text_is_clean(common_name, len))
		return -EINVAL;
	if (X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)common_name, (int)len, -1, 0) != 1)
		return pkey_error() == -ENOMEM ? -ENOMEM : -EINVAL;
	return 0;
}

int cert_add_text_extension(X509 *cert, X509 *issuer, int nid, const char *text)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	int ok;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
	ok = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok ? 0 : pkey_error();
}

bool cert_gate_name_ok(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	return len && len < CERT_NAME_SIZE &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
		       len;
}

int cert_check_p256(EVP_PKEY *key)
{
	char group[32];
	size_t len;

	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1 ||
	    !text_equal(group, "prime256v1")) {
		(void)pkey_error();
		return -EBADMSG;
	}
	return 0;
}

static int push_name(GENERAL_NAMES *names, int type, const void *data, size_t len)
{
	CLEANUP(GENERAL_NAME_free_cleanup) GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *value =
		ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);

	if (!name || !value || ASN1_STRING_set(value, data, (int)len) != 1) {
		ASN1_STRING_free(value);
		return -ENOMEM;
	}
	GENERAL_NAME_set0_value(name, type, value);
	if (sk_GENERAL_NAME_push(names, name) <= 0)
		return -ENOMEM;
	name = NULL;
	return 0;
}

static int push_holder(GENERAL_NAMES *names, const struct cert_spec *spec)
{
	char urn[sizeof(URN_TERMINAL) + CERT_NAME_SIZE];
	char uuid[UUID_TEXT_SIZE];

	switch (spec->holder) {
	case CERT_TERMINAL:
		if (uuid_is_zero(&spec->terminal))
			return -EINVAL;
		uuid_format(uuid, &spec->terminal);
		snprintf(urn, sizeof(urn), URN_TERMINAL "%s", uuid);
		break;
	case CERT_GATE:
		if (!cert_gate_name_ok(spec->gate))
			return -EINVAL;
		snprintf(urn, sizeof(urn), URN_GATE "%s", spec->gate);
		break;
	default:
		return 0;
	}
	return push_name(names, GEN_URI, urn, strlen(urn));
}

static int push_host(GENERAL_NAMES *names, const char *host)
{
	uint8_t ip[16];

	if (inet_pton(AF_INET, host, ip) == 1)
		return push_name(names, GEN_IPADD, ip, 4);
	if (inet_pton(AF_INET6, host, ip) == 1)
		return push_name(names, GEN_IPADD, ip, 16);
	if (!cert_gate_name_ok(host) || strlen(host) > 253)
		return -EINVAL;
	return push_name(names, GEN_DNS, host, strlen(host));
}

static int add_names(X509 *cert, const struct cert_spec *spec)
{
	CLEANUP(GENERAL_NAMES_free_cleanup) GENERAL_NAMES *names = GENERAL_NAMES_new();
	int r;

	if (!names)
		return -ENOMEM;
	r = push_holder(names, spec);
	for (size_t i = 0; !r && i < CERT_SANS_MAX && spec->sans[i]; i++)
		r = push_host(names, spec->sans[i]);
	if (r || !sk_GENERAL_NAME_num(names))
		return r;
	return X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0) == 1 ? 0 : pkey_error();
}

static const char *usage_text(const struct cert_spec *spec)
{
	if (spec->client && spec->server)
		return "clientAuth,serverAuth";
	return spec->client ? "clientAuth" : spec->server ? "serverAuth" : NULL;
}

static int add_extensions(const struct ca *ca, X509 *cert, const struct cert_spec *spec)
{
	const struct {
		int nid;
		const char *text;
	} texts[] = {
		{NID_basic_constraints, "critical,CA:FALSE"},
		{NID_key_usage, "critical,digitalSignature"},
		{NID_ext_key_usage, usage_text(spec)},
		{NID_subject_key_identifier, "hash"},
		{NID_authority_key_identifier, "keyid"},
	};
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(texts); i++)
		r = cert_add_text_extension(cert, ca->cert, texts[i].nid, texts[i].text);
	return r ? r : add_names(cert, spec);
}

static int issue(const struct ca *ca, EVP_PKEY *public, const struct cert_spec *spec,
		 struct buf *ret_pem)
{
	CLEANUP_X509 X509 *cert = NULL;
	int r;

	if (!ca->key)
		return -EPERM;
	if (!usage_text(spec) || spec->not_after_ms <= spec->not_before_ms)
		return -EINVAL;
	r = cert_check_p256(public);
	if (r)
		return r;
	cert = X509_new();
	if (!cert)
		return -ENOMEM;
	r = cert_begin(cert, X509_get_subject_name(ca->cert), public, spec->not_before_ms,
		       spec->not_after_ms);
	if (!r)
		r = cert_set_common_name(X509_get_subject_name(cert), spec->common_name);
	if (!r)
		r = add_extensions(ca, cert, spec);
	if (!r && X509_sign(cert, ca->key, EVP_sha256()) <= 0)
		r = pkey_error();
	return r ? r : x509_put(cert, ret_pem);
}

static int read_request(const void *pem, size_t len, X509_REQ **ret)
{
	CLEANUP_BIO BIO *bio = NULL;

	if (len > CERT_PEM_MAX)
		return -EBADMSG;
	bio = BIO_new_mem_buf(pem, (int)len);
	if (!bio)
		return -ENOMEM;
	*ret = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	return *ret ? 0 : pkey_error();
}

int ca_issue_csr(const struct ca *ca, const void *csr_pem, size_t len, const struct cert_spec *spec,
		 struct buf *ret_pem)
{
	CLEANUP_X509_REQ X509_REQ *request = NULL;
	EVP_PKEY *public;
	int r = read_request(csr_pem, len, &request);

	if (r)
		return r;
	public = X509_REQ_get0_pubkey(request);
	if (!public || cert_check_p256(public) || X509_REQ_verify(request, public) != 1) {
		(void)pkey_error();
		return -EBADMSG;
	}
	return issue(ca, public, spec, ret_pem);
}

int ca_issue_public(const struct ca *ca, const void *public_pem, size_t len,
		    const struct cert_spec *spec, struct buf *ret_pem)
{
	CLEANUP_PKEY EVP_PKEY *public = NULL;
	int r = len > CERT_PEM_MAX ? -EBADMSG : pkey_parse_public(public_pem, len, &public);

	return r ? r : issue(ca, public, spec, ret_pem);
}

int ca_issue_pair(const struct ca *ca, const struct cert_spec *spec, struct buf *ret_key_pem,
		  struct buf *ret_cert_pem)
{
	CLEANUP_PKEY EVP_PKEY *key = NULL;
	CLEANUP_BUF struct buf cert = BUF_INIT;
	int r = pkey_make("EC", "P-256", &key);

	if (!r)
		r = issue(ca, key, spec, &cert);
	if (!r)
		r = pkey_put_private(key, ret_key_pem);
	if (r)
		return r;
	buf_append(ret_cert_pem, cert.data, cert.len);
	return ret_cert_pem->error;
}

int cert_spec_gate(struct cert_spec *ret, char host[static CERT_GATE_HOST_SIZE], const char *name,
		   int64_t now_ms)
{
	int n = snprintf(host, CERT_GATE_HOST_SIZE, CERT_GATE_HOST, name);

	if (n < 0 || n >= CERT_GATE_HOST_SIZE)
		return -ENAMETOOLONG;
	*ret = (struct cert_spec){.common_name = name,
				  .holder = CERT_GATE,
				  .gate = name,
				  .sans = {host},
				  .client = true,
				  .server = true,
				  .not_before_ms = now_ms - HOUR_MS,
				  .not_after_ms = now_ms + CERT_DAYS_GATE * DAY_MS};
	return 0;
}

int ca_issue_radius(const struct ca *ca, const char *name, int64_t now_ms, struct buf *ret_key_pem,
		    struct buf *ret_cert_pem)
{
	const struct cert_spec spec = {
		.common_name = name,
		.sans = {name},
		.server = true,
		.not_before_ms = now_ms - HOUR_MS,
		.not_after_ms = now_ms + CERT_DAYS_SERVER * DAY_MS,
	};

	return ca_issue_pair(ca, &spec, ret_key_pem, ret_cert_pem);
}

/* All that the old one said, but for whose key signed it. */
static int copy_extensions(const struct ca *ca, X509 *cert, const X509 *old)
{
	int r = 0;

	for (int i = 0; !r && i < X509_get_ext_count(old); i++) {
		X509_EXTENSION *ext = X509_get_ext(old, i);

		if (OBJ_obj2nid(X509_EXTENSION_get_object(ext)) == NID_authority_key_identifier)
			continue;
		if (X509_add_ext(cert, ext, -1) != 1)
			r = pkey_error();
	}
	return r ? r
		 : cert_add_text_extension(cert, ca->cert, NID_authority_key_identifier, "keyid");
}

static int check_server(X509 *old)
{
	struct cert_info info;
	int r = cert_read(old, &info);

	if (r)
		return r;
	return info.holder == CERT_OTHER ? cert_check_p256(X509_get0_pubkey(old)) : -EINVAL;
}

int ca_reissue(const struct ca *ca, const void *pem, size_t len, int64_t now_ms, unsigned days,
	       struct buf *ret_pem)
{
	CLEANUP_X509 X509 *old = NULL, *cert = NULL;
	int r = ca->key ? x509_parse(pem, len, &old) : -EPERM;

	if (!r)
		r = check_server(old);
	if (r)
		return r;
	cert = X509_new();
	if (!cert)
		return -ENOMEM;
	r = cert_begin(cert, X509_get_subject_name(ca->cert), X509_get0_pubkey(old),
		       now_ms - HOUR_MS, now_ms + days * DAY_MS);
	if (!r && X509_set_subject_name(cert, X509_get_subject_name(old)) != 1)
		r = pkey_error();
	if (!r)
		r = copy_extensions(ca, cert, old);
	if (!r && X509_sign(cert, ca->key, EVP_sha256()) <= 0)
		r = pkey_error();
	return r ? r : x509_put(cert, ret_pem);
}
