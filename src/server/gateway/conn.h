/*
 * Private to the gateway: one connection, one loop's worker, and how they reach the engine.
 *
 *	  HANDSHAKE ──> GREETING ──> ASKING ──> AGENT or GATE
 *	      │            │           │            │
 *	      └────────────┴───────────┴────────────┴──> LEAVING (last bytes go out) ──> dead
 *
 * 1. A connection belongs to its worker's thread. Others reach it by worker_post() with its number.
 * 2. A dead connection is freed when the engine has given back the last of its works.
 * 3. An idle connection holds no buffer: `in` and `out` are released when they run empty.
 * 4. When the engine is behind (-EAGAIN) or a batch is in flight and another is full, the
 *connection is not read: TCP holds the peer back.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/loop.h"
#include "base/map.h"
#include "crypto/tls.h"
#include "policy/freshness.h"
#include "server/gateway/gateway.h"
#include "server/gateway/limits.h"
#include "wire/frame.h"

#define CONN_OUT_AGENT (128U << 10) /* bytes that wait for a slow peer at most */
#define CONN_OUT_GATE (4U << 20)
#define SCRATCH_SIZE (64U << 10)

enum conn_state {
	CONN_HANDSHAKE,
	CONN_GREETING, /* who it is is proven, its first frame is due */
	CONN_ASKING,   /* the engine decides on its first frame */
	CONN_AGENT,
	CONN_GATE,
	CONN_LEAVING,
};

struct worker;
struct intake;
struct gate_link;

struct conn {
	struct worker *worker;
	struct conn *next, *prev; /* of the worker */
	uint64_t number;	  /* never used again */
	int fd;
	enum conn_state state;
	struct tls_conn *tls;
	struct loop_watch *watch;
	uint32_t watched; /* EPOLL events */
	bool dead, paused, said_goodbye;
	bool expired; /* its certificate; it may renew */
	bool has_certificate;
	bool counted; /* among the connected terminals */
	bool posture_in_flight;
	bool renewed;		  /* asked for a new certificate; once a connection */
	unsigned works;		  /* the engine has */
	int64_t deadline_mono_ms; /* of the state, or of bytes that do not get out; 0: none */
	struct addr from;
	struct buf in, out;
	enum cert_holder holder;
	char serial[CERT_SERIAL_SIZE];
	struct uuid terminal;
	int64_t terminal_id, unit_id;
	int64_t greeted_mono_ms;
	int64_t notice_mono_ms; /* when to ask its supplicant to knock again; 0: not */
	char *gate_name;
	struct intake *intake; /* records on their way to the engine */
	struct gate_link *gate;
};

/* ---- a work of the engine on behalf of a connection ---- */

/* First member of the asker's own struct, which finish() frees. */
struct conn_work {
	struct engine_work work;
	struct conn *conn;
	struct conn_work *next;
	int err;
	/* On the worker's thread, after the commit. `conn` may be dead: look before speaking. */
	void (*finish)(struct conn_work *w);
};

/* -EAGAIN as engine_submit(); on failure the work stays the caller's. */
int conn_submit(struct conn *c, struct conn_work *w) MUST_CHECK;

/* ---- speaking ---- */

/* Queues a frame; a peer that lets too much pile up is cut. */
void conn_send(struct conn *c, enum frame_type type, const void *message, size_t size);
#define CONN_SEND(c, type, msg) conn_send((c), (type), (msg), sizeof(*(msg)))
/* A Refusal, then the end. `reason` is a code, `text` a sentence for people. */
void conn_refuse(struct conn *c, const char *reason, const char *text);
/* Sends what is queued, then ends. */
void conn_leave(struct conn *c);
/* Ends at once; the connection is dead and is buried later. */
void conn_cut(struct conn *c);
void conn_pause(struct conn *c);
void conn_resume(struct conn *c);
/* Tries to get queued bytes out now. */
void conn_flush(struct conn *c);

/* ---- a loop ---- */

/* What another thread wants of a connection. */
enum message_kind { MESSAGE_CUT, MESSAGE_NOTICE, MESSAGE_EXPLAIN };

struct message {
	struct message *next;
	enum message_kind kind;
	uint64_t conn;
	union {
		menshen_VerdictNotice notice;
		menshen_ExplainAsk ask;
	};
};

struct worker {
	struct gateway *gateway;
	struct loop *loop;
	pthread_t thread;
	bool started, stopping;
	struct loop_watch *listener;
	struct loop_timer *tick;
	struct store_db *reader;
	struct conn *first;
	size_t count;
	struct map by_number;
	struct buf policy; /* the newest, encoded as a frame */
	uint64_t policy_epoch, policy_number;
	struct freshness_rules freshness; /* of that policy */
	uint8_t scratch[SCRATCH_SIZE];

	pthread_mutex_t lock; /* guards what other threads leave here */
	struct conn_work *finished, **finished_last;
	struct message *messages, **messages_last;
	uint32_t topics; /* of commits not yet looked at */
	struct head head;
};

struct gateway {
	struct gateway_options o;
	struct tls_ctx *tls;
	struct limits *limits;
	int fd;
	struct addr address;
	struct worker **workers;
	unsigned worker_count;
	_Atomic uint64_t next_number, handshakes, resumed, refused, records;
	_Atomic size_t terminals, gates;
	pthread_mutex_t lock; /* guards the revoked serials and the gates' names */
	struct map revoked;
	struct map gate_names;	       /* name -> struct gate_presence */
	int64_t findings_alarmed_ms;   /* the engine's thread alone */
	struct explaining *explaining; /* questions that wait for a gate; under `lock` */
	uint64_t last_ask;
};

int worker_new(struct gateway *g, struct worker **ret) MUST_CHECK;
int worker_start(struct worker *w) MUST_CHECK;
void worker_stop(struct worker *w); /* and waits for its thread */
void worker_free(struct worker *w);
/* From any thread; `m` is taken over, copied from the caller's. Lost without memory. */
void worker_post(struct worker *w, const struct message *m);
/* From the engine's thread: a commit happened. */
void worker_committed(struct worker *w, const struct engine_commit *commit);

int conn_new(struct worker *w, int fd, const struct addr *from) MUST_CHECK;
void conn_tick(struct conn *c, int64_t now_mono_ms);
/* Frees a dead connection that no work refers to. */
void conn_bury(struct conn *c);

/* Revoked serials in memory. */
int revoked_reload(struct gateway *g, struct store_db *db, int64_t now_ms) MUST_CHECK;
bool revoked_has(struct gateway *g, const char *serial);
void revoked_done(struct gateway *g);

/* ---- who speaks (agent.c, enrolling.c, gate_link.c) ---- */

/* 0; -EBADMSG: the frame is not what may come now, the peer is cut. */
int enrolling_frame(struct conn *c, const struct frame *f) MUST_CHECK;
int agent_frame(struct conn *c, const struct frame *f) MUST_CHECK;
void agent_send_policy(struct conn *c, uint64_t epoch, uint64_t number);
void agent_tick(struct conn *c, int64_t now_mono_ms);
/* It speaks for its terminal no longer; harmless when it never did. */
void agent_gone(struct conn *c);
int gate_frame(struct conn *c, const struct frame *f) MUST_CHECK;
/* A commit, or a tick: push what is new. */
void gate_push(struct conn *c, uint32_t topics, int64_t now_mono_ms);
void gate_gone(struct conn *c);
