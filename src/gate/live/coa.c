#include "gate/live/coa.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/text.h"
#include "gate/beside/surveyor.h"
#include "gate/front/place.h"
#include "gate/front/planned.h"
#include "gate/front/radsec.h"
#include "gate/line/record.h"
#include "gate/live/change.h"
#include "radius/client.h"

#define IDS 256
#define TRIES 4
#define ANSWER_MAX RADIUS_PACKET_MAX
#define SAID_SIZE 240

/* One change of one session, through all its steps. */
struct job {
	uint8_t class_id[CLASS_SIZE];
	int64_t switch_id;
	struct addr to;
	enum change_step step;
	bool may_bounce;
	struct decision decision;
	struct planned planned; /* of the place that it goes to */
	char said[SAID_SIZE];	/* why, and what came of the steps so far */
	bool is_gone;		/* the sessions know it no more: `gone` is what it was */
	struct session gone;
};

struct request_slot {
	struct coa *coa;
	struct loop_timer *timer;
	bool busy;
	unsigned tries;
	bool by_stream;	 /* over RadSec, and under its secret */
	uint64_t stream; /* the connection that was told */
	struct job job;
	struct radius_out out;
};

struct coa {
	struct gate *gate;
	int fd4, fd6;
	struct loop_watch *watch4, *watch6;
	uint8_t next_id;
	struct request_slot *slots[IDS]; /* by the packet's id; made when first needed */
};

static int start(struct coa *c, struct session *n, struct job *job);

/* ---- what came of it ---- */

static void add_said(struct job *job, const char *text)
{
	size_t len = strlen(job->said);

	snprintf(job->said + len, sizeof(job->said) - len, "%s%s", len ? "; " : "", text);
}

static struct session *session_of(const struct gate *g, struct job *job)
{
	return job->is_gone ? &job->gone
			    : sessions_by_class(g->sessions, job->class_id, CLASS_SIZE);
}

/* The switch agreed: the session has the new place, or is over. */
static const char *apply(struct gate *g, const struct job *job, struct session *n)
{
	const struct session_report report = {.at_ms = gate_now(g)};

	if (job->is_gone)
		return "session.closed";
	if (job->step == CHANGE_PLACE) {
		n->decision = job->decision;
		n->planned = job->planned.mark;
		n->disconnect_asked_at_ms = 0;
		n->was_admitted |= job->decision.verdict == VERDICT_ADMIT &&
				   job->decision.reason != REASON_BYPASS;
		sessions_touch(g->sessions, n);
		return "session.change";
	}
	/* Authenticated again, it keeps its Class and its session. */
	if (job->step == CHANGE_REAUTHENTICATE)
		return "session.change";
	sessions_end(g->sessions, n, &report);
	return "session.disconnect";
}

static const char *kind_of(const struct job *job)
{
	return job->is_gone ? "session.closed" : "session.disconnect";
}

/* ---- the last step: not RADIUS ---- */

struct bounce {
	struct coa *coa;
	struct job job;
};

static void on_bounced(void *arg, bool ok, const char *said)
{
	CLEANUP_FREE struct bounce *b = arg;
	struct gate *g = b->coa->gate;
	struct session *n = session_of(g, &b->job);
	char text[CHANGE_TEXT_SIZE + 32];

	snprintf(text, sizeof(text), "port bounce by SNMP: %.*s", CHANGE_TEXT_SIZE, said);
	add_said(&b->job, text);
	if (!ok)
		log_warn("%s", b->job.said);
	if (n)
		record_session(g, ok ? apply(g, &b->job, n) : kind_of(&b->job), n, b->job.said);
}

