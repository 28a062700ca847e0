#include "gate/beside/heard.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/local.h"
#include "base/text.h"
#include "gate/beside/heard_message.h"
#include "gate/beside/learnt.h"
#include "gate/beside/plan_walk.h"
#include "gate/line/ledger.h"
#include "gate/line/record.h"
#include "gate/live/stay.h"
#include "policy/system.h"

#define PEERS_MAX 4
#define SETTLE_MS 1000	/* several changes of the plan are one */
#define PER_MINUTE 6000 /* messages of one peer; a listener sends 400, and 2048 at its return */

struct peer {
	struct heard *heard;
	struct loop_watch *watch;
	int fd;	       /* -1: free */
	uint64_t turn; /* which connection this is: an answer may come after its end */
	int64_t minute_ms;
	unsigned in_minute;
	struct plan_walk plan;
};

struct heard {
	struct gate *gate;
	struct learnt *learnt;
	int fd;
	struct loop_watch *watch;
	struct peer peers[PEERS_MAX];
	uint64_t turn;
	struct loop_timer *settle;
	const struct snapshot *snapshot; /* whose plan was said, */
	uint64_t epoch;			 /* and which */
};

/* An answer that waits for the disk. */
struct ticket {
	struct heard *heard;
	size_t peer;
	uint64_t turn, number;
};

/* ---- a message ---- */

static void record(struct gate *g, const struct heard_message *m, enum finding f, const char *note)
{
	const struct snap_terminal *t = snapshot_terminal_by_mac(g->snapshot, &m->mac);
	const struct session *n = sessions_by_mac(g->sessions, &m->mac);
	struct record_finding found = {.mac = &m->mac,
				       .session = n && session_is_live(n) ? n : NULL,
				       .code = finding_text(f)->code,
				       .terminal_id = t ? t->id : 0,
				       .address = m->address,
				       .note = note};

	record_finding(g, &found);
}

static void take_finding(struct gate *g, const struct heard_message *m)
{
	char note[256], vlan[32] = "";

	if (m->vlan)
		snprintf(vlan, sizeof(vlan), "VLAN %u, ", m->vlan);
	snprintf(note, sizeof(note), "%s%s (%llu times)", vlan, m->detail,
		 (unsigned long long)m->count);
	record(g, m, m->finding, note);
}

/* Accounting often lacks it, and MAC authentication always does. */
static void give_addresses(struct gate *g, struct session *n, const struct heard_message *m)
{
	for (size_t i = m->address_count; i-- > 0;) {
		const struct heard_address *a = &m->addresses[i];

		stay_address(g, n, a->text,
			     a->is_leased	    ? ADDRESS_DHCP
			     : strchr(a->text, ':') ? ADDRESS_ND
						    : ADDRESS_ARP);
	}
}

/* The first case of impersonation that is tried: a printer's MAC on a computer (D06). */
static void check_system(struct gate *g, const struct heard_message *m)
{
	const struct snap_terminal *t = snapshot_terminal_by_mac(g->snapshot, &m->mac);
	enum system system = system_from_fingerprint(m->fingerprint);
	char note[256];

	if (!t || system_fits(system, (enum terminal_kind)t->kind))
		return;
	snprintf(note, sizeof(note), "registered as %s, asks for its address as a %s: '%s'",
		 terminal_kind_name((enum terminal_kind)t->kind), system_name(system),
		 m->fingerprint);
	record(g, m, FINDING_CLONE, note);
}

/* Only what is registered or permitted has a first look to be compared with. */
static void check_learnt(struct heard *h, const struct heard_message *m, const struct session *n)
{
	struct gate *g = h->gate;
	const struct snap_terminal *t = snapshot_terminal_by_mac(g->snapshot, &m->mac);
	struct learnt_look now = {.mac = m->mac, .terminal_id = t ? t->id : 0};
	bool is_in = n && session_is_live(n) && n->decision.verdict == VERDICT_ADMIT;
	char note[LEARNT_NOTE_SIZE];

	if (!t && !snapshot_permits(g->snapshot, &m->mac))
		return;
	memcpy(now.print, m->fingerprint, sizeof(now.print));
	memcpy(now.name, m->name, sizeof(now.name));
	if (learnt_differs(h->learnt, &now, is_in && !(t && t->isolated_by_person), note))
		record(g, m, FINDING_CLONE, note);
}

