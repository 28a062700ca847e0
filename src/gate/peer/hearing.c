#include "gate/peer/hearing.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "gate/live/session_entry.h"

#define AHEAD_MAX_MS (400 * DAY_MS) /* so far may a gate's clock be wrong */

void hearing_restart(struct hearing *h)
{
	h->greeted = h->told_all = false;
}

static int take_hello(struct hearing *h, const struct frame *f, struct buf *to)
{
	menshen_PeerHello m;
	menshen_PeerWelcome welcome;
	int err = FRAME_DECODE(f, &m);

	if (err)
		return err;
	if (m.protocol != PEER_PROTOCOL || h->greeted)
		return -EPROTO;
	if (memcmp(h->epoch, m.epoch, sizeof(h->epoch)) != 0) {
		memcpy(h->epoch, m.epoch, sizeof(h->epoch));
		h->through = 0;
	}
	h->greeted = true;
	welcome = (menshen_PeerWelcome){.through = h->through, .hears_isolations = true};
	return FRAME_ENCODE(to, FRAME_PEER_WELCOME, &welcome);
}

static void put_right(int64_t *at_ms, int64_t by_ms)
{
	if (*at_ms)
		*at_ms = MAX(*at_ms + by_ms, 1);
}

static bool is_sane(const struct session *said, const menshen_PeerSession *m, int64_t now_ms)
{
	int64_t end = DAY_MS * 365 * 1000;

	return said->begun <= said->version &&
	       said->version <= (uint64_t)(now_ms + AHEAD_MAX_MS) * 1000 && m->now_ms >= 0 &&
	       m->now_ms < end && said->granted_at_ms >= 0 && said->granted_at_ms < end &&
	       said->started_at_ms >= 0 && said->started_at_ms < end && said->proven_at_ms >= 0 &&
	       said->proven_at_ms < end && said->ended_at_ms >= 0 && said->ended_at_ms < end;
}

/* -EBADMSG: it cannot be read. */
static int read_session(const struct hearing *h, const menshen_PeerSession *m, int64_t now_ms,
			struct session *ret)
{
	char origin[GATE_NAME_SIZE];
	int64_t by_ms = now_ms - m->now_ms;
	int err = session_decode(m->entry.bytes, m->entry.size, ret, origin);

	if (err || !is_sane(ret, m, now_ms))
		return -EBADMSG;
	put_right(&ret->granted_at_ms, by_ms);
	put_right(&ret->started_at_ms, by_ms);
	put_right(&ret->proven_at_ms, by_ms);
	put_right(&ret->ended_at_ms, by_ms);
	ret->origin = m->yours ? 0 : h->origin;
	return 0;
}

/* What this gate itself said once comes back only where it was lost. */
static bool is_lost_here(const struct session *here, const struct session *said)
{
	return !here || (memcmp(here->class_id, said->class_id, CLASS_SIZE) == 0 &&
			 said->version > here->version);
}

static int merge(struct hearing *h, const struct session *said, bool yours)
{
	struct session *here = sessions_by_mac(h->sessions, &said->mac), *n;
	enum merge how = here ? merge_sessions(here, said) : MERGE_TAKE;
	int err;

	if (yours ? h->told_all || !is_lost_here(here, said) : how == MERGE_KEEP)
		return 0;
	if (here && h->on_over)
		h->on_over(h->arg, here, said, how);
	err = sessions_adopt(h->sessions, said, &n);
	if (err == -EUSERS || err == -ENOSPC) {
		h->unread++;
		return 0;
	}
	if (!err && h->on_said)
		h->on_said(h->arg, n);
	return err;
}

static int take_said(struct hearing *h, struct session *said, bool yours)
{
	if (h->on_read)
		h->on_read(h->arg, said);
	return merge(h, said, yours);
}

static int take_session(struct hearing *h, const struct frame *f, int64_t now_ms)
{
	menshen_PeerSession m;
	struct session said;
	int err = FRAME_DECODE(f, &m);

	if (!err && (!h->greeted || m.number <= h->through))
		err = -EBADMSG;
	if (err)
		return err;
	if (read_session(h, &m, now_ms, &said))
		h->unread++; /* of a later version, perhaps: one session less, not none */
	else
		err = take_said(h, &said, m.yours);
	if (!err)
		h->through = m.number;
	return err;
}

static int take_isolation(struct hearing *h, const struct frame *f)
{
	menshen_PeerIsolation m;
	struct isolation_here said;
	int err = FRAME_DECODE(f, &m);

	if (!err && (!h->greeted || !text_is_clean(m.gate, strlen(m.gate)) ||
		     !text_is_clean(m.reason, strlen(m.reason))))
		err = -EBADMSG;
	if (err)
		return err;
	said = (struct isolation_here){.until_ms = m.until_ms,
				       .changed_ms = m.changed_ms,
				       .released = m.released,
				       .uid = m.uid};
	memcpy(said.mac.b, m.mac, sizeof(said.mac.b));
	(void)!text_copy(said.gate, sizeof(said.gate), m.gate);
	(void)!text_copy(said.reason, sizeof(said.reason), m.reason);
	if (h->on_isolation)
		h->on_isolation(h->arg, &said);
	return 0;
}

static int take_beat(struct hearing *h, const struct frame *f, struct buf *to)
{
	menshen_PeerBeat m;
	int err = FRAME_DECODE(f, &m);

	if (!err && !h->greeted)
		err = -EBADMSG;
	if (err)
		return err;
	h->told_all |= m.told_all;
	m.told_all = h->told_all;
	return FRAME_ENCODE(to, FRAME_PEER_BEAT, &m);
}

int hearing_take(struct hearing *h, const struct frame *f, int64_t now_ms, struct buf *to)
{
	switch (f->type) {
	case FRAME_PEER_HELLO:
		return take_hello(h, f, to);
	case FRAME_PEER_SESSION:
		return take_session(h, f, now_ms);
	case FRAME_PEER_ISOLATION:
		return take_isolation(h, f);
	case FRAME_PEER_BEAT:
		return take_beat(h, f, to);
	default:
		return -EBADMSG;
	}
}
