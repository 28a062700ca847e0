/*
 * Clauses D26 and D30: every account of this desk has a password, a good one, not for ever, and
 * belongs to one known person. Looked at every ten minutes and when a file changed; told as one
 * event when the result changes:
 *
 *	{"accounts": [{"name": "li", "trouble": ["weak", "unchanged"]}]}
 *
 * Policy: {"mode": ..., "max_days": 90, "admins": ["it"], "accounts": ["li", "it"],
 * "words": ["bank2026"]}. Without "admins" or "accounts" anybody may be one. Weak passwords are
 * looked for when the policy or a password changed; no password and no hash leaves the terminal.
 */
#include <stdio.h>
#include <string.h>

#include "agent/guards/told.h"
#include "agent/guards/weak_search.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define PERIOD_MS (10 * MINUTE_MS)
#define MAX_DAYS 90

enum { TROUBLE, UNREADABLE };

static const struct guard_reason reasons[] = {
	[TROUBLE] = {"trouble", "本机账号或口令不符合规定",
		     "an account or a password of this computer is against the rules",
		     "请更换弱口令或过期口令；不明账号请联系本机构桌面管理员",
		     "change the weak or old password; ask your desktop administrator about "
		     "accounts that you do not know"},
	[UNREADABLE] = {"unreadable", "无法检查本机账号", "the accounts could not be checked",
			"请联系本机构桌面管理员", "ask your desktop administrator"},
};

struct accounts_guard {
	const struct guard_host *host;
	enum guard_mode mode;
	json_t *settings; /* the policy's, a reference of our own; NULL: none */
	struct told told;
	struct loop_timer *timer;
	struct weak_search *search;
	char (*searched)[ACCOUNT_NAME_SIZE]; /* the accounts of the search, in its order */
	size_t searched_count;
	uint32_t fingerprint;	       /* of what was searched last */
	json_t *weak;		       /* names */
	json_t *result;		       /* as it is told; NULL: nothing was readable yet */
	char first[ACCOUNT_NAME_SIZE]; /* of those in trouble, "" for none */
};

/* ---- weak passwords ---- */

static uint32_t fingerprint_of(const struct accounts *all, const json_t *words)
{
	CLEANUP_FREE char *text = json_dumps(words, JSON_COMPACT | JSON_ENCODE_ANY);
	uint32_t sum = text ? text_hash(text) : 1;

	for (size_t i = 0; i < all->count; i++)
		sum = sum * 31 + (text_hash(all->list[i].name) ^ text_hash(all->list[i].hash));
	return sum;
}

static void look(void *arg);

static void on_searched(void *arg, const uint8_t weak[static ACCOUNTS_MAX])
{
	struct accounts_guard *g = arg;

	json_array_clear(g->weak);
	for (size_t i = 0; i < g->searched_count; i++)
		if (weak[i])
			json_array_append_new(g->weak, json_string(g->searched[i]));
	loop_timer_arm(g->timer, 1); /* the search must not be freed within its own call */
}

/* The hash of a password is not kept: a fingerprint tells that one changed. */
static void search(struct accounts_guard *g, const struct accounts *all)
{
	const json_t *words = json_object_get(g->settings, "words");
	uint32_t fingerprint = fingerprint_of(all, words);
	int err;

	if (fingerprint == g->fingerprint)
		return;
	weak_search_free(TAKE_PTR(g->search));
	for (size_t i = 0; i < all->count; i++)
		text_fit(g->searched[i], ACCOUNT_NAME_SIZE, all->list[i].name);
	g->searched_count = all->count;
	err = weak_search_new(g->host->loop, all, words, on_searched, g, &g->search);
	if (err)
		log_error("weak passwords are not looked for: %s", strerror(-err));
	else
		g->fingerprint = fingerprint;
}

static bool is_weak(const struct accounts_guard *g, const char *name)
{
	for (size_t i = 0; i < json_array_size(g->weak); i++)
		if (text_equal(json_string_value(json_array_get(g->weak, i)), name))
			return true;
	return false;
}

/* ---- looking ---- */

