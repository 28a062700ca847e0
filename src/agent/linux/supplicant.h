/*
 * wpa_supplicant by its control sockets (one datagram socket an interface, hostap's ctrl_iface).
 * Each request waits 300 ms at most for its answer.
 */
#pragma once

#include "base/util.h"

struct supplicant {
	const char *dir;     /* of its control sockets */
	const char *run_dir; /* where the answer's socket is bound */
};

/* The state that the wire speaks of: "authorised", "held", or "none" when nobody answers. */
const char *supplicant_state(const struct supplicant *s, const char *interface);
/*
 * Makes the supplicant of the interface ("": of every one that has a socket) knock again. On a wire
 * REASSOCIATE starts EAP anew within 2 s from every state, cut off or let in; LOGOFF with LOGON
 * does not: an access switch that was logged off from forgets the port. The number that obeyed, or
 * -errno.
 */
int supplicant_knock(const struct supplicant *s, const char *interface) MUST_CHECK;
/* What a STATUS answer says, apart from the socket it came by. */
const char *supplicant_read_status(const char *answer);
