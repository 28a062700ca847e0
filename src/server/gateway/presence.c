#include "server/gateway/presence.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"

struct entry {
	struct presence_view v;
	uint8_t epoch[16];
	bool claimed;
	bool share_told;
	int64_t share_left, share_mono_ms; /* in thousandths of an event; 0 ms: never asked */
	struct entry *newer, *older;	   /* by version */
};

struct presence {
	pthread_mutex_t lock;
	struct map by_uuid, by_id;
	struct entry *newest, *oldest; /* the ends of the list of changes */
	uint64_t version;
	int64_t alive_ms;
	size_t connected;
};

int presence_new(int64_t alive_ms, struct presence **ret)
{
	struct presence *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	pthread_mutex_init(&p->lock, NULL);
	map_init(&p->by_uuid, sizeof(struct uuid));
	map_init(&p->by_id, sizeof(int64_t));
	p->alive_ms = alive_ms;
	*ret = p;
	return 0;
}

void presence_free(struct presence *p)
{
	struct entry *e;
	size_t at = 0;

	if (!p)
		return;
	while ((e = map_next(&p->by_uuid, &at)))
		free(e);
	map_done(&p->by_uuid);
	map_done(&p->by_id);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* ---- the list of changes ---- */

static void unlink_change(struct presence *p, struct entry *e)
{
	if (!e->v.version)
		return;
	if (e->newer)
		e->newer->older = e->older;
	else
		p->newest = e->older;
	if (e->older)
		e->older->newer = e->newer;
	else
		p->oldest = e->newer;
}

static void changed(struct presence *p, struct entry *e)
{
	unlink_change(p, e);
	e->v.version = ++p->version;
	e->newer = NULL;
	e->older = p->newest;
	if (p->newest)
		p->newest->newer = e;
	else
		p->oldest = e;
	p->newest = e;
}

static struct entry *entry_at(struct presence *p, const struct uuid *uuid)
{
	return map_get(&p->by_uuid, uuid);
}

static int make_entry(struct presence *p, const struct uuid *uuid, struct entry **ret)
{
	struct entry *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->v.uuid = *uuid;
	err = map_put(&p->by_uuid, &e->v.uuid, e, NULL);
	if (err)
		free(e);
	else
		*ret = e;
	return err;
}

/* Best effort: without it the terminal is not found by its number, nothing else. */
static void set_id(struct presence *p, struct entry *e, int64_t terminal_id)
{
	if (e->v.terminal_id == terminal_id)
		return;
	e->v.terminal_id = terminal_id;
	if (map_put(&p->by_id, &e->v.terminal_id, e, NULL))
		return;
}

int presence_expect(struct presence *p, const struct presence_view *known, int64_t now_mono_ms)
{
	struct entry *e;
	int err = 0;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, &known->uuid);
	if (!e)
		err = make_entry(p, &known->uuid, &e);
	if (!err) {
		set_id(p, e, known->terminal_id);
		e->v.unit_id = known->unit_id;
		e->v.lifeline = known->lifeline;
		e->v.posture = known->posture;
		e->v.heard_mono_ms = now_mono_ms;
	}
	pthread_mutex_unlock(&p->lock);
	return err;
}

/* ---- a connection's life ---- */

static bool is_owner(const struct entry *e, struct presence_owner owner)
{
	return e->v.owner.conn == owner.conn && e->v.owner.worker == owner.worker;
}

static enum presence_claim claim(struct presence *p, struct entry *e,
				 const uint8_t epoch[static 16], struct presence_owner owner,
				 int64_t now_mono_ms, struct presence_owner *old)
{
	enum presence_claim result = CLAIM_TAKEN;

	if (e->v.owner.conn && !is_owner(e, owner)) {
		if (memcmp(e->epoch, epoch, 16) != 0 &&
		    now_mono_ms - e->v.heard_mono_ms < p->alive_ms)
			return CLAIM_FORK;
		*old = e->v.owner;
		result = CLAIM_REPLACES;
	}
	memcpy(e->epoch, epoch, 16);
	e->v.owner = owner;
	e->v.heard_mono_ms = now_mono_ms;
	return result;
}

int presence_claim(struct presence *p, const struct uuid *uuid, const uint8_t epoch[static 16],
		   struct presence_owner owner, int64_t now_mono_ms, enum presence_claim *ret,
		   struct presence_owner *ret_old)
{
	struct entry *e;
	int err = 0;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	if (!e)
		err = make_entry(p, uuid, &e);
	if (!err)
		*ret = claim(p, e, epoch, owner, now_mono_ms, ret_old);
	pthread_mutex_unlock(&p->lock);
	return err;
}

void presence_accept(struct presence *p, const struct uuid *uuid, int64_t terminal_id,
		     int64_t unit_id, bool lifeline, enum posture posture, const char *failing)
{
	struct entry *e;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	if (e) {
		set_id(p, e, terminal_id);
		e->v.unit_id = unit_id;
		e->v.lifeline = lifeline;
		e->v.posture = posture;
		snprintf(e->v.failing, sizeof(e->v.failing), "%s", failing);
		p->connected += !e->v.connected;
		e->v.connected = true;
		e->v.held = e->v.dormant = false;
	}
	pthread_mutex_unlock(&p->lock);
}

bool presence_release(struct presence *p, const struct uuid *uuid, struct presence_owner owner)
{
	struct entry *e;
	bool was_owner;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	was_owner = e && is_owner(e, owner);
	if (was_owner) {
		e->v.owner = (struct presence_owner){0};
		p->connected -= e->v.connected;
		if (e->v.connected) {
			e->v.connected = false;
			changed(p, e);
		}
	}
	pthread_mutex_unlock(&p->lock);
	return was_owner;
}

