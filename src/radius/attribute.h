/*
 * RADIUS attributes as data: number, name, how the value is written, for building, logging and
 * documents (RFC 2865, 2866, 2868, 2869, 3162, 3576, 3579, 4372, 5176; RFC 2548 for Microsoft's).
 */
#pragma once

#include "base/util.h"

enum radius_attribute {
	RADIUS_USER_NAME = 1,
	RADIUS_USER_PASSWORD = 2,
	RADIUS_CHAP_PASSWORD = 3,
	RADIUS_NAS_IP_ADDRESS = 4,
	RADIUS_NAS_PORT = 5,
	RADIUS_SERVICE_TYPE = 6,
	RADIUS_FRAMED_IP_ADDRESS = 8,
	RADIUS_FILTER_ID = 11,
	RADIUS_FRAMED_MTU = 12,
	RADIUS_REPLY_MESSAGE = 18,
	RADIUS_STATE = 24,
	RADIUS_CLASS = 25,
	RADIUS_VENDOR_SPECIFIC = 26,
	RADIUS_SESSION_TIMEOUT = 27,
	RADIUS_IDLE_TIMEOUT = 28,
	RADIUS_TERMINATION_ACTION = 29,
	RADIUS_CALLED_STATION_ID = 30,
	RADIUS_CALLING_STATION_ID = 31,
	RADIUS_NAS_IDENTIFIER = 32,
	RADIUS_PROXY_STATE = 33,
	RADIUS_ACCT_STATUS_TYPE = 40,
	RADIUS_ACCT_DELAY_TIME = 41,
	RADIUS_ACCT_INPUT_OCTETS = 42,
	RADIUS_ACCT_OUTPUT_OCTETS = 43,
	RADIUS_ACCT_SESSION_ID = 44,
	RADIUS_ACCT_AUTHENTIC = 45,
	RADIUS_ACCT_SESSION_TIME = 46,
	RADIUS_ACCT_INPUT_PACKETS = 47,
	RADIUS_ACCT_OUTPUT_PACKETS = 48,
	RADIUS_ACCT_TERMINATE_CAUSE = 49,
	RADIUS_ACCT_MULTI_SESSION_ID = 50,
	RADIUS_ACCT_INPUT_GIGAWORDS = 52,
	RADIUS_ACCT_OUTPUT_GIGAWORDS = 53,
	RADIUS_EVENT_TIMESTAMP = 55,
	RADIUS_CHAP_CHALLENGE = 60,
	RADIUS_NAS_PORT_TYPE = 61,
	RADIUS_TUNNEL_TYPE = 64,
	RADIUS_TUNNEL_MEDIUM_TYPE = 65,
	RADIUS_CONNECT_INFO = 77,
	RADIUS_EAP_MESSAGE = 79,
	RADIUS_MESSAGE_AUTHENTICATOR = 80,
	RADIUS_TUNNEL_PRIVATE_GROUP_ID = 81,
	RADIUS_ACCT_INTERIM_INTERVAL = 85,
	RADIUS_NAS_PORT_ID = 87,
	RADIUS_CHARGEABLE_USER_IDENTITY = 89,
	RADIUS_NAS_IPV6_ADDRESS = 95,
	RADIUS_ERROR_CAUSE = 101,
	RADIUS_EAP_KEY_NAME = 102,
	RADIUS_FRAMED_IPV6_ADDRESS = 168, /* RFC 6911 */
};

enum radius_vendor {
	RADIUS_VENDOR_MICROSOFT = 311,
	/*
	 * The attributes between the EAP engine and the gate. They never leave loopback, so the
	 * number is the one that RFC 5612 keeps for documentation.
	 */
	RADIUS_VENDOR_MENSHEN = 32473,
};

enum radius_microsoft {
	RADIUS_MS_MPPE_SEND_KEY = 16,
	RADIUS_MS_MPPE_RECV_KEY = 17,
};

