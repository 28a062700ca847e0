#include "listener/gear.h"

enum { TLV_DEVICE = 1, TLV_PORT = 3, TLV_CAPABILITIES = 4, TLV_PLATFORM = 6 };

/* The low bits of the capabilities. */
static const struct {
	uint32_t bit;
	unsigned can;
} capabilities[] = {
	{0x01, GEAR_ROUTER},
	{0x02, GEAR_BRIDGE},
	{0x08, GEAR_BRIDGE}, /* switch */
	{0x80, GEAR_PHONE},
};

static void take_tlv(struct gear *g, uint16_t type, const uint8_t *body, size_t len)
{
	if (type == TLV_DEVICE)
		printable_take(g->name, sizeof(g->name), body, len);
	else if (type == TLV_PORT)
		printable_take(g->port, sizeof(g->port), body, len);
	else if (type == TLV_PLATFORM)
		printable_take(g->model, sizeof(g->model), body, len);
	else if (type == TLV_CAPABILITIES && len == 4)
		for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
			if (get_be32(body) & capabilities[i].bit)
				g->can |= capabilities[i].can;
}

int cdp_parse(const uint8_t *payload, size_t len, struct gear *ret)
{
	static const uint8_t head[8] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00};
	struct reader r = {payload, len};
	const uint8_t *h, *body;
	struct gear g = {0};
	uint16_t type, size;

	if (reader_bytes(&r, sizeof(head), &h) || memcmp(h, head, sizeof(head)) != 0)
		return -ENOENT;
	if (reader_bytes(&r, 4, &h) || (h[0] != 1 && h[0] != 2) || r.left == 0)
		return -EBADMSG;
	while (r.left > 0) {
		if (reader_be16(&r, &type) || reader_be16(&r, &size) || size < 4 ||
		    reader_bytes(&r, (size_t)size - 4, &body))
			return -EBADMSG;
		take_tlv(&g, type, body, (size_t)size - 4);
	}
	*ret = g;
	return 0;
}
