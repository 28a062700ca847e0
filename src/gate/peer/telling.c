#include "gate/peer/telling.h"

#include <string.h>

#include "base/text.h"
#include "gate/live/session_entry.h"

void telling_begin(struct telling *t, struct sessions *sessions, uint8_t to, uint64_t through)
{
	struct sequence *q = sessions_sequence(sessions);
	bool whole = through == 0 || through > q->last;

	*t = (struct telling){.sessions = sessions, .to = to, .begun = true};
	t->given_back = whole ? q->last : 0;
	sequence_open(q, &t->reader, whole ? 0 : through);
}

void telling_end(struct telling *t)
{
	if (t->begun)
		sequence_close(sessions_sequence(t->sessions), &t->reader);
	t->begun = false;
}

static bool concerns(const struct telling *t, const struct session *n)
{
	return n->origin == 0 || (n->origin == t->to && n->changed <= t->given_back);
}

int telling_next(struct telling *t, int64_t now_ms, struct buf *to)
{
	CLEANUP_BUF struct buf entry = BUF_INIT;
	menshen_PeerSession m = {.now_ms = now_ms};
	const struct session *n;
	int err;

	do {
		n = sequence_next(sessions_sequence(t->sessions), &t->reader);
	} while (n && !concerns(t, n));
	if (!n)
		return 0;
	session_encode(n, "", &entry);
	if (entry.error || entry.len > sizeof(m.entry.bytes))
		return entry.error ? entry.error : -EMSGSIZE;
	m.number = n->changed;
	m.yours = n->origin != 0;
	m.entry.size = (pb_size_t)entry.len;
	memcpy(m.entry.bytes, entry.data, entry.len);
	err = FRAME_ENCODE(to, FRAME_PEER_SESSION, &m);
	return err ? err : 1;
}

int telling_isolations(const struct isolations *l, const char *gate, struct buf *to)
{
	int err = 0;

	for (size_t i = 0; !err && i < l->count; i++) {
		const struct isolation_here *n = &l->list[i];
		menshen_PeerIsolation m = {.until_ms = n->until_ms,
					   .changed_ms = n->changed_ms,
					   .released = n->released,
					   .uid = n->uid};

		memcpy(m.mac, n->mac.b, sizeof(m.mac));
		(void)!text_copy(m.gate, sizeof(m.gate), n->gate[0] ? n->gate : gate);
		(void)!text_copy(m.reason, sizeof(m.reason), n->reason);
		err = FRAME_ENCODE(to, FRAME_PEER_ISOLATION, &m);
	}
	return err;
}
