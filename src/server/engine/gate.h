/* Region gates: their certificate, their co-signing key. Errors as in terminal.h. */
#pragma once

#include "crypto/ca.h"
#include "server/engine/act.h"

struct gate {
	int64_t id, unit_id;
	char name[CERT_NAME_SIZE];
	bool ended;
};

/* 1, 0 or negative. */
int gate_load(struct store_db *db, const char *name, struct gate *ret) MUST_CHECK;
/* "gate.create": with its certificate and the public half (PEM) of its co-signing key. */
int gate_create(struct store *s, int64_t now_ms, const struct entry_actor *who, const char *name,
		int64_t unit_id, const char *cosign_public_pem, const struct cert_info *cert,
		int64_t *ret_id) MUST_CHECK;
/* A further gate asks with what it made on its own machine; all PEM, all public. */
struct gate_request {
	const char *name;
	int64_t unit_id;
	const char *csr_pem, *eap_csr_pem; /* for its line, for its EAP engine */
	const char *cosign_public_pem;
};

/* Whether it could be answered: 0, or -EBADMSG with the wrong one in `ret_field`; -EPERM: the
 * root's key is not here. */
int gate_request_check(const struct gate_request *q, const struct ca *ca, int64_t now_ms,
		       const char **ret_field) MUST_CHECK;
/* "gate.create" with new certificates, which gate_bundle() then gives out. -EEXIST: the name is
 * taken, by one that was ended too. */
int gate_admit(struct store *s, int64_t now_ms, const struct entry_actor *who, const struct ca *ca,
	       const struct gate_request *q) MUST_CHECK;
/* {"name", "certificate", "eap_certificate"}: 1, 0 when it was made in the shell, negative. */
int gate_bundle(struct store_db *db, const char *name, json_t **ret) MUST_CHECK;
/* 1, 0 or negative. */
int gate_load_id(struct store_db *db, int64_t id, struct gate *ret) MUST_CHECK;
/* "gate.renew": a new certificate for the key of this request; -ENOENT, -EPERM: it is ended. The
 * one before stays good until its own end, so that a gate restored from a backup still gets in. */
int gate_renew(struct store *s, int64_t now_ms, const struct ca *ca, int64_t id,
	       const char *csr_pem, struct buf *ret_cert_pem) MUST_CHECK;
/* "gate.end": its certificates are revoked. */
int gate_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why) MUST_CHECK;
