#include "policy/draft.h"

#include <stdio.h>

#include "base/clock.h"
#include "policy/address.h"
#include "policy/desk_session.h"
#include "policy/egress.h"
#include "policy/freshness.h"
#include "policy/shares.h"
#include "policy/software_rules.h"
#include "policy/storage_rules.h"

#define DAYS_MAX 3649 /* ten years */

typedef bool is_good_fn(const json_t *v);

static bool are_texts(const json_t *v)
{
	bool good = json_is_array(v);

	for (size_t i = 0; good && i < json_array_size(v); i++)
		good = json_string_length(json_array_get(v, i)) > 0;
	return good;
}

static bool is_bool(const json_t *v)
{
	return json_is_boolean(v);
}

static bool is_within(const json_t *v, json_int_t most)
{
	return json_is_integer(v) && json_integer_value(v) >= 1 && json_integer_value(v) <= most;
}

static bool is_days(const json_t *v)
{
	return is_within(v, DAYS_MAX);
}

static bool is_percent(const json_t *v)
{
	return is_within(v, 100);
}

/* [{"check": "sysctl.aslr", "until": "2026-12-31T16:00:00Z"}]: an exception without end is none. */
static bool are_exceptions(const json_t *v)
{
	bool good = json_is_array(v);

	for (size_t i = 0; good && i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);
		const char *until = json_string_value(json_object_get(one, "until"));
		int64_t until_ms;

		good = json_is_string(json_object_get(one, "check")) && until &&
		       clock_parse(until, &until_ms) == 0;
	}
	return good;
}

/* What each guard reads of its part of the policy; a word that lacks has the guard's default. */
static const struct {
	const char *guard, *word;
	is_good_fn *is_good;
} words[] = {
	{"accounts", "accounts", are_texts},
	{"accounts", "admins", are_texts},
	{"accounts", "max_days", is_days},
	{"accounts", "words", are_texts},
	{"antivirus", "definitions_max_days", is_days},
	{"antivirus", "products", are_texts},
	{"baseline", "except", are_exceptions},
	{"baseline", "mend", is_bool},
	{"baseline", "score_min", is_percent},
	{"files", "places", are_texts},
	{"files", "reads", is_bool},
	{"policy", "behind_hours", freshness_hours_are_good},
};

static int wrong(char *where, const char *guard, const char *word)
{
	snprintf(where, POLICY_WHERE_SIZE, "guards.%s%s%s", guard, *word ? "." : "", word);
	return -EINVAL;
}

static int check_words(const json_t *guards, char *where)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const json_t *guard = json_object_get(guards, words[i].guard);
		const json_t *v = json_object_get(guard, words[i].word);

		if (v && !words[i].is_good(v))
			return wrong(where, words[i].guard, words[i].word);
	}
	return 0;
}

static int check_address(const json_t *guards, char *where)
{
	const json_t *settings = json_object_get(guards, "address");
	char at[ADDRESS_WHERE_SIZE] = "";
	struct address_rules rules;
	int err = settings ? address_rules_parse(settings, &rules, at) : 0;

	return err == -EINVAL ? wrong(where, "address", at) : err;
}

static int check_egress(const json_t *guards, char *where)
{
	const json_t *settings = json_object_get(guards, "egress");
	char at[EGRESS_WHERE_SIZE] = "";
	struct egress_rules rules;

	return settings && egress_rules_parse(settings, &rules, at) ? wrong(where, "egress", at)
								    : 0;
}

static int check_session(const json_t *guards, char *where)
{
	const json_t *settings = json_object_get(guards, "session");
	char at[DESK_SESSION_WHERE_SIZE] = "";
	struct desk_session_rules rules;

	return settings && desk_session_rules_parse(settings, &rules, at)
		       ? wrong(where, "session", at)
		       : 0;
}

static int check_shares(const json_t *guards, char *where)
{
	const json_t *settings = json_object_get(guards, "shares");
	CLEANUP_FREE struct share_rules *rules = calloc(1, sizeof(*rules));
	char at[SHARES_WHERE_SIZE] = "";
	int err = rules ? 0 : -ENOMEM;

	if (!err && settings)
		err = share_rules_parse(settings, rules, at);
	return err == -EINVAL ? wrong(where, "shares", at) : err;
}

static int check_software(const json_t *guards, char *where)
{
	const json_t *settings = json_object_get(guards, "software");
	char at[SOFTWARE_WHERE_SIZE] = "";
	struct software_rules rules;
	int err = settings ? software_rules_parse(settings, &rules, at) : 0;

	if (settings && !err)
		software_rules_done(&rules);
	return err == -ENOMEM ? err : err ? wrong(where, "software", at) : 0;
}

static int check_storage(const json_t *guards, char *where)
{
	const json_t *settings = json_object_get(guards, "storage");
	char at[STORAGE_WHERE_SIZE] = "";
	struct storage_rules rules;
	int err = settings ? storage_rules_parse(settings, &rules, at) : 0;

	if (settings && !err)
		storage_rules_done(&rules);
	return err == -ENOMEM ? err : err ? wrong(where, "storage", at) : 0;
}

int policy_draft_check(const json_t *body, char where[static POLICY_WHERE_SIZE])
{
	const json_t *guards = json_object_get(body, "guards");
	int err = policy_body_check(body, where);

	if (!err)
		err = check_words(guards, where);
	if (!err)
		err = check_address(guards, where);
	if (!err)
		err = check_egress(guards, where);
	if (!err)
		err = check_session(guards, where);
	if (!err)
		err = check_shares(guards, where);
	if (!err)
		err = check_software(guards, where);
	if (!err)
		err = check_storage(guards, where);
	return err;
}
