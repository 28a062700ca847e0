/*
 * One file of the event queue: a header, then records, only ever appended to.
 *
 *	header:	 "MSQUEUE1" | epoch[16] | first_seq u64 | crc32c u32 of what stands before
 *	record:	 len u32 | crc32c u32 of the payload | payload[len]
 *	payload: seq u64 | at_ms u64 | kind_len u8 | kind | body
 *
 * Big endian. A record is in the queue once it is whole on the disk (invariant 1); the next one is
 * not begun before, so only the last can be torn.
 */
#pragma once

#include "base/buf.h"

#define EPOCH_SIZE 16
#define EVENT_KIND_SIZE 48
#define EVENT_BODY_MAX 4096
#define SEGMENT_HEADER_SIZE 36
#define RECORD_HEADER_SIZE 8
#define RECORD_FIXED 17 /* of the payload, before the kind */
#define RECORD_MAX (RECORD_HEADER_SIZE + RECORD_FIXED + EVENT_KIND_SIZE + EVENT_BODY_MAX)

struct queued_event {
	uint64_t seq;
	int64_t at_ms;
	char kind[EVENT_KIND_SIZE];
	size_t len;
	uint8_t body[EVENT_BODY_MAX]; /* JSON object */
};

struct segment_header {
	uint8_t epoch[EPOCH_SIZE];
	uint64_t first_seq;
};

void segment_encode_header(uint8_t dst[static SEGMENT_HEADER_SIZE], const struct segment_header *h);
/* Appends the record. -EMSGSIZE: kind or body over its bound. */
int segment_encode_record(struct buf *to, const struct queued_event *e) MUST_CHECK;
/* -EBADMSG: torn or not a header. */
int segment_read_header(int fd, struct segment_header *ret) MUST_CHECK;
/*
 * Reads the record at `offset`; `ret_size` is what it takes in the file. -ENODATA at the end of the
 * file; -EBADMSG for a record that is not whole: then `ret_torn` says whether nothing follows it
 * (the power went), or something does (the disk damaged it).
 */
int segment_read_record(int fd, uint64_t offset, struct queued_event *ret, size_t *ret_size,
			bool *ret_torn) MUST_CHECK;
/* The size of a damaged record by its own word; -EBADMSG when that cannot be. */
int segment_skip_record(int fd, uint64_t offset, size_t *ret_size) MUST_CHECK;
