#include <string.h>

#include "agent/guards/accounts.h"
#include "base/text.h"

static const char *const names[ACCOUNT_TROUBLES] = {
	[ACCOUNT_EMPTY] = "empty",	   [ACCOUNT_WEAK] = "weak",
	[ACCOUNT_UNCHANGED] = "unchanged", [ACCOUNT_ENDLESS] = "endless",
	[ACCOUNT_SHARED_ID] = "shared-id", [ACCOUNT_ADMIN] = "admin",
	[ACCOUNT_UNKNOWN] = "unknown",
};

const char *account_trouble_name(enum account_trouble t)
{
	return names[t];
}

void accounts_wipe(struct accounts *a)
{
	for (size_t i = 0; i < a->count; i++)
		explicit_bzero(a->list[i].hash, sizeof(a->list[i].hash));
}

/* A list that is not there names everybody. */
static bool is_named(const json_t *list, const char *name)
{
	if (!json_is_array(list))
		return true;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (text_equal(json_string_value(json_array_get(list, i)), name))
			return true;
	return false;
}

static bool shares_id(const struct accounts *all, const struct account *a)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].uid == a->uid && !text_equal(all->list[i].name, a->name))
			return true;
	return false;
}

static unsigned judge_password(const struct account_rules *r, const struct account *a,
			       int64_t today)
{
	unsigned t = 0;

	if (a->password == PASSWORD_NONE)
		return 1U << ACCOUNT_EMPTY;
	if (a->password == PASSWORD_LOCKED)
		return 0;
	if (a->changed_day >= 0 && today - a->changed_day > r->max_days)
		t |= 1U << ACCOUNT_UNCHANGED;
	if (a->max_days < 0 || a->max_days > r->max_days)
		t |= 1U << ACCOUNT_ENDLESS;
	return t;
}

unsigned account_judge(const struct account_rules *r, const struct accounts *all,
		       const struct account *a, int64_t today)
{
	unsigned t;

	if (!a->login)
		return 0;
	t = judge_password(r, a, today);
	if (shares_id(all, a))
		t |= 1U << ACCOUNT_SHARED_ID;
	/* Root is the system's own; a second one with its number shares it. */
	if (a->admin && !text_equal(a->name, "root") && !is_named(r->admins, a->name))
		t |= 1U << ACCOUNT_ADMIN;
	if (!text_equal(a->name, "root") && !is_named(r->accounts, a->name))
		t |= 1U << ACCOUNT_UNKNOWN;
	return t;
}
