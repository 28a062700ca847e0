/* A peer after the handshake: frames as they come, and entries in frames that are whole. */
#include <string.h>

#include "gate/peer/hearing.h"
#include "gate/peer/telling.h"

#define NOW_MS INT64_C(1700000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void ignore(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
}

static int hear(struct hearing *h, enum frame_type type, const void *message, size_t size)
{
	CLEANUP_BUF struct buf frame = BUF_INIT, answer = BUF_INIT;
	struct frame f;
	size_t used;

	if (frame_encode(&frame, type, message, size) ||
	    frame_parse(frame.data, frame.len, &f, &used))
		abort();
	return hearing_take(h, &f, NOW_MS, &answer);
}

/* Each piece, of a length that its first byte says, is an entry. */
static void hear_entries(struct hearing *h, const uint8_t *data, size_t len)
{
	menshen_PeerHello hello = {.protocol = PEER_PROTOCOL, .epoch = {1}};
	menshen_PeerSession m = {.now_ms = NOW_MS};

	if (hear(h, FRAME_PEER_HELLO, &hello, sizeof(hello)))
		abort();
	while (len > 1) {
		size_t n = MIN(MIN((size_t)data[0] * 2, len - 1), sizeof(m.entry.bytes));

		m.number++;
		m.yours = data[0] & 1;
		m.entry.size = (pb_size_t)n;
		memcpy(m.entry.bytes, data + 1, n);
		if (hear(h, FRAME_PEER_SESSION, &m, sizeof(m)))
			abort(); /* one that cannot be read is passed over */
		data += n + 1;
		len -= n + 1;
	}
}

static void hear_frames(struct hearing *h, const uint8_t *data, size_t len)
{
	CLEANUP_BUF struct buf answer = BUF_INIT;
	struct frame f;
	size_t used;

	for (; frame_parse(data, len, &f, &used) == 0; data += used, len -= used)
		if (hearing_take(h, &f, NOW_MS, &answer))
			return;
}

/* What is here now can be told, and a gate that hears it comes to the same. */
static void tell_on(struct sessions *from, size_t live)
{
	CLEANUP_SESSIONS struct sessions *to = NULL;
	CLEANUP_BUF struct buf frames = BUF_INIT;
	struct hearing h = {.origin = 1};
	struct telling t = {0};

	if (sessions_new(ignore, NULL, &to) || sessions_origin(to, "from", &h.origin))
		abort();
	h.sessions = to;
	telling_begin(&t, from, 1, 0);
	while (telling_next(&t, NOW_MS, &frames) == 1) {
		struct frame f;
		size_t used;

		if (frame_parse(frames.data, frames.len, &f, &used))
			abort();
		h.greeted = true;
		if (hearing_take(&h, &f, NOW_MS, &frames))
			abort();
		buf_clear(&frames);
	}
	telling_end(&t);
	if (h.unread == 0 && sessions_live(to) != live)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CLEANUP_SESSIONS struct sessions *s = NULL;
	struct hearing h = {0};
	struct session *n;
	size_t at = 0, live = 0;

	if (sessions_new(ignore, NULL, &s) || sessions_origin(s, "peer", &h.origin))
		abort();
	h.sessions = s;
	if (len > 0 && data[0] & 1)
		hear_entries(&h, data + 1, len - 1);
	else if (len > 0)
		hear_frames(&h, data + 1, len - 1);
	while ((n = sessions_next(s, &at)))
		live += session_is_live(n);
	if (live != sessions_live(s) ||
	    live != sessions_live_of(s, 0) + sessions_live_of(s, h.origin))
		abort();
	tell_on(s, live);
	return 0;
}
