#define _GNU_SOURCE
#include "gate/front/radsec.h"

#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "crypto/tls.h"
#include "gate/beside/told.h"
#include "gate/front/front.h"
#include "gate/live/coa.h"
#include "radius/stream.h"

#define SECRET "radsec"
#define BACKLOG 64
#define TICK_MS 1000
#define HANDSHAKE_MS 10000
#define PARTIAL_MS                                                                                 \
	5000 /* for the rest of a packet that has begun, and for bytes that are stuck              \
	      */
#define READS_PER_ROUND 32
#define ACCEPTS_PER_ROUND 32
#define STREAMS_MAX 4096
#define SESSIONS_KEPT 4096
#define TOLD_MAX 1024
#define PEM_MAX 65536

enum stream_state { STREAM_HANDSHAKE, STREAM_OPEN };

struct stream {
	struct radsec *radsec;
	struct stream *next;
	enum stream_state state;
	bool dead, dirty;
	bool more; /* it has bytes that this round did not take */
	int fd;
	struct tls_conn *tls;
	struct loop_watch *watch;
	uint32_t watched;
	struct front_stream from;
	uint8_t host[16];
	int64_t opened_ms, heard_ms;  /* monotonic, as all here */
	int64_t partial_ms, stuck_ms; /* since when; 0: not */
	struct buf out;
	size_t in_len;
	uint8_t in[RADIUS_PACKET_MAX];
};

/* A key: a peer and one of this file's sentences. */
struct trouble {
	const char *cause;
	uint8_t host[16];
};

struct radsec {
	struct gate *gate;
	struct radius_secret secret;
	struct tls_ctx *tls;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *tick, *again;
	struct stream *first;
	struct map by_number;
	struct told told; /* troubles that were said lately */
	uint64_t last_number;
	size_t count;
	bool dirty;
};

/* ---- the end of a connection ---- */

static void cut(struct stream *c)
{
	if (c->dead)
		return;
	c->dead = true;
	map_remove(&c->radsec->by_number, &c->from.number);
	loop_watch_remove(c->watch);
	c->watch = NULL;
	close_cleanup(&c->fd);
	c->fd = -1;
	c->radsec->count--;
}

static void free_stream(struct stream *c)
{
	cut(c);
	tls_conn_free(c->tls);
	buf_done(&c->out);
	free(c);
}

