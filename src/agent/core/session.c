#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "agent/core/agent.h"
#include "agent/linux/supplicant.h"
#include "base/log.h"
#include "base/text.h"

#define PROTOCOL 1
#define HEARTBEAT_DEFAULT_S 60
#define HEARTBEAT_MAX_S 3600
#define BACKLOG_MAX (64U << 10) /* bytes of events handed to the connection at once */

/* ---- what we say ---- */

static int send_hello(struct agent *a)
{
	menshen_AgentHello hello = {.protocol = PROTOCOL,
				    .next_seq = queue_next_seq(a->queue),
				    .policy_epoch = a->policy.epoch,
				    .policy_number = a->policy.number};

	text_fit(hello.version, sizeof(hello.version), MENSHEN_VERSION);
	text_fit(hello.os, sizeof(hello.os), a->machine.os);
	text_fit(hello.language, sizeof(hello.language), a->settings.language);
	memcpy(hello.epoch, queue_epoch(a->queue), sizeof(hello.epoch));
	return LINE_SEND(a->line, FRAME_AGENT_HELLO, &hello);
}

static int send_enrolment(struct agent *a)
{
	CLEANUP_FREE menshen_EnrolRequest *ask = calloc(1, sizeof(*ask));
	struct enrol_facts facts = {.machine = a->machine};
	int err;

	if (!ask)
		return -ENOMEM;
	err = nics_load(a->settings.interface, facts.nics, &facts.nic_count);
	if (!err)
		err = enrol_ask(a->settings.state_dir, a->settings.campaign_code, &facts, ask);
	return err ? err : LINE_SEND(a->line, FRAME_ENROL_REQUEST, ask);
}

static int send_renewal(struct agent *a)
{
	menshen_RenewRequest ask;
	int err = enrol_ask_renewal(a->settings.state_dir, &a->identity, &ask);

	return err ? err : LINE_SEND(a->line, FRAME_RENEW_REQUEST, &ask);
}

static void put_nics(struct agent *a, menshen_Heartbeat *h)
{
	const struct supplicant s = {a->settings.supplicant_dir, a->settings.run_dir};
	struct nic nics[MACHINE_NICS_MAX];
	size_t count = 0;
	int err = nics_load(a->settings.interface, nics, &count);

	if (err)
		log_warn("the network cards could not be read: %s", strerror(-err));
	for (size_t i = 0; i < count; i++)
		nic_to_wire(&nics[i], supplicant_state(&s, nics[i].name), &h->nics[i]);
	h->nics_count = (pb_size_t)count;
}

void session_heartbeat(struct agent *a)
{
	const struct posture_report *r = guarding_report(a->guarding);
	menshen_Heartbeat h = {.posture = r->posture,
			       .uptime_s = (uint64_t)machine_uptime_s(),
			       .says_policy = true,
			       .policy_epoch = a->policy.epoch,
			       .policy_number = a->policy.number};
	char reasons[POSTURE_LIST_SIZE];
	int err;

	if (!a->session.welcomed)
		return;
	posture_all_reasons(r, reasons);
	text_fit(h.failing, sizeof(h.failing), reasons);
	machine_user(a->settings.root, h.user, sizeof(h.user));
	put_nics(a, &h);
	err = LINE_SEND(a->line, FRAME_HEARTBEAT, &h);
	if (err)
		log_warn("the heartbeat could not be sent: %s", strerror(-err));
	loop_timer_arm(a->heartbeat, a->session.heartbeat_s * SECOND_MS);
}

static int send_event(struct agent *a, const struct queued_event *e)
{
	CLEANUP_FREE menshen_Event *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->seq = e->seq;
	m->at_ms = e->at_ms;
	text_fit(m->kind, sizeof(m->kind), e->kind);
	memcpy(m->body.bytes, e->body, e->len);
	m->body.size = (pb_size_t)e->len;
	return LINE_SEND(a->line, FRAME_EVENT, m);
}

