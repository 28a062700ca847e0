/*
 * TLS 1.3 (RFC 8446) on non-blocking sockets, P-256 both sides; the caller owns socket and loop.
 *
 * A `struct tls_ctx` is made once and lives as long as its connections; a server's may be shared by
 * several threads, a client's belongs to one. A `struct tls_conn` belongs to one thread. No call
 * blocks: TLS_WANT_READ and TLS_WANT_WRITE say what to wait for before the same call again (a write
 * with the same bytes, which may have moved). The program ignores SIGPIPE (base/loop.h).
 *
 * Server: stateful resumption (a session cache, no tickets that carry state). A session is resumed
 * as often as its client comes back, but not past its life, which no resumption prolongs: then the
 * key is proven again. So a client costs the cache one session, and who listens can tell that two
 * connections are of one client. A resumed session has proven itself once, up to a day ago: ask
 * tls_conn_peer() and check revocation again. A client certificate of ours that has expired
 * connects, so that it can be renewed: peer.expired says so. Forward secrecy always (psk_dhe_ke).
 */
#pragma once

#include "crypto/ca.h"

struct tls_ctx;
struct tls_conn;

struct tls_server_options {
	const char *cert_pem; /* leaf, then intermediates if any */
	const char *key_pem;
	const char *ca_pem;	     /* signs the clients' certificates; NULL: none is asked for */
	bool client_cert_required;   /* false: enrolment connects without */
	unsigned session_cache_size; /* sessions kept; 0: 131072 */
	unsigned session_seconds;    /* a session's life; 0: 86400 */
};

/* -EBADMSG: a PEM text is wrong or key and certificate do not match. */
int tls_server_new(const struct tls_server_options *options, struct tls_ctx **ret) MUST_CHECK;

/* New connections show this pair from now on; those that stand keep theirs. From any thread. */
int tls_server_use_pair(struct tls_ctx *ctx, const char *cert_pem, const char *key_pem) MUST_CHECK;

struct tls_client_options {
	const char *ca_pem;   /* the one root that is trusted */
	const char *cert_pem; /* NULL with key_pem: no client certificate (enrolment) */
	const char *key_pem;
};

/* Keeps the last session and resumes it. */
int tls_client_new(const struct tls_client_options *options, struct tls_ctx **ret) MUST_CHECK;
void tls_ctx_free(struct tls_ctx *ctx);

/* The descriptor stays the caller's and must be non-blocking. */
int tls_accept_new(struct tls_ctx *ctx, int fd, struct tls_conn **ret) MUST_CHECK;
/* `server_name`: the DNS name or IP address that the certificate must carry. `at_ms`: the time to
 * judge the certificate by (an agent's trusted time), 0: the system's. */
int tls_connect_new(struct tls_ctx *ctx, int fd, const char *server_name, int64_t at_ms,
		    struct tls_conn **ret) MUST_CHECK;
/* After TLS_DONE of tls_conn_shutdown(), or abruptly; sessions stay resumable either way, also when
 * the line broke, but not when the peer broke the protocol. */
void tls_conn_free(struct tls_conn *c);

enum tls_result {
	TLS_DONE,
	TLS_WANT_READ,
	TLS_WANT_WRITE,
	TLS_CLOSED, /* the peer said goodbye or hung up */
	TLS_FAILED, /* tls_conn_error() says why; the connection is dead */
};

enum tls_result tls_conn_handshake(struct tls_conn *c) MUST_CHECK;
/* TLS_DONE: 1..size bytes read. Read until TLS_WANT_READ: bytes may wait inside the library. */
enum tls_result tls_conn_read(struct tls_conn *c, void *data, size_t size,
			      size_t *ret_len) MUST_CHECK;
/* TLS_DONE: 1..len bytes written. */
enum tls_result tls_conn_write(struct tls_conn *c, const void *data, size_t len,
			       size_t *ret_len) MUST_CHECK;
enum tls_result tls_conn_shutdown(struct tls_conn *c) MUST_CHECK;
bool tls_conn_resumed(const struct tls_conn *c);
/* One line for the log, never NULL, lives until the next call on `c`. */
const char *tls_conn_error(const struct tls_conn *c);

struct tls_peer {
	struct cert_info cert;
	bool expired; /* at `now_ms` */
};

/* Who the peer has proven to be; -ENOENT when it showed no certificate. */
int tls_conn_peer(const struct tls_conn *c, int64_t now_ms, struct tls_peer *ret) MUST_CHECK;

static inline void tls_ctx_free_cleanup(struct tls_ctx **ctx)
{
	tls_ctx_free(*ctx);
}
static inline void tls_conn_free_cleanup(struct tls_conn **c)
{
	tls_conn_free(*c);
}
#define CLEANUP_TLS_CTX CLEANUP(tls_ctx_free_cleanup)
#define CLEANUP_TLS_CONN CLEANUP(tls_conn_free_cleanup)