/* The switch is asked over SNMP to take the port down and up. */
static int bounce(struct coa *c, const struct session *n, const struct job *job)
{
	struct bounce *b = malloc(sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	*b = (struct bounce){c, *job};
	err = surveyor_bounce(c->gate->surveyor, n->switch_id, n->port, on_bounced, b);
	if (err)
		free(b);
	return err;
}

static void give_up(struct job *job, const struct session *n, const struct snap_switch *sw,
		    char text[static CHANGE_TEXT_SIZE])
{
	change_tell(text, job->step, CHANGE_SILENT, 0);
	add_said(job, text);
	log_warn("session of %s on %s port %s: %s", n->calling, sw->row.name, n->port, job->said);
}

static void conclude(struct coa *c, struct job *job, enum change_outcome outcome, uint32_t cause)
{
	struct gate *g = c->gate;
	struct session *n = session_of(g, job);
	const struct snap_switch *sw = snapshot_switch(g->snapshot, job->switch_id);
	const struct session_report report = {.at_ms = gate_now(g)};
	const char *kind = kind_of(job);
	char text[CHANGE_TEXT_SIZE];

	g->changes[outcome]++;
	if (!n || !sw)
		return;
	change_tell(text, job->step, outcome, cause);
	add_said(job, text);
	if (outcome == CHANGE_ACK) {
		kind = apply(g, job, n);
	} else if (outcome == CHANGE_GONE) {
		if (!job->is_gone)
			sessions_end(g->sessions, n, &report);
	} else {
		job->step = change_next(vendors_get(g->vendors, sw->row.vendor), job->step, outcome,
					job->may_bounce);
		if (job->step < CHANGE_BOUNCE_SNMP && start(c, n, job) == 0)
			return;
		if (job->step == CHANGE_BOUNCE_SNMP && bounce(c, n, job) == 0)
			return;
		if (job->step == CHANGE_BOUNCE_SNMP)
			give_up(job, n, sw, text);
	}
	record_session(g, kind, n, job->said);
}

static void finish(struct request_slot *s, enum change_outcome outcome, uint32_t cause)
{
	struct job job = s->job;

	s->busy = false;
	loop_timer_disarm(s->timer);
	conclude(s->coa, &job, outcome, cause);
}

/* ---- sending and hearing ---- */

/* A switch that came again under another connection is told again. */
static void send_by_stream(struct request_slot *s)
{
	struct radsec *radsec = s->coa->gate->radsec;
	uint64_t stream = radsec_of_switch(radsec, s->job.switch_id);

	if (!stream || stream == s->stream)
		return;
	s->stream = stream;
	radsec_send(radsec, stream, s->out.data, s->out.len);
	radsec_flush(radsec);
}

static void send_by_udp(struct request_slot *s)
{
	const struct addr *to = &s->job.to;
	int fd = to->sa.sa_family == AF_INET6 ? s->coa->fd6 : s->coa->fd4;

	/* What the kernel does not take now is repeated by the timer. */
	(void)!sendto(fd, s->out.data, s->out.len, 0, &to->sa, to->len);
}

static void send_once(struct request_slot *s)
{
	if (s->by_stream)
		send_by_stream(s);
	else
		send_by_udp(s);
	loop_timer_arm(s->timer, radius_retry_ms(s->tries++));
}

static void on_timer(void *arg)
{
	struct request_slot *s = arg;

	if (s->tries < TRIES)
		send_once(s);
	else
		finish(s, CHANGE_SILENT, 0);
}

static void take_answer(struct request_slot *s, const uint8_t *data, size_t len)
{
	const struct snap_switch *sw = snapshot_switch(s->coa->gate->snapshot, s->job.switch_id);
	enum change_outcome outcome;
	struct radius_packet p;
	uint32_t cause;

	if (!sw || radius_check_answer(
			   &s->out, data, len,
			   s->by_stream ? radsec_secret(s->coa->gate->radsec) : &sw->secret, &p))
		return;
	outcome = change_read(&p, &cause);
	finish(s, outcome, cause);
}

static struct request_slot *slot_of(const struct coa *c, const uint8_t *data, size_t len)
{
	struct request_slot *s = len > 1 ? c->slots[data[1]] : NULL;

	return s && s->busy ? s : NULL;
}

bool coa_is_answer(uint8_t code)
{
	return code == RADIUS_DISCONNECT_ACK || code == RADIUS_DISCONNECT_NAK ||
	       code == RADIUS_COA_ACK || code == RADIUS_COA_NAK;
}

void coa_take(struct coa *c, uint64_t stream, const uint8_t *data, size_t len)
{
	struct request_slot *s = slot_of(c, data, len);

	if (s && s->by_stream && s->stream == stream)
		take_answer(s, data, len);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	uint8_t data[ANSWER_MAX];
	struct addr from = {.len = sizeof(from.in6)};
	struct request_slot *s;
	ssize_t n;

	(void)events;
	while ((n = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT, &from.sa, &from.len)) >= 0) {
		s = slot_of(arg, data, (size_t)n);
		if (s && !s->by_stream && addr_same_host(&s->job.to, &from) &&
		    addr_port(&s->job.to) == addr_port(&from))
			take_answer(s, data, (size_t)n);
		from.len = sizeof(from.in6);
	}
}