static json_t *troubles(unsigned found)
{
	json_t *list = json_array();

	for (unsigned t = 0; t < ACCOUNT_TROUBLES; t++)
		if (found & 1U << t)
			json_array_append_new(list, json_string(account_trouble_name(t)));
	return list;
}

static json_t *judge(struct accounts_guard *g, const struct accounts *all)
{
	json_int_t max_days = json_integer_value(json_object_get(g->settings, "max_days"));
	const struct account_rules rules = {.max_days = max_days > 0 && max_days < 3650 ? max_days
											: MAX_DAYS,
					    .admins = json_object_get(g->settings, "admins"),
					    .accounts = json_object_get(g->settings, "accounts")};
	int64_t today = trusted_clock_now_ms(g->host->clock) / DAY_MS;
	json_t *list = json_array();

	g->first[0] = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct account *a = &all->list[i];
		unsigned found = account_judge(&rules, all, a, today);

		if (a->login && a->password == PASSWORD_SET && is_weak(g, a->name))
			found |= 1U << ACCOUNT_WEAK;
		if (!found)
			continue;
		if (!g->first[0])
			text_fit(g->first, sizeof(g->first), a->name);
		json_array_append_new(
			list, json_pack("{s:s, s:o}", "name", a->name, "trouble", troubles(found)));
	}
	return json_pack("{s:o}", "accounts", list);
}

static void look_at(struct accounts_guard *g, struct accounts *all)
{
	int err = accounts_load(g->host->root, all);

	json_decref(g->result);
	g->result = NULL;
	if (err) {
		log_error("the accounts cannot be read: %s", strerror(-err));
		return;
	}
	search(g, all);
	g->result = judge(g, all);
	told_say(&g->told, json_incref(g->result));
}

static void look(void *arg)
{
	struct accounts_guard *g = arg;
	struct accounts *all = g->mode == GUARD_OFF ? NULL : calloc(1, sizeof(*all));

	if (all) {
		look_at(g, all);
		accounts_wipe(all);
		free(all);
		g->host->look(g->host->arg);
	}
	loop_timer_arm(g->timer, PERIOD_MS);
}

/* ---- the guard ---- */

static void check(const struct guard_context *c, struct finding *ret)
{
	const struct accounts_guard *g = c->state;
	struct finding f = {.state = FINDING_GOOD};

	if (g && !g->result)
		f = (struct finding){FINDING_UNKNOWN, &reasons[UNREADABLE], ""};
	else if (g && g->first[0]) {
		f = (struct finding){FINDING_BAD, &reasons[TROUBLE], ""};
		text_fit(f.detail, sizeof(f.detail), g->first);
	}
	*ret = f;
}

static void follow(void *state, enum guard_mode mode, const json_t *settings)
{
	struct accounts_guard *g = state;

	g->mode = mode;
	json_decref(g->settings);
	g->settings = json_deep_copy(settings);
	look(g);
}

static void resume(void *state)
{
	struct accounts_guard *g = state;

	if (g->mode != GUARD_OFF && g->result)
		told_say(&g->told, json_incref(g->result));
}

static void stop(void *state)
{
	struct accounts_guard *g = state;

	if (!g)
		return;
	weak_search_free(g->search);
	loop_timer_free(g->timer);
	json_decref(g->settings);
	json_decref(g->weak);
	json_decref(g->result);
	told_done(&g->told);
	free(g->searched);
	free(g);
}

static int start(const struct guard_host *h, void **ret_state)
{
	struct accounts_guard *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->host = h;
	told_init(&g->told, h, "accounts");
	g->weak = json_array();
	g->searched = calloc(ACCOUNTS_MAX, sizeof(*g->searched));
	err = g->weak && g->searched ? loop_timer_new(h->loop, look, g, &g->timer) : -ENOMEM;
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

const struct guard guard_accounts = {
	.name = "accounts",
	.clause = "D26",
	.zh = "本机账号与口令",
	.en = "this computer's accounts",
	.unnamed = GUARD_WARN,
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.check = check,
	.acts = &acts,
};
