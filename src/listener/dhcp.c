#include "listener/dhcp.h"

#include <stdio.h>

#define HEAD_SIZE 236
#define BOOT_REQUEST 1
#define BOOT_REPLY 2

enum {
	OPTION_PAD = 0,
	OPTION_HOST_NAME = 12,
	OPTION_ASKED_IP = 50,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_ASKED = 55,
	OPTION_CLASS = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_END = 255,
};

static void take_type(struct dhcp *d, const uint8_t *b, size_t len)
{
	if (len == 1 && b[0] >= DHCP_DISCOVER && b[0] <= DHCP_INFORM)
		d->type = (enum dhcp_type)b[0];
}

static void take_host_name(struct dhcp *d, const uint8_t *b, size_t len)
{
	if (host_name_take(d->host_name, b, len))
		d->host_name[0] = 0;
}

static void take_asked_ip(struct dhcp *d, const uint8_t *b, size_t len)
{
	d->has_asked_ip = len == 4;
	if (len == 4)
		ip_from_v4(&d->asked_ip, b);
}

static void take_server(struct dhcp *d, const uint8_t *b, size_t len)
{
	d->has_server = len == 4;
	if (len == 4)
		ip_from_v4(&d->server, b);
}

static void take_asked(struct dhcp *d, const uint8_t *b, size_t len)
{
	d->asked_count = MIN(len, sizeof(d->asked));
	memcpy(d->asked, b, d->asked_count);
}

static void take_class(struct dhcp *d, const uint8_t *b, size_t len)
{
	printable_take(d->vendor_class, sizeof(d->vendor_class), b, len);
}

static void take_client_id(struct dhcp *d, const uint8_t *b, size_t len)
{
	d->has_client_id = len == 7 && b[0] == 1;
	if (d->has_client_id)
		memcpy(d->client_id.b, b + 1, 6);
}

static const struct {
	uint8_t code;
	void (*take)(struct dhcp *d, const uint8_t *b, size_t len);
} options[] = {
	{OPTION_HOST_NAME, take_host_name}, {OPTION_ASKED_IP, take_asked_ip},
	{OPTION_TYPE, take_type},	    {OPTION_SERVER, take_server},
	{OPTION_ASKED, take_asked},	    {OPTION_CLASS, take_class},
	{OPTION_CLIENT_ID, take_client_id},
};

/* Old clients leave out the end; a cut option ends the list and is not there. */
static void read_options(struct reader *r, struct dhcp *d)
{
	const uint8_t *body;
	uint8_t code, len;

	while (reader_u8(r, &code) == 0 && code != OPTION_END) {
		if (code == OPTION_PAD)
			continue;
		if (reader_u8(r, &len) || reader_bytes(r, len, &body))
			return;
		for (size_t i = 0; i < ARRAY_SIZE(options); i++)
			if (options[i].code == code)
				options[i].take(d, body, len);
	}
}

static bool is_servers(enum dhcp_type type)
{
	return type == DHCP_OFFER || type == DHCP_ACK || type == DHCP_NAK;
}

int dhcp_parse(const uint8_t *payload, size_t len, struct dhcp *ret)
{
	static const uint8_t cookie[4] = {99, 130, 83, 99};
	struct reader r = {payload, len};
	const uint8_t *h, *magic;
	struct dhcp d = {0};

	if (reader_bytes(&r, HEAD_SIZE, &h) || reader_bytes(&r, sizeof(cookie), &magic) ||
	    memcmp(magic, cookie, sizeof(cookie)) != 0 || h[1] != 1 || h[2] != 6 ||
	    (h[0] != BOOT_REQUEST && h[0] != BOOT_REPLY))
		return -EBADMSG;
	d.xid = get_be32(h + 4);
	ip_from_v4(&d.client_ip, h + 12);
	ip_from_v4(&d.given_ip, h + 16);
	ip_from_v4(&d.relay, h + 24);
	memcpy(d.client.b, h + 28, 6);
	read_options(&r, &d);
	d.from_server = h[0] == BOOT_REPLY;
	if (!d.type || is_servers(d.type) != d.from_server)
		return -EBADMSG;
	*ret = d;
	return 0;
}

void dhcp_fingerprint(char dst[static DHCP_FINGERPRINT_SIZE], const struct dhcp *d)
{
	size_t at = 0;

	dst[0] = 0;
	for (size_t i = 0; i < d->asked_count; i++)
		at += (size_t)snprintf(dst + at, DHCP_FINGERPRINT_SIZE - at, "%s%u", i ? "," : "",
				       d->asked[i]);
	if (d->asked_count && d->vendor_class[0])
		snprintf(dst + at, DHCP_FINGERPRINT_SIZE - at, "/%s", d->vendor_class);
}
