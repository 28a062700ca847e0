/*
 * A file system for SQLite that fails on demand, or loses power. Becomes the default one of the
 * process; every xWrite, xSync and xTruncate counts. No sync reaches the real disk.
 */
#pragma once

#include <stdbool.h>

enum disk_fault {
	DISK_IO_ERROR,
	DISK_FULL,
	DISK_SHORT_WRITE, /* half of it is written, then an I/O error */
	DISK_POWER_CUT,	  /* this and everything after is refused until disk_after_power_cut() */
	DISK_FAULTS
};

void disk_install(void);
/* The n-th operation from now on fails, n from 0; negative: none. */
void disk_fail(long n, enum disk_fault fault);
bool disk_failed(void);
/* The power is off. */
bool disk_is_dead(void);
/* What was written since the last sync of its file is lost, or kept write by write as the seed
 * says (0: all of it is lost; DISK_KEEP_ALL: none, only the process died). All stores must be
 * closed. */
#define DISK_KEEP_ALL 0xffffffffU
void disk_after_power_cut(unsigned seed);