/*
 * Nobody is called unknown by a gate that has no facts (invariant 5). A permit alone is known too:
 * its terminal may be registered elsewhere.
 */
static void take_device(struct heard *h, const struct heard_message *m)
{
	struct gate *g = h->gate;
	struct session *n = sessions_by_mac(g->sessions, &m->mac);
	enum finding f = FINDING_NO_SESSION;
	char note[256];

	check_system(g, m);
	check_learnt(h, m, n);
	if (n && session_is_live(n)) {
		give_addresses(g, n, m);
		return;
	}
	if (!gate_can_decide(g))
		return;
	if (!snapshot_terminal_by_mac(g->snapshot, &m->mac) &&
	    !snapshot_permits(g->snapshot, &m->mac))
		f = FINDING_UNKNOWN_DEVICE;
	snprintf(note, sizeof(note), "vendor '%.31s', name '%.48s', DHCP '%s', since %s", m->vendor,
		 m->name, m->fingerprint, m->since);
	record(g, m, f, note);
}

/* ---- connections ---- */

static void drop_peer(struct peer *p)
{
	loop_watch_remove(p->watch);
	close_cleanup(&p->fd);
	p->fd = -1;
	p->watch = NULL;
}

/* ---- the address plan ---- */

static void say_plan(struct peer *p)
{
	int err = plan_walk_go_on(&p->plan, p->heard->gate->snapshot, p->fd);

	if (err && err != -EAGAIN)
		drop_peer(p);
	else if (loop_watch_change(p->watch, err ? EPOLLIN | EPOLLOUT : EPOLLIN))
		drop_peer(p);
}

/* Without facts nobody is told that there is no plan (invariant 5). */
static void begin_plan(struct peer *p)
{
	struct heard *h = p->heard;

	if (!gate_can_decide(h->gate))
		return;
	h->snapshot = h->gate->snapshot;
	h->epoch = snapshot_addresses_epoch(h->snapshot);
	plan_walk_begin(&p->plan);
	say_plan(p);
}

static void on_settle(void *arg)
{
	struct heard *h = arg;

	for (size_t i = 0; i < PEERS_MAX; i++)
		if (h->peers[i].fd >= 0)
			begin_plan(&h->peers[i]);
}

void heard_snapshot_changed(struct heard *h)
{
	if (!h ||
	    (h->snapshot == h->gate->snapshot && h->epoch == snapshot_addresses_epoch(h->snapshot)))
		return;
	/* A walk over the plan does not survive its change. */
	for (size_t i = 0; i < PEERS_MAX; i++)
		h->peers[i].plan.turn = WALK_OVER;
	loop_timer_arm(h->settle, SETTLE_MS);
}

/* ---- answers ---- */

static void on_durable(void *arg, int error)
{
	struct ticket *t = arg;
	struct peer *p = &t->heard->peers[t->peer];
	char answer[48];
	int len = snprintf(answer, sizeof(answer), "{\"through\":%llu}",
			   (unsigned long long)t->number);

	/* An answer that does not fit is made up for by the next. */
	if (!error && p->fd >= 0 && p->turn == t->turn)
		(void)!send(p->fd, answer, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(t);
}

static int answer_when_durable(struct peer *p, uint64_t number)
{
	struct ticket *t = malloc(sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	*t = (struct ticket){p->heard, (size_t)(p - p->heard->peers), p->turn, number};
	err = ledger_wait(p->heard->gate->ledger, on_durable, t);
	if (err)
		free(t);
	return err;
}

static bool is_over_rate(struct peer *p)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms - p->minute_ms >= MINUTE_MS) {
		p->minute_ms = now_ms;
		p->in_minute = 0;
	}
	return ++p->in_minute > PER_MINUTE;
}

