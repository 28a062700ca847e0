/*
 * Clause D22: a card keeps the address, the gateway and the MAC that it was given; who else claims
 * them on the wire is told with his MAC.
 *
 *	            a link or an address changed, the policy changed
 *	as given ──────── something is other, enforced ────────> set back at once
 *	                  no address at all ─── GRACE_MS ──────> given again
 *
 * 1. What was given is the policy's plan, else what the card had first; it is kept on disk.
 * 2. A change is told once with what was found and whether it was undone; who changes it over and
 *    over is undone each time, in the end once in RETRY_MS.
 * 3. A claim by another MAC on this desk's address (conflict) or the gateway's (spoof) is told once
 *    in QUIET_MS. It is no finding: a victim must not lose his own admission for it.
 * 4. Enforced, a gateway whose MAC the policy names is pinned to it; off undoes that.
 * 5. Rules that cannot be read leave the rules before them in force.
 */
#include <string.h>
#include <sys/epoll.h>

#include "agent/guards/address_cards.h"
#include "agent/guards/cards.h"
#include "agent/guards/links.h"
#include "agent/guards/waiting.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define SETTLE_MS 20
#define GRACE_MS 1500
#define RETRY_MS 5000
#define QUIET_MS (10 * MINUTE_MS)
#define UNDONE_MAX 20 /* in a minute, before it is undone more slowly */
#define HEARD_MAX 32
#define CLAIMS_AT_ONCE 64

enum { CHANGED, NOT_RESTORED, RULES };

static const struct guard_reason reasons[] = {
	[CHANGED] = {"changed", "网卡的地址、网关或MAC不是分配的",
		     "a network card has another address, gateway or MAC than it was given",
		     "请恢复原来的网络设置；需要更换地址请提交地址申请",
		     "set it back; to get another address, file a request for one"},
	[NOT_RESTORED] = {"not-restored", "未能恢复分配的网络设置",
			  "the settings that were given could not be restored",
			  "请联系本机构桌面管理员", "ask your desktop administrator"},
	[RULES] = {"rules", "策略中的地址规则有误",
		   "the policy's words about addresses are not understood",
		   "请安全管理员更正策略；此前的规则仍在执行",
		   "the security administrator corrects the policy; the rules before it stay in "
		   "force"},
};

/* A claim that was told, and is not again for a while. */
struct heard {
	struct claim claim;
	int64_t until_ms; /* monotonic */
};

struct address {
	const struct guard_host *host;
	enum guard_mode mode;
	struct address_rules rules;
	struct cards cards;
	struct links links;
	struct heard heard[HEARD_MAX];
	size_t next_heard;
	struct waiting waiting;
	bool failed, unread; /* the policy's words */
	int64_t minute_ms;   /* of the count */
	unsigned undone;
	int fd, arp_fd, nd_fd;
	struct loop_watch *watch, *arp_watch, *nd_watch;
	struct loop_timer *settle;
};

static const struct mac no_mac;
static const uint8_t no_host[16];

/* ---- telling ---- */

static void describe(const struct card *c, enum address_trouble t,
		     char given[static PREFIX_TEXT_SIZE], char found[static PREFIX_TEXT_SIZE])
{
	given[0] = found[0] = 0;
	if (t == ADDRESS_MAC_IS_OTHER) {
		mac_format(given, &c->assigned.mac);
		mac_format(found, &c->link.mac);
	} else if (t == ADDRESS_GATEWAY_IS_OTHER) {
		host_format(c->assigned.gateway, given);
		if (memcmp(c->link.gateway, no_host, 16) != 0)
			host_format(c->link.gateway, found);
	} else {
		prefix_format(&c->assigned.address, given);
		for (size_t i = 0; i < c->link.address_count && !found[0]; i++)
			if (c->view.strangers & 1U << i)
				prefix_format(&c->link.addresses[i], found);
	}
}

static void tell_changes(struct address *g, struct card *c, bool restored)
{
	char given[PREFIX_TEXT_SIZE], found[PREFIX_TEXT_SIZE];

	for (unsigned t = 0; t < ADDRESS_TROUBLES; t++) {
		char *told = c->told[t];

		if (!(c->view.troubles & 1U << t)) {
			told[0] = 0;
			continue;
		}
		describe(c, t, given, found);
		if (text_equal(told, *found ? found : "none"))
			continue;
		text_fit(told, sizeof(c->told[t]), *found ? found : "none");
		waiting_say(&g->waiting, "address.changed",
			    json_pack("{s:s, s:s, s:s, s:s, s:b}", "interface", c->name, "what",
				      address_trouble_name(t), "given", given, "found", found,
				      "restored", restored));
	}
}

/* ---- setting back ---- */

