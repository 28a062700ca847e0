/* Finds the programs at a path that a policy denies. Linux. */
#pragma once

#include "base/util.h"

#define LEARN_FILES_MAX 4096

struct learn_options {
	const char *root;
	const char *path; /* a file, or with a "/" at its end all below it */
	uint64_t tag;
	void (*found)(void *arg, uint64_t tag, uint64_t size, int fd); /* the descriptor is lent */
	bool (*stops)(void *arg);				       /* asked before each file */
	void *arg;
};

/* What may be executed, no links, no other file system; files up to EXEC_HASH_MAX. What cannot be
 * read is passed over. */
void learn_programs(const struct learn_options *o);
