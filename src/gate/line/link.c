#include "gate/line/link.h"

#include <string.h>
#include <sys/wait.h>

#include "base/background.h"
#include "base/file.h"
#include "base/text.h"
#include "gate/beside/surveyor.h"
#include "gate/eap/engine.h"
#include "gate/knock/explain.h"
#include "gate/line/arrival.h"
#include "gate/line/heads.h"
#include "gate/line/ledger.h"
#include "gate/line/record.h"
#include "gate/line/renewal.h"
#include "gate/live/review.h"
#include "gate/peer/peers.h"
#include "wire/line.h"

#define PROTOCOL 1
#define RETRY_MAX_MS (30 * SECOND_MS)
#define PEM_MAX (64U << 10)
#define SEND_BYTES (64U << 10)
#define BACKLOG_MAX SEND_BYTES /* not yet written; then it waits for room, as knocks are taken */
#define IN_FLIGHT_MAX 4096     /* records sent and not acknowledged */
#define SAVE_AFTER_MS 2000

enum link_phase { LINK_DOWN, LINK_CONNECTING, LINK_CONNECTED };

struct link {
	struct gate *gate;
	struct line *line;
	struct addr server;
	enum link_phase phase;
	struct renewal *renewal;
	struct sign_key *cosign_key;
	struct heads *heads;
	struct arrival *arrival; /* coming down */
	/* Going up. */
	uint64_t next_seq;
	bool tells_of_peers;
	/* To disk. */
	struct loop_timer *save;
	int saver_pid;
	bool save_again;
};

/* ---- saving the snapshot, in a child so that nobody waits for the disk ---- */

static void save(void *arg)
{
	struct link *l = arg;
	struct gate *g = l->gate;
	int err;

	l->save_again = l->saver_pid != 0;
	if (l->save_again)
		return;
	l->saver_pid = fork();
	if (l->saver_pid == 0) {
		background_enter();
		err = snapshot_save(g->settings.state_dir, g->snapshot, gate_now(g));
		if (err)
			log_error("cannot save the snapshot into %s: %s", g->settings.state_dir,
				  strerror(-err));
		_exit(err ? 1 : 0);
	}
	if (l->saver_pid < 0) {
		l->saver_pid = 0;
		loop_timer_arm(l->save, SAVE_AFTER_MS);
	}
}