enum radius_menshen {
	RADIUS_MENSHEN_INNER_IDENTITY = 1, /* text: the inner User-Name, after it was proven */
	RADIUS_MENSHEN_FAILURE_CAUSE = 2,  /* text: why the engine said no */
	RADIUS_MENSHEN_METHOD = 3,	   /* text: peap, ttls, tls */
	RADIUS_MENSHEN_ISSUER = 4,	   /* text: key of who issued the certificate */
	RADIUS_MENSHEN_CERT_NAME = 5,	   /* text: the name in it that a terminal goes by */
	RADIUS_MENSHEN_SOURCE = 6,	   /* text: what proved it, where it is told: last-known */
	/* Between a gate and menshen-port, under the switch's secret. */
	RADIUS_MENSHEN_WATCHED = 7, /* number, not 0: other addresses than these are told alone */
	RADIUS_MENSHEN_ASTRAY = 8,  /* text: an address that the session used beside the plan */
};

/* Values of Service-Type, Acct-Status-Type, Acct-Terminate-Cause, NAS-Port-Type, Error-Cause. */
enum {
	RADIUS_SERVICE_FRAMED = 2,
	RADIUS_SERVICE_CALL_CHECK = 10,
	RADIUS_ACCT_START = 1,
	RADIUS_ACCT_STOP = 2,
	RADIUS_ACCT_INTERIM = 3,
	RADIUS_ACCT_ON = 7,
	RADIUS_ACCT_OFF = 8,
	RADIUS_CAUSE_USER_REQUEST = 1,
	RADIUS_CAUSE_LOST_CARRIER = 2,
	RADIUS_CAUSE_SESSION_TIMEOUT = 5,
	RADIUS_CAUSE_ADMIN_RESET = 6,
	RADIUS_CAUSE_PORT_ERROR = 8,
	RADIUS_CAUSE_NAS_REBOOT = 11,
	RADIUS_PORT_TYPE_ETHERNET = 15,
	RADIUS_PORT_TYPE_RADIO = 19,	       /* IEEE 802.11 */
	RADIUS_TERMINATION_REAUTHENTICATE = 1, /* of Termination-Action: RADIUS-Request */
	RADIUS_TUNNEL_VLAN = 13,	       /* of Tunnel-Type */
	RADIUS_TUNNEL_IEEE_802 = 6,	       /* of Tunnel-Medium-Type */
	RADIUS_ERROR_UNSUPPORTED_ATTRIBUTE = 401,
	RADIUS_ERROR_MISSING_ATTRIBUTE = 402,
	RADIUS_ERROR_UNSUPPORTED_SERVICE = 405,
	RADIUS_ERROR_INVALID_VALUE = 407,
	RADIUS_ERROR_NOT_ROUTABLE = 502,
	RADIUS_ERROR_SESSION_NOT_FOUND = 503,
	RADIUS_ERROR_RESOURCES = 506,
	RADIUS_ERROR_REQUEST_INITIATED = 507,
};

enum radius_type {
	RADIUS_TEXT,
	RADIUS_OCTETS,
	RADIUS_NUMBER, /* 4 bytes, network order */
	RADIUS_IPV4,
	RADIUS_IPV6,
	RADIUS_TIME,
	RADIUS_SECRET, /* never written to a log */
	RADIUS_TAGGED_NUMBER,
	RADIUS_TAGGED_TEXT,
	RADIUS_VENDOR,
};

struct radius_attribute_info {
	const char *name; /* as in the RFC */
	uint8_t number;
	enum radius_type type;
};

/* Of Error-Cause (RFC 5176 section 3.6): "Unsupported Service"; NULL for a number that has none. */
const char *radius_error_cause_name(uint32_t cause);

/* NULL when the number is not in the table. */
const struct radius_attribute_info *radius_attribute_info(uint8_t number);
/*
 * "Calling-Station-Id = aa-bb-cc-dd-ee-ff", for logs: printable, bounded by `size`, secrets as
 * "<secret>". Returns the length without the NUL.
 */
size_t radius_attribute_print(char *dst, size_t size, uint8_t number, const uint8_t *value,
			      size_t len);
