/*
 * The 802.1X engine: one hostapd process for all ports (driver=wired), its configuration written
 * into the run folder, watched and spoken to over its global control socket. When it dies, or keeps
 * silent for seconds, it is started again. It talks RADIUS to the proxy on loopback alone and keeps
 * no accounting.
 */
#pragma once

#include "base/loop.h"
#include "base/mac.h"
#include "port/settings.h"

struct hostapd;

/* `port` is an interface's name. Called from the loop. */
struct hostapd_events {
	void (*success)(void *arg, const char *port, const struct mac *mac);
	void (*gone)(void *arg, const char *port, const struct mac *mac); /* logoff */
	void (*died)(void *arg);
};

/* Where hostapd finds its RADIUS server, and with which secret (hexadecimal text). */
struct hostapd_server {
	uint16_t port;
	const char *secret;
};

/* One line of the control socket: "IFNAME=p1 <3>AP-STA-DISCONNECTED aa:bb:cc:dd:ee:ff". */
enum hostapd_event { HOSTAPD_OTHER, HOSTAPD_SUCCESS, HOSTAPD_GONE };
enum hostapd_event hostapd_read_event(const char *line, char ret_port[static IF_NAMESIZE],
				      struct mac *ret_mac);

/* Starts it; the run folder exists. */
int hostapd_new(struct loop *loop, const struct settings *settings,
		const struct hostapd_server *server, const struct hostapd_events *events, void *arg,
		struct hostapd **ret) MUST_CHECK;
/* Ends it and waits for its end (a second at most, then it is killed). */
void hostapd_free(struct hostapd *h);

/* Ends it; it starts again with the ports that are there now. */
void hostapd_restart(struct hostapd *h);

/* Takes away the MAC's authorisation, if it has one, and starts a conversation with it. */
void hostapd_invite(struct hostapd *h, const char *port, const struct mac *mac);
/* Lets the MAC prove itself again; it stays authorised meanwhile. */
void hostapd_renew(struct hostapd *h, const char *port, const struct mac *mac);
/* Forgets a MAC that is not here any more. */
void hostapd_dismiss(struct hostapd *h, const char *port, const struct mac *mac);
