/*
 * Terminals by a name that people gave them: host name or asset number, letters folded. Two that
 * share a name are nobody's. Kept only by a gate that is asked for names, because it costs memory.
 */
#pragma once

#include "base/index.h"
#include "base/pool.h"
#include "gate/facts/rows.h"

struct terminal_names {
	bool by_asset_no;	 /* else by host name */
	const struct pool *pool; /* where the terminals lie; borrowed */
	struct index index;
};

void terminal_names_init(struct terminal_names *n, const struct pool *pool, bool by_asset_no);
void terminal_names_done(struct terminal_names *n);
/* A terminal's piece of the pool; it must not change while it is in. */
int terminal_names_add(struct terminal_names *n, uint32_t terminal) MUST_CHECK;
void terminal_names_remove(struct terminal_names *n, uint32_t terminal);
/* NULL: nobody, or more than one. A host name may come with its domain. */
const struct snap_terminal *terminal_names_get(const struct terminal_names *n, const char *name);
