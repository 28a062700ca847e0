#include "listener/gear.h"

enum {
	TLV_END = 0,
	TLV_CHASSIS = 1,
	TLV_PORT = 2,
	TLV_LIFE = 3,
	TLV_SYSTEM_NAME = 5,
	TLV_SYSTEM_TEXT = 6,
	TLV_CAPABILITIES = 7,
};

/* IEEE 802.1AB, table 8-4. */
static const struct {
	uint16_t bit;
	unsigned can;
} capabilities[] = {
	{1 << 2, GEAR_BRIDGE},
	{1 << 3, GEAR_ACCESS_POINT},
	{1 << 4, GEAR_ROUTER},
	{1 << 5, GEAR_PHONE},
};

static void take_tlv(struct gear *g, unsigned type, const uint8_t *body, size_t len)
{
	if (type == TLV_SYSTEM_NAME)
		printable_take(g->name, sizeof(g->name), body, len);
	else if (type == TLV_SYSTEM_TEXT)
		printable_take(g->model, sizeof(g->model), body, len);
	else if (type == TLV_PORT && len > 1 && body[0] != 3) /* 3: a MAC, no text */
		printable_take(g->port, sizeof(g->port), body + 1, len - 1);
	else if (type == TLV_CAPABILITIES && len == 4)
		for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
			if (get_be16(body + 2) & capabilities[i].bit)
				g->can |= capabilities[i].can;
}

int lldp_parse(const uint8_t *payload, size_t len, struct gear *ret)
{
	static const unsigned first[] = {TLV_CHASSIS, TLV_PORT, TLV_LIFE};
	struct reader r = {payload, len};
	struct gear g = {0};
	const uint8_t *body;
	uint16_t head;

	for (size_t at = 0; reader_be16(&r, &head) == 0; at++) {
		unsigned type = head >> 9;
		size_t size = head & 0x1ff;

		if (at < ARRAY_SIZE(first) && type != first[at])
			return -EBADMSG;
		if (type == TLV_END && at >= ARRAY_SIZE(first)) {
			*ret = g;
			return 0;
		}
		if (reader_bytes(&r, size, &body))
			return -EBADMSG;
		take_tlv(&g, type, body, size);
	}
	return -EBADMSG;
}
