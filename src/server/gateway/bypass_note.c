#include "server/gateway/bypass_note.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

int bypass_note_parse(const char *note, struct bypass_spec *ret)
{
	static const char until[] = "bypass until ";
	char at[CLOCK_TEXT_SIZE];
	long long unit = 0;
	int used = 0;

	if (sscanf(note, "unit %lld: %n", &unit, &used) != 1 || !used || unit <= 0)
		return -EBADMSG;
	ret->unit_id = unit;
	ret->why = note + used;
	if (!text_starts(ret->why, until))
		return 0; /* an end has no date */
	if (sscanf(ret->why + sizeof(until) - 1, "%31s", at) != 1)
		return -EBADMSG;
	return clock_parse(at, &ret->until_ms);
}
