/*
 * A small bank on a temporary folder, with store, engine and API as menshend runs them, for tests
 * and benchmarks of the API:
 *
 *	HQ head office ── TECH technology department, FIN finance department
 *	               └─ B1 branch ── O1 outlet
 *	               └─ B2 branch
 *
 * Accounts (first password BANK_PASSWORD, to be changed): sys, sec, audit over HQ; tech (regional,
 * TECH and HQ), finhead (approver, FIN), officer (device officer, FIN), staff (FIN, no role),
 *b1admin (regional, B1), o1head (approver, O1), sec2 (security), sys2 (system).
 */
#pragma once

#include "crypto/sign.h"
#include "server/api/api.h"

#define BANK_PASSWORD "First-Pass-2026"

struct bank {
	char dir[64];
	struct sign_key *log_key;
	struct seal_key *seal;
	struct seal_pair *gates;
	struct ca *ca;
	struct buf cert_pem, key_pem, ca_pem, log_pem;
	struct store *store;
	struct engine *engine;
	struct api *api;
	struct oui *oui;
	struct vendors *vendors;
	int64_t clock_offset_ms; /* moves the bank's clock */
};

/* Ends the program with a message when anything fails. `port` 0: any. */
void bank_open(struct bank *b, const char *dir, uint16_t port, const char *console_dir);
/* Removes the folder too. */
void bank_close(struct bank *b);
/* What the first switch says of its ports: 24, some of the filled terminals, two strangers. */
int bank_survey(struct bank *b) MUST_CHECK;
/* `count` terminals with MACs, sessions and knocks, `records` mass records, and a survey. */
void bank_fill(struct bank *b, size_t count, size_t records);
/* What a gate reports of a listener: a finding of its code, on Gi0/0/1 of the first switch. */
void bank_find(struct bank *b, const char *code, const struct mac *mac);
/* A stay of an hour at Gi0/0/1 of the first switch, over since `minutes`; 0: it goes on. */
struct bank_stay {
	struct mac mac;
	const char *account, *address;
	int64_t minutes;
};
int bank_stay(struct bank *b, const struct bank_stay *stay) MUST_CHECK;
