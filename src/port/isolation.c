#include "port/isolation.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/text.h"
#include "port/binding.h"

#define TABLE_NAME "menshen_port"
#define TABLE "bridge " TABLE_NAME
#define DELETED ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_DELTABLE)

struct isolation {
	const struct settings *settings;
	struct nft_ctx *nft;
	struct mnl_socket *notices;
	struct loop_watch *watch;
	void (*on_lost)(void *arg);
	void *arg;
	bool lost;
};

static int run(struct isolation *i, const char *commands)
{
	const char *said;

	if (nft_run_cmd_from_buffer(i->nft, commands) == 0)
		return 0;
	said = nft_ctx_get_error_buffer(i->nft);
	log_error("nftables refused: %.200s", said ? said : "without a word");
	return -EIO;
}

/* `ip daddr . tcp dport { 10.1.0.2 . 443 } return`, one family at a time. */
static void print_list(struct buf *out, const struct settings_refuges *list, int family,
		       const char *protocol, const char *direction)
{
	char text[ADDR_TEXT_SIZE];
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->addr[i].sa.sa_family != family)
			continue;
		addr_format_host(text, &list->addr[i]);
		if (count++ == 0)
			buf_printf(out, "\t\t%s %caddr . %s %cport { ",
				   family == AF_INET ? "ip" : "ip6", direction[0], protocol,
				   direction[0]);
		else
			buf_puts(out, ", ");
		buf_printf(out, "%s . %u", text, addr_port(&list->addr[i]));
	}
	if (count > 0)
		buf_puts(out, " } return\n");
}

static bool has_family(const struct settings *s, int family)
{
	const struct settings_refuges *lists[] = {&s->refuges, &s->resolvers};

	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->count; i++)
			if (lists[k]->addr[i].sa.sa_family == family)
				return true;
	return false;
}

/* `direction` is "daddr" for frames of the terminal, "saddr" for frames to it. */
static void print_refuge(struct buf *out, const struct settings *s, const char *direction)
{
	static const int families[] = {AF_INET, AF_INET6};

	if (has_family(s, AF_INET6))
		buf_puts(out,
			 "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } return\n");
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		print_list(out, &s->refuges, families[i], "tcp", direction);
		print_list(out, &s->resolvers, families[i], "udp", direction);
		print_list(out, &s->resolvers, families[i], "tcp", direction);
	}
	buf_puts(out, "\t\tdrop\n\t}\n");
}

/* Options could name another way for what is addressed to a refuge. */
static void print_from_confined(struct buf *out, const struct settings *s)
{
	buf_puts(out, "\tchain from_confined {\n"
		      "\t\toifname @ports drop\n"
		      "\t\tether saddr @watched jump plan\n"
		      "\t\tether saddr @enforced jump plan\n"
		      "\t\tether saddr != @enforced jump bind\n"
		      "\t\tiifname . arp saddr ether @confined return\n"
		      "\t\tip hdrlength != 5 drop\n"
		      "\t\tip daddr 255.255.255.255 udp sport 68 udp dport 67 return\n");
	print_refuge(out, s, "daddr");
}

/* ARP speaks for its sender alone; an address is the plan's, else its own or nobody's. */
static void print_from_admitted(struct buf *out, const struct settings *s)
{
	static const char own_arp[] =
		"ether type arp iifname . arp saddr ether != @admitted drop\n";

	buf_printf(out,
		   "\tchain from_admitted {\n"
		   "\t\tether saddr @watched jump plan\n"
		   "\t\tether saddr @enforced %s"
		   "\t\tether saddr @enforced goto plan\n",
		   own_arp);
	if (s->bind)
		buf_printf(out, "\t\t%s\t\tgoto bind\n", own_arp);
	else
		buf_puts(out, "\t\tgoto note\n");
	buf_puts(out, "\t}\n");
}

static void print_to_confined(struct buf *out, const struct settings *s)
{
	buf_puts(out, "\tchain to_confined {\n"
		      "\t\tiifname @ports drop\n"
		      "\t\tether type arp return\n"
		      "\t\tudp sport 67 udp dport 68 return\n");
	print_refuge(out, s, "saddr");
}

static void print_ports(struct buf *out, const struct settings *s)
{
	buf_puts(out, "\tset ports { type ifname; elements = { ");
	for (size_t i = 0; i < s->ports.count; i++)
		buf_printf(out, "%s\"%s\"", i ? ", " : "", s->ports.name[i]);
	buf_puts(out, " } }\n");
}

