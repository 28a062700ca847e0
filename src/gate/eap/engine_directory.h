/* What the engine is told of the bank's directory ([ldap]): FreeRADIUS's rlm_ldap. */
#pragma once

#include "gate/settings.h"

struct buf;

/* What radiusd.conf.in asks for. Texts are quoted for its single quotes. */
struct engine_directory {
	const char *lines, *lines2, *lines_group; /* before a line: "" or "#" */
	const char *lines_ad, *lines_ad_alone, *lines_none;
	const char *threads; /* one that waits for a directory serves nobody */
	char server[2 * PATH_SIZE], server2[2 * PATH_SIZE], group[128];
};

bool engine_directory_wanted(const struct settings *s);
int engine_directory_prepare(const struct settings *s, struct engine_directory *ret) MUST_CHECK;
/*
 * Appends directory.conf, with the password in the clear. -EACCES, after a word in the log: others
 * than its owner may read the password file. Wipe `to`.
 */
int engine_directory_config(const struct settings *s, const char *dir, struct buf *to) MUST_CHECK;
