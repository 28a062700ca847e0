/* A log and its state kept in memory, for tests: written as the store writes, read as a source, and
 * open to every kind of tampering. Asserts instead of returning errors. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "journal/log.h"
#include "journal/source.h"

#define MEMORY_ENTRIES 1200
#define MEMORY_NODES 16
#define MEMORY_ROWS 64
#define MEMORY_BATCHES 8
#define MEMORY_RECORDS 32

struct memory_entry {
	struct buf bytes;
	struct merkle_digest leaf;
};

struct memory_row {
	const char *table;
	char id[16];
	uint8_t digest[HASH_SIZE];
};

struct memory_log {
	struct memory_entry entries[MEMORY_ENTRIES];
	struct merkle_stored nodes[MEMORY_NODES];
	struct head heads[MEMORY_ENTRIES];
	struct memory_row rows[MEMORY_ROWS];
	struct batch batches[MEMORY_BATCHES];
	char records[MEMORY_BATCHES][MEMORY_RECORDS][16];
	size_t entry_count, node_count, head_count, row_count, batch_count;
	struct sign_key *key;
	struct sign_keyring ring;
	struct log *log;
	struct log_source source;
	int fail_reads_with; /* non-zero: entry() and node() return it */
};

struct memory_log *memory_log_new(enum hash_kind hash, enum sign_kind sign);
void memory_log_free(struct memory_log *m);

/* One act about one row of "terminal" ("permit" when the id starts with p): sets it, or deletes it
 * when `content` is NULL. */
void memory_log_act(struct memory_log *m, const char *id, const char *content);
/* Any entry, appended as it is. */
void memory_log_append(struct memory_log *m, struct entry *e);
/* A batch of `count` records of `source`, with the entry that commits it. */
void memory_log_batch(struct memory_log *m, const char *source, uint64_t first, uint64_t count);
/* The head of a commit. */
void memory_log_commit(struct memory_log *m);
/* `count` acts over some thirty terminals, a commit after every `per_commit`. */
void memory_log_fill(struct memory_log *m, size_t count, size_t per_commit);

/* What somebody with the database and the server's key can do: hashes, nodes and heads
 * are made again from the bytes that stand there now. */
void memory_log_rehash(struct memory_log *m);
void memory_log_kept(const struct memory_log *m, uint64_t size, struct head *ret);
