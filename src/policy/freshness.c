#include "policy/freshness.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define HOURS_USUAL 24

bool freshness_hours_are_good(const json_t *v)
{
	return json_is_integer(v) && json_integer_value(v) >= 1 &&
	       json_integer_value(v) <= FRESHNESS_HOURS_MAX;
}

void freshness_rules_read(const json_t *body, struct freshness_rules *ret)
{
	const json_t *settings = json_object_get(json_object_get(body, "guards"), "policy");
	const json_t *hours = json_object_get(settings, "behind_hours");
	const char *mode = json_string_value(json_object_get(settings, "mode"));

	*ret = (struct freshness_rules){.behind_hours = HOURS_USUAL};
	if (!mode || guard_mode_parse(mode, &ret->mode))
		ret->mode = GUARD_OFF;
	if (freshness_hours_are_good(hours))
		ret->behind_hours = (unsigned)json_integer_value(hours);
}

void freshness_judge(const struct freshness_rules *rules, int64_t newer_since_ms, int64_t now_ms,
		     enum posture *posture, char *failing, size_t size)
{
	char before[512];
	bool first = rules->mode == GUARD_ENFORCE && *posture != POSTURE_BAD;

	if (rules->mode == GUARD_OFF || !newer_since_ms ||
	    now_ms - newer_since_ms < rules->behind_hours * HOUR_MS)
		return;
	text_fit(before, sizeof(before), failing);
	if (strlen(before) + strlen("," FRESHNESS_CODE) >= size) {
		before[size - strlen("," FRESHNESS_CODE) - 1] = 0;
		before[strrchr(before, ',') ? (size_t)(strrchr(before, ',') - before) : 0] = 0;
	}
	if (!before[0])
		snprintf(failing, size, FRESHNESS_CODE);
	else if (first)
		snprintf(failing, size, FRESHNESS_CODE ",%s", before);
	else
		snprintf(failing, size, "%s," FRESHNESS_CODE, before);
	if (rules->mode == GUARD_ENFORCE)
		*posture = POSTURE_BAD;
}

bool freshness_fails_alone(const char *failing)
{
	size_t len = strlen(FRESHNESS_CODE);

	return strncmp(failing, FRESHNESS_CODE, len) == 0 &&
	       (failing[len] == ',' || failing[len] == 0);
}
