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
/* "gate.renew": a new certificate for the key of this request; -ENOENT, -EPERM: it is ended. The
 * one before stays good until its own end, so that a gate restored from a backup still gets in. */
int gate_renew(struct store *s, int64_t now_ms, const struct ca *ca, int64_t id,
	       const char *csr_pem, struct buf *ret_cert_pem) MUST_CHECK;
/* "gate.end": its certificates are revoked. */
int gate_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *why) MUST_CHECK;
