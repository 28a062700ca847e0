#include "port/isolation.h"

#include <string.h>

#include "base/log.h"
#include <nftables/libnftables.h>

#define TABLE "bridge menshen_port"

struct isolation {
	struct nft_ctx *nft;
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

/* `direction` is "daddr" for frames of the terminal, "saddr" for frames to it. */
static void print_refuge(struct buf *out, const struct settings *s, const char *chain,
			 const char *direction, const char *dhcp)
{
	static const int families[] = {AF_INET, AF_INET6};

	buf_printf(out, "\tchain %s {\n\t\tether type arp return\n\t\t%s return\n", chain, dhcp);
	buf_puts(out, "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } return\n");
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		print_list(out, &s->refuges, families[i], "tcp", direction);
		print_list(out, &s->resolvers, families[i], "udp", direction);
		print_list(out, &s->resolvers, families[i], "tcp", direction);
	}
	buf_puts(out, "\t\tdrop\n\t}\n");
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
	print_refuge(out, s, "from_confined", "daddr", "udp sport 68 udp dport 67");
	print_refuge(out, s, "to_confined", "saddr", "udp sport 67 udp dport 68");
	buf_puts(out, "\tchain from_port {\n"
		      "\t\tiifname . ether saddr @admitted return\n"
		      "\t\tiifname . ether saddr @confined goto from_confined\n"
		      "\t\tdrop\n"
		      "\t}\n"
		      "\tchain forward {\n"
		      "\t\ttype filter hook forward priority -200;\n"
		      "\t\tiifname @ports jump from_port\n"
		      "\t\toifname @confined_ports goto to_confined\n"
		      "\t}\n"
		      "\tchain input {\n"
		      "\t\ttype filter hook input priority -200;\n"
		      "\t\tether type 0x888e accept\n"
		      "\t\tiifname @ports jump from_port\n"
		      "\t}\n"
		      "\tchain output {\n"
		      "\t\ttype filter hook output priority -200;\n"
		      "\t\tether type 0x888e accept\n"
		      "\t\toifname @confined_ports goto to_confined\n"
		      "\t}\n"
		      "}\n");
}

int isolation_new(const struct settings *settings, struct isolation **ret)
{
	CLEANUP_BUF struct buf rules = BUF_INIT;
	struct isolation *i = calloc(1, sizeof(*i));
	int err;

	if (!i)
		return -ENOMEM;
	i->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	isolation_print(settings, &rules);
	if (!i->nft || nft_ctx_buffer_error(i->nft) || rules.error)
		err = -ENOMEM;
	else
		err = run(i, buf_str(&rules));
	if (err) {
		isolation_free(i);
		return err;
	}
	*ret = i;
	return 0;
}

void isolation_free(struct isolation *i)
{
	if (!i)
		return;
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

static int change(struct isolation *i, const char *port, const struct mac *mac, const char *set)
{
	CLEANUP_BUF struct buf out = BUF_INIT;
	char text[MAC_TEXT_SIZE];

	mac_format(text, mac);
	print_revoke(&out, port, text);
	if (set)
		buf_printf(&out, "add element " TABLE " %s { \"%s\" . %s }\n", set, port, text);
	if (set && strcmp(set, "confined") == 0)
		buf_printf(&out, "add element " TABLE " confined_ports { \"%s\" }\n", port);
	return out.error ? out.error : run(i, buf_str(&out));
}

int isolation_admit(struct isolation *i, const char *port, const struct mac *mac)
{
	return change(i, port, mac, "admitted");
}

int isolation_confine(struct isolation *i, const char *port, const struct mac *mac)
{
	return change(i, port, mac, "confined");
}

int isolation_revoke(struct isolation *i, const char *port, const struct mac *mac)
{
	return change(i, port, mac, NULL);
}
