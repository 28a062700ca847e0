#define _GNU_SOURCE
#include "agent/guards/cut.h"

#include <linux/if.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/linux/firewall.h"
#include "agent/linux/rtnl.h"
#include "base/buf.h"

#define TABLE "inet menshen_egress"

/* ---- the rules ---- */

struct side {
	const char *chain, *hook; /* "out" at "output" */
	const char *peer;	  /* who is at the other end: "daddr" */
	const char *link;	  /* how nft calls this side's link: "oif" */
	bool out;
};

/* {a, b}: the prefixes of one family; false when there are none. */
static bool put_prefixes(struct buf *b, const struct prefix *list, size_t count, bool v4)
{
	bool any = false;
	char host[HOST_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		if (prefix_is_v4(&list[i]) != v4)
			continue;
		host_format(list[i].host, host);
		buf_printf(b, "%s%s/%d", any ? ", " : "{ ", host, list[i].bits - (v4 ? 96 : 0));
		any = true;
	}
	buf_puts(b, any ? " }" : "");
	return any;
}

/* Neighbour discovery and a lease, without which a link would die. */
static void put_life(struct buf *b, const char *chain, bool out)
{
	buf_printf(b,
		   "add rule " TABLE " %s icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, "
		   "nd-router-solicit, nd-router-advert } accept\n"
		   "add rule " TABLE " %s udp %s { 67, 547 } accept\n",
		   chain, chain, out ? "dport" : "sport");
}

/* The bank's links, to the bank's addresses. By number: an interface's name is anybody's choice. */
static void put_bank(struct buf *b, const struct cut_plan *p, const struct side *side)
{
	char chain[16];
	bool any = false;

	snprintf(chain, sizeof(chain), "bank_%s", side->chain);
	buf_printf(b, "add chain " TABLE " %s\n", chain);
	put_life(b, chain, side->out);
	for (int v4 = 0; v4 < 2; v4++) {
		CLEANUP_BUF struct buf list = BUF_INIT;

		if (put_prefixes(&list, p->rules->bank, p->rules->bank_count, v4))
			buf_printf(b, "add rule " TABLE " %s %s %s %s accept\n", chain,
				   v4 ? "ip" : "ip6", side->peer, buf_str(&list));
	}
	buf_printf(b, "add rule " TABLE " %s %s ", side->chain, side->link);
	for (size_t i = 0; i < p->links->count; i++)
		if (p->bank & 1U << i) {
			buf_printf(b, "%s%d", any ? ", " : "{ ", p->links->list[i].index);
			any = true;
		}
	buf_printf(b, " } jump %s\n", chain);
}

static void put_servers(struct buf *b, const struct cut_plan *p, const struct side *side)
{
	for (size_t i = 0; i < p->server_count; i++) {
		struct prefix host = {.bits = 128};
		CLEANUP_BUF struct buf one = BUF_INIT;
		bool v4;

		addr_host_key(&p->servers[i], host.host);
		v4 = prefix_is_v4(&host);
		if (put_prefixes(&one, &host, 1, v4))
			buf_printf(b, "add rule " TABLE " %s %s %s %s accept\n", side->chain,
				   v4 ? "ip" : "ip6", side->peer, buf_str(&one));
	}
}

static void put_side(struct buf *b, const struct cut_plan *p, const struct side *side)
{
	buf_printf(b,
		   "add chain " TABLE " %s { type filter hook %s priority -200; policy drop; }\n"
		   "add rule " TABLE " %s %s lo accept\n",
		   side->chain, side->hook, side->chain, side->link);
	put_servers(b, p, side);
	if (p->bank)
		put_bank(b, p, side);
	else
		put_life(b, side->chain, side->out);
}

static void put_rules(struct buf *b, const struct cut_plan *p)
{
	static const struct side sides[] = {{"out", "output", "daddr", "oif", true},
					    {"in", "input", "saddr", "iif", false}};

	buf_puts(b, "add table " TABLE "\ndelete table " TABLE "\nadd table " TABLE "\n");
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		put_side(b, p, &sides[i]);
	buf_puts(b, "add chain " TABLE
		    " through { type filter hook forward priority -200; policy drop; }\n");
}

/* ---- without a firewall ---- */

static int take_down(int fd, int index)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg m;
	} ask = {{.nlmsg_len = sizeof(ask),
		  .nlmsg_type = RTM_NEWLINK,
		  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		 {.ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_change = IFF_UP}};

	return rtnl_ask(fd, &ask.h);
}

static int take_links_down(const struct cut_plan *p)
{
	CLEANUP_FD int fd = rtnl_open(0, 0);
	int err = MIN(fd, 0);

	for (size_t i = 0; i < p->links->count; i++)
		if (fd >= 0 && (p->second & 1U << i)) {
			int r = take_down(fd, p->links->list[i].index);

			err = err ? err : r;
		}
	return err;
}

/* ---- the contract ---- */

const char *cut_means_name(enum cut_means m)
{
	return m == CUT_BY_FIREWALL ? "firewall" : "link";
}

/* A kernel may lack what nft(8) asks of it, which only shows when it is asked. */
int cut_apply(const struct cut_plan *p, enum cut_means *ret_means)
{
	CLEANUP_BUF struct buf rules = BUF_INIT;
	int err;

	put_rules(&rules, p);
	err = firewall_tell(&rules);
	if (!err) {
		*ret_means = CUT_BY_FIREWALL;
		return 0;
	}
	err = take_links_down(p);
	if (!err)
		*ret_means = CUT_BY_LINK_DOWN;
	return err;
}

int cut_undo(void)
{
	CLEANUP_BUF struct buf rules = BUF_INIT;

	if (!firewall_is_here())
		return 0;
	buf_puts(&rules, "add table " TABLE "\ndelete table " TABLE "\n");
	return firewall_tell(&rules);
}

int cut_watch(void)
{
	return rtnl_open_family(NETLINK_NETFILTER, 1U << (NFNLGRP_NFTABLES - 1), SOCK_NONBLOCK);
}

void cut_drain(int fd)
{
	rtnl_drain(fd);
}
