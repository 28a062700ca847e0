#include "radius/attribute.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* In the order of their numbers. */
static const struct radius_attribute_info attributes[] = {
	{"User-Name", RADIUS_USER_NAME, RADIUS_TEXT},
	{"User-Password", RADIUS_USER_PASSWORD, RADIUS_SECRET},
	{"CHAP-Password", RADIUS_CHAP_PASSWORD, RADIUS_SECRET},
	{"NAS-IP-Address", RADIUS_NAS_IP_ADDRESS, RADIUS_IPV4},
	{"NAS-Port", RADIUS_NAS_PORT, RADIUS_NUMBER},
	{"Service-Type", RADIUS_SERVICE_TYPE, RADIUS_NUMBER},
	{"Framed-IP-Address", RADIUS_FRAMED_IP_ADDRESS, RADIUS_IPV4},
	{"Filter-Id", RADIUS_FILTER_ID, RADIUS_TEXT},
	{"Framed-MTU", RADIUS_FRAMED_MTU, RADIUS_NUMBER},
	{"Reply-Message", RADIUS_REPLY_MESSAGE, RADIUS_TEXT},
	{"State", RADIUS_STATE, RADIUS_OCTETS},
	{"Class", RADIUS_CLASS, RADIUS_OCTETS},
	{"Vendor-Specific", RADIUS_VENDOR_SPECIFIC, RADIUS_VENDOR},
	{"Session-Timeout", RADIUS_SESSION_TIMEOUT, RADIUS_NUMBER},
	{"Idle-Timeout", RADIUS_IDLE_TIMEOUT, RADIUS_NUMBER},
	{"Termination-Action", RADIUS_TERMINATION_ACTION, RADIUS_NUMBER},
	{"Called-Station-Id", RADIUS_CALLED_STATION_ID, RADIUS_TEXT},
	{"Calling-Station-Id", RADIUS_CALLING_STATION_ID, RADIUS_TEXT},
	{"NAS-Identifier", RADIUS_NAS_IDENTIFIER, RADIUS_TEXT},
	{"Proxy-State", RADIUS_PROXY_STATE, RADIUS_OCTETS},
	{"Acct-Status-Type", RADIUS_ACCT_STATUS_TYPE, RADIUS_NUMBER},
	{"Acct-Delay-Time", RADIUS_ACCT_DELAY_TIME, RADIUS_NUMBER},
	{"Acct-Input-Octets", RADIUS_ACCT_INPUT_OCTETS, RADIUS_NUMBER},
	{"Acct-Output-Octets", RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_NUMBER},
	{"Acct-Session-Id", RADIUS_ACCT_SESSION_ID, RADIUS_TEXT},
	{"Acct-Authentic", RADIUS_ACCT_AUTHENTIC, RADIUS_NUMBER},
	{"Acct-Session-Time", RADIUS_ACCT_SESSION_TIME, RADIUS_NUMBER},
	{"Acct-Input-Packets", RADIUS_ACCT_INPUT_PACKETS, RADIUS_NUMBER},
	{"Acct-Output-Packets", RADIUS_ACCT_OUTPUT_PACKETS, RADIUS_NUMBER},
	{"Acct-Terminate-Cause", RADIUS_ACCT_TERMINATE_CAUSE, RADIUS_NUMBER},
	{"Acct-Input-Gigawords", RADIUS_ACCT_INPUT_GIGAWORDS, RADIUS_NUMBER},
	{"Acct-Output-Gigawords", RADIUS_ACCT_OUTPUT_GIGAWORDS, RADIUS_NUMBER},
	{"Event-Timestamp", RADIUS_EVENT_TIMESTAMP, RADIUS_TIME},
	{"CHAP-Challenge", RADIUS_CHAP_CHALLENGE, RADIUS_OCTETS},
	{"NAS-Port-Type", RADIUS_NAS_PORT_TYPE, RADIUS_NUMBER},
	{"Tunnel-Type", RADIUS_TUNNEL_TYPE, RADIUS_TAGGED_NUMBER},
	{"Tunnel-Medium-Type", RADIUS_TUNNEL_MEDIUM_TYPE, RADIUS_TAGGED_NUMBER},
	{"Connect-Info", RADIUS_CONNECT_INFO, RADIUS_TEXT},
	{"EAP-Message", RADIUS_EAP_MESSAGE, RADIUS_OCTETS},
	{"Message-Authenticator", RADIUS_MESSAGE_AUTHENTICATOR, RADIUS_OCTETS},
	{"Tunnel-Private-Group-Id", RADIUS_TUNNEL_PRIVATE_GROUP_ID, RADIUS_TAGGED_TEXT},
	{"Acct-Interim-Interval", RADIUS_ACCT_INTERIM_INTERVAL, RADIUS_NUMBER},
	{"NAS-Port-Id", RADIUS_NAS_PORT_ID, RADIUS_TEXT},
	{"Chargeable-User-Identity", RADIUS_CHARGEABLE_USER_IDENTITY, RADIUS_OCTETS},
	{"NAS-IPv6-Address", RADIUS_NAS_IPV6_ADDRESS, RADIUS_IPV6},
	{"Error-Cause", RADIUS_ERROR_CAUSE, RADIUS_NUMBER},
	{"EAP-Key-Name", RADIUS_EAP_KEY_NAME, RADIUS_OCTETS},
};

