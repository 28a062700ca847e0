/*
 * Clauses D25 and C07: the bank's antivirus is installed, runs, and has current definitions.
 * Policy: {"mode": ..., "definitions_max_days": 7, "products": ["clamav"]} ("products" missing:
 * any that the table knows).
 */
#include <stdio.h>

#include "agent/guards/antivirus_product.h"
#include "agent/guards/guard.h"
#include "base/clock.h"
#include "base/text.h"

#define DEFINITIONS_MAX_DAYS 7

enum { MISSING, STOPPED, WITHOUT_DEFINITIONS, OUTDATED, UNREADABLE };

static const struct guard_reason reasons[] = {
	[MISSING] = {"missing", "没有安装防病毒软件", "no antivirus is installed",
		     "请安装统一防病毒软件，或请桌面管理员协助安装",
		     "install the bank's antivirus, or ask your desktop administrator"},
	[STOPPED] = {"stopped", "防病毒软件没有运行", "the antivirus does not run",
		     "请启动防病毒软件；启动不了请重启电脑",
		     "start the antivirus; restart the computer if it will not"},
	[WITHOUT_DEFINITIONS] = {"no-definitions", "防病毒软件没有病毒库",
				 "the antivirus has no virus definitions", "请立即更新病毒库",
				 "update the virus definitions now"},
	[OUTDATED] = {"outdated", "病毒库过期", "the virus definitions are out of date",
		      "请立即更新病毒库", "update the virus definitions now"},
	[UNREADABLE] = {"unreadable", "无法检查防病毒软件", "the antivirus could not be checked",
			"请联系本机构桌面管理员", "ask your desktop administrator"},
};

static const struct guard_reason *const reason_of[] = {
	[ANTIVIRUS_MISSING] = &reasons[MISSING],
	[ANTIVIRUS_STOPPED] = &reasons[STOPPED],
	[ANTIVIRUS_WITHOUT_DEFINITIONS] = &reasons[WITHOUT_DEFINITIONS],
	[ANTIVIRUS_OUTDATED] = &reasons[OUTDATED],
	[ANTIVIRUS_GOOD] = NULL,
};

static const char *const watched[] = {
	"/var/lib/clamav",
	"/run/clamav",
	"/usr/sbin",
	NULL,
};

static bool is_accepted(const json_t *settings, const char *id)
{
	const json_t *products = json_object_get(settings, "products");

	if (!json_is_array(products))
		return true;
	for (size_t i = 0; i < json_array_size(products); i++)
		if (text_equal(json_string_value(json_array_get(products, i)), id))
			return true;
	return false;
}

static int64_t max_age_ms(const json_t *settings)
{
	json_int_t days = json_integer_value(json_object_get(settings, "definitions_max_days"));

	return (days > 0 && days < 3650 ? days : DEFINITIONS_MAX_DAYS) * DAY_MS;
}

static void describe(const struct antivirus_product *p, int64_t made_ms, char *dst)
{
	char when[CLOCK_TEXT_SIZE];

	clock_format_cst(when, made_ms);
	if (made_ms)
		snprintf(dst, FINDING_DETAIL_SIZE, "%s, %.16s", p->name, when);
	else
		snprintf(dst, FINDING_DETAIL_SIZE, "%s", p->name);
}

/* The best product counts. */
static void check(const struct guard_context *c, struct finding *ret)
{
	enum antivirus_state best = ANTIVIRUS_MISSING;
	struct finding f = {.state = FINDING_BAD};

	for (size_t i = 0; i < antivirus_product_count; i++) {
		const struct antivirus_product *p = &antivirus_products[i];
		enum antivirus_state state;
		int64_t made_ms;

		if (!is_accepted(c->settings, p->id))
			continue;
		if (antivirus_look(p, c->root, c->now_ms, max_age_ms(c->settings), &state,
				   &made_ms)) {
			*ret = (struct finding){FINDING_UNKNOWN, &reasons[UNREADABLE], ""};
			return;
		}
		if (state <= best)
			continue;
		best = state;
		describe(p, made_ms, f.detail);
	}
	f.state = best == ANTIVIRUS_GOOD ? FINDING_GOOD : FINDING_BAD;
	f.reason = reason_of[best];
	*ret = f;
}

const struct guard guard_antivirus = {
	.name = "antivirus",
	.clause = "D25",
	.zh = "防病毒",
	.en = "antivirus",
	.unnamed = GUARD_WARN,
	.reasons = reasons,
	.reason_count = ARRAY_SIZE(reasons),
	.watched = watched,
	.check = check,
};
