#include "gate/live/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "gate/knock/strangers.h"
#include "gate/live/ports.h"

#define ENTRY_VERSION 2 /* 1 ends before said_at_s */
#define CLOCK_SLACK_S 300
#define KEEP_ENDED_MS (30 * DAY_MS)
#define SESSIONS_MAX 1000000

struct sessions {
	struct map by_mac, by_class, by_account;
	struct map places; /* struct place, by switch */
	struct ports ports;
	struct strangers strangers;
	session_log_fn *log;
	void *log_arg;
	struct buf entry; /* reused */
	uint8_t class_prefix[8];
	uint64_t class_next;
	size_t live;
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
	map_init(&s->by_mac, sizeof(struct mac));
	map_init(&s->by_class, CLASS_SIZE);
	map_init(&s->by_account, 0);
	map_init(&s->places, sizeof(int64_t));
	ports_init(&s->ports);
	strangers_init(&s->strangers);
	buf_init(&s->entry, 4096);
	s->log = log;
	s->log_arg = arg;
	random_bytes(s->class_prefix, sizeof(s->class_prefix));
	*ret = s;
	return 0;
}

void sessions_free(struct sessions *s)
{
	struct session *session;
	struct place *place;
	size_t at = 0;

	if (!s)
		return;
	while ((session = map_next(&s->by_mac, &at)))
		free(session);
	for (at = 0; (place = map_next(&s->places, &at));)
		free(place);
	map_done(&s->places);
	ports_done(&s->ports);
	strangers_done(&s->strangers);
	map_done(&s->by_mac);
	map_done(&s->by_class);
	map_done(&s->by_account);
	buf_done(&s->entry);
	free(s);
}

static void put_text(struct buf *b, const char *text)
{
	size_t len = strlen(text);

	buf_put_u8(b, (uint8_t)len);
	buf_append(b, text, len);
}

static void encode(const struct session *n, struct buf *b)
{
	const int64_t times[] = {n->switch_id,		n->terminal_id,	       n->granted_at_ms,
				 n->started_at_ms,	n->proven_at_ms,       n->ended_at_ms,
				 (int64_t)n->octets_in, (int64_t)n->octets_out};

	buf_clear(b);
	buf_put_u8(b, ENTRY_VERSION);
	buf_append(b, n->class_id, CLASS_SIZE);
	buf_append(b, n->mac.b, sizeof(n->mac.b));
	buf_put_u8(b, (uint8_t)n->state);
	buf_put_u8(b, (uint8_t)n->method);
	buf_put_u8(b, (uint8_t)n->decision.verdict);
	buf_put_u8(b, (uint8_t)n->decision.reason);
	buf_put_u8(b, (uint8_t)n->decision.would_be);
	buf_put_u8(b, (uint8_t)n->decision.would_be_reason);
	buf_put_u8(b, (uint8_t)(n->held | n->was_admitted << 1 | n->is_lost << 2));
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		buf_put_be64(b, (uint64_t)times[i]);
	buf_put_be32(b, n->nas_port);
	put_text(b, n->port);
	put_text(b, n->account);
	put_text(b, n->calling);
	put_text(b, n->acct_id);
	put_text(b, n->address);
	buf_put_be32(b, n->said_at_s);
	buf_put_be32(b, n->lasted_s);
	buf_put_u8(b, n->is_stopped);
	put_text(b, n->acct_before);
}

static int get_text(struct reader *r, char *dst, size_t size)
{
	const uint8_t *p;
	uint8_t len;

	if (reader_u8(r, &len) || reader_bytes(r, len, &p))
		return -EBADMSG;
	return text_copy_n(dst, size, (const char *)p, len) ? -EBADMSG : 0;
}

static int decode_verdict(struct reader *r, struct session *n)
{
	uint8_t v[7];

	for (size_t i = 0; i < sizeof(v); i++)
		if (reader_u8(r, &v[i]))
			return -EBADMSG;
	if (v[0] > SESSION_ENDED || v[1] > KNOCK_EAP_TLS || v[2] > VERDICT_ADMIT ||
	    v[3] >= REASON_COUNT || v[4] > VERDICT_ADMIT || v[5] >= REASON_COUNT || v[6] > 7)
		return -EBADMSG;
	n->state = (enum session_state)v[0];
	n->method = (enum knock_method)v[1];
	n->decision = (struct decision){(enum verdict)v[2], (enum reason)v[3], (enum verdict)v[4],
					(enum reason)v[5]};
	n->held = v[6] & 1;
	n->was_admitted = v[6] & 2;
	n->is_lost = v[6] & 4;
	return 0;
}

static int decode_words(struct reader *r, struct session *n)
{
	uint8_t is_stopped;

	if (reader_be32(r, &n->said_at_s) || reader_be32(r, &n->lasted_s) ||
	    reader_u8(r, &is_stopped) || is_stopped > 1 ||
	    get_text(r, n->acct_before, sizeof(n->acct_before)))
		return -EBADMSG;
	n->is_stopped = is_stopped;
	return 0;
}