/* ---- beginning and end ---- */

/* `heard_at` is the front's address of this family, or "none". */
static int open_socket(struct coa *c, const char *heard_at, const char *any, int *ret_fd,
		       struct loop_watch **ret_watch)
{
	struct addr a;
	int fd, err;

	if (addr_parse(heard_at, 0, &a) && (err = addr_parse(any, 0, &a)))
		return err;
	addr_set_port(&a, 0);
	fd = addr_udp_bind(&a);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return loop_watch_fd(c->gate->loop, fd, EPOLLIN, on_readable, c, ret_watch);
}

int coa_new(struct gate *g, struct coa **ret)
{
	struct coa *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->gate = g;
	c->fd4 = c->fd6 = -1;
	err = open_socket(c, g->settings.listen[0], "0.0.0.0", &c->fd4, &c->watch4);
	if (!err)
		err = open_socket(c, g->settings.listen[2], "::", &c->fd6, &c->watch6);
	if (err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL)
		err = 0; /* a machine without IPv6 */
	if (err) {
		coa_free(c);
		return err;
	}
	*ret = c;
	return 0;
}

void coa_free(struct coa *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < IDS; i++) {
		if (c->slots[i])
			loop_timer_free(c->slots[i]->timer);
		free(c->slots[i]);
	}
	loop_watch_remove(c->watch4);
	loop_watch_remove(c->watch6);
	close_cleanup(&c->fd4);
	close_cleanup(&c->fd6);
	free(c);
}

/* ---- one request ---- */

/* Goes round, so that a late answer does not meet the next request. */
static int take_slot(struct coa *c, struct request_slot **ret, uint8_t *ret_id)
{
	for (unsigned i = 0; i < IDS; i++) {
		uint8_t id = c->next_id++;
		struct request_slot *s = c->slots[id];
		int err;

		if (s && s->busy)
			continue;
		if (!s) {
			s = calloc(1, sizeof(*s));
			if (!s)
				return -ENOMEM;
			s->coa = c;
			err = loop_timer_new(c->gate->loop, on_timer, s, &s->timer);
			if (err) {
				free(s);
				return err;
			}
			c->slots[id] = s;
		}
		*ret = s;
		*ret_id = id;
		return 0;
	}
	return -EBUSY;
}

static bool is_under_way(const struct coa *c, const struct session *n)
{
	for (size_t i = 0; i < IDS; i++)
		if (c->slots[i] && c->slots[i]->busy &&
		    memcmp(c->slots[i]->job.class_id, n->class_id, CLASS_SIZE) == 0)
			return true;
	return false;
}

static struct vendor_place place_for(const struct gate *g, const struct session *n,
				     const struct snap_switch *sw, enum verdict verdict)
{
	const struct snap_terminal *t = snapshot_terminal(g->snapshot, n->terminal_id);

	return place_of(vendors_get(g->vendors, sw->row.vendor), sw, verdict,
			t ? (enum terminal_kind)t->kind : TERMINAL_OTHER, g->settings.legacy_vlan);
}