void session_pump(struct agent *a)
{
	CLEANUP_FREE struct queued_event *e = NULL;
	int err = 0;

	if (!a->session.welcomed || a->session.next_seq >= queue_next_seq(a->queue))
		return;
	e = malloc(sizeof(*e));
	if (!e)
		return; /* the next heartbeat tries again */
	while (!err && line_backlog(a->line) < BACKLOG_MAX) {
		err = queue_read(a->queue, a->session.next_seq, e);
		if (!err)
			err = send_event(a, e);
		a->session.next_seq += !err;
	}
	if (err && err != -ENOENT)
		log_error("event %llu cannot be sent: %s; see the disk below %s",
			  (unsigned long long)a->session.next_seq, strerror(-err),
			  a->settings.state_dir);
}

void session_renew_if_due(struct agent *a)
{
	int64_t now = trusted_clock_now_ms(&a->clock), due;
	int err = 0;

	if (!a->session.welcomed)
		return;
	due = identity_renewal_due_ms(&a->identity);
	if (now >= due) {
		err = send_renewal(a);
		due = now + HOUR_MS; /* ask again when nobody answers */
	}
	if (err)
		log_error("the certificate cannot be renewed: %s", strerror(-err));
	loop_timer_arm(a->renewal, MIN(due - now, DAY_MS));
}

/* ---- what we hear ---- */

static int refuse_epoch(struct agent *a)
{
	int err = queue_renew(a->queue);

	log_warn("the server knows later events than this disk, which was set back: the queue "
		 "begins a new epoch");
	if (!err)
		line_drop(a->line, "a new epoch of events has begun");
	return err;
}

/* Bytes through here are the server's for good; producers that waited for room go on. */
static int take_through(struct agent *a, uint64_t through_seq)
{
	bool was_full = queue_is_full(a->queue);
	int err = queue_acknowledge(a->queue, through_seq);

	if (err == -ERANGE)
		return refuse_epoch(a);
	if (!err && was_full) {
		guarding_resume(a->guarding);
		inventory_resume(a->inventory);
	}
	return err;
}

static int on_welcome(struct agent *a, const struct frame *f)
{
	struct session *s = &a->session;
	menshen_Welcome w;
	uint32_t heartbeat_s;
	int err = FRAME_DECODE(f, &w);

	if (err || s->purpose != SESSION_NORMAL || s->welcomed)
		return err ? err : -EPROTO;
	err = trusted_clock_learn(&a->clock, w.server_time_ms);
	if (err)
		log_warn("the server's time could not be kept: %s", strerror(-err));
	err = take_through(a, w.through_seq);
	if (err || !line_is_open(a->line))
		return err;
	heartbeat_s = kept_policy_heartbeat_s(&a->policy);
	if (!heartbeat_s)
		heartbeat_s = w.heartbeat_s;
	s->heartbeat_s = heartbeat_s >= 1 && heartbeat_s <= HEARTBEAT_MAX_S ? heartbeat_s
									    : HEARTBEAT_DEFAULT_S;
	if (w.asset_no[0] && !text_equal(w.asset_no, a->identity.asset_no) &&
	    identity_set_asset_no(a->settings.state_dir, w.asset_no) == 0)
		text_fit(a->identity.asset_no, sizeof(a->identity.asset_no), w.asset_no);
	s->welcomed = true;
	s->since_ms = trusted_clock_now_ms(&a->clock);
	s->trouble[0] = s->refused_reason[0] = 0;
	s->next_seq = queue_next_seq(a->queue) - queue_waiting(a->queue);
	line_settled(a->line);
	log_info("connected, %llu events wait", (unsigned long long)queue_waiting(a->queue));
	session_heartbeat(a);
	session_pump(a);
	session_renew_if_due(a);
	agent_status_changed(a);
	return 0;
}

static int on_ack(struct agent *a, const struct frame *f)
{
	menshen_Ack ack;
	int err = FRAME_DECODE(f, &ack);

	if (!err)
		err = a->session.welcomed ? take_through(a, ack.through_seq) : -EPROTO;
	if (!err)
		session_pump(a);
	return err;
}

static const char *refusal_word(int err)
{
	switch (err) {
	case -ESTALE:
		return "old";
	case -EPERM:
		return "signature";
	case -EBADMSG:
		return "malformed";
	default:
		return NULL;
	}
}

