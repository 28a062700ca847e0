/* A desk or a gate for tests: a blocking TLS client that speaks frames. */
#pragma once

#include "base/addr.h"
#include "crypto/tls.h"
#include "wire/frame.h"

struct peer {
	struct tls_ctx *ctx;
	struct tls_conn *conn;
	int fd;
	struct buf in;
};

/* A context that keeps its session for the next connection. */
struct tls_ctx *peer_context(const char *ca_pem, const char *cert_pem, const char *key_pem);
/* Connects and shakes hands; 0 or negative. `ctx` is borrowed. */
int peer_connect(struct peer *p, struct tls_ctx *ctx, const struct addr *to);
void peer_close(struct peer *p);
void peer_send(struct peer *p, enum frame_type type, const void *message, size_t size);
#define PEER_SEND(p, type, msg) peer_send((p), (type), (msg), sizeof(*(msg)))
void peer_send_bytes(struct peer *p, const void *data, size_t len);
/* The next frame's type within `timeout_ms`, decoded into `message` when it is of type `wanted`
 * (other types are skipped). -ETIME; -ECONNRESET: the connection ended. */
int peer_expect(struct peer *p, enum frame_type wanted, void *message, size_t size, int timeout_ms);
#define PEER_EXPECT(p, type, msg, ms) peer_expect((p), (type), (msg), sizeof(*(msg)), (ms))
/* The next frame whatever it is; its payload is valid until the next call. */
int peer_next(struct peer *p, struct frame *ret, int timeout_ms);
/* True: the server ended the connection within the time; frames before it are dropped. */
bool peer_is_cut(struct peer *p, int timeout_ms);