/* Each cause once a minute and host, for a peer may try as often as it likes. */
static void cut_and_tell(struct stream *c, const char *cause, const char *detail)
{
	struct trouble trouble = {.cause = cause};
	char text[ADDR_TEXT_SIZE];

	memcpy(trouble.host, c->host, sizeof(trouble.host));
	if (told_ask(&c->radsec->told, &trouble, clock_mono_ms()) == TOLD_NEW) {
		addr_format(text, &c->from.addr);
		log_warn("RadSec connection of %s is cut: %s%s", text, cause, detail);
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

/* ---- writing ---- */

static void write_out(struct stream *c)
{
	enum tls_result result = TLS_DONE;
	size_t n;

	while (c->out.len > 0 && result == TLS_DONE) {
		result = tls_conn_write(c->tls, c->out.data, c->out.len, &n);
		if (result == TLS_DONE) {
			buf_consume(&c->out, n);
			c->stuck_ms = 0;
		}
	}
	if (result == TLS_CLOSED || result == TLS_FAILED) {
		cut(c);
		return;
	}
	if (c->out.len > 0 && !c->stuck_ms)
		c->stuck_ms = clock_mono_ms();
	watch_for(c, EPOLLIN | (c->out.len > 0 ? (uint32_t)EPOLLOUT : 0));
}

void radsec_send(struct radsec *s, uint64_t stream, const void *data, size_t len)
{
	struct stream *c = map_get(&s->by_number, &stream);

	if (!c)
		return;
	buf_append(&c->out, data, len);
	if (c->out.error) {
		cut_and_tell(c, "it does not take its answers", "");
		return;
	}
	c->dirty = s->dirty = true;
}

uint64_t radsec_of_switch(const struct radsec *s, int64_t switch_id)
{
	/* The newest comes first. */
	for (const struct stream *c = s ? s->first : NULL; c; c = c->next)
		if (!c->dead && c->state == STREAM_OPEN && c->from.switch_id == switch_id)
			return c->from.number;
	return 0;
}

void radsec_flush(struct radsec *s)
{
	if (!s || !s->dirty)
		return;
	s->dirty = false;
	for (struct stream *c = s->first; c; c = c->next)
		if (c->dirty && !c->dead) {
			c->dirty = false;
			write_out(c);
		}
}

/* ---- reading ---- */

/* A request, or the answer to one of the gate's own. */
static int take_packet(struct stream *c, const uint8_t *data, size_t len)
{
	struct gate *g = c->radsec->gate;

	if (!coa_is_answer(data[0]))
		return front_take(g->front, &c->from, data, len);
	coa_take(g->coa, c->from.number, data, len);
	return 0;
}

static void take_packets(struct stream *c)
{
	struct front *front = c->radsec->gate->front;
	size_t at = 0, len = 0;
	int err = 0;

	while (!err && !c->dead) {
		err = radius_stream_next(c->in + at, c->in_len - at, &len);
		if (!err)
			err = take_packet(c, c->in + at, len);
		if (!err) {
			at += len;
			c->heard_ms = clock_mono_ms();
			c->partial_ms = 0;
		}
	}
	front_taken(front);
	if (err != -EAGAIN) {
		cut_and_tell(c, "it sent what is no packet", "");
		return;
	}
	c->in_len -= at;
	memmove(c->in, c->in + at, c->in_len);
	if (c->in_len == 0)
		c->partial_ms = 0;
	else if (!c->partial_ms)
		c->partial_ms = clock_mono_ms();
}

static void read_in(struct stream *c)
{
	enum tls_result result = TLS_DONE;
	size_t n;

	for (unsigned i = 0; i < READS_PER_ROUND && !c->dead; i++) {
		result = tls_conn_read(c->tls, c->in + c->in_len, sizeof(c->in) - c->in_len, &n);
		if (result != TLS_DONE)
			break;
		c->in_len += n;
		take_packets(c);
	}
	if (c->dead)
		return;
	if (result == TLS_CLOSED || result == TLS_FAILED)
		cut(c);
	c->more = result == TLS_DONE;
	if (c->more)
		loop_timer_arm(c->radsec->again, 1);
}

static void on_again(void *arg)
{
	struct radsec *s = arg;

	for (struct stream *c = s->first; c; c = c->next)
		if (c->more && !c->dead)
			read_in(c);
}

/* ---- the handshake ---- */

static const struct snap_switch *switch_of(const struct stream *c)
{
	const struct snap_switch *sw = snapshot_switch_at(c->radsec->gate->snapshot, c->host);

	return sw && sw->usable ? sw : NULL;
}

/* NULL when the certificate is the switch's own, else why it is not. */
static const char *judge_peer(struct stream *c)
{
	int64_t now_ms = gate_now(c->radsec->gate);
	const struct snap_switch *sw = switch_of(c);
	struct tls_peer peer;

	if (tls_conn_peer(c->tls, now_ms, &peer))
		return "no certificate that can be read";
	if (peer.expired)
		return "its certificate has expired";
	if (peer.cert.holder != CERT_OTHER)
		return "its certificate is a terminal's or a gate's";
	if (!sw || strcasecmp(peer.cert.common_name, sw->row.name) != 0)
		return "its certificate bears another name than the switch at this address";
	c->from.switch_id = sw->row.id;
	return NULL;
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
	why = judge_peer(c);
	if (why) {
		cut_and_tell(c, why, "");
		return;
	}
	c->state = STREAM_OPEN;
	c->heard_ms = clock_mono_ms();
	watch_for(c, EPOLLIN);
	log_info("switch %s is connected by RadSec", switch_of(c)->row.name);
}

static void on_stream(void *arg, int fd, uint32_t events)
{
	struct stream *c = arg;

	(void)fd;
	if (c->state == STREAM_HANDSHAKE)
		shake_hands(c);
	if (!c->dead && c->state == STREAM_OPEN && (events & EPOLLOUT))
		write_out(c);
	if (!c->dead && c->state == STREAM_OPEN)
		read_in(c);
}

/* ---- new connections ---- */

static size_t count_of_host(const struct radsec *s, const uint8_t host[static 16])
{
	size_t count = 0;

	for (const struct stream *c = s->first; c; c = c->next)
		count += !c->dead && memcmp(c->host, host, sizeof(c->host)) == 0;
	return count;
}

/* Before the first byte of TLS: strangers cost a SYN. */
static bool is_welcome(struct radsec *s, const struct addr *from, const uint8_t host[static 16])
{
	const struct snap_switch *sw = snapshot_switch_at(s->gate->snapshot, host);

	if (!sw || !sw->usable) {
		front_stranger(s->gate->front, from);
		return false;
	}
	return s->count < STREAMS_MAX && count_of_host(s, host) < RADSEC_PER_SWITCH;
}

static int open_stream(struct radsec *s, int fd, const struct addr *from,
		       const uint8_t host[static 16])
{
	struct stream *c = calloc(1, sizeof(*c));
	int err, on = 1;

	if (!c)
		return -ENOMEM;
	*c = (struct stream){
		.radsec = s, .fd = fd, .watched = EPOLLIN, .opened_ms = clock_mono_ms()};
	c->from = (struct front_stream){.addr = *from, .number = ++s->last_number};
	memcpy(c->host, host, sizeof(c->host));
	buf_init(&c->out, RADSEC_OUT_MAX);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	err = tls_accept_new(s->tls, fd, &c->tls);
	if (!err)
		err = loop_watch_fd(s->gate->loop, fd, EPOLLIN, on_stream, c, &c->watch);
	if (!err)
		err = map_put(&s->by_number, &c->from.number, c, NULL);
	if (err) {
		loop_watch_remove(c->watch);
		tls_conn_free(c->tls);
		free(c);
		return err;
	}
	c->next = s->first;
	s->first = c;
	s->count++;
	return 0;
}

static void on_listener(void *arg, int fd, uint32_t events)
{
	struct radsec *s = arg;

	(void)events;
	for (unsigned i = 0; i < ACCEPTS_PER_ROUND; i++) {
		struct addr from = {.len = sizeof(from.in6)};
		CLEANUP_FD int peer =
			accept4(fd, &from.sa, &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		uint8_t host[16];

		if (peer < 0)
			return;
		addr_host_key(&from, host);
		if (is_welcome(s, &from, host) && open_stream(s, peer, &from, host) == 0)
			(void)TAKE_FD(peer);
	}
}

/* ---- the clock ---- */

static bool is_still_the_switch(const struct stream *c)
{
	const struct snap_switch *sw = switch_of(c);

	return sw && sw->row.id == c->from.switch_id;
}

static void look_at(struct stream *c, int64_t now_ms)
{
	int64_t idle_ms = (int64_t)c->radsec->gate->settings.radsec_idle_seconds * SECOND_MS;

	if (c->state == STREAM_HANDSHAKE) {
		if (now_ms - c->opened_ms > HANDSHAKE_MS)
			cut_and_tell(c, "its handshake takes too long", "");
	} else if (!is_still_the_switch(c)) {
		cut_and_tell(c, "no such switch is registered any more", "");
	} else if (c->partial_ms && now_ms - c->partial_ms > PARTIAL_MS) {
		cut_and_tell(c, "it sent half a packet and no more", "");
	} else if (c->stuck_ms && now_ms - c->stuck_ms > PARTIAL_MS) {
		cut_and_tell(c, "it does not take its answers", "");
	} else if (now_ms - c->heard_ms > idle_ms) {
		cut(c); /* as the switch may expect; it comes again when it has something to say */
	}
}

static void on_tick(void *arg)
{
	struct radsec *s = arg;
	int64_t now_ms = clock_mono_ms();
	struct stream **at = &s->first;

	while (*at) {
		struct stream *c = *at;

		if (!c->dead)
			look_at(c, now_ms);
		if (c->dead) {
			*at = c->next;
			free_stream(c);
		} else {
			at = &c->next;
		}
	}
	loop_timer_arm(s->tick, TICK_MS);
}

/* ---- its life ---- */

/* The certificate is the one that the EAP engine shows to supplicants: the switch trusts its CA. */
static int make_tls(const struct settings *settings, struct tls_ctx **ret)
{
	CLEANUP_BUF struct buf cert = BUF_INIT, ca = BUF_INIT;
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT;
	int err = file_read(settings->engine_certificate, PEM_MAX, &cert);

	if (!err)
		err = file_read(settings->engine_key, PEM_MAX, &key);
	if (!err)
		err = file_read(settings->radsec_ca, PEM_MAX, &ca);
	if (!err)
		err = tls_server_new(
			&(struct tls_server_options){.cert_pem = buf_str(&cert),
						     .key_pem = buf_str(&key),
						     .ca_pem = buf_str(&ca),
						     .client_cert_required = true,
						     .session_cache_size = SESSIONS_KEPT},
			ret);
	if (err)
		log_error("RadSec: certificate %s, its key or %s: %s", settings->engine_certificate,
			  settings->radsec_ca, strerror(-err));
	return err;
}

static int listen_at(struct radsec *s)
{
	s->fd = gate_listen(s->gate->settings.radsec, RADSEC_PORT, BACKLOG);
	return s->fd < 0 ? s->fd
			 : loop_watch_fd(s->gate->loop, s->fd, EPOLLIN, on_listener, s, &s->watch);
}

int radsec_new(struct gate *g, struct radsec **ret)
{
	struct radsec *s;
	int err;

	if (text_equal(g->settings.radsec, "none"))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->gate = g;
	s->fd = -1;
	map_init(&s->by_number, sizeof(uint64_t));
	told_init(&s->told, sizeof(struct trouble), TOLD_MAX, MINUTE_MS);
	err = radius_secret_set(&s->secret, SECRET, strlen(SECRET));
	if (!err)
		err = make_tls(&g->settings, &s->tls);
	if (!err)
		err = loop_timer_new(g->loop, on_tick, s, &s->tick);
	if (!err)
		err = loop_timer_new(g->loop, on_again, s, &s->again);
	if (!err)
		err = listen_at(s);
	if (err) {
		radsec_free(s);
		return err;
	}
	loop_timer_arm(s->tick, TICK_MS);
	*ret = s;
	return 0;
}

void radsec_free(struct radsec *s)
{
	struct stream *next;

	if (!s)
		return;
	for (struct stream *c = s->first; c; c = next) {
		next = c->next;
		free_stream(c);
	}
	loop_watch_remove(s->watch);
	close_cleanup(&s->fd);
	loop_timer_free(s->tick);
	loop_timer_free(s->again);
	tls_ctx_free(s->tls);
	map_done(&s->by_number);
	told_done(&s->told);
	free(s);
}

const struct radius_secret *radsec_secret(const struct radsec *s)
{
	return &s->secret;
}

size_t radsec_count(const struct radsec *s)
{
	return s ? s->count : 0;
}
