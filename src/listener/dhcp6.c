#include "listener/dhcp6.h"

enum {
	TYPE_RECONFIGURE = 10,
	TYPE_INFORMATION = 11,
	TYPE_RELAY_FORWARD = 12,
	TYPE_RELAY_REPLY = 13
};
enum { OPTION_VENDOR_CLASS = 16, OPTION_CLIENT_NAME = 39 };

static void take_option(struct dhcp6 *d, uint16_t code, const uint8_t *body, size_t len)
{
	if (code == OPTION_VENDOR_CLASS && len >= 4)
		d->enterprise = get_be32(body);
	/* Flags, then labels, each behind its length. */
	if (code == OPTION_CLIENT_NAME && len >= 2 && body[1] <= len - 2 &&
	    host_name_take(d->host_name, body + 2, body[1]))
		d->host_name[0] = 0;
}

int dhcp6_parse(const uint8_t *payload, size_t len, struct dhcp6 *ret)
{
	struct reader r = {payload, len};
	const uint8_t *head, *body;
	struct dhcp6 d = {0};
	uint16_t code, size;

	if (reader_bytes(&r, 4, &head))
		return -EBADMSG;
	d.type = head[0];
	if (d.type == TYPE_RELAY_FORWARD || d.type == TYPE_RELAY_REPLY)
		return -ENOENT;
	if (d.type < DHCP6_SOLICIT || d.type > TYPE_INFORMATION)
		return -EBADMSG;
	d.from_server =
		d.type == DHCP6_ADVERTISE || d.type == DHCP6_REPLY || d.type == TYPE_RECONFIGURE;
	while (r.left > 0) {
		if (reader_be16(&r, &code) || reader_be16(&r, &size) ||
		    reader_bytes(&r, size, &body))
			return -EBADMSG;
		take_option(&d, code, body, size);
	}
	*ret = d;
	return 0;
}
