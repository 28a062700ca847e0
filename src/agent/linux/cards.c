#define _GNU_SOURCE
#include "agent/guards/cards.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "agent/linux/rtnl.h"
#include "base/buf.h"
#include "base/text.h"

/* ---- what the card is ---- */

int card_own_mac(const char *name, struct mac *ret)
{
	struct {
		struct ethtool_perm_addr ask;
		uint8_t room[32];
	} permanent = {{.cmd = ETHTOOL_GPERMADDR, .size = sizeof(permanent.room)}, {0}};
	struct ifreq request = {.ifr_data = (void *)&permanent};
	CLEANUP_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static const struct mac none;
	struct mac mac;

	if (fd < 0 || text_copy(request.ifr_name, sizeof(request.ifr_name), name))
		return -EINVAL;
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		return errno == EOPNOTSUPP ? -ENODATA : -errno;
	memcpy(mac.b, permanent.room, sizeof(mac.b));
	if (permanent.ask.size != sizeof(mac.b) || mac_equal(&mac, &none))
		return -ENODATA;
	*ret = mac;
	return 0;
}

/* ---- asking the kernel for a change ---- */

struct asking {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct rtmsg route;
		struct ndmsg neighbour;
	};
	_Alignas(NLMSG_ALIGNTO) uint8_t room[128];
};

static void begin(struct asking *a, uint16_t type, uint16_t flags, size_t len)
{
	a->h = (struct nlmsghdr){.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
				 .nlmsg_type = type,
				 .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)};
}

static void put(struct asking *a, uint16_t type, const void *data, size_t len)
{
	size_t at = NLMSG_ALIGN(a->h.nlmsg_len);
	struct rtattr head = {.rta_len = (uint16_t)RTA_LENGTH(len), .rta_type = type};

	memcpy((uint8_t *)a + at, &head, sizeof(head));
	memcpy((uint8_t *)a + at + RTA_LENGTH(0), data, len);
	a->h.nlmsg_len = (uint32_t)(at + RTA_ALIGN(RTA_LENGTH(len)));
}

static int ask(const struct asking *a)
{
	CLEANUP_FD int fd = rtnl_open(0, 0);

	return fd < 0 ? fd : rtnl_ask(fd, &a->h);
}

static int set_link(int index, const struct mac *mac, unsigned up)
{
	struct asking a = {.link = {.ifi_index = index}};

	begin(&a, RTM_NEWLINK, 0, sizeof(a.link));
	if (mac)
		put(&a, IFLA_ADDRESS, mac->b, sizeof(mac->b));
	else
		a.link.ifi_change = IFF_UP, a.link.ifi_flags = up;
	return ask(&a);
}

int card_set_mac(int index, const struct mac *mac)
{
	int err = set_link(index, mac, 0), up_err;

	if (err != -EBUSY)
		return err;
	err = set_link(index, NULL, 0);
	if (!err)
		err = set_link(index, mac, 0);
	up_err = set_link(index, NULL, IFF_UP);
	return err ? err : up_err;
}

static int change_address(int index, const struct prefix *p, uint16_t type, uint16_t flags)
{
	bool v4 = prefix_is_v4(p);
	const uint8_t *host = v4 ? p->host + 12 : p->host;
	size_t len = v4 ? 4 : 16;
	struct asking a = {.address = {.ifa_family = v4 ? AF_INET : AF_INET6,
				       .ifa_prefixlen = (uint8_t)(p->bits - (v4 ? 96 : 0)),
				       .ifa_index = (uint32_t)index}};
	uint32_t broadcast;

	begin(&a, type, flags, sizeof(a.address));
	put(&a, IFA_LOCAL, host, len);
	put(&a, IFA_ADDRESS, host, len);
	if (v4 && type == RTM_NEWADDR && a.address.ifa_prefixlen < 31) {
		memcpy(&broadcast, host, sizeof(broadcast));
		broadcast |= htonl(UINT32_MAX >> a.address.ifa_prefixlen);
		put(&a, IFA_BROADCAST, &broadcast, sizeof(broadcast));
	}
	return ask(&a);
}

int card_give_address(int index, const struct prefix *address)
{
	return change_address(index, address, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
}

int card_drop_address(int index, const struct prefix *address)
{
	int err = change_address(index, address, RTM_DELADDR, 0);

	return err == -EADDRNOTAVAIL ? 0 : err; /* it went with its primary */
}

static int change_route(int index, const uint8_t *gateway, uint16_t type, uint16_t flags)
{
	struct asking a = {.route = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN}};

	if (type == RTM_NEWROUTE) {
		a.route.rtm_protocol = RTPROT_STATIC;
		a.route.rtm_type = RTN_UNICAST;
	} else {
		a.route.rtm_scope = RT_SCOPE_NOWHERE;
	}
	begin(&a, type, flags, sizeof(a.route));
	put(&a, RTA_GATEWAY, gateway + 12, 4);
	put(&a, RTA_OIF, &index, sizeof(index));
	return ask(&a);
}

