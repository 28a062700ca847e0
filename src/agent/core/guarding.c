#define _GNU_SOURCE
#include "agent/core/guarding.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "agent/core/identity.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define SETTLE_MS 1000	     /* after a change of a watched file */
#define SECOND_LOOK_MS 10000 /* before good becomes bad */

struct guarding {
	struct guarding_options o;
	struct finding findings[GUARDS_MAX];
	bool suspect[GUARDS_MAX]; /* seen bad once */
	struct posture_report report, told;
	struct loop_timer *timer;
	int inotify_fd;
	struct loop_watch *watch;
	struct guard_host host;
	void *states[GUARDS_MAX]; /* of the guards that act */
};

static void look(void *arg);

/* ---- telling ---- */

static void load_told(struct guarding *g)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE];

	state_path(g->o.state_dir, "posture", path);
	if (file_read(path, 4096, &text) || posture_decode(buf_str(&text), &g->told))
		g->told = (struct posture_report){.posture = POSTURE_UNKNOWN};
}

static int keep_told(struct guarding *g)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[STATE_PATH_SIZE];

	posture_encode(&g->told, &text);
	state_path(g->o.state_dir, "posture", path);
	return text.error ? text.error : file_replace(path, text.data, text.len, 0600);
}

static void tell(struct guarding *g)
{
	json_t *body;
	int err;

	if (posture_report_equal(&g->report, &g->told))
		return;
	body = json_pack("{s:s, s:s, s:s, s:s}", "was", posture_name(g->told.posture), "posture",
			 posture_name(g->report.posture), "failing", g->report.failing, "warnings",
			 g->report.warnings);
	err = outbox_event(g->o.outbox, "posture", body);
	if (!err) {
		g->told = g->report;
		err = keep_told(g);
	}
	if (err && err != -ENOBUFS)
		log_error("the change of posture could not be kept: %s", strerror(-err));
}

void guarding_resume(struct guarding *g)
{
	tell(g);
	for (size_t i = 0; i < guard_count; i++)
		if (g->states[i])
			guards[i]->acts->resume(g->states[i]);
}

/* ---- looking ---- */

/* Rule 5. */
enum guard_mode guarding_mode(const struct guarding *g, size_t guard)
{
	const char *name = guards[guard]->name;

	return kept_policy_settings(g->o.policy, name) ? kept_policy_mode(g->o.policy, name)
						       : guards[guard]->unnamed;
}

static void check(const struct guarding *g, size_t i, struct finding *ret)
{
	const struct guard_context c = {g->o.root, trusted_clock_now_ms(g->o.clock),
					kept_policy_settings(g->o.policy, guards[i]->name),
					g->states[i]};

	*ret = (struct finding){.state = FINDING_GOOD};
	if (guarding_mode(g, i) != GUARD_OFF)
		guards[i]->check(&c, ret);
}

/* True when what counts changed. */
static bool judge(struct guarding *g, size_t i, const struct finding *seen)
{
	bool was_good = g->findings[i].state == FINDING_GOOD;
	bool changed = seen->state != g->findings[i].state || seen->reason != g->findings[i].reason;

	if (was_good && seen->state == FINDING_BAD && !g->suspect[i]) {
		g->suspect[i] = true;
		return false;
	}
	g->suspect[i] = false;
	g->findings[i] = *seen;
	return changed;
}

static void combine(struct guarding *g)
{
	struct posture_input inputs[GUARDS_MAX] = {0};

	for (size_t i = 0; i < guard_count; i++)
		inputs[i] = (struct posture_input){guards[i]->name, guarding_mode(g, i),
						   &g->findings[i]};
	posture_combine(inputs, guard_count, &g->report);
}

static bool look_all(struct guarding *g)
{
	bool changed = false;

	for (size_t i = 0; i < guard_count; i++) {
		struct finding seen;

		check(g, i, &seen);
		changed |= judge(g, i, &seen);
	}
	return changed;
}

