/*
 * The kinds of mass records: what gates and agents report in great number. They lie in monthly
 * files under one root per commit. docs/events.md is made from this table, and a test holds it to
 * the names that gate and agent send. A name never changes its meaning.
 */
#pragma once

#include "base/util.h"

enum event_source { EVENT_GATE, EVENT_AGENT };

struct event_kind {
	const char *name; /* "session.start": what travels and is stored */
	enum event_source source;
	bool alarm; /* the server also writes an entry of this name into the audit log */
	const char *zh, *en;
};

extern const struct event_kind event_kinds[];
extern const size_t event_kind_count;

/* NULL: no such kind. */
const struct event_kind *event_kind_find(const char *name);
/*
 * A choice of kinds, words with spaces between: a kind's name, a family with its dot ("session."),
 * "all" or "none".
 */
bool event_kinds_have(const char *choice, const char *name);
/* -EINVAL: a word is none of these. */
int event_kinds_check(const char *choice) MUST_CHECK;
