/*
 * A program's one configuration file (inih syntax). A program describes its settings in a table; a
 * line that is unknown, malformed, out of range or missing stops the start with file, line and what
 * was expected.
 */
#pragma once

#include "base/addr.h"
#include "base/util.h"

enum config_type {
	CONFIG_TEXT,	/* char[size] */
	CONFIG_U64,	/* uint64_t, min..max */
	CONFIG_BOOL,	/* bool: yes, no */
	CONFIG_ADDRESS, /* struct addr; min is the default port */
	CONFIG_PARSED,	/* a list or another shape of the program's own: `parse` fills the field */
};

struct config_key {
	const char *section;
	const char *name;
	enum config_type type;
	size_t offset, size; /* of the field in the target */
	uint64_t min, max;
	const char *fallback; /* NULL: the setting must be in the file */
	/* CONFIG_PARSED only: 0 or negative errno; `wanted` finishes the sentence "'x' wants ...".
	 */
	int (*parse)(const char *text, void *field);
	const char *wanted;
};

#define CONFIG_FIELD(type, member) offsetof(type, member), sizeof(((type *)NULL)->member)

#define CONFIG_ERROR_SIZE 512

/* Fills `target`; on failure `error` (CONFIG_ERROR_SIZE bytes) says "file:line: what was expected".
 */
int config_load(const char *path, const struct config_key *keys, size_t count, void *target,
		char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
