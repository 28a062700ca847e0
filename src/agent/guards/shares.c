/*
 * Clause D23: a desk shares nothing without a password, and what it shares is known. Looked at
 * when a file that names shares changes, and every PERIOD_MS for those that no file names.
 *
 * 1. What is here is told as one event (shares) when it changes: name, path, rights, guest or
 *    everyone, who is connected and what he has open.
 * 2. Enforced, a usershare that must not be is taken away; the service of any other is closed to
 *    the network by the firewall until the share is gone, excepted, or the guard enforces no more.
 *    Each closing is told once (shares.closed).
 * 3. A closing outlives the agent; who changes the firewall under it finds it made anew.
 * 4. Rules that cannot be read leave the rules before them in force.
 */
#include <string.h>
#include <sys/epoll.h>

#include "agent/core/identity.h"
#include "agent/guards/cut.h"
#include "agent/guards/shares_here.h"
#include "agent/guards/told.h"
#include "agent/guards/waiting.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define PERIOD_MS (10 * SECOND_MS)
#define SETTLE_MS 200
#define MARK "shares.shut"

enum { OPEN, NOT_CLOSED, RULES };

static const struct guard_reason reasons[] = {
	[OPEN] = {"open", "电脑上有不允许的共享", "this computer has a share that is not allowed",
		  "请取消共享；确需共享请设口令并提交共享申请",
		  "end it; a share that is needed has a password and a request"},
	[NOT_CLOSED] = {"not-closed", "未能关闭不允许的共享",
			"a share that is not allowed could not be closed",
			"请立即取消共享，并联系本机构桌面管理员",
			"end it now, and ask your desktop administrator"},
	[RULES] = {"rules", "策略中的共享规则有误",
		   "the policy's words about shares are not understood",
		   "请安全管理员更正策略；此前的规则仍在执行",
		   "the security administrator corrects the policy; the rules before it stay in "
		   "force"},
};

struct shares_guard {
	const struct guard_host *host;
	enum guard_mode mode;
	struct share_rules rules;
	struct shares *here;
	uint64_t bad;  /* must not be open: 1 << place in `here` */
	uint64_t shut; /* of those, by the firewall */
	bool is_shut, failed, unread, seen;
	bool stale;	       /* the firewall may be other than it was left */
	char shut_names[1024]; /* what the standing closing was made for */
	struct told told;
	struct waiting waiting;
	int fd, firewall_fd;
	struct loop_watch *watch, *firewall_watch;
	struct loop_timer *timer;
};

_Static_assert(SHARES_MAX <= 64, "shares are named by bits");

/* ---- telling ---- */

static json_t *texts(const char *first, size_t count, size_t size)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(first + i * size));
	return list;
}

static json_t *as_json(const struct share *s, bool closed)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:o, s:o}", "kind",
			 share_kind_name(s->kind), "name", s->name, "path", s->path, "guest",
			 s->guest, "everyone", s->everyone, "writable", s->writable, "closed",
			 closed, "peers", texts(s->peers[0], s->peer_count, SHARE_PEER_SIZE),
			 "files", texts(s->files[0], s->file_count, SHARE_PATH_SIZE));
}

static void tell(struct shares_guard *g)
{
	json_t *list;

	if (!g->here->count && !g->told.last.len)
		return; /* who never shared anything says nothing */
	list = json_array();
	for (size_t i = 0; i < g->here->count; i++)
		json_array_append_new(
			list, as_json(&g->here->list[i], g->is_shut && g->shut & UINT64_C(1) << i));
	told_say(&g->told, json_pack("{s:o, s:b}", "shares", list, "more", g->here->more));
}

static void tell_closed(struct shares_guard *g, const struct share *s, const char *how)
{
	json_t *body = as_json(s, true);

	json_object_set_new(body, "how", json_string(how));
	log_warn("the share %s of %s is closed", s->name, s->path);
	waiting_say(&g->waiting, "shares.closed", body);
}

/* ---- closing ---- */

/* Before the firewall closes and after it opened again, so that the mark never says too little. */
static int mark(const struct shares_guard *g, const char *names)
{
	char path[STATE_PATH_SIZE];

	state_path(g->host->state_dir, MARK, path);
	if (!*names)
		return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	return file_replace(path, names, strlen(names), 0600);
}

static void load_mark(struct shares_guard *g)
{
	CLEANUP_BUF struct buf names = BUF_INIT;
	char path[STATE_PATH_SIZE];

	state_path(g->host->state_dir, MARK, path);
	g->is_shut = access(path, F_OK) == 0;
	if (file_read(path, sizeof(g->shut_names), &names) == 0)
		text_fit(g->shut_names, sizeof(g->shut_names), buf_str(&names));
}

static void delete_usershares(struct shares_guard *g)
{
	for (size_t i = 0; i < g->here->count; i++) {
		const struct share *s = &g->here->list[i];
		int err;

		if (s->kind != SHARE_USER || !(g->bad & UINT64_C(1) << i))
			continue;
		err = shares_delete(g->host->root, s->name);
		if (err) {
			log_error("the share %s could not be taken away: %s", s->name,
				  strerror(-err));
			continue; /* the firewall closes it */
		}
		g->bad &= ~(UINT64_C(1) << i);
		tell_closed(g, s, "deleted");
		loop_timer_arm(g->timer, SETTLE_MS); /* what is here has changed */
	}
}

static void put_names(const struct shares_guard *g, char dst[static 1024])
{
	size_t len = 0;

	dst[0] = 0;
	for (size_t i = 0; i < g->here->count; i++)
		if (g->bad & UINT64_C(1) << i) {
			text_fit(dst + len, 1024 - len, "\n");
			len += strlen(dst + len);
			text_fit(dst + len, 1024 - len, g->here->list[i].name);
			len += strlen(dst + len);
		}
}

