#include "port/binding.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *const binding_sets[2] = {"bound4", "bound6"};

/* nft knows no name for the target of neighbour discovery, so IPv6 addresses are its bits. */
static const struct family {
	int number;
	char digit;
	const char *type, *owner_type, *owner;
} families[] = {
	{AF_INET, '4', "type ipv4_addr", "type ether_addr . ipv4_addr", "ether saddr"},
	{AF_INET6, '6', "typeof @nh,64,128", "typeof @ll,48,48 . @nh,64,128", "@ll,48,48"},
};

/* An address as it stands in a frame. */
static const struct claim {
	const struct family *family;
	const char *name, *address;
} claims[] = {
	{&families[0], "arp", "arp saddr ip"},
	{&families[0], "ip", "ip saddr"},
	{&families[1], "ip6", "@nh,64,128"},
	{&families[1], "nd", "@th,64,128"},
};

static void print_address(struct buf *out, const struct addr *a)
{
	const uint8_t *bytes = a->in6.sin6_addr.s6_addr;
	char text[ADDR_TEXT_SIZE], digits[33];

	if (a->sa.sa_family == AF_INET6) {
		hex_encode(digits, bytes, 16);
		buf_printf(out, "0x%s", digits);
	} else {
		addr_format_host(text, a);
		buf_puts(out, text);
	}
}

static void print_network(struct buf *out, const struct settings *s, const struct family *f)
{
	const struct {
		const struct addr *list;
		size_t count;
	} lists[] = {{&s->address, 1},
		     {s->gates, s->gate_count},
		     {s->refuges.addr, s->refuges.count},
		     {s->resolvers.addr, s->resolvers.count},
		     {s->network.addr, s->network.count}};
	size_t count = 0;

	buf_printf(out, "\tset network%c { %s;", f->digit, f->type);
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k].count; i++) {
			if (lists[k].list[i].sa.sa_family != f->number)
				continue;
			buf_puts(out, count++ ? ", " : " elements = { ");
			print_address(out, &lists[k].list[i]);
		}
	buf_puts(out, count ? " } }\n" : " }\n");
}

static void print_learned(struct buf *out, const struct family *f, const char *prefix,
			  const char *how_long, unsigned size)
{
	buf_printf(out, "\tset %sowned%c { %s; flags dynamic,timeout; timeout %s; size %u; }\n",
		   prefix, f->digit, f->type, how_long, size);
	buf_printf(out, "\tset %sbound%c { %s; flags dynamic,timeout; timeout %s; size %u; }\n",
		   prefix, f->digit, f->owner_type, how_long, size);
}

static void print_take(struct buf *out, const struct claim *c, const char *verb, const char *prefix)
{
	char d = c->family->digit;

	buf_printf(out, "%s @%sowned%c { %s } %s @%sbound%c { %s . %s } return\n", verb, prefix, d,
		   c->address, verb, prefix, d, c->family->owner, c->address);
}

static void print_bind(struct buf *out, const struct claim *c)
{
	const char *owner = c->family->owner, *address = c->address;
	char d = c->family->digit;

	buf_printf(out, "\tchain bind_%s {\n\t\t%s @network%c drop\n", c->name, address, d);
	buf_printf(out, "\t\t%s . %s @bound%c ", owner, address, d);
	print_take(out, c, "update", "");
	buf_printf(out, "\t\t%s @owned%c drop\n", address, d);
	buf_printf(out, "\t\t%s . %s != @far_bound%c %s @far_owned%c drop\n", owner, address, d,
		   address, d);
	buf_puts(out, "\t\tadd @" BINDING_BUDGETS
		      " { iifname limit rate over 12/hour burst 8 packets } drop\n"
		      "\t\t");
	print_take(out, c, "add", "");
	buf_puts(out, "\t\tdrop\n\t}\n");
}

