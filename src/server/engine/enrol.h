/*
 * Enrolment: how an agent gets its certificate. By the one-time code of an approved request, or by
 * the code of a campaign (limited by count, date and the imported list of MACs). Codes are made
 * here, shown once, and only their hashes are kept.
 *
 * A code is 12 characters of an alphabet without look-alikes (60 bits), written "K7QF-2M9X-TDRA";
 * case, spaces and dashes do not matter when it is typed.
 */
#pragma once

#include "crypto/ca.h"
#include "server/engine/terminal.h"

#define ENROL_CODE_SIZE 15 /* with dashes and NUL */
#define ENROL_NICS_MAX 8

void enrol_code_make(char dst[static ENROL_CODE_SIZE]);
/* -EINVAL: no code looks like this. */
int enrol_code_hash(const char *code, uint8_t ret[static HASH_SIZE]) MUST_CHECK;

/* "enrol.code": a one-time code for a terminal; the earlier ones of it end. */
int enrol_code_issue(struct store *s, int64_t now_ms, const struct entry_actor *who,
		     int64_t terminal_id, int64_t expires_at_ms,
		     char ret_code[static ENROL_CODE_SIZE]) MUST_CHECK;

struct campaign_spec {
	int64_t unit_id;
	const char *name;
	int64_t places; /* at most so many terminals */
	int64_t until_ms;
};

/* "campaign.create" */
int campaign_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct campaign_spec *spec, int64_t *ret_id,
		    char ret_code[static ENROL_CODE_SIZE]) MUST_CHECK;
struct campaign_item {
	struct mac mac;
	const char *asset_no, *name;
	int64_t owner_id; /* person, 0: none */
};
/* "campaign.items": at most 1,000 at once; -EEXIST when a MAC is in it already. */
int campaign_add_items(struct store *s, int64_t now_ms, const struct entry_actor *who,
		       int64_t campaign_id, const struct campaign_item *items,
		       size_t count) MUST_CHECK;
/* "campaign.end" */
int campaign_end(struct store *s, int64_t now_ms, const struct entry_actor *who,
		 int64_t campaign_id) MUST_CHECK;

/* Why an enrolment is refused; the code travels to the agent with both texts. */
enum enrol_refusal {
	ENROL_ACCEPTED,
	ENROL_CODE_UNKNOWN,
	ENROL_CODE_EXPIRED,
	ENROL_CODE_USED,
	ENROL_CAMPAIGN_OVER,
	ENROL_CAMPAIGN_FULL,
	ENROL_NOT_ON_LIST,
	ENROL_TERMINAL_NOT_APPROVED,
	ENROL_MAC_TAKEN,
	ENROL_REQUEST_BAD, /* its certificate request proves nothing */
	ENROL_REFUSAL_COUNT
};

struct enrol_refusal_text {
	const char *code, *zh, *en;
};
const struct enrol_refusal_text *enrol_refusal_text(enum enrol_refusal r);

struct enrol_ask {
	const char *code;
	const char *csr_pem;
	const char *host_name, *serial, *os, *from; /* `from`: its address */
	struct mac macs[ENROL_NICS_MAX];
	size_t mac_count;
};

struct enrol_result {
	enum enrol_refusal refusal;
	struct terminal terminal;
	struct buf cert_pem; /* owned: buf_done() */
};

/* Of its network cards the terminal gets those that the campaign's list gives it, and one more when
 * it has none; for each other one "terminal.mac.unlisted", for people to look at.
 * "terminal.enrol", or "enrol.refused" (so that guessing stands in the log). 0 for both; negative
 * only when it could not be decided. */
int enrol_terminal(struct store *s, int64_t now_ms, const struct ca *ca,
		   const struct enrol_ask *ask, struct enrol_result *ret) MUST_CHECK;
/* "terminal.renew": a new certificate; the one before ends when the new one is first used. */
int enrol_renew(struct store *s, int64_t now_ms, const struct ca *ca, int64_t terminal_id,
		const char *csr_pem, struct buf *ret_cert_pem) MUST_CHECK;