int card_set_gateway(int index, const uint8_t *seen, const uint8_t wanted[static 16])
{
	int err = seen ? change_route(index, seen, RTM_DELROUTE, 0) : 0;

	if (err && err != -ESRCH)
		return err;
	return change_route(index, wanted, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
}

static int change_neighbour(int index, const uint8_t *host, const struct mac *mac)
{
	struct prefix whole = {.bits = 128};
	struct asking a = {.neighbour = {.ndm_ifindex = index, .ndm_state = NUD_PERMANENT}};
	bool v4;

	memcpy(whole.host, host, sizeof(whole.host));
	v4 = prefix_is_v4(&whole);
	a.neighbour.ndm_family = v4 ? AF_INET : AF_INET6;
	begin(&a, mac ? RTM_NEWNEIGH : RTM_DELNEIGH, mac ? NLM_F_CREATE | NLM_F_REPLACE : 0,
	      sizeof(a.neighbour));
	put(&a, NDA_DST, v4 ? host + 12 : host, v4 ? 4 : 16);
	if (mac)
		put(&a, NDA_LLADDR, mac->b, sizeof(mac->b));
	return ask(&a);
}

int card_pin(int index, const uint8_t host[static 16], const struct mac *mac)
{
	return change_neighbour(index, host, mac);
}

int card_unpin(int index, const uint8_t host[static 16])
{
	int err = change_neighbour(index, host, NULL);

	return err == -ENOENT ? 0 : err;
}

/* ---- what is said on the wire ---- */

#define LOAD(size, at) BPF_STMT(BPF_LD | (size) | BPF_ABS, at)
#define JUMP_EQUAL(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no)
#define RETURN(k) BPF_STMT(BPF_RET | BPF_K, k)
#define WHOLE 1500

/* A datagram socket begins behind the frame's head. Nothing comes in before the filter stands. */
static int open_packets(uint16_t type, struct sock_filter *program, size_t len)
{
	const struct sock_fprog filter = {(unsigned short)len, program};
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(type)};
	CLEANUP_FD int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int claims_open_arp(void)
{
	static struct sock_filter nothing[] = {RETURN(0)};

	return open_packets(ETH_P_ARP, nothing, ARRAY_SIZE(nothing));
}

int claims_open_nd(void)
{
	enum { NEXT_HEADER = 6, ICMPV6 = 58, ICMPV6_TYPE = 40, NEIGHBOUR_ADVERT = 136 };
	static struct sock_filter adverts[] = {
		LOAD(BPF_B, NEXT_HEADER),
		JUMP_EQUAL(ICMPV6, 0, 3),
		LOAD(BPF_B, ICMPV6_TYPE),
		JUMP_EQUAL(NEIGHBOUR_ADVERT, 0, 1),
		RETURN(WHOLE),
		RETURN(0),
	};

	return open_packets(ETH_P_IPV6, adverts, ARRAY_SIZE(adverts));
}

enum { ARP_SENDER_MAC = 8, ARP_SENDER = 14 };

/* One address: who claims it and is not among the quiet ones is let through. */
static size_t put_watch(struct sock_filter *p, const struct claim_watch *w)
{
	size_t n = 0;

	p[n++] = (struct sock_filter)LOAD(BPF_W, ARP_SENDER);
	p[n++] = (struct sock_filter)JUMP_EQUAL(get_be32(w->host + 12), 0,
						(uint8_t)(w->quiet_count * 5 + 1));
	for (size_t i = 0; i < w->quiet_count; i++) {
		const uint8_t *mac = w->quiet[i].b;

		p[n++] = (struct sock_filter)LOAD(BPF_H, ARP_SENDER_MAC);
		p[n++] = (struct sock_filter)JUMP_EQUAL(get_be16(mac), 0, 3);
		p[n++] = (struct sock_filter)LOAD(BPF_W, ARP_SENDER_MAC + 2);
		p[n++] = (struct sock_filter)JUMP_EQUAL(get_be32(mac + 2), 0, 1);
		p[n++] = (struct sock_filter)RETURN(0);
	}
	p[n++] = (struct sock_filter)RETURN(WHOLE);
	return n;
}

int claims_choose(int fd, const struct claim_watch *list, size_t count)
{
	struct sock_filter program[CLAIM_WATCHES_MAX * (CLAIM_QUIET_MAX * 5 + 3) + 1];
	struct sock_fprog filter = {.filter = program};
	size_t n = 0;

	for (size_t i = 0; i < MIN(count, (size_t)CLAIM_WATCHES_MAX); i++)
		n += put_watch(program + n, &list[i]);
	program[n++] = (struct sock_filter)RETURN(0);
	filter.len = (unsigned short)n;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ? -errno
											 : 0;
}

static int next(int fd, int (*parse)(const uint8_t *, size_t, struct claim *), struct claim *ret,
		int *ret_index)
{
	struct sockaddr_ll from = {0};
	socklen_t len = sizeof(from);
	uint8_t packet[WHOLE];
	ssize_t n =
		recvfrom(fd, packet, sizeof(packet), MSG_DONTWAIT, (struct sockaddr *)&from, &len);
	int err;

	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	err = parse(packet, (size_t)n, ret);
	if (!err)
		*ret_index = from.sll_ifindex;
	return err;
}

int claims_next_arp(int fd, struct claim *ret, int *ret_index)
{
	return next(fd, claim_parse_arp, ret, ret_index);
}

int claims_next_nd(int fd, struct claim *ret, int *ret_index)
{
	return next(fd, claim_parse_nd, ret, ret_index);
}
