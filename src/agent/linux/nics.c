#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "agent/linux/collect.h"
#include "agent/linux/machine.h"
#include "base/text.h"

#define ANSWER_SIZE 16384

struct listing {
	const char *interface;
	struct nic *nics;
	int index[MACHINE_NICS_MAX];
	size_t count;
};

static int open_netlink(uint32_t groups, int flags)
{
	struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
	CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof(self)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static struct rtattr *find_attr(struct rtattr *a, size_t len, unsigned type)
{
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

/* "" for hardware */
static const char *link_kind(struct rtattr *a, size_t len)
{
	struct rtattr *info = find_attr(a, len, IFLA_LINKINFO), *kind;

	if (!info)
		return "";
	kind = find_attr(RTA_DATA(info), RTA_PAYLOAD(info), IFLA_INFO_KIND);
	return kind ? RTA_DATA(kind) : "";
}

/* A veth that belongs to a bridge is a container's; one that stands free is this machine's card. */
static bool is_card(const char *kind, bool has_master)
{
	return !*kind || (text_equal(kind, "veth") && !has_master);
}

static void take_link(struct listing *l, struct nlmsghdr *h)
{
	struct ifinfomsg *m = NLMSG_DATA(h);
	struct rtattr *a = IFLA_RTA(m), *name, *mac;
	size_t len = IFLA_PAYLOAD(h);
	struct nic *nic = &l->nics[l->count];

	name = find_attr(a, len, IFLA_IFNAME);
	mac = find_attr(a, len, IFLA_ADDRESS);
	if (l->count == MACHINE_NICS_MAX || m->ifi_type != ARPHRD_ETHER || !name || !mac ||
	    RTA_PAYLOAD(mac) != sizeof(nic->mac.b))
		return;
	if (!text_equal(RTA_DATA(name), l->interface) &&
	    !is_card(link_kind(a, len), find_attr(a, len, IFLA_MASTER) != NULL))
		return;
	*nic = (struct nic){.up = (m->ifi_flags & IFF_UP) && (m->ifi_flags & IFF_LOWER_UP)};
	memcpy(nic->mac.b, RTA_DATA(mac), sizeof(nic->mac.b));
	snprintf(nic->name, sizeof(nic->name), "%s", (const char *)RTA_DATA(name));
	collect_clean(nic->name);
	l->index[l->count++] = m->ifi_index;
}

static void take_address(struct listing *l, struct nlmsghdr *h)
{
	struct ifaddrmsg *m = NLMSG_DATA(h);
	struct rtattr *a = IFA_RTA(m), *ip;
	size_t len = IFA_PAYLOAD(h);

	ip = find_attr(a, len, IFA_LOCAL);
	if (!ip)
		ip = find_attr(a, len, IFA_ADDRESS);
	if (!ip || m->ifa_scope == RT_SCOPE_LINK ||
	    RTA_PAYLOAD(ip) < (m->ifa_family == AF_INET ? 4U : 16U))
		return;
	for (size_t i = 0; i < l->count; i++)
		if (l->index[i] == (int)m->ifa_index &&
		    (!l->nics[i].address[0] || m->ifa_family == AF_INET) &&
		    !inet_ntop(m->ifa_family, RTA_DATA(ip), l->nics[i].address,
			       sizeof(l->nics[i].address)))
			l->nics[i].address[0] = 0;
}

/* One dump from the first message to NLMSG_DONE. */
static int dump(int fd, uint16_t type, struct listing *l)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} ask = {{.nlmsg_len = sizeof(ask),
		  .nlmsg_type = type,
		  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		 {.rtgen_family = AF_UNSPEC}};
	_Alignas(NLMSG_ALIGNTO) char answer[ANSWER_SIZE];

	if (send(fd, &ask, sizeof(ask), 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		struct nlmsghdr *h = (void *)answer;
		size_t left = (size_t)n;

		if (n < 0)
			return -errno;
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return -EIO;
			if (h->nlmsg_type == RTM_NEWLINK)
				take_link(l, h);
			else if (h->nlmsg_type == RTM_NEWADDR)
				take_address(l, h);
		}
	}
}

int nics_load(const char *interface, struct nic ret[static MACHINE_NICS_MAX], size_t *ret_count)
{
	struct nic nics[MACHINE_NICS_MAX];
	struct listing l = {.interface = interface, .nics = nics};
	CLEANUP_FD int fd = open_netlink(0, 0);
	const struct timeval patience = {.tv_sec = 2};
	int err;

	if (fd < 0)
		return fd;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	err = dump(fd, RTM_GETLINK, &l);
	if (!err)
		err = dump(fd, RTM_GETADDR, &l);
	if (err)
		return err;
	memcpy(ret, nics, l.count * sizeof(*nics));
	*ret_count = l.count;
	return 0;
}

int nics_watch(void)
{
	return open_netlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, SOCK_NONBLOCK);
}

void nics_drain(int fd)
{
	char answer[4096];

	/* -ENOBUFS means that some were lost: everything is read anew anyway. */
	while (recv(fd, answer, sizeof(answer), 0) > 0 || errno == ENOBUFS)
		;
}
