/*
 * Clauses D11 and D29: a desk that nobody sits at is locked, then logged off; after work it is
 * switched off; who logged on and off when is on record.
 *
 *	after work ──> warning, countdown ── nobody came, no leave ──> switched off
 *	                     └── work begins, somebody is active, a leave, off ──> ended
 *
 * 1. A log-on is told once (logon) and its end once (logoff), over restarts too: what was told and
 *    has not ended lies in the state folder.
 * 2. Only an enforcing guard locks, ends or switches off; another one tells what it would have
 *    done, once for each time of idleness and each evening.
 * 3. What this system has no means for is told as a finding, not done in another way.
 * 4. Rules that cannot be read leave the rules before them in force.
 */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "agent/core/identity.h"
#include "agent/guards/guard.h"
#include "agent/guards/seats.h"
#include "agent/guards/waiting.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define PERIOD_MS (10 * SECOND_MS)
#define SETTLE_MS 100
#define KEPT_MAX 16384
#define KEPT "session.here"
#define KNOWN_MAX (2 * SEATS_MAX)

enum { NO_MEANS, NOT_SEEN, RULES };

static const struct guard_reason reasons[] = {
	[NO_MEANS] = {"no-means", "本机无法自动锁屏、注销或关机",
		      "this computer has no means to lock, log off or switch off by itself",
		      "请联系本机构桌面管理员", "ask your desktop administrator"},
	[NOT_SEEN] = {"not-seen", "无法得知登录情况或空闲时间",
		      "who is logged on, or for how long he is away, cannot be seen",
		      "请联系本机构桌面管理员", "ask your desktop administrator"},
	[RULES] = {"rules", "策略中的锁屏和关机规则有误",
		   "the policy's words about sessions are not understood",
		   "请安全管理员更正策略；此前的规则仍在执行",
		   "the security administrator corrects the policy; the rules before it stay in "
		   "force"},
};

/* A session that is told, or about to be. */
struct known {
	struct seat seat;
	bool told, here;
	enum desk_session_act done; /* in this time of idleness */
};

struct session {
	const struct guard_host *host;
	enum guard_mode mode;
	struct desk_session_rules rules;
	struct seats seats;
	struct known known[KNOWN_MAX];
	size_t known_count;
	struct waiting waiting;
	bool unread, no_means, not_seen;
	int64_t off_at_ms; /* monotonic; 0: no countdown */
	bool off_told;	   /* this evening */
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
};

/* ---- log-on and log-off ---- */

static json_t *as_json(const struct seat *s)
{
	char since[CLOCK_TEXT_SIZE] = "";

	if (s->since_ms)
		clock_format_cst(since, s->since_ms);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "session", s->id, "user", s->user,
			 "line", s->line, "remote", s->remote, "service", s->service, "graphical",
			 s->graphical, "since", since);
}

static void keep(const struct session *g)
{
	json_t *list = json_array();
	CLEANUP_FREE char *text = NULL;
	char path[STATE_PATH_SIZE];
	int err = -ENOMEM;

	for (size_t i = 0; i < g->known_count; i++) {
		json_t *one = g->known[i].told ? as_json(&g->known[i].seat) : NULL;

		if (!one)
			continue;
		json_object_set_new(one, "since_ms", json_integer(g->known[i].seat.since_ms));
		json_array_append_new(list, one);
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	state_path(g->host->state_dir, KEPT, path);
	if (text)
		err = file_replace(path, text, strlen(text), 0600);
	if (err)
		log_error("who is logged on could not be kept: %s", strerror(-err));
}

static void take_text(const json_t *o, const char *name, char *dst, size_t size)
{
	const char *s = json_string_value(json_object_get(o, name));

	text_fit(dst, size, s ? s : "");
}

static void load(struct session *g)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE];
	json_t *list;

	state_path(g->host->state_dir, KEPT, path);
	if (file_read(path, KEPT_MAX, &text))
		return;
	list = json_loads(buf_str(&text), 0, NULL);
	for (size_t i = 0; i < json_array_size(list) && g->known_count < KNOWN_MAX; i++) {
		const json_t *o = json_array_get(list, i);
		struct known *k = &g->known[g->known_count++];

		*k = (struct known){.told = true};
		take_text(o, "session", k->seat.id, sizeof(k->seat.id));
		take_text(o, "user", k->seat.user, sizeof(k->seat.user));
		take_text(o, "line", k->seat.line, sizeof(k->seat.line));
		take_text(o, "remote", k->seat.remote, sizeof(k->seat.remote));
		take_text(o, "service", k->seat.service, sizeof(k->seat.service));
		k->seat.graphical = json_is_true(json_object_get(o, "graphical"));
		k->seat.since_ms = json_integer_value(json_object_get(o, "since_ms"));
	}
	json_decref(list);
}

