/*
 * What the box says in its requests: where it stands, who knocks, what a session used (RFC 2865,
 * RFC 2866, RFC 3580). Pure: only attributes are added; errors stick in `out`.
 */
#pragma once

#include "base/mac.h"
#include "port/answer.h"
#include "port/bridge.h"
#include "port/settings.h"
#include "radius/build.h"

#define REQUEST_SESSION_ID_SIZE 24

/* A port as RADIUS names it. */
struct request_place {
	const struct settings *settings;
	unsigned number;  /* NAS-Port */
	const char *name; /* NAS-Port-Id; NULL: the box as a whole */
};

/* NAS-IP-Address or NAS-IPv6-Address, NAS-Identifier, NAS-Port, NAS-Port-Type, NAS-Port-Id. */
void request_put_place(struct radius_out *out, const struct request_place *place);
/* MAC authentication: name and password are the MAC, as in Calling-Station-Id, Call-Check. */
void request_put_mac_knock(struct radius_out *out, const struct request_place *place,
			   const struct mac *mac, const char *session_id);
/*
 * An Access-Request of hostapd in the name of this box: every attribute in its order, except those
 * by which hostapd names itself, its Acct-Session-Id and its Message-Authenticator.
 */
void request_put_relayed(struct radius_out *out, const struct request_place *place,
			 const struct radius_packet *from, const char *session_id);

/* One accounting record; complete, so that it can wait for hours. */
struct request_account {
	uint32_t status; /* RADIUS_ACCT_START ... */
	int64_t at_ms;
	unsigned port_number;
	char port[IF_NAMESIZE]; /* "" for Accounting-On and -Off */
	struct mac mac;
	char session_id[REQUEST_SESSION_ID_SIZE];
	char account[RADIUS_VALUE_MAX + 1];
	bool by_eap;
	uint8_t class_value[RADIUS_VALUE_MAX];
	size_t class_len;
	uint32_t duration_s;
	struct bridge_counters used; /* rx: from the terminal */
	uint32_t cause;		     /* Stop only */
	char astray[ADDR_TEXT_SIZE]; /* an address beside the plan, "" for none */
};

void request_put_account(struct radius_out *out, const struct settings *settings,
			 const struct request_account *a);
