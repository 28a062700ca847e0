/*
 * A finding of the listener may isolate its terminal: which ones do is a setting ([findings] in
 * menshend.conf, none unless said). The breaker stands before (invariant 12): when so many of the
 * terminal's unit were isolated within the window that this one would be too many, nobody more is,
 * and "breaker.tripped" says so once a window. A life-line terminal is never isolated so, one that
 * is isolated already stays as it is, and a MAC without terminal has nothing to isolate.
 */
#pragma once

#include "base/mac.h"
#include "policy/finding.h"
#include "server/engine/engine.h"

struct finding_policy {
	uint32_t isolates; /* finding_set_parse() */
	uint64_t percent, least;
	int64_t window_ms;
};

/*
 * Inside apply(). `alarmed_ms` is when a breaker was last told of, kept by the caller between
 * calls; `topics` gets what changed.
 */
int isolate_for_finding(struct store *s, int64_t now_ms, const struct finding_policy *p,
			const char *code, const struct mac *mac, const char *note,
			int64_t *alarmed_ms, uint32_t *topics) MUST_CHECK;
