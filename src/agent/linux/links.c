#define _GNU_SOURCE
#include "agent/guards/links.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/linux/collect.h"
#include "agent/linux/rtnl.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define SYSFS_MAX 4096
#define SYSFS_PATH_SIZE 320

struct loading {
	const char *root;
	struct links *links;
};

/* ---- what a link is ---- */

/* How the kernel says that a link is made (IFLA_INFO_KIND). */
static const struct {
	const char *made_by;
	enum link_kind kind;
} made_kinds[] = {
	{"tun", LINK_TUNNEL},	 {"wireguard", LINK_TUNNEL}, {"gre", LINK_TUNNEL},
	{"gretap", LINK_TUNNEL}, {"ipip", LINK_TUNNEL},	     {"sit", LINK_TUNNEL},
	{"ip6tnl", LINK_TUNNEL}, {"vxlan", LINK_TUNNEL},     {"xfrm", LINK_TUNNEL},
	{"vti", LINK_TUNNEL},	 {"ppp", LINK_MODEM},	     {"bridge", LINK_BRIDGE},
	{"veth", LINK_WIRE},	 {"bond", LINK_WIRE},	     {"team", LINK_WIRE},
	{"vlan", LINK_WIRE},	 {"dummy", LINK_VIRTUAL},    {"ifb", LINK_VIRTUAL},
	{"nlmon", LINK_VIRTUAL}, {"macvlan", LINK_WIRE},     {"ipvlan", LINK_WIRE},
	{"ipoib", LINK_WIRE},	 {"wwan", LINK_MODEM},
};

/* How sysfs calls a device of the network (DEVTYPE of its uevent). */
static const struct {
	const char *devtype;
	enum link_kind kind;
} device_kinds[] = {
	{"DEVTYPE=wlan", LINK_WIFI},
	{"DEVTYPE=wwan", LINK_MODEM},
	{"DEVTYPE=bluetooth", LINK_BLUETOOTH},
	{"DEVTYPE=bridge", LINK_BRIDGE},
};

/* The drivers of what a telephone or a modem shows to its USB host. */
static const struct {
	const char *driver;
	enum link_kind kind;
} driver_kinds[] = {
	{"rndis_host", LINK_TETHER}, {"ipheth", LINK_TETHER},	 {"cdc_ether", LINK_TETHER},
	{"cdc_eem", LINK_TETHER},    {"cdc_ncm", LINK_TETHER},	 {"cdc_mbim", LINK_MODEM},
	{"qmi_wwan", LINK_MODEM},    {"sierra_net", LINK_MODEM}, {"huawei_cdc_ncm", LINK_MODEM},
	{"hso", LINK_MODEM},
};

static bool sysfs_path(const struct loading *l, const char *name, const char *leaf,
		       char dst[static SYSFS_PATH_SIZE])
{
	return snprintf(dst, SYSFS_PATH_SIZE, "%s/sys/class/net/%s/%s", l->root, name, leaf) <
	       SYSFS_PATH_SIZE;
}

/* What sysfs says; LINK_WIRE when it has nothing to say. */
static enum link_kind device_kind(const struct loading *l, const char *name)
{
	CLEANUP_BUF struct buf uevent = BUF_INIT;
	char path[SYSFS_PATH_SIZE], driver[128];
	const char *base;
	ssize_t n;

	if (sysfs_path(l, name, "phy80211", path) && access(path, F_OK) == 0)
		return LINK_WIFI;
	if (sysfs_path(l, name, "uevent", path) && file_read(path, SYSFS_MAX, &uevent) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(device_kinds); i++)
			if (strstr(buf_str(&uevent), device_kinds[i].devtype))
				return device_kinds[i].kind;
	if (!sysfs_path(l, name, "device/driver", path))
		return LINK_WIRE;
	n = readlink(path, driver, sizeof(driver) - 1);
	if (n <= 0)
		return LINK_WIRE;
	driver[n] = 0;
	base = strrchr(driver, '/');
	base = base ? base + 1 : driver;
	for (size_t i = 0; i < ARRAY_SIZE(driver_kinds); i++)
		if (text_equal(base, driver_kinds[i].driver))
			return driver_kinds[i].kind;
	return LINK_WIRE;
}

static enum link_kind kind_of(const struct loading *l, const struct ifinfomsg *m, const char *name,
			      const char *made_by)
{
	if (m->ifi_flags & IFF_LOOPBACK)
		return LINK_VIRTUAL;
	if (m->ifi_type == ARPHRD_PPP)
		return LINK_MODEM;
	if (device_kind(l, name) != LINK_WIRE)
		return device_kind(l, name);
	for (size_t i = 0; i < ARRAY_SIZE(made_kinds); i++)
		if (text_equal(made_by, made_kinds[i].made_by))
			return made_kinds[i].kind;
	if (m->ifi_type == ARPHRD_NONE || m->ifi_type == ARPHRD_RAWIP)
		return *made_by ? LINK_TUNNEL : LINK_MODEM;
	return LINK_WIRE;
}

/* ---- the three tables ---- */

static struct link *find_link(const struct loading *l, int index)
{
	for (size_t i = 0; i < l->links->count; i++)
		if (l->links->list[i].index == index)
			return &l->links->list[i];
	return NULL;
}

