/*
 * Why an act of a person is refused: one table of codes and words, for the API's error bodies and
 * for docs. A domain function that refuses returns -ECANCELED and says why in its `struct refused`.
 */
#pragma once

#include "base/util.h"

enum refusal {
	REFUSAL_NONE,
	/* the call itself */
	REFUSAL_MALFORMED,
	REFUSAL_NOT_FOUND,
	REFUSAL_METHOD,
	REFUSAL_TOO_LARGE,
	REFUSAL_MEDIA_TYPE,
	REFUSAL_VALUE_MISSING,
	REFUSAL_VALUE_UNKNOWN,
	REFUSAL_VALUE_WRONG,
	/* who calls */
	REFUSAL_LOGIN_NEEDED,
	REFUSAL_LOGIN_WRONG,
	REFUSAL_LOGIN_INCOMPLETE,
	REFUSAL_CODE_WRONG,
	REFUSAL_ENTRY_WRONG,
	REFUSAL_ENTRY_ENDED,
	REFUSAL_LOGIN_SLOWED,
	REFUSAL_TOO_MANY_TRIES,
	REFUSAL_CSRF_MISSING,
	REFUSAL_ROLE_MISSING,
	REFUSAL_OUT_OF_SCOPE,
	REFUSAL_OWN_ACT,
	/* passwords and TOTP */
	REFUSAL_PASSWORD_SHORT,
	REFUSAL_PASSWORD_PLAIN,
	REFUSAL_PASSWORD_HAS_NAME,
	REFUSAL_PASSWORD_USED,
	REFUSAL_TOTP_STATE,
	/* the state of things */
	REFUSAL_NOTHING_CHANGES,
	REFUSAL_TAKEN,
	REFUSAL_STATE,
	REFUSAL_ENDED,
	REFUSAL_FROZEN,
	REFUSAL_ACCOUNT_EXISTS,
	REFUSAL_UNIT_IN_USE,
	REFUSAL_UNIT_KIND,
	REFUSAL_AUDITOR_ALONE,
	REFUSAL_POWER_WHOLE,
	REFUSAL_TIME_PAST,
	REFUSAL_TIME_FAR,
	REFUSAL_PROPOSED_ALREADY,
	REFUSAL_STEP_DECIDED,
	REFUSAL_STEP_OF_OTHERS,
	REFUSAL_STEP_TWICE,
	REFUSAL_COMMENT_NEEDED,
	REFUSAL_NO_APPROVER,
	REFUSAL_MAC_TAKEN,
	REFUSAL_EMERGENCY_AGAIN,
	REFUSAL_NO_ACCOUNT,
	REFUSAL_NO_HEAD,
	REFUSAL_IMPORT_HEADER,
	REFUSAL_IMPORT_SIZE,
	/* the server */
	REFUSAL_BUSY,
	REFUSAL_STORE,
	REFUSAL_NO_GATE,
	REFUSAL_INTERNAL,
	REFUSAL_COUNT
};

struct refusal_text {
	const char *code;
	int status; /* of HTTP */
	const char *zh, *en;
};

/* Never NULL. */
const struct refusal_text *refusal_text(enum refusal r);

#define REFUSED_FIELD_SIZE 64

struct refused {
	enum refusal what;
	char field[REFUSED_FIELD_SIZE]; /* the value that is meant, "" when none */
};

/* Fills `r` and returns -ECANCELED, to stand in a return statement; `field` may be NULL. */
int refuse(struct refused *r, enum refusal what, const char *field);
/* What the errors of the domain acts (engine/terminal.h) mean to a person; 0 and -ECANCELED pass.
 */
int refuse_errno(struct refused *r, int err);