/* Invariant 1. What the queue has no room for stays untold. */
static void tell(struct session *g)
{
	bool changed = false;

	for (size_t i = 0; i < g->known_count; i++) {
		struct known *k = &g->known[i];

		if (!k->told && outbox_event(g->host->outbox, "logon", as_json(&k->seat)))
			break;
		changed |= !k->told;
		k->told = true;
		if (k->here)
			continue;
		if (outbox_event(g->host->outbox, "logoff", as_json(&k->seat)))
			break;
		memmove(k, k + 1, (g->known_count - i - 1) * sizeof(*k));
		g->known_count--;
		i--;
		changed = true;
	}
	if (changed)
		keep(g);
}

static struct known *find(struct session *g, const struct seat *s)
{
	for (size_t i = 0; i < g->known_count; i++)
		if (text_equal(g->known[i].seat.id, s->id) &&
		    g->known[i].seat.since_ms == s->since_ms)
			return &g->known[i];
	return NULL;
}

static void meet(struct session *g)
{
	for (size_t i = 0; i < g->known_count; i++)
		g->known[i].here = false;
	for (size_t i = 0; i < g->seats.count; i++) {
		struct known *k = find(g, &g->seats.list[i]);

		if (!k && g->known_count < KNOWN_MAX) {
			k = &g->known[g->known_count++];
			*k = (struct known){.told = false};
		}
		if (!k)
			continue; /* its end frees a place */
		k->seat = g->seats.list[i];
		k->here = true;
	}
	tell(g);
}

/* ---- idleness ---- */

static void tell_act(struct session *g, const struct seat *s, bool locked, bool done)
{
	json_t *body = as_json(s);

	json_object_set_new(body, "idle_min", json_integer(s->idle_ms / MINUTE_MS));
	json_object_set_new(body, "done", json_boolean(done));
	if (locked)
		waiting_say(&g->waiting, "seat.locked", body);
	else
		waiting_say(&g->waiting, "seat.ended", body);
}

static void act_on(struct session *g, struct known *k)
{
	const struct desk_session_facts facts = {k->seat.user, k->seat.idle_ms, k->seat.locked};
	enum desk_session_act act = desk_session_judge(&g->rules, &facts);
	int err = -EPERM;

	if (act == DESK_SESSION_STAYS) {
		k->done = k->seat.locked ? k->done : DESK_SESSION_STAYS;
		return;
	}
	if (g->mode == GUARD_ENFORCE)
		err = act == DESK_SESSION_LOCK ? seat_lock(g->host->root, &k->seat)
					       : seat_end(g->host->root, &k->seat, k->done == act);
	g->no_means |= err == -ENOENT || err == -EIO;
	if (k->done == act)
		return;
	k->done = act;
	tell_act(g, &k->seat, act == DESK_SESSION_LOCK, err == 0);
}

/* ---- after work ---- */

static void warn(const struct session *g)
{
	char text[256];

	snprintf(
		text, sizeof(text),
		"\r\n*** 下班时间已过，电脑将在%d分钟后关机，请保存工作；需要加班请提交申请 ***\r\n"
		"*** After work: this computer is switched off in %d minutes; save your work "
		"***\r\n",
		(int)(g->rules.warn_ms / MINUTE_MS), (int)(g->rules.warn_ms / MINUTE_MS));
	seats_warn(g->host->root, &g->seats, text);
}

static void tell_off(struct session *g, const char *step, bool done)
{
	waiting_say(&g->waiting, "seat.poweroff",
		    json_pack("{s:s, s:b, s:i, s:i}", "step", step, "done", done, "minutes",
			      (int)(g->rules.warn_ms / MINUTE_MS), "sessions",
			      (int)g->seats.count));
}

static void switch_off(struct session *g)
{
	int err = g->mode == GUARD_ENFORCE ? seats_power_off(g->host->root) : -EPERM;

	log_warn("after work: the machine %s switched off", err ? "is not" : "is");
	g->no_means |= err == -ENOENT || err == -EIO;
	g->off_told = true;
	g->off_at_ms = 0;
	tell_off(g, "off", err == 0);
}

