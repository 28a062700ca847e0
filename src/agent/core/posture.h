/*
 * One posture of a terminal out of the findings of all guards, by what the policy says of each:
 *
 *	any enforced guard bad      -> bad
 *	else any enforced one unknown -> unknown
 *	else                          good; guards that warn or observe are told, not counted
 *
 * Pure; the transitions are made durable by guarding.c.
 */
#pragma once

#include "agent/core/kept_policy.h"
#include "agent/guards/guard.h"
#include "policy/verdict.h"

#define POSTURE_LIST_SIZE 257 /* "antivirus.missing,share.open": what does not fit is left out */

struct posture_input {
	const char *guard;
	enum guard_mode mode;
	const struct finding *finding;
};

struct posture_report {
	enum posture posture;
	char failing[POSTURE_LIST_SIZE];  /* what makes it bad or unknown */
	char warnings[POSTURE_LIST_SIZE]; /* what only warns or is observed */
};

void posture_combine(const struct posture_input *inputs, size_t count, struct posture_report *ret);
bool posture_report_equal(const struct posture_report *a, const struct posture_report *b);
/* failing and warnings as one list. */
void posture_all_reasons(const struct posture_report *r, char dst[static POSTURE_LIST_SIZE]);

/* How the last reported one is kept over restarts; an empty or damaged text is -EBADMSG. */
void posture_encode(const struct posture_report *r, struct buf *to);
int posture_decode(const char *text, struct posture_report *ret) MUST_CHECK;