static int hear_message(struct peer *p, const char *text, size_t len)
{
	struct heard_message m;
	int err = is_over_rate(p) ? -EBUSY : heard_parse(text, len, &m);

	if (err)
		return err;
	if (m.type == HEARD_FINDING)
		take_finding(p->heard->gate, &m);
	else
		take_device(p->heard, &m);
	return answer_when_durable(p, m.number);
}

/* -ECONNRESET: it is gone. */
static int hear(struct peer *p, int fd)
{
	char text[HEARD_MESSAGE_MAX];
	ssize_t len = recv(fd, text, sizeof(text), MSG_TRUNC);

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (len == 0)
		return -ECONNRESET;
	return len > (ssize_t)sizeof(text) ? -EMSGSIZE : hear_message(p, text, (size_t)len);
}

static void on_peer(void *arg, int fd, uint32_t events)
{
	struct peer *p = arg;
	int err = events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? hear(p, fd) : 0;

	if (err && err != -ECONNRESET)
		log_warn("the listener's connection is ended: %s", strerror(-err));
	if (err)
		drop_peer(p);
	else if (events & EPOLLOUT)
		say_plan(p);
}

static bool may_connect(const struct gate *g, uid_t uid)
{
	const struct passwd *pw;

	if (uid == 0 || uid == geteuid())
		return true;
	pw = getpwnam(g->settings.listener_user);
	return pw && pw->pw_uid == uid;
}

static void on_connect(void *arg, int fd, uint32_t events)
{
	struct heard *h = arg;
	uid_t uid = 0;
	CLEANUP_FD int peer = local_accept(fd, &uid);

	(void)events;
	if (peer < 0 || !may_connect(h->gate, uid)) {
		if (peer >= 0)
			log_warn("uid %u is not the listener's user (user in [listener])", uid);
		return;
	}
	for (size_t i = 0; i < PEERS_MAX; i++) {
		struct peer *p = &h->peers[i];

		if (p->fd >= 0)
			continue;
		*p = (struct peer){.heard = h, .fd = peer, .turn = ++h->turn};
		if (loop_watch_fd(h->gate->loop, peer, EPOLLIN, on_peer, p, &p->watch)) {
			p->fd = -1;
			return;
		}
		(void)TAKE_FD(peer);
		begin_plan(p);
		return;
	}
}

int heard_new(struct gate *g, struct heard **ret)
{
	struct heard *h = calloc(1, sizeof(*h));
	char path[PATH_SIZE + 16];
	int err;

	if (!h)
		return -ENOMEM;
	h->gate = g;
	for (size_t i = 0; i < PEERS_MAX; i++)
		h->peers[i].fd = -1;
	snprintf(path, sizeof(path), "%s/heard.sock", g->settings.run_dir);
	/* Who connects is judged by the kernel's word, not by the file's mode. */
	h->fd = local_listen(path, SOCK_SEQPACKET, 0666);
	err = MIN(h->fd, 0);
	snprintf(path, sizeof(path), "%s/learnt", g->settings.state_dir);
	if (!err)
		err = learnt_new(path, &h->learnt);
	if (!err)
		err = loop_timer_new(g->loop, on_settle, h, &h->settle);
	if (!err)
		err = loop_watch_fd(g->loop, h->fd, EPOLLIN, on_connect, h, &h->watch);
	if (err) {
		heard_free(h);
		return err;
	}
	*ret = h;
	return 0;
}

int heard_forget(struct heard *h, const struct mac *mac)
{
	return learnt_forget(h->learnt, mac);
}

void heard_free(struct heard *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (h->peers[i].fd >= 0)
			drop_peer(&h->peers[i]);
	loop_watch_remove(h->watch);
	loop_timer_free(h->settle);
	close_cleanup(&h->fd);
	learnt_free(h->learnt);
	free(h);
}
