#include "gate/peer/teller.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "gate/line/renewal.h"
#include "gate/peer/telling.h"
#include "wire/line.h"

#define CA_MAX (64U << 10)
#define RETRY_MAX_MS 4000
#define ATTEMPT_MS 3000
#define PUMP_MS 1
#define ROWS_AT_ONCE 48		 /* then the switches are heard again */
#define BACKLOG_MAX (256U << 10) /* bytes not yet written; then wait for room */

struct teller {
	struct peer *peer;
	const uint8_t *epoch;
	struct line *line;
	char host[CERT_GATE_HOST_SIZE];
	struct telling telling;
	struct loop_timer *pump, *beat;
	int64_t answered_mono_ms;
	uint64_t isolations_told; /* their epoch; 0: none were told */
	bool told_all, troubled, hears_isolations;
};

static void send_beat(struct teller *t)
{
	const menshen_PeerBeat m = {.told_all = t->told_all};

	(void)!LINE_SEND(t->line, FRAME_PEER_BEAT, &m); /* a line that fails says so by itself */
}

/* 1: sessions are next; negative: they cannot be encoded. */
static int tell_isolations(struct teller *t, struct buf *frames)
{
	const struct gate *g = t->peer->gate;
	int err;

	if (!t->hears_isolations || t->isolations_told == g->isolations.epoch)
		return 1;
	err = telling_isolations(&g->isolations, g->settings.name, frames);
	if (err)
		return err;
	t->isolations_told = g->isolations.epoch;
	return 1;
}

static void tell(struct teller *t)
{
	CLEANUP_BUF struct buf frames = BUF_INIT;
	int64_t now_ms = gate_now(t->peer->gate);
	int r = tell_isolations(t, &frames);

	for (unsigned i = 0; i < ROWS_AT_ONCE && r == 1; i++)
		r = telling_next(&t->telling, now_ms, &frames);
	if (r < 0 || line_send_raw(t->line, frames.data, frames.len)) {
		line_drop(t->line, "sessions cannot be told");
		return;
	}
	if (r == 1)
		loop_timer_arm(t->pump, PUMP_MS);
	if (r == 0 && !t->told_all) {
		t->told_all = true;
		send_beat(t);
	}
}

static void on_pump(void *arg)
{
	struct teller *t = arg;

	if (t->telling.begun && line_backlog(t->line) < BACKLOG_MAX)
		tell(t);
}

void teller_wake(struct teller *t)
{
	if (t->telling.begun && !loop_timer_is_armed(t->pump))
		loop_timer_arm(t->pump, PUMP_MS);
}

static void on_room(void *arg)
{
	teller_wake(arg);
}

static const char *judge(struct teller *t)
{
	struct tls_peer shown;

	return line_peer(t->line, &shown) ? "no certificate that can be read"
					  : peer_judge(t->peer, &shown);
}

static void on_beat(void *arg)
{
	struct teller *t = arg;
	const char *why = judge(t);

	if (clock_mono_ms() - t->answered_mono_ms > PEER_SILENT_MS)
		why = "it does not answer";
	if (why) {
		line_drop(t->line, why);
		return;
	}
	if (t->telling.begun)
		send_beat(t);
	loop_timer_arm(t->beat, PEER_BEAT_MS);
}

static void on_open(void *arg)
{
	struct teller *t = arg;
	menshen_PeerHello m = {.protocol = PEER_PROTOCOL};
	const char *why = judge(t);

	memcpy(m.epoch, t->epoch, sizeof(m.epoch));
	(void)!text_copy(m.version, sizeof(m.version), MENSHEN_VERSION);
	if (!why && LINE_SEND(t->line, FRAME_PEER_HELLO, &m))
		why = "out of memory";
	if (why) {
		line_drop(t->line, why);
		return;
	}
	t->answered_mono_ms = clock_mono_ms();
	loop_timer_arm(t->beat, PEER_BEAT_MS);
}

static int take_welcome(struct teller *t, const struct frame *f)
{
	menshen_PeerWelcome m;
	int err = FRAME_DECODE(f, &m);

	if (err || t->telling.begun)
		return err ? err : -EBADMSG;
	line_settled(t->line);
	if (t->troubled)
		log_info("gate %s is told of sessions again", t->peer->at->name);
	t->troubled = false;
	t->hears_isolations = m.hears_isolations;
	t->isolations_told = 0;
	telling_begin(&t->telling, t->peer->gate->sessions, t->peer->hearing.origin, m.through);
	teller_wake(t);
	return 0;
}

static int on_frame(void *arg, const struct frame *f)
{
	struct teller *t = arg;
	menshen_PeerBeat beat;

	t->answered_mono_ms = clock_mono_ms();
	switch (f->type) {
	case FRAME_PEER_WELCOME:
		return take_welcome(t, f);
	case FRAME_PEER_BEAT:
		return FRAME_DECODE(f, &beat);
	default:
		return -EBADMSG;
	}
}

static void on_down(void *arg, const char *why)
{
	struct teller *t = arg;

	if (!t->troubled)
		log_warn("gate %s cannot be told of sessions: %s", t->peer->at->name, why);
	t->troubled = true;
	t->told_all = false;
	telling_end(&t->telling);
	loop_timer_disarm(t->pump);
	loop_timer_disarm(t->beat);
}

static int64_t now_of(void *arg)
{
	struct teller *t = arg;

	return gate_now(t->peer->gate);
}

int teller_start(struct teller *t)
{
	const struct settings *s = &t->peer->gate->settings;
	CLEANUP_BUF struct buf ca = BUF_INIT;
	struct cert_pair pair;
	struct tls_ctx *tls;
	int err = renewal_load_pair(s, &pair);

	if (err)
		return err;
	err = file_read(s->ca, CA_MAX, &ca);
	if (!err)
		err = tls_client_new(
			&(struct tls_client_options){.ca_pem = buf_str(&ca),
						     .cert_pem = buf_str(&pair.cert_pem),
						     .key_pem = buf_str(&pair.key_pem)},
			&tls);
	cert_pair_done(&pair);
	if (err)
		return err;
	t->told_all = false;
	telling_end(&t->telling);
	line_start(t->line, tls);
	return 0;
}

int teller_new(struct peer *p, const uint8_t epoch[static 16], struct teller **ret)
{
	struct teller *t = calloc(1, sizeof(*t));
	const struct line_options o = {
		.loop = p->gate->loop,
		.servers = &p->at->address,
		.server_count = 1,
		.server_name = t ? t->host : "",
		.retry_max_ms = RETRY_MAX_MS,
		.attempt_ms = ATTEMPT_MS,
		.on_open = on_open,
		.on_frame = on_frame,
		.on_room = on_room,
		.on_down = on_down,
		.now_ms = now_of,
		.arg = t,
	};
	int err;

	if (!t)
		return -ENOMEM;
	t->peer = p;
	t->epoch = epoch;
	snprintf(t->host, sizeof(t->host), CERT_GATE_HOST, p->at->name);
	err = loop_timer_new(p->gate->loop, on_pump, t, &t->pump);
	if (!err)
		err = loop_timer_new(p->gate->loop, on_beat, t, &t->beat);
	if (!err)
		err = line_new(&o, &t->line);
	if (!err)
		err = teller_start(t);
	if (err) {
		teller_free(t);
		return err;
	}
	*ret = t;
	return 0;
}

void teller_free(struct teller *t)
{
	if (!t)
		return;
	line_free(t->line);
	telling_end(&t->telling);
	loop_timer_free(t->pump);
	loop_timer_free(t->beat);
	free(t);
}

bool teller_has_told(const struct teller *t)
{
	return t && t->told_all;
}
