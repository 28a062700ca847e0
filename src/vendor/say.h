/*
 * A verdict, a session and a command in the words of one vendor: pure functions from facts and a
 * vendor's file to attributes of a packet under construction. Nothing is allocated.
 */
#pragma once

#include "radius/build.h"
#include "vendor/vendor.h"

/* Where somebody is put. Texts may be NULL or "" for none. */
struct vendor_place {
	const char *vlan; /* number or name */
	const char *acl;  /* its name on the switch */
	/*
	 * What may be reached, for a downloadable ACL: "10.1.0.2:8443 10.1.0.53:53/udp", IPv4, a
	 * port always, tcp unless said. Used where `acl` is none.
	 */
	const char *reach;
	const char *voice_vlan; /* set: a phone */
	const char *planned;	/* "10.1.0.9 fd00::9": the addresses that it may use; none: any */
	bool watched;		/* others are told, not stopped */
};

/* One session as its switch knows it. Texts may be NULL or "" for none. */
struct vendor_session {
	const char *session_id; /* Acct-Session-Id */
	const char *calling;	/* Calling-Station-Id as the switch wrote it */
	const char *port_id;	/* NAS-Port-Id */
	const char *user;	/* User-Name */
	const char *switch_address, *terminal_address;
	bool has_nas_port;
	uint32_t nas_port;
	const uint8_t *class_value;
	size_t class_len;
	uint32_t now_s; /* Event-Timestamp */
};

/* Where the vendor has no word for a voice VLAN it is said as any other VLAN. */
void vendor_put_place(const struct vendor *v, const struct vendor_place *p, struct radius_out *out);
void vendor_put_timeout(const struct vendor *v, uint32_t seconds, struct radius_out *out);
void vendor_put_session(const struct vendor *v, const struct vendor_session *s,
			struct radius_out *out);
/* The commands that a CoA-Request carries; the vendor says them (vendor_says()). */
void vendor_put_command(const struct vendor *v, enum vendor_use use, struct radius_out *out);

#define VENDOR_REACH_MAX 24
/* "reach" as above: -EINVAL malformed, -E2BIG more than VENDOR_REACH_MAX. */
int vendor_check_reach(const char *reach) MUST_CHECK;
