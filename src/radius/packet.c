#include "radius/packet.h"

#include <string.h>

#include "base/buf.h"

#define ATTR_HEADER 2

/* Walks the attributes once; 0 when each lies inside the packet. */
static int check_attributes(const uint8_t *data, size_t len, uint16_t *ret_message_at)
{
	uint16_t message_at = 0;
	size_t at = RADIUS_HEADER_SIZE, count = 0;

	while (at < len) {
		if (len - at < ATTR_HEADER || data[at + 1] < ATTR_HEADER ||
		    data[at + 1] > len - at || ++count > RADIUS_ATTRIBUTES_MAX)
			return -EBADMSG;
		if (data[at] == RADIUS_MESSAGE_AUTHENTICATOR) {
			if (message_at || data[at + 1] != ATTR_HEADER + RADIUS_AUTHENTICATOR_SIZE)
				return -EBADMSG;
			message_at = (uint16_t)(at + ATTR_HEADER);
		}
		at += data[at + 1];
	}
	*ret_message_at = message_at;
	return 0;
}

int radius_parse(const void *data, size_t len, struct radius_packet *ret)
{
	const uint8_t *p = data;
	uint16_t message_at;
	size_t stated;

	if (len < RADIUS_HEADER_SIZE)
		return -EBADMSG;
	stated = get_be16(p + 2);
	if (stated < RADIUS_HEADER_SIZE || stated > RADIUS_PACKET_MAX || stated > len ||
	    check_attributes(p, stated, &message_at))
		return -EBADMSG;
	*ret = (struct radius_packet){
		.data = p,
		.len = stated,
		.code = p[0],
		.id = p[1],
		.message_at = message_at,
		.authenticator = p + 4,
	};
	return 0;
}

static size_t next_of(const struct radius_attr *a)
{
	return a->next ? a->next : RADIUS_HEADER_SIZE;
}

/* True when one begins there. */
static bool take_at(const struct radius_packet *p, size_t at, struct radius_attr *a)
{
	if (at >= p->len)
		return false;
	a->type = p->data[at];
	a->len = (uint8_t)(p->data[at + 1] - ATTR_HEADER);
	a->value = p->data + at + ATTR_HEADER;
	a->next = (uint16_t)(at + p->data[at + 1]);
	return true;
}

bool radius_next(const struct radius_packet *p, struct radius_attr *a)
{
	return take_at(p, next_of(a), a);
}

bool radius_find(const struct radius_packet *p, uint8_t type, struct radius_attr *a)
{
	size_t at = next_of(a);

	while (at < p->len && p->data[at] != type)
		at += p->data[at + 1];
	return take_at(p, at, a);
}

/* The inner attribute of this type in one Vendor-Specific. */
static bool find_inside(const struct radius_attr *vendor, uint8_t type, struct radius_attr *a)
{
	const uint8_t *p = vendor->value + 4;
	size_t left = vendor->len - 4U;

	while (left >= ATTR_HEADER && p[1] >= ATTR_HEADER && p[1] <= left) {
		if (p[0] == type) {
			*a = *vendor;
			a->type = type;
			a->value = p + ATTR_HEADER;
			a->len = (uint8_t)(p[1] - ATTR_HEADER);
			return true;
		}
		left -= p[1];
		p += p[1];
	}
	return false;
}

bool radius_find_vendor(const struct radius_packet *p, uint32_t vendor, uint8_t type,
			struct radius_attr *a)
{
	struct radius_attr outer = {0};

	while (radius_find(p, RADIUS_VENDOR_SPECIFIC, &outer))
		if (outer.len > 4 && get_be32(outer.value) == vendor &&
		    find_inside(&outer, type, a))
			return true;
	return false;
}

int radius_get_u32(const struct radius_packet *p, uint8_t type, uint32_t *ret)
{
	struct radius_attr a = {0};

	if (!radius_find(p, type, &a))
		return -ENOENT;
	if (a.len != 4)
		return -EBADMSG;
	*ret = get_be32(a.value);
	return 0;
}

int radius_get_text(const struct radius_packet *p, uint8_t type, char *dst, size_t size)
{
	struct radius_attr a = {0};

	if (!radius_find(p, type, &a))
		return -ENOENT;
	if (a.len >= size)
		return -ENAMETOOLONG;
	if (memchr(a.value, 0, a.len))
		return -EBADMSG;
	memcpy(dst, a.value, a.len);
	dst[a.len] = 0;
	return 0;
}

const char *radius_code_name(uint8_t code)
{
	static const char *const names[] = {
		[RADIUS_ACCESS_REQUEST] = "Access-Request",
		[RADIUS_ACCESS_ACCEPT] = "Access-Accept",
		[RADIUS_ACCESS_REJECT] = "Access-Reject",
		[RADIUS_ACCOUNTING_REQUEST] = "Accounting-Request",
		[RADIUS_ACCOUNTING_RESPONSE] = "Accounting-Response",
		[RADIUS_ACCESS_CHALLENGE] = "Access-Challenge",
		[RADIUS_STATUS_SERVER] = "Status-Server",
		[RADIUS_DISCONNECT_REQUEST] = "Disconnect-Request",
		[RADIUS_DISCONNECT_ACK] = "Disconnect-ACK",
		[RADIUS_DISCONNECT_NAK] = "Disconnect-NAK",
		[RADIUS_COA_REQUEST] = "CoA-Request",
		[RADIUS_COA_ACK] = "CoA-ACK",
		[RADIUS_COA_NAK] = "CoA-NAK",
	};

	return code < ARRAY_SIZE(names) && names[code] ? names[code] : "unknown";
}
