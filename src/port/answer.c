#include "port/answer.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Text for a log line and a terminal: what is not printable becomes a question mark. */
static void copy_text(char dst[static RADIUS_VALUE_MAX + 1], const uint8_t *src, size_t len)
{
	size_t n = MIN(len, (size_t)RADIUS_VALUE_MAX);

	memcpy(dst, src, n);
	dst[n] = 0;
	if (text_is_clean(dst, n) && strlen(dst) == n)
		return;
	for (size_t i = 0; i < n; i++)
		if (dst[i] < ' ' || dst[i] > '~')
			dst[i] = '?';
}

static void find_text(const struct radius_packet *p, uint8_t type,
		      char dst[static RADIUS_VALUE_MAX + 1])
{
	struct radius_attr a = {0};

	dst[0] = 0;
	if (radius_find(p, type, &a))
		copy_text(dst, a.value, a.len);
}

/* RFC 2868 section 3.6: a first byte up to 0x1f is a tag. */
static int read_vlan(const struct radius_packet *p, unsigned *ret)
{
	struct radius_attr a = {0};
	char text[8];
	uint64_t vlan;

	*ret = 0;
	if (!radius_find(p, RADIUS_TUNNEL_PRIVATE_GROUP_ID, &a))
		return 0;
	if (a.len > 0 && a.value[0] <= 0x1f) {
		a.value++;
		a.len--;
	}
	if (text_copy_n(text, sizeof(text), (const char *)a.value, a.len) ||
	    text_to_u64(text, 1, 4094, &vlan))
		return -EBADMSG;
	*ret = (unsigned)vlan;
	return 0;
}

/* Tunnel-Type and Tunnel-Medium-Type, where present, say VLAN and IEEE 802. */
static int check_tunnel(const struct radius_packet *p, uint8_t type, uint32_t wanted)
{
	uint32_t value;
	int err = radius_get_u32(p, type, &value);

	if (err == -ENOENT)
		return 0;
	return err ? err : (value & 0xffffff) == wanted ? 0 : -EBADMSG;
}

static int read_number(const struct radius_packet *p, uint8_t type, uint32_t *ret)
{
	int err = radius_get_u32(p, type, ret);

	if (err == -ENOENT) {
		*ret = 0;
		return 0;
	}
	return err;
}

static int add_planned(struct answer_plan *plan, int family, const struct radius_attr *a)
{
	struct addr *to = &plan->list[plan->count];

	if (a->len != (family == AF_INET ? 4 : 16) || plan->count == ANSWER_PLANNED_MAX)
		return -EBADMSG;
	/* RFC 2865 section 5.8: the user chooses, or the switch. */
	if (family == AF_INET && get_be32(a->value) >= 0xfffffffe)
		return 0;
	*to = (struct addr){.len = family == AF_INET ? sizeof(to->in) : sizeof(to->in6)};
	to->sa.sa_family = (sa_family_t)family;
	memcpy(family == AF_INET ? (void *)&to->in.sin_addr : &to->in6.sin6_addr, a->value, a->len);
	plan->count++;
	return 0;
}

static int read_plan(const struct radius_packet *p, struct answer_plan *ret)
{
	static const struct {
		uint8_t type;
		int family;
	} kinds[] = {{RADIUS_FRAMED_IP_ADDRESS, AF_INET}, {RADIUS_FRAMED_IPV6_ADDRESS, AF_INET6}};
	struct answer_plan plan = {0};
	struct radius_attr a = {0};
	int err = 0;

	if (radius_find_vendor(p, RADIUS_VENDOR_MENSHEN, RADIUS_MENSHEN_WATCHED, &a)) {
		if (a.len != 4)
			return -EBADMSG;
		plan.watched = get_be32(a.value) != 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		a = (struct radius_attr){0};
		while (!err && radius_find(p, kinds[i].type, &a))
			err = add_planned(&plan, kinds[i].family, &a);
	}
	if (!err)
		*ret = plan;
	return err;
}

int answer_read_place(const struct radius_packet *p, struct answer *place)
{
	struct answer_plan plan = {0};
	unsigned vlan;
	int err = read_vlan(p, &vlan);

	if (!err)
		err = check_tunnel(p, RADIUS_TUNNEL_TYPE, RADIUS_TUNNEL_VLAN);
	if (!err)
		err = check_tunnel(p, RADIUS_TUNNEL_MEDIUM_TYPE, RADIUS_TUNNEL_IEEE_802);
	if (!err)
		err = read_plan(p, &plan);
	if (err)
		return err;
	place->vlan = vlan;
	place->plan = plan;
	find_text(p, RADIUS_FILTER_ID, place->filter);
	return vlan || place->filter[0] ? 0 : -ENODATA;
}

static int read_admission(const struct radius_packet *p, struct answer *a)
{
	struct radius_attr class_attr = {0};
	uint32_t action = 0;
	int err = answer_read_place(p, a);

	if (err == -ENODATA)
		err = 0;
	if (!err)
		err = read_number(p, RADIUS_SESSION_TIMEOUT, &a->timeout_s);
	if (!err)
		err = read_number(p, RADIUS_TERMINATION_ACTION, &action);
	if (!err)
		err = read_number(p, RADIUS_ACCT_INTERIM_INTERVAL, &a->interim_s);
	if (err)
		return err;
	a->ask_again = action == RADIUS_TERMINATION_REAUTHENTICATE;
	find_text(p, RADIUS_USER_NAME, a->account);
	if (radius_find(p, RADIUS_CLASS, &class_attr)) {
		memcpy(a->class_value, class_attr.value, class_attr.len);
		a->class_len = class_attr.len;
	}
	return 0;
}

int answer_read(const struct radius_packet *p, struct answer *ret)
{
	struct answer a = {.kind = ANSWER_REJECT};
	int err = 0;

	if (p->code == RADIUS_ACCESS_ACCEPT) {
		a.kind = ANSWER_ADMIT;
		err = read_admission(p, &a);
	} else if (p->code != RADIUS_ACCESS_REJECT) {
		err = -EBADMSG;
	}
	if (err)
		return err;
	find_text(p, RADIUS_REPLY_MESSAGE, a.reason);
	*ret = a;
	return 0;
}

static bool is_planned(const struct answer_plan *plan, const struct addr *a)
{
	for (size_t i = 0; i < plan->count; i++)
		if (addr_same_host(&plan->list[i], a))
			return true;
	return false;
}

/* In whatever order they came. */
static bool same_plan(const struct answer_plan *a, const struct answer_plan *b)
{
	if (a->count != b->count || a->watched != b->watched)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!is_planned(b, &a->list[i]))
			return false;
	return true;
}

bool answer_same_place(const struct answer *a, const struct answer *b)
{
	return a->kind == b->kind && a->vlan == b->vlan && text_equal(a->filter, b->filter) &&
	       same_plan(&a->plan, &b->plan);
}

bool answer_same_class(const struct answer *a, const struct answer *b)
{
	return a->class_len == b->class_len &&
	       memcmp(a->class_value, b->class_value, a->class_len) == 0;
}
