#include "policy/egress.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

_Static_assert(LINKS_MAX <= 32, "a view names links by bits");

/* Those that are a way out before they have an address. */
#define EAGER_KINDS (1U << LINK_WIFI | 1U << LINK_MODEM | 1U << LINK_TETHER | 1U << LINK_BLUETOOTH)

static int wrong(char where[static EGRESS_WHERE_SIZE], const char *list, size_t i)
{
	snprintf(where, EGRESS_WHERE_SIZE, "%s[%zu]", list, i);
	return -EINVAL;
}

static bool parse_kind(const char *name, unsigned *ret)
{
	for (unsigned k = 0; k < LINK_KINDS; k++)
		if (text_equal(name, link_kind_name(k))) {
			*ret |= 1U << k;
			return true;
		}
	return false;
}

static int parse_bank(const json_t *list, struct egress_rules *r, char *where)
{
	size_t bad;
	int err = prefixes_parse(list, r->bank, EGRESS_BANK_MAX, &r->bank_count, &bad);

	return err ? wrong(where, "bank", bad) : 0;
}

static int parse_allow(const json_t *list, struct egress_rules *r, char *where)
{
	if (!list) {
		r->allowed = 1U << LINK_WIRE;
		return 0;
	}
	if (!json_is_array(list))
		return wrong(where, "allow", 0);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!parse_kind(json_string_value(json_array_get(list, i)), &r->allowed))
			return wrong(where, "allow", i);
	return 0;
}

int egress_rules_parse(const json_t *settings, struct egress_rules *ret,
		       char where[static EGRESS_WHERE_SIZE])
{
	const json_t *away = json_object_get(settings, "away");
	struct egress_rules r = {.cut_away = text_equal(json_string_value(away), "cut")};
	int err = parse_bank(json_object_get(settings, "bank"), &r, where);

	if (!err)
		err = parse_allow(json_object_get(settings, "allow"), &r, where);
	if (!err && away && !r.cut_away && !text_equal(json_string_value(away), "record")) {
		snprintf(where, EGRESS_WHERE_SIZE, "away");
		err = -EINVAL;
	}
	if (!err)
		*ret = r;
	return err;
}

static bool is_banks(const struct egress_rules *r, const uint8_t host[static 16])
{
	for (size_t i = 0; i < r->bank_count; i++)
		if (prefix_has(&r->bank[i], host))
			return true;
	return false;
}

static bool has_bank_address(const struct egress_rules *r, const struct link *l)
{
	for (size_t i = 0; i < l->address_count; i++)
		if (is_banks(r, l->addresses[i].host))
			return true;
	return false;
}

/* A prefix is the bank's when one of the bank's covers it. */
static bool is_covered(const struct egress_rules *r, const struct prefix *p)
{
	for (size_t i = 0; i < r->bank_count; i++)
		if (r->bank[i].bits <= p->bits && prefix_has(&r->bank[i], p->host))
			return true;
	return false;
}

static bool is_mixed(const struct egress_rules *r, const struct link *l)
{
	bool mixed = l->more;

	for (size_t i = 0; !mixed && i < l->address_count; i++)
		mixed = !is_banks(r, l->addresses[i].host);
	for (size_t i = 0; !mixed && i < l->hop_count; i++)
		mixed = !is_covered(r, &l->hops[i]);
	return mixed;
}

static bool leads_somewhere(const struct link *l)
{
	if (l->kind == LINK_BRIDGE || l->kind == LINK_VIRTUAL)
		return l->is_default; /* a container's bridge leads nowhere by itself */
	return l->address_count > 0 || l->is_default || (EAGER_KINDS & 1U << l->kind);
}

void egress_judge(const struct egress_rules *r, const struct links *l, struct egress_view *ret)
{
	struct egress_view v = {.inside = false};

	for (size_t i = 0; r->bank_count && i < l->count; i++) {
		const struct link *link = &l->list[i];

		if (!link->up || link->enslaved)
			continue;
		if ((r->allowed & 1U << link->kind) && has_bank_address(r, link)) {
			v.bank |= 1U << i;
			if (is_mixed(r, link))
				v.mixed |= 1U << i;
		} else if (leads_somewhere(link)) {
			v.second |= 1U << i;
		}
	}
	v.inside = v.bank != 0;
	v.second |= v.mixed;
	*ret = v;
}

bool egress_wants_cut(const struct egress_rules *r, const struct egress_view *v)
{
	return v->second && (v->inside || r->cut_away);
}
