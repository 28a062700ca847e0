/*
 * A signed head: what the log was when it had `size` entries. One is made per commit.
 *
 * Text form, one line of JSON with the keys in this order:
 *   {"head":1,"size":1042,"root":"<64 hex>","at":1795436156123,"epoch":1,"hash":"sm3",
 *    "sign":"sm2","key":"<16 hex>","signature":"<hex>"}
 * The bytes that are signed (decimal numbers, lower-case hexadecimal, every line ends with LF):
 *   menshen head 1 LF size LF root LF at LF epoch LF hash LF
 *
 * A gate that has seen a head co-signs it:
 *   {"cosign":1,"size":1042,"root":"<64 hex>","gate":"north","at":1795436157000,"sign":"sm2",
 *    "key":"<16 hex>","signature":"<hex>"}
 * and the bytes signed are
 *   menshen cosign 1 LF gate LF its at LF then the head's own signed bytes
 *
 * A kept file of heads is such lines, each head followed by its co-signatures.
 */
#pragma once

#include "crypto/sign.h"
#include "journal/merkle.h"

#define HEAD_GATE_SIZE 65
#define HEAD_TEXT_MAX 1024  /* bytes of one line with its LF */
#define HEAD_LINES_MAX 4096 /* of a kept file; more is refused */

struct head_signature {
	enum sign_kind kind;
	char key_id[SIGN_KEY_ID_SIZE];
	uint8_t bytes[SIGN_SIZE_MAX];
	size_t len;
};

struct head {
	uint64_t size; /* entries 0 .. size - 1 are covered */
	struct merkle_digest root;
	int64_t at_ms;
	uint64_t epoch; /* raised under the offline root key when a backup is restored */
	enum hash_kind hash;
	struct head_signature signature;
};

struct cosign {
	uint64_t size; /* of the head that is meant, and its root */
	struct merkle_digest root;
	char gate[HEAD_GATE_SIZE];
	int64_t at_ms;
	struct head_signature signature;
};

/* Signs the fields before `signature` and fills it. */
int head_sign(struct head *h, const struct sign_key *key) MUST_CHECK;
/* 0; -EBADMSG: wrong signature; -ENOKEY: no key of that id in the ring. */
int head_verify(const struct head *h, const struct sign_keyring *keys) MUST_CHECK;
/* The exact bytes that are signed. */
int head_signed_bytes(const struct head *h, struct buf *ret) MUST_CHECK;

/* `gate` is letters, digits, '.', '-', '_'. */
int cosign_make(const struct head *h, const char *gate, int64_t at_ms, const struct sign_key *key,
		struct cosign *ret) MUST_CHECK;
/* As head_verify(); -EINVAL when the co-signature means another head. */
int cosign_verify(const struct cosign *c, const struct head *h,
		  const struct sign_keyring *keys) MUST_CHECK;

/*
 * For who keeps heads: may `next` be kept (and co-signed) after `kept`? Its signature is good, its
 * hash function the same, neither size nor epoch falls, and the proof shows that the log of `kept`
 * is a beginning of it. 0; -ENOKEY; -EBADMSG: a wrong signature or another history: keep both and
 * raise the alarm. `hasher` is of the heads' kind.
 */
int head_follows(const struct head *next, const struct head *kept, const struct merkle_proof *proof,
		 const struct sign_keyring *keys, struct hasher *hasher) MUST_CHECK;

/* Appends one line with its LF. */
int head_encode(const struct head *h, struct buf *ret) MUST_CHECK;
int cosign_encode(const struct cosign *c, struct buf *ret) MUST_CHECK;
/* One line with or without its LF, keys in any order; -EBADMSG for anything else. */
int head_parse(const void *text, size_t len, struct head *ret) MUST_CHECK;
int cosign_parse(const void *text, size_t len, struct cosign *ret) MUST_CHECK;

/* A kept file: its heads in ascending size, and all co-signatures. Zeroed is empty. */
struct head_file {
	struct head *heads;
	size_t head_count;
	struct cosign *cosigns;
	size_t cosign_count;
};

/* Heads of one size with different roots are both kept: that is a fork, and log_verify() says so.
 * `ret_line` gets the number of the bad line (from 1) with -EBADMSG; it may be NULL. */
int head_file_parse(const void *text, size_t len, struct head_file *ret,
		    size_t *ret_line) MUST_CHECK;
void head_file_done(struct head_file *f);