static void count_down(struct session *g)
{
	struct desk_session_facts facts[SEATS_MAX];
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < g->seats.count; i++)
		facts[i] = (struct desk_session_facts){
			g->seats.list[i].user, g->seats.list[i].idle_ms, g->seats.list[i].locked};
	if (!desk_session_wants_off(&g->rules, facts, g->seats.count,
				    trusted_clock_now_ms(g->host->clock))) {
		if (g->off_at_ms)
			tell_off(g, "stopped", false);
		g->off_at_ms = 0;
		g->off_told = false;
	} else if (!g->off_at_ms && !g->off_told) {
		g->off_at_ms = now_ms + g->rules.warn_ms;
		if (g->mode != GUARD_OBSERVE)
			warn(g);
		tell_off(g, "countdown", false);
	} else if (g->off_at_ms && now_ms >= g->off_at_ms) {
		switch_off(g);
	}
	if (g->off_at_ms)
		loop_timer_arm(g->timer, MAX(MIN(g->off_at_ms - now_ms, PERIOD_MS), INT64_C(1)));
}

/* ---- looking ---- */

static bool wants_idleness(const struct desk_session_rules *r)
{
	return r->lock_ms || r->logoff_ms || r->hours_count;
}

static bool is_blind(const struct session *g, enum seats_source source)
{
	const struct desk_session_rules *r = &g->rules;
	bool blind = source == SEATS_BY_NOTHING && wants_idleness(r);

	for (size_t i = 0; i < g->seats.count && (r->lock_ms || r->logoff_ms); i++)
		blind |= g->seats.list[i].idle_ms < 0;
	return blind;
}

static void look(void *arg)
{
	struct session *g = arg;
	enum seats_source source;
	int err;

	if (g->mode == GUARD_OFF) {
		g->off_at_ms = 0;
		return;
	}
	loop_timer_arm(g->timer, PERIOD_MS);
	err = seats_load(g->host->root, &g->seats, &source);
	if (err) {
		log_error("who is logged on cannot be read: %s", strerror(-err));
		return;
	}
	if (wants_idleness(&g->rules))
		seats_ask(g->host->root, &g->seats);
	g->not_seen = is_blind(g, source);
	g->no_means = false;
	meet(g);
	for (size_t i = 0; i < g->known_count; i++)
		if (g->known[i].here)
			act_on(g, &g->known[i]);
	count_down(g);
	g->host->look(g->host->arg);
}

static void on_change(void *arg, int fd, uint32_t events)
{
	struct session *g = arg;

	(void)events;
	seats_drain(fd);
	if (g->mode != GUARD_OFF)
		loop_timer_arm(g->timer, SETTLE_MS);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct session *g = c->state;
	struct finding f = {.state = FINDING_GOOD};

	if (g && g->unread)
		f = (struct finding){FINDING_UNKNOWN, &reasons[RULES], ""};
	else if (g && g->no_means)
		f = (struct finding){FINDING_UNKNOWN, &reasons[NO_MEANS], ""};
	else if (g && g->not_seen)
		f = (struct finding){FINDING_UNKNOWN, &reasons[NOT_SEEN], ""};
	*ret = f;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	char where[DESK_SESSION_WHERE_SIZE];
	struct session *g = state;

	g->mode = mode;
	g->unread = desk_session_rules_parse(settings, &g->rules, where) != 0;
	if (g->unread)
		log_error("the policy's '%s' for session is not understood; the rules before stay",
			  where);
	look(g);
}

static void resume(void *state)
{
	struct session *g = state;

	waiting_resume(&g->waiting);
	if (g->mode != GUARD_OFF)
		tell(g);
}

static void stop(void *state)
{
	struct session *g = state;

	if (!g)
		return;
	loop_watch_remove(g->watch);
	loop_timer_free(g->timer);
	close_cleanup(&g->fd);
	waiting_done(&g->waiting);
	free(g);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct session *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->host = h;
	waiting_init(&g->waiting, h);
	load(g);
	g->fd = seats_watch(h->root);
	err = loop_timer_new(h->loop, look, g, &g->timer);
	if (!err && g->fd >= 0)
		err = loop_watch_fd(h->loop, g->fd, EPOLLIN, on_change, g, &g->watch);
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

const struct guard guard_session = {
	.name = "session",
	.clause = "D11",
	.zh = "锁屏与关机",
	.en = "lock and power-off",
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
