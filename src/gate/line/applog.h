/*
 * An append-only file of entries: u32 length, u32 checksum, bytes (big endian). A torn tail is cut
 * when the file is opened; an entry damaged in the middle ends the file there, and says so.
 * Appending gathers in memory; applog_write() hands it to the kernel; fsync is the caller's.
 */
#pragma once

#include "base/buf.h"

#define APPLOG_ENTRY_MAX 65536
#define APPLOG_PENDING_MAX (64U << 20) /* gathered while the disk refuses; then -EMSGSIZE */

struct applog {
	int fd;
	uint64_t size; /* bytes in the file; a write that failed half-way is cut back to this */
	struct buf pending;
};

/* An error stops the reading and is returned by applog_open(). */
typedef int applog_entry_fn(void *arg, const uint8_t *entry, size_t len);

/* Makes the file (0600) when there is none. `ret_cut`: bytes cut from the tail. */
int applog_open(const char *path, applog_entry_fn *fn, void *arg, struct applog *ret,
		uint64_t *ret_cut) MUST_CHECK;
void applog_close(struct applog *log);
int applog_append(struct applog *log, const void *entry, size_t len) MUST_CHECK;
/* On failure everything gathered stays for the next try. */
int applog_write(struct applog *log) MUST_CHECK;
/* The entries in `data`, one by one; returns how many bytes were whole. */
size_t applog_walk(const uint8_t *data, size_t len, applog_entry_fn *fn, void *arg, int *ret_error);
