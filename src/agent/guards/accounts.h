/*
 * The accounts of this terminal, and what is wrong with them (clauses D26, D30). Loaded by
 * accounts_load() of the platform's folder (src/agent/linux/accounts.c); the judging is pure.
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

#define ACCOUNTS_MAX 256
#define ACCOUNT_NAME_SIZE 64
#define ACCOUNT_HASH_SIZE 160

enum account_password { PASSWORD_NONE, PASSWORD_LOCKED, PASSWORD_SET };

struct account {
	char name[ACCOUNT_NAME_SIZE], full_name[ACCOUNT_NAME_SIZE];
	int64_t uid;
	bool login; /* its shell lets somebody in */
	bool admin; /* root's number, or a group that may become root */
	enum account_password password;
	char hash[ACCOUNT_HASH_SIZE]; /* crypt(5); never leaves the terminal */
	int64_t changed_day;	      /* since 1970; 0: must be changed, -1: nobody knows */
	int64_t max_days;	      /* -1: for ever */
};

struct accounts {
	struct account list[ACCOUNTS_MAX]; /* what is more is not looked at */
	size_t count;
};

/* `root` is put before every path. -errno; without the right to read them, passwords are locked. */
int accounts_load(const char *root, struct accounts *ret) MUST_CHECK;
/* Overwrites the hashes. */
void accounts_wipe(struct accounts *a);

enum account_trouble {
	ACCOUNT_EMPTY,	   /* no password is asked */
	ACCOUNT_WEAK,	   /* it is in the dictionary; found by weak_password.h */
	ACCOUNT_UNCHANGED, /* older than the policy's max_days */
	ACCOUNT_ENDLESS,   /* the system never asks for a new one */
	ACCOUNT_SHARED_ID, /* another account has its number */
	ACCOUNT_ADMIN,	   /* an administrator whom the policy does not name */
	ACCOUNT_UNKNOWN,   /* an account that the policy does not name */
	ACCOUNT_TROUBLES
};

const char *account_trouble_name(enum account_trouble t); /* "empty" */

struct account_rules {
	int64_t max_days;
	const json_t *admins, *accounts; /* names; NULL: anybody */
};

/* 1 << enum account_trouble. Only an account that lets somebody in can be in trouble. */
unsigned account_judge(const struct account_rules *r, const struct accounts *all,
		       const struct account *a, int64_t today);
