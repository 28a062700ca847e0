/*
 * Clause D21: an office computer has no way out but the bank's network. A second network is cut
 * with everything else but the bank, at once, with or without head office, and told with what was
 * seen of it.
 *
 *	            links, mode or rules change
 *	open ──────── a second network, enforced ───────> cut
 *	  ^                                                │
 *	  └── none any more, or not enforced any more ─────┘
 *
 * 1. Each second network is told once when it appears (egress.network) and once when it is gone
 *    (egress.over), cut or not; what the queue has no room for waits here.
 * 2. A cut outlives the agent: it stands in the kernel, and a mark on disk says so, until this
 *    guard, started anew, finds that nothing calls for it. A refused cut is tried again. Where the
 *    firewall refuses, links go down instead: nothing is left to undo, and no mark stays.
 * 3. Whoever changes the firewall under a standing cut finds it made anew a moment later.
 * 4. Rules that cannot be read (a prefix that is none) leave the rules before them in force.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/core/identity.h"
#include "agent/guards/cut.h"
#include "agent/guards/guard.h"
#include "agent/guards/links.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define SETTLE_MS 20	       /* one change of a link is several notices */
#define FIREWALL_SETTLE_MS 200 /* two who change it in turn must not race */
#define RETRY_MS 5000
#define SEEN_MAX 16

enum { SECOND_NETWORK, MIXED, AWAY, CUT_FAILED, RULES };

static const struct guard_reason reasons[] = {
	[SECOND_NETWORK] =
		{"second-network", "电脑连接了行内网络以外的网络",
		 "this computer is connected to a network that is not the bank's",
		 "请断开无线、热点、手机共享或第二根网线；断开后自动恢复",
		 "disconnect the Wi-Fi, hotspot, telephone or second cable; what was cut "
		 "comes back by itself"},
	[MIXED] = {"mixed", "行内网卡上有行内以外的地址、网关或路由",
		   "the bank's network card has an address, a gateway or a route that is not the "
		   "bank's",
		   "请恢复网络设置为自动获取，或联系本机构桌面管理员",
		   "set the network back to automatic, or ask your desktop administrator"},
	[AWAY] = {"away", "电脑不在行内网络", "this computer is not on the bank's network",
		  "请回到行内网络使用", "use it on the bank's network"},
	[CUT_FAILED] = {"cut-failed", "未能切断违规外联", "the second network could not be cut",
			"请立即拔掉网线或关闭无线，并联系本机构桌面管理员",
			"unplug it now, and ask your desktop administrator"},
	[RULES] = {"rules", "策略中的行内地址段有误",
		   "the policy's words about the bank's addresses are not understood",
		   "请安全管理员更正策略；此前的规则仍在执行",
		   "the security administrator corrects the policy; the rules before it stay in "
		   "force"},
};

/* A second network that is here, or whose end was not told yet. */
struct seen {
	char name[16];
	enum link_kind kind;
	int64_t since_ms;
	bool here, told, cut;
	enum cut_means means; /* of that cut */
	struct link link;     /* as it was last */
};

struct egress {
	const struct guard_host *host;
	enum guard_mode mode;
	struct egress_rules rules;
	struct links links;
	struct egress_view view;
	struct seen seen[SEEN_MAX];
	bool cut, failed, unread;	       /* the policy's words */
	bool walled;			       /* rules of ours may stand in the firewall */
	enum cut_means means;		       /* of the standing cut */
	uint32_t applied_bank, applied_second; /* what the standing cut was made for */
	int fd, firewall_fd;
	struct loop_watch *watch, *firewall_watch;
	struct loop_timer *settle;
};

/* ---- telling ---- */

static json_t *evidence(const struct egress *e, const struct seen *s)
{
	json_t *addresses = json_array();
	char text[HOST_TEXT_SIZE], mac[MAC_TEXT_SIZE], since[CLOCK_TEXT_SIZE];
	bool has_gateway = s->link.is_default;

	for (size_t i = 0; i < s->link.address_count; i++) {
		host_format(s->link.addresses[i].host, text);
		json_array_append_new(addresses, json_string(text));
	}
	host_format(s->link.gateway, text);
	mac_format(mac, &s->link.mac);
	clock_format_cst(since, s->since_ms);
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:b, s:s, s:b, s:s}", "interface", s->name,
			 "kind", link_kind_name(s->kind), "mac", mac, "addresses", addresses,
			 "gateway", has_gateway ? text : "", "cut", s->cut, "by",
			 s->cut ? cut_means_name(s->means) : "", "inside", e->view.inside, "since",
			 since);
}

