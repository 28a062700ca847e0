#include "gate/live/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/text.h"
#include "gate/knock/strangers.h"
#include "gate/live/ports.h"
#include "gate/live/sequence.h"
#include "gate/live/session_entry.h"

#define KEEP_ENDED_MS (30 * DAY_MS)
#define SESSIONS_MAX 1000000

struct sessions {
	struct pool pool; /* in large pages, which a start fills in no time and no child has */
	struct map by_mac, by_class, by_account;
	struct map places; /* struct place, by switch */
	struct ports ports;
	struct strangers strangers;
	session_log_fn *log;
	void *log_arg;
	struct buf entry; /* reused */
	uint8_t class_prefix[8];
	uint64_t class_next;
	uint64_t version; /* the greatest known of */
	struct sequence sequence;
	void (*on_change)(void *arg);
	void *on_change_arg;
	char origins[ORIGINS_MAX][GATE_NAME_SIZE];
	size_t origins_count;
	size_t live, live_of[ORIGINS_MAX];
};

/* How many live sessions a switch has. */
struct place {
	int64_t switch_id;
	size_t live;
};

int sessions_new(session_log_fn *log, void *arg, struct sessions **ret)
{
	struct sessions *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	pool_init(&s->pool);
	pool_keep_from_children(&s->pool);
	map_init(&s->by_mac, sizeof(struct mac));
	map_init(&s->by_class, CLASS_SIZE);
	map_init(&s->by_account, 0);
	map_init(&s->places, sizeof(int64_t));
	ports_init(&s->ports);
	strangers_init(&s->strangers);
	buf_init(&s->entry, 4096);
	s->log = log;
	s->log_arg = arg;
	s->origins_count = 1;
	random_bytes(s->class_prefix, sizeof(s->class_prefix));
	*ret = s;
	return 0;
}

void sessions_free(struct sessions *s)
{
	struct place *place;

	if (!s)
		return;
	for (size_t at = 0; (place = map_next(&s->places, &at));)
		free(place);
	map_done(&s->places);
	ports_done(&s->ports);
	strangers_done(&s->strangers);
	map_done(&s->by_mac);
	map_done(&s->by_class);
	map_done(&s->by_account);
	pool_done(&s->pool);
	buf_done(&s->entry);
	free(s);
}

static void write_log(struct sessions *s, struct session *n)
{
	sequence_touch(&s->sequence, n);
	session_encode(n, s->origins[n->origin], &s->entry);
	s->log(s->log_arg, s->entry.data, s->entry.len);
	if (s->on_change)
		s->on_change(s->on_change_arg);
}

/* Whoever changes a session speaks for it from now on. */
static void note_change(struct sessions *s, struct session *n, int64_t at_ms)
{
	uint64_t at = (uint64_t)MAX(at_ms, 0) * 1000;

	s->version = MAX(at, s->version + 1);
	n->version = s->version;
	if (!n->begun)
		n->begun = s->version;
	if (session_is_live(n) && n->origin) {
		s->live_of[n->origin]--;
		s->live_of[0]++;
	}
	n->origin = 0;
	write_log(s, n);
}

void sessions_watch(struct sessions *s, void (*on_change)(void *arg), void *arg)
{
	s->on_change = on_change;
	s->on_change_arg = arg;
}

struct sequence *sessions_sequence(struct sessions *s)
{
	return &s->sequence;
}

int sessions_origin(struct sessions *s, const char *gate, uint8_t *ret)
{
	for (size_t i = 0; i < s->origins_count; i++)
		if (text_equal(s->origins[i], gate)) {
			*ret = (uint8_t)i;
			return 0;
		}
	if (s->origins_count == ORIGINS_MAX)
		return -ENOSPC;
	if (text_copy(s->origins[s->origins_count], GATE_NAME_SIZE, gate))
		return -ENAMETOOLONG;
	*ret = (uint8_t)s->origins_count++;
	return 0;
}

const char *sessions_origin_name(const struct sessions *s, uint8_t origin)
{
	return s->origins[origin];
}

size_t sessions_live_of(const struct sessions *s, uint8_t origin)
{
	return s->live_of[origin];
}

bool session_is_live(const struct session *session)
{
	return session->state != SESSION_ENDED;
}

void session_class_text(char dst[static CLASS_TEXT_SIZE], const struct session *session)
{
	hex_encode(dst, session->class_id, CLASS_SIZE);
}

static int get_place(struct sessions *s, int64_t switch_id, struct place **ret)
{
	struct place *place = map_get(&s->places, &switch_id);
	int err;

	if (!place) {
		place = calloc(1, sizeof(*place));
		if (!place)
			return -ENOMEM;
		place->switch_id = switch_id;
		err = map_put(&s->places, &place->switch_id, place, NULL);
		if (err) {
			free(place);
			return err;
		}
	}
	*ret = place;
	return 0;
}

