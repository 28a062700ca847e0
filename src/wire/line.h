/*
 * A client's one connection to the gateway: TCP, TLS, frames, and coming back.
 *
 *	           line_start                     handshake
 *	  DOWN ───────────────> WAITING ──> CONNECTING ──> OPEN
 *	   ^                       ^            │            │
 *	   └── line_stop ──        └── backoff ─┴── failure ─┘
 *
 * 1. A failed attempt goes on with the next server of the list, after a pause that doubles from
 *    1 s up to the limit, half of it random: a thousand agents do not come back in one second.
 * 2. line_settled() (the server greeted us) puts the pause back to its beginning.
 * 3. What was sent and not yet written is lost with the connection; durable things live elsewhere.
 *
 * One thread, that of the loop.
 */
#pragma once

#include "base/addr.h"
#include "base/loop.h"
#include "crypto/tls.h"
#include "wire/frame.h"

struct line;

struct line_options {
	struct loop *loop;
	const struct addr *servers; /* borrowed for the link's life, as is server_name */
	size_t server_count;
	const char *server_name; /* "": the server's address stands in its certificate */
	int64_t retry_max_ms;
	int64_t attempt_ms; /* from connect() to the end of the handshake; 0: 15 s */
	void (*on_open)(void *arg);
	/* Negative ends the connection with strerror() of it as the reason. */
	int (*on_frame)(void *arg, const struct frame *f);
	/* Bytes went out: there is room for more. */
	void (*on_room)(void *arg);
	/* `why` is one line for people; the line tries again by itself. */
	void (*on_down)(void *arg, const char *why);
	int64_t (*now_ms)(void *arg); /* to judge certificates by */
	void *arg;
};

int line_new(const struct line_options *o, struct line **ret) MUST_CHECK;
void line_free(struct line *l);
/* Connects at once, with this context from now on (taken over); an open connection is closed. */
void line_start(struct line *l, struct tls_ctx *tls);
void line_stop(struct line *l);
void line_settled(struct line *l);
/*
 * An address or a cable of this machine changed: a connection whose own address is gone has
 * failed, and a pause ends early.
 */
void line_check_path(struct line *l);
/* Ends the connection as if it had failed. */
void line_drop(struct line *l, const char *why);
bool line_is_open(const struct line *l);
/*
 * While held, nothing more is read, so that the server waits: whoever takes the frames in slices
 * is not run over. Frames read already still come. A new connection is not held. Not to be let go
 * from on_frame(); letting go may bring frames, or the connection's end, at once.
 */
void line_hold(struct line *l, bool held);
/* The server that is, or was last, spoken to. */
const struct addr *line_server(const struct line *l);
/* Who the server has proven to be; -ENOENT while the line is not open. */
int line_peer(const struct line *l, struct tls_peer *ret) MUST_CHECK;
size_t line_backlog(const struct line *l); /* bytes not yet written */
/* -ENOTCONN, or the encoder's error. */
int line_send(struct line *l, enum frame_type type, const void *message, size_t size) MUST_CHECK;
/* Frames that are encoded already. */
int line_send_raw(struct line *l, const void *frames, size_t len) MUST_CHECK;
#define LINE_SEND(l, type, msg) line_send((l), (type), (msg), sizeof(*(msg)))

static inline void line_free_cleanup(struct line **l)
{
	line_free(*l);
}
#define CLEANUP_LINE CLEANUP(line_free_cleanup)
