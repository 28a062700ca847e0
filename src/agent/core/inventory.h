/*
 * What this terminal is made of, told as changes only. Each section is a collector's set of items;
 * what was last told is kept in a file, and the difference travels as durable events:
 *
 *	"inventory.hardware", "inventory.system": the whole object, when anything in it changed
 *	"inventory.nics", "inventory.users", "inventory.packages":
 *		{"add": [item...], "remove": [item...]}, as many events of 4 KB as it takes;
 *		"reset": true in the first one ever: whatever was known before is void
 *
 * An item is removed by the same words that added it. A section that could not be read says nothing
 * (invariant 5). Who dies while telling a difference tells all anew ("reset"). While the queue is
 * full the rest of a difference waits for inventory_resume().
 */
#pragma once

#include "agent/core/lines.h"
#include "agent/core/outbox.h"
#include "base/loop.h"

struct collect_context {
	const char *root;      /* put before every path; "" is the machine itself */
	const char *interface; /* as nics_load() */
};

enum section_kind { SECTION_OBJECT, SECTION_SET };

struct collector {
	const char *section; /* "packages" */
	enum section_kind kind;
	/* Files below the root out of which alone it is made: unchanged files need no look. */
	const char *sources[3];
	/* Adds one JSON object a line; not sorted. */
	int (*collect)(const struct collect_context *c, struct lines *ret);
};

extern const struct collector *const collectors[];
#define COLLECTOR_COUNT 5
extern const struct collector collector_hardware, collector_system, collector_nics, collector_users,
	collector_packages;

/*
 * Tells the difference between the kept file and `now` (sorted). 0: all is told and kept; -ENOBUFS:
 * the queue is full, what was told is kept, call again; other errno: as much as possible is kept.
 */
int inventory_tell(const struct collector *c, const char *kept_path, const struct lines *now,
		   const struct outbox *outbox) MUST_CHECK;

struct inventory;

struct inventory_options {
	struct loop *loop;
	const char *root, *interface, *state_dir; /* borrowed */
	int64_t period_ms;
	const struct outbox *outbox;
};

int inventory_new(const struct inventory_options *o, struct inventory **ret) MUST_CHECK;
void inventory_free(struct inventory *i);
/* Looks at everything in a moment, then every period. */
void inventory_start(struct inventory *i);
/* Something changed (a network card), or the queue has room again. */
void inventory_resume(struct inventory *i);
