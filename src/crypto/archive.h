/*
 * Files in one file, sealed with a passphrase: what leaves a machine as a backup.
 *
 *	"menshen archive 1\n" | salt[16] | chunk... ; numbers are big-endian
 *	chunk: u32 length, its top bit set in the last one | sealed bytes (seal.h, kind 1)
 *
 * The key is scrypt (RFC 7914; N 32768, r 8, p 1) of passphrase and salt. A chunk's number and
 * whether it is the last are bound in: nothing can be left out, put elsewhere or added. The plain
 * bytes of all chunks are entries, u16 name length | u32 mode | u64 size | name | content, and
 * after the last of them a name length of 0.
 */
#pragma once

#include "base/buf.h"

#define ARCHIVE_NAME_SIZE 128 /* with NUL: "data/menshen.db" */
#define ARCHIVE_PASSPHRASE_MIN 12
#define ARCHIVE_PASSPHRASE_MAX 1024

struct archive_writer;

/* Writes beside `path` (0600); archive_finish() puts it in its place. -EINVAL: the passphrase is
 * too short or too long. */
int archive_create(const char *path, const char *passphrase,
		   struct archive_writer **ret) MUST_CHECK;
/* Copies a regular file; -EAGAIN when it shrank meanwhile. After a failure only free() helps. */
int archive_add_file(struct archive_writer *w, const char *name, const char *path) MUST_CHECK;
int archive_add_bytes(struct archive_writer *w, const char *name, unsigned mode, const void *data,
		      size_t len) MUST_CHECK;
int archive_finish(struct archive_writer *w) MUST_CHECK;
/* What was not finished is removed. NULL is fine. */
void archive_writer_free(struct archive_writer *w);

struct archive_extracted {
	size_t files;
	uint64_t bytes;
};

/*
 * Into `dir`, which must not be there yet (-EEXIST): made 0700, files 0600 or 0644. -EPERM: another
 * passphrase, or the archive's beginning was altered; -EBADMSG: no archive, cut or altered: then
 * `dir` holds what was good so far and is for the caller to remove.
 */
int archive_extract(const char *path, const char *passphrase, const char *dir,
		    struct archive_extracted *ret) MUST_CHECK;

/* The passphrase in a file: its first line. -EPERM when group or others may read it. */
int archive_passphrase_load(const char *path, struct buf *ret) MUST_CHECK;

/* ---- for tests ---- */

struct archive_entry {
	char name[ARCHIVE_NAME_SIZE]; /* "": the end */
	unsigned mode;
	uint64_t size;
};

#define ARCHIVE_HEADER 14
/* The fixed part of an entry; `ret_name_len` bytes of name follow. -EBADMSG. */
int archive_parse_header(const uint8_t header[static ARCHIVE_HEADER], struct archive_entry *ret,
			 size_t *ret_name_len) MUST_CHECK;
/* Relative, of letters, digits, '.', '-', '_' and single '/', no part begins with a dot. */
bool archive_name_ok(const char *name, size_t len);
