/*
 * What gateway.bench measures with: a bare TLS server to compare with, clients that shake hands,
 *and desks that greet and then say nothing.
 *
 *	gateway_load bare SERVER_DIR ADDRESS
 *	gateway_load handshakes FOLDER ADDRESS COUNT full|resumed
 *	gateway_load idle FOLDER ADDRESS COUNT        (says "ready", ends with its standard input)
 *
 * FOLDER is what `desk_load prepare` made.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/tls.h"
#include "wire/frame.h"

#define FILE_MAX (1U << 30)
#define STEP_MS 5000

static _Noreturn void fail(const char *what, int err)
{
	fprintf(stderr, "gateway_load: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void check(const char *what, int err)
{
	if (err)
		fail(what, err);
}

static void load(const char *folder, const char *name, struct buf *ret)
{
	CLEANUP_FREE char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		fail("memory", -ENOMEM);
	buf_init(ret, FILE_MAX);
	check(path, file_read(path, FILE_MAX, ret));
}

/* ---- the bare server: accept, shake hands, wait for the end; one connection at a time ---- */

static void finish(struct tls_conn *c, int fd)
{
	enum tls_result r = tls_conn_handshake(c);
	uint8_t byte[64];
	size_t n;

	while (r == TLS_WANT_READ || r == TLS_WANT_WRITE || r == TLS_DONE) {
		struct pollfd p = {fd, r == TLS_WANT_WRITE ? POLLOUT : POLLIN, 0};

		if (r == TLS_DONE) {
			r = tls_conn_read(c, byte, sizeof(byte), &n);
			continue;
		}
		if (poll(&p, 1, STEP_MS) <= 0)
			return;
		/* Before the handshake's end a read goes on with it. */
		r = tls_conn_read(c, byte, sizeof(byte), &n);
	}
}

static _Noreturn void bare(const char *server, const char *address)
{
	CLEANUP_FREE char *keys = NULL;
	struct buf cert, key, ca;
	struct tls_ctx *ctx;
	struct addr at;
	int listener;

	if (asprintf(&keys, "%s/keys", server) < 0)
		fail("memory", -ENOMEM);
	load(keys, "server.pem", &cert);
	load(keys, "server.key", &key);
	load(keys, "ca.pem", &ca);
	const struct tls_server_options o = {
		.cert_pem = buf_str(&cert), .key_pem = buf_str(&key), .ca_pem = buf_str(&ca)};
	check("context", tls_server_new(&o, &ctx));
	check("address", addr_parse(address, 8444, &at));
	listener = addr_tcp_listen(&at, 1024);
	if (listener < 0)
		fail("listen", listener);
	for (;;) {
		struct pollfd p = {listener, POLLIN, 0};
		struct tls_conn *c;
		int fd;

		if (poll(&p, 1, -1) < 0 || (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0)
			continue;
		check("accept", tls_accept_new(ctx, fd, &c));
		finish(c, fd);
		tls_conn_free(c);
		close(fd);
	}
}

/* ---- clients ---- */

struct client {
	struct tls_conn *conn;
	int fd;
};

static void wait_for(const struct client *c, enum tls_result r)
{
	struct pollfd p = {c->fd, r == TLS_WANT_WRITE ? POLLOUT : POLLIN, 0};

	if (poll(&p, 1, STEP_MS) <= 0)
		fail("the server does not answer", -ETIME);
}

static void connect_to(struct client *c, struct tls_ctx *ctx, const struct addr *to)
{
	enum tls_result r;

	c->fd = socket(to->sa.sa_family, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, &to->sa, to->len) < 0)
		fail("connect", -errno);
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0)
		fail("socket", -errno);
	check("tls", tls_connect_new(ctx, c->fd, "menshend", 0, &c->conn));
	while ((r = tls_conn_handshake(c->conn)) == TLS_WANT_READ || r == TLS_WANT_WRITE)
		wait_for(c, r);
	if (r != TLS_DONE) {
		fprintf(stderr, "gateway_load: handshake: %s\n", tls_conn_error(c->conn));
		exit(1);
	}
}

static void hang_up(struct client *c)
{
	tls_conn_free(c->conn);
	close(c->fd);
}

