/*
 * The keys of a server, as `menshen init` made them in <dir>/keys:
 *
 * | file                     | what                                               | lies
 * | ca.pem, ca.key           | the root of all certificates                       | ca.key may go
 * offline | server.pem, server.key   | the gateway's TLS certificate                      | here |
 * log.key, log.pub         | signs the heads of the audit log                   | here |
 * policy.key, policy.pub   | signs policy                                       | here | seal.key
 * | the server's own secrets (TOTP)                    | here, or a credential | gates.pub | NT
 * hashes and switch secrets are sealed to it      | private half: gates only
 */
#pragma once

#include "crypto/ca.h"
#include "crypto/seal.h"
#include "crypto/sign.h"

#define KEYS_ERROR_SIZE 512

struct keys {
	struct ca *ca;
	struct buf server_pem, server_key_pem;
	struct sign_key *log, *policy;
	struct buf log_pub, policy_pub; /* PEM */
	struct seal_key *seal;
	struct seal_pair *gates; /* public half */
};

/* `error` names the file and what is wrong with it. */
int keys_load(const char *dir, struct keys *ret, char error[static KEYS_ERROR_SIZE]) MUST_CHECK;
void keys_done(struct keys *k);
