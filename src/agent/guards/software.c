/*
 * Clauses D14, D15, C04: what the bank forbids does not run, and what comes from nowhere is told.
 *
 * 1. A denial (software.denied), a program of unknown origin (software.unknown) and a program whose
 *    content could not be looked at in time (software.late) are told at most once a minute, a day,
 *    a minute for each program and person; those of which there was no room to tell are counted
 *    (software.missed).
 * 2. What is denied by its path or package is learnt by its content, when the policy comes and
 *    whenever it is seen.
 * 3. Rules that cannot be read leave the rules before them in force.
 * 4. What this system lacks for it is told ("software"), and again when it changes.
 * 5. The gate's threads answer while this thread waits for a program that it started.
 */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "agent/guards/software_judge.h"
#include "agent/guards/told.h"
#include "agent/linux/mounts.h"
#include "agent/linux/process.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"

#define LEARN_MS 200
#define LEARN_MAX 4096
#define RAN_MS DAY_MS
#define REFOLLOW_MAX_MS DAY_MS /* packages change */

enum { NOT_HELD, RAN, RULES };

static const struct guard_reason reasons[] = {
	[NOT_HELD] = {"not-held", "无法阻止违规软件运行",
		      "programs cannot be kept from running here",
		      "请联系本机构桌面管理员检查系统内核",
		      "ask your desktop administrator to look at the kernel"},
	[RAN] = {"ran", "运行过禁止使用的软件", "a program that is not allowed here was run",
		 "请卸载该软件；确需使用请提交软件申请",
		 "remove it; to use it, file a request for software"},
	[RULES] = {"rules", "策略中的软件规则有误",
		   "the policy's rules for software are not understood",
		   "请安全管理员更正策略；此前的规则仍在执行",
		   "the security administrator corrects the policy; the rules before it stay in "
		   "force"},
};

struct lesson {
	uint64_t tag;
	char *path;
};

struct software {
	const struct guard_host *host;
	enum guard_mode mode;
	json_t *settings; /* that were last said; NULL: none were yet */
	json_t *good;	  /* the last that were understood, and are followed; NULL: the defaults */
	struct software_judge *judge;
	struct exec_gate *gate; /* NULL: the kernel has none */
	bool denies;		/* the rules deny something */
	bool failed, no_packages;
	char unread[SOFTWARE_WHERE_SIZE];
	int64_t ran_at_ms; /* a denied program that was not kept from running; 0: none */
	char ran[FINDING_DETAIL_SIZE];
	struct software_note note; /* that the queue has no room for */
	bool has_note;
	unsigned missed;
	struct lesson *lessons;
	size_t lesson_count, lesson_at;
	struct told means;
	int wake_fd, mounts_fd;
	struct loop_watch *wake_watch, *mounts_watch;
	struct loop_timer *again, *learn;
};

/* ---- telling ---- */

static const char *way_name(enum program_way w)
{
	static const char *const names[] = {"run", "loaded", "read", "read"};

	return names[w];
}

static json_t *describe(const struct software *s, const struct software_note *n)
{
	char user[64], sha256[2 * PROGRAM_HASH_SIZE + 1] = "", at[CLOCK_TEXT_SIZE];

	process_user_name(s->host->root, n->runner, user, sizeof(user));
	clock_format_cst(at, n->at_ms);
	if (n->hashed)
		hex_encode(sha256, n->sha256, sizeof(n->sha256));
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:b, s:b, s:s, s:I, s:i, s:s}", "path",
			 n->path, "user", user, "uid", (json_int_t)n->runner, "from", n->from,
			 "way", way_name(n->way), "item", n->item, "learnt", n->learnt, "enforced",
			 n->enforced, "sha256", sha256, "size", (json_int_t)n->size, "again",
			 (int)n->again, "at", at);
}

static int tell_missed(struct software *s)
{
	int err = s->missed ? outbox_event(s->host->outbox, "software.missed",
					   json_pack("{s:i}", "count", (int)s->missed))
			    : 0;

	if (!err)
		s->missed = 0;
	return err;
}

static int tell_note(const struct software *s, const struct software_note *n)
{
	json_t *body = describe(s, n);

	switch (n->kind) {
	case NOTE_DENIED:
		return outbox_event(s->host->outbox, "software.denied", body);
	case NOTE_UNKNOWN:
		return outbox_event(s->host->outbox, "software.unknown", body);
	case NOTE_LATE:
		return outbox_event(s->host->outbox, "software.late", body);
	}
	json_decref(body);
	return 0;
}

/* Rule 2, and what the finding says. */
static void take_note(struct software *s, const struct software_note *n)
{
	if (n->tag && s->gate && exec_gate_learn(s->gate, n->path, n->tag))
		log_debug("%s is learnt when it is seen again", n->path);
	if (n->kind == NOTE_DENIED && !n->enforced && n->way == PROGRAM_RUN) {
		s->ran_at_ms = trusted_clock_now_ms(s->host->clock);
		text_fit(s->ran, sizeof(s->ran), n->path);
		s->host->look(s->host->arg);
	}
}

