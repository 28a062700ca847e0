#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "agent/linux/collect.h"
#include "agent/linux/machine.h"
#include "agent/linux/rtnl.h"
#include "base/text.h"

struct listing {
	const char *interface;
	struct nic *nics;
	int index[MACHINE_NICS_MAX];
	size_t count;
};

/* A veth that belongs to a bridge is a container's; one that stands free is this machine's card. */
static bool is_card(const char *kind, bool has_master)
{
	return !*kind || (text_equal(kind, "veth") && !has_master);
}

static void take_link(void *arg, struct nlmsghdr *h)
{
	struct listing *l = arg;
	struct ifinfomsg *m = NLMSG_DATA(h);
	struct rtattr *a = IFLA_RTA(m), *name, *mac;
	size_t len = IFLA_PAYLOAD(h);
	struct nic *nic = &l->nics[l->count];

	name = rtnl_attr(a, len, IFLA_IFNAME);
	mac = rtnl_attr(a, len, IFLA_ADDRESS);
	if (l->count == MACHINE_NICS_MAX || m->ifi_type != ARPHRD_ETHER || !name || !mac ||
	    RTA_PAYLOAD(mac) != sizeof(nic->mac.b))
		return;
	if (!text_equal(RTA_DATA(name), l->interface) &&
	    !is_card(rtnl_link_kind(a, len), rtnl_attr(a, len, IFLA_MASTER) != NULL))
		return;
	*nic = (struct nic){.up = (m->ifi_flags & IFF_UP) && (m->ifi_flags & IFF_LOWER_UP)};
	memcpy(nic->mac.b, RTA_DATA(mac), sizeof(nic->mac.b));
	snprintf(nic->name, sizeof(nic->name), "%s", (const char *)RTA_DATA(name));
	collect_clean(nic->name);
	l->index[l->count++] = m->ifi_index;
}

static void take_address(void *arg, struct nlmsghdr *h)
{
	struct listing *l = arg;
	struct ifaddrmsg *m = NLMSG_DATA(h);
	struct rtattr *a = IFA_RTA(m), *ip;
	size_t len = IFA_PAYLOAD(h);

	ip = rtnl_attr(a, len, IFA_LOCAL);
	if (!ip)
		ip = rtnl_attr(a, len, IFA_ADDRESS);
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

int nics_load(const char *interface, struct nic ret[static MACHINE_NICS_MAX], size_t *ret_count)
{
	struct nic nics[MACHINE_NICS_MAX];
	struct listing l = {.interface = interface, .nics = nics};
	CLEANUP_FD int fd = rtnl_open(0, 0);
	int err;

	if (fd < 0)
		return fd;
	err = rtnl_dump(fd, RTM_GETLINK, take_link, &l);
	if (!err)
		err = rtnl_dump(fd, RTM_GETADDR, take_address, &l);
	if (err)
		return err;
	memcpy(ret, nics, l.count * sizeof(*nics));
	*ret_count = l.count;
	return 0;
}

int nics_watch(void)
{
	return rtnl_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, SOCK_NONBLOCK);
}

void nics_drain(int fd)
{
	rtnl_drain(fd);
}