bool presence_beat(struct presence *p, const struct uuid *uuid, const struct presence_beat *b)
{
	struct entry *e;
	bool differs = false;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	if (e) {
		e->v.heard_at_ms = b->now_ms;
		e->v.heard_mono_ms = b->now_mono_ms;
		e->v.held = e->v.dormant = false;
		snprintf(e->v.user, sizeof(e->v.user), "%s", b->user);
		e->v.mac_count = MIN(b->mac_count, (size_t)PRESENCE_MACS_MAX);
		if (e->v.mac_count > 0)
			memcpy(e->v.macs, b->macs, e->v.mac_count * sizeof(*b->macs));
		changed(p, e);
		differs = e->v.posture != b->posture || !text_equal(e->v.failing, b->failing);
	}
	pthread_mutex_unlock(&p->lock);
	return differs;
}

bool presence_set_posture(struct presence *p, const struct uuid *uuid, enum posture posture,
			  const char *failing)
{
	struct entry *e;
	bool mended = false;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	if (e) {
		mended = posture == POSTURE_GOOD && e->v.posture != POSTURE_GOOD;
		e->v.posture = posture;
		snprintf(e->v.failing, sizeof(e->v.failing), "%s", failing);
	}
	pthread_mutex_unlock(&p->lock);
	return mended;
}

static void refill(struct entry *e, const struct presence_share *share, int64_t now_mono_ms)
{
	int64_t full = (int64_t)share->burst * 1000;
	int64_t passed_ms = e->share_mono_ms ? now_mono_ms - e->share_mono_ms : full;

	/* Per second and in thousandths: an event a second is one a millisecond. */
	if (passed_ms >= (full - e->share_left) / share->per_s)
		e->share_left = full;
	else
		e->share_left += passed_ms * share->per_s;
	e->share_mono_ms = now_mono_ms;
	if (e->share_left >= full / 2)
		e->share_told = false;
}

int64_t presence_take_share(struct presence *p, const struct uuid *uuid,
			    const struct presence_share *share, size_t count, int64_t now_mono_ms,
			    bool *ret_tell)
{
	int64_t wait_ms = 0;
	struct entry *e;

	*ret_tell = false;
	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	if (e) {
		refill(e, share, now_mono_ms);
		if (e->share_left > 0) {
			e->share_left -= (int64_t)count * 1000;
		} else {
			wait_ms = -e->share_left / share->per_s + 1;
			*ret_tell = !e->share_told;
			e->share_told = true;
		}
	}
	pthread_mutex_unlock(&p->lock);
	return wait_ms;
}

void presence_set_silence(struct presence *p, const struct uuid *uuid, bool held, bool dormant)
{
	struct entry *e;

	pthread_mutex_lock(&p->lock);
	e = entry_at(p, uuid);
	if (e) {
		e->v.held = held;
		e->v.dormant = dormant;
	}
	pthread_mutex_unlock(&p->lock);
}

void presence_session_began(struct presence *p, int64_t terminal_id, int64_t now_mono_ms)
{
	/* Overdue at heard + alive; an agent may take AGENT_GRACE_MS from the session's start. */
	int64_t heard_mono_ms = now_mono_ms + MAX(AGENT_GRACE_MS - p->alive_ms, 0);
	struct entry *e;

	pthread_mutex_lock(&p->lock);
	e = map_get(&p->by_id, &terminal_id);
	if (e) {
		e->v.dormant = false;
		e->v.heard_mono_ms = MAX(e->v.heard_mono_ms, heard_mono_ms);
	}
	pthread_mutex_unlock(&p->lock);
}

/* ---- looking ---- */

static bool copy(const struct entry *e, struct presence_view *ret)
{
	if (e)
		*ret = e->v;
	return e != NULL;
}

bool presence_get(struct presence *p, const struct uuid *uuid, struct presence_view *ret)
{
	bool found;

	pthread_mutex_lock(&p->lock);
	found = copy(entry_at(p, uuid), ret);
	pthread_mutex_unlock(&p->lock);
	return found;
}

bool presence_get_by_id(struct presence *p, int64_t terminal_id, struct presence_view *ret)
{
	bool found;

	pthread_mutex_lock(&p->lock);
	found = copy(map_get(&p->by_id, &terminal_id), ret);
	pthread_mutex_unlock(&p->lock);
	return found;
}

void presence_each(struct presence *p, presence_fn *fn, void *arg)
{
	struct entry *e;
	size_t at = 0;

	pthread_mutex_lock(&p->lock);
	while ((e = map_next(&p->by_uuid, &at)))
		fn(arg, &e->v);
	pthread_mutex_unlock(&p->lock);
}

uint64_t presence_changed(struct presence *p, uint64_t version, size_t max, presence_fn *fn,
			  void *arg)
{
	struct entry *e;

	pthread_mutex_lock(&p->lock);
	/* From the newest back to the first that is new to the asker, then forward again. */
	e = p->newest;
	while (e && e->older && e->older->v.version > version)
		e = e->older;
	for (; e && e->v.version > version && max > 0; e = e->newer, max--) {
		fn(arg, &e->v);
		version = e->v.version;
	}
	pthread_mutex_unlock(&p->lock);
	return version;
}

size_t presence_connected(struct presence *p)
{
	size_t count;

	pthread_mutex_lock(&p->lock);
	count = p->connected;
	pthread_mutex_unlock(&p->lock);
	return count;
}