static void tell(struct software *s)
{
	unsigned missed;

	for (;;) {
		if (!s->has_note) {
			s->has_note = software_judge_take(s->judge, &s->note, &missed);
			s->missed += missed;
			if (s->has_note)
				take_note(s, &s->note);
		}
		if (!s->has_note || tell_note(s, &s->note))
			break;
		s->has_note = false;
	}
	if (!s->has_note && tell_missed(s))
		log_debug("the queue is full");
}

static void tell_means(struct software *s)
{
	static const char *const names[] = {"nothing", "open", "run"};
	enum exec_means means = s->gate ? exec_gate_means(s->gate) : EXEC_BY_NOTHING;
	json_t *lacks = json_array();

	if (means != EXEC_BY_RUN)
		json_array_append_new(lacks, json_string("run"));
	if (s->gate && exec_gate_is_by_mount(s->gate))
		json_array_append_new(lacks, json_string("filesystem"));
	if (s->no_packages)
		json_array_append_new(lacks, json_string("packages"));
	told_say(&s->means, json_pack("{s:s, s:o}", "means", names[means], "lacks", lacks));
}

static void on_wake(void *arg, int fd, uint32_t events)
{
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) == sizeof(count))
		tell(arg);
}

/* Any thread. */
static void wake(void *arg)
{
	const struct software *s = arg;
	const uint64_t one = 1;

	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake already */
}

/* ---- learning ---- */

static void drop_lessons(struct software *s)
{
	for (size_t i = 0; i < s->lesson_count; i++)
		free(s->lessons[i].path);
	free(s->lessons);
	s->lessons = NULL;
	s->lesson_count = s->lesson_at = 0;
}

static void add_lesson(void *arg, const char *path, uint64_t tag)
{
	struct software *s = arg;
	size_t n = s->lesson_count;
	struct lesson *more;

	if (n == LEARN_MAX)
		return;
	more = n & (n - 1) ? s->lessons
			   : realloc(s->lessons, MAX(2 * n, (size_t)1) * sizeof(*more));
	if (!more)
		return;
	s->lessons = more;
	more[n] = (struct lesson){.tag = tag, .path = strdup(path)};
	s->lesson_count += more[n].path != NULL;
}

static void learn_more(void *arg)
{
	struct software *s = arg;

	while (s->lesson_at < s->lesson_count) {
		const struct lesson *l = &s->lessons[s->lesson_at];

		if (exec_gate_learn(s->gate, l->path, l->tag)) {
			loop_timer_arm(s->learn, LEARN_MS);
			return;
		}
		s->lesson_at++;
	}
	drop_lessons(s);
}

/* ---- following ---- */

static void arm_again(struct software *s)
{
	int64_t now_ms = trusted_clock_now_ms(s->host->clock);
	int64_t end_ms = software_judge_next_end_ms(s->judge);
	int64_t wait_ms = end_ms ? MIN(end_ms - now_ms + 1, REFOLLOW_MAX_MS) : REFOLLOW_MAX_MS;

	loop_timer_arm(s->again, MAX(wait_ms, (int64_t)1000));
}

static bool is_on(const struct software *s)
{
	return s->mode != GUARD_OFF;
}

/* What is only observed need not be kept from being opened. */
static void watch(struct software *s, const struct software_rules *r)
{
	bool sm3 = software_rules_have(r, SOFTWARE_SM3);
	bool opens = s->mode == GUARD_ENFORCE && !software_rules_are_idle(r);
	enum exec_watch w = !is_on(s) ? EXEC_WATCH_NOTHING
			    : opens   ? EXEC_WATCH_OPENS
				      : EXEC_WATCH_RUNS;
	int err = exec_gate_follow(s->gate, w, sm3);

	s->failed = err != 0;
	if (err)
		log_error("programs cannot be watched everywhere: %s", strerror(-err));
}

static void on_mount(void *arg, int fd, uint32_t events)
{
	struct software *s = arg;
	int err = exec_gate_remount(s->gate);

	(void)fd;
	(void)events;
	if (err && !s->failed)
		log_error("what was mounted cannot be watched: %s", strerror(-err));
	s->failed |= err != 0;
}

