/* Asking the kernel about links, addresses and routes (rtnetlink(7)). Linux. */
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/util.h"

/* A socket that hears `groups` (RTMGRP_*); `flags` as socket(2). -errno. */
int rtnl_open(uint32_t groups, int flags) MUST_CHECK;
/* The same of another family of netlink(7). */
int rtnl_open_family(int family, uint32_t groups, int flags) MUST_CHECK;
/* The first attribute of a type among `len` bytes, NULL when there is none. */
struct rtattr *rtnl_attr(struct rtattr *a, size_t len, unsigned type);
/* What the link says it is made by, "tun" or "veth"; "" for hardware. */
const char *rtnl_link_kind(struct rtattr *a, size_t len);
/* A table from its first message to NLMSG_DONE, each message to `take`; waits 2 s at most. */
int rtnl_dump(int fd, uint16_t type, void (*take)(void *arg, struct nlmsghdr *h),
	      void *arg) MUST_CHECK;
/* A request with NLM_F_ACK, and what the kernel says to it: 0 or -errno; waits 2 s at most. */
int rtnl_ask(int fd, const struct nlmsghdr *h) MUST_CHECK;
/* Forgets what waits: somebody who reads everything anew needs none of it. */
void rtnl_drain(int fd);
