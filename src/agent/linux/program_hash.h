/* What a program's content is, computed once and known again as long as it cannot have changed.
 * Linux. */
#pragma once

#include <pthread.h>
#include <sys/stat.h>

#include "crypto/hash.h"

struct file_id {
	uint64_t device, inode, size;
	int64_t changed_ns; /* its ctime */
};

struct program_hash {
	uint8_t sha256[HASH_SIZE], sm3[HASH_SIZE];
	bool has_sm3;
};

void file_id_of(const struct stat *st, struct file_id *ret);
bool file_id_equal(const struct file_id *a, const struct file_id *b);
/* Reads all of the descriptor's file from its start. -EAGAIN: it changed meanwhile. */
int program_hash_fd(int fd, bool with_sm3, struct program_hash *ret) MUST_CHECK;
/*
 * Whether what is hashed now may be believed later: nobody has it open for writing, it is not so
 * new that its next change could have the same time, and its file system dates every change (a
 * memory map's on tmpfs is not dated). Ask before hashing.
 */
bool program_hash_lasts(int fd, const struct stat *st);

/* Used by several threads. */
struct hash_cache;

int hash_cache_new(struct hash_cache **ret) MUST_CHECK;
void hash_cache_free(struct hash_cache *c);
bool hash_cache_get(struct hash_cache *c, const struct file_id *id, struct program_hash *ret);
void hash_cache_put(struct hash_cache *c, const struct file_id *id, const struct program_hash *h);
