#include "gate/live/accounting.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gate/eap/old_server.h"
#include "gate/front/front.h"
#include "gate/line/ledger.h"
#include "gate/line/record.h"
#include "gate/live/stay.h"
#include "policy/finding.h"

/* The request kept until its effect is durable. */
struct pending {
	struct gate *gate;
	struct request request;
	uint8_t data[];
};

static void on_durable(void *arg, int error)
{
	struct pending *p = arg;

	if (error) {
		front_silence(p->gate->front, &p->request);
	} else {
		front_begin(p->gate->front, &p->request, RADIUS_ACCOUNTING_RESPONSE);
		front_send(p->gate->front, &p->request);
	}
	free(p);
}

static void answer_when_durable(struct gate *g, const struct request *r)
{
	struct pending *p = malloc(sizeof(*p) + r->packet.len);

	if (p) {
		p->gate = g;
		p->request = *r;
		memcpy(p->data, r->packet.data, r->packet.len);
		p->request.packet.data = p->data;
		p->request.packet.authenticator = p->data + 4;
	}
	if (!p || ledger_wait(g->ledger, on_durable, p)) {
		free(p);
		front_silence(g->front, r);
	}
}

static uint64_t octets(const struct radius_packet *p, uint8_t low, uint8_t high)
{
	uint32_t l = 0, h = 0;

	(void)!radius_get_u32(p, low, &l);
	(void)!radius_get_u32(p, high, &h);
	return (uint64_t)h << 32 | l;
}

struct texts {
	char acct_id[64], multi_id[64], address[INET6_ADDRSTRLEN];
};

static struct session_report read_report(const struct request *r, struct texts *t)
{
	const struct radius_packet *p = &r->packet;
	struct session_report report = {
		.at_ms = r->now_ms,
		.octets_in = octets(p, RADIUS_ACCT_INPUT_OCTETS, RADIUS_ACCT_INPUT_GIGAWORDS),
		.octets_out = octets(p, RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_ACCT_OUTPUT_GIGAWORDS),
	};
	struct radius_attr a = {0};

	(void)!radius_get_u32(p, RADIUS_EVENT_TIMESTAMP, &report.said_at_s);
	(void)!radius_get_u32(p, RADIUS_ACCT_SESSION_TIME, &report.lasted_s);
	if (radius_get_text(p, RADIUS_ACCT_SESSION_ID, t->acct_id, sizeof(t->acct_id)) == 0 &&
	    text_is_clean(t->acct_id, strlen(t->acct_id)))
		report.acct_id = t->acct_id;
	if (radius_get_text(p, RADIUS_ACCT_MULTI_SESSION_ID, t->multi_id, sizeof(t->multi_id)) ==
		    0 &&
	    t->multi_id[0])
		report.multi = text_hash(t->multi_id);
	if (radius_find(p, RADIUS_FRAMED_IP_ADDRESS, &a) && a.len == 4 &&
	    inet_ntop(AF_INET, a.value, t->address, sizeof(t->address)))
		report.address = t->address;
	else if (radius_find(p, RADIUS_FRAMED_IPV6_ADDRESS, &a) && a.len == 16 &&
		 inet_ntop(AF_INET6, a.value, t->address, sizeof(t->address)))
		report.address = t->address;
	return report;
}

/*
 * By the Class that the gate issued; a switch that returns none is believed by MAC. A Class that is
 * not remembered belongs to a session that has ended: never to the one that took its place.
 */
static struct session *find_session(const struct gate *g, const struct request *r)
{
	struct session *n = NULL;
	struct radius_attr a = {0};
	bool has_class = false;

	while (!n && radius_find(&r->packet, RADIUS_CLASS, &a)) {
		has_class = true;
		n = sessions_by_class(g->sessions, a.value, a.len);
	}
	if (!has_class && r->has_mac)
		n = sessions_by_mac(g->sessions, &r->mac);
	return n && n->switch_id == r->switch_id ? n : NULL;
}