static void forget(struct seen *s)
{
	*s = (struct seen){.here = false};
}

/* Invariant 1. A network that came and went while the queue was full is told twice, in order. */
static void tell(struct egress *e)
{
	for (size_t i = 0; i < SEEN_MAX; i++) {
		struct seen *s = &e->seen[i];

		if (!s->name[0])
			continue;
		if (!s->told) {
			if (outbox_event(e->host->outbox, "egress.network", evidence(e, s)))
				return;
			s->told = true;
		}
		if (!s->here) {
			if (outbox_event(e->host->outbox, "egress.over", evidence(e, s)))
				return;
			forget(s);
		}
	}
}

/* ---- looking ---- */

static struct seen *find_seen(struct egress *e, const char *name)
{
	for (size_t i = 0; i < SEEN_MAX; i++)
		if (text_equal(e->seen[i].name, name))
			return &e->seen[i];
	return NULL;
}

static void take_seen(struct egress *e, const struct link *l)
{
	struct seen *s = find_seen(e, l->name);

	if (!s)
		s = find_seen(e, "");
	if (!s)
		return; /* sixteen second networks are told; more of them are cut all the same */
	if (!s->here)
		s->since_ms = trusted_clock_now_ms(e->host->clock);
	text_fit(s->name, sizeof(s->name), l->name);
	s->kind = l->kind;
	s->link = *l;
	s->here = true;
	s->cut |= e->cut;
	s->means = e->means;
}

static void note(struct egress *e)
{
	for (size_t i = 0; i < SEEN_MAX; i++)
		e->seen[i].here = false;
	if (e->mode != GUARD_OFF)
		for (size_t i = 0; i < e->links.count; i++)
			if (e->view.second & 1U << i)
				take_seen(e, &e->links.list[i]);
	tell(e);
}

/* Before the cut is made and after it is undone, so that the mark never says too little. */
static int mark(const struct egress *e, bool cut)
{
	char path[STATE_PATH_SIZE];
	CLEANUP_FD int fd = -1;

	state_path(e->host->state_dir, "egress.cut", path);
	if (!cut)
		return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : 0;
}

static bool is_marked(const struct egress *e)
{
	char path[STATE_PATH_SIZE];

	state_path(e->host->state_dir, "egress.cut", path);
	return access(path, F_OK) == 0;
}

static int wall(struct egress *e, const struct cut_plan *plan)
{
	int err = mark(e, true);

	if (!err)
		err = cut_apply(plan, &e->means);
	e->walled |= !err && e->means == CUT_BY_FIREWALL;
	if (!e->walled && mark(e, false))
		log_error("a mark of a cut that does not stand stays");
	return err;
}

/* Traffic to the bank's addresses may go on by every link of the bank's. */
static int cut(struct egress *e)
{
	const struct cut_plan plan = {.rules = &e->rules,
				      .links = &e->links,
				      .bank = e->view.bank,
				      .second = e->view.second & ~e->view.mixed,
				      .servers = e->host->servers,
				      .server_count =
					      MIN(e->host->server_count, (size_t)CUT_SERVERS_MAX)};
	int err;

	if (e->cut && e->applied_bank == plan.bank && e->applied_second == plan.second)
		return 0;
	err = wall(e, &plan);
	/* A link that is the bank's as well cannot go down: only a firewall cuts half of it. */
	if (!err && e->means == CUT_BY_LINK_DOWN && e->view.mixed)
		err = -EOPNOTSUPP;
	if (err)
		return err;
	if (e->firewall_fd >= 0)
		cut_drain(e->firewall_fd); /* our own change */
	e->applied_bank = plan.bank;
	e->applied_second = plan.second;
	return 0;
}

static int join(struct egress *e)
{
	int err = e->walled ? cut_undo() : 0;

	if (!err && e->walled)
		err = mark(e, false);
	e->walled &= err != 0;
	return err;
}