static bool had_name(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = names; *p; p += strcspn(p, "\n")) {
		p++;
		if (strcspn(p, "\n") == len && strncmp(p, name, len) == 0)
			return true;
	}
	return false;
}

/* The firewall is asked only when something changed. */
static int shut(struct shares_guard *g)
{
	char names[1024];
	int err = 0;

	put_names(g, names);
	if (!g->stale && g->is_shut == (g->bad != 0) && text_equal(names, g->shut_names))
		return 0;
	if (g->bad)
		err = mark(g, names);
	if (!err)
		err = shares_shut(g->here, g->bad);
	if (!err && !g->bad)
		err = mark(g, "");
	if (err)
		return err;
	if (g->firewall_fd >= 0)
		cut_drain(g->firewall_fd); /* our own change */
	for (size_t i = 0; i < g->here->count; i++)
		if (g->bad & UINT64_C(1) << i && !had_name(g->shut_names, g->here->list[i].name))
			tell_closed(g, &g->here->list[i], "firewall");
	g->stale = false;
	g->is_shut = g->bad != 0;
	text_fit(g->shut_names, sizeof(g->shut_names), names);
	return 0;
}

static void act(struct shares_guard *g)
{
	uint64_t open = g->bad;
	int err;

	if (g->mode == GUARD_ENFORCE)
		delete_usershares(g);
	else
		g->bad = 0;
	err = shut(g);
	if (err && !g->failed)
		log_error("shares could not be closed: %s", strerror(-err));
	g->failed = err != 0;
	g->shut = err ? 0 : g->bad;
	g->bad = g->mode == GUARD_ENFORCE ? g->bad : open;
}

/* ---- looking ---- */

static void look(void *arg)
{
	struct shares_guard *g = arg;
	int64_t now_ms = trusted_clock_now_ms(g->host->clock);
	int err = 0;

	loop_timer_arm(g->timer, PERIOD_MS);
	g->here->count = 0;
	g->bad = 0;
	if (g->mode != GUARD_OFF)
		err = shares_load(g->host->root, g->here);
	if (err) {
		log_error("the shares cannot be read: %s", strerror(-err));
		return;
	}
	for (size_t i = 0; i < g->here->count; i++)
		if (share_must_close(&g->rules, &g->here->list[i], now_ms))
			g->bad |= UINT64_C(1) << i;
	act(g);
	g->seen = g->mode != GUARD_OFF;
	if (g->seen)
		tell(g);
	else
		loop_timer_disarm(g->timer);
	g->host->look(g->host->arg);
}

static void on_change(void *arg, int fd, uint32_t events)
{
	struct shares_guard *g = arg;

	(void)events;
	shares_drain(fd);
	if (g->mode != GUARD_OFF)
		loop_timer_arm(g->timer, SETTLE_MS);
}

static void on_firewall(void *arg, int fd, uint32_t events)
{
	struct shares_guard *g = arg;

	(void)events;
	cut_drain(fd);
	if (!g->is_shut)
		return;
	g->stale = true;
	loop_timer_arm(g->timer, SETTLE_MS);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct shares_guard *g = c->state;
	struct finding f = {.state = FINDING_GOOD};

	if (g && g->bad && (g->failed || !g->is_shut))
		f = (struct finding){FINDING_BAD, &reasons[g->failed ? NOT_CLOSED : OPEN], ""};
	else if (g && g->unread)
		f = (struct finding){FINDING_UNKNOWN, &reasons[RULES], ""};
	for (size_t i = 0; g && f.state == FINDING_BAD && i < g->here->count && !f.detail[0]; i++)
		if (g->bad & UINT64_C(1) << i)
			text_fit(f.detail, sizeof(f.detail), g->here->list[i].name);
	*ret = f;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	char where[SHARES_WHERE_SIZE];
	struct shares_guard *g = state;

	g->mode = mode;
	g->unread = share_rules_parse(settings, &g->rules, where) != 0;
	if (g->unread)
		log_error("the policy's '%s' for shares is not understood; the rules before stay",
			  where);
	look(g);
}

static void resume(void *state)
{
	struct shares_guard *g = state;

	waiting_resume(&g->waiting);
	if (g->seen)
		tell(g);
}

static void stop(void *state)
{
	struct shares_guard *g = state;

	if (!g)
		return;
	loop_watch_remove(g->watch);
	loop_watch_remove(g->firewall_watch);
	loop_timer_free(g->timer);
	close_cleanup(&g->fd);
	close_cleanup(&g->firewall_fd);
	told_done(&g->told);
	waiting_done(&g->waiting);
	free(g->here);
	free(g);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct shares_guard *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->host = h;
	told_init(&g->told, h, "shares");
	waiting_init(&g->waiting, h);
	load_mark(g);
	g->stale = g->is_shut;
	g->here = calloc(1, sizeof(*g->here));
	g->fd = shares_watch(h->root);
	g->firewall_fd = cut_watch();
	err = g->here ? loop_timer_new(h->loop, look, g, &g->timer) : -ENOMEM;
	if (!err && g->fd >= 0)
		err = loop_watch_fd(h->loop, g->fd, EPOLLIN, on_change, g, &g->watch);
	if (!err && g->firewall_fd >= 0)
		err = loop_watch_fd(h->loop, g->firewall_fd, EPOLLIN, on_firewall, g,
				    &g->firewall_watch);
	if (err)
		stop(g);
	else
		*ret_state = g;
	return err;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.stop = stop,
};

const struct guard guard_shares = {
	.name = "shares",
	.clause = "D23",
	.zh = "文件共享",
	.en = "shared folders",
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