/* The place was made when the session was put in. */
static void count_live(struct sessions *s, const struct session *n, bool more)
{
	struct place *place = map_get(&s->places, &n->switch_id);

	s->live += more ? 1 : (size_t)-1;
	s->live_of[n->origin] += more ? 1 : (size_t)-1;
	if (place)
		place->live += more ? 1 : (size_t)-1;
}

static int index_account(struct sessions *s, struct session *n)
{
	int err;

	n->next_of_account = NULL;
	if (!n->account[0])
		return 0;
	n->next_of_account = map_get(&s->by_account, n->account);
	err = map_put(&s->by_account, n->account, n, NULL);
	if (err)
		n->next_of_account = NULL;
	return err;
}

static void unindex_account(struct sessions *s, struct session *n)
{
	struct session *at = n->account[0] ? map_get(&s->by_account, n->account) : NULL;

	if (at == n) {
		map_remove(&s->by_account, n->account);
		if (n->next_of_account)
			(void)!map_put(&s->by_account, n->next_of_account->account,
				       n->next_of_account, NULL);
		return;
	}
	while (at && at->next_of_account != n)
		at = at->next_of_account;
	if (at)
		at->next_of_account = n->next_of_account;
}

/* A zeroed one; NULL: out of memory. */
static struct session *make(struct sessions *s)
{
	struct session *n;
	uint32_t piece;

	if (pool_take(&s->pool, sizeof(*n), &piece))
		return NULL;
	n = pool_at(&s->pool, piece);
	n->piece = piece;
	return n;
}

static void unmake(struct sessions *s, struct session *n)
{
	pool_give(&s->pool, n->piece, sizeof(*n));
}

static void take_out(struct sessions *s, struct session *n)
{
	if (session_is_live(n))
		count_live(s, n, false);
	sequence_remove(&s->sequence, n);
	strangers_remove(&s->strangers, n);
	ports_remove(&s->ports, n);
	unindex_account(s, n);
	if (map_get(&s->by_class, n->class_id) == n)
		map_remove(&s->by_class, n->class_id);
	map_remove(&s->by_mac, &n->mac);
	unmake(s, n);
}

static int make_room(struct sessions *s, const struct session *n)
{
	struct session *victim = NULL;
	int err = 0;

	if (session_is_stranger(n))
		err = strangers_make_room(&s->strangers, n->switch_id, n->port, &victim);
	if (!err && !victim && s->by_mac.count >= SESSIONS_MAX) {
		victim = s->strangers.oldest_idle;
		err = victim ? 0 : -ENOSPC;
	}
	if (victim)
		take_out(s, victim);
	return err;
}

static int put_in(struct sessions *s, struct session *n)
{
	struct place *place;
	int err = make_room(s, n);

	if (!err)
		err = get_place(s, n->switch_id, &place);
	if (!err)
		err = map_put(&s->by_mac, &n->mac, n, NULL);
	if (err) {
		unmake(s, n);
		return err;
	}
	if (session_is_live(n))
		count_live(s, n, true);
	err = map_put(&s->by_class, n->class_id, n, NULL);
	if (!err)
		err = index_account(s, n);
	if (!err)
		err = ports_add(&s->ports, n);
	if (!err)
		err = strangers_add(&s->strangers, n);
	if (err)
		take_out(s, n);
	return err;
}

void sessions_limit_strangers(struct sessions *s, size_t per_port, size_t total)
{
	s->strangers.per_port = per_port;
	s->strangers.total = total;
}

bool sessions_take_crowded(struct sessions *s)
{
	bool crowded = s->strangers.crowded;

	s->strangers.crowded = false;
	return crowded;
}

/* A copy of `n` is what its MAC has from now on. */
static int replace(struct sessions *s, const struct session *n, struct session **ret)
{
	struct session *kept = make(s), *old;
	uint32_t piece;
	int err;

	if (!kept)
		return -ENOMEM;
	piece = kept->piece;
	*kept = *n;
	kept->piece = piece;
	old = map_get(&s->by_mac, &n->mac);
	if (old)
		take_out(s, old);
	err = put_in(s, kept);
	if (err)
		return err;
	s->version = MAX(s->version, kept->version);
	sequence_touch(&s->sequence, kept);
	if (ret)
		*ret = kept;
	return 0;
}

/* What this gate alone knows of the session. */
static void keep_unsaid(struct session *n, const struct session *old)
{
	n->disconnect_asked_at_ms = old->disconnect_asked_at_ms;
	n->address_source = old->address_source;
	n->multi = old->multi;
	n->gap_s = old->gap_s;
	memcpy(n->told, old->told, sizeof(n->told));
}

