#include "peer.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

struct tls_ctx *peer_context(const char *ca_pem, const char *cert_pem, const char *key_pem)
{
	const struct tls_client_options o = {ca_pem, cert_pem, key_pem};
	struct tls_ctx *ctx = NULL;

	assert_int_equal(tls_client_new(&o, &ctx), 0);
	return ctx;
}

static void wait_for(struct peer *p, enum tls_result r, int timeout_ms)
{
	struct pollfd pfd = {p->fd, r == TLS_WANT_WRITE ? POLLOUT : POLLIN, 0};

	(void)poll(&pfd, 1, timeout_ms);
}

int peer_connect(struct peer *p, struct tls_ctx *ctx, const struct addr *to)
{
	enum tls_result r;
	int64_t until = clock_mono_ms() + 5000;

	*p = (struct peer){.ctx = ctx, .fd = socket(to->sa.sa_family, SOCK_STREAM, 0)};
	buf_init(&p->in, 16U << 20);
	assert_true(p->fd >= 0);
	if (connect(p->fd, &to->sa, to->len) < 0) {
		peer_close(p);
		return -ECONNREFUSED;
	}
	assert_int_equal(fcntl(p->fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(tls_connect_new(ctx, p->fd, "menshend", 0, &p->conn), 0);
	while ((r = tls_conn_handshake(p->conn)) == TLS_WANT_READ || r == TLS_WANT_WRITE) {
		wait_for(p, r, 100);
		if (clock_mono_ms() > until)
			break;
	}
	if (r == TLS_DONE)
		return 0;
	peer_close(p);
	return -ECONNRESET;
}

void peer_close(struct peer *p)
{
	tls_conn_free(p->conn);
	p->conn = NULL;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	buf_done(&p->in);
}

void peer_send_bytes(struct peer *p, const void *data, size_t len)
{
	const uint8_t *at = data;
	int64_t until = clock_mono_ms() + 5000;

	while (len > 0 && clock_mono_ms() < until) {
		size_t n = 0;
		enum tls_result r = tls_conn_write(p->conn, at, len, &n);

		if (r == TLS_DONE) {
			at += n;
			len -= n;
		} else if (r == TLS_WANT_READ || r == TLS_WANT_WRITE) {
			wait_for(p, r, 100);
		} else {
			return; /* cut: the next read says so */
		}
	}
}

void peer_send(struct peer *p, enum frame_type type, const void *message, size_t size)
{
	CLEANUP_BUF struct buf out = BUF_INIT;

	assert_int_equal(frame_encode(&out, type, message, size), 0);
	peer_send_bytes(p, out.data, out.len);
}

static int fill(struct peer *p, int64_t until)
{
	uint8_t chunk[16384];
	size_t n = 0;
	enum tls_result r = tls_conn_read(p->conn, chunk, sizeof(chunk), &n);

	if (r == TLS_DONE)
		buf_append(&p->in, chunk, n);
	else if (r == TLS_CLOSED || r == TLS_FAILED)
		return -ECONNRESET;
	else if (clock_mono_ms() >= until)
		return -ETIME;
	else
		wait_for(p, r, 20);
	return 0;
}

static uint8_t kept[FRAME_MAX + FRAME_HEADER];

int peer_next(struct peer *p, struct frame *ret, int timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	struct frame f;
	size_t used;
	int err;

	while ((err = frame_parse(p->in.data, p->in.len, &f, &used)) == -EAGAIN) {
		err = fill(p, until);
		if (err)
			return err;
	}
	assert_int_equal(err, 0);
	memcpy(kept, f.payload, f.len);
	*ret = (struct frame){f.type, kept, f.len};
	buf_consume(&p->in, used);
	return 0;
}

int peer_expect(struct peer *p, enum frame_type wanted, void *message, size_t size, int timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	struct frame f;
	int err;

	do {
		err = peer_next(p, &f, (int)MAX(until - clock_mono_ms(), 0));
		if (err)
			return err;
	} while (f.type != wanted);
	return frame_decode(&f, message, size);
}

bool peer_is_cut(struct peer *p, int timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	struct frame f;
	int err;

	while (!(err = peer_next(p, &f, (int)MAX(until - clock_mono_ms(), 0))))
		;
	return err == -ECONNRESET;
}
