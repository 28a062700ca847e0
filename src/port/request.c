#include "port/request.h"

#include <string.h>

#include "radius/password.h"

#define ACCT_AUTHENTIC_RADIUS 1
#define ACCT_MULTI_SESSION_ID 50 /* RFC 2866 section 5.11 */

static void put_address(struct radius_out *out, const struct addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		radius_put(out, RADIUS_NAS_IPV6_ADDRESS, &a->in6.sin6_addr, 16);
	else
		radius_put(out, RADIUS_NAS_IP_ADDRESS, &a->in.sin_addr, 4);
}

void request_put_place(struct radius_out *out, const struct request_place *place)
{
	put_address(out, &place->settings->address);
	radius_put_text(out, RADIUS_NAS_IDENTIFIER, place->settings->identifier);
	if (!place->name)
		return;
	radius_put_u32(out, RADIUS_NAS_PORT, place->number);
	radius_put_u32(out, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_TYPE_ETHERNET);
	radius_put_text(out, RADIUS_NAS_PORT_ID, place->name);
}

void request_put_mac_knock(struct radius_out *out, const struct request_place *place,
			   const struct mac *mac, const char *session_id)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	radius_put_text(out, RADIUS_USER_NAME, text);
	radius_put_password(out, &place->settings->secret, text);
	radius_put_u32(out, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_CALL_CHECK);
	radius_put_text(out, RADIUS_CALLING_STATION_ID, text);
	request_put_place(out, place);
	radius_put_text(out, RADIUS_ACCT_SESSION_ID, session_id);
}

static bool is_hostapds_own(uint8_t type)
{
	static const uint8_t own[] = {
		RADIUS_NAS_IP_ADDRESS,	RADIUS_NAS_IPV6_ADDRESS,  RADIUS_NAS_IDENTIFIER,
		RADIUS_NAS_PORT,	RADIUS_NAS_PORT_TYPE,	  RADIUS_NAS_PORT_ID,
		RADIUS_ACCT_SESSION_ID, RADIUS_CALLED_STATION_ID, RADIUS_MESSAGE_AUTHENTICATOR,
		RADIUS_CONNECT_INFO,	ACCT_MULTI_SESSION_ID,
	};

	return memchr(own, type, sizeof(own)) != NULL;
}

void request_put_relayed(struct radius_out *out, const struct request_place *place,
			 const struct radius_packet *from, const char *session_id)
{
	struct radius_attr a = {0};

	while (radius_next(from, &a))
		if (!is_hostapds_own(a.type))
			radius_put(out, a.type, a.value, a.len);
	request_put_place(out, place);
	radius_put_text(out, RADIUS_ACCT_SESSION_ID, session_id);
}

/* RFC 2869 section 5.1: what 32 bits do not hold stands beside it. */
static void put_octets(struct radius_out *out, uint8_t type, uint8_t giga_type, uint64_t octets)
{
	radius_put_u32(out, type, (uint32_t)octets);
	if (octets >> 32)
		radius_put_u32(out, giga_type, (uint32_t)(octets >> 32));
}

static void put_use(struct radius_out *out, const struct request_account *a)
{
	radius_put_u32(out, RADIUS_ACCT_SESSION_TIME, a->duration_s);
	put_octets(out, RADIUS_ACCT_INPUT_OCTETS, RADIUS_ACCT_INPUT_GIGAWORDS, a->used.rx_bytes);
	put_octets(out, RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_ACCT_OUTPUT_GIGAWORDS, a->used.tx_bytes);
	radius_put_u32(out, RADIUS_ACCT_INPUT_PACKETS, (uint32_t)a->used.rx_packets);
	radius_put_u32(out, RADIUS_ACCT_OUTPUT_PACKETS, (uint32_t)a->used.tx_packets);
}

static void put_session(struct radius_out *out, const struct request_account *a)
{
	char text[MAC_TEXT_SIZE];

	mac_format(text, &a->mac);
	radius_put_text(out, RADIUS_USER_NAME, a->account[0] ? a->account : text);
	radius_put_text(out, RADIUS_CALLING_STATION_ID, text);
	radius_put_u32(out, RADIUS_SERVICE_TYPE,
		       a->by_eap ? RADIUS_SERVICE_FRAMED : RADIUS_SERVICE_CALL_CHECK);
	radius_put_u32(out, RADIUS_ACCT_AUTHENTIC, ACCT_AUTHENTIC_RADIUS);
	if (a->class_len > 0)
		radius_put(out, RADIUS_CLASS, a->class_value, a->class_len);
	if (a->status != RADIUS_ACCT_START)
		put_use(out, a);
	if (a->status == RADIUS_ACCT_STOP)
		radius_put_u32(out, RADIUS_ACCT_TERMINATE_CAUSE, a->cause);
	if (a->astray[0])
		radius_put_vendor(out, RADIUS_VENDOR_MENSHEN, RADIUS_MENSHEN_ASTRAY, a->astray,
				  strlen(a->astray));
}

/* Event-Timestamp tells when; without Acct-Delay-Time a retransmission stays the same bytes. */
void request_put_account(struct radius_out *out, const struct settings *settings,
			 const struct request_account *a)
{
	const struct request_place place = {settings, a->port_number, a->port[0] ? a->port : NULL};

	radius_put_u32(out, RADIUS_ACCT_STATUS_TYPE, a->status);
	radius_put_text(out, RADIUS_ACCT_SESSION_ID, a->session_id);
	radius_put_u32(out, RADIUS_EVENT_TIMESTAMP, (uint32_t)(a->at_ms / 1000));
	request_put_place(out, &place);
	if (a->port[0])
		put_session(out, a);
}