bool link_child_ended(struct link *l, int pid, int status)
{
	if (pid != l->saver_pid)
		return false;
	l->saver_pid = 0;
	if (l->save_again || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		loop_timer_arm(l->save, SAVE_AFTER_MS);
	return true;
}

/* ---- the snapshot ---- */

static void on_facts(void *arg, bool accounts_touched)
{
	struct link *l = arg;

	if (l->gate->engine && accounts_touched)
		engine_accounts_changed(l->gate->engine);
	if (!loop_timer_is_armed(l->save))
		loop_timer_arm(l->save, SAVE_AFTER_MS);
}

static int on_snapshot(struct link *l, const struct frame *f)
{
	return arrival_take(l->arrival, f);
}

/* ---- records ---- */

static void send_records(struct link *l)
{
	struct spool *spool = ledger_spool(l->gate->ledger);
	uint64_t through;
	int err = 0;

	while (!err && l->phase == LINK_CONNECTED && line_backlog(l->line) < BACKLOG_MAX &&
	       l->next_seq <= spool_synced_seq(spool) &&
	       l->next_seq - spool_acked_seq(spool) <= IN_FLIGHT_MAX) {
		CLEANUP_BUF struct buf frames = BUF_INIT;

		err = spool_read(spool, l->next_seq, SEND_BYTES, &frames, &through);
		if (!err && through < l->next_seq)
			err = -EUCLEAN;
		if (!err)
			err = line_send_raw(l->line, frames.data, frames.len);
		if (!err)
			l->next_seq = through + 1;
	}
	if (err)
		log_error("records cannot be sent: %s", strerror(-err));
}

void link_records_ready(struct link *l)
{
	send_records(l);
}

static int on_ack(struct link *l, const struct frame *f)
{
	menshen_Ack m;
	int err = FRAME_DECODE(f, &m);

	if (err)
		return err;
	ledger_acknowledge(l->gate->ledger, m.through_seq);
	send_records(l);
	return 0;
}

/* ---- the rest that comes ---- */

static int on_welcome(struct link *l, const struct frame *f)
{
	struct gate *g = l->gate;
	struct spool *spool = ledger_spool(g->ledger);
	menshen_GateWelcome m;
	int err = FRAME_DECODE(f, &m);

	if (err)
		return err;
	line_settled(l->line);
	l->phase = LINK_CONNECTED;
	steady_confirm(&g->steady, m.server_time_ms, clock_wall_ms(), clock_mono_ms());
	if (g->steady.degraded)
		log_error("this machine's clock differs from head office's; theirs counts");
	ledger_acknowledge(g->ledger, m.through_seq);
	l->next_seq = MAX(m.through_seq, spool_acked_seq(spool)) + 1;
	review_server_heard_since(g->review, gate_now(g));
	log_info("connected to head office; %zu records wait", spool_waiting(spool));
	l->tells_of_peers = m.hears_of_peers;
	link_peers_changed(l);
	surveyor_office(g->surveyor, m.hears_of_switches);
	send_records(l);
	renewal_welcomed(l->renewal);
	return 0;
}

void link_peers_changed(struct link *l)
{
	CLEANUP_FREE menshen_GatePeers *m = NULL;
	struct peer_view v;

	if (l->phase != LINK_CONNECTED || !l->tells_of_peers || !(m = calloc(1, sizeof(*m))))
		return;
	for (size_t i = 0; i < peers_count(l->gate->peers); i++) {
		menshen_GatePeer *p = &m->peers[m->peers_count++];

		peers_view(l->gate->peers, i, &v);
		p->since_ms = v.since_ms;
		p->sessions = (uint32_t)v.sessions;
		p->told = v.told;
		/* The names are as long as those of certificates. */
		(void)!text_copy(p->name, sizeof(p->name), v.name);
		(void)!text_copy(p->state, sizeof(p->state), peer_state_name(v.state));
	}
	(void)!LINE_SEND(l->line, FRAME_GATE_PEERS, m); /* the next one says it all */
}

int link_report(struct link *l, enum frame_type type, const void *message)
{
	size_t size = frame_size(type);

	if (l->phase != LINK_CONNECTED)
		return -ENOTCONN;
	if (type == FRAME_SURVEY_SWITCH && line_backlog(l->line) >= BACKLOG_MAX)
		return -EAGAIN;
	return line_send(l->line, type, message, size);
}

static int on_survey_taken(struct link *l, const struct frame *f)
{
	menshen_SurveyTaken m;
	int err = FRAME_DECODE(f, &m);

	if (!err && l->gate->surveyor)
		surveyor_taken(l->gate->surveyor, &m);
	return err;
}

static int start_line(struct link *l);

static int on_renewed(struct link *l, const struct frame *f)
{
	int r = renewal_take(l->renewal, f);

	if (r == 1)
		peers_certificate_changed(l->gate->peers);
	return r == 1 ? start_line(l) : r;
}

static int on_agent_seen(struct link *l, const struct frame *f)
{
	struct gate *g = l->gate;
	menshen_AgentSeen m;
	int err = FRAME_DECODE(f, &m);

	if (!err)
		err = agents_seen(&g->agents, &m, gate_now(g));
	if (!err)
		review_snapshot_changed(g->review);
	return err;
}

static int on_head(struct link *l, const struct frame *f)
{
	CLEANUP_FREE menshen_Head *m = calloc(1, sizeof(*m));
	CLEANUP_FREE menshen_HeadCosign *co = calloc(1, sizeof(*co));
	CLEANUP_BUF struct buf line = BUF_INIT;
	int err = m && co ? FRAME_DECODE(f, m) : -ENOMEM;

	if (err)
		return err;
	err = heads_take(l->heads, m->body.bytes, m->body.size, gate_now(l->gate), &line);
	if (err == -EEXIST) {
		log_error("head office shows another history of its audit log than before; the "
			  "auditor must see %s/heads",
			  l->gate->settings.state_dir);
		record_gate(l->gate, "gate.head-fork", 0, "another history of the audit log");
		return 0;
	}
	if (err || line.len == 0 || line.len > sizeof(co->body.bytes))
		return err == -EBADMSG ? err : 0; /* a full disk is the ledger's to tell */
	memcpy(co->body.bytes, line.data, line.len);
	co->body.size = (pb_size_t)line.len;
	return LINE_SEND(l->line, FRAME_HEAD_COSIGN, co);
}

static void put_explained(const struct explained *e, menshen_ExplainAnswer *m)
{
	m->method = e->method;
	m->mode = e->mode;
	m->verdict = e->decision.verdict;
	m->would_be = e->decision.would_be;
	m->standing = e->session != NULL;
	/* Each of these fits: the fields are as long as what they come from. */
	(void)!text_copy(m->at, sizeof(m->at), e->at->row.name);
	(void)!text_copy(m->port, sizeof(m->port), e->port);
	(void)!text_copy(m->account, sizeof(m->account), e->account);
	(void)!text_copy(m->reason, sizeof(m->reason), reason_text(e->decision.reason)->code);
	(void)!text_copy(m->would_be_reason, sizeof(m->would_be_reason),
			 reason_text(e->decision.would_be_reason)->code);
}

static int on_explain(struct link *l, const struct frame *f)
{
	menshen_ExplainAsk m;
	menshen_ExplainAnswer answer = {0};
	struct explain_ask ask = {.account = m.account, .at = m.at, .port = m.port};
	enum explain_trouble trouble;
	struct explained e;
	int err = FRAME_DECODE(f, &m);

	if (err)
		return err;
	memcpy(ask.mac.b, m.mac, sizeof(ask.mac.b));
	answer.number = m.number;
	trouble = explain_knock(l->gate, &ask, &e);
	if (trouble == EXPLAIN_FINE)
		put_explained(&e, &answer);
	else
		(void)!text_copy(answer.trouble, sizeof(answer.trouble),
				 explain_trouble_code(trouble));
	return LINE_SEND(l->line, FRAME_EXPLAIN_ANSWER, &answer);
}

static int on_refusal(struct link *l, const struct frame *f)
{
	menshen_Refusal m;
	int err = FRAME_DECODE(f, &m);

	(void)l;
	if (!err)
		log_error("head office refuses this gate: %s (%s)", m.text_en, m.reason);
	return err;
}

static const struct {
	enum frame_type type;
	int (*take)(struct link *l, const struct frame *f);
} handlers[] = {
	{FRAME_GATE_WELCOME, on_welcome},      {FRAME_ACK, on_ack},
	{FRAME_SNAPSHOT_BEGIN, on_snapshot},   {FRAME_SNAPSHOT_END, on_snapshot},
	{FRAME_SNAP_UNIT, on_snapshot},	       {FRAME_SNAP_SWITCH, on_snapshot},
	{FRAME_SNAP_TERMINAL, on_snapshot},    {FRAME_SNAP_MAC, on_snapshot},
	{FRAME_SNAP_ACCOUNT, on_snapshot},     {FRAME_SNAP_TERMINAL_ACCOUNT, on_snapshot},
	{FRAME_SNAP_PERMIT, on_snapshot},      {FRAME_SNAP_DENY, on_snapshot},
	{FRAME_SNAP_BYPASS, on_snapshot},      {FRAME_AGENT_SEEN, on_agent_seen},
	{FRAME_ENROL_ANSWER, on_renewed},      {FRAME_HEAD, on_head},
	{FRAME_REFUSAL, on_refusal},	       {FRAME_EXPLAIN_ASK, on_explain},
	{FRAME_SNAP_REVOKED, on_snapshot},     {FRAME_SNAP_ADDRESS, on_snapshot},
	{FRAME_SURVEY_TAKEN, on_survey_taken},
};

static int on_frame(void *arg, const struct frame *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
		if (handlers[i].type == f->type)
			return handlers[i].take(arg, f);
	return -EBADMSG;
}

/* ---- the line ---- */

static void on_open(void *arg)
{
	struct link *l = arg;
	struct gate *g = l->gate;
	const struct spool *spool = ledger_spool(g->ledger);
	menshen_GateHello m = {.protocol = PROTOCOL,
			       .next_seq = spool_next_seq(spool),
			       .explains = true,
			       .snapshot_rev = gate_can_decide(g) ? snapshot_rev(g->snapshot) : 0};
	int err;

	if (renewal_is_overdue(l->renewal)) {
		renewal_ask(l->renewal); /* nothing else is taken from an expired certificate */
		return;
	}
	memcpy(m.epoch, spool_epoch(spool), sizeof(m.epoch));
	err = text_copy(m.version, sizeof(m.version), MENSHEN_VERSION);
	arrival_reset(l->arrival);
	if (err || LINE_SEND(l->line, FRAME_GATE_HELLO, &m))
		line_drop(l->line, "out of memory");
}

static void on_room(void *arg)
{
	send_records(arg);
}

static void on_down(void *arg, const char *why)
{
	struct link *l = arg;

	if (l->phase == LINK_CONNECTED)
		l->gate->facts_at_ms = gate_now(l->gate);
	if (l->phase == LINK_CONNECTED)
		log_warn("head office cannot be heard: %s; the gate goes on by itself", why);
	else
		log_debug("head office: %s", why);
	l->phase = LINK_CONNECTING;
	arrival_reset(l->arrival);
	renewal_line_down(l->renewal);
	review_server_heard_since(l->gate->review, 0);
	surveyor_office(l->gate->surveyor, false);
}

static int64_t now_of(void *arg)
{
	struct link *l = arg;

	return gate_now(l->gate);
}

static int read_pem(const char *path, struct buf *ret)
{
	int err = file_read(path, PEM_MAX, ret);

	if (err)
		log_error("cannot read %s: %s", path, strerror(-err));
	return err;
}

static int start_line(struct link *l)
{
	const struct settings *s = &l->gate->settings;
	const struct cert_pair *pair;
	CLEANUP_BUF struct buf ca = BUF_INIT;
	struct tls_ctx *tls;
	int err = read_pem(s->ca, &ca);

	if (!err)
		err = renewal_pair(l->renewal, &pair);
	if (!err)
		err = tls_client_new(
			&(struct tls_client_options){.ca_pem = buf_str(&ca),
						     .cert_pem = buf_str(&pair->cert_pem),
						     .key_pem = buf_str(&pair->key_pem)},
			&tls);
	if (err)
		return err;
	l->phase = LINK_CONNECTING;
	line_start(l->line, tls);
	return 0;
}

static int make_line(struct link *l)
{
	const struct settings *s = &l->gate->settings;
	const struct line_options o = {
		.loop = l->gate->loop,
		.servers = &l->server,
		.server_count = 1,
		.server_name = s->server_name,
		.retry_max_ms = RETRY_MAX_MS,
		.on_open = on_open,
		.on_frame = on_frame,
		.on_room = on_room,
		.on_down = on_down,
		.now_ms = now_of,
		.arg = l,
	};
	int err = addr_parse(s->server, GATEWAY_PORT, &l->server);

	return err ? err : line_new(&o, &l->line);
}

static int load_cosign_key(struct link *l)
{
	const char *path = l->gate->settings.cosign_key;
	int err;

	if (text_equal(path, "none"))
		return 0;
	err = sign_key_load(path, &l->cosign_key);
	if (err)
		log_error("cannot read %s: %s", path, strerror(-err));
	return err;
}

int link_new(struct gate *g, struct link **ret)
{
	struct link *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->gate = g;
	err = loop_timer_new(g->loop, save, l, &l->save);
	if (!err)
		err = load_cosign_key(l);
	if (!err)
		err = heads_open(g->settings.state_dir, g->settings.name, l->cosign_key, &l->heads);
	if (!err)
		err = make_line(l);
	if (!err)
		err = arrival_new(g, l->line, on_facts, l, &l->arrival);
	if (!err)
		err = renewal_new(g, l->line, &l->renewal);
	if (!err)
		err = start_line(l);
	if (err) {
		link_free(l);
		return err;
	}
	*ret = l;
	return 0;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	renewal_free(l->renewal);
	arrival_free(l->arrival);
	line_free(l->line);
	heads_free(l->heads);
	sign_key_free(l->cosign_key);
	loop_timer_free(l->save);
	free(l);
}

const char *link_state(const struct link *l)
{
	static const char *const names[] = {"down", "connecting", "connected"};

	return names[l->phase];
}
