/*
 * What is done with files on removable disks and shares, as the platform's folder hears of it
 * (src/agent/linux/file_watch.c). Nobody waits for it, and the kernel's queue has no end; should it
 * lose something all the same, file_watch_next() says so.
 */
#pragma once

#include <jansson.h>

#include "base/util.h"

enum file_deed {
	FILE_CREATED = 1 << 0,
	FILE_WRITTEN = 1 << 1,
	FILE_DELETED = 1 << 2,
	FILE_MOVED_FROM = 1 << 3,
	FILE_MOVED_TO = 1 << 4,
	FILE_READ = 1 << 5,
};

#define FILE_HASH_SIZE 32
#define FILE_HASH_MAX (16U << 20) /* of a larger one nothing is hashed here */

struct file_act {
	unsigned deeds; /* what one process did with one name, together */
	bool is_folder;
	char path[1280]; /* below the root; the folder is "?" when it is gone already */
	uint32_t uid;	 /* UINT32_MAX: the process is gone already */
	int pid;
	char program[256]; /* "": as uid */
	uint64_t size;	   /* of what was written */
	bool hashed;
	uint8_t sha256[FILE_HASH_SIZE], sm3[FILE_HASH_SIZE];
};

struct file_watch;

/* -ENOSYS, -EPERM, -EINVAL: the kernel cannot (before Linux 5.9). */
int file_watch_new(const char *root, struct file_watch **ret) MUST_CHECK;
void file_watch_free(struct file_watch *w);    /* NULL is fine */
int file_watch_fd(const struct file_watch *w); /* readable when there is something */
/*
 * What is mounted now and is removable, shared, or mounted at one of `places` (texts; NULL: none).
 * What was watched goes on being so. `ret_missing`: mounts that should be but cannot be.
 */
int file_watch_follow(struct file_watch *w, const json_t *places, bool reads,
		      size_t *ret_missing) MUST_CHECK;
void file_watch_stop(struct file_watch *w);
/* -EAGAIN: nothing now. -EOVERFLOW: the kernel lost some. */
int file_watch_next(struct file_watch *w, struct file_act *ret) MUST_CHECK;
