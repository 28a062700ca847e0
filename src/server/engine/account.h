/*
 * Accounts: who somebody is, what they may, and the acts that change that (clauses D30, D33-D35,
 * M06, M07, C01). Acts run inside engine_work.apply(); each writes one entry. Errors are those of
 * engine/terminal.h; where a person is told more, -ECANCELED with `why` filled.
 */
#pragma once

#include "server/engine/account_password.h"
#include "server/engine/act.h"
#include "server/engine/refusal.h"

#define ACCOUNT_NAME_SIZE 33
#define ACCOUNT_PERSON_SIZE 96
#define UNIT_PATH_SIZE 160

/* One bit a role, so that a table can name several. */
enum role {
	ROLE_SECURITY = 1U << 0,
	ROLE_SYSTEM = 1U << 1,
	ROLE_REGIONAL = 1U << 2,
	ROLE_AUDITOR = 1U << 3,
	ROLE_APPROVER = 1U << 4,
	ROLE_DEVICE_OFFICER = 1U << 5,
	/* held by everybody but auditors, for their own things */
	ROLE_STAFF = 1U << 6,
	ROLE_OPEN = 1U << 7, /* nobody need be logged in */
};
#define ROLES_GRANTED 0x3fU
#define ROLE_ANY (ROLES_GRANTED | ROLE_STAFF)
#define ROLES_POWERS (ROLE_SECURITY | ROLE_SYSTEM | ROLE_AUDITOR)
/* What decides over others is given by two persons, and so is a new password of who holds it
 * (invariant 9). */
#define ROLES_BY_TWO (ROLES_POWERS | ROLE_REGIONAL | ROLE_APPROVER)

/* "security"; "" for no single role. */
const char *role_name(unsigned role);
/* 0 when there is no such role. */
unsigned role_parse(const char *name);

enum totp_state { TOTP_NONE, TOTP_PROPOSED, TOTP_ACTIVE };

#define GRANTS_MAX 32

struct grant {
	int64_t id, unit_id, granted_at_ms;
	unsigned role;
	char path[UNIT_PATH_SIZE];
	char unit_name[ACCOUNT_PERSON_SIZE];
};

/* An account as it is now, with the person behind it and its roles. */
struct account {
	int64_t id, person_id, unit_id;
	char name[ACCOUNT_NAME_SIZE];
	char person_name[ACCOUNT_PERSON_SIZE];
	char unit_name[ACCOUNT_PERSON_SIZE];
	char unit_path[UNIT_PATH_SIZE];
	char password_hash[PASSWORD_HASH_SIZE]; /* never shown */
	bool enabled;				/* false too when the person has left */
	bool must_change;
	int64_t password_at_ms, slowed_until_ms;
	int64_t entered_at_ms; /* 0: its owner has not, since others had it (account_entry.h) */
	int64_t failures, totp_step;
	enum totp_state totp;
	struct grant grants[GRANTS_MAX];
	size_t grant_count;
};

/* 1 and the account; 0 there is none; negative: the read failed. */
int account_load(struct store_db *db, int64_t id, struct account *ret) MUST_CHECK;
int account_load_by_name(struct store_db *db, const char *name, struct account *ret) MUST_CHECK;
/* All role bits held, ROLE_STAFF included. */
unsigned account_roles(const struct account *a);
/* Holds what two persons gave, and its owner has not entered: it can do nothing. */
bool account_awaits_entry(const struct account *a);
/* The first role out of `roles` whose grant covers the unit at `path`; 0: none. ROLE_STAFF covers
 * nothing. */
unsigned account_role_over(const struct account *a, unsigned roles, const char *path);
/* Lower case letters, digits, ".", "_", "-", beginning with a letter; 2 to 32. */
bool account_name_is_good(const char *name);

/* "account.create"; `password` NULL: none works until one is set. -EEXIST: the name is taken;
 * refused: the person has one, or has left. */
int account_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		   int64_t person_id, const char *name, const struct password *password,
		   int64_t *ret_id, struct refused *why) MUST_CHECK;
/* "account.password" (own change) or "account.password-reset" (`reason` given): the earlier one is
 * remembered; every session but `keep_login` (0: none) ends. A reset undoes the entry. */
int account_set_password(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			 const struct password *password, const char *reason,
			 int64_t keep_login) MUST_CHECK;
/* "account.enable", "account.disable" (sessions end) */
int account_set_enabled(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
			bool enabled, const char *reason) MUST_CHECK;
/* "account.source": who proves it on the network, the bank's directory or its own password here.
 * -EALREADY. */
int account_set_directory(struct store *s, int64_t now_ms, const struct entry_actor *who,
			  int64_t id, bool directory) MUST_CHECK;
/* "account.unlock": the counts of wrong tries end */
int account_unlock(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		   const char *reason) MUST_CHECK;
/* "account.totp-reset": the device is forgotten, sessions end; it undoes the entry. */
int account_totp_reset(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		       const char *reason) MUST_CHECK;
/* Whether it can be granted now. The three powers reach over the whole bank or are none: refused
 * for less, for an ended unit, for auditor beside another role (invariant 8); -EALREADY: held. */
int account_check_grant(struct store_db *db, int64_t id, unsigned role, int64_t unit_id,
			struct refused *why) MUST_CHECK;
/* "role.grant"; refused as account_check_grant(). */
int account_grant(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  unsigned role, int64_t unit_id, const char *reason,
		  struct refused *why) MUST_CHECK;
/* "role.end" */
int account_end_grant(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		      int64_t grant_id, const char *reason) MUST_CHECK;

/* For `menshen init`: a person of `unit_id`, an account and a role over that unit, in three
 * entries. The password must be changed at the first login. Installing is a ceremony of the bank's
 * own: who takes the account from the installer's hands has entered, and needs no code. */
struct account_first {
	int64_t unit_id;
	const char *name;	 /* of the account */
	const char *person_name; /* "张三" */
	const char *staff_no;
	unsigned role; /* 0: none */
	const struct password *password;
};
int account_create_first(struct store *s, int64_t now_ms, const struct entry_actor *who,
			 const struct account_first *first, int64_t *ret_id,
			 struct refused *why) MUST_CHECK;

/* The subject of an account's acts: "account:wang". */
void act_subject_account(char dst[static ACT_SUBJECT_SIZE], const char *name);
