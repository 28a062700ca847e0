/*
 * Clause A05: the desk is configured to the baseline. Looked at every ten minutes and when the
 * policy changes; told as one event when the result changes:
 *
 *	{"score": 87, "good": 55, "bad": ["ssh.root-login"], "unknown": [], "excepted": []}
 *
 * The score is the part of the checks that apply and could be read which are good, in percent.
 * Policy: {"mode": ..., "score_min": 90, "mend": false, "except": [{"check": "net.forward",
 * "until": "2026-12-31"}]}. A check is excepted through the day that its exception names. With
 * "mend" an enforcing guard puts right by itself what it can.
 */
#include <stdio.h>
#include <string.h>

#include "agent/guards/baseline_check.h"
#include "agent/guards/told.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define PERIOD_MS (10 * MINUTE_MS)
#define SCORE_MIN 90

enum { BELOW, UNREADABLE };

static const struct guard_reason reasons[] = {
	[BELOW] = {"below", "安全配置不符合基线", "the security settings are below the baseline",
		   "请联系本机构桌面管理员按基线整改",
		   "ask your desktop administrator to set what the baseline wants"},
	[UNREADABLE] = {"unreadable", "无法检查安全配置", "the settings could not be checked",
			"请联系本机构桌面管理员", "ask your desktop administrator"},
};

struct baseline {
	const struct guard_host *host;
	enum guard_mode mode;
	json_t *settings; /* the policy's, a reference of our own; NULL: none */
	enum baseline_state states[BASELINE_CHECKS_MAX];
	bool excepted[BASELINE_CHECKS_MAX];
	size_t good, counted;
	struct told told;
	struct loop_timer *timer;
};

/* ---- looking ---- */

/* Dates compare as text: "2026-12-31". */
static bool is_excepted(const struct baseline *b, const char *id)
{
	const json_t *list = json_object_get(b->settings, "except"), *e;
	char today[CLOCK_TEXT_SIZE];
	size_t i;

	clock_format_cst(today, trusted_clock_now_ms(b->host->clock));
	today[10] = 0;
	json_array_foreach(list, i, e)
	{
		const char *until = json_string_value(json_object_get(e, "until"));

		if (text_equal(json_string_value(json_object_get(e, "check")), id) && until &&
		    strcmp(today, until) <= 0)
			return true;
	}
	return false;
}

static void judge(struct baseline *b, size_t i)
{
	const struct baseline_check *c = &baseline_checks[i];
	bool mend = b->mode == GUARD_ENFORCE && json_is_true(json_object_get(b->settings, "mend"));
	int err;

	b->excepted[i] = is_excepted(b, c->id);
	b->states[i] = baseline_judge(c, b->host->root);
	if (b->states[i] != BASELINE_BAD || b->excepted[i] || !mend || !c->mends)
		return;
	err = baseline_mend(c, b->host->root);
	if (err)
		log_warn("the baseline's %s could not be mended: %s", c->id, strerror(-err));
	else
		b->states[i] = baseline_judge(c, b->host->root);
}

static void count(struct baseline *b)
{
	b->good = b->counted = 0;
	for (size_t i = 0; i < baseline_check_count; i++) {
		b->good += b->states[i] == BASELINE_GOOD;
		b->counted += b->states[i] == BASELINE_GOOD ||
			      (b->states[i] == BASELINE_BAD && !b->excepted[i]);
	}
}

static unsigned score(const struct baseline *b)
{
	return b->counted ? (unsigned)(b->good * 100 / b->counted) : 0;
}

/* ---- telling ---- */

static json_t *names(const struct baseline *b, enum baseline_state state, bool excepted)
{
	json_t *list = json_array();

	for (size_t i = 0; i < baseline_check_count; i++)
		if (b->states[i] == state && b->excepted[i] == excepted)
			json_array_append_new(list, json_string(baseline_checks[i].id));
	return list;
}

static json_t *result(const struct baseline *b)
{
	return json_pack("{s:i, s:i, s:o, s:o, s:o}", "score", (int)score(b), "good", (int)b->good,
			 "bad", names(b, BASELINE_BAD, false), "unknown",
			 names(b, BASELINE_UNKNOWN, false), "excepted",
			 names(b, BASELINE_BAD, true));
}

static void look(void *arg)
{
	struct baseline *b = arg;

	for (size_t i = 0; b->mode != GUARD_OFF && i < baseline_check_count; i++)
		judge(b, i);
	count(b);
	if (b->mode != GUARD_OFF)
		told_say(&b->told, result(b));
	loop_timer_arm(b->timer, PERIOD_MS);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct baseline *b = c->state;
	json_int_t least = json_integer_value(json_object_get(c->settings, "score_min"));
	struct finding f = {.state = FINDING_GOOD};

	if (least < 1 || least > 100)
		least = SCORE_MIN;
	if (b && b->counted == 0)
		f = (struct finding){FINDING_UNKNOWN, &reasons[UNREADABLE], ""};
	else if (b && score(b) < least)
		f = (struct finding){FINDING_BAD, &reasons[BELOW], ""};
	if (f.state == FINDING_BAD)
		snprintf(f.detail, sizeof(f.detail), "%u/100", score(b));
	*ret = f;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	struct baseline *b = state;

	b->mode = mode;
	json_decref(b->settings);
	b->settings = json_deep_copy(settings);
	look(b);
}

static void resume(void *state)
{
	struct baseline *b = state;

	if (b->mode != GUARD_OFF)
		told_say(&b->told, result(b));
}

static void stop(void *state)
{
	struct baseline *b = state;

	if (!b)
		return;
	loop_timer_free(b->timer);
	json_decref(b->settings);
	told_done(&b->told);
	free(b);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct baseline *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	b->host = h;
	told_init(&b->told, h, "baseline");
	err = loop_timer_new(h->loop, look, b, &b->timer);
	if (err)
		stop(b);
	else
		*ret_state = b;
	return err;
}

static const struct guard_acts acts = {
	.start = start,
	.follow = follow,
	.resume = resume,
	.stop = stop,
};

const struct guard guard_baseline = {
	.name = "baseline",
	.clause = "A05",
	.zh = "安全配置基线",
	.en = "the security baseline",
	.unnamed = GUARD_WARN,
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
