/*
 * Flow 1, "look up": everything known about who knocks, gathered from memory as the inputs of the
 * pure verdict. The same picture is drawn again for a live session whose facts may have changed.
 */
#pragma once

#include "gate/gate.h"

/* Who knocks or sits there. */
struct subject {
	int64_t now_ms;
	enum knock_method method;
	struct mac mac;
	int64_t switch_id;
	const char *port;
	enum reason proof;	       /* REASON_OK: proven */
	const char *account;	       /* normalised name, "" when none */
	const char *serial;	       /* of the terminal's certificate, "" when none */
	const struct session *session; /* the live one that is looked at again; NULL at a knock */
};

struct picture {
	struct knock knock;
	struct facts facts;
	const struct snap_switch *at;	      /* never NULL */
	const struct vendor *vendor;	      /* whose words that switch speaks; never NULL */
	const struct snap_terminal *terminal; /* NULL: unknown */
	int64_t unit_id;
	int64_t bypass_until_ms;     /* 0: none */
	int64_t maintained_until_ms; /* 0: no maintenance window */
	int64_t enforce_from_ms;     /* announced for the unit; 0: not */
	int64_t permit_until_ms;     /* the end of the permit, or of its hours today; 0: none */
	bool isolated_here;	     /* by a person at this gate */
	struct session *elsewhere; /* the account's other session, not proven live: it is closed */
};

/* Of this port: its own, else its unit's. */
enum mode picture_mode(const struct gate *g, const struct snap_switch *at, const char *port);
/* `ret` points into the snapshot and into `who`. */
void picture_draw(struct gate *g, const struct subject *who, const struct snap_switch *at,
		  struct picture *ret);
/* verdict_decide(), and who is isolated by a person at this gate is, in every mode. */
void picture_decide(const struct picture *p, struct decision *ret);
