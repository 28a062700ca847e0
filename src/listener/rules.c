#include "listener/rules.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool taken_from_other(const struct scene *s, int64_t within_ms)
{
	return s->before.at_ms && s->now_ms - s->before.at_ms <= within_ms &&
	       !mac_equal(&s->before.mac, &s->device->mac);
}

static void tell_other(const struct scene *s, const char *how, char *detail)
{
	char ip[IP_TEXT_SIZE], mac[MAC_TEXT_SIZE];

	ip_format(ip, &s->ip);
	mac_format(mac, &s->before.mac);
	snprintf(detail, DETAIL_SIZE, "%s %s %s until %lld ms ago", ip, how, mac,
		 (long long)(s->now_ms - s->before.at_ms));
}

/* ---- addresses (D22) ---- */

static bool is_conflict(const struct scene *s, char *detail)
{
	if ((s->seen & SEEN_ANNOUNCEMENT) || !taken_from_other(s, CONFLICT_MS))
		return false;
	tell_other(s, "was used by", detail);
	return true;
}

static bool is_taken(const struct scene *s, char *detail)
{
	if (!taken_from_other(s, TAKEN_MS))
		return false;
	tell_other(s, "was announced; it was used by", detail);
	return true;
}

static bool is_gateway_taken(const struct scene *s, char *detail)
{
	const struct gateway *g = expected_gateway(s->expected, &s->ip);
	char ip[IP_TEXT_SIZE], mac[MAC_TEXT_SIZE];

	if (!g || !g->known || mac_equal(&g->mac, &s->device->mac))
		return false;
	ip_format(ip, &s->ip);
	mac_format(mac, &g->mac);
	snprintf(detail, DETAIL_SIZE, "the gateway %s is %s", ip, mac);
	return true;
}

/* Link-local addresses come and go by themselves. */
static bool is_roaming(const struct scene *s, char *detail)
{
	const struct device *d = s->device;
	char list[DETAIL_SIZE - 40] = "", ip[IP_TEXT_SIZE];
	size_t count = 0, at = 0;

	for (size_t i = 0; i < DEVICE_IPS && d->ips[i].at_ms; i++) {
		if (!ip_is_v4(&d->ips[i].ip) || ip_is_link_local(&d->ips[i].ip) ||
		    s->now_ms - d->ips[i].since_ms > ROAM_MS)
			continue;
		ip_format(ip, &d->ips[i].ip);
		at += (size_t)snprintf(list + at, sizeof(list) - at, " %s", ip);
		count++;
	}
	snprintf(detail, DETAIL_SIZE, "%zu addresses in a minute:%s", count, list);
	return count >= ROAM_COUNT && !expected_is_router(s->expected, &d->mac);
}

static bool is_plan_mac(const struct scene *s, char *detail)
{
	const struct mac *bound = s->plan ? plan_mac_of(s->plan, &s->ip) : NULL;
	char ip[IP_TEXT_SIZE], mac[MAC_TEXT_SIZE];

	if (!bound || mac_equal(bound, &s->device->mac))
		return false;
	ip_format(ip, &s->ip);
	mac_format(mac, bound);
	snprintf(detail, DETAIL_SIZE, "the plan binds %s to %s", ip, mac);
	return true;
}

static bool is_plan_ip(const struct scene *s, char *detail)
{
	const struct ip *own = s->plan ? plan_ip_of(s->plan, &s->device->mac) : NULL;
	char ip[IP_TEXT_SIZE], wanted[IP_TEXT_SIZE];

	if (!own || !ip_is_v4(&s->ip) || ip_is_link_local(&s->ip) ||
	    plan_has(s->plan, &s->ip, &s->device->mac))
		return false;
	ip_format(ip, &s->ip);
	ip_format(wanted, own);
	snprintf(detail, DETAIL_SIZE, "uses %s, the plan gives it %s", ip, wanted);
	return true;
}

/* ---- network gear that nobody allowed (D24) ---- */

static bool is_server(const struct scene *s, char *detail)
{
	char ip[IP_TEXT_SIZE];

	if (expected_is_server(s->expected, &s->ip))
		return false;
	ip_format(ip, &s->ip);
	snprintf(detail, DETAIL_SIZE, "a DHCP server answers as %s", ip);
	return true;
}

static bool is_advert(const struct scene *s, char *detail)
{
	char ip[IP_TEXT_SIZE];

	if (expected_is_router(s->expected, &s->device->mac) ||
	    expected_is_gear(s->expected, &s->device->mac))
		return false;
	ip_format(ip, &s->ip);
	snprintf(detail, DETAIL_SIZE, "router advertisement from %s", ip);
	return true;
}

