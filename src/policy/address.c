#include "policy/address.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define GENERATION_MAX 1000000

static const uint8_t no_host[16];
static const struct mac no_mac;

static int wrong(char *where, const char *list, size_t i, const char *word)
{
	snprintf(where, ADDRESS_WHERE_SIZE, "%s[%zu]%s%s", list, i, *word ? "." : "", word);
	return -EINVAL;
}

/* ---- the policy's words ---- */

static bool parse_mac(const json_t *o, struct mac *ret)
{
	const char *text = json_string_value(json_object_get(o, "mac"));

	return text && mac_parse(text, ret) == 0;
}

static bool parse_host(const json_t *o, const char *word, struct prefix *ret)
{
	const char *text = json_string_value(json_object_get(o, word));

	return text && prefix_parse(text, ret) == 0 && prefix_is_v4(ret);
}

static int parse_plan(const json_t *list, struct address_rules *r, char *where)
{
	size_t count = json_array_size(list);

	if (list && (!json_is_array(list) || count > ADDRESS_PLAN_MAX))
		return wrong(where, "plan", ADDRESS_PLAN_MAX, "");
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct assigned *a = &r->plan[i];
		struct prefix gateway = {.bits = 128};

		if (!parse_mac(one, &a->mac))
			return wrong(where, "plan", i, "mac");
		if (!parse_host(one, "address", &a->address) || a->address.bits == 128)
			return wrong(where, "plan", i, "address");
		if (json_object_get(one, "gateway") && !parse_host(one, "gateway", &gateway))
			return wrong(where, "plan", i, "gateway");
		memcpy(a->gateway, gateway.host, sizeof(a->gateway));
	}
	r->plan_count = count;
	return 0;
}

static int parse_gateways(const json_t *list, struct address_rules *r, char *where)
{
	size_t count = json_array_size(list);

	if (list && (!json_is_array(list) || count > ADDRESS_GATEWAYS_MAX))
		return wrong(where, "gateways", ADDRESS_GATEWAYS_MAX, "");
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		const char *text = json_string_value(json_object_get(one, "address"));
		struct prefix host;

		if (!text || prefix_parse(text, &host) || host.bits != 128)
			return wrong(where, "gateways", i, "address");
		if (!parse_mac(one, &r->gateways[i].mac))
			return wrong(where, "gateways", i, "mac");
		memcpy(r->gateways[i].host, host.host, sizeof(host.host));
	}
	r->gateway_count = count;
	return 0;
}

static int parse_plain(const json_t *settings, struct address_rules *r, char *where)
{
	const json_t *leases = json_object_get(settings, "leases");
	const json_t *generation = json_object_get(settings, "generation");
	json_int_t n = json_integer_value(generation);
	bool is_number = !generation || (json_is_integer(generation) && n >= 0);

	snprintf(where, ADDRESS_WHERE_SIZE,
		 leases && !json_is_boolean(leases) ? "leases" : "generation");
	if ((leases && !json_is_boolean(leases)) || !is_number || n > GENERATION_MAX)
		return -EINVAL;
	r->leases = json_is_true(leases);
	r->generation = (uint32_t)n;
	return 0;
}

int address_rules_parse(const json_t *settings, struct address_rules *ret,
			char where[static ADDRESS_WHERE_SIZE])
{
	CLEANUP_FREE struct address_rules *r = calloc(1, sizeof(*r));
	size_t bad;
	int err;

	if (!r)
		return -ENOMEM;
	err = prefixes_parse(json_object_get(settings, "bank"), r->bank, ADDRESS_BANK_MAX,
			     &r->bank_count, &bad);
	if (err)
		return wrong(where, "bank", bad, "");
	err = parse_plain(settings, r, where);
	if (!err)
		err = parse_plan(json_object_get(settings, "plan"), r, where);
	if (!err)
		err = parse_gateways(json_object_get(settings, "gateways"), r, where);
	if (!err)
		*ret = *r;
	return err;
}

const struct mac *address_gateway_mac(const struct address_rules *r, const uint8_t host[static 16])
{
	for (size_t i = 0; i < r->gateway_count; i++)
		if (memcmp(r->gateways[i].host, host, 16) == 0)
			return &r->gateways[i].mac;
	return NULL;
}

/* ---- judging ---- */

static bool is_known(const struct mac *mac)
{
	return !mac_equal(mac, &no_mac);
}

static bool is_banks(const struct address_rules *r, const struct prefix *p)
{
	for (size_t i = 0; prefix_is_v4(p) && i < r->bank_count; i++)
		if (prefix_has(&r->bank[i], p->host))
			return true;
	return false;
}

static bool is_leased(const struct link *l, size_t i)
{
	return l->leased & 1U << i;
}

/* The first of the bank's, of those that DHCP gave or of all; NULL. */
static const struct prefix *banks_address(const struct address_rules *r, const struct link *l,
					  bool leased)
{
	for (size_t i = 0; i < l->address_count; i++)
		if (is_banks(r, &l->addresses[i]) && (!leased || is_leased(l, i)))
			return &l->addresses[i];
	return NULL;
}

static void take(struct assigned *a, const struct prefix *address, const struct link *l)
{
	a->address = *address;
	memcpy(a->gateway, l->gateway, sizeof(a->gateway));
}

bool address_assign(const struct address_rules *r, const struct link *l, const struct mac *own,
		    struct assigned *a)
{
	const struct prefix *leased = r->leases ? banks_address(r, l, true) : NULL;
	const struct prefix *first = banks_address(r, l, false);
	const struct assigned was = *a, *planned = NULL;

