/*
 * What would become of a knock that nobody sends: the same picture and the same decision as of a
 * real one, without session, record or reply. Asked by a person at the gate and, for one in the
 * console, by head office.
 */
#pragma once

#include "gate/gate.h"

struct explain_ask {
	struct mac mac;
	const char *account; /* "": by its MAC, its certificate, or as it came in */
	const char *at;	  /* a switch's name or address; "": where it stands, else where it may */
	const char *port; /* with `at` */
};

enum explain_trouble {
	EXPLAIN_FINE,
	EXPLAIN_NO_SNAPSHOT,
	EXPLAIN_BAD_ACCOUNT,
	EXPLAIN_NO_SWITCH,
	EXPLAIN_NO_PLACE,
	EXPLAIN_TROUBLE_COUNT
};

/* "no-switch", and a sentence for a person at the gate. */
const char *explain_trouble_code(enum explain_trouble t);
const char *explain_trouble_text(enum explain_trouble t);

struct explained {
	struct mac mac;
	char account[ACCOUNT_NAME_SIZE];
	const struct snap_switch *at; /* of the snapshot, as `session` of the sessions: for now */
	char port[PORT_SIZE];	      /* of the ask, the session or the permit */
	const char *serial;
	enum knock_method method;
	enum mode mode;
	struct decision decision;      /* as this switch can carry it out */
	int64_t terminal_id;	       /* 0: unknown */
	const struct session *session; /* it stands there now; NULL: it does not */
};

/* Anything but EXPLAIN_FINE leaves `ret` as it was. */
enum explain_trouble explain_knock(struct gate *g, const struct explain_ask *ask,
				   struct explained *ret) MUST_CHECK;
