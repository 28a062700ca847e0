#include "gate/beside/surveyor.h"

#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/local.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "gate/beside/surveyor_message.h"
#include "gate/line/link.h"
#include "gate/line/record.h"
#include "policy/finding.h"

#define ORDERS_MAX 32
#define ORDER_MS (2 * MINUTE_MS)
#define TOLD_MAX 256 /* strangers that are remembered, so that none is told again each time */
#define TOLD_MS DAY_MS
#define SETTLE_MS 1000 /* several changes are one */

enum turn { TURN_BEGIN, TURN_SWITCHES, TURN_END, TURN_OVER };

struct order {
	uint64_t number; /* 0: free */
	int64_t until_ms;
	surveyor_bounced_fn *fn;
	void *arg;
};

struct saying {
	struct mac mac; /* zeros: none, then the name counts */
	char name[64];
	int64_t switch_id, at_ms;
};

struct surveyor {
	struct gate *gate;
	int fd, peer; /* -1: nobody */
	struct loop_watch *watch, *peer_watch;
	struct loop_timer *settle, *orders_timer;
	enum turn turn;
	size_t at; /* of the walk over the switches */
	const struct snapshot *snapshot;
	uint64_t epoch;
	uint64_t last_number;
	struct order orders[ORDERS_MAX];
	struct saying told[TOLD_MAX];
	size_t told_next;
	bool office, office_told; /* head office can be heard; the survey was told what */
	int64_t reported_id;	  /* whose report goes on; 0: none */
};

/* ---- the switches ---- */

static json_t *describe(const struct snap_switch *sw)
{
	return json_pack("{s:s, s:I, s:s, s:s, s:s}", "type", "switch", "id",
			 (json_int_t)sw->row.id, "name", sw->row.name, "address", sw->row.address,
			 "snmp", sw->snmp);
}

