#include "port/bridge.h"

#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/file.h"
#include "base/text.h"

/* Newer than Debian 12's headers, older than the kernels it runs on. */
#define BRPORT_MAB 40
#define FLAG_EXT_LOCKED (1U << 1)
#define REQUEST_BULK 0x200

#define EVENT_BUFFER (1 << 20) /* bytes of notices that may wait in the kernel */

/* One connection for requests, one for notices, so that neither disturbs the other. */
struct bridge {
	struct mnl_socket *requests, *notices;
	struct loop_watch *watch;
	struct bridge_events events;
	void *arg;
	uint32_t sequence;
	_Alignas(struct nlmsghdr) uint8_t out[1024];
	_Alignas(struct nlmsghdr) uint8_t in[16 * 1024];
};

static struct nlmsghdr *begin(struct bridge *b, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(b->out);

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = ++b->sequence;
	return h;
}

static int talk_to(struct bridge *b, struct nlmsghdr *h, mnl_cb_t on_message, void *arg)
{
	unsigned self = mnl_socket_get_portid(b->requests);
	int left = MNL_CB_OK;

	if (mnl_socket_sendto(b->requests, h, h->nlmsg_len) < 0)
		return -errno;
	while (left == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(b->requests, b->in, sizeof(b->in));

		if (n < 0)
			return -errno;
		left = mnl_cb_run(b->in, (size_t)n, b->sequence, self, on_message, arg);
	}
	return left < 0 ? -errno : 0;
}

static int talk(struct bridge *b, struct nlmsghdr *h)
{
	h->nlmsg_flags |= NLM_F_ACK;
	return talk_to(b, h, NULL, NULL);
}