/* menshen-port saw the session use an address that the plan does not give it. */
static void take_astray(struct gate *g, const struct request *r, const struct session *n)
{
	char address[INET6_ADDRSTRLEN];
	struct radius_attr a = {0};

	if (!radius_find_vendor(&r->packet, RADIUS_VENDOR_MENSHEN, RADIUS_MENSHEN_ASTRAY, &a) ||
	    text_copy_n(address, sizeof(address), (const char *)a.value, a.len) ||
	    !addr_is_host(address))
		return;
	record_finding(g, &(struct record_finding){
				  .mac = &n->mac,
				  .session = n,
				  .terminal_id = n->terminal_id,
				  .code = finding_text(FINDING_PLAN_IP)->code,
				  .address = address,
				  .note = "told by its access port",
				  .switch_id = n->switch_id,
				  .port = n->port,
			  });
}

static void take_start_or_interim(struct gate *g, const struct request *r, bool start)
{
	struct session *n = find_session(g, r);
	struct texts t;
	struct session_report report = read_report(r, &t);

	if (n && session_is_live(n))
		take_astray(g, r, n);
	/* A session from before the gate's memory proves itself at its next knock. */
	if (!n || !session_learns(n, start ? SESSION_WORD_START : SESSION_WORD_INTERIM, &report))
		return;
	if (start && stay_is_another(n, &report))
		stay_lose(g, n, "its switch began another");
	sessions_prove(g->sessions, n, &report);
	record_session(g, start ? "session.start" : "session.interim", n, "");
}

static void take_stop(struct gate *g, const struct request *r)
{
	struct session *n = find_session(g, r);
	struct texts t;
	struct session_report report = read_report(r, &t);
	uint32_t cause = 0;
	char note[48] = "";

	if (!n || !session_is_live(n) || !session_learns(n, SESSION_WORD_STOP, &report))
		return;
	if (radius_get_u32(&r->packet, RADIUS_ACCT_TERMINATE_CAUSE, &cause) == 0)
		snprintf(note, sizeof(note), "terminate cause %u", cause);
	sessions_stop(g->sessions, n, &report);
	record_session(g, "session.stop", n, note);
}

/* Accounting-On and -Off: whatever the switch had open then is gone. */
static void take_restart(struct gate *g, const struct request *r, const char *note)
{
	const struct session_report report = {.at_ms = r->now_ms};
	struct session *n;
	uint32_t then_s = 0;
	size_t at = 0;

	(void)!radius_get_u32(&r->packet, RADIUS_EVENT_TIMESTAMP, &then_s);
	while ((n = sessions_next(g->sessions, &at))) {
		if (n->switch_id != r->switch_id || !session_is_live(n) ||
		    (then_s && session_is_after(n, then_s)))
			continue;
		sessions_end(g->sessions, n, &report);
		record_session(g, "session.restart", n, note);
	}
}

void accounting_take(struct gate *g, const struct request *r)
{
	uint32_t type;

	g->counters[COUNT_ACCOUNTING]++;
	if (!gate_may_answer(g, r->switch_id, r->now_ms) ||
	    radius_get_u32(&r->packet, RADIUS_ACCT_STATUS_TYPE, &type) ||
	    old_server_account(g->old, r, type)) {
		front_silence(g->front, r);
		return;
	}
	switch (type) {
	case RADIUS_ACCT_START:
	case RADIUS_ACCT_INTERIM:
		take_start_or_interim(g, r, type == RADIUS_ACCT_START);
		break;
	case RADIUS_ACCT_STOP:
		take_stop(g, r);
		break;
	case RADIUS_ACCT_ON:
		take_restart(g, r, "switch restarted");
		break;
	case RADIUS_ACCT_OFF:
		take_restart(g, r, "switch goes down");
		break;
	default:
		break; /* acknowledged, so that the switch stops repeating it */
	}
	answer_when_durable(g, r);
}