int sessions_adopt(struct sessions *s, const struct session *said, struct session **ret)
{
	const struct session *old = map_get(&s->by_mac, &said->mac);
	struct session all = *said, *n;
	int err;

	if (old && memcmp(old->class_id, said->class_id, CLASS_SIZE) == 0)
		keep_unsaid(&all, old);
	err = replace(s, &all, &n);
	if (err)
		return err;
	write_log(s, n);
	*ret = n;
	return 0;
}

int sessions_restore(struct sessions *s, const uint8_t *entry, size_t len)
{
	struct session n;
	char origin[GATE_NAME_SIZE];
	int err = session_decode(entry, len, &n, origin);

	if (err)
		return err;
	if (sessions_origin(s, origin, &n.origin))
		return 0; /* of more gates than there may be */
	err = replace(s, &n, NULL);
	return err == -EUSERS ? 0 : err;
}

static int name_port(struct sessions *s, struct session *n, const char *port)
{
	int err;

	strangers_remove(&s->strangers, n);
	ports_remove(&s->ports, n);
	err = text_copy(n->port, sizeof(n->port), port);
	if (!err)
		err = ports_add(&s->ports, n);
	return err ? err : strangers_add(&s->strangers, n);
}

int sessions_name_ports(struct sessions *s, session_port_fn *fn, void *arg)
{
	char name[PORT_SIZE];
	int err = 0;

	for (struct session *n = s->sequence.oldest; !err && n; n = n->newer)
		if (fn(arg, n, name) && strcmp(name, n->port) != 0)
			err = name_port(s, n, name);
	return err;
}

void sessions_dump(const struct sessions *s, int64_t now_ms, session_log_fn *fn, void *arg)
{
	CLEANUP_BUF struct buf entry = BUF_INIT;

	for (const struct session *n = s->sequence.oldest; n; n = n->newer) {
		if (n->state == SESSION_ENDED && now_ms - n->ended_at_ms > KEEP_ENDED_MS)
			continue;
		session_encode(n, s->origins[n->origin], &entry);
		fn(arg, entry.data, entry.len);
	}
}

void sessions_warm(const struct sessions *s, const struct mac *mac, unsigned step)
{
	const struct session *n;

	if (step == 0) {
		map_prefetch(&s->by_mac, mac);
	} else if (step == 1) {
		n = map_get(&s->by_mac, mac);
		__builtin_prefetch(n);
		if (n)
			__builtin_prefetch(n->port);
	}
}

struct session *sessions_by_mac(const struct sessions *s, const struct mac *mac)
{
	return map_get(&s->by_mac, mac);
}

struct session *sessions_by_class(const struct sessions *s, const uint8_t *class_id, size_t len)
{
	return len == CLASS_SIZE ? map_get(&s->by_class, class_id) : NULL;
}

struct session *sessions_of_account(const struct sessions *s, const char *account)
{
	return map_get(&s->by_account, account);
}

struct session *sessions_at_port(const struct sessions *s, int64_t switch_id, const char *port)
{
	return ports_first(&s->ports, switch_id, port);
}

struct session *sessions_next(const struct sessions *s, size_t *at)
{
	return map_next(&s->by_mac, at);
}

size_t sessions_live(const struct sessions *s)
{
	return s->live;
}

size_t sessions_live_at(const struct sessions *s, int64_t switch_id)
{
	const struct place *place = map_get(&s->places, &switch_id);

	return place ? place->live : 0;
}

static bool same_place(const struct session *n, const struct session_grant *g)
{
	return n->switch_id == g->switch_id && strcmp(n->port, g->port) == 0;
}

static bool same_grant(const struct session *n, const struct session_grant *g)
{
	return session_is_live(n) && same_place(n, g) && n->method == g->method &&
	       n->terminal_id == g->terminal_id && strcmp(n->account, g->account) == 0;
}

static void new_class(struct sessions *s, struct session *n)
{
	memcpy(n->class_id, s->class_prefix, sizeof(s->class_prefix));
	set_be64(n->class_id + sizeof(s->class_prefix), ++s->class_next);
}

/* What is carried over from the MAC's session before. */
struct heritage {
	bool was_admitted;
	uint8_t over[CLASS_SIZE];
	char acct_before[64];
};

static void inherit(const struct session *n, const struct session_grant *g, struct heritage *ret)
{
	*ret = (struct heritage){0};
	if (n)
		memcpy(ret->over, n->class_id, CLASS_SIZE);
	if (!n || n->switch_id != g->switch_id)
		return;
	ret->was_admitted = same_place(n, g) && n->was_admitted;
	memcpy(ret->acct_before, n->acct_id[0] ? n->acct_id : n->acct_before,
	       sizeof(ret->acct_before));
}

