/* What is mounted where, as /proc/self/mountinfo tells it (proc(5)). Linux. */
#pragma once

#include "base/util.h"

struct mount {
	unsigned major, minor;
	char place[512];  /* an absolute path */
	char type[32];	  /* "ext4", "fuse.sshfs" */
	char source[256]; /* "/dev/sdb1", "//server/share" */
};

typedef void mount_fn(void *arg, const struct mount *m);

/* One line of it, without its line feed; -EBADMSG: it is none, or a place is too long. */
int mount_parse(const char *line, size_t len, struct mount *ret) MUST_CHECK;
/* Those at or below `root` ("": all), in the order in which they were made. */
int mounts_each(const char *root, mount_fn *fn, void *arg) MUST_CHECK;
/* As a process sees them, by its own names for their places, which others reach below
 * /proc/PID/root. */
int mounts_each_of(int pid, const char *root, mount_fn *fn, void *arg) MUST_CHECK;
/* Whether a process has a name space of mounts of its own; false when it is gone. */
bool mounts_are_others(int pid);
/* A descriptor that tells EPOLLPRI when something was mounted or unmounted; -errno. */
int mounts_watch(void) MUST_CHECK;
/* Files of the kernel's own making, where nobody keeps a program or a document. */
bool mount_is_virtual(const struct mount *m);
/* Asks somebody else for every file: another machine, or a program of this one. */
bool mount_is_far(const struct mount *m);
