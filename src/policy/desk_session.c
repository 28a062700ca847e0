#include "policy/desk_session.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

#define MINUTES_MAX 1440
#define WARN_MINUTES 15

static int parse_minutes(const json_t *settings, const char *word, json_int_t least, int64_t *ret,
			 char *where)
{
	const json_t *v = json_object_get(settings, word);
	json_int_t n = json_integer_value(v);

	snprintf(where, DESK_SESSION_WHERE_SIZE, "%s", word);
	if (!v)
		return 0;
	if (!json_is_integer(v) || n < least || n > MINUTES_MAX)
		return -EINVAL;
	*ret = n * MINUTE_MS;
	return 0;
}

/* "1-5 08:00-18:30", "6 09:00-12:00" */
static int parse_window(const char *text, uint32_t *ret)
{
	unsigned first, last, h1, m1, h2, m2;
	struct hours_window w = {.days = 0};
	int used = 0;

	if (sscanf(text, "%1u-%1u %2u:%2u-%2u:%2u%n", &first, &last, &h1, &m1, &h2, &m2, &used) !=
	    6) {
		used = 0;
		if (sscanf(text, "%1u %2u:%2u-%2u:%2u%n", &first, &h1, &m1, &h2, &m2, &used) != 5)
			return -EINVAL;
		last = first;
	}
	if (text[used] || first < 1 || last > 7 || first > last || h1 > 23 || m1 > 59 || h2 > 24 ||
	    m2 > 59)
		return -EINVAL;
	for (unsigned day = first; day <= last; day++)
		w.days |= 1U << (day - 1);
	w.from_minute = h1 * 60 + m1;
	w.until_minute = h2 * 60 + m2;
	return hours_pack(&w, ret);
}

static int parse_hours(const json_t *list, struct desk_session_rules *r, char *where)
{
	size_t count = json_array_size(list);

	snprintf(where, DESK_SESSION_WHERE_SIZE, "hours");
	if (list && (!json_is_array(list) || count > HOURS_MOST))
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		snprintf(where, DESK_SESSION_WHERE_SIZE, "hours[%zu]", i);
		if (!text || parse_window(text, &r->hours[i]))
			return -EINVAL;
	}
	r->hours_count = count;
	return 0;
}

static int parse_leave(const json_t *list, struct desk_session_rules *r, char *where)
{
	size_t count = json_array_size(list);

	snprintf(where, DESK_SESSION_WHERE_SIZE, "leave");
	if (list && (!json_is_array(list) || count > DESK_LEAVES_MAX))
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i), *user = json_object_get(one, "user");
		const char *until = json_string_value(json_object_get(one, "until"));

		snprintf(where, DESK_SESSION_WHERE_SIZE, "leave[%zu].user", i);
		if (user && (!json_is_string(user) ||
			     text_copy(r->leave[i].user, DESK_USER_SIZE, json_string_value(user))))
			return -EINVAL;
		snprintf(where, DESK_SESSION_WHERE_SIZE, "leave[%zu].until", i);
		if (!until || clock_parse(until, &r->leave[i].until_ms))
			return -EINVAL;
	}
	r->leave_count = count;
	return 0;
}

static int parse_poweroff(const json_t *v, struct desk_session_rules *r, char *where)
{
	const char *text = json_string_value(v);

	snprintf(where, DESK_SESSION_WHERE_SIZE, "poweroff");
	r->off_for_all = text_equal(text, "all");
	return !v || r->off_for_all || text_equal(text, "idle") ? 0 : -EINVAL;
}

int desk_session_rules_parse(const json_t *settings, struct desk_session_rules *ret,
			     char where[static DESK_SESSION_WHERE_SIZE])
{
	struct desk_session_rules r = {.warn_ms = WARN_MINUTES * MINUTE_MS};
	int err = parse_minutes(settings, "lock_min", 1, &r.lock_ms, where);

	if (!err)
		err = parse_minutes(settings, "logoff_min", 1, &r.logoff_ms, where);
	if (!err)
		err = parse_minutes(settings, "warn_min", 0, &r.warn_ms, where);
	if (!err)
		err = parse_hours(json_object_get(settings, "hours"), &r, where);
	if (!err)
		err = parse_poweroff(json_object_get(settings, "poweroff"), &r, where);
	if (!err)
		err = parse_leave(json_object_get(settings, "leave"), &r, where);
	if (!err)
		*ret = r;
	return err;
}

enum desk_session_act desk_session_judge(const struct desk_session_rules *r,
					 const struct desk_session_facts *s)
{
	if (s->idle_ms < 0)
		return DESK_SESSION_STAYS;
	if (r->logoff_ms && s->idle_ms >= r->logoff_ms)
		return DESK_SESSION_END;
	if (r->lock_ms && s->idle_ms >= r->lock_ms && !s->locked)
		return DESK_SESSION_LOCK;
	return DESK_SESSION_STAYS;
}

static bool has_leave(const struct desk_session_rules *r, const struct desk_session_facts *list,
		      size_t count, int64_t now_ms)
{
	for (size_t i = 0; i < r->leave_count; i++) {
		if (r->leave[i].until_ms <= now_ms)
			continue;
		if (!r->leave[i].user[0])
			return true;
		for (size_t j = 0; j < count; j++)
			if (text_equal(r->leave[i].user, list[j].user))
				return true;
	}
	return false;
}

bool desk_session_wants_off(const struct desk_session_rules *r,
			    const struct desk_session_facts *list, size_t count, int64_t now_ms)
{
	if (!r->hours_count || hours_hold(r->hours, r->hours_count, now_ms) ||
	    has_leave(r, list, count, now_ms))
		return false;
	for (size_t i = 0; i < count && !r->off_for_all; i++)
		if (list[i].idle_ms < r->warn_ms) /* a session that nobody knows, too */
			return false;
	return true;
}