static int restore_addresses(const struct card *c)
{
	int err = 0;

	for (size_t i = 0; i < c->link.address_count; i++)
		if (c->view.strangers & 1U << i) {
			int r = card_drop_address(c->link.index, &c->link.addresses[i]);

			err = err ? err : r;
		}
	return err ? err : card_give_address(c->link.index, &c->assigned.address);
}

static int restore(const struct card *c)
{
	const unsigned addresses = 1U << ADDRESS_IS_OTHER | 1U << ADDRESS_IS_MISSING;
	unsigned wrong = c->view.troubles;
	const uint8_t *seen = c->link.gateway_is_v4 ? c->link.gateway : NULL;
	bool has_gateway = memcmp(c->assigned.gateway, no_host, 16) != 0;
	int err = 0;

	if (wrong & 1U << ADDRESS_MAC_IS_OTHER)
		err = card_set_mac(c->link.index, &c->assigned.mac);
	if (!err && wrong & addresses)
		err = restore_addresses(c);
	/* The default route may have gone with the address or the MAC. */
	if (!err && wrong && has_gateway && c->assigned.address.bits)
		err = card_set_gateway(c->link.index, seen, c->assigned.gateway);
	return err;
}

/* True when it may be undone now; counts it. */
static bool may_undo(struct address *g)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms - g->minute_ms > MINUTE_MS) {
		g->minute_ms = now_ms;
		g->undone = 0;
	}
	if (g->undone < UNDONE_MAX || !loop_timer_is_armed(g->settle)) {
		g->undone++;
		return true;
	}
	return false;
}

/* Who has no address at all is waited for: a lease may be on its way. */
static bool is_too_early(struct address *g, struct card *c)
{
	bool missing = c->view.troubles & 1U << ADDRESS_IS_MISSING;
	int64_t now_ms = clock_mono_ms();

	if (!missing)
		c->missing_since_ms = 0;
	else if (!c->missing_since_ms)
		c->missing_since_ms = now_ms;
	if (missing && now_ms - c->missing_since_ms < GRACE_MS) {
		loop_timer_arm(g->settle, GRACE_MS);
		return true;
	}
	return false;
}

static void act_on(struct address *g, struct card *c)
{
	int err = -EPERM;

	if (is_too_early(g, c))
		return;
	if (c->view.troubles && g->mode == GUARD_ENFORCE) {
		if (!may_undo(g))
			return;
		err = restore(c);
		g->failed |= err != 0;
		if (err) {
			log_error("%s could not be set back: %s", c->name, strerror(-err));
			loop_timer_arm(g->settle, RETRY_MS);
		} else {
			log_warn("%s was set back to what it was given", c->name);
		}
	}
	tell_changes(g, c, err == 0);
}

/* Invariant 4. */
static bool pin(struct address *g, struct card *c)
{
	const uint8_t *gateway = c->assigned.gateway;
	const struct mac *mac =
		g->mode == GUARD_ENFORCE ? address_gateway_mac(&g->rules, gateway) : NULL;
	bool was = c->pinned;
	int err = 0;

	if (mac && (!was || !mac_equal(mac, &c->assigned.gateway_mac)))
		err = card_pin(c->link.index, gateway, mac);
	else if (!mac && was)
		err = card_unpin(c->link.index, gateway);
	if (err)
		log_error("the gateway of %s could not be pinned: %s", c->name, strerror(-err));
	else
		c->pinned = mac != NULL;
	return c->pinned != was;
}

/* ---- the wire ---- */

static void put_quiet(struct claim_watch *w, const struct mac *mac)
{
	if (!mac_equal(mac, &no_mac) && w->quiet_count < CLAIM_QUIET_MAX)
		w->quiet[w->quiet_count++] = *mac;
}

static void put_watch(const struct address *g, const uint8_t host[static 16],
		      const struct mac *known, struct claim_watch *w)
{
	int64_t now_ms = clock_mono_ms();

	*w = (struct claim_watch){.quiet_count = 0};
	memcpy(w->host, host, sizeof(w->host));
	put_quiet(w, known);
	for (size_t i = 0; i < HEARD_MAX; i++)
		if (g->heard[i].until_ms > now_ms && memcmp(g->heard[i].claim.host, host, 16) == 0)
			put_quiet(w, &g->heard[i].claim.mac);
}

/* Only claims that may be told wake the agent. */
static void choose(const struct address *g)
{
	struct claim_watch list[CLAIM_WATCHES_MAX];
	size_t count = 0;
	int err;

	for (size_t i = 0; g->mode != GUARD_OFF && i < g->cards.count; i++) {
		const struct card *c = &g->cards.list[i];

		if (!c->here || count + 2 > CLAIM_WATCHES_MAX)
			continue;
		if (c->assigned.address.bits)
			put_watch(g, c->assigned.address.host, &c->link.mac, &list[count++]);
		if (memcmp(c->assigned.gateway, no_host, 16) != 0)
			put_watch(g, c->assigned.gateway, &c->assigned.gateway_mac, &list[count++]);
	}
	err = g->arp_fd < 0 ? 0 : claims_choose(g->arp_fd, list, count);
	if (err)
		log_error("claims on addresses are not heard: %s", strerror(-err));
}

