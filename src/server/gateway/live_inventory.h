/* A terminal's inventory as it is now, kept from the changes that its agent tells
 * (agent/core/inventory.h: a whole object, or {"reset", "remove": [...], "add": [...]}). */
#pragma once

#include "store/store.h"

/* Inside apply(). A body that is neither changes nothing: the record keeps it. */
int live_inventory_apply(struct store *s, int64_t terminal_id, int64_t at_ms, const char *section,
			 const char *body) MUST_CHECK;
