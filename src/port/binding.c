#include "port/binding.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *const binding_sets[2] = {"bound4", "bound6"};
const char *const binding_astray_sets[2] = {"astray4", "astray6"};

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
	const char *link_local; /* matches where the address is one; NULL: the family has none */
} claims[] = {
	{&families[0], "arp", "arp saddr ip", NULL},
	{&families[0], "ip", "ip saddr", NULL},
	{&families[1], "ip6", "@nh,64,128", "@nh,64,10 0x3fa"},
	{&families[1], "nd", "@th,64,128", "@th,64,10 0x3fa"},
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

/* A separate rule tells: a set that is full stops no other. */
static void print_planned(struct buf *out, const struct claim *c)
{
	const char *owner = c->family->owner, *address = c->address;
	char d = c->family->digit;

	buf_printf(out, "\tchain plan_%s {\n\t\t%s . %s @planned%c ", c->name, owner, address, d);
	print_take(out, c, "add", "");
	if (c->link_local)
		buf_printf(out,
			   "\t\t%s ether saddr @watched return\n"
			   "\t\t%s goto bind_%s\n",
			   c->link_local, c->link_local, c->name);
	buf_printf(out, "\t\tadd @astray%c { %s . %s }\n", d, owner, address);
	buf_puts(out, "\t\tether saddr @watched return\n\t\tdrop\n\t}\n");
}

/* The option that names a MAC names the owner of the address that is claimed. */
static void print_discovery(struct buf *out)
{
	buf_puts(out, "\tchain discovery {\n"
		      "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } "
		      "ip6 length != { 24, 32 } drop\n"
		      "\t\ticmpv6 type nd-neighbor-advert ip6 length 32 "
		      "@th,208,48 . @th,64,128 != @bound6 drop\n"
		      "\t\ticmpv6 type nd-neighbor-solicit ip6 length 32 "
		      "@th,208,48 . @nh,64,128 != @bound6 drop\n"
		      "\t}\n");
}

static void print_plan_door(struct buf *out)
{
	buf_puts(out, "\tchain plan {\n"
		      "\t\tether type arp arp saddr ip != 0.0.0.0 goto plan_arp\n"
		      "\t\tether type ip ip saddr != 0.0.0.0 goto plan_ip\n"
		      "\t\tether type != ip6 return\n"
		      "\t\tip6 saddr :: return\n"
		      "\t\tjump plan_ip6\n"
		      "\t\tip6 nexthdr != icmpv6 return\n"
		      "\t\ticmpv6 type nd-neighbor-advert jump plan_nd\n"
		      "\t\tether saddr @watched return\n"
		      "\t\tgoto discovery\n"
		      "\t}\n");
}

static void print_doors(struct buf *out)
{
	print_discovery(out);
	buf_puts(out, "\tchain bind {\n"
		      "\t\tether type arp arp saddr ip != 0.0.0.0 goto bind_arp\n"
		      "\t\tether type ip ip saddr != 0.0.0.0 goto bind_ip\n"
		      "\t\tether type != ip6 return\n"
		      "\t\tip6 saddr :: return\n"
		      "\t\tjump bind_ip6\n"
		      "\t\tip6 nexthdr != icmpv6 return\n"
		      "\t\ticmpv6 type nd-neighbor-advert jump bind_nd\n"
		      "\t\tgoto discovery\n"
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
		buf_printf(out, "\tset planned%c { %s; }\n", families[i].digit,
			   families[i].owner_type);
		buf_printf(out,
			   "\tset astray%c { %s; flags dynamic,timeout; timeout 1h; size 1024; }\n",
			   families[i].digit, families[i].owner_type);
	}
	buf_puts(out,
		 "\tset " BINDING_BUDGETS
		 " { type ifname; flags dynamic,timeout; timeout 1h; size 128; }\n"
		 "\tset noting { type ether_addr; flags dynamic,timeout; timeout 1h; size 16384; "
		 "}\n"
		 "\tset enforced { type ether_addr; }\n"
		 "\tset watched { type ether_addr; }\n");
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		print_bind(out, &claims[i]);
		print_note(out, &claims[i]);
		print_planned(out, &claims[i]);
	}
	print_doors(out);
	print_plan_door(out);
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

/* A MAC as it stands before an address of this family in a set. */
static void write_owner(char dst[static MAC_TEXT_SIZE + 2], const struct family *f,
			const struct mac *mac)
{
	unsigned long long number = 0;

	for (size_t i = 0; i < sizeof(mac->b); i++)
		number = number << 8 | mac->b[i];
	if (f->number == AF_INET6)
		snprintf(dst, MAC_TEXT_SIZE + 2, "0x%llx", number);
	else
		mac_format(dst, mac);
}

#define ADDRESS_CHARACTERS "0123456789abcdefx."

void binding_print_release(struct buf *out, const char *table, size_t which, const char *listing,
			   const struct mac *mac)
{
	const struct family *f = &families[which];
	char owner[MAC_TEXT_SIZE + 2], wanted[MAC_TEXT_SIZE + 8];

	write_owner(owner, f, mac);
	snprintf(wanted, sizeof(wanted), "%s . ", owner);
	while ((listing = strstr(listing, wanted))) {
		listing += strlen(wanted);
		print_free(out, table, f->digit, owner, listing,
			   strspn(listing, ADDRESS_CHARACTERS));
	}
}

/* ---- the plan ---- */

static const struct family *family_of(const struct addr *a)
{
	return &families[a->sa.sa_family == AF_INET6];
}

/* Whoever claimed the address has it no more. */
static void print_oust(struct buf *out, const char *table, const struct family *f,
		       const char *listing, const char *address)
{
	static const char separator[] = " . ";
	size_t len = strlen(address);

	for (const char *at = listing; (at = strstr(at, separator));) {
		const char *owner = at;
		char text[MAC_TEXT_SIZE + 2];

		while (owner > listing && strchr(ADDRESS_CHARACTERS ":", owner[-1]))
			owner--;
		at += strlen(separator);
		if (strspn(at, ADDRESS_CHARACTERS) == len && memcmp(at, address, len) == 0 &&
		    text_copy_n(text, sizeof(text), owner,
				(size_t)(at - strlen(separator) - owner)) == 0)
			print_free(out, table, f->digit, text, address, len);
	}
}

static void print_member(struct buf *out, const char *verb, const char *table, const char *set,
			 const char *element)
{
	buf_printf(out, "%s element %s %s { %s }\n", verb, table, set, element);
}

static void print_pair(struct buf *out, const char *verb, const char *table, const char *prefix,
		       const struct mac *mac, const struct addr *a)
{
	const struct family *f = family_of(a);
	CLEANUP_BUF struct buf element = BUF_INIT;
	char owner[MAC_TEXT_SIZE + 2], set[16];

	write_owner(owner, f, mac);
	buf_printf(&element, "%s . ", owner);
	print_address(&element, a);
	snprintf(set, sizeof(set), "%s%c", prefix, f->digit);
	print_member(out, verb, table, set, buf_str(&element));
	if (element.error)
		out->error = element.error;
}

void binding_print_plan(struct buf *out, const char *table, const char *const listings[2],
			const struct mac *mac, const struct answer_plan *plan)
{
	char text[MAC_TEXT_SIZE];

	if (plan->count == 0)
		return;
	for (size_t i = 0; i < plan->count; i++) {
		const struct family *f = family_of(&plan->list[i]);
		CLEANUP_BUF struct buf address = BUF_INIT;

		print_address(&address, &plan->list[i]);
		print_oust(out, table, f, listings[f - families], buf_str(&address));
		print_pair(out, "add", table, "planned", mac, &plan->list[i]);
	}
	mac_format(text, mac);
	print_member(out, "add", table, plan->watched ? "watched" : "enforced", text);
}

void binding_print_unplan(struct buf *out, const char *table, const struct mac *mac,
			  const struct answer_plan *plan)
{
	static const char *const verbs[] = {"add", "delete"};
	const char *set = plan->watched ? "watched" : "enforced";
	char text[MAC_TEXT_SIZE];

	if (plan->count == 0)
		return;
	mac_format(text, mac);
	for (size_t v = 0; v < ARRAY_SIZE(verbs); v++) {
		for (size_t i = 0; i < plan->count; i++)
			print_pair(out, verbs[v], table, "planned", mac, &plan->list[i]);
		print_member(out, verbs[v], table, set, text);
	}
}

static int read_number(const char *text, size_t len, uint8_t *dst, size_t size)
{
	char digits[33] = "00000000000000000000000000000000";

	if (len < 3 || len - 2 > 2 * size || memcmp(text, "0x", 2) != 0)
		return -EINVAL;
	memcpy(digits + 2 * size - (len - 2), text + 2, len - 2);
	digits[2 * size] = 0;
	return hex_decode(dst, size, digits);
}

static int read_astray(const char *pair, size_t which, struct mac *mac, struct addr *a)
{
	size_t owner = strcspn(pair, " "), len = strspn(pair + owner + 3, ADDRESS_CHARACTERS);
	const char *address = pair + owner + 3;
	char text[ADDR_TEXT_SIZE];

	if (which == 1) {
		*a = (struct addr){.len = sizeof(a->in6)};
		a->sa.sa_family = AF_INET6;
		return read_number(pair, owner, mac->b, sizeof(mac->b)) ||
				       read_number(address, len, a->in6.sin6_addr.s6_addr, 16)
			       ? -EINVAL
			       : 0;
	}
	if (text_copy_n(text, sizeof(text), pair, owner) || mac_parse(text, mac) ||
	    text_copy_n(text, sizeof(text), address, len))
		return -EINVAL;
	return addr_parse(text, 0, a);
}

bool binding_read_astray(const char **at, size_t which, struct mac *ret_mac, struct addr *ret_addr)
{
	const char *begin = *at, *dot;

	while ((dot = strstr(begin, " . "))) {
		const char *pair = dot;

		while (pair > begin && strchr(ADDRESS_CHARACTERS ":", pair[-1]))
			pair--;
		begin = *at = dot + 3;
		if (read_astray(pair, which, ret_mac, ret_addr) == 0)
			return true;
	}
	return false;
}