static bool lowers_ttl(const struct scene *s)
{
	return device_ttl_less(s->device) >= TTL_PACKETS &&
	       !expected_is_router(s->expected, &s->device->mac);
}

/* "TTL 63 x12, 64 x3, ..." */
static void tell_ttl(const struct device *d, const char *what, char *detail)
{
	static const unsigned starts[TTL_STARTS] = {64, 128, 255};
	size_t at = (size_t)snprintf(detail, DETAIL_SIZE, "%s, TTL", what);
	char ip[IP_TEXT_SIZE];

	for (size_t i = 0; i < TTL_STARTS; i++) {
		if (d->ttl_less[i])
			at += (size_t)snprintf(detail + at, DETAIL_SIZE - at, " %u x%u",
					       starts[i] - 1, d->ttl_less[i]);
		if (d->ttl_whole[i])
			at += (size_t)snprintf(detail + at, DETAIL_SIZE - at, " %u x%u", starts[i],
					       d->ttl_whole[i]);
	}
	at += (size_t)snprintf(detail + at, DETAIL_SIZE - at, ", sources");
	for (unsigned i = 0; i < d->behind_count && at + IP_TEXT_SIZE < DETAIL_SIZE; i++) {
		ip_format(ip, &d->behind[i]);
		at += (size_t)snprintf(detail + at, DETAIL_SIZE - at, " %s", ip);
	}
}

static bool is_nat(const struct scene *s, char *detail)
{
	if (!lowers_ttl(s) || s->device->behind_count != 1)
		return false;
	tell_ttl(s->device, "packets of others under one address", detail);
	return true;
}

static bool is_router(const struct scene *s, char *detail)
{
	if (!lowers_ttl(s) || s->device->behind_count < 2)
		return false;
	tell_ttl(s->device, "packets of other addresses", detail);
	return true;
}

/* A computer starts from the network with another system than its own. */
static bool is_boot(const char *print)
{
	return strstr(print, "/PXEClient") != NULL;
}

static size_t fresh_prints(const struct scene *s)
{
	size_t count = 0;

	for (size_t i = 0; i < DEVICE_PRINTS && s->device->prints[i].since_ms; i++)
		count += !is_boot(s->device->prints[i].text) &&
			 s->now_ms - s->device->prints[i].since_ms <= BEHIND_MS;
	return count;
}

static size_t fresh_names(const struct scene *s)
{
	size_t count = 0;

	for (size_t i = 0; i < DEVICE_NAMES && s->device->names[i].since_ms; i++)
		count += s->now_ms - s->device->names[i].since_ms <= BEHIND_MS;
	return count;
}

static bool is_many(const struct scene *s, char *detail)
{
	size_t names = fresh_names(s), prints = fresh_prints(s);
	unsigned clients = s->device->client_count;

	snprintf(detail, DETAIL_SIZE,
		 "within an hour %zu host names, %zu DHCP fingerprints, %u other clients", names,
		 prints, clients);
	return (names >= BEHIND_COUNT || prints >= BEHIND_COUNT || clients >= 2) &&
	       !expected_is_router(s->expected, &s->device->mac) &&
	       !expected_is_gear(s->expected, &s->device->mac);
}

static bool is_bridge(const struct scene *s, char *detail)
{
	char mac[MAC_TEXT_SIZE];

	if (expected_is_gear(s->expected, &s->device->mac))
		return false;
	if (s->stp) {
		mac_format(mac, &s->stp->bridge);
		snprintf(detail, DETAIL_SIZE, "spanning tree of bridge %s, priority %u%s", mac,
			 s->stp->bridge_priority, s->stp->claims_root ? ", claims the root" : "");
		return true;
	}
	if (!s->gear || (s->gear->can & GEAR_PHONE) ||
	    !(s->gear->can & (GEAR_BRIDGE | GEAR_ROUTER)))
		return false;
	snprintf(detail, DETAIL_SIZE, "calls itself a %s: '%.40s', port '%.40s', %.60s",
		 s->gear->can & GEAR_ROUTER ? "router" : "bridge", s->gear->name, s->gear->port,
		 s->gear->model);
	return true;
}

/* Where systems put the clients of a hotspot unless told otherwise. */
static const struct {
	uint8_t net[4];
	unsigned bits;
	const char *whose;
} hotspots[] = {
	{{192, 168, 137, 0}, 24, "Windows"}, /* Internet connection sharing, mobile hotspot */
	{{192, 168, 43, 0}, 24, "Android"},  /* until version 10 */
	{{192, 168, 49, 0}, 24, "Wi-Fi Direct"}, {{172, 20, 10, 0}, 28, "iOS"},
	{{192, 168, 2, 0}, 24, "macOS"}, /* Internet sharing */
	{{10, 42, 0, 0}, 24, "NetworkManager"},
};

