/*
 * What a vendor's switch wants to hear, as data: one file a vendor says which RADIUS attributes
 * carry a place (VLAN, ACL, downloadable rules, voice), a time limit, the identity of a session and
 * a port bounce, and how the switch itself is set up. Adding a vendor is adding a file.
 *
 *	; a comment
 *	[vendor]
 *	title = Example Networks
 *	[answer]
 *	vlan = 64 tagged-number 13
 *	vlan = 65 tagged-number 6
 *	vlan = 81 text {vlan}
 *	acl = 11 text {acl}
 *	[change]
 *	port = 3799
 *	identify = 44 text {session-id}
 *	identify = 31 text {calling}
 *	place = coa
 *	bounce = 9999.1 text command=bounce
 *	[port]
 *	name = GigabitEthernet{slot}/{subslot}/{port}
 *	[configuration]
 *	radius server {gate}
 *
 * A line of an attribute is WHEN = NUMBER TYPE VALUE, NUMBER being one of the RFCs or VENDOR.NUMBER
 * in the form of RFC 2865 section 5.26. An attribute one of whose {words} has no value is left out.
 * [port] says how SNMP calls the port that RADIUS names (vendor/port_name.h).
 * What follows [configuration] is text for the switch; of it a line is left out likewise.
 *
 * The file's name without ".conf" is the vendor's name. Everything is bounded; a file is read
 * whole or refused with its name, the line and what was expected. One thread at a time.
 */
#pragma once

#include "base/buf.h"
#include "base/util.h"
#include "vendor/port_name.h"

#define VENDOR_NAME_SIZE 24
#define VENDOR_TITLE_SIZE 64
#define VENDOR_VALUE_SIZE 128
#define VENDOR_ATTRIBUTES_MAX 64
#define VENDOR_FILE_MAX (64U << 10)
#define VENDORS_MAX 64
#define VENDOR_ERROR_SIZE 512

/* When an attribute is said. */
enum vendor_use {
	VENDOR_USE_VLAN,
	VENDOR_USE_ACL,
	VENDOR_USE_RULES_BEGIN, /* a downloadable ACL: before, each, behind what may be reached */
	VENDOR_USE_RULE,
	VENDOR_USE_RULES_END,
	VENDOR_USE_VOICE,
	VENDOR_USE_PLANNED, /* one for each address that the plan gives the terminal */
	VENDOR_USE_WATCHED, /* behind them: other addresses are told, not stopped */
	VENDOR_USE_TIMEOUT,
	VENDOR_USE_IDENTIFY, /* which session a Disconnect or CoA means */
	VENDOR_USE_REAUTHENTICATE,
	VENDOR_USE_BOUNCE,
	VENDOR_USE_COUNT
};

enum vendor_type {
	VENDOR_TEXT,
	VENDOR_OCTETS,
	VENDOR_NUMBER,
	VENDOR_TAGGED_NUMBER,	 /* RFC 2868: tag 0 and 3 bytes */
	VENDOR_ADDRESS,		 /* 4 bytes; left out for an IPv6 address */
	VENDOR_ADDRESS6,	 /* 16 bytes; left out for an IPv4 address */
	VENDOR_EGRESS_VLAN,	 /* RFC 4675 2.1, tagged; left out when the VLAN is a name */
	VENDOR_EGRESS_VLAN_NAME, /* RFC 4675 2.3, tagged; left out when the VLAN is a number */
	VENDOR_FILTER_RULE,	 /* RFC 4849: text that a zero byte ends */
};

/* What stands in braces. */
enum vendor_word {
	VENDOR_WORD_VLAN = 1,
	VENDOR_WORD_ACL,
	VENDOR_WORD_VOICE_VLAN,
	VENDOR_WORD_PLANNED,
	VENDOR_WORD_SECONDS,
	VENDOR_WORD_N,	/* 1, 2...: the rules of a downloadable ACL, counted over all its lines */
	VENDOR_WORD_NN, /* the same in two digits at least */
	VENDOR_WORD_ADDRESS,
	VENDOR_WORD_PROTOCOL,
	VENDOR_WORD_PORT,
	VENDOR_WORD_SESSION_ID,
	VENDOR_WORD_CALLING,
	VENDOR_WORD_NAS_PORT,
	VENDOR_WORD_PORT_ID,
	VENDOR_WORD_SWITCH,
	VENDOR_WORD_USER,
	VENDOR_WORD_CLASS,
	VENDOR_WORD_TERMINAL,
	VENDOR_WORD_NOW,
	VENDOR_WORD_COUNT
};

/* How another VLAN or ACL reaches a session that is live. */
enum vendor_change { VENDOR_CHANGE_DISCONNECT, VENDOR_CHANGE_COA, VENDOR_CHANGE_REAUTHENTICATE };
enum vendor_bounce { VENDOR_BOUNCE_NONE, VENDOR_BOUNCE_COA, VENDOR_BOUNCE_SNMP };

struct vendor_attribute {
	enum vendor_use use;
	enum vendor_type type;
	uint8_t number;
	uint32_t vendor; /* 0: an attribute of the RFCs */
	uint8_t len;
	bool is_fixed; /* a number that no word changes: `fixed` */
	uint32_t fixed;
	char value[VENDOR_VALUE_SIZE]; /* a byte below VENDOR_WORD_COUNT is that word */
};

struct vendor {
	char name[VENDOR_NAME_SIZE], title[VENDOR_TITLE_SIZE];
	uint16_t port;		    /* UDP, of Disconnect and CoA */
	bool message_authenticator; /* in Disconnect and CoA */
	enum vendor_change change;
	enum vendor_bounce bounce;
	size_t count;
	struct vendor_attribute attributes[VENDOR_ATTRIBUTES_MAX];
	struct vendor_ports ports;
	char *configuration; /* owned; "" when the file has none */
};

/*
 * One file's text. -EINVAL: `error` says "PATH:LINE: what was expected"; -ENOMEM. `path` is for the
 * error and gives the name.
 */
int vendor_parse(const char *path, const void *text, size_t len, struct vendor **ret,
		 char error[static VENDOR_ERROR_SIZE]) MUST_CHECK;
void vendor_free(struct vendor *v);
bool vendor_says(const struct vendor *v, enum vendor_use use);

struct vendors;

/*
 * All files *.conf of a folder; a folder that is not there counts as empty, which vendors_count()
 * tells. Besides them there is always "other", which says everything in the RFCs' words.
 */
int vendors_load(const char *dir, struct vendors **ret,
		 char error[static VENDOR_ERROR_SIZE]) MUST_CHECK;
void vendors_free(struct vendors *v);
size_t vendors_count(const struct vendors *v);				      /* of files */
const struct vendor *vendors_find(const struct vendors *v, const char *name); /* or NULL */
/* "other" for a name without a file. */
const struct vendor *vendors_get(const struct vendors *v, const char *name);
/* In the order of their names, "other" last: NULL behind the end. */
const struct vendor *vendors_at(const struct vendors *v, size_t i);

static inline void vendor_free_cleanup(struct vendor **v)
{
	vendor_free(*v);
}
#define CLEANUP_VENDOR CLEANUP(vendor_free_cleanup)

static inline void vendors_free_cleanup(struct vendors **v)
{
	vendors_free(*v);
}
#define CLEANUP_VENDORS CLEANUP(vendors_free_cleanup)