/* Sends the request of the job's step. */
static int start(struct coa *c, struct session *n, struct job *job)
{
	struct gate *g = c->gate;
	const struct snap_switch *sw = snapshot_switch(g->snapshot, job->switch_id);
	struct vendor_place to;
	struct request_slot *s;
	uint8_t id;
	int err;

	if (!sw || !sw->usable)
		return -ENOENT;
	err = take_slot(c, &s, &id);
	if (err)
		return err;
	s->by_stream = radsec_of_switch(g->radsec, sw->row.id) != 0;
	s->stream = 0;
	to = place_for(g, n, sw, job->decision.verdict);
	planned_put(&job->planned, &to);
	err = change_build(
		&s->out, id, job->step,
		&(struct change_facts){.vendor = vendors_get(g->vendors, sw->row.vendor),
				       .at = sw,
				       .secret = s->by_stream ? radsec_secret(g->radsec) : NULL,
				       .session = n,
				       .to = &to,
				       .now_ms = gate_now(g)});
	if (err)
		return err;
	s->job = *job;
	s->tries = 0;
	s->busy = true;
	send_once(s);
	return 0;
}

/* Where the switch hears requests, and on which port. */
static int find_switch(const struct gate *g, const struct snap_switch *sw, struct addr *ret)
{
	const struct vendor *v = vendors_get(g->vendors, sw->row.vendor);
	int err = addr_parse(sw->row.coa_address[0] ? sw->row.coa_address : sw->row.address,
			     v->port, ret);

	if (!err && sw->row.coa_port)
		addr_set_port(ret, (uint16_t)sw->row.coa_port);
	return err;
}

/* Nobody else sits on the port whom automation must not cut. */
static bool is_alone_enough(const struct gate *g, const struct session *n)
{
	const struct session *other;
	size_t at = 0;

	while ((other = sessions_next(g->sessions, &at))) {
		const struct snap_terminal *t = snapshot_terminal(g->snapshot, other->terminal_id);

		if (session_is_live(other) && other->switch_id == n->switch_id &&
		    strcmp(other->port, n->port) == 0 && t && t->lifeline)
			return false;
	}
	return n->port[0] != 0;
}

static int begin(struct coa *c, struct session *n, const struct decision *to, const char *why,
		 bool is_gone)
{
	struct gate *g = c->gate;
	const struct snap_switch *sw = snapshot_switch(g->snapshot, n->switch_id);
	struct vendor_place from, there;
	struct job job = {.switch_id = n->switch_id};
	bool moves = to && to->verdict != VERDICT_REJECT;
	const struct vendor *vendor;
	int err;

	if (!sw || !sw->usable)
		return -ENOENT;
	vendor = vendors_get(g->vendors, sw->row.vendor);
	if (is_under_way(c, n))
		return -EBUSY;
	err = find_switch(g, sw, &job.to);
	if (err)
		return err;
	memcpy(job.class_id, n->class_id, CLASS_SIZE);
	text_fit(job.said, sizeof(job.said) / 2, why);
	job.is_gone = is_gone;
	if (is_gone)
		job.gone = *n;
	if (to)
		job.decision = *to;
	from = place_for(g, n, sw, n->decision.verdict);
	there = place_for(g, n, sw, job.decision.verdict);
	if (moves)
		planned_draw(g,
			     &(struct planned_for){.mac = &n->mac,
						   .at = sw,
						   .vendor = vendor,
						   .port = n->port,
						   .place = &there,
						   .verdict = job.decision.verdict,
						   .now_ms = gate_now(g)},
			     &job.planned);
	job.step = change_first(vendor, &from, moves ? &there : NULL);
	/* Who is let go has time; who must go has not. */
	job.may_bounce = (!to || to->verdict < n->decision.verdict) && is_alone_enough(g, n);
	err = start(c, n, &job);
	if (err)
		return err;
	n->disconnect_asked_at_ms = gate_now(g);
	g->counters[COUNT_DISCONNECTS]++;
	return 0;
}

int coa_disconnect(struct coa *c, struct session *n, const char *why)
{
	return begin(c, n, NULL, why, false);
}

int coa_expel(struct coa *c, const struct session *gone, const char *why)
{
	struct session n = *gone;

	return begin(c, &n, NULL, why, true);
}

int coa_change(struct coa *c, struct session *n, const struct decision *to, const char *why)
{
	return begin(c, n, to, why, false);
}
