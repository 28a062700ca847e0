/*
 * What every act of the audit log means, for people: docs/events.md is made from this table, and a
 * test holds it to the names that the code writes. A name never changes its meaning.
 */
#pragma once

#include "base/util.h"

struct act_name {
	const char *act;    /* "terminal.isolate"; one that ends with a dot begins a family */
	const char *clause; /* of the regulation, "" when none */
	const char *zh, *en;
};

extern const struct act_name act_names[];
extern const size_t act_name_count;
