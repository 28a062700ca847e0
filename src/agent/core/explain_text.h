/*
 * What an acting guard decided on the things that are here, in sentences: `menshen-agent explain`.
 */
#pragma once

#include "agent/core/status_text.h"

/*
 * `report` as in status_describe(), not NULL. -ENOENT: the guard is none that decides on things, or
 * it does not act here.
 */
int explain_describe(const json_t *report, const char *guard, enum language language,
		     struct buf *to) MUST_CHECK;
