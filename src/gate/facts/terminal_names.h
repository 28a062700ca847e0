/*
 * Terminals by a name that people gave them: host name or asset number, letters folded. Two that
 * share a name are nobody's. Kept only by a gate that is asked for names, because it costs memory.
 */
#pragma once

#include "base/map.h"
#include "gate/facts/snapshot.h"

struct terminal_name;

struct terminal_names {
	bool by_asset_no; /* else by host name */
	struct map by_name;
};

void terminal_names_init(struct terminal_names *n, bool by_asset_no);
void terminal_names_done(struct terminal_names *n);
int terminal_names_add(struct terminal_names *n, const struct snap_terminal *t) MUST_CHECK;
void terminal_names_remove(struct terminal_names *n, const struct snap_terminal *t);
/* NULL: nobody, or more than one. A host name may come with its domain. */
const struct snap_terminal *terminal_names_get(const struct terminal_names *n, const char *name);
