/*
 * Clauses D11 and D29, judged: when a desk's session is to be locked or ended because nobody is
 * there, and when the machine is to be switched off after work. Pure.
 *
 * The policy's object, beside "mode":
 *
 *	{"lock_min": 10, "logoff_min": 120, "hours": ["1-5 08:00-18:30"], "warn_min": 15,
 *	 "poweroff": "idle|all", "leave": [{"user": "li", "until": "2026-12-31T16:00:00Z"}]}
 *
 * 1. A missing number is no rule. "hours" are the hours of work, days 1 (Monday) to 7, China
 *    Standard Time; without them nothing is switched off.
 * 2. After work the machine is switched off "warn_min" minutes (15 when missing) after the warning:
 *    "idle" (when missing) only while nobody was active for as long, "all" whoever is there.
 * 3. A leave holds while its user is logged on; one without "user" holds for the machine.
 * 4. A session whose idleness nobody knows is never idle.
 */
#pragma once

#include <jansson.h>

#include "policy/hours.h"

#define DESK_LEAVES_MAX 64
#define DESK_USER_SIZE 33

struct desk_session_rules {
	int64_t lock_ms, logoff_ms, warn_ms; /* 0: no rule */
	uint32_t hours[HOURS_MOST];
	size_t hours_count;
	bool off_for_all;
	struct {
		char user[DESK_USER_SIZE]; /* "": the machine's */
		int64_t until_ms;
	} leave[DESK_LEAVES_MAX];
	size_t leave_count;
};

/* -EINVAL with the place of the first wrong word: "hours[1]". */
#define DESK_SESSION_WHERE_SIZE 48
int desk_session_rules_parse(const json_t *settings, struct desk_session_rules *ret,
			     char where[static DESK_SESSION_WHERE_SIZE]) MUST_CHECK;

/* What is to be known of a session to judge it. */
struct desk_session_facts {
	const char *user;
	int64_t idle_ms; /* -1: nobody knows */
	bool locked;
};

enum desk_session_act { DESK_SESSION_STAYS, DESK_SESSION_LOCK, DESK_SESSION_END };

enum desk_session_act desk_session_judge(const struct desk_session_rules *r,
					 const struct desk_session_facts *s);
/* Whether the countdown to switching off runs at `now_ms`. */
bool desk_session_wants_off(const struct desk_session_rules *r,
			    const struct desk_session_facts *list, size_t count, int64_t now_ms);