/* Once for each version: a server that repeats it must not fill the queue. */
static void tell_refused_policy(struct agent *a, const menshen_Policy *p, const char *why)
{
	int err;

	if (a->refused_epoch == p->epoch && a->refused_number == p->number)
		return;
	log_warn("policy %llu.%llu is not obeyed (%s); %llu.%llu stays in force",
		 (unsigned long long)p->epoch, (unsigned long long)p->number, why,
		 (unsigned long long)a->policy.epoch, (unsigned long long)a->policy.number);
	err = outbox_event(&a->outbox, "policy.refused",
			   json_pack("{s:I, s:I, s:s, s:I, s:I}", "epoch", (json_int_t)p->epoch,
				     "number", (json_int_t)p->number, "why", why, "kept_epoch",
				     (json_int_t)a->policy.epoch, "kept_number",
				     (json_int_t)a->policy.number));
	if (err)
		return; /* told at the next try */
	a->refused_epoch = p->epoch;
	a->refused_number = p->number;
}

static int on_policy(struct agent *a, const struct frame *f)
{
	CLEANUP_FREE menshen_Policy *p = calloc(1, sizeof(*p));
	int err = p ? FRAME_DECODE(f, p) : -ENOMEM;

	if (err)
		return err;
	err = kept_policy_offer(&a->policy, a->settings.state_dir, a->policy_key, p);
	if (refusal_word(err)) {
		tell_refused_policy(a, p, refusal_word(err));
	} else if (err && err != -EALREADY) {
		log_error("the policy could not be kept: %s; the one before stays in force",
			  strerror(-err));
	} else if (!err) {
		uint32_t heartbeat_s = kept_policy_heartbeat_s(&a->policy);

		log_info("policy %llu.%llu is in force", (unsigned long long)a->policy.epoch,
			 (unsigned long long)a->policy.number);
		if (heartbeat_s)
			a->session.heartbeat_s = heartbeat_s;
		guarding_policy_changed(a->guarding);
		session_heartbeat(a);
		agent_status_changed(a);
	}
	return 0;
}

static int on_verdict(struct agent *a, const struct frame *f)
{
	menshen_VerdictNotice n;
	int err = FRAME_DECODE(f, &n);

	if (err)
		return err;
	if (n.verdict > VERDICT_ADMIT)
		return -EBADMSG;
	a->verdict = (struct network_verdict){.known = true,
					      .verdict = (enum verdict)n.verdict,
					      .at_ms = trusted_clock_now_ms(&a->clock)};
	text_fit(a->verdict.reason, sizeof(a->verdict.reason), n.reason);
	text_fit(a->verdict.would_be, sizeof(a->verdict.would_be), n.would_be_reason);
	a->verdict.enforce_from_ms = n.enforce_from_ms;
	if (n.reauthenticate)
		agent_knock_soon(a, 0);
	agent_status_changed(a);
	return 0;
}

static void keep_refusal(struct session *s, const char *reason, const char *zh, const char *en)
{
	text_fit(s->refused_reason, sizeof(s->refused_reason), reason[0] ? reason : "refused");
	text_fit(s->refused_zh, sizeof(s->refused_zh), zh[0] ? zh : en);
	text_fit(s->refused_en, sizeof(s->refused_en), en);
}

static int on_enrol_answer(struct agent *a, const struct frame *f)
{
	CLEANUP_FREE menshen_EnrolAnswer *answer = calloc(1, sizeof(*answer));
	bool renewal = a->session.purpose != SESSION_ENROL;
	int err = answer ? FRAME_DECODE(f, answer) : -ENOMEM;

	if (err)
		return err;
	if (!answer->accepted) {
		keep_refusal(&a->session, answer->reason, answer->text_zh, answer->text_en);
		log_error("the server refused the %s: %s (%s)", renewal ? "renewal" : "enrolment",
			  answer->text_en, answer->reason);
		agent_status_changed(a);
		return 0; /* tried again with the next connection */
	}
	err = enrol_take(a->settings.state_dir, buf_str(&a->ca_pem),
			 trusted_clock_now_ms(&a->clock), answer, renewal ? &a->identity : NULL);
	if (!err)
		err = agent_load_identity(a);
	if (err) {
		log_error("the certificate that the server sent is not used: %s", strerror(-err));
		return err;
	}
	log_info("%s, asset number %s", renewal ? "the certificate was renewed" : "enrolled",
		 a->identity.asset_no);
	session_start(a);
	return 0;
}

