#define _GNU_SOURCE
#include "gate/peer/hearer.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/tls.h"
#include "gate/beside/told.h"
#include "gate/line/renewal.h"

#define BACKLOG 64
#define STREAMS_MAX ((size_t)2 * GATE_PEERS_MAX)
#define STRANGERS_MAX 16 /* of those, from hosts that no peer is named at, and not yet proven */
#define CA_MAX (64U << 10)
#define TICK_MS 1000
#define HANDSHAKE_MS 5000
#define READS_PER_ROUND 4
#define READ_CHUNK 4096
#define OUT_MAX (64U << 10)
#define TOLD_MAX 256

struct stream {
	struct hearer *hearer;
	struct stream *next;
	struct peer *peer; /* NULL: it has not proven yet who it is */
	bool dead;
	int fd;
	struct tls_conn *tls;
	struct loop_watch *watch;
	uint32_t watched;
	struct addr from;
	int64_t opened_ms; /* monotonic */
	struct buf in, out;
};

/* A key: a host and one of this file's sentences. */
struct trouble {
	const char *cause;
	uint8_t host[16];
};

struct hearer {
	struct gate *gate;
	struct peers *peers;
	struct tls_ctx *tls;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *tick, *again;
	struct stream *first;
	struct told told; /* troubles that were said lately */
	size_t count;
};

/* ---- the end of a stream ---- */

static void cut(struct stream *c)
{
	if (c->dead)
		return;
	c->dead = true;
	loop_watch_remove(c->watch);
	c->watch = NULL;
	close_cleanup(&c->fd);
	c->fd = -1;
	c->hearer->count--;
	if (c->peer && c->peer->stream == c) {
		c->peer->stream = NULL;
		peer_lost(c->peer);
	}
	loop_timer_arm(c->hearer->again, 1); /* its memory is given back from there */
}

static void cut_and_tell(struct stream *c, const char *cause, const char *detail)
{
	struct trouble trouble = {.cause = cause};
	char text[ADDR_TEXT_SIZE];

	addr_host_key(&c->from, trouble.host);
	if (told_ask(&c->hearer->told, &trouble, clock_mono_ms()) == TOLD_NEW) {
		addr_format(text, &c->from);
		log_warn("a peer's connection from %s is cut: %s%s", text, cause, detail);
	}
	cut(c);
}

static void watch_for(struct stream *c, uint32_t events)
{
	if (c->dead || c->watched == events)
		return;
	if (loop_watch_change(c->watch, events))
		cut(c);
	c->watched = events;
}

/* ---- a stream that is open ---- */

static void write_out(struct stream *c)
{
	enum tls_result result = TLS_DONE;
	size_t n;

	while (c->out.len > 0 && result == TLS_DONE) {
		result = tls_conn_write(c->tls, c->out.data, c->out.len, &n);
		if (result == TLS_DONE)
			buf_consume(&c->out, n);
	}
	if (result == TLS_CLOSED || result == TLS_FAILED)
		cut(c);
	else
		watch_for(c, EPOLLIN | (c->out.len > 0 ? (uint32_t)EPOLLOUT : 0));
}

static void take_frames(struct stream *c)
{
	int64_t now_ms = gate_now(c->hearer->gate);
	struct frame f;
	size_t used, at = 0;
	int err;

	while ((err = frame_parse(c->in.data + at, c->in.len - at, &f, &used)) == 0) {
		at += used;
		err = hearing_take(&c->peer->hearing, &f, now_ms, &c->out);
		if (err)
			break;
	}
	buf_consume(&c->in, at);
	if (err == -EAGAIN && !c->out.error)
		peer_heard(c->peer);
	else
		cut_and_tell(c, "it sent what is no message for us: ",
			     strerror(c->out.error ? -c->out.error : -err));
}