static void look(void *arg)
{
	struct guarding *g = arg;
	struct posture_report before = g->report;
	bool changed = look_all(g), second_look = false;

	combine(g);
	tell(g);
	for (size_t i = 0; i < guard_count; i++)
		second_look |= g->suspect[i];
	loop_timer_arm(g->timer,
		       second_look ? MIN(SECOND_LOOK_MS, g->o.period_ms) : g->o.period_ms);
	if (changed || !posture_report_equal(&before, &g->report))
		g->o.on_change(g->o.arg,
			       before.posture == POSTURE_BAD && g->report.posture == POSTURE_GOOD);
}

/* ---- acting ---- */

static bool is_news(const struct guarding *g, size_t i)
{
	const struct finding *known = &g->findings[i];
	struct finding seen;

	check(g, i, &seen);
	return seen.state != known->state || seen.reason != known->reason ||
	       !text_equal(seen.detail, known->detail);
}

/* Those who act look often; all the others look again only when that brought something new. */
static void look_soon(void *arg)
{
	struct guarding *g = arg;
	bool news = false;

	for (size_t i = 0; i < guard_count && !news; i++)
		news = g->states[i] && is_news(g, i);
	if (news)
		loop_timer_arm(g->timer, SETTLE_MS);
}

static void follow_policy(struct guarding *g)
{
	for (size_t i = 0; i < guard_count; i++)
		if (g->states[i])
			guards[i]->acts->follow(g->states[i], guarding_mode(g, i),
						kept_policy_settings(g->o.policy, guards[i]->name));
}

static void start_guards(struct guarding *g)
{
	g->host = (struct guard_host){.loop = g->o.loop,
				      .root = g->o.root,
				      .state_dir = g->o.state_dir,
				      .clock = g->o.clock,
				      .outbox = g->o.outbox,
				      .servers = g->o.servers,
				      .server_count = g->o.server_count,
				      .look = look_soon,
				      .arg = g};
	for (size_t i = 0; i < guard_count; i++) {
		int err = guards[i]->acts ? guards[i]->acts->start(&g->host, &g->states[i]) : 0;

		if (err)
			log_error("the guard %s does not act: %s", guards[i]->name, strerror(-err));
	}
}

void guarding_policy_changed(struct guarding *g)
{
	follow_policy(g);
	look(g);
}

/* ---- watching ---- */

static void on_file_change(void *arg, int fd, uint32_t events)
{
	struct guarding *g = arg;
	_Alignas(struct inotify_event) char data[4096];

	(void)events;
	while (read(fd, data, sizeof(data)) > 0)
		;
	loop_timer_arm(g->timer, SETTLE_MS);
}

/* What does not exist yet is not watched: the period finds it. */
static int watch_files(struct guarding *g)
{
	char path[512];

	g->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (g->inotify_fd < 0)
		return -errno;
	for (size_t i = 0; i < guard_count; i++)
		for (const char *const *p = guards[i]->watched; p && *p; p++) {
			snprintf(path, sizeof(path), "%s%s", g->o.root, *p);
			if (inotify_add_watch(g->inotify_fd, path,
					      IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE) < 0)
				log_debug("%s is not watched: %s", path, strerror(errno));
		}
	return loop_watch_fd(g->o.loop, g->inotify_fd, EPOLLIN, on_file_change, g, &g->watch);
}

int guarding_new(const struct guarding_options *o, struct guarding **ret)
{
	struct guarding *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->o = *o;
	g->inotify_fd = -1;
	load_told(g);
	err = loop_timer_new(o->loop, look, g, &g->timer);
	if (!err)
		err = watch_files(g);
	if (err)
		guarding_free(g);
	else
		*ret = g;
	return err;
}

void guarding_free(struct guarding *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < guard_count; i++)
		if (g->states[i])
			guards[i]->acts->stop(g->states[i]);
	loop_watch_remove(g->watch);
	close_cleanup(&g->inotify_fd);
	loop_timer_free(g->timer);
	free(g);
}

void guarding_start(struct guarding *g)
{
	start_guards(g);
	follow_policy(g);
	look(g);
}

const struct posture_report *guarding_report(const struct guarding *g)
{
	return &g->report;
}

const struct finding *guarding_finding(const struct guarding *g, size_t guard)
{
	return &g->findings[guard];
}

json_t *guarding_explain(const struct guarding *g, size_t guard)
{
	const struct guard_acts *acts = guards[guard]->acts;

	return g->states[guard] && acts->explain ? acts->explain(g->states[guard]) : NULL;
}