static int on_refusal(struct agent *a, const struct frame *f)
{
	menshen_Refusal r;
	int err = FRAME_DECODE(f, &r);

	if (err)
		return err;
	keep_refusal(&a->session, r.reason, "", r.text_en);
	log_error("the server refuses this terminal: %s (%s)", r.text_en, r.reason);
	line_drop(a->line, r.text_en);
	return 0;
}

typedef int frame_fn(struct agent *a, const struct frame *f);

static frame_fn *const handlers[FRAME_TYPE_END] = {
	[FRAME_WELCOME] = on_welcome,
	[FRAME_ACK] = on_ack,
	[FRAME_POLICY] = on_policy,
	[FRAME_VERDICT_NOTICE] = on_verdict,
	[FRAME_ENROL_ANSWER] = on_enrol_answer,
	[FRAME_REFUSAL] = on_refusal,
};

static int on_frame(void *arg, const struct frame *f)
{
	frame_fn *handler = handlers[f->type];

	return handler ? handler(arg, f) : -EPROTO;
}

/* ---- the connection ---- */

static void on_open(void *arg)
{
	struct agent *a = arg;
	int err = -EINVAL;

	switch (a->session.purpose) {
	case SESSION_NORMAL:
		err = send_hello(a);
		break;
	case SESSION_RENEW:
		err = send_renewal(a);
		break;
	case SESSION_ENROL:
		err = send_enrolment(a);
		break;
	case SESSION_NONE:
		break;
	}
	if (err)
		line_drop(a->line, strerror(-err));
}

static void on_down(void *arg, const char *why)
{
	struct agent *a = arg;
	struct session *s = &a->session;
	char server[ADDR_TEXT_SIZE];

	loop_timer_disarm(a->heartbeat);
	loop_timer_disarm(a->renewal);
	if (!text_equal(s->trouble, why)) {
		addr_format(server, line_server(a->line));
		log_warn("no connection to the server, next try with %s: %s", server, why);
	}
	text_fit(s->trouble, sizeof(s->trouble), why);
	s->welcomed = false;
	agent_status_changed(a);
	/* A year may have passed meanwhile. */
	if (s->purpose == SESSION_NORMAL &&
	    identity_state(&a->identity, trusted_clock_now_ms(&a->clock)) == IDENTITY_EXPIRED)
		s->purpose = SESSION_RENEW;
}

static void on_room(void *arg)
{
	session_pump(arg);
}

static int64_t on_now(void *arg)
{
	const struct agent *a = arg;

	return trusted_clock_now_ms(&a->clock);
}

int session_new_link(struct agent *a)
{
	const struct line_options o = {
		.loop = a->loop,
		.servers = a->settings.servers,
		.server_count = a->settings.server_count,
		.server_name = a->settings.server_name,
		.retry_max_ms = (int64_t)a->settings.reconnect_max_s * SECOND_MS,
		.on_open = on_open,
		.on_frame = on_frame,
		.on_room = on_room,
		.on_down = on_down,
		.now_ms = on_now,
		.arg = a,
	};

	return line_new(&o, &a->line);
}

static enum session_purpose purpose_of(const struct agent *a)
{
	switch (identity_state(&a->identity, trusted_clock_now_ms(&a->clock))) {
	case IDENTITY_GOOD:
	case IDENTITY_RENEWAL_DUE:
		return SESSION_NORMAL;
	case IDENTITY_EXPIRED:
		return SESSION_RENEW;
	case IDENTITY_NONE:
		break;
	}
	return a->settings.campaign_code[0] ? SESSION_ENROL : SESSION_NONE;
}

void session_start(struct agent *a)
{
	struct tls_client_options o = {.ca_pem = buf_str(&a->ca_pem)};
	struct tls_ctx *tls;
	int err;

	a->session = (struct session){.purpose = purpose_of(a)};
	if (a->session.purpose == SESSION_NONE) {
		log_info("not enrolled: run menshen-agent enrol CODE");
		line_stop(a->line);
		return;
	}
	if (a->session.purpose != SESSION_ENROL) {
		o.cert_pem = buf_str(&a->identity.cert_pem);
		o.key_pem = buf_str(&a->identity.key_pem);
	}
	err = tls_client_new(&o, &tls);
	if (err) {
		log_error("the certificates cannot be used: %s; check %s and %s/identity.pem",
			  strerror(-err), a->settings.ca, a->settings.state_dir);
		line_stop(a->line);
		return;
	}
	line_start(a->line, tls);
}
