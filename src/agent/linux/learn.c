#define _GNU_SOURCE
#include "agent/linux/learn.h"

#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/guards/exec_gate.h"

static void take(const struct learn_options *o, const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= EXEC_HASH_MAX)
		o->found(o->arg, o->tag, (uint64_t)st.st_size, fd);
}

static void close_walk(FTS **f)
{
	if (*f)
		fts_close(*f);
}

static void walk(const struct learn_options *o, char *path)
{
	char *const paths[] = {path, NULL};
	CLEANUP(close_walk) FTS *f = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	const FTSENT *e;
	size_t count = 0;

	while (f && count < LEARN_FILES_MAX && !o->stops(o->arg) && (e = fts_read(f)))
		if (e->fts_info == FTS_F && e->fts_statp->st_mode & 0111) {
			take(o, e->fts_path);
			count++;
		}
}

void learn_programs(const struct learn_options *o)
{
	size_t len = strlen(o->path);
	char path[1536];

	snprintf(path, sizeof(path), "%s%s", o->root, o->path);
	if (len && o->path[len - 1] == '/')
		walk(o, path);
	else if (!o->stops(o->arg))
		take(o, path);
}
