/*
 * Clause A05: the checks of the baseline, as data, and how one is judged. A check more is a row
 * more in baseline_checks.c. Judging reads local files only; mending writes one of them.
 */
#pragma once

#include "base/util.h"

enum baseline_kind {
	BASELINE_KERNEL,  /* the number in a file of /proc/sys is `want` */
	BASELINE_MODE,	  /* a file has no more rights than `want` (octal), and is root's */
	BASELINE_SETTING, /* "key value" or "key=value" lines: the first of them counts (sshd) */
	BASELINE_LAST,	  /* the same, the last of them counts (login.defs, systemd) */
	BASELINE_ABSENT,  /* no such file: a service that nobody needs, a file that opens a door */
	BASELINE_LINE,	  /* some line of a file has the word `key` */
	BASELINE_NO_LINE, /* no line of it has */
	BASELINE_MOUNT,	  /* the mount at `path` has the option `key` */
};

/*
 * `want` of a setting: a word, several with '|' between, or a bound: ">=8", "<=90". A key that no
 * line has counts as `unset`: NULL means bad. Paths may be alternatives with ':' between, of
 * distributions; the first that exists is read. None exists: the check does not apply.
 */
struct baseline_check {
	const char *id; /* "ssh.root-login": what a policy's exception names */
	enum baseline_kind kind;
	const char *path, *key, *want, *unset;
	bool mends; /* the agent can put it right by itself */
	const char *zh, *en;
};

extern const struct baseline_check baseline_checks[];
extern const size_t baseline_check_count;
#define BASELINE_CHECKS_MAX 128

enum baseline_state {
	BASELINE_GOOD,
	BASELINE_BAD,
	BASELINE_UNKNOWN, /* it could not be read: never good, never bad */
	BASELINE_NOT_HERE /* what it is about is not on this desk */
};

/* `root` is put before every path. */
enum baseline_state baseline_judge(const struct baseline_check *c, const char *root);
/* Puts it right; 0 also when it was. -ENOTSUP: not by itself; -errno. */
int baseline_mend(const struct baseline_check *c, const char *root) MUST_CHECK;
/* Whether a setting's value is what `want` says. */
bool baseline_is_wanted(const char *want, const char *value);