static int create(struct sessions *s, const struct session_grant *g,
		  const struct heritage *heritage, struct session **ret)
{
	struct session *n;
	int err;

	n = make(s);
	if (!n)
		return -ENOMEM;
	n->mac = g->mac;
	n->method = g->method;
	n->switch_id = g->switch_id;
	n->terminal_id = g->terminal_id;
	n->nas_port = g->nas_port;
	n->granted_at_ms = n->started_at_ms = g->at_ms;
	n->was_admitted = heritage->was_admitted;
	memcpy(n->acct_before, heritage->acct_before, sizeof(n->acct_before));
	memcpy(n->over, heritage->over, CLASS_SIZE);
	new_class(s, n);
	if (text_copy(n->port, sizeof(n->port), g->port) ||
	    text_copy(n->account, sizeof(n->account), g->account) ||
	    text_copy(n->calling, sizeof(n->calling), g->calling)) {
		unmake(s, n);
		return -ENAMETOOLONG;
	}
	err = put_in(s, n);
	if (!err)
		*ret = n;
	return err;
}

int sessions_grant(struct sessions *s, const struct session_grant *g, struct session **ret,
		   bool *ret_moved, struct session *ret_old)
{
	struct session *n = map_get(&s->by_mac, &g->mac);
	bool moved = false;
	struct heritage heritage;
	struct decision before = {0};
	int err = 0;

	inherit(n, g, &heritage);
	if (n && !same_grant(n, g)) {
		moved = session_is_live(n);
		if (moved)
			*ret_old = *n;
		take_out(s, n);
		n = NULL;
	}
	if (n)
		before = n->decision;
	else
		err = create(s, g, &heritage, &n);
	if (err)
		return err;
	n->said_at_s = 0; /* the switch may have started anew since, with another clock */
	n->decision = g->decision;
	n->disconnect_asked_at_ms = 0;
	n->was_admitted |=
		g->decision.verdict == VERDICT_ADMIT && g->decision.reason != REASON_BYPASS;
	if (memcmp(&before, &n->decision, sizeof(before)) != 0 || n->held != g->held ||
	    n->planned != g->planned || n->origin) {
		n->held = g->held;
		n->planned = g->planned;
		note_change(s, n, g->at_ms);
	}
	*ret = n;
	*ret_moved = moved;
	return 0;
}

static void take_report(struct session *n, const struct session_report *r)
{
	n->octets_in = MAX(n->octets_in, r->octets_in);
	n->octets_out = MAX(n->octets_out, r->octets_out);
	n->lasted_s = r->lasted_s;
	if (r->said_at_s)
		n->said_at_s = r->said_at_s;
	if (r->acct_id && n->acct_id[0] && !text_equal(r->acct_id, n->acct_id))
		memcpy(n->acct_before, n->acct_id, sizeof(n->acct_before));
	/* A text that does not fit says nothing that the gate could use. */
	if (r->acct_id && text_copy(n->acct_id, sizeof(n->acct_id), r->acct_id))
		n->acct_id[0] = 0;
	if (r->address && text_copy(n->address, sizeof(n->address), r->address))
		n->address[0] = 0;
	if (r->address)
		n->address_source = ADDRESS_ACCOUNTING;
	if (r->multi)
		n->multi = r->multi;
}

void sessions_prove(struct sessions *s, struct session *n, const struct session_report *r)
{
	if (n->state == SESSION_ENDED)
		count_live(s, n, true);
	if (n->state != SESSION_RUNNING || n->is_lost) {
		n->started_at_ms = r->at_ms;
		n->octets_in = n->octets_out = 0;
	} else {
		n->gap_s = MAX(n->gap_s, (uint32_t)((r->at_ms - n->proven_at_ms) / SECOND_MS));
	}
	n->state = SESSION_RUNNING;
	n->is_stopped = n->is_lost = false;
	strangers_changed(&s->strangers, n);
	n->proven_at_ms = r->at_ms;
	n->ended_at_ms = 0;
	take_report(n, r);
	note_change(s, n, r->at_ms);
}

void sessions_end(struct sessions *s, struct session *n, const struct session_report *r)
{
	if (n->state == SESSION_ENDED)
		return;
	count_live(s, n, false);
	n->state = SESSION_ENDED;
	strangers_changed(&s->strangers, n);
	n->ended_at_ms = r->at_ms;
	take_report(n, r);
	note_change(s, n, r->at_ms);
}

void sessions_stop(struct sessions *s, struct session *n, const struct session_report *r)
{
	n->is_stopped = true;
	sessions_end(s, n, r);
}

void sessions_touch(struct sessions *s, struct session *n)
{
	note_change(s, n, 0);
}
