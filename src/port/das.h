/*
 * Disconnect-Request (RFC 5176): a gate puts a session out; CoA-Request: it gives a session another
 * VLAN or filter, which needs no new authentication. Only a gate's address is heard, with
 * the box's secret; a request needs a right authenticator, a right Message-Authenticator and an
 * Event-Timestamp at most 300 s away; the same request again gets the same answer again
 * (port/answered.h).
 */
#pragma once

#include "base/loop.h"
#include "base/mac.h"
#include "port/answer.h"
#include "port/settings.h"
#include "radius/build.h"

#define DAS_WINDOW_S 300

/* Which session is meant: every criterion that is there must fit. */
struct das_request {
	char session_id[RADIUS_VALUE_MAX + 1]; /* "" absent */
	const uint8_t *class_value;	       /* NULL absent; points into the packet */
	size_t class_len;
	struct mac mac;
	bool has_mac;
	char port[RADIUS_VALUE_MAX + 1]; /* NAS-Port-Id, "" absent */
	bool is_change;			 /* a CoA-Request: `place` has its VLAN and filter */
	struct answer place;
};

/*
 * Reads a packet that came from a gate. `ret_packet` is written whenever the packet is proven.
 * 0; -EBADMSG: malformed or not proven, to be dropped in silence; otherwise a NAK is due:
 * -EOPNOTSUPP: a CoA-Request for something else than a place (405); -EINVAL: a place that cannot be
 * obeyed (407); -ENODATA: no Event-Timestamp or no criterion (402);
 * -ESTALE: outside the window, dropped in silence as well (RFC 5176 section 6.3).
 */
int das_read(const void *data, size_t len, const struct radius_secret *secret, int64_t now_ms,
	     struct radius_packet *ret_packet, struct das_request *ret) MUST_CHECK;

struct das;

/*
 * Ends or changes the sessions that are meant; returns how many there were, or -errno when one
 * could not be changed (506).
 */
typedef int das_fn(void *arg, const struct das_request *request);

int das_new(struct loop *loop, const struct settings *settings, das_fn *fn, void *arg,
	    struct das **ret) MUST_CHECK;
void das_free(struct das *d);
