#include "listener/packet.h"

#define TAGS_MAX 2
#define EXTENSIONS_MAX 8
#define LENGTH_MAX 1500 /* of IEEE 802.3; above it stands a type */
#define VLAN_MASK 0xfff

enum { NEXT_HOP_BY_HOP = 0, NEXT_ROUTING = 43, NEXT_FRAGMENT = 44, NEXT_DESTINATION = 60 };

static int read_mac(struct reader *r, struct mac *ret)
{
	const uint8_t *b;
	int err = reader_bytes(r, sizeof(ret->b), &b);

	if (!err)
		memcpy(ret->b, b, sizeof(ret->b));
	return err;
}

static int read_ethernet(struct reader *r, struct packet *p)
{
	uint16_t type = 0, tag = 0;
	int err = read_mac(r, &p->to_mac);

	if (!err)
		err = read_mac(r, &p->from_mac);
	if (!err)
		err = reader_be16(r, &type);
	for (int i = 0; !err && i < TAGS_MAX && (type == ETHER_VLAN || type == ETHER_SERVICE);
	     i++) {
		err = reader_be16(r, &tag);
		if (!err)
			err = reader_be16(r, &type);
		if (!err && !p->vlan)
			p->vlan = tag & VLAN_MASK;
	}
	if (err)
		return err;
	if (type <= LENGTH_MAX) {
		r->left = MIN(r->left, (size_t)type);
		type = 0;
	}
	p->ether_type = type;
	return 0;
}

static int read_udp(struct reader *r, struct packet *p)
{
	uint16_t len = 0, sum;
	int err = reader_be16(r, &p->from_port);

	if (!err)
		err = reader_be16(r, &p->to_port);
	if (!err)
		err = reader_be16(r, &len);
	if (!err)
		err = reader_be16(r, &sum);
	if (err || len < 8)
		return -EBADMSG;
	r->left = MIN(r->left, (size_t)len - 8);
	return 0;
}

static int read_ipv4(struct reader *r, struct packet *p)
{
	const uint8_t *h, *options;
	uint16_t total;
	size_t head;
	int err = reader_bytes(r, 20, &h);

	if (err || h[0] >> 4 != 4)
		return -EBADMSG;
	head = (size_t)(h[0] & 0xf) * 4;
	total = get_be16(h + 2);
	if (head < 20 || total < head || reader_bytes(r, head - 20, &options))
		return -EBADMSG;
	r->left = MIN(r->left, total - head);
	p->has_ip = true;
	p->ttl = h[8];
	p->proto = (get_be16(h + 6) & 0x1fff) ? 0 : h[9];
	ip_from_v4(&p->from, h + 12);
	ip_from_v4(&p->to, h + 16);
	return 0;
}

/* Extension headers are walked: a router advertisement may hide behind them (RFC 7113). */
static int skip_extensions(struct reader *r, uint8_t *next)
{
	const uint8_t *h, *rest;

	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		if (*next != NEXT_HOP_BY_HOP && *next != NEXT_ROUTING && *next != NEXT_FRAGMENT &&
		    *next != NEXT_DESTINATION)
			return 0;
		if (reader_bytes(r, 8, &h))
			return -EBADMSG;
		if (*next == NEXT_FRAGMENT && (get_be16(h + 2) & 0xfff8)) {
			*next = 0;
			return 0;
		}
		if (*next != NEXT_FRAGMENT && reader_bytes(r, (size_t)h[1] * 8, &rest))
			return -EBADMSG;
		*next = h[0];
	}
	return -EBADMSG;
}

static int read_ipv6(struct reader *r, struct packet *p)
{
	const uint8_t *h;
	uint8_t next;
	int err = reader_bytes(r, 40, &h);

	if (err || h[0] >> 4 != 6)
		return -EBADMSG;
	next = h[6];
	r->left = MIN(r->left, (size_t)get_be16(h + 4));
	err = skip_extensions(r, &next);
	if (err)
		return err;
	p->has_ip = true;
	p->ttl = h[7];
	p->proto = next;
	ip_from_v6(&p->from, h + 8);
	ip_from_v6(&p->to, h + 24);
	return 0;
}

int packet_parse(const uint8_t *frame, size_t len, uint16_t vlan, struct packet *ret)
{
	struct packet p = {.vlan = vlan};
	struct reader r = {frame, len};
	int err = read_ethernet(&r, &p);

	if (!err && p.ether_type == ETHER_IPV4)
		err = read_ipv4(&r, &p);
	else if (!err && p.ether_type == ETHER_IPV6)
		err = read_ipv6(&r, &p);
	if (!err && p.proto == PROTO_UDP)
		err = read_udp(&r, &p);
	if (err)
		return err;
	p.payload = r.p;
	p.len = r.left;
	*ret = p;
	return 0;
}