static void read_in(struct stream *c)
{
	enum tls_result result = TLS_DONE;

	for (unsigned i = 0; i < READS_PER_ROUND && !c->dead; i++) {
		uint8_t *p = buf_reserve(&c->in, READ_CHUNK);
		size_t n = 0;

		if (!p) {
			cut(c);
			return;
		}
		result = tls_conn_read(c->tls, p, READ_CHUNK, &n);
		if (result != TLS_DONE)
			break;
		c->in.len += n;
		take_frames(c);
	}
	if (c->dead)
		return;
	if (result == TLS_CLOSED || result == TLS_FAILED)
		cut(c);
	else if (result == TLS_DONE)
		loop_timer_arm(c->hearer->again, 1);
	if (!c->dead)
		write_out(c);
}

/* ---- the handshake ---- */

static const char *find_peer(struct stream *c)
{
	struct gate *g = c->hearer->gate;
	struct tls_peer shown;
	struct peer *p;
	const char *why;

	if (tls_conn_peer(c->tls, gate_now(g), &shown))
		return "no certificate that can be read";
	p = shown.cert.holder == CERT_GATE ? peers_named(c->hearer->peers, shown.cert.gate) : NULL;
	why = p ? peer_judge(p, &shown) : "its certificate is of no gate that is named as a peer";
	if (!why)
		c->peer = p;
	return why;
}

static void shake_hands(struct stream *c)
{
	enum tls_result result = tls_conn_handshake(c->tls);
	const char *why;

	if (result == TLS_WANT_READ || result == TLS_WANT_WRITE) {
		watch_for(c, result == TLS_WANT_READ ? EPOLLIN : EPOLLOUT);
		return;
	}
	if (result != TLS_DONE) {
		cut_and_tell(c, "handshake: ", tls_conn_error(c->tls));
		return;
	}
	why = find_peer(c);
	if (why) {
		cut_and_tell(c, why, "");
		return;
	}
	if (c->peer->stream)
		cut(c->peer->stream);
	c->peer->stream = c;
	hearing_restart(&c->peer->hearing);
	watch_for(c, EPOLLIN);
}

static void on_stream(void *arg, int fd, uint32_t events)
{
	struct stream *c = arg;

	(void)fd;
	if (!c->peer)
		shake_hands(c);
	if (!c->dead && c->peer && (events & EPOLLOUT))
		write_out(c);
	if (!c->dead && c->peer)
		read_in(c);
}

/* ---- new connections ---- */

static int open_stream(struct hearer *h, int fd, const struct addr *from)
{
	struct stream *c = calloc(1, sizeof(*c));
	int err, on = 1;

	if (!c)
		return -ENOMEM;
	*c = (struct stream){.hearer = h,
			     .fd = fd,
			     .watched = EPOLLIN,
			     .from = *from,
			     .opened_ms = clock_mono_ms()};
	buf_init(&c->in, 2 * (FRAME_HEADER + FRAME_MAX));
	buf_init(&c->out, OUT_MAX);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	err = tls_accept_new(h->tls, fd, &c->tls);
	if (!err)
		err = loop_watch_fd(h->gate->loop, fd, EPOLLIN, on_stream, c, &c->watch);
	if (err) {
		tls_conn_free(c->tls);
		free(c);
		return err;
	}
	c->next = h->first;
	h->first = c;
	h->count++;
	return 0;
}

static bool is_a_peers_host(const struct hearer *h, const struct addr *from)
{
	const struct peer_gates *peers = &h->gate->settings.peers;

	for (size_t i = 0; i < peers->count; i++)
		if (addr_same_host(&peers->list[i].address, from))
			return true;
	return false;
}

/* Who only connects takes no room from the peers; one may come from another of its addresses. */
static bool is_welcome(const struct hearer *h, const struct addr *from)
{
	size_t strangers = 0;

	for (const struct stream *c = h->first; c; c = c->next)
		strangers += !c->dead && !c->peer && !is_a_peers_host(h, &c->from);
	if (is_a_peers_host(h, from))
		return h->count - strangers < STREAMS_MAX;
	return strangers < STRANGERS_MAX;
}

