/*
 * A request kind: one file of this folder with one const descriptor, listed in table.c. It says who
 * may file, what the form asks, whose approvals it takes in which order, and what comes of it.
 */
#pragma once

#include "server/engine/org.h"

enum field_type {
	FIELD_TEXT,	 /* max bytes */
	FIELD_LONG_TEXT, /* max bytes, line breaks too */
	FIELD_CHOICE,	 /* one of options */
	FIELD_MAC,	 /* kept as aa:bb:cc:dd:ee:ff */
	FIELD_PERSON,	 /* a person's id, of the unit's region, in service */
	FIELD_SWITCH,	 /* a switch's id, of the unit's region, in service */
	FIELD_DAYS,	 /* 1 .. max */
	FIELD_DATE,	 /* a time */
};

struct field_option {
	const char *value, *zh, *en; /* value NULL ends */
};

struct request_field {
	const char *name; /* NULL ends */
	enum field_type type;
	const char *zh, *en;
	bool required;
	int64_t max;
	const struct field_option *options; /* of a choice */
};

/* Whose people decide a step. */
enum unit_rule {
	UNIT_OWN,    /* the unit that the request is about */
	UNIT_REGION, /* its branch; of head office, the technology department (D03) */
};

struct request_step {
	const char *name, *zh, *en; /* name NULL ends */
	unsigned role;
	enum unit_rule unit;
};

/* A request whose form has passed the fields' rules. */
struct request {
	int64_t id, unit_id, applicant_id; /* applicant: account */
	int64_t step;
	const struct request_kind *kind;
	char status[16], number[32];
	json_t *form;	/* owned */
	json_t *effect; /* owned */
};

#define REQUEST_CODE_SIZE 24

/* What check and effect have at hand; both run on the engine's thread, inside the transaction. */
struct request_doing {
	struct store *store;
	int64_t now_ms;
	const struct entry_actor *who; /* who files, or who approves last */
	const struct request *request;
	const struct unit *unit;
	const struct account *applicant;
	struct refused *why;
	/* the effect fills: */
	json_t *effect;		      /* object, kept with the request */
	char code[REQUEST_CODE_SIZE]; /* shown once, never kept */
	int64_t code_expires_at_ms;
};

#define REQUEST_CLAUSES_MAX 6
#define REQUEST_STEPS_MAX 16

struct request_kind {
	const char *id; /* "mac-admission"; stored, never changes */
	const char *zh, *en;
	const char *clauses[REQUEST_CLAUSES_MAX]; /* of the regulation */
	unsigned filers;			  /* roles; ROLE_STAFF: everybody but auditors */
	const struct request_field *fields;
	const struct request_step *route;
	/* At filing, and again before the effect: 0, or refused. May be NULL. */
	int (*check)(struct request_doing *d);
	int (*effect)(struct request_doing *d);
};

extern const struct request_kind *const request_kinds[];
extern const size_t request_kind_count;

/* NULL: no such kind. */
const struct request_kind *request_kind_find(const char *id);

/* Values of the form, by name; "" and 0 where an optional one is absent. */
const char *request_text(const struct request_doing *d, const char *name);
int64_t request_int(const struct request_doing *d, const char *name);
/* False: the form has no such MAC. */
bool request_mac(const struct request_doing *d, const char *name, struct mac *ret);