static void act(struct egress *e)
{
	bool wanted = e->mode == GUARD_ENFORCE && egress_wants_cut(&e->rules, &e->view);
	int err = wanted ? cut(e) : join(e);

	if (err && !e->failed)
		log_error("the network could not be %s: %s", wanted ? "cut" : "joined again",
			  strerror(-err));
	e->failed = err != 0;
	if (err) {
		loop_timer_arm(e->settle, RETRY_MS);
		return;
	}
	if (e->cut != wanted)
		log_warn("%s", !wanted ? "no second network any more: nothing is cut"
			       : e->means == CUT_BY_FIREWALL
				       ? "a second network: everything but the bank is cut"
				       : "a second network was taken down; the firewall refused");
	e->cut = wanted;
}

static void look(void *arg)
{
	struct egress *e = arg;
	int err = links_load(e->host->root, &e->links);

	if (err) {
		log_error("the links cannot be read: %s", strerror(-err));
		return;
	}
	egress_judge(&e->rules, &e->links, &e->view);
	act(e);
	note(e);
	e->host->look(e->host->arg);
}

static void on_change(void *arg, int fd, uint32_t events)
{
	struct egress *e = arg;

	(void)events;
	links_drain(fd);
	if (!loop_timer_is_armed(e->settle))
		loop_timer_arm(e->settle, SETTLE_MS);
}

static void on_firewall(void *arg, int fd, uint32_t events)
{
	struct egress *e = arg;

	(void)events;
	cut_drain(fd);
	e->applied_bank = e->applied_second = 0;
	if (e->cut && !loop_timer_is_armed(e->settle))
		loop_timer_arm(e->settle, FIREWALL_SETTLE_MS);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct egress *e = c->state;
	struct finding f = {.state = FINDING_GOOD};
	bool away = e && e->rules.bank_count && !e->view.inside;

	if (e && e->failed)
		f = (struct finding){FINDING_BAD, &reasons[CUT_FAILED], ""};
	else if (e && e->view.second && !away)
		f = (struct finding){
			FINDING_BAD,
			&reasons[e->view.second == e->view.mixed ? MIXED : SECOND_NETWORK], ""};
	else if (away && e->rules.cut_away)
		f = (struct finding){FINDING_BAD, &reasons[AWAY], ""};
	else if (e && e->unread)
		f = (struct finding){FINDING_UNKNOWN, &reasons[RULES], ""};
	for (size_t i = 0; e && f.state == FINDING_BAD && i < e->links.count; i++)
		if (e->view.second & 1U << i)
			text_fit(f.detail, sizeof(f.detail), e->links.list[i].name);
	*ret = f;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	char where[EGRESS_WHERE_SIZE];
	struct egress *e = state;

	e->mode = mode;
	e->unread = egress_rules_parse(settings, &e->rules, where) != 0;
	if (e->unread)
		log_error("the policy's '%s' for egress is not understood; the rules before stay",
			  where);
	look(e);
}

static void resume(void *state)
{
	tell(state);
}

static void stop(void *state)
{
	struct egress *e = state;

	if (!e)
		return;
	loop_watch_remove(e->watch);
	loop_watch_remove(e->firewall_watch);
	loop_timer_free(e->settle);
	close_cleanup(&e->fd);
	close_cleanup(&e->firewall_fd);
	free(e);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct egress *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->host = h;
	e->cut = e->walled = is_marked(e);
	e->firewall_fd = cut_watch();
	e->fd = links_watch();
	err = MIN(e->fd, 0);
	if (!err && e->firewall_fd < 0)
		log_info("the firewall is not watched: %s", strerror(-e->firewall_fd));
	if (!err)
		err = loop_timer_new(h->loop, look, e, &e->settle);
	if (!err)
		err = loop_watch_fd(h->loop, e->fd, EPOLLIN, on_change, e, &e->watch);
	if (!err && e->firewall_fd >= 0)
		err = loop_watch_fd(h->loop, e->firewall_fd, EPOLLIN, on_firewall, e,
				    &e->firewall_watch);
	if (err)
		stop(e);
	else
		*ret_state = e;
	return err;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.stop = stop,
};

const struct guard guard_egress = {
	.name = "egress",
	.clause = "D21",
	.zh = "违规外联",
	.en = "second networks",
	.unnamed = GUARD_WARN,
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
