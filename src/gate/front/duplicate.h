/*
 * The last answers, so that a switch which asks again gets the very same bytes (RFC 5080 section
 * 2.2.2). A table of fixed size: the oldest in a set of four gives way. One thread looks; others
 * may answer and forget once the table is shared.
 */
#pragma once

#include "base/addr.h"
#include "radius/packet.h"

#define DUPLICATE_LIFE_MS 30000

struct duplicates;

struct duplicate_key {
	uint8_t host[16];
	uint16_t port;
	uint8_t socket, id;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_SIZE];
};

/* Finds the entry again after something waited for; stale once the entry gave way. */
struct duplicate_ref {
	uint32_t at, generation;
};

enum duplicate_state {
	DUPLICATE_NEW,	    /* never seen: it is pending now */
	DUPLICATE_PENDING,  /* being worked on */
	DUPLICATE_ANSWERED, /* `ret_answer` holds the answer */
};

/* `sets` is a power of two; an entry takes about 320 bytes. */
int duplicates_new(size_t sets, struct duplicates **ret) MUST_CHECK;
/* Before the second thread comes. */
void duplicates_share(struct duplicates *d);
void duplicates_free(struct duplicates *d);

/* As snapshot_warm(), steps 0 and 1; nobody else may forget meanwhile in step 1. */
void duplicates_warm(const struct duplicates *d, const struct duplicate_key *key, unsigned step);
/* `ret_answer` and `ret_len` are written for DUPLICATE_ANSWERED only; valid until the next look. */
enum duplicate_state duplicates_look(struct duplicates *d, const struct duplicate_key *key,
				     int64_t now_ms, struct duplicate_ref *ret_ref,
				     const uint8_t **ret_answer, size_t *ret_len);
/* Keeps the answer; what cannot be kept (no memory) is asked again, which is harmless. */
void duplicates_answer(struct duplicates *d, struct duplicate_ref ref, const uint8_t *answer,
		       size_t len);
/* The request was dropped in silence: a retransmission is looked at afresh. */
void duplicates_forget(struct duplicates *d, struct duplicate_ref ref);

static inline void duplicates_free_cleanup(struct duplicates **d)
{
	duplicates_free(*d);
}
#define CLEANUP_DUPLICATES CLEANUP(duplicates_free_cleanup)