/* Who answers for a whole subnet (proxy ARP) owns little of it. */
static void print_note(struct buf *out, const struct claim *c)
{
	const char *owner = c->family->owner, *address = c->address;
	char d = c->family->digit;

	buf_printf(out, "\tchain note_%s {\n\t\t%s @owned%c return\n", c->name, address, d);
	buf_printf(out, "\t\t%s . %s @far_bound%c ", owner, address, d);
	print_take(out, c, "update", "far_");
	buf_printf(out, "\t\t%s @far_owned%c return\n", address, d);
	buf_puts(out, "\t\tadd @noting { ether saddr limit rate over 12/hour burst 16 packets } "
		      "return\n\t\t");
	print_take(out, c, "add", "far_");
	buf_puts(out, "\t}\n");
}

static void print_doors(struct buf *out)
{
	buf_puts(out,
		 "\tchain bind {\n"
		 "\t\tether type arp arp saddr ip != 0.0.0.0 goto bind_arp\n"
		 "\t\tether type ip ip saddr != 0.0.0.0 goto bind_ip\n"
		 "\t\tether type != ip6 return\n"
		 "\t\tip6 saddr :: return\n"
		 "\t\tjump bind_ip6\n"
		 "\t\tip6 nexthdr != icmpv6 return\n"
		 "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } "
		 "ip6 length != { 24, 32 } drop\n"
		 "\t\ticmpv6 type nd-neighbor-advert jump bind_nd\n"
		 /* The option that names a MAC names the owner of the address that is claimed. */
		 "\t\ticmpv6 type nd-neighbor-advert ip6 length 32 "
		 "@th,208,48 . @th,64,128 != @bound6 drop\n"
		 "\t\ticmpv6 type nd-neighbor-solicit ip6 length 32 "
		 "@th,208,48 . @nh,64,128 != @bound6 drop\n"
		 "\t}\n"
		 "\tchain note {\n"
		 "\t\tether type arp arp saddr ip != 0.0.0.0 goto note_arp\n"
		 "\t\tether type != ip6 return\n"
		 "\t\tip6 nexthdr != icmpv6 return\n"
		 "\t\ticmpv6 type nd-neighbor-advert goto note_nd\n"
		 "\t\ticmpv6 type nd-neighbor-solicit ip6 saddr != :: goto note_ip6\n"
		 "\t}\n");
}

void binding_print(const struct settings *s, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		print_network(out, s, &families[i]);
		print_learned(out, &families[i], "", "30m", 4096);
		print_learned(out, &families[i], "far_", "10m", 16384);
	}
	buf_puts(out,
		 "\tset " BINDING_BUDGETS
		 " { type ifname; flags dynamic,timeout; timeout 1h; size 128; }\n"
		 "\tset noting { type ether_addr; flags dynamic,timeout; timeout 1h; size 16384; "
		 "}\n");
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		print_bind(out, &claims[i]);
		print_note(out, &claims[i]);
	}
	print_doors(out);
}

/* What may have aged out since it was listed is added first: deleting nothing would fail. */
static void print_free(struct buf *out, const char *table, char family, const char *owner,
		       const char *address, size_t len)
{
	static const char *const verbs[] = {"add", "delete"};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		buf_printf(out, "%s element %s bound%c { %s . %.*s }\n", verbs[i], table, family,
			   owner, (int)len, address);
		buf_printf(out, "%s element %s owned%c { %.*s }\n", verbs[i], table, family,
			   (int)len, address);
	}
}

void binding_print_release(struct buf *out, const char *table, size_t which, const char *listing,
			   const struct mac *mac)
{
	const struct family *f = &families[which];
	char owner[MAC_TEXT_SIZE + 2], wanted[MAC_TEXT_SIZE + 8];
	unsigned long long number = 0;

	for (size_t i = 0; i < sizeof(mac->b); i++)
		number = number << 8 | mac->b[i];
	if (f->number == AF_INET6)
		snprintf(owner, sizeof(owner), "0x%llx", number);
	else
		mac_format(owner, mac);
	snprintf(wanted, sizeof(wanted), "%s . ", owner);
	while ((listing = strstr(listing, wanted))) {
		listing += strlen(wanted);
		print_free(out, table, f->digit, owner, listing,
			   strspn(listing, "0123456789abcdefx."));
	}
}