const struct radius_attribute_info *radius_attribute_info(uint8_t number)
{
	size_t low = 0, high = ARRAY_SIZE(attributes);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (attributes[middle].number == number)
			return &attributes[middle];
		if (attributes[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* In the order of their numbers. */
static const struct {
	uint32_t cause;
	const char *name;
} error_causes[] = {
	{201, "Residual Session Context Removed"},
	{202, "Invalid EAP Packet"},
	{RADIUS_ERROR_UNSUPPORTED_ATTRIBUTE, "Unsupported Attribute"},
	{RADIUS_ERROR_MISSING_ATTRIBUTE, "Missing Attribute"},
	{403, "NAS Identification Mismatch"},
	{404, "Invalid Request"},
	{RADIUS_ERROR_UNSUPPORTED_SERVICE, "Unsupported Service"},
	{406, "Unsupported Extension"},
	{RADIUS_ERROR_INVALID_VALUE, "Invalid Attribute Value"},
	{501, "Administratively Prohibited"},
	{RADIUS_ERROR_NOT_ROUTABLE, "Request Not Routable"},
	{RADIUS_ERROR_SESSION_NOT_FOUND, "Session Context Not Found"},
	{504, "Session Context Not Removable"},
	{505, "Other Proxy Processing Error"},
	{RADIUS_ERROR_RESOURCES, "Resources Unavailable"},
	{RADIUS_ERROR_REQUEST_INITIATED, "Request Initiated"},
	{508, "Multiple Session Selection Unsupported"},
};

const char *radius_error_cause_name(uint32_t cause)
{
	for (size_t i = 0; i < ARRAY_SIZE(error_causes); i++)
		if (error_causes[i].cause == cause)
			return error_causes[i].name;
	return NULL;
}

/* Room for "0x" and two digits a byte of the longest value. */
#define TEXT_SIZE (2 * 253 + 3)

static void print_octets(char text[static TEXT_SIZE], const uint8_t *value, size_t len)
{
	int at = snprintf(text, TEXT_SIZE, "0x");

	for (size_t i = 0; i < len && at < TEXT_SIZE - 2; i++)
		at += snprintf(text + at, TEXT_SIZE - (size_t)at, "%02x", value[i]);
}

static void print_text(char text[static TEXT_SIZE], const uint8_t *value, size_t len)
{
	size_t n = MIN(len, (size_t)TEXT_SIZE - 1);

	for (size_t i = 0; i < n; i++)
		text[i] = value[i] < 0x20 || value[i] == 0x7f ? '?' : (char)value[i];
	text[n] = 0;
}

static void print_tagged_text(char text[static TEXT_SIZE], const uint8_t *value, size_t len)
{
	bool tagged = len > 0 && value[0] < 0x20;

	print_text(text, value + tagged, len - tagged);
}

/* A value whose length does not fit its type is shown as octets. */
static void print_value(char text[static TEXT_SIZE], enum radius_type type, const uint8_t *value,
			size_t len)
{
	if (type == RADIUS_SECRET)
		snprintf(text, TEXT_SIZE, "<secret>");
	else if (type == RADIUS_TEXT)
		print_text(text, value, len);
	else if (type == RADIUS_TAGGED_TEXT)
		print_tagged_text(text, value, len);
	else if (type == RADIUS_IPV4 && len == 4)
		inet_ntop(AF_INET, value, text, TEXT_SIZE);
	else if (type == RADIUS_IPV6 && len == 16)
		inet_ntop(AF_INET6, value, text, TEXT_SIZE);
	else if ((type == RADIUS_NUMBER || type == RADIUS_TIME) && len == 4)
		snprintf(text, TEXT_SIZE, "%u", get_be32(value));
	else if (type == RADIUS_TAGGED_NUMBER && len == 4)
		snprintf(text, TEXT_SIZE, "%u", get_be32(value) & 0xffffff);
	else
		print_octets(text, value, len);
}

size_t radius_attribute_print(char *dst, size_t size, uint8_t number, const uint8_t *value,
			      size_t len)
{
	const struct radius_attribute_info *info = radius_attribute_info(number);
	char text[TEXT_SIZE];
	int n;

	if (size == 0)
		return 0;
	print_value(text, info ? info->type : RADIUS_OCTETS, value, MIN(len, (size_t)253));
	if (info)
		n = snprintf(dst, size, "%s = %s", info->name, text);
	else
		n = snprintf(dst, size, "Attr-%u = %s", number, text);
	return n < 0 ? 0 : MIN((size_t)n, size - 1);
}
