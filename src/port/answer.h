/*
 * What a gate answered, as a port obeys it: a pure reading of an Access-Accept or Access-Reject
 * (RFC 2865; VLAN as in RFC 3580 section 3.31; Filter-Id for isolation in place; the addresses of
 * the plan as Framed-IP-Address, and as Framed-IPv6-Address of RFC 6911).
 */
#pragma once

#include "base/addr.h"
#include "radius/packet.h"

enum answer_kind {
	ANSWER_SILENT, /* no gate answered */
	ANSWER_REJECT,
	ANSWER_ADMIT,
};

#define ANSWER_PLANNED_MAX 16

/* The addresses that the plan gives to who is admitted: it uses these alone. */
struct answer_plan {
	size_t count; /* 0: it may use any */
	struct addr list[ANSWER_PLANNED_MAX];
	bool watched; /* others pass, and are told */
};

struct answer {
	enum answer_kind kind;
	unsigned vlan;			   /* 0: the answer names none */
	char filter[RADIUS_VALUE_MAX + 1]; /* Filter-Id, "" when there is none */
	uint8_t class_value[RADIUS_VALUE_MAX];
	size_t class_len;
	struct answer_plan plan;
	uint32_t timeout_s;		    /* Session-Timeout, 0: none */
	bool ask_again;			    /* at the end of it, rather than close */
	uint32_t interim_s;		    /* 0: the port's own */
	char reason[RADIUS_VALUE_MAX + 1];  /* the first Reply-Message */
	char account[RADIUS_VALUE_MAX + 1]; /* User-Name; "" when the answer names none */
};

/*
 * -EBADMSG: neither Accept nor Reject, or an attribute that cannot be obeyed as it stands (a
 * number of the wrong length, a tunnel that is no VLAN, more addresses than are held); what cannot
 * be obeyed opens nothing.
 */
int answer_read(const struct radius_packet *p, struct answer *ret) MUST_CHECK;
/*
 * The VLAN, filter and plan that a CoA-Request gives a session, into `place` (nothing else of it).
 * The place is whole: what it does not name, the session has no more. -ENODATA: it names neither
 * VLAN nor filter; -EBADMSG as above.
 */
int answer_read_place(const struct radius_packet *p, struct answer *place) MUST_CHECK;
/* The same VLAN, filter and plan: a door that is open need not move. */
bool answer_same_place(const struct answer *a, const struct answer *b);
/* The same session to the gate. */
bool answer_same_class(const struct answer *a, const struct answer *b);
