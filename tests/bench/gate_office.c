/*
 * A head office for the gate's benchmark: takes its records, and sends it a whole snapshot anew.
 *
 *	gate_office DIR PORT SNAPSHOT
 *
 * Makes a root and two certificates in DIR (ca.pem, gate.pem, gate.key), says "ready", and then,
 * for each SIGUSR1, sends the rows of the file SNAPSHOT (gate/facts/snapshot_file.h) under the next
 * revision, as fast as the gate takes them; for each SIGUSR2 it reads the file anew before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/tls.h"
#include "wire/frame.h"

#define GATE_NAME "test-gate"
#define ROWS_AT (56 + HASH_SIZE) /* in the file */
#define FILE_MAX (1U << 30)
#define READ_CHUNK 16384

static volatile sig_atomic_t asked, read_again;

struct office {
	struct tls_ctx *tls;
	struct tls_conn *conn;
	int listener, fd;
	bool shaken;
	const char *path;
	struct buf rows, in, out;
	size_t rows_sent; /* bytes of `rows`; all of them: none is under way */
	uint64_t row_count;
	int64_t rev;
};

static void check(const char *what, int err)
{
	if (!err)
		return;
	fprintf(stderr, "gate_office: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	CLEANUP_FREE char *path = NULL;

	check(name, file_path(dir, name, &path));
	check(name, file_replace(path, text, strlen(text), 0600));
}

static void make_certificates(struct office *o, const char *dir)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT, gate_key = BUF_INIT,
			       gate_cert = BUF_INIT;
	int64_t now_ms = clock_wall_ms();
	const struct cert_spec own = {.common_name = "menshend",
				      .sans = {"menshend"},
				      .server = true,
				      .not_before_ms = now_ms - HOUR_MS,
				      .not_after_ms = now_ms + DAY_MS},
			       gate = {.common_name = GATE_NAME,
				       .holder = CERT_GATE,
				       .gate = GATE_NAME,
				       .client = true,
				       .not_before_ms = now_ms - HOUR_MS,
				       .not_after_ms = now_ms + DAY_MS};
	struct ca *ca;

	check("ca", ca_make("Bench root", now_ms, 30, &ca));
	check("server", ca_issue_pair(ca, &own, &key, &cert));
	check("gate", ca_issue_pair(ca, &gate, &gate_key, &gate_cert));
	write_file(dir, "ca.pem", ca_pem(ca));
	write_file(dir, "gate.key", buf_str(&gate_key));
	write_file(dir, "gate.pem", buf_str(&gate_cert));
	check("tls", tls_server_new(&(struct tls_server_options){.cert_pem = buf_str(&cert),
								 .key_pem = buf_str(&key),
								 .ca_pem = ca_pem(ca),
								 .client_cert_required = true},
				    &o->tls));
	ca_free(ca);
}

static void read_rows(struct office *o)
{
	const char *path = o->path;
	size_t used;
	struct frame f;

	buf_done(&o->rows);
	buf_init(&o->rows, FILE_MAX);
	o->row_count = 0;
	check(path, file_read(path, FILE_MAX, &o->rows));
	check(path, o->rows.len < ROWS_AT ? -EBADMSG : 0);
	buf_consume(&o->rows, ROWS_AT);
	for (size_t at = 0; at < o->rows.len; at += used, o->row_count++)
		check(path, frame_parse(o->rows.data + at, o->rows.len - at, &f, &used));
	o->rows_sent = o->rows.len;
}

/* The connection's end. */
static void hang_up(struct office *o)
{
	tls_conn_free(o->conn);
	o->conn = NULL;
	close(o->fd);
	buf_clear(&o->in);
	buf_clear(&o->out);
	o->rows_sent = o->rows.len;
	o->shaken = false;
}

static void take(struct office *o, const struct frame *f)
{
	const menshen_GateWelcome welcome = {.server_time_ms = clock_wall_ms()};
	menshen_Record record;

	if (f->type == FRAME_GATE_HELLO)
		FRAME_ENCODE(&o->out, FRAME_GATE_WELCOME, &welcome);
	if (f->type != FRAME_RECORD || FRAME_DECODE(f, &record) || record.seq % 256)
		return;
	FRAME_ENCODE(&o->out, FRAME_ACK, &(const menshen_Ack){.through_seq = record.seq});
}