static bool is_news(struct address *g, const struct claim *claim)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < HEARD_MAX; i++)
		if (g->heard[i].until_ms > now_ms &&
		    memcmp(&g->heard[i].claim, claim, sizeof(*claim)) == 0)
			return false;
	g->heard[g->next_heard] = (struct heard){*claim, now_ms + QUIET_MS};
	g->next_heard = (g->next_heard + 1) % HEARD_MAX;
	return true;
}

static bool is_ours(const struct address *g, const struct mac *mac)
{
	for (size_t i = 0; i < g->links.count; i++)
		if (mac_equal(&g->links.list[i].mac, mac))
			return true;
	return false;
}

static bool has_address(const struct card *c, const uint8_t host[static 16])
{
	bool has = memcmp(c->assigned.address.host, host, 16) == 0;

	for (size_t i = 0; i < c->link.address_count; i++)
		has |= memcmp(c->link.addresses[i].host, host, 16) == 0;
	return has;
}

static void tell_conflict(struct address *g, const struct card *c, const struct claim *claim)
{
	char host[HOST_TEXT_SIZE], mac[MAC_TEXT_SIZE], other[MAC_TEXT_SIZE];

	host_format(claim->host, host);
	mac_format(mac, &c->link.mac);
	mac_format(other, &claim->mac);
	log_warn("%s claims this desk's address %s", other, host);
	waiting_say(&g->waiting, "address.conflict",
		    json_pack("{s:s, s:s, s:s, s:s}", "interface", c->name, "address", host, "mac",
			      mac, "other", other));
}

static void tell_spoof(struct address *g, const struct card *c, const struct claim *claim,
		       const struct mac *right)
{
	char host[HOST_TEXT_SIZE], known[MAC_TEXT_SIZE], other[MAC_TEXT_SIZE];

	host_format(claim->host, host);
	mac_format(known, right);
	mac_format(other, &claim->mac);
	log_warn("%s claims the gateway's address %s, which is %s's", other, host, known);
	waiting_say(&g->waiting, "address.gateway",
		    json_pack("{s:s, s:s, s:s, s:s, s:b}", "interface", c->name, "gateway", host,
			      "known", known, "other", other, "pinned", c->pinned));
}

/* Who answers for the gateway: the policy's word, else who did so first. */
static void hear_gateway(struct address *g, struct card *c, const struct claim *claim)
{
	const struct mac *right = address_gateway_mac(&g->rules, claim->host);

	if (!right && mac_equal(&c->assigned.gateway_mac, &no_mac)) {
		c->assigned.gateway_mac = claim->mac;
		cards_keep(g->host->state_dir, &g->cards);
	}
	right = right ? right : &c->assigned.gateway_mac;
	if (!mac_equal(right, &claim->mac) && is_news(g, claim))
		tell_spoof(g, c, claim, right);
}

static void hear(struct address *g, const struct claim *claim, int index)
{
	for (size_t i = 0; g->mode != GUARD_OFF && i < g->cards.count; i++) {
		struct card *c = &g->cards.list[i];

		if (!c->here || c->link.index != index || is_ours(g, &claim->mac))
			continue;
		if (memcmp(claim->host, c->assigned.gateway, 16) == 0)
			hear_gateway(g, c, claim);
		else if (has_address(c, claim->host) && is_news(g, claim))
			tell_conflict(g, c, claim);
	}
}

static void hear_all(struct address *g, int fd, int (*next)(int, struct claim *, int *))
{
	struct claim claim;
	int index = 0, err = 0;

	for (size_t i = 0; i < CLAIMS_AT_ONCE && (err == 0 || err == -EBADMSG); i++) {
		err = next(fd, &claim, &index);
		if (!err)
			hear(g, &claim, index);
	}
	choose(g);
}

static void on_arp(void *arg, int fd, uint32_t events)
{
	(void)events;
	hear_all(arg, fd, claims_next_arp);
}

static void on_nd(void *arg, int fd, uint32_t events)
{
	(void)events;
	hear_all(arg, fd, claims_next_nd);
}

/* ---- looking ---- */

static bool is_card(const struct link *l)
{
	return (l->kind == LINK_WIRE || l->kind == LINK_WIFI) && l->up && !l->enslaved;
}

