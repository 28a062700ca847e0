/*
 * The organisation: units with immutable ids that are never deleted, and the people in them. Acts
 * with one entry each, inside engine_work.apply(); errors as in engine/account.h.
 */
#pragma once

#include "server/engine/account.h"

#define UNIT_CODE_SIZE 32

struct unit {
	int64_t id, parent_id; /* parent 0: the head office */
	char kind[16];	       /* "head-office", "branch", "outlet", "department" */
	char code[UNIT_CODE_SIZE];
	char name[ACCOUNT_PERSON_SIZE];
	char path[UNIT_PATH_SIZE];
	char mode[16]; /* "observe", "warn", "enforce" */
	bool ended;
};

/* 1, 0 or negative. */
int unit_load(struct store_db *db, int64_t id, struct unit *ret) MUST_CHECK;
int unit_load_by_code(struct store_db *db, const char *code, struct unit *ret) MUST_CHECK;
/* The nearest unit of `kind` at or above it; 1, 0 or negative. */
int unit_above(struct store_db *db, const struct unit *from, const char *kind,
	       struct unit *ret) MUST_CHECK;
/* 0 observe, 1 warn, 2 enforce; -1: no such word. */
int unit_mode_rank(const char *mode);

struct unit_spec {
	int64_t parent_id; /* 0: the head office itself, once */
	const char *kind, *code, *name;
};

/* "unit.create"; refused: the kind cannot stand under the parent, the code is taken. */
int unit_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		const struct unit_spec *spec, int64_t *ret_id, struct refused *why) MUST_CHECK;
/* "unit.rename" */
int unit_rename(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		const char *name) MUST_CHECK;
/* "unit.mode" */
int unit_set_mode(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const char *mode, const char *reason) MUST_CHECK;
/* "unit.end"; refused while something live belongs to it. */
int unit_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	     const char *reason, struct refused *why) MUST_CHECK;

struct person {
	int64_t id, unit_id;
	char name[ACCOUNT_PERSON_SIZE];
	char staff_no[UNIT_CODE_SIZE];
	char post[20];
	char phone[33];
	bool ended;
};

/* 1, 0 or negative. */
int person_load(struct store_db *db, int64_t id, struct person *ret) MUST_CHECK;
int person_load_by_staff_no(struct store_db *db, const char *staff_no,
			    struct person *ret) MUST_CHECK;

struct person_spec {
	int64_t unit_id;
	const char *name, *staff_no, *post, *phone;
};

/* "person.create" */
int person_create(struct store *s, int64_t now_ms, const struct entry_actor *who,
		  const struct person_spec *spec, int64_t *ret_id, struct refused *why) MUST_CHECK;
/* "person.change": all fields but staff_no (may be NULL) as given; -EALREADY. */
int person_change(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
		  const struct person_spec *spec, struct refused *why) MUST_CHECK;
/* "person.end": a leaver loses account, roles, sessions and the use of terminals at once (C02). */
int person_end(struct store *s, int64_t now_ms, const struct entry_actor *who, int64_t id,
	       const char *reason) MUST_CHECK;