static bool receive(struct office *o)
{
	enum tls_result r;
	struct frame f;
	size_t n, used, at = 0;

	do {
		uint8_t *p = buf_reserve(&o->in, READ_CHUNK);

		r = p ? tls_conn_read(o->conn, p, READ_CHUNK, &n) : TLS_FAILED;
		if (r == TLS_DONE)
			o->in.len += n;
		for (; frame_parse(o->in.data + at, o->in.len - at, &f, &used) == 0; at += used)
			take(o, &f);
		buf_consume(&o->in, at);
		at = 0;
	} while (r == TLS_DONE);
	return r == TLS_WANT_READ || r == TLS_WANT_WRITE;
}

/* False: the socket is full. */
static bool send_some(struct office *o, const uint8_t *data, size_t len, size_t *ret_sent)
{
	*ret_sent = 0;
	return len == 0 ||
	       tls_conn_write(o->conn, data, MIN(len, READ_CHUNK), ret_sent) == TLS_DONE;
}

static void begin_snapshot(struct office *o)
{
	const menshen_SnapshotBegin begin = {.to_rev = ++o->rev};

	asked = 0;
	if (read_again) {
		read_again = 0;
		read_rows(o);
	}
	o->rows_sent = 0;
	FRAME_ENCODE(&o->out, FRAME_SNAPSHOT_BEGIN, &begin);
}

static void end_snapshot(struct office *o)
{
	const menshen_SnapshotEnd end = {.rev = o->rev, .rows = o->row_count};

	FRAME_ENCODE(&o->out, FRAME_SNAPSHOT_END, &end);
}

static bool has_to_send(const struct office *o)
{
	return o->out.len > 0 || o->rows_sent < o->rows.len;
}

/* The rows go without anything between them: what comes meanwhile waits for their end. */
static bool sends_rows(const struct office *o)
{
	return o->rows_sent < o->rows.len && (o->rows_sent > 0 || o->out.len == 0);
}

static void send_all(struct office *o)
{
	bool more = true;
	size_t n;

	while (more && has_to_send(o)) {
		if (!sends_rows(o)) {
			more = send_some(o, o->out.data, o->out.len, &n);
			buf_consume(&o->out, n);
			continue;
		}
		more = send_some(o, o->rows.data + o->rows_sent, o->rows.len - o->rows_sent, &n);
		o->rows_sent += n;
		if (o->rows_sent == o->rows.len)
			end_snapshot(o);
	}
}

static void welcome_gate(struct office *o)
{
	o->fd = accept4(o->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (o->fd >= 0 && tls_accept_new(o->tls, o->fd, &o->conn))
		close(o->fd);
}

static void work(struct office *o)
{
	if (!o->shaken) {
		enum tls_result r = tls_conn_handshake(o->conn);

		o->shaken = r == TLS_DONE;
		if (r == TLS_CLOSED || r == TLS_FAILED)
			hang_up(o);
		if (!o->shaken)
			return;
	}
	if (!receive(o)) {
		hang_up(o);
		return;
	}
	if (asked && o->rows_sent == o->rows.len)
		begin_snapshot(o);
	send_all(o);
}

static void on_signal(int signo)
{
	asked = 1;
	if (signo == SIGUSR2)
		read_again = 1;
}

int main(int argc, char **argv)
{
	struct office o = {.rev = 1, .in = BUF_INIT, .out = BUF_INIT};
	struct addr at;
	uint64_t port;

	if (argc != 4 || text_to_u64(argv[2], 1, 65535, &port))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	make_certificates(&o, argv[1]);
	o.path = argv[3];
	read_rows(&o);
	check("address", addr_parse("127.0.0.1", (uint16_t)port, &at));
	o.listener = addr_tcp_listen(&at, 4);
	check("listen", MIN(o.listener, 0));
	puts("ready");
	(void)fflush(stdout);
	for (;;) {
		struct pollfd p = {o.conn ? o.fd : o.listener, POLLIN, 0};

		if (o.conn && has_to_send(&o))
			p.events |= POLLOUT;
		poll(&p, 1, 20); /* a signal may come right before */
		if (!o.conn && p.revents)
			welcome_gate(&o);
		else if (o.conn)
			work(&o);
	}
}