/* True when something is to be kept. */
static bool look_at(struct address *g, const struct link *l)
{
	struct mac own = no_mac;
	struct card *c;
	bool changed;

	if (card_own_mac(l->name, &own))
		own = no_mac;
	c = cards_find(&g->cards, l, &own);
	if (!c)
		return false;
	c->here = true;
	c->link = *l;
	changed = address_assign(&g->rules, l, &own, &c->assigned);
	address_judge(&g->rules, &c->assigned, l, &c->view);
	act_on(g, c);
	return pin(g, c) || changed;
}

static void look(void *arg)
{
	struct address *g = arg;
	bool changed = false;
	int err = g->mode == GUARD_OFF && g->cards.count == 0
			  ? -EALREADY
			  : links_load(g->host->root, &g->links);

	if (err) {
		if (err != -EALREADY)
			log_error("the links cannot be read: %s", strerror(-err));
		return;
	}
	g->failed = false;
	for (size_t i = 0; i < g->cards.count; i++)
		g->cards.list[i].here = false;
	for (size_t i = 0; g->mode != GUARD_OFF && i < g->links.count; i++)
		if (is_card(&g->links.list[i]))
			changed |= look_at(g, &g->links.list[i]);
	for (size_t i = 0; g->mode == GUARD_OFF && i < g->cards.count; i++)
		changed |= pin(g, &g->cards.list[i]);
	if (changed)
		cards_keep(g->host->state_dir, &g->cards);
	choose(g);
	g->host->look(g->host->arg);
}

static void on_change(void *arg, int fd, uint32_t events)
{
	struct address *g = arg;

	(void)events;
	links_drain(fd);
	if (!loop_timer_is_armed(g->settle) || g->undone < UNDONE_MAX)
		loop_timer_arm(g->settle, g->undone < UNDONE_MAX ? SETTLE_MS : RETRY_MS);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct address *g = c->state;
	struct finding f = {.state = FINDING_GOOD};

	for (size_t i = 0; g && i < g->cards.count; i++)
		if (g->cards.list[i].here && g->cards.list[i].view.troubles &&
		    !g->cards.list[i].missing_since_ms) {
			f = (struct finding){FINDING_BAD,
					     &reasons[g->failed ? NOT_RESTORED : CHANGED], ""};
			text_fit(f.detail, sizeof(f.detail), g->cards.list[i].name);
		}
	if (g && f.state == FINDING_GOOD && g->unread)
		f = (struct finding){FINDING_UNKNOWN, &reasons[RULES], ""};
	*ret = f;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	char where[ADDRESS_WHERE_SIZE];
	struct address *g = state;

	g->mode = mode;
	g->unread = address_rules_parse(settings, &g->rules, where) != 0;
	if (g->unread)
		log_error("the policy's '%s' for address is not understood; the rules before stay",
			  where);
	if (g->rules.generation != g->cards.generation)
		g->cards = (struct cards){.generation = g->rules.generation};
	look(g);
}

static void resume(void *state)
{
	struct address *g = state;

	waiting_resume(&g->waiting);
}

static void stop(void *state)
{
	struct address *g = state;

	if (!g)
		return;
	loop_watch_remove(g->watch);
	loop_watch_remove(g->arp_watch);
	loop_watch_remove(g->nd_watch);
	loop_timer_free(g->settle);
	close_cleanup(&g->fd);
	close_cleanup(&g->arp_fd);
	close_cleanup(&g->nd_fd);
	waiting_done(&g->waiting);
	free(g);
}

/* Without the wire's claims the rest goes on. */
static void listen_in(struct address *g)
{
	int err = MIN(MIN(g->arp_fd, g->nd_fd), 0);

	if (g->arp_fd >= 0)
		err = loop_watch_fd(g->host->loop, g->arp_fd, EPOLLIN, on_arp, g, &g->arp_watch);
	if (!err && g->nd_fd >= 0)
		err = loop_watch_fd(g->host->loop, g->nd_fd, EPOLLIN, on_nd, g, &g->nd_watch);
	if (err)
		log_warn("not all claims on addresses are heard: %s", strerror(-err));
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct address *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->host = h;
	waiting_init(&g->waiting, h);
	cards_load(h->state_dir, &g->cards);
	g->fd = links_watch();
	g->arp_fd = claims_open_arp();
	g->nd_fd = claims_open_nd();
	err = MIN(g->fd, 0);
	if (!err)
		err = loop_timer_new(h->loop, look, g, &g->settle);
	if (!err)
		err = loop_watch_fd(h->loop, g->fd, EPOLLIN, on_change, g, &g->watch);
	if (err) {
		stop(g);
		return err;
	}
	listen_in(g);
	*ret_state = g;
	return 0;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.stop = stop,
};

const struct guard guard_address = {
	.name = "address",
	.clause = "D22",
	.zh = "网络地址",
	.en = "network address",
	.unnamed = GUARD_WARN,
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