static struct nlmsghdr *begin_link(struct bridge *b, uint8_t family, unsigned index,
				   struct ifinfomsg **ret_info)
{
	struct nlmsghdr *h = begin(b, RTM_SETLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(h, sizeof(*info));

	info->ifi_family = family;
	info->ifi_index = (int)index;
	if (ret_info)
		*ret_info = info;
	return h;
}

static struct nlmsghdr *begin_neighbour(struct bridge *b, uint16_t type, uint16_t flags,
					unsigned port)
{
	struct nlmsghdr *h = begin(b, type, flags);
	struct ndmsg *n = mnl_nlmsg_put_extra_header(h, sizeof(*n));

	n->ndm_family = AF_BRIDGE;
	n->ndm_ifindex = (int)port;
	n->ndm_flags = NTF_MASTER;
	n->ndm_state = type == RTM_NEWNEIGH ? NUD_NOARP : 0;
	return h;
}

struct port_flag {
	uint16_t attribute;
	uint8_t value;
};

static int set_flags(struct bridge *b, unsigned port, const struct port_flag *flags, size_t count)
{
	struct nlmsghdr *h = begin_link(b, AF_BRIDGE, port, NULL);
	struct nlattr *nest = mnl_attr_nest_start(h, IFLA_PROTINFO);

	for (size_t i = 0; i < count; i++)
		mnl_attr_put_u8(h, flags[i].attribute, flags[i].value);
	mnl_attr_nest_end(h, nest);
	return talk(b, h);
}

/* Everything but the addresses of the switch itself; static entries too. */
static int flush(struct bridge *b, unsigned port)
{
	struct nlmsghdr *h = begin_neighbour(b, RTM_DELNEIGH, REQUEST_BULK, port);

	mnl_attr_put_u16(h, NDA_NDM_STATE_MASK, NUD_PERMANENT);
	return talk(b, h);
}

int bridge_lock(struct bridge *b, unsigned port)
{
	static const struct port_flag locked[] = {
		{IFLA_BRPORT_LOCKED, 1},      {BRPORT_MAB, 1},
		{IFLA_BRPORT_LEARNING, 1},    {IFLA_BRPORT_UNICAST_FLOOD, 0},
		{IFLA_BRPORT_MCAST_FLOOD, 0}, {IFLA_BRPORT_BCAST_FLOOD, 0},
		{IFLA_BRPORT_ISOLATED, 1},
	};
	int err = set_flags(b, port, locked, ARRAY_SIZE(locked));

	return err ? err : flush(b, port);
}

int bridge_forget(struct bridge *b, unsigned port)
{
	return flush(b, port);
}

int bridge_open(struct bridge *b, unsigned port, const struct mac *mac, bool alone)
{
	const struct port_flag heard[] = {
		{IFLA_BRPORT_MCAST_FLOOD, 1},
		{IFLA_BRPORT_BCAST_FLOOD, 1},
		{IFLA_BRPORT_ISOLATED, alone},
	};
	struct nlmsghdr *h = begin_neighbour(b, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, port);
	int err;

	mnl_attr_put(h, NDA_LLADDR, sizeof(mac->b), mac->b);
	err = talk(b, h);
	return err ? err : set_flags(b, port, heard, ARRAY_SIZE(heard));
}

static int set_master(struct bridge *b, unsigned port, unsigned master)
{
	struct ifinfomsg *info;
	struct nlmsghdr *h = begin_link(b, AF_UNSPEC, port, &info);

	if (master != 0) {
		info->ifi_flags = IFF_UP;
		info->ifi_change = IFF_UP;
	}
	mnl_attr_put_u32(h, IFLA_MASTER, master);
	return talk(b, h);
}

/* Between joining and locking lies a moment in which the port is open for the bridge; the rules of
 * isolation.h let nobody through in it, and the flush forgets whom it learnt. */
int bridge_enter(struct bridge *b, unsigned port, unsigned bridge)
{
	int err = set_master(b, port, 0);

	if (!err)
		err = set_master(b, port, bridge);
	return err ? err : bridge_lock(b, port);
}

int bridge_prepare(struct bridge *b, unsigned bridge)
{
	const uint32_t bit = 1U << BR_BOOLOPT_NO_LL_LEARN;
	const struct br_boolopt_multi options = {.optval = bit, .optmask = bit};
	struct nlmsghdr *h = begin(b, RTM_NEWLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(h, sizeof(*info));
	struct nlattr *outer, *inner;

	info->ifi_index = (int)bridge;
	outer = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_str(h, IFLA_INFO_KIND, "bridge");
	inner = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	mnl_attr_put(h, IFLA_BR_MULTI_BOOLOPT, sizeof(options), &options);
	mnl_attr_nest_end(h, inner);
	mnl_attr_nest_end(h, outer);
	return talk(b, h);
}

/* The first attribute behind the header of `head` bytes, then the next ones; NULL at the end. */
static const struct nlattr *next_attribute(const struct nlmsghdr *h, size_t head,
					   const struct nlattr *a)
{
	const char *end = (const char *)h + h->nlmsg_len;

	a = a ? mnl_attr_next(a) : mnl_nlmsg_get_payload_offset(h, head);
	return mnl_attr_ok(a, (int)(end - (const char *)a)) ? a : NULL;
}

static int on_counters(const struct nlmsghdr *h, void *arg)
{
	struct bridge_counters *c = arg;
	struct rtnl_link_stats64 s;
	const struct nlattr *a = NULL;

	while ((a = next_attribute(h, sizeof(struct ifinfomsg), a))) {
		if (mnl_attr_get_type(a) != IFLA_STATS64 ||
		    mnl_attr_get_payload_len(a) < offsetof(struct rtnl_link_stats64, rx_errors))
			continue;
		memcpy(&s, mnl_attr_get_payload(a), offsetof(struct rtnl_link_stats64, rx_errors));
		*c = (struct bridge_counters){
			.rx_bytes = s.rx_bytes,
			.tx_bytes = s.tx_bytes,
			.rx_packets = s.rx_packets,
			.tx_packets = s.tx_packets,
		};
	}
	return MNL_CB_OK;
}

int bridge_count(struct bridge *b, unsigned port, struct bridge_counters *ret)
{
	struct nlmsghdr *h = begin(b, RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(h, sizeof(*info));
	struct bridge_counters c = {0};
	int err;

	info->ifi_index = (int)port;
	err = talk_to(b, h, on_counters, &c);
	if (!err)
		*ret = c;
	return err;
}

static void on_link(struct bridge *b, const struct nlmsghdr *h)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct bridge_link link = {
		.index = (unsigned)info->ifi_index,
		.gone = h->nlmsg_type == RTM_DELLINK,
		.carrier = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING),
	};
	const struct nlattr *a = NULL;

	if (info->ifi_family != AF_UNSPEC)
		return; /* the bridge's own view of its port: leaving a bridge is no loss of it */
	while ((a = next_attribute(h, sizeof(*info), a))) {
		if (mnl_attr_get_type(a) == IFLA_IFNAME &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0 &&
		    text_copy(link.name, sizeof(link.name), mnl_attr_get_str(a)))
			return;
		if (mnl_attr_get_type(a) == IFLA_MASTER && mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			link.master = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == IFLA_CARRIER_DOWN_COUNT &&
		    mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			link.losses = mnl_attr_get_u32(a);
	}
	b->events.link(b->arg, &link);
}

static void on_neighbour(struct bridge *b, const struct nlmsghdr *h)
{
	const struct ndmsg *n = mnl_nlmsg_get_payload(h);
	const struct mac *mac = NULL;
	const struct nlattr *a = NULL;
	uint32_t flags = 0;

	if (n->ndm_family != AF_BRIDGE || h->nlmsg_type != RTM_NEWNEIGH)
		return;
	while ((a = next_attribute(h, sizeof(*n), a))) {
		if (mnl_attr_get_type(a) == NDA_LLADDR &&
		    mnl_attr_get_payload_len(a) == sizeof(mac->b))
			mac = mnl_attr_get_payload(a);
		if (mnl_attr_get_type(a) == NDA_FLAGS_EXT &&
		    mnl_attr_validate(a, MNL_TYPE_U32) == 0)
			flags = mnl_attr_get_u32(a);
	}
	if (mac && (flags & FLAG_EXT_LOCKED))
		b->events.knock(b->arg, (unsigned)n->ndm_ifindex, mac);
}

static int on_message(const struct nlmsghdr *h, void *arg)
{
	struct bridge *b = arg;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (mnl_nlmsg_get_payload_len(h) >= sizeof(struct ifinfomsg))
			on_link(b, h);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		if (mnl_nlmsg_get_payload_len(h) >= sizeof(struct ndmsg))
			on_neighbour(b, h);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/*
 * A dump is read on a connection of its own: what its events cause (locking, opening) talks to the
 * kernel meanwhile.
 */
static int dump(struct bridge *b, uint16_t type, const void *head, size_t len)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_Alignas(struct nlmsghdr) uint8_t in[16 * 1024];
	struct nlmsghdr *h = begin(b, type, NLM_F_DUMP);
	uint32_t sequence = b->sequence;
	int left = MNL_CB_OK, err = 0;

	if (!s)
		return -errno;
	memcpy(mnl_nlmsg_put_extra_header(h, len), head, len);
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(s, h, h->nlmsg_len) < 0)
		err = -errno;
	while (!err && left == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(s, in, sizeof(in));

		left = n < 0 ? MNL_CB_ERROR
			     : mnl_cb_run(in, (size_t)n, sequence, mnl_socket_get_portid(s),
					  on_message, b);
		if (left == MNL_CB_ERROR)
			err = -errno;
	}
	mnl_socket_close(s);
	return err;
}

int bridge_refresh(struct bridge *b)
{
	const struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	const struct ndmsg neighbour = {.ndm_family = AF_BRIDGE};
	int err = dump(b, RTM_GETLINK, &link, sizeof(link));

	return err ? err : dump(b, RTM_GETNEIGH, &neighbour, sizeof(neighbour));
}

static void on_notices(void *arg, int fd, uint32_t events)
{
	struct bridge *b = arg;
	_Alignas(struct nlmsghdr) uint8_t in[16 * 1024];
	ssize_t n;

	(void)fd;
	(void)events;
	while ((n = mnl_socket_recvfrom(b->notices, in, sizeof(in))) > 0)
		mnl_cb_run(in, (size_t)n, 0, 0, on_message, b);
	if (n < 0 && errno == ENOBUFS)
		b->events.lost(b->arg);
}

static int open_notices(struct bridge *b)
{
	static const int groups[] = {RTNLGRP_LINK, RTNLGRP_NEIGH};
	int size = EVENT_BUFFER, fd;

	b->notices = mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!b->notices || mnl_socket_bind(b->notices, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	fd = mnl_socket_get_fd(b->notices);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(b->notices, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) < 0)
			return -errno;
	}
	return 0;
}

DEFINE_POINTER_CLEANUP(struct bridge *, bridge_free)

int bridge_new(struct loop *loop, const struct bridge_events *events, void *arg,
	       struct bridge **ret)
{
	CLEANUP(bridge_free_cleanup) struct bridge *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	b->events = *events;
	b->arg = arg;
	b->requests = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!b->requests || mnl_socket_bind(b->requests, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	err = open_notices(b);
	if (!err)
		err = loop_watch_fd(loop, mnl_socket_get_fd(b->notices), EPOLLIN, on_notices, b,
				    &b->watch);
	if (err)
		return err;
	*ret = TAKE_PTR(b);
	return 0;
}

void bridge_free(struct bridge *b)
{
	if (!b)
		return;
	loop_watch_remove(b->watch);
	if (b->requests)
		mnl_socket_close(b->requests);
	if (b->notices)
		mnl_socket_close(b->notices);
	free(b);
}