/* Takes `message`. -EAGAIN: it does not fit now. */
static int say(struct surveyor *s, json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	int err = 0;

	json_decref(message);
	if (!text)
		return -ENOMEM;
	if (send(s->peer, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		err = -errno;
	secret_wipe(text, strlen(text));
	free(text);
	return err;
}

static int say_switches(struct surveyor *s)
{
	const struct snap_switch *sw;
	size_t at = s->at;
	int err = 0;

	while (!err && (sw = snapshot_next_switch(s->gate->snapshot, &at))) {
		if (sw->snmp[0])
			err = say(s, describe(sw));
		if (!err)
			s->at = at;
	}
	return err;
}

static int say_office(struct surveyor *s)
{
	int err = s->office_told
			  ? 0
			  : say(s, json_pack("{s:s, s:b}", "type", "office", "there", s->office));

	if (!err)
		s->office_told = true;
	return err;
}

/* As much as the socket takes. */
static int go_on(struct surveyor *s)
{
	int err = say_office(s);

	if (!err && s->turn == TURN_BEGIN && !(err = say(s, json_pack("{s:s}", "type", "begin")))) {
		s->at = 0;
		s->turn = TURN_SWITCHES;
	}
	if (!err && s->turn == TURN_SWITCHES && !(err = say_switches(s)))
		s->turn = TURN_END;
	if (!err && s->turn == TURN_END && !(err = say(s, json_pack("{s:s}", "type", "end"))))
		s->turn = TURN_OVER;
	if (err && err != -EAGAIN)
		return err;
	return loop_watch_change(s->peer_watch, err ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void drop_peer(struct surveyor *s)
{
	loop_watch_remove(s->peer_watch);
	close_cleanup(&s->peer);
	s->peer_watch = NULL;
	s->peer = -1;
	s->office_told = false;
	s->reported_id = 0;
}

static void begin(struct surveyor *s)
{
	s->snapshot = s->gate->snapshot;
	s->epoch = snapshot_switches_epoch(s->snapshot);
	s->turn = TURN_BEGIN;
	if (s->peer >= 0 && go_on(s))
		drop_peer(s);
}

static void on_settle(void *arg)
{
	begin(arg);
}

void surveyor_snapshot_changed(struct surveyor *s)
{
	if (!s ||
	    (s->snapshot == s->gate->snapshot && s->epoch == snapshot_switches_epoch(s->snapshot)))
		return;
	/* A walk over the switches does not survive their change. */
	s->turn = TURN_OVER;
	loop_timer_arm(s->settle, SETTLE_MS);
}

/* ---- what it says ---- */

static bool was_told(struct surveyor *s, const struct surveyor_message *m, int64_t now_ms)
{
	struct saying *t;

	for (size_t i = 0; i < TOLD_MAX; i++)
		if (s->told[i].switch_id == m->switch_id && mac_equal(&s->told[i].mac, &m->mac) &&
		    (m->has_mac || text_equal(s->told[i].name, m->name)) &&
		    now_ms - s->told[i].at_ms < TOLD_MS)
			return true;
	t = &s->told[s->told_next++ % TOLD_MAX];
	*t = (struct saying){.mac = m->mac, .switch_id = m->switch_id, .at_ms = now_ms};
	memcpy(t->name, m->name, sizeof(t->name));
	return false;
}

/* Also one that is not asked over SNMP is ours. */
static bool is_ours(const struct gate *g, const char *name)
{
	const struct snap_switch *sw;
	size_t at = 0;

	while (name[0] && (sw = snapshot_next_switch(g->snapshot, &at)))
		if (text_equal(sw->row.name, name))
			return true;
	return false;
}

static void take_neighbour(struct surveyor *s, const struct surveyor_message *m)
{
	struct gate *g = s->gate;
	const struct snap_switch *sw = snapshot_switch(g->snapshot, m->switch_id);
	const struct snap_terminal *t =
		m->has_mac ? snapshot_terminal_by_mac(g->snapshot, &m->mac) : NULL;
	char note[256];

	if (!sw || is_ours(g, m->name) || was_told(s, m, clock_mono_ms()))
		return;
	snprintf(note, sizeof(note),
		 "switch %s, port %s: its LLDP neighbour '%s' is no switch of ours", sw->row.name,
		 m->port, m->name);
	record_finding(g, &(struct record_finding){.mac = m->has_mac ? &m->mac : NULL,
						   .code = finding_text(FINDING_BRIDGE)->code,
						   .terminal_id = t ? t->id : 0,
						   .address = "",
						   .note = note,
						   .switch_id = m->switch_id,
						   .port = m->port});
}

/* A report that stops on the way is none: head office drops what has no end. */
static void take_report(struct surveyor *s, const struct surveyor_message *m)
{
	struct gate *g = s->gate;

	if (m->frame == FRAME_SURVEY_SWITCH) {
		bool known = snapshot_switch(g->snapshot, m->report.seen.switch_id) != NULL;

		s->reported_id = known && s->office ? m->report.seen.switch_id : 0;
	}
	if (!s->reported_id || !g->link)
		return;
	if (link_report(g->link, m->frame, &m->report) ||
	    (m->frame == FRAME_SURVEY_END && m->report.end.switch_id != s->reported_id))
		s->reported_id = 0;
}

static void conclude(struct order *o, bool ok, const char *said)
{
	const struct order done = *o;

	*o = (struct order){.number = 0};
	done.fn(done.arg, ok, said);
}

static void take_bounced(struct surveyor *s, const struct surveyor_message *m)
{
	for (size_t i = 0; i < ORDERS_MAX; i++)
		if (s->orders[i].number == m->number) {
			conclude(&s->orders[i], m->ok, m->said);
			return;
		}
}

static void on_orders_timer(void *arg)
{
	struct surveyor *s = arg;
	int64_t now_ms = clock_mono_ms(), next_ms = 0;

	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order *o = &s->orders[i];

		if (o->number && o->until_ms <= now_ms)
			conclude(o, false, "nobody said what came of it");
		else if (o->number && (!next_ms || o->until_ms < next_ms))
			next_ms = o->until_ms;
	}
	if (next_ms)
		loop_timer_arm(s->orders_timer, next_ms - now_ms);
}

int surveyor_bounce(struct surveyor *s, int64_t switch_id, const char *port,
		    surveyor_bounced_fn *fn, void *arg)
{
	const struct snap_switch *sw = snapshot_switch(s->gate->snapshot, switch_id);
	struct order *o = s->orders;
	int err;

	if (!sw || !sw->snmp[0])
		return -ENOENT;
	if (s->peer < 0)
		return -ENOTCONN;
	while (o < s->orders + ORDERS_MAX && o->number)
		o++;
	if (o == s->orders + ORDERS_MAX)
		return -EBUSY;
	err = say(s, json_pack("{s:s, s:I, s:I, s:s}", "type", "bounce", "n",
			       (json_int_t)++s->last_number, "switch", (json_int_t)switch_id,
			       "port", port));
	if (err)
		return err == -EAGAIN ? -EBUSY : err;
	*o = (struct order){s->last_number, clock_mono_ms() + ORDER_MS, fn, arg};
	if (!loop_timer_is_armed(s->orders_timer))
		loop_timer_arm(s->orders_timer, ORDER_MS);
	return 0;
}

/* ---- head office ---- */

void surveyor_office(struct surveyor *s, bool is_there)
{
	if (!s || s->office == is_there)
		return;
	s->office = is_there;
	s->office_told = false;
	s->reported_id = 0;
	if (s->peer >= 0 && go_on(s))
		drop_peer(s);
}

/* What does not fit is told again by the survey. */
void surveyor_taken(struct surveyor *s, const menshen_SurveyTaken *m)
{
	if (s->peer >= 0)
		(void)!say(s, json_pack("{s:s, s:I, s:I, s:b}", "type", "taken", "switch",
					(json_int_t)m->switch_id, "at", (json_int_t)m->at_ms,
					"again", m->again));
}

/* ---- connections ---- */

static int hear(struct surveyor *s, int fd)
{
	char text[SURVEYOR_MESSAGE_MAX];
	ssize_t len = recv(fd, text, sizeof(text), MSG_TRUNC);
	struct surveyor_message m;
	int err;

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (len == 0)
		return -ECONNRESET;
	err = len > (ssize_t)sizeof(text) ? -EMSGSIZE : surveyor_parse(text, (size_t)len, &m);
	if (err)
		return err;
	if (m.type == SURVEYOR_BOUNCED)
		take_bounced(s, &m);
	else if (m.type == SURVEYOR_NEIGHBOUR)
		take_neighbour(s, &m);
	else
		take_report(s, &m);
	return 0;
}

static void on_peer(void *arg, int fd, uint32_t events)
{
	struct surveyor *s = arg;
	int err = 0;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		err = hear(s, fd);
	if (!err && (events & EPOLLOUT))
		err = go_on(s);
	if (!err)
		return;
	log_warn("the survey's connection is ended: %s", strerror(-err));
	drop_peer(s);
}

static bool may_connect(const struct gate *g, uid_t uid)
{
	const struct passwd *pw;

	if (uid == 0 || uid == geteuid())
		return true;
	pw = getpwnam(g->settings.survey_user);
	return pw && pw->pw_uid == uid;
}

static void on_connect(void *arg, int fd, uint32_t events)
{
	struct surveyor *s = arg;
	uid_t uid = 0;
	CLEANUP_FD int peer = local_accept(fd, &uid);

	(void)events;
	if (peer < 0)
		return;
	if (!may_connect(s->gate, uid)) {
		log_warn("uid %u is not the survey's user (user in [survey])", uid);
		return;
	}
	drop_peer(s);
	if (loop_watch_fd(s->gate->loop, peer, EPOLLIN, on_peer, s, &s->peer_watch))
		return;
	s->peer = TAKE_FD(peer);
	begin(s);
}

int surveyor_new(struct gate *g, struct surveyor **ret)
{
	struct surveyor *s = calloc(1, sizeof(*s));
	char path[PATH_SIZE + 16];
	int err;

	if (!s)
		return -ENOMEM;
	s->gate = g;
	s->peer = -1;
	s->turn = TURN_OVER;
	snprintf(path, sizeof(path), "%s/survey.sock", g->settings.run_dir);
	/* Who connects is judged by the kernel's word, not by the file's mode. */
	s->fd = local_listen(path, SOCK_SEQPACKET, 0666);
	err = MIN(s->fd, 0);
	if (!err)
		err = loop_timer_new(g->loop, on_settle, s, &s->settle);
	if (!err)
		err = loop_timer_new(g->loop, on_orders_timer, s, &s->orders_timer);
	if (!err)
		err = loop_watch_fd(g->loop, s->fd, EPOLLIN, on_connect, s, &s->watch);
	if (err) {
		surveyor_free(s);
		return err;
	}
	*ret = s;
	return 0;
}

void surveyor_free(struct surveyor *s)
{
	if (!s)
		return;
	drop_peer(s);
	loop_watch_remove(s->watch);
	close_cleanup(&s->fd);
	loop_timer_free(s->settle);
	loop_timer_free(s->orders_timer);
	for (size_t i = 0; i < ORDERS_MAX; i++)
		if (s->orders[i].number)
			conclude(&s->orders[i], false, "the gate ended before");
	free(s);
}
