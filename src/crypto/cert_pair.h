/*
 * A certificate that its holder keeps and renews by itself: the key is made where it is used and
 * never leaves. In the holder's folder:
 *
 *	identity.pem	key and certificate in one file (0600), so that they change together
 *	pending.pem	the key of a request under way (0600); the same key asks again after a loss
 *
 * Agents and gates renew at two thirds of the certificate's life.
 */
#pragma once

#include "crypto/ca.h"

struct cert_pair {
	struct buf key_pem, cert_pem; /* owned */
	struct cert_info cert;
};

/* -ENOENT: none is kept; -EBADMSG: the file is damaged. */
int cert_pair_load(const char *dir, struct cert_pair *ret) MUST_CHECK;
/* From two files, as `menshen init` makes them. */
int cert_pair_read(const char *key_path, const char *cert_path, struct cert_pair *ret) MUST_CHECK;
void cert_pair_done(struct cert_pair *p);
int64_t cert_renewal_due_ms(const struct cert_info *cert);

/* The key of the request under way, made when there is none; appends key and request as PEM. */
int cert_pair_pending(const char *dir, const char *common_name, struct buf *ret_key_pem,
		      struct buf *ret_csr_pem) MUST_CHECK;
/* -EBADMSG: the certificate is not of this root, or belongs to another key. One that is not yet
 * valid passes: that is the holder's own slow clock. */
int cert_pair_check(const char *ca_pem, int64_t now_ms, const struct buf *key_pem,
		    const struct buf *cert_pem) MUST_CHECK;
/* Replaces key and certificate together and forgets the pending key. */
int cert_pair_install(const char *dir, const struct buf *key_pem,
		      const struct buf *cert_pem) MUST_CHECK;