void isolation_print(const struct settings *s, struct buf *out)
{
	buf_puts(out, "table " TABLE "\ndelete table " TABLE "\ntable " TABLE " {\n");
	print_ports(out, s);
	buf_puts(out, "\tset admitted { type ifname . ether_addr; }\n"
		      "\tset confined { type ifname . ether_addr; }\n"
		      "\tset confined_ports { type ifname; }\n");
	binding_print(s, out);
	print_from_admitted(out, s);
	print_from_confined(out, s);
	print_to_confined(out, s);
	buf_puts(out, "\tchain from_port {\n"
		      "\t\tether type { 0x8100, 0x88a8, 0x9100 } drop\n"
		      "\t\tiifname . ether saddr @admitted goto from_admitted\n"
		      "\t\tiifname . ether saddr @confined goto from_confined\n"
		      "\t\tdrop\n"
		      "\t}\n"
		      "\tchain forward {\n"
		      "\t\ttype filter hook forward priority -200;\n"
		      "\t\tiifname @ports ether type 0x888e drop\n"
		      "\t\tiifname @ports jump from_port\n"
		      "\t\tiifname != @ports jump note\n"
		      "\t\toifname @confined_ports goto to_confined\n"
		      "\t}\n"
		      "\tchain input {\n"
		      "\t\ttype filter hook input priority -200;\n"
		      "\t\tether type 0x888e accept\n"
		      "\t\tiifname @ports jump from_port\n"
		      "\t\tiifname != @ports jump note\n"
		      "\t}\n"
		      "\tchain output {\n"
		      "\t\ttype filter hook output priority -200;\n"
		      "\t\tether type 0x888e accept\n"
		      "\t\toifname @confined_ports goto to_confined\n"
		      "\t}\n"
		      "}\n");
}

static int on_notice(const struct nlmsghdr *h, void *arg)
{
	struct isolation *i = arg;
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(h);
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(h, sizeof(*head));
	const char *end = (const char *)h + h->nlmsg_len;

	if (h->nlmsg_type != DELETED || mnl_nlmsg_get_payload_len(h) < sizeof(*head) ||
	    head->nfgen_family != NFPROTO_BRIDGE)
		return MNL_CB_OK;
	for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == NFTA_TABLE_NAME &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0 &&
		    text_equal(mnl_attr_get_str(a), TABLE_NAME))
			i->lost = true;
	return MNL_CB_OK;
}

/* Notices that do not fit are lost with whatever they said. */
static void read_notices(struct isolation *i)
{
	_Alignas(struct nlmsghdr) uint8_t in[16 * 1024];
	ssize_t n;

	while ((n = mnl_socket_recvfrom(i->notices, in, sizeof(in))) > 0)
		mnl_cb_run(in, (size_t)n, 0, 0, on_notice, i);
	if (n < 0 && errno == ENOBUFS)
		i->lost = true;
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	struct isolation *i = arg;

	(void)fd;
	(void)events;
	read_notices(i);
	if (i->lost)
		i->on_lost(i->arg);
}

