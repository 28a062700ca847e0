#include "listener/hear.h"

#include <string.h>

#include "listener/arp.h"
#include "listener/dhcp.h"
#include "listener/dhcp6.h"
#include "listener/names.h"
#include "listener/nd.h"

/* One frame on its way through: what it is, and the scene that the rules will see. */
struct hearing {
	struct hear *h;
	const struct packet *p;
	struct device *device;
	struct scene scene;
	struct gear gear;
	struct stp stp;
};

/* 0, -ENOENT (sound, and says nothing of use) or -EBADMSG. */
typedef int hearing_fn(struct hearing *g);

/* Another device than the frame's sender is meant: the scene is its. */
static int turn_to(struct hearing *g, const struct mac *mac)
{
	if (mac_equal(mac, &g->device->mac))
		return 0;
	if (mac_is_multicast(mac))
		return -EBADMSG;
	return table_device(g->h->table, mac, g->p->vlan, g->scene.now_ms, &g->device);
}

static int claim(struct hearing *g, const struct ip *ip)
{
	struct gateway *gateway;
	int err = table_claim(g->h->table, g->device, ip, g->scene.now_ms, &g->scene.before);

	if (err)
		return err;
	gateway = expected_gateway(g->h->expected, ip);
	if (gateway && !gateway->known) {
		gateway->mac = g->device->mac;
		gateway->known = true;
	}
	g->scene.ip = *ip;
	g->scene.seen |= SEEN_CLAIM;
	return 0;
}

static void name(struct hearing *g, const char *text)
{
	if (text[0] && device_add_name(g->device, text, g->scene.now_ms))
		g->scene.seen |= SEEN_NEW_NAME;
}

/* ---- a protocol each ---- */

static int hear_arp(struct hearing *g)
{
	struct arp a;
	int err = arp_parse(g->p->payload, g->p->len, &a);

	if (err || a.probe)
		return err;
	if (ip_is_multicast(&a.sender))
		return -EBADMSG;
	err = turn_to(g, &a.sender_mac);
	if (!err)
		err = claim(g, &a.sender);
	if (!err && a.announcement)
		g->scene.seen |= SEEN_ANNOUNCEMENT;
	return err;
}

static int hear_nd(struct hearing *g)
{
	struct nd nd;
	int err = nd_parse(g->p, &nd);

	if (err)
		return err;
	if (nd.type == ND_ROUTER_ADVERT) {
		if (nd.router_life_s == 0)
			return -ENOENT;
		g->scene.ip = g->p->from;
		g->scene.seen |= SEEN_ROUTER_ADVERT;
		return 0;
	}
	if (nd.type == ND_ADVERT) {
		err = nd.has_link ? turn_to(g, &nd.link) : 0;
		return err ? err : claim(g, &nd.target);
	}
	/* From the unspecified address it only asks whether an address is free (RFC 4862). */
	return ip_is_zero(&g->p->from) ? -ENOENT : claim(g, &g->p->from);
}

static int hear_dhcp_client(struct hearing *g, const struct dhcp *d)
{
	char print[DHCP_FINGERPRINT_SIZE];
	bool relayed =
		!ip_is_zero(&d->relay) || expected_is_router(g->h->expected, &g->device->mac);
	int err;

	if (!relayed && !mac_equal(&d->client, &g->device->mac)) {
		device_add_client(g->device, &d->client);
		g->scene.seen |= SEEN_CLIENT;
		return 0;
	}
	err = turn_to(g, &d->client);
	if (err)
		return err;
	name(g, d->host_name);
	/* Other messages ask for other things: an INFORM of Windows for the proxy alone. */
	if (d->type == DHCP_DISCOVER || d->type == DHCP_REQUEST) {
		dhcp_fingerprint(print, d);
		if (print[0] && device_add_print(g->device, print, g->scene.now_ms))
			g->scene.seen |= SEEN_NEW_PRINT;
	}
	if (d->type == DHCP_RELEASE)
		table_release(g->h->table, g->device, &d->client_ip);
	return 0;
}

static int hear_dhcp(struct hearing *g)
{
	struct dhcp d;
	int err = dhcp_parse(g->p->payload, g->p->len, &d);

	if (err)
		return err;
	if (!d.from_server)
		return hear_dhcp_client(g, &d);
	if (d.type == DHCP_NAK)
		return -ENOENT;
	if (d.type == DHCP_ACK && !ip_is_zero(&d.given_ip))
		table_lease(g->h->table, &d.client, &d.given_ip, g->scene.now_ms);
	g->scene.ip = d.has_server ? d.server : g->p->from;
	expected_learn_server(g->h->expected, &g->scene.ip);
	g->scene.seen |= SEEN_DHCP_SERVER;
	return 0;
}

static int hear_dhcp6(struct hearing *g)
{
	struct dhcp6 d;
	int err = dhcp6_parse(g->p->payload, g->p->len, &d);

	if (err)
		return err;
	if (d.from_server) {
		g->scene.ip = g->p->from;
		g->scene.seen |= SEEN_DHCP_SERVER;
	} else {
		name(g, d.host_name);
	}
	return 0;
}

static void take_gear(struct hearing *g)
{
	g->device->can |= g->gear.can;
	g->scene.gear = &g->gear;
	g->scene.seen |= SEEN_GEAR;
}

