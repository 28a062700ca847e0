/* The files of installed packages, as the platform's folder finds them (src/agent/linux). */
#pragma once

#include "policy/software_rules.h"

struct package_files_options {
	const char *root;
	bool (*wants)(void *arg, const struct software_package *p);
	/* Each regular file of a wanted package, below the root, by the name the kernel calls it.
	 */
	int (*found)(void *arg, const struct software_package *p, const char *path);
	void *arg;
};

/* -ENOENT: this desk has no package system that we can read. */
int package_files_load(const struct package_files_options *o) MUST_CHECK;
