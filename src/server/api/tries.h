/*
 * Wrong passwords and codes, and how long the next try has to wait (clauses M06, M07, A02; the
 * regulation names no count, so the bounds are ours). Two things have to hold: no stranger shuts
 * somebody out, and guessing is hopeless.
 *
 * A try is made on an account from a place: a browser that was all the way in before (its device
 * cookie, known.h), else a network address.
 *   1. Each (account, place): five wrong tries in a row are free, then the next is heard after
 *      1 minute, doubling with each further one up to 1 hour.
 *   2. All places of one account that are not known, together: 20 are free, then one try is heard
 *      per 1 minute, doubling with every 20 further ones up to 30 minutes.
 *   3. A day of quiet forgets. A try that comes too early is not heard: it neither counts nor
 *      lengthens the wait. A known place is held by its own count alone.
 *
 * What a stranger can do: from one address 5 + 6 guesses in the first hour, then 24 a day, which is
 * about 2,200 in the 90 days that a password lives. From all addresses of the world 120 in the
 * first 10 hours, then 48 a day: 4,400 in 90 days. A password has ten characters of three classes
 * at least; were it one of only a million likely ones, that is a chance of 0.5% in 90 days, with
 * 4,400 "session.failed" entries to see it by. Who knows the password needs one of three codes out
 * of a million at each try: 1.4%, and nothing without the password.
 *
 * What a stranger cannot do: keep a person out of the browser that the person uses, not even from
 * the same address (an outlet behind one router or proxy). In a browser that is new to the
 * account the person may have to wait while somebody attacks that very account, as long as above;
 * account_unlock() by another administrator clears the counts.
 *
 * Counts lie in bounded memory and end with the process; when a table is full the one that was
 * quiet longest is forgotten. Thread-safe.
 */
#pragma once

#include "base/util.h"

#define TRIES_ACCOUNT_SIZE 33
#define TRIES_PLACE_SIZE 64
#define TRIES_FREE 5U
#define TRIES_WAIT_MS (60 * INT64_C(1000))
#define TRIES_WAIT_MOST_MS (60 * 60 * INT64_C(1000))
#define TRIES_ALL_FREE 20U
#define TRIES_ALL_WAIT_MOST_MS (30 * 60 * INT64_C(1000))
#define TRIES_QUIET_MS (24 * 3600 * INT64_C(1000))

struct tries;

struct
try {
	char account[TRIES_ACCOUNT_SIZE];
	char place[TRIES_PLACE_SIZE];
	bool known;
	/* for tries_give_back(): when the last one was before this one, 0 none */
	int64_t at_ms, place_before_ms, all_before_ms;
};

/* Bounds: that many (account, place), that many accounts. */
int tries_new(size_t places, size_t accounts, struct tries **ret) MUST_CHECK;
void tries_free(struct tries *t);
/* False: too early. True: it is heard, and counts as wrong until one of the next two, so that many
 * tries at once are no more than as many in a row. */
bool tries_take(struct tries *t, struct try *what, int64_t now_ms);
/* It was not wrong, but not all of it: the second factor is still due, or nobody could check. */
void tries_give_back(struct tries *t, const struct try *what);
/* All the way in, after it was given back: the place's count begins anew; that of the account's
 * strangers goes on. */
void tries_forget(struct tries *t, const struct try *what);
/* An administrator lifts every wait of the account. */
void tries_forget_account(struct tries *t, const char *account);
/* When the next try of this kind is heard; at most `now_ms`: at once. */
int64_t tries_heard_at(struct tries *t, const struct try *what, int64_t now_ms);
