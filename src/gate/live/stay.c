#include "gate/live/stay.h"

#include <string.h>

#include "base/text.h"
#include "gate/gate.h"
#include "gate/line/record.h"
#include "gate/peer/peers.h"

#define RETRY_MS (30 * SECOND_MS)
#define SILENT_INTERVALS 3

/* A switch that speaks of its sessions in between: when last. */
struct speaker {
	int64_t switch_id, heard_at_ms;
};

bool stay_is_another(const struct session *n, const struct session_report *start)
{
	if (n->state != SESSION_RUNNING || n->is_lost || !start->acct_id || !n->acct_id[0] ||
	    text_equal(start->acct_id, n->acct_id))
		return false;
	if (start->multi && start->multi == n->multi)
		return false;
	return start->at_ms - n->started_at_ms > RETRY_MS;
}

/* Its switch tells of it between start and stop. */
static bool has_interims(const struct session *n)
{
	return n->proven_at_ms > n->started_at_ms;
}

bool stay_is_silent(const struct session *n, const struct stay_rules *rules, int64_t now_ms)
{
	int64_t interval_ms = MAX(rules->interim_ms, (int64_t)n->gap_s * SECOND_MS);
	int64_t since_ms = MAX(n->proven_at_ms, rules->since_ms);

	return n->state == SESSION_RUNNING && has_interims(n) &&
	       now_ms - since_ms > SILENT_INTERVALS * interval_ms;
}

static int note_speaker(struct map *speakers, const struct session *n)
{
	struct speaker *s = map_get(speakers, &n->switch_id);
	int err;

	if (s) {
		s->heard_at_ms = MAX(s->heard_at_ms, n->proven_at_ms);
		return 0;
	}
	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct speaker){n->switch_id, n->proven_at_ms};
	err = map_put(speakers, &s->switch_id, s, NULL);
	if (err)
		free(s);
	return err;
}

void stay_look_begin(struct stay_look *l, const struct stay_rules *rules, int64_t now_ms)
{
	stay_look_done(l);
	*l = (struct stay_look){.rules = *rules, .now_ms = now_ms, .gathers = true};
	map_init(&l->speakers, sizeof(int64_t));
}

void stay_look_done(struct stay_look *l)
{
	struct speaker *speaker;

	for (size_t at = 0; (speaker = map_next(&l->speakers, &at));)
		free(speaker);
	map_done(&l->speakers);
}

/* A switch that is silent of all tells nothing about one. */
static bool is_lost(const struct stay_look *l, const struct session *n)
{
	const struct speaker *speaker;

	if (n->is_lost || !stay_is_silent(n, &l->rules, l->now_ms))
		return false;
	speaker = map_get(&l->speakers, &n->switch_id);
	return speaker && l->now_ms - speaker->heard_at_ms <= l->rules.interim_ms;
}

bool stay_look_on(struct stay_look *l, const struct sessions *s, size_t count, stay_lost_fn *lost,
		  void *arg)
{
	struct session *n = NULL;

	for (size_t i = 0; i < count; i++) {
		n = sessions_next(s, &l->at);
		if (!n)
			break;
		if (!l->gathers && is_lost(l, n))
			lost(arg, n);
		/* Without memory they are looked at the next time. */
		if (l->gathers && n->state == SESSION_RUNNING && has_interims(n) &&
		    note_speaker(&l->speakers, n))
			return false;
	}
	if (n)
		return true;
	l->at = 0;
	l->gathers = !l->gathers;
	return !l->gathers;
}

/* ---- with records ---- */

static struct stay_rules rules_of(const struct gate *g)
{
	return (struct stay_rules){.interim_ms = (int64_t)g->settings.interim_seconds * SECOND_MS,
				   .since_ms = g->started_at_ms};
}

void stay_lose(struct gate *g, struct session *n, const char *note)
{
	n->is_lost = true;
	memset(n->told, 0, sizeof(n->told));
	sessions_touch(g->sessions, n);
	record_session(g, "session.lost", n, note);
}

int64_t stay_end(const struct gate *g, const struct session *n, int64_t now_ms)
{
	const struct stay_rules rules = rules_of(g);

	return n->is_lost || stay_is_silent(n, &rules, now_ms) ? n->proven_at_ms : now_ms;
}

void stay_left(struct gate *g, struct session *old, int64_t now_ms)
{
	bool was_lost = old->is_lost;

	old->ended_at_ms = stay_end(g, old, now_ms);
	old->state = SESSION_ENDED;
	if (was_lost)
		return;
	if (old->ended_at_ms < now_ms)
		record_session(g, "session.lost", old, "it was silent, and the MAC knocks anew");
	else
		record_session(g, "session.moved", old, "the MAC knocks elsewhere");
}

static void on_silent(void *arg, struct session *n)
{
	struct gate *g = arg;

	if (!n->origin || !peers_hear(g->peers, n->origin))
		stay_lose(g, n, "no word for three intervals");
}

void stays_begin(const struct gate *g, struct stay_look *l, int64_t now_ms)
{
	const struct stay_rules rules = rules_of(g);

	stay_look_begin(l, &rules, now_ms);
}

bool stays_look_on(struct gate *g, struct stay_look *l, size_t count)
{
	return stay_look_on(l, g->sessions, count, on_silent, g);
}

static bool was_told(struct session *n, const char *address)
{
	uint32_t hash = text_hash(address);

	for (size_t i = 0; i < SESSION_TOLD_MAX; i++)
		if (n->told[i] == hash)
			return true;
	memmove(n->told + 1, n->told, sizeof(n->told) - sizeof(n->told[0]));
	n->told[0] = hash;
	return false;
}

void stay_address(struct gate *g, struct session *n, const char *address,
		  enum address_source source)
{
	struct session said = *n;

	if (!address[0] || strcmp(address, n->address) == 0 || was_told(n, address) ||
	    text_copy(said.address, sizeof(said.address), address))
		return;
	said.address_source = source;
	/* The first one, and an IPv4 address rather than another, is the session's own. */
	if (!n->address[0] || (strchr(n->address, ':') && !strchr(address, ':'))) {
		memcpy(n->address, said.address, sizeof(n->address));
		n->address_source = source;
		sessions_touch(g->sessions, n);
	}
	record_session(g, "session.address", &said, "");
}