static const char *hotspot_of(const struct ip *ip)
{
	struct ip net;

	for (size_t i = 0; i < ARRAY_SIZE(hotspots); i++) {
		ip_from_v4(&net, hotspots[i].net);
		if (ip_within(ip, &net, hotspots[i].bits))
			return hotspots[i].whose;
	}
	return NULL;
}

static bool is_soft_ap(const struct scene *s, char *detail)
{
	char ip[IP_TEXT_SIZE];
	const char *whose;

	if (expected_is_gear(s->expected, &s->device->mac) ||
	    expected_is_router(s->expected, &s->device->mac))
		return false;
	if (s->gear && (s->gear->can & GEAR_ACCESS_POINT)) {
		snprintf(detail, DETAIL_SIZE, "calls itself an access point: '%s', %s",
			 s->gear->name, s->gear->model);
		return true;
	}
	whose = (s->seen & (SEEN_CLAIM | SEEN_DHCP_SERVER)) ? hotspot_of(&s->ip) : NULL;
	if (!whose || (s->plan && plan_has(s->plan, &s->ip, &s->device->mac)))
		return false;
	ip_format(ip, &s->ip);
	snprintf(detail, DETAIL_SIZE, "%s lies where %s puts the clients of a hotspot", ip, whose);
	return true;
}

/* ---- a MAC that is somebody else's (D06) ---- */

static bool is_clone(const struct scene *s, char *detail)
{
	const struct device *d = s->device;

	if ((s->seen & SEEN_NEW_PRINT) && !is_boot(d->prints[0].text) &&
	    !is_boot(d->prints[1].text)) {
		snprintf(detail, DETAIL_SIZE, "DHCP fingerprint is %.80s, was %.80s",
			 d->prints[0].text, d->prints[1].text);
		return true;
	}
	if (s->seen & SEEN_NEW_NAME) {
		snprintf(detail, DETAIL_SIZE, "its host name is %s, was %s", d->names[0].text,
			 d->names[1].text);
		return true;
	}
	return false;
}

/* ---- the table ---- */

static const struct {
	enum finding finding;
	unsigned on; /* any of what the frame says */
	bool (*holds)(const struct scene *s, char *detail);
} rules[] = {
	{FINDING_IP_CONFLICT, SEEN_CLAIM, is_conflict},
	{FINDING_IP_TAKEN, SEEN_ANNOUNCEMENT, is_taken},
	{FINDING_GATEWAY_TAKEN, SEEN_CLAIM, is_gateway_taken},
	{FINDING_ROAMING_MAC, SEEN_CLAIM, is_roaming},
	{FINDING_PLAN_MAC, SEEN_CLAIM, is_plan_mac},
	{FINDING_PLAN_IP, SEEN_CLAIM, is_plan_ip},
	{FINDING_DHCP_SERVER, SEEN_DHCP_SERVER, is_server},
	{FINDING_ROUTER_ADVERT, SEEN_ROUTER_ADVERT, is_advert},
	{FINDING_NAT, SEEN_TTL, is_nat},
	{FINDING_ROUTER, SEEN_TTL, is_router},
	{FINDING_MANY_BEHIND, SEEN_NEW_NAME | SEEN_NEW_PRINT | SEEN_CLIENT, is_many},
	{FINDING_BRIDGE, SEEN_GEAR | SEEN_STP, is_bridge},
	{FINDING_SOFT_AP, SEEN_GEAR | SEEN_CLAIM | SEEN_DHCP_SERVER, is_soft_ap},
	{FINDING_CLONE, SEEN_NEW_NAME | SEEN_NEW_PRINT, is_clone},
};

/* Whoever speaks in another's name is told by the frame's own sender. */
static void tell_sender(const struct scene *s, char *detail)
{
	char mac[MAC_TEXT_SIZE];
	size_t len = strlen(detail);

	if (!(s->seen & SEEN_CLAIM) || mac_equal(&s->frame_from, &s->device->mac))
		return;
	mac_format(mac, &s->frame_from);
	snprintf(detail + len, DETAIL_SIZE - len, ", said by %s", mac);
}

void rules_run(const struct scene *s, rule_found_fn *fn, void *arg)
{
	char detail[DETAIL_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!(s->seen & rules[i].on) || !rules[i].holds(s, detail))
			continue;
		tell_sender(s, detail);
		fn(arg, rules[i].finding, s, detail);
	}
}
