/*
 * The one connection to the gateway: TCP, TLS, frames, and coming back.
 *
 *	           link_start                     handshake
 *	  DOWN ───────────────> WAITING ──> CONNECTING ──> OPEN
 *	   ^                       ^            │            │
 *	   └── link_stop ──        └── backoff ─┴── failure ─┘
 *
 * 1. A failed attempt goes on with the next server of the list, after a pause that doubles from
 *    1 s up to the limit, half of it random: a thousand agents do not come back in one second.
 * 2. link_settled() (the server greeted us) puts the pause back to its beginning.
 * 3. What was sent and not yet written is lost with the connection; durable things live elsewhere.
 *
 * One thread, that of the loop.
 */
#pragma once

#include "base/addr.h"
#include "base/loop.h"
#include "crypto/tls.h"
#include "wire/frame.h"

struct link;

struct link_options {
	struct loop *loop;
	const struct addr *servers; /* borrowed for the link's life, as is server_name */
	size_t server_count;
	const char *server_name; /* "": the server's address stands in its certificate */
	int64_t retry_max_ms;
	void (*on_open)(void *arg);
	/* Negative ends the connection with strerror() of it as the reason. */
	int (*on_frame)(void *arg, const struct frame *f);
	/* Bytes went out: there is room for more. */
	void (*on_room)(void *arg);
	/* `why` is one line for people; the link tries again by itself. */
	void (*on_down)(void *arg, const char *why);
	int64_t (*now_ms)(void *arg); /* to judge certificates by */
	void *arg;
};

int link_new(const struct link_options *o, struct link **ret) MUST_CHECK;
void link_free(struct link *l);
/* Connects at once, with this context from now on (taken over); an open connection is closed. */
void link_start(struct link *l, struct tls_ctx *tls);
void link_stop(struct link *l);
void link_settled(struct link *l);
/*
 * An address or a cable of this terminal changed: a connection whose own address is gone has
 * failed, and a pause ends early.
 */
void link_check_path(struct link *l);
/* Ends the connection as if it had failed. */
void link_drop(struct link *l, const char *why);
bool link_is_open(const struct link *l);
/* The server that is, or was last, spoken to. */
const struct addr *link_server(const struct link *l);
size_t link_backlog(const struct link *l); /* bytes not yet written */
/* -ENOTCONN, or the encoder's error. */
int link_send(struct link *l, enum frame_type type, const void *message, size_t size) MUST_CHECK;
#define LINK_SEND(l, type, msg) link_send((l), (type), (msg), sizeof(*(msg)))

static inline void link_free_cleanup(struct link **l)
{
	link_free(*l);
}
#define CLEANUP_LINK CLEANUP(link_free_cleanup)