static int listen_to_kernel(struct isolation *i, struct loop *loop)
{
	int group = NFNLGRP_NFTABLES;

	i->notices = mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!i->notices || mnl_socket_bind(i->notices, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(i->notices, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return loop_watch_fd(loop, mnl_socket_get_fd(i->notices), EPOLLIN, on_readable, i,
			     &i->watch);
}

int isolation_reset(struct isolation *i)
{
	CLEANUP_BUF struct buf rules = BUF_INIT;
	int err;

	isolation_print(i->settings, &rules);
	err = rules.error ? rules.error : run(i, buf_str(&rules));
	read_notices(i); /* of what was just done */
	i->lost = false;
	return err;
}

DEFINE_POINTER_CLEANUP(struct isolation *, isolation_free)

int isolation_new(struct loop *loop, const struct settings *settings, void (*on_lost)(void *arg),
		  void *arg, struct isolation **ret)
{
	CLEANUP(isolation_free_cleanup) struct isolation *i = calloc(1, sizeof(*i));
	int err;

	if (!i)
		return -ENOMEM;
	*i = (struct isolation){.settings = settings, .on_lost = on_lost, .arg = arg};
	i->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!i->nft || nft_ctx_buffer_error(i->nft) || nft_ctx_buffer_output(i->nft))
		return -ENOMEM;
	err = listen_to_kernel(i, loop);
	if (!err)
		err = isolation_reset(i);
	if (!err)
		*ret = TAKE_PTR(i);
	return err;
}

void isolation_free(struct isolation *i)
{
	if (!i)
		return;
	loop_watch_remove(i->watch);
	if (i->notices)
		mnl_socket_close(i->notices);
	if (i->nft)
		nft_ctx_free(i->nft);
	free(i);
}

/* Deleting what is not there fails the transaction, so it is added first. */
static void print_revoke(struct buf *out, const char *port, const char *mac)
{
	static const char *const sets[] = {"admitted", "confined"};

	for (size_t k = 0; k < ARRAY_SIZE(sets); k++)
		for (size_t verb = 0; verb < 2; verb++)
			buf_printf(out, "%s element " TABLE " %s { \"%s\" . %s }\n",
				   verb ? "delete" : "add", sets[k], port, mac);
	for (size_t verb = 0; verb < 2; verb++)
		buf_printf(out, "%s element " TABLE " confined_ports { \"%s\" }\n",
			   verb ? "delete" : "add", port);
}

/* `ret` is nft's, until it is asked again. */
static int list_set(struct isolation *i, const char *set, const char **ret)
{
	char command[64];
	int err;

	snprintf(command, sizeof(command), "list set " TABLE " %s", set);
	err = run(i, command);
	if (!err)
		*ret = nft_ctx_get_output_buffer(i->nft);
	return err;
}

static int print_plan(struct isolation *i, struct buf *out, const struct mac *mac,
		      const struct answer_plan *plan)
{
	CLEANUP_BUF struct buf four = BUF_INIT, six = BUF_INIT;
	struct buf *const copies[] = {&four, &six};
	const char *list;
	int err = 0;

	for (size_t k = 0; !err && plan->count && k < ARRAY_SIZE(copies); k++) {
		err = list_set(i, binding_sets[k], &list);
		if (!err)
			buf_puts(copies[k], list);
		if (!err)
			err = copies[k]->error;
	}
	if (!err)
		binding_print_plan(out, TABLE, (const char *[]){buf_str(&four), buf_str(&six)}, mac,
				   plan);
	return err;
}

static int let_through(struct isolation *i, const char *port, const struct mac *mac,
		       const struct answer_plan *plan, bool confined)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	char text[MAC_TEXT_SIZE];
	int err;

	mac_format(text, mac);
	print_revoke(&out, port, text);
	err = print_plan(i, &out, mac, plan);
	if (err)
		return err;
	buf_printf(&out, "add element " TABLE " %s { \"%s\" . %s }\n",
		   confined ? "confined" : "admitted", port, text);
	if (confined)
		buf_printf(&out, "add element " TABLE " confined_ports { \"%s\" }\n", port);
	return out.error ? out.error : run(i, buf_str(&out));
}

int isolation_admit(struct isolation *i, const char *port, const struct mac *mac,
		    const struct answer_plan *plan)
{
	return let_through(i, port, mac, plan, false);
}

int isolation_confine(struct isolation *i, const char *port, const struct mac *mac,
		      const struct answer_plan *plan)
{
	return let_through(i, port, mac, plan, true);
}

/* Its addresses are free at once: what is plugged in instead may have the same. */
static int release(struct isolation *i, const char *port, const struct mac *mac)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	const char *list;
	char name[IF_NAMESIZE + 2];
	int err = 0;

	for (size_t k = 0; !err && k < ARRAY_SIZE(binding_sets); k++) {
		err = list_set(i, binding_sets[k], &list);
		if (!err)
			binding_print_release(&out, TABLE, k, list, mac);
	}
	if (!err)
		err = list_set(i, BINDING_BUDGETS, &list);
	snprintf(name, sizeof(name), "\"%s\"", port);
	if (!err && strstr(list, name))
		buf_printf(&out, "delete element " TABLE " " BINDING_BUDGETS " { %s }\n", name);
	if (err || out.len == 0)
		return err;
	return out.error ? out.error : run(i, buf_str(&out));
}

int isolation_revoke(struct isolation *i, const char *port, const struct mac *mac,
		     const struct answer_plan *plan)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	char text[MAC_TEXT_SIZE];
	int err;

	mac_format(text, mac);
	print_revoke(&out, port, text);
	binding_print_unplan(&out, TABLE, mac, plan);
	err = out.error ? out.error : run(i, buf_str(&out));
	return err ? err : release(i, port, mac);
}

int isolation_take_astray(struct isolation *i, isolation_astray_fn *fn, void *arg)
{
	CLEANUP_BUF struct buf flush = BUF_INIT;
	struct mac mac;
	struct addr address;
	const char *list;
	int err = 0;

	for (size_t k = 0; !err && k < ARRAY_SIZE(binding_astray_sets); k++) {
		bool found = false;

		err = list_set(i, binding_astray_sets[k], &list);
		while (!err && binding_read_astray(&list, k, &mac, &address)) {
			fn(arg, &mac, &address);
			found = true;
		}
		if (found)
			buf_printf(&flush, "flush set " TABLE " %s\n", binding_astray_sets[k]);
	}
	if (err || flush.len == 0)
		return err;
	return flush.error ? flush.error : run(i, buf_str(&flush));
}
