/*
 * Terminals and what they own. Each act below changes its rows, raises their rev and writes one
 * entry; call them inside engine_work.apply(). Errors beside the store's own: -ENOENT there is no
 * such terminal (or MAC, or account of it); -EALREADY nothing would change, nothing was written;
 * -EEXIST somebody else has it; -EINVAL a word of no table; -EPERM the state forbids it.
 */
#pragma once

#include "crypto/ca.h"
#include "policy/verdict.h"
#include "server/engine/act.h"

#define TERMINAL_TEXT_SIZE 97
#define TERMINAL_FAILING_SIZE 257

struct terminal {
	int64_t id;
	struct uuid uuid;
	int64_t unit_id, owner_id; /* 0: none */
	enum terminal_kind kind;
	enum terminal_status status;
	bool lifeline;
	enum posture posture;
	int64_t posture_at_ms;
	char posture_failing[TERMINAL_FAILING_SIZE];
	int64_t isolated_at_ms, isolated_until_ms; /* 0: not; 0: until released */
	char certificate[CERT_SERIAL_SIZE];	   /* serial in force, "" none */
	uint8_t queue_epoch[16];
	char asset_no[33];
	char name[TERMINAL_TEXT_SIZE];
	char os[TERMINAL_TEXT_SIZE], agent_version[25];
};

/* 1 and the terminal; 0 there is none; negative: the read failed. */
int terminal_load(struct store_db *db, int64_t id, struct terminal *ret) MUST_CHECK;
int terminal_load_by_uuid(struct store_db *db, const struct uuid *uuid,
			  struct terminal *ret) MUST_CHECK;
int terminal_load_by_asset_no(struct store_db *db, const char *asset_no,
			      struct terminal *ret) MUST_CHECK;
int terminal_load_by_mac(struct store_db *db, const struct mac *mac,
			 struct terminal *ret) MUST_CHECK;

const char *terminal_status_name(enum terminal_status s); /* "in-use" */
int terminal_status_parse(const char *name, enum terminal_status *ret) MUST_CHECK;
int posture_parse(const char *name, enum posture *ret) MUST_CHECK;

struct terminal_spec {
	const struct uuid *uuid; /* NULL: a new one */
	const char *asset_no;	 /* NULL: the next free one of its kind, "PC-2026-000017" */
	enum terminal_kind kind;
	int64_t unit_id, owner_id;		    /* owner 0: none */
	const char *name, *place, *hardware_serial; /* NULL counts as "" */
	enum terminal_status status;
	bool lifeline;
};

/* "terminal.create" */
int terminal_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		    const struct terminal_spec *spec, struct terminal *ret) MUST_CHECK;
/* "terminal.status"; scrapped ends its MACs, permits and certificate too. */
int terminal_set_status(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			enum terminal_status status, const char *why) MUST_CHECK;
/* "terminal.change": where it is and whose, all as given. */
struct terminal_place {
	int64_t unit_id, owner_id; /* owner 0: none */
	const char *name, *place;
};
int terminal_change(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		    const struct terminal_place *to) MUST_CHECK;
/* "terminal.lifeline": the caller has seen to the second person (invariant 9). */
int terminal_set_lifeline(struct store *s, int64_t now_ms, const struct entry_actor *who,
			  int64_t id, bool lifeline, const char *why) MUST_CHECK;
/* "terminal.mac.own"; -EEXIST: the MAC belongs to another terminal. */
int terminal_own_mac(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct mac *mac) MUST_CHECK;
/* "terminal.mac.end" */
int terminal_end_mac(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const struct mac *mac) MUST_CHECK;
/* "terminal.account.allow", "terminal.account.end" (D08: who may use it) */
int terminal_allow_account(struct store *s, int64_t now_ms, const struct entry_actor *who,
			   int64_t id, int64_t account_id) MUST_CHECK;
int terminal_end_account(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 int64_t account_id) MUST_CHECK;
/* "terminal.isolate" by a person; `until_ms` 0: until released. "terminal.release". */
int terminal_isolate(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     int64_t until_ms, const char *why) MUST_CHECK;
int terminal_release(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		     const char *why) MUST_CHECK;
/* "terminal.posture": only a transition is written, else -EALREADY. `failing`: guard.reason codes.
 */
int terminal_set_posture(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 enum posture posture, const char *failing) MUST_CHECK;
/* "terminal.agent": what its agent says of itself at a hello: version, system, epoch of its queue,
 * certificate in force (the one before is revoked as superseded). -EALREADY: all as it was. */
struct terminal_agent {
	const char *version, *os;
	const uint8_t *queue_epoch; /* 16 bytes */
	const char *certificate;
};
int terminal_set_agent(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		       const struct terminal_agent *agent) MUST_CHECK;