/* Not before a policy says something: who forbids nothing need not wait. */
static void open_gate(struct software *s)
{
	const struct exec_gate_options o = {.root = s->host->root,
					    .judge = software_judge_ask,
					    .late = software_judge_late,
					    .learnt = software_judge_learnt,
					    .arg = s->judge};
	int err = s->gate ? 0 : exec_gate_new(&o, &s->gate);

	if (err) {
		log_warn("programs cannot be kept from running: %s", strerror(-err));
		return;
	}
	if (!s->mounts_watch)
		err = loop_watch_fd(s->host->loop, s->mounts_fd, EPOLLPRI, on_mount, s,
				    &s->mounts_watch);
	if (err)
		log_warn("what is mounted later is not watched: %s", strerror(-err));
}

/* Rule 3. */
static int parse(struct software *s, struct software_rules *ret)
{
	char where[SOFTWARE_WHERE_SIZE];
	int err = software_rules_parse(s->settings, ret, where);

	if (!err) {
		s->unread[0] = 0;
		json_decref(s->good);
		s->good = json_incref(s->settings);
		return 0;
	}
	text_fit(s->unread, sizeof(s->unread), where);
	log_error("the policy's '%s' for software is not understood; the rules before stay", where);
	return software_rules_parse(s->good, ret, where);
}

static void obey(struct software *s)
{
	struct software_rules rules, copy;
	int err = parse(s, &rules);

	if (err) {
		log_error("the rules for software cannot be followed: %s", strerror(-err));
		return;
	}
	copy = rules; /* to ask for its marks: the judge owns what it points to */
	software_judge_set_clock(s->judge, trusted_clock_now_ms(s->host->clock));
	err = software_judge_follow(s->judge, &rules, s->mode == GUARD_ENFORCE, s->host->root);
	s->no_packages = err == -ENOENT;
	if (err && err != -ENOENT)
		log_error("the packages' files could not be read: %s", strerror(-err));
	drop_lessons(s);
	s->denies = !software_rules_are_idle(&copy);
	if (is_on(s))
		open_gate(s);
	if (!s->gate)
		return;
	watch(s, &copy);
	if (is_on(s))
		software_judge_each_denied(s->judge, add_lesson, s);
	learn_more(s);
	arm_again(s);
}

static void on_again(void *arg)
{
	struct software *s = arg;

	obey(s);
	tell_means(s);
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	struct software *s = state;
	json_t *wanted = settings ? json_deep_copy(settings) : json_object();

	if (s->settings && s->mode == mode && json_equal(s->settings, wanted)) {
		json_decref(wanted);
		return;
	}
	json_decref(s->settings);
	s->settings = wanted;
	s->mode = mode;
	obey(s);
	if (is_on(s))
		tell_means(s);
	else
		s->ran_at_ms = 0;
	s->host->look(s->host->arg);
}

static void resume(void *state)
{
	struct software *s = state;

	tell(s);
	if (is_on(s))
		tell_means(s);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct software *s = c->state;
	struct finding f = {.state = FINDING_GOOD};

	if (s ? s->denies && (!s->gate || s->failed) : c->settings != NULL)
		f = (struct finding){FINDING_BAD, &reasons[NOT_HELD], ""};
	else if (s && s->ran_at_ms && c->now_ms - s->ran_at_ms < RAN_MS)
		f = (struct finding){FINDING_BAD, &reasons[RAN], ""};
	else if (s && s->unread[0])
		f = (struct finding){FINDING_UNKNOWN, &reasons[RULES], ""};
	if (f.reason == &reasons[RAN])
		text_fit(f.detail, sizeof(f.detail), s->ran);
	else if (f.reason == &reasons[RULES])
		text_fit(f.detail, sizeof(f.detail), s->unread);
	*ret = f;
}

static void stop(void *state)
{
	struct software *s = state;

	if (!s)
		return;
	exec_gate_free(s->gate);
	loop_watch_remove(s->wake_watch);
	loop_watch_remove(s->mounts_watch);
	loop_timer_free(s->again);
	loop_timer_free(s->learn);
	drop_lessons(s);
	software_judge_free(s->judge);
	told_done(&s->means);
	json_decref(s->settings);
	json_decref(s->good);
	close_cleanup(&s->wake_fd);
	close_cleanup(&s->mounts_fd);
	free(s);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct software *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->host = h;
	s->mounts_fd = mounts_watch();
	told_init(&s->means, h, "software");
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = s->mounts_fd < 0 ? s->mounts_fd
	      : s->wake_fd < 0 ? -errno
			       : software_judge_new(wake, s, &s->judge);
	if (!err)
		err = loop_timer_new(h->loop, on_again, s, &s->again);
	if (!err)
		err = loop_timer_new(h->loop, learn_more, s, &s->learn);
	if (!err)
		err = loop_watch_fd(h->loop, s->wake_fd, EPOLLIN, on_wake, s, &s->wake_watch);
	if (err)
		stop(s);
	else
		*ret_state = s;
	return err;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.stop = stop,
};

const struct guard guard_software = {
	.name = "software",
	.clause = "D14",
	.zh = "软件管控",
	.en = "software",
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
