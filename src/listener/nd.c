#include "listener/nd.h"

enum { OPTION_SOURCE_LINK = 1, OPTION_TARGET_LINK = 2, OPTION_PREFIX = 3 };

static void take_option(struct nd *nd, uint8_t type, const uint8_t *body, size_t len)
{
	uint8_t wanted = nd->type == ND_ADVERT ? OPTION_TARGET_LINK : OPTION_SOURCE_LINK;

	if (type == wanted && len >= sizeof(nd->link.b)) {
		memcpy(nd->link.b, body, sizeof(nd->link.b));
		nd->has_link = true;
	} else if (type == OPTION_PREFIX && len >= 30 && !nd->has_prefix && body[0] <= 128) {
		nd->prefix_bits = body[0];
		ip_from_v6(&nd->prefix, body + 14);
		nd->has_prefix = true;
	}
}

static int read_options(struct reader *r, struct nd *nd)
{
	const uint8_t *head, *body;

	while (r->left > 0) {
		if (reader_bytes(r, 2, &head) || head[1] == 0 ||
		    reader_bytes(r, (size_t)head[1] * 8 - 2, &body))
			return -EBADMSG;
		take_option(nd, head[0], body, (size_t)head[1] * 8 - 2);
	}
	return 0;
}

int nd_parse(const struct packet *p, struct nd *ret)
{
	struct reader r = {p->payload, p->len};
	struct nd nd = {0};
	const uint8_t *head, *body;
	size_t len;
	int err;

	if (reader_bytes(&r, 4, &head))
		return -EBADMSG;
	nd.type = head[0];
	if (nd.type != ND_ROUTER_ADVERT && nd.type != ND_SOLICIT && nd.type != ND_ADVERT)
		return -ENOENT;
	len = nd.type == ND_ROUTER_ADVERT ? 12 : 20;
	if (head[1] != 0 || p->ttl != 255 || reader_bytes(&r, len, &body))
		return -EBADMSG;
	if (nd.type == ND_ROUTER_ADVERT) {
		nd.router_life_s = get_be16(body + 2);
	} else {
		nd.from_router = nd.type == ND_ADVERT && (body[0] & 0x80);
		ip_from_v6(&nd.target, body + 4);
		if (ip_is_multicast(&nd.target))
			return -EBADMSG;
	}
	err = read_options(&r, &nd);
	if (!err)
		*ret = nd;
	return err;
}
