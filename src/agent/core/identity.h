/*
 * Who this terminal is: its key, made here and never leaving, and the certificate that head office
 * gave it. In the state folder, beside the files of crypto/cert_pair.h:
 *
 *	policy-key.pem	whom the agent obeys, pinned when it enrolled
 *	asset		the asset number, for people
 *
 * One year, renewed at two thirds of it; an expired certificate may only renew.
 */
#pragma once

#include "base/buf.h"
#include "crypto/cert_pair.h"
#include "crypto/sign.h"

#define ASSET_NO_SIZE 33
#define STATE_PATH_SIZE 128

struct identity {
	struct buf key_pem, cert_pem; /* owned */
	struct cert_info cert;
	char asset_no[ASSET_NO_SIZE];
};

enum identity_state { IDENTITY_NONE, IDENTITY_GOOD, IDENTITY_RENEWAL_DUE, IDENTITY_EXPIRED };

/* -ENOENT: never enrolled; -EBADMSG: the file is damaged. */
int identity_load(const char *state_dir, struct identity *ret) MUST_CHECK;
void identity_done(struct identity *id);
/* NULL or an empty identity is IDENTITY_NONE. */
enum identity_state identity_state(const struct identity *id, int64_t now_ms);
int64_t identity_renewal_due_ms(const struct identity *id);

int identity_set_asset_no(const char *state_dir, const char *asset_no) MUST_CHECK;
int identity_pin_policy_key(const char *state_dir, const char *pem) MUST_CHECK;
/* -ENOENT: none is pinned. */
int identity_policy_key(const char *state_dir, struct sign_key **ret) MUST_CHECK;

/* "dir/name"; a name of the state folder always fits. */
void state_path(const char *dir, const char *name, char dst[static STATE_PATH_SIZE]);