static void take_link(void *arg, struct nlmsghdr *h)
{
	const struct loading *l = arg;
	struct ifinfomsg *m = NLMSG_DATA(h);
	struct rtattr *a = IFLA_RTA(m), *name, *mac;
	size_t len = IFLA_PAYLOAD(h);
	struct link *link = &l->links->list[l->links->count];

	name = rtnl_attr(a, len, IFLA_IFNAME);
	mac = rtnl_attr(a, len, IFLA_ADDRESS);
	if (h->nlmsg_type != RTM_NEWLINK || l->links->count == LINKS_MAX || !name)
		return;
	*link = (struct link){
		.index = m->ifi_index,
		.up = (m->ifi_flags & IFF_UP) && (m->ifi_flags & IFF_LOWER_UP),
		.enslaved = rtnl_attr(a, len, IFLA_MASTER) != NULL,
	};
	snprintf(link->name, sizeof(link->name), "%s", (const char *)RTA_DATA(name));
	link->kind = kind_of(l, m, link->name, rtnl_link_kind(a, len));
	collect_clean(link->name);
	if (mac && RTA_PAYLOAD(mac) == sizeof(link->mac.b))
		memcpy(link->mac.b, RTA_DATA(mac), sizeof(link->mac.b));
	l->links->count++;
}

/* 4 or 16 bytes as 16; false for anything else. */
static bool take_host(int family, const struct rtattr *a, uint8_t ret[static 16])
{
	if (!a || RTA_PAYLOAD(a) < (family == AF_INET ? 4U : 16U))
		return false;
	memset(ret, 0, 16);
	if (family == AF_INET)
		ret[10] = ret[11] = 0xff;
	memcpy(ret + (family == AF_INET ? 12 : 0), RTA_DATA(a), family == AF_INET ? 4 : 16);
	return true;
}

static void take_address(void *arg, struct nlmsghdr *h)
{
	const struct loading *l = arg;
	struct ifaddrmsg *m = NLMSG_DATA(h);
	struct rtattr *a = IFA_RTA(m), *ip;
	size_t len = IFA_PAYLOAD(h);
	struct link *link = find_link(l, (int)m->ifa_index);
	struct prefix p;

	if (!link || h->nlmsg_type != RTM_NEWADDR || m->ifa_scope == RT_SCOPE_LINK ||
	    (m->ifa_family != AF_INET && m->ifa_family != AF_INET6))
		return;
	ip = rtnl_attr(a, len, IFA_LOCAL);
	if (!ip)
		ip = rtnl_attr(a, len, IFA_ADDRESS);
	if (!take_host(m->ifa_family, ip, p.host))
		return;
	if (link->address_count == LINK_ADDRESSES_MAX) {
		link->more = true;
		return;
	}
	if (!(m->ifa_flags & IFA_F_PERMANENT))
		link->leased |= 1U << link->address_count;
	p.bits = (uint8_t)(m->ifa_prefixlen + (m->ifa_family == AF_INET ? 96 : 0));
	link->addresses[link->address_count++] = p;
}

/* Link-local and multicast lead nowhere; IPv6's routers always have link-local addresses. */
static bool is_near(const struct prefix *p)
{
	return (p->host[0] == 0xfe && (p->host[1] & 0xc0) == 0x80) || p->host[0] == 0xff;
}

static void take_hop(struct link *link, const struct prefix *hop)
{
	for (size_t i = 0; i < link->hop_count; i++)
		if (memcmp(&link->hops[i], hop, sizeof(*hop)) == 0)
			return;
	if (link->hop_count == LINK_HOPS_MAX)
		link->more = true;
	else if (!is_near(hop))
		link->hops[link->hop_count++] = *hop;
}

static void take_route(void *arg, struct nlmsghdr *h)
{
	const struct loading *l = arg;
	struct rtmsg *m = NLMSG_DATA(h);
	struct rtattr *a = RTM_RTA(m), *out;
	size_t len = RTM_PAYLOAD(h);
	struct prefix gateway = {.bits = 128}, to = {.bits = 0};
	struct link *link;
	bool has_gateway, is_v4 = m->rtm_family == AF_INET;
	int index = 0;

	if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_type != RTN_UNICAST)
		return;
	out = rtnl_attr(a, len, RTA_OIF);
	if (out && RTA_PAYLOAD(out) == sizeof(index))
		memcpy(&index, RTA_DATA(out), sizeof(index));
	link = find_link(l, index);
	if (!link)
		return;
	has_gateway = take_host(m->rtm_family, rtnl_attr(a, len, RTA_GATEWAY), gateway.host);
	if (take_host(m->rtm_family, rtnl_attr(a, len, RTA_DST), to.host))
		to.bits = (uint8_t)(m->rtm_dst_len + (is_v4 ? 96 : 0));
	take_hop(link, has_gateway ? &gateway : &to);
	/* A VPN halves the world in two routes of one bit each. */
	if (m->rtm_dst_len <= 1) {
		if (!link->is_default || (is_v4 && !link->gateway_is_v4))
			memcpy(link->gateway, gateway.host, sizeof(link->gateway));
		link->gateway_is_v4 |= is_v4;
		link->is_default = true;
	}
}

int links_load(const char *root, struct links *ret)
{
	struct links links = {.count = 0};
	struct loading l = {root, &links};
	CLEANUP_FD int fd = rtnl_open(0, 0);
	int err;

	if (fd < 0)
		return fd;
	err = rtnl_dump(fd, RTM_GETLINK, take_link, &l);
	if (!err)
		err = rtnl_dump(fd, RTM_GETADDR, take_address, &l);
	if (!err)
		err = rtnl_dump(fd, RTM_GETROUTE, take_route, &l);
	if (!err)
		*ret = links;
	return err;
}

int links_watch(void)
{
	return rtnl_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
				 RTMGRP_IPV6_ROUTE,
			 SOCK_NONBLOCK);
}

void links_drain(int fd)
{
	rtnl_drain(fd);
}
