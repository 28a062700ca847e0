/*
 * One entry of the audit log: who did what to whom, and which rows of state changed by it.
 *
 * The canonical bytes are one line of JSON (RFC 8259, UTF-8) without white space, keys in this
 * order:
 *
 *   {"seq":1041,"at":1795436156123,"act":"terminal.isolate",
 *    "actor":{"account":17,"name":"wang","role":"security","from":"10.1.2.3"},
 *    "unit":3,"subject":"terminal:5f0c...","detail":{...},
 *    "rows":[["terminal","5f0c...","<64 hexadecimal digits>"],["permit","12",null]]}
 *
 * `detail` has its keys sorted and holds no real numbers. A row is (table, id, digest of its
 * content after the act), null when the act deleted it. These bytes are what the leaf hash covers;
 * parsing accepts nothing but what encoding would write.
 */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "crypto/hash.h"

#define ENTRY_SIZE_MAX (1U << 20) /* bytes; a bigger act is told in several entries */
#define ENTRY_ROWS_MAX 4096
#define ENTRY_TEXT_MAX 256 /* bytes of any text field */
#define ENTRY_DEPTH_MAX 16 /* of the detail */

struct entry_actor {
	int64_t account; /* 0: the system itself */
	const char *name;
	const char *role;
	const char *from; /* source address, "" when there is none */
};

struct entry_row {
	const char *table;
	const char *id;
	bool deleted; /* then `digest` does not count */
	uint8_t digest[HASH_SIZE];
};

struct entry {
	uint64_t seq; /* from 0 */
	int64_t at_ms;
	const char *act; /* "terminal.isolate" */
	struct entry_actor actor;
	int64_t unit;	      /* organisation unit at the time, 0: none */
	const char *subject;  /* "terminal:<uuid>", "" when there is none */
	const json_t *detail; /* an object, or NULL for {} */
	const struct entry_row *rows;
	size_t row_count;
	/* Set by entry_parse() alone: what the fields above point into. */
	json_t *owned;
	struct entry_row *owned_rows;
};

/* Appends the canonical bytes. NULL texts count as "". -EINVAL: text that is not clean UTF-8, or a
 * detail that is no object, holds reals or is too deep; -EMSGSIZE: a bound is passed. */
int entry_encode(const struct entry *e, struct buf *ret) MUST_CHECK;
/* -EBADMSG unless the bytes are exactly what entry_encode() writes. Release with entry_done(). */
int entry_parse(const void *bytes, size_t len, struct entry *ret) MUST_CHECK;
void entry_done(struct entry *e);
#define CLEANUP_ENTRY CLEANUP(entry_done)

/* The digest of a row's content: H(0x02 | table | 0 | id | 0 | content). The store chooses the
 * content's bytes; the same row must always give the same ones. */
int entry_row_digest(struct hasher *h, const char *table, const char *id, const void *content,
		     size_t len, uint8_t ret[static HASH_SIZE]) MUST_CHECK;
