/*
 * Frames: u32 length of what follows, u16 type, payload (big endian). A type names one message of
 * wire/menshen.proto; the table in frame.c is the only place that knows both. A peer that sends an
 * unknown type, a frame over FRAME_MAX or a payload that does not decode is disconnected.
 */
#pragma once

#include "base/buf.h"
#include "wire/menshen.pb.h"

#define FRAME_HEADER 6
#define FRAME_MAX (40U << 10) /* payload bytes; the largest message is a Policy */

enum frame_type {
	FRAME_AGENT_HELLO = 1,
	FRAME_ENROL_REQUEST,
	FRAME_ENROL_ANSWER,
	FRAME_RENEW_REQUEST,
	FRAME_HEARTBEAT,
	FRAME_EVENT,
	FRAME_WELCOME,
	FRAME_ACK,
	FRAME_POLICY,
	FRAME_VERDICT_NOTICE,
	FRAME_REFUSAL,
	FRAME_GATE_HELLO = 32,
	FRAME_GATE_WELCOME,
	FRAME_RECORD,
	FRAME_SNAPSHOT_BEGIN,
	FRAME_SNAPSHOT_END,
	FRAME_SNAP_UNIT,
	FRAME_SNAP_SWITCH,
	FRAME_SNAP_TERMINAL,
	FRAME_SNAP_MAC,
	FRAME_SNAP_ACCOUNT,
	FRAME_SNAP_TERMINAL_ACCOUNT,
	FRAME_SNAP_PERMIT,
	FRAME_SNAP_DENY,
	FRAME_SNAP_BYPASS,
	FRAME_AGENT_SEEN,
	FRAME_HEAD,
	FRAME_HEAD_COSIGN,
	FRAME_EXPLAIN_ASK,
	FRAME_EXPLAIN_ANSWER,
	FRAME_PEER_HELLO,
	FRAME_PEER_WELCOME,
	FRAME_PEER_SESSION,
	FRAME_PEER_BEAT,
	FRAME_SNAP_REVOKED,
	FRAME_SNAP_ADDRESS,
	FRAME_GATE_PEERS,
	FRAME_SURVEY_SWITCH,
	FRAME_SURVEY_PORT,
	FRAME_SURVEY_MACS,
	FRAME_SURVEY_NEIGHBOUR,
	FRAME_SURVEY_END,
	FRAME_SURVEY_TAKEN,
	FRAME_PEER_ISOLATION,
	FRAME_TYPE_END
};

/* One undecoded frame; `payload` points into the bytes it was read from. */
struct frame {
	enum frame_type type;
	const uint8_t *payload;
	size_t len;
};

/*
 * Looks for a frame at the start of `data`. 0: found, `ret_used` bytes long; -EAGAIN: more bytes
 * are needed; -EBADMSG: no frame of ours begins like this.
 */
int frame_parse(const uint8_t *data, size_t len, struct frame *ret, size_t *ret_used) MUST_CHECK;
/* Decodes into the message struct that belongs to the type; it must be of exactly `size` bytes. */
int frame_decode(const struct frame *f, void *message, size_t size) MUST_CHECK;
/* Appends a frame with `message` of the type's own struct; `size` as above. Errors stick in `to`.
 */
int frame_encode(struct buf *to, enum frame_type type, const void *message, size_t size);
/* Bytes of the type's own struct; 0 when no type has this number. */
size_t frame_size(enum frame_type type);
/* "heartbeat"; NULL when no type has this number. */
const char *frame_name(enum frame_type type);

/* The size is taken from the struct itself, so a wrong struct for a type is caught at once. */
#define FRAME_DECODE(f, msg) frame_decode((f), (msg), sizeof(*(msg)))
#define FRAME_ENCODE(to, type, msg) frame_encode((to), (type), (msg), sizeof(*(msg)))