static int hear_lldp(struct hearing *g)
{
	int err = lldp_parse(g->p->payload, g->p->len, &g->gear);

	if (!err)
		take_gear(g);
	return err;
}

static int hear_cdp(struct hearing *g)
{
	int err = cdp_parse(g->p->payload, g->p->len, &g->gear);

	if (!err)
		take_gear(g);
	return err;
}

static int hear_stp(struct hearing *g)
{
	int err = stp_parse(g->p->payload, g->p->len, &g->stp);

	if (!err) {
		g->scene.stp = &g->stp;
		g->scene.seen |= SEEN_STP;
	}
	return err;
}

static int hear_mdns(struct hearing *g)
{
	char host[HOST_NAME_SIZE];
	int err = mdns_host_name(g->p->payload, g->p->len, host);

	if (!err)
		name(g, host);
	return err;
}

static int hear_netbios(struct hearing *g)
{
	char host[HOST_NAME_SIZE];
	int err = netbios_host_name(g->p->payload, g->p->len, host);

	if (!err)
		name(g, host);
	return err;
}

/* A packet to many has a TTL of its application's choice. */
static int hear_ipv4(struct hearing *g)
{
	const struct packet *p = g->p;

	if (mac_is_multicast(&p->to_mac) || ip_is_multicast(&p->to) || ip_is_zero(&p->from))
		return -ENOENT;
	device_add_ttl(g->device, p->ttl, &p->from);
	g->scene.ip = p->from;
	g->scene.seen |= SEEN_TTL;
	return 0;
}

/* ---- which one ---- */

static bool has_port(const struct packet *p, uint16_t a, uint16_t b)
{
	return p->proto == PROTO_UDP && (p->from_port == a || p->from_port == b) &&
	       (p->to_port == a || p->to_port == b);
}

static bool is_arp(const struct packet *p)
{
	return p->ether_type == ETHER_ARP;
}

static bool is_nd(const struct packet *p)
{
	return p->has_ip && p->ether_type == ETHER_IPV6 && p->proto == PROTO_ICMPV6;
}

static bool is_dhcp(const struct packet *p)
{
	return p->ether_type == ETHER_IPV4 && has_port(p, 67, 68);
}

static bool is_dhcp6(const struct packet *p)
{
	return p->ether_type == ETHER_IPV6 && has_port(p, 546, 547);
}

static bool is_lldp(const struct packet *p)
{
	return p->ether_type == ETHER_LLDP;
}

static bool is_cdp(const struct packet *p)
{
	return p->ether_type == 0 && p->len > 0 && p->payload[0] == 0xaa;
}

static bool is_stp(const struct packet *p)
{
	return p->ether_type == 0 && p->len > 0 && p->payload[0] == 0x42;
}

static bool is_mdns(const struct packet *p)
{
	return has_port(p, 5353, 5353);
}

static bool is_netbios(const struct packet *p)
{
	return p->ether_type == ETHER_IPV4 && has_port(p, 137, 137);
}

static bool is_ipv4(const struct packet *p)
{
	return p->ether_type == ETHER_IPV4;
}

/* The first that fits. */
static const struct {
	const char *name;
	bool (*fits)(const struct packet *p);
	hearing_fn *hear;
} protocols[HEARD_COUNT] = {
	[HEARD_ARP] = {"arp", is_arp, hear_arp},
	[HEARD_ND] = {"nd", is_nd, hear_nd},
	[HEARD_DHCP] = {"dhcp", is_dhcp, hear_dhcp},
	[HEARD_DHCP6] = {"dhcp6", is_dhcp6, hear_dhcp6},
	[HEARD_LLDP] = {"lldp", is_lldp, hear_lldp},
	[HEARD_CDP] = {"cdp", is_cdp, hear_cdp},
	[HEARD_STP] = {"stp", is_stp, hear_stp},
	[HEARD_MDNS] = {"mdns", is_mdns, hear_mdns},
	[HEARD_NETBIOS] = {"netbios", is_netbios, hear_netbios},
	[HEARD_IPV4] = {"ipv4", is_ipv4, hear_ipv4},
};

const char *heard_name(enum heard h)
{
	return protocols[h].name;
}

static void hear_protocol(struct hearing *g, enum heard which)
{
	int err = protocols[which].hear(g);

	if (err == -EBADMSG)
		g->h->malformed++;
	if (err)
		return;
	g->h->count[which]++;
	g->device->heard |= 1U << which;
	g->scene.device = g->device;
	rules_run(&g->scene, g->h->found, g->h->arg);
}

void hear_frame(struct hear *h, const uint8_t *frame, size_t len, uint16_t vlan, int64_t now_ms)
{
	struct hearing g = {.h = h};
	struct packet p;

	h->frames++;
	if (packet_parse(frame, len, vlan, &p) || mac_is_multicast(&p.from_mac)) {
		h->malformed++;
		return;
	}
	g.p = &p;
	g.scene.now_ms = now_ms;
	g.scene.frame_from = p.from_mac;
	g.scene.expected = h->expected;
	g.scene.plan = h->plan;
	for (unsigned i = 0; i < HEARD_COUNT; i++) {
		if (!protocols[i].fits(&p))
			continue;
		if (table_device(h->table, &p.from_mac, p.vlan, now_ms, &g.device) == 0)
			hear_protocol(&g, (enum heard)i);
		return;
	}
	h->other++;
}
