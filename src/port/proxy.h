/*
 * Between hostapd and the gates: a RADIUS proxy on loopback.
 *
 *	supplicant ── EAPOL ── hostapd ── RADIUS on 127.0.0.1, random secret ── proxy ── gates
 *
 * hostapd obeys no VLAN on wired ports and tells nobody what the gate answered; here it passes by.
 * The proxy checks both sides' authenticators, carries hostapd's attributes over in their order,
 *puts the box's own name and port in place of hostapd's, and makes the authenticators anew with the
 * gate's secret. Back comes the conversation alone (EAP-Message, State, Reply-Message): how long a
 * session lasts and where it stands is the port's affair, and session keys mean nothing on a wire.
 * A retransmission of hostapd is recognised: the one under way goes on under its own id, the one
 * already answered gets the same answer. A conversation stays with the gate that began it.
 */
#pragma once

#include "base/mac.h"
#include "port/answer.h"
#include "port/gates.h"
#include "port/request.h"

#define PROXY_SECRET_SIZE 33

struct proxy;

struct proxy_events {
	/*
	 * A response of this MAC goes to the gate. Fills the place and the Acct-Session-Id that it
	 * travels under; -ENOENT: there is no such port, or it takes nobody: it is dropped.
	 */
	int (*runs)(void *arg, const char *port, const struct mac *mac,
		    struct request_place *ret_place, const char **ret_session_id);
	/* Accept, Reject, or the silence of all gates; not called for a challenge. */
	void (*answered)(void *arg, const char *port, const struct mac *mac,
			 const struct answer *answer);
	/* The gate of this conversation fell silent; another one lives. */
	void (*broken)(void *arg, const char *port, const struct mac *mac);
};

int proxy_new(struct loop *loop, struct gates *gates, const struct proxy_events *events, void *arg,
	      struct proxy **ret) MUST_CHECK;
void proxy_free(struct proxy *p);
uint16_t proxy_port(const struct proxy *p);
const char *proxy_secret(const struct proxy *p);
