/*
 * The agent's report in sentences: what is wrong first, how to mend it beside it. Chinese or
 * English; the words are those of the guards' and the verdicts' own tables.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"

enum language { LANGUAGE_ZH, LANGUAGE_EN };

/* From --lang or $LANG; what is neither zh nor en is Chinese. */
enum language language_from(const char *name);

/*
 * `report` may be NULL: no agent ever ran here. `running`: it is of this moment, else what was left
 * when it stopped. True when all is well.
 */
bool status_describe(const json_t *report, bool running, int64_t now_ms, enum language language,
		     struct buf *to);