static void on_listener(void *arg, int fd, uint32_t events)
{
	struct hearer *h = arg;
	struct addr from = {.len = sizeof(from.in6)};
	CLEANUP_FD int peer = accept4(fd, &from.sa, &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (peer >= 0 && is_welcome(h, &from) && open_stream(h, peer, &from) == 0)
		(void)TAKE_FD(peer);
}

/* ---- the clock ---- */

static void look_at(struct stream *c)
{
	struct tls_peer shown;
	const char *why;

	if (!c->peer) {
		if (clock_mono_ms() - c->opened_ms > HANDSHAKE_MS)
			cut_and_tell(c, "its handshake takes too long", "");
		return;
	}
	why = tls_conn_peer(c->tls, gate_now(c->hearer->gate), &shown)
		      ? "no certificate that can be read"
		      : peer_judge(c->peer, &shown);
	if (why)
		cut_and_tell(c, why, "");
	else if (clock_mono_ms() - MAX(c->opened_ms, c->peer->heard_mono_ms) > 2 * PEER_SILENT_MS)
		cut_and_tell(c, "it says nothing", "");
}

static void bury(struct hearer *h)
{
	struct stream **at = &h->first;

	while (*at) {
		struct stream *c = *at;

		if (!c->dead) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		tls_conn_free(c->tls);
		buf_done(&c->in);
		buf_done(&c->out);
		free(c);
	}
}

static void on_again(void *arg)
{
	struct hearer *h = arg;

	bury(h);
	for (struct stream *c = h->first; c; c = c->next)
		if (!c->dead && c->peer)
			read_in(c);
}

static void on_tick(void *arg)
{
	struct hearer *h = arg;

	for (struct stream *c = h->first; c; c = c->next)
		if (!c->dead)
			look_at(c);
	loop_timer_arm(h->tick, TICK_MS);
}

/* ---- its life ---- */

static int make_tls(const struct settings *s, const struct cert_pair *pair, struct tls_ctx **ret)
{
	CLEANUP_BUF struct buf ca = BUF_INIT;
	int err = file_read(s->ca, CA_MAX, &ca);

	return err ? err
		   : tls_server_new(
			     &(struct tls_server_options){.cert_pem = buf_str(&pair->cert_pem),
							  .key_pem = buf_str(&pair->key_pem),
							  .ca_pem = buf_str(&ca),
							  .client_cert_required = true,
							  .session_cache_size = STREAMS_MAX},
			     ret);
}

int hearer_use_certificate(struct hearer *h)
{
	struct cert_pair pair;
	int err = renewal_load_pair(&h->gate->settings, &pair);

	if (err)
		return err;
	err = h->tls ? tls_server_use_pair(h->tls, buf_str(&pair.cert_pem), buf_str(&pair.key_pem))
		     : make_tls(&h->gate->settings, &pair, &h->tls);
	cert_pair_done(&pair);
	return err;
}

static int listen_at(struct hearer *h)
{
	h->fd = gate_listen(h->gate->settings.peer_listen, PEER_PORT, BACKLOG);
	return h->fd < 0 ? h->fd
			 : loop_watch_fd(h->gate->loop, h->fd, EPOLLIN, on_listener, h, &h->watch);
}

int hearer_new(struct gate *g, struct peers *peers, struct hearer **ret)
{
	struct hearer *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->gate = g;
	h->peers = peers;
	h->fd = -1;
	told_init(&h->told, sizeof(struct trouble), TOLD_MAX, MINUTE_MS);
	err = hearer_use_certificate(h);
	if (!err)
		err = loop_timer_new(g->loop, on_tick, h, &h->tick);
	if (!err)
		err = loop_timer_new(g->loop, on_again, h, &h->again);
	if (!err)
		err = listen_at(h);
	if (err) {
		hearer_free(h);
		return err;
	}
	loop_timer_arm(h->tick, TICK_MS);
	*ret = h;
	return 0;
}

void hearer_free(struct hearer *h)
{
	if (!h)
		return;
	for (struct stream *c = h->first; c; c = c->next)
		cut(c);
	bury(h);
	loop_watch_remove(h->watch);
	close_cleanup(&h->fd);
	loop_timer_free(h->tick);
	loop_timer_free(h->again);
	tls_ctx_free(h->tls);
	told_done(&h->told);
	free(h);
}
