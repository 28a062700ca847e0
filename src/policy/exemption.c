#include "policy/exemption.h"

#include <stdlib.h>
#include <string.h>

static int64_t until_of(const char *exemptions, const char *what, size_t len)
{
	int64_t until_ms = 0;

	while (*exemptions) {
		size_t one = strcspn(exemptions, ",");
		const char *colon = memchr(exemptions, ':', one);

		if (colon && (size_t)(colon - exemptions) == len &&
		    memcmp(exemptions, what, len) == 0)
			until_ms = MAX(until_ms, strtoll(colon + 1, NULL, 10));
		exemptions += one + (exemptions[one] == ',');
	}
	return until_ms;
}

int64_t exemption_until(const char *exemptions, const char *what)
{
	return until_of(exemptions, what, strlen(what));
}

int64_t exemption_of_posture(const char *exemptions, const char *failing)
{
	int64_t until_ms = 0;

	while (*failing) {
		size_t one = strcspn(failing, ","), guard = strcspn(failing, ".,");
		int64_t ends_ms = MAX(until_of(exemptions, failing, one),
				      until_of(exemptions, failing, guard));

		if (!ends_ms)
			return 0;
		until_ms = until_ms ? MIN(until_ms, ends_ms) : ends_ms;
		failing += one + (failing[one] == ',');
	}
	return until_ms;
}