/* The session comes after the handshake: read until it is there. */
static void take_session(struct client *c)
{
	uint8_t byte[64];
	size_t n;

	wait_for(c, TLS_WANT_READ);
	if (tls_conn_read(c->conn, byte, sizeof(byte), &n) == TLS_FAILED)
		fail("session", -EPROTO);
}

static struct tls_ctx *context(const char *ca, const char *cert, const char *key)
{
	const struct tls_client_options o = {ca, cert, key};
	struct tls_ctx *ctx;

	check("context", tls_client_new(&o, &ctx));
	return ctx;
}

static char *take_cert(const char **at)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	const char *stop = strstr(*at, end);
	char *cert;

	if (!stop)
		fail("more desks than were prepared", -ENOENT);
	cert = strndup(*at, (size_t)(stop - *at) + sizeof(end) - 1);
	*at = stop + sizeof(end) - 1;
	return cert;
}

static void handshakes(const char *folder, const struct addr *to, uint64_t count, bool resumed)
{
	struct buf ca, key, certs;
	const char *at;
	char *cert;
	struct tls_ctx *ctx;
	struct client c;
	uint64_t resumptions = 0;

	load(folder, "ca.pem", &ca);
	load(folder, "key.pem", &key);
	load(folder, "certs.pem", &certs);
	at = buf_str(&certs);
	cert = take_cert(&at);
	ctx = context(buf_str(&ca), cert, buf_str(&key));
	for (uint64_t i = 0; i < count; i++) {
		connect_to(&c, ctx, to);
		resumptions += tls_conn_resumed(c.conn);
		if (!tls_conn_resumed(c.conn))
			take_session(&c);
		hang_up(&c);
		if (!resumed) {
			tls_ctx_free(ctx); /* and the session with it */
			ctx = context(buf_str(&ca), cert, buf_str(&key));
		}
	}
	printf("{\"resumed\": %llu}\n", (unsigned long long)resumptions);
	tls_ctx_free(ctx);
	free(cert);
	buf_done(&ca);
	buf_done(&key);
	buf_done(&certs);
}

static void greet(struct client *c)
{
	menshen_AgentHello hello = {
		.protocol = 1, .version = "bench", .os = "Linux", .next_seq = 1};
	CLEANUP_BUF struct buf out = BUF_INIT;
	uint8_t answer[1024];
	size_t n;
	enum tls_result r;

	random_bytes(hello.epoch, sizeof(hello.epoch));
	check("hello", FRAME_ENCODE(&out, FRAME_AGENT_HELLO, &hello));
	if (tls_conn_write(c->conn, out.data, out.len, &n) != TLS_DONE)
		fail("hello", -EPROTO);
	while ((r = tls_conn_read(c->conn, answer, sizeof(answer), &n)) == TLS_WANT_READ)
		wait_for(c, r);
	if (r != TLS_DONE || n < FRAME_HEADER || get_be16(answer + 4) != FRAME_WELCOME)
		fail("the server does not welcome", -EPROTO);
}

static void idle(const char *folder, const struct addr *to, uint64_t count)
{
	struct buf ca, key, certs;
	struct client *clients = calloc(count, sizeof(*clients));
	const char *at;
	char end;

	load(folder, "ca.pem", &ca);
	load(folder, "key.pem", &key);
	load(folder, "certs.pem", &certs);
	at = buf_str(&certs);
	for (uint64_t i = 0; i < count; i++) {
		CLEANUP_FREE char *cert = take_cert(&at);
		struct tls_ctx *ctx = context(buf_str(&ca), cert, buf_str(&key));

		connect_to(&clients[i], ctx, to);
		greet(&clients[i]);
		tls_ctx_free(ctx); /* the connection holds what it needs of it */
	}
	puts("ready");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		;
	free(clients);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct addr to;
	uint64_t count = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	if (argc == 4 && text_equal(argv[1], "bare"))
		bare(argv[2], argv[3]);
	if (argc < 5 || addr_parse(argv[3], 8444, &to) || text_to_u64(argv[4], 1, 1000000, &count))
		return 2;
	if (text_equal(argv[1], "handshakes") && argc == 6)
		handshakes(argv[2], &to, count, text_equal(argv[5], "resumed"));
	else if (text_equal(argv[1], "idle"))
		idle(argv[2], &to, count);
	else
		return 2;
	return 0;
}
