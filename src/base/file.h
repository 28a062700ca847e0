/* Files that must be whole or not there, and what is opened for a while. */
#pragma once

#include <dirent.h>
#include <stdio.h>

#include "base/buf.h"

static inline void file_close_cleanup(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline void dir_close_cleanup(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

#define CLEANUP_FILE CLEANUP(file_close_cleanup)
#define CLEANUP_DIR CLEANUP(dir_close_cleanup)

/* Appends the file to `ret`, all or nothing; -EFBIG when it is larger than `max` bytes. */
int file_read(const char *path, size_t max, struct buf *ret) MUST_CHECK;
/* Writes beside, fsyncs, renames over `path`, fsyncs the folder: old or new, never half. */
int file_replace(const char *path, const void *data, size_t len, unsigned mode) MUST_CHECK;
/* dir/name, on the heap. */
int file_path(const char *dir, const char *name, char **ret) MUST_CHECK;
/*
 * Makes dir/name if need be and locks it until the descriptor is closed or its process dies; -EBUSY
 * when somebody holds it. The lock is the open file's: a second taker in one process is refused
 * too.
 */
int file_lock(const char *dir, const char *name, int *ret_fd) MUST_CHECK;
/* Like mkdir -p; -ENOTDIR when a file is in the way. */
int file_make_dirs(const char *path, unsigned mode) MUST_CHECK;
/* All of it, over short writes and signals. */
int file_write_all(int fd, const void *data, size_t len) MUST_CHECK;
int file_sync_dir(const char *dir) MUST_CHECK;
/* Random bytes of the kernel (getrandom); never fails once the machine has booted. */
void random_bytes(void *dst, size_t len);