	if (is_known(own))
		a->mac = *own;
	else if (!is_known(&a->mac) && first)
		a->mac = l->mac;
	for (size_t i = 0; i < r->plan_count && is_known(&a->mac); i++)
		if (mac_equal(&r->plan[i].mac, &a->mac))
			planned = &r->plan[i];
	if (planned) {
		a->address = planned->address;
		memcpy(a->gateway, planned->gateway, sizeof(a->gateway));
	} else if (leased && memcmp(leased, &a->address, sizeof(*leased)) != 0) {
		take(a, leased, l);
	} else if (a->address.bits == 0 && first) {
		take(a, first, l);
	} else if (memcmp(a->gateway, no_host, 16) == 0 && first && l->gateway_is_v4) {
		memcpy(a->gateway, l->gateway, sizeof(a->gateway)); /* it came a moment later */
	}
	if (memcmp(a->gateway, was.gateway, 16) != 0)
		a->gateway_mac = no_mac;
	return memcmp(a, &was, sizeof(was)) != 0;
}

/* Invariant 3. */
static bool is_away(const struct address_rules *r, const struct link *l)
{
	size_t v4 = 0, elsewhere = 0;

	for (size_t i = 0; i < l->address_count; i++) {
		v4 += prefix_is_v4(&l->addresses[i]);
		elsewhere += prefix_is_v4(&l->addresses[i]) && is_leased(l, i) &&
			     !is_banks(r, &l->addresses[i]);
	}
	return v4 && v4 == elsewhere;
}

static void judge_addresses(const struct assigned *a, const struct link *l, struct address_view *v)
{
	bool has = false, any = false;

	for (size_t i = 0; i < l->address_count; i++) {
		if (!prefix_is_v4(&l->addresses[i]))
			continue;
		any = true;
		if (memcmp(&l->addresses[i], &a->address, sizeof(a->address)) == 0)
			has = true;
		else
			v->strangers |= 1U << i;
	}
	if (any && (!has || v->strangers))
		v->troubles |= 1U << ADDRESS_IS_OTHER;
	else if (!any)
		v->troubles |= 1U << ADDRESS_IS_MISSING;
}

void address_judge(const struct address_rules *r, const struct assigned *a, const struct link *l,
		   struct address_view *ret)
{
	struct address_view v = {.troubles = 0};

	if (is_known(&a->mac) && !mac_equal(&a->mac, &l->mac))
		v.troubles |= 1U << ADDRESS_MAC_IS_OTHER;
	if (r->bank_count && a->address.bits && !is_away(r, l)) {
		judge_addresses(a, l, &v);
		if (memcmp(a->gateway, no_host, 16) != 0 && memcmp(a->gateway, l->gateway, 16) != 0)
			v.troubles |= 1U << ADDRESS_GATEWAY_IS_OTHER;
		if (r->leases)
			v.troubles &= ~(1U << ADDRESS_IS_MISSING);
		if (r->leases && !banks_address(r, l, false))
			v.troubles &= ~(1U << ADDRESS_GATEWAY_IS_OTHER);
	}
	*ret = v;
}

const char *address_trouble_name(enum address_trouble t)
{
	static const char *const names[ADDRESS_TROUBLES] = {
		[ADDRESS_IS_OTHER] = "address",
		[ADDRESS_IS_MISSING] = "address",
		[ADDRESS_GATEWAY_IS_OTHER] = "gateway",
		[ADDRESS_MAC_IS_OTHER] = "mac",
	};

	return names[t];
}

/* ---- what is said on the wire ---- */

int claim_parse_arp(const uint8_t *payload, size_t len, struct claim *ret)
{
	static const uint8_t head[7] = {0, 1, 8, 0, 6, 4, 0}; /* Ethernet, IPv4, their lengths */
	static const uint8_t nobody[4];
	struct claim c = {.host = {[10] = 0xff, [11] = 0xff}};

	if (len < 28 || memcmp(payload, head, sizeof(head)) != 0 || payload[7] < 1 ||
	    payload[7] > 2)
		return -EBADMSG;
	memcpy(c.mac.b, payload + 8, 6);
	memcpy(c.host + 12, payload + 14, 4);
	/* A probe (RFC 5227) asks from 0.0.0.0 and claims nothing. */
	if (memcmp(payload + 14, nobody, 4) == 0 || mac_is_multicast(&c.mac))
		return -EBADMSG;
	*ret = c;
	return 0;
}

int claim_parse_nd(const uint8_t *payload, size_t len, struct claim *ret)
{
	enum { HEADER = 40, ADVERT = 24, ICMPV6 = 58, NEIGHBOUR_ADVERT = 136, TARGET_MAC = 2 };
	struct claim c;

	/* One that passed a router (hop limit below 255) is none. */
	if (len < HEADER + ADVERT || payload[0] >> 4 != 6 || payload[6] != ICMPV6 ||
	    payload[7] != 255 || payload[HEADER] != NEIGHBOUR_ADVERT)
		return -EBADMSG;
	memcpy(c.host, payload + HEADER + 8, 16);
	for (size_t at = HEADER + ADVERT; at + 8 <= len; at += payload[at + 1] * 8U) {
		if (payload[at + 1] == 0)
			return -EBADMSG;
		if (payload[at] == TARGET_MAC) {
			memcpy(c.mac.b, payload + at + 2, 6);
			*ret = c;
			return mac_is_multicast(&c.mac) ? -EBADMSG : 0;
		}
	}
	return -EBADMSG;
}
