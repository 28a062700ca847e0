/*
 * The built-in certificate authority: one P-256 root (ECDSA with SHA-256), leaves for terminals,
 * gates and servers (RFC 5280). OpenSSL 3.0 refuses SM2 certificates in TLS, so it is P-256.
 *
 * Identities are URI names: urn:menshen:terminal:<uuid>, urn:menshen:gate:<name>. The root's key
 * can lie offline: a `struct ca` loaded without it verifies but does not issue. All text is PEM. A
 * ca may be used by several threads at once.
 */
#pragma once

#include "base/buf.h"
#include "base/uuid.h"

#define CERT_NAME_SIZE 65   /* common name or gate name, with NUL (RFC 5280, ub-common-name) */
#define CERT_SERIAL_SIZE 41 /* 20 bytes in lower-case hexadecimal, with NUL */
#define CERT_PEM_MAX 16384  /* longer input is refused unread */
#define CERT_SANS_MAX 8

struct ca;

/* A new self-signed root, valid from one day before `now_ms` for `days`. */
int ca_make(const char *common_name, int64_t now_ms, unsigned days, struct ca **ret) MUST_CHECK;
/* `key_path` may be NULL (verify only). -EBADMSG: no certificate or key, or they do not match. */
int ca_load(const char *cert_path, const char *key_path, struct ca **ret) MUST_CHECK;
int ca_from_pem(const void *cert_pem, size_t len, struct ca **ret) MUST_CHECK;
/* The certificate 0644, the key 0600 (`key_path` NULL: certificate only). */
int ca_save(const struct ca *ca, const char *cert_path, const char *key_path) MUST_CHECK;
const char *ca_pem(const struct ca *ca); /* the root certificate, lives with the ca */
void ca_free(struct ca *ca);

enum cert_holder { CERT_OTHER, CERT_TERMINAL, CERT_GATE };

/* What a leaf will say; nothing of it is taken from the request but the public key. */
struct cert_spec {
	const char *common_name;
	enum cert_holder holder;
	struct uuid terminal;		 /* CERT_TERMINAL */
	const char *gate;		 /* CERT_GATE: letters, digits, '.', '-', '_' */
	const char *sans[CERT_SANS_MAX]; /* DNS names and IP addresses, NULL ends */
	bool client, server;		 /* extended key usage */
	int64_t not_before_ms, not_after_ms;
};

/*
 * What a gate's certificate says, for CERT_DAYS_GATE from one hour before now. To its peers a gate
 * is a server too; the DNS name they look for, kept in `host`, no server of head office can have.
 * -ENAMETOOLONG.
 */
#define CERT_GATE_HOST "%s.gate.menshen"
#define CERT_GATE_HOST_SIZE (CERT_NAME_SIZE + 16)
int cert_spec_gate(struct cert_spec *ret, char host[static CERT_GATE_HOST_SIZE], const char *name,
		   int64_t now_ms) MUST_CHECK;

#define CERT_RADIUS_NAME "radius.menshen" /* of every gate's EAP engine */
#define CERT_DAYS_TERMINAL 365
#define CERT_DAYS_GATE 365
#define CERT_DAYS_SERVER 825
#define CERT_DAYS_ROOT 7300

/* Append the leaf as PEM. -EPERM without the root's key, -EBADMSG when the request is none or its
 * proof of possession is wrong, -EINVAL for a spec that says nothing or too much. P-256 keys only.
 */
int ca_issue_csr(const struct ca *ca, const void *csr_pem, size_t len, const struct cert_spec *spec,
		 struct buf *ret_pem) MUST_CHECK;
int ca_issue_public(const struct ca *ca, const void *public_pem, size_t len,
		    const struct cert_spec *spec, struct buf *ret_pem) MUST_CHECK;
/* A new key and its leaf at once: for servers, gates and the RADIUS engine. Wipe the key. */
int ca_issue_pair(const struct ca *ca, const struct cert_spec *spec, struct buf *ret_key_pem,
		  struct buf *ret_cert_pem) MUST_CHECK;
/* The EAP server certificate that FreeRADIUS shows to supplicants: `name` as common and DNS name,
 * server usage, CERT_DAYS_SERVER from one hour before now. */
int ca_issue_radius(const struct ca *ca, const char *name, int64_t now_ms, struct buf *ret_key_pem,
		    struct buf *ret_cert_pem) MUST_CHECK;

/* The same names, usages and key with new dates (`days` from one hour before now): a server's
 * certificate near its end. -EINVAL for one of a terminal or a gate, which ask for their own. */
int ca_reissue(const struct ca *ca, const void *pem, size_t len, int64_t now_ms, unsigned days,
	       struct buf *ret_pem) MUST_CHECK;

/* A new P-256 key (PKCS #8) and the request for it (PKCS #10), made on the terminal. */
int csr_make(const char *common_name, struct buf *ret_key_pem, struct buf *ret_csr_pem) MUST_CHECK;
/* A request for a key that exists (renewal keeps or renews the key as the caller likes). */
int csr_make_for_key(const char *common_name, const void *key_pem, size_t len,
		     struct buf *ret_csr_pem) MUST_CHECK;

struct cert_info {
	char serial[CERT_SERIAL_SIZE];
	char common_name[CERT_NAME_SIZE]; /* "" when there is none */
	enum cert_holder holder;
	struct uuid terminal;
	char gate[CERT_NAME_SIZE];
	int64_t not_before_ms, not_after_ms;
};

/* Reads the first certificate of a PEM text; -EBADMSG when there is none or it claims two holders.
 */
int cert_parse(const void *pem, size_t len, struct cert_info *ret) MUST_CHECK;
int cert_parse_der(const void *der, size_t len, struct cert_info *ret) MUST_CHECK;

enum cert_state { CERT_GOOD, CERT_EXPIRED, CERT_NOT_YET_VALID, CERT_UNTRUSTED };

/* Trust first, dates second: CERT_EXPIRED means that it is one of ours. -EBADMSG: no certificate.
 */
int ca_verify(const struct ca *ca, const void *pem, size_t len, int64_t at_ms,
	      enum cert_state *ret) MUST_CHECK;

static inline void ca_free_cleanup(struct ca **ca)
{
	ca_free(*ca);
}
#define CLEANUP_CA CLEANUP(ca_free_cleanup)
