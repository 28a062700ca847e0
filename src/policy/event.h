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