static int decode(const uint8_t *entry, size_t len, struct session *n)
{
	struct reader r = {entry, len};
	const uint8_t *class_id, *mac;
	uint64_t v[8];
	uint8_t version;

	if (reader_u8(&r, &version) || version < 1 || version > ENTRY_VERSION ||
	    reader_bytes(&r, CLASS_SIZE, &class_id) || reader_bytes(&r, sizeof(n->mac), &mac) ||
	    decode_verdict(&r, n))
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (reader_be64(&r, &v[i]))
			return -EBADMSG;
	memcpy(n->class_id, class_id, CLASS_SIZE);
	memcpy(n->mac.b, mac, sizeof(n->mac));
	n->switch_id = (int64_t)v[0];
	n->terminal_id = (int64_t)v[1];
	n->granted_at_ms = (int64_t)v[2];
	n->started_at_ms = (int64_t)v[3];
	n->proven_at_ms = (int64_t)v[4];
	n->ended_at_ms = (int64_t)v[5];
	n->octets_in = v[6];
	n->octets_out = v[7];
	if (reader_be32(&r, &n->nas_port) || get_text(&r, n->port, sizeof(n->port)) ||
	    get_text(&r, n->account, sizeof(n->account)) ||
	    get_text(&r, n->calling, sizeof(n->calling)) ||
	    get_text(&r, n->acct_id, sizeof(n->acct_id)) ||
	    get_text(&r, n->address, sizeof(n->address)) || (version > 1 && decode_words(&r, n)) ||
	    r.left)
		return -EBADMSG;
	return 0;
}

static void write_log(struct sessions *s, const struct session *session)
{
	encode(session, &s->entry);
	s->log(s->log_arg, s->entry.data, s->entry.len);
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

static void take_out(struct sessions *s, struct session *n)
{
	if (session_is_live(n))
		count_live(s, n, false);
	strangers_remove(&s->strangers, n);
	ports_remove(&s->ports, n);
	unindex_account(s, n);
	if (map_get(&s->by_class, n->class_id) == n)
		map_remove(&s->by_class, n->class_id);
	map_remove(&s->by_mac, &n->mac);
	free(n);
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
		free(n);
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

int sessions_restore(struct sessions *s, const uint8_t *entry, size_t len)
{
	struct session *n = calloc(1, sizeof(*n)), *old;
	int err;

	if (!n)
		return -ENOMEM;
	err = decode(entry, len, n);
	if (err) {
		free(n);
		return err;
	}
	old = map_get(&s->by_mac, &n->mac);
	if (old)
		take_out(s, old);
	err = put_in(s, n);
	return err == -EUSERS ? 0 : err;
}

void sessions_dump(const struct sessions *s, int64_t now_ms, session_log_fn *fn, void *arg)
{
	CLEANUP_BUF struct buf entry = BUF_INIT;
	const struct session *n;
	size_t at = 0;

	while ((n = map_next(&s->by_mac, &at))) {
		if (n->state == SESSION_ENDED && now_ms - n->ended_at_ms > KEEP_ENDED_MS)
			continue;
		encode(n, &entry);
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
	char acct_before[64];
};

static void inherit(const struct session *n, const struct session_grant *g, struct heritage *ret)
{
	*ret = (struct heritage){0};
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

	n = calloc(1, sizeof(*n));
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
	new_class(s, n);
	if (text_copy(n->port, sizeof(n->port), g->port) ||
	    text_copy(n->account, sizeof(n->account), g->account) ||
	    text_copy(n->calling, sizeof(n->calling), g->calling)) {
		free(n);
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
	if (memcmp(&before, &n->decision, sizeof(before)) != 0 || n->held != g->held) {
		n->held = g->held;
		write_log(s, n);
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

bool session_learns(const struct session *n, enum session_word word, const struct session_report *r)
{
	bool same = r->acct_id && text_equal(r->acct_id, n->acct_id);
	bool later = r->said_at_s > n->said_at_s, longer = r->lasted_s > n->lasted_s;

	if (r->acct_id && text_equal(r->acct_id, n->acct_before))
		return false;
	if (word == SESSION_WORD_STOP && !same && r->acct_id && n->acct_id[0])
		return false; /* of another session of the MAC */
	if (same && n->is_stopped)
		return false;
	if (r->said_at_s && n->said_at_s && r->said_at_s < n->said_at_s)
		return same && longer;
	if (!same || n->state != SESSION_RUNNING || word == SESSION_WORD_STOP)
		return true;
	if (word == SESSION_WORD_START)
		return later;
	/* Who says neither when nor how long cannot be told from who says it again. */
	return later || longer || (!r->said_at_s && !r->lasted_s);
}

bool session_is_after(const struct session *n, uint32_t at_s)
{
	if (n->said_at_s)
		return n->said_at_s > at_s;
	return n->granted_at_ms / SECOND_MS > (int64_t)at_s + CLOCK_SLACK_S;
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
	write_log(s, n);
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
	write_log(s, n);
}

void sessions_stop(struct sessions *s, struct session *n, const struct session_report *r)
{
	n->is_stopped = true;
	sessions_end(s, n, r);
}

void sessions_touch(struct sessions *s, struct session *n)
{
	write_log(s, n);
}
