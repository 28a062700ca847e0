#include "port/port.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define INTERIM_MIN_S 10

struct request_place port_place(const struct port *p)
{
	return (struct request_place){p->box->settings, p->number, p->name};
}

static void fail(struct session *s, const char *what, int err)
{
	snprintf(s->reason, sizeof(s->reason), "%s: %s", what, strerror(-err));
}

static unsigned vlan_of(const struct port *p)
{
	const struct answer *a = &p->session.answer;

	return a->vlan ? a->vlan : (unsigned)p->box->settings->vlan;
}

static int move(struct port *p, const char *bridge)
{
	unsigned index = if_nametoindex(bridge);
	int err;

	if (index == 0)
		return -ENODEV;
	if (index == p->bridge)
		return 0;
	err = bridge_enter(p->box->bridge, p->index, index);
	p->bridge = err ? 0 : index;
	return err;
}

static bool is_confined(const struct port *p)
{
	return text_equal(p->session.answer.filter, p->box->settings->isolation_filter);
}

static int grant(struct port *p)
{
	const struct mac *mac = &p->session.mac;

	p->granted = true;
	p->plan = p->session.answer.plan;
	p->astray_count = 0;
	return is_confined(p) ? isolation_confine(p->box->isolation, p->name, mac, &p->plan)
			      : isolation_admit(p->box->isolation, p->name, mac, &p->plan);
}

int port_grant_again(struct port *p)
{
	return p->granted ? grant(p) : 0;
}

static int effect_open(void *arg, struct session *s)
{
	struct port *p = arg;
	const struct settings *settings = p->box->settings;
	const struct settings_vlan *vlan = settings_vlan(settings, vlan_of(p));
	bool confined = is_confined(p);
	bool alone = confined || vlan_of(p) == settings->isolation_vlan;
	int err;

	if (!vlan) {
		snprintf(s->reason, sizeof(s->reason), "VLAN %u has no bridge here", vlan_of(p));
		return -ENOENT;
	}
	if (s->answer.filter[0] && !confined) {
		snprintf(s->reason, sizeof(s->reason), "no filter is called '%.64s' here",
			 s->answer.filter);
		return -ENOTSUP;
	}
	p->box->admitting(p->box->arg, p);
	err = move(p, vlan->bridge);
	if (!err)
		err = grant(p);
	if (!err)
		err = bridge_open(p->box->bridge, p->index, &s->mac, alone);
	if (err)
		fail(s, "the port cannot be opened", err);
	return err;
}

static void effect_lock(void *arg, struct session *s)
{
	struct port *p = arg;
	int err = p->index ? bridge_lock(p->box->bridge, p->index) : 0;

	if (err && err != -ENODEV)
		log_error("%s: cannot be locked: %s; nftables still holds it", p->name,
			  strerror(-err));
	if (p->granted && isolation_revoke(p->box->isolation, p->name, &s->mac, &p->plan))
		log_error("%s: its MAC could not be revoked", p->name);
	p->granted = false;
}

static void on_mac_answer(void *arg, int err, const struct radius_packet *packet, size_t gate)
{
	struct port *p = arg;
	struct answer answer = {.kind = ANSWER_SILENT};

	(void)gate;
	p->asking = NULL;
	if (!err && answer_read(packet, &answer)) {
		answer = (struct answer){.kind = ANSWER_REJECT};
		snprintf(answer.reason, sizeof(answer.reason),
			 "the gate's answer cannot be obeyed");
	}
	session_mac_answered(&p->session, &answer);
}

static int effect_ask(void *arg, struct session *s)
{
	struct port *p = arg;
	struct request_place place = port_place(p);
	struct gates_request *req;
	int err;

	gates_cancel(p->asking);
	p->asking = NULL;
	req = gates_begin(p->box->gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);
	if (!req)
		return -EBUSY;
	request_put_mac_knock(&req->out, &place, &s->mac, s->id);
	err = gates_send(req, GATES_ANY, on_mac_answer, p);
	if (!err)
		p->asking = req;
	return err;
}

static void effect_stop_asking(void *arg, struct session *s)
{
	struct port *p = arg;

	(void)s;
	gates_cancel(p->asking);
	p->asking = NULL;
}

static void effect_invite(void *arg, struct session *s)
{
	const struct port *p = arg;

	if (p->box->hostapd)
		hostapd_invite(p->box->hostapd, p->name, &s->mac);
}

static void effect_renew(void *arg, struct session *s)
{
	const struct port *p = arg;

	if (p->box->hostapd)
		hostapd_renew(p->box->hostapd, p->name, &s->mac);
}

static void effect_dismiss(void *arg, struct session *s, const struct mac *mac)
{
	const struct port *p = arg;

	(void)s;
	if (p->box->hostapd)
		hostapd_dismiss(p->box->hostapd, p->name, mac);
}

static struct bridge_counters used_since_start(const struct port *p)
{
	struct bridge_counters now = p->at_start;

	if (!p->index || bridge_count(p->box->bridge, p->index, &now))
		return (struct bridge_counters){0};
	return (struct bridge_counters){
		.rx_bytes = now.rx_bytes - p->at_start.rx_bytes,
		.tx_bytes = now.tx_bytes - p->at_start.tx_bytes,
		.rx_packets = now.rx_packets - p->at_start.rx_packets,
		.tx_packets = now.tx_packets - p->at_start.tx_packets,
	};
}

static void account(struct port *p, uint32_t status, uint32_t cause, const struct addr *astray)
{
	const struct session *s = &p->session;
	struct request_account r = {
		.status = status,
		.at_ms = clock_wall_ms(),
		.port_number = p->number,
		.mac = s->mac,
		.by_eap = s->method == SESSION_BY_EAP,
		.class_len = s->answer.class_len,
		.duration_s = (uint32_t)((clock_mono_ms() - p->opened_ms) / 1000),
		.used = used_since_start(p),
		.cause = cause,
	};

	memcpy(r.class_value, s->answer.class_value, sizeof(r.class_value));
	snprintf(r.port, sizeof(r.port), "%s", p->name);
	snprintf(r.session_id, sizeof(r.session_id), "%s", s->id);
	snprintf(r.account, sizeof(r.account), "%s", s->answer.account);
	if (astray)
		addr_format_host(r.astray, astray);
	if (accounting_add(p->box->accounting, &r))
		return; /* it has said so */
}

static void arm_interim(struct port *p)
{
	uint64_t interval_s = p->session.answer.interim_s;

	if (interval_s == 0)
		interval_s = p->box->settings->interim_s;
	loop_timer_arm(p->interim, (int64_t)MAX(interval_s, INTERIM_MIN_S) * 1000);
}

static void on_interim(void *arg)
{
	struct port *p = arg;

	if (p->session.state != SESSION_OPEN)
		return;
	account(p, RADIUS_ACCT_INTERIM, 0, NULL);
	arm_interim(p);
}

void port_take_astray(struct port *p, const struct addr *address)
{
	char mac[MAC_TEXT_SIZE], text[ADDR_TEXT_SIZE];

	for (size_t i = 0; i < p->astray_count; i++)
		if (addr_same_host(&p->astray[i], address))
			return;
	if (p->astray_count == PORT_ASTRAY_MAX)
		return;
	p->astray[p->astray_count++] = *address;
	mac_format(mac, &p->session.mac);
	addr_format_host(text, address);
	log_warn("%s: %s claims %s beside the address plan, %s", p->name, mac, text,
		 p->plan.watched ? "which is let pass" : "which is stopped");
	account(p, RADIUS_ACCT_INTERIM, 0, address);
}

static void effect_account(void *arg, struct session *s, uint32_t status, uint32_t cause)
{
	struct port *p = arg;

	(void)s;
	if (status == RADIUS_ACCT_START) {
		p->opened_ms = clock_mono_ms();
		p->told_another = false;
		if (bridge_count(p->box->bridge, p->index, &p->at_start))
			p->at_start = (struct bridge_counters){0};
		arm_interim(p);
	} else {
		loop_timer_disarm(p->interim);
	}
	account(p, status, cause, NULL);
}

static void effect_arm(void *arg, struct session *s, uint64_t after_ms)
{
	struct port *p = arg;

	(void)s;
	if (after_ms == 0)
		loop_timer_disarm(p->timer);
	else
		loop_timer_arm(p->timer, (int64_t)after_ms);
}

static void effect_tell(void *arg, const struct session *s)
{
	const struct port *p = arg;
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &s->mac);
	if (s->state == SESSION_OPEN)
		log_info("%s: %s is in VLAN %u%s%s by %s%s%s%s%s", p->name, mac, vlan_of(p),
			 s->answer.filter[0] ? ", isolated in place," : "",
			 !s->answer.plan.count	  ? ""
			 : s->answer.plan.watched ? ", watched for its planned addresses,"
						  : ", with its planned addresses alone,",
			 session_method_name(s->method), s->answer.account[0] ? " as " : "",
			 s->answer.account, s->reason[0] ? ": " : "", s->reason);
	else
		log_info("%s: %s is %s%s%s", p->name, mac,
			 s->state == SESSION_HELD ? "kept out" : "out", s->reason[0] ? ": " : "",
			 s->reason);
}

static int64_t effect_now(void *arg)
{
	(void)arg;
	return clock_wall_ms();
}

static const struct session_effects effects = {
	.open = effect_open,
	.lock = effect_lock,
	.ask = effect_ask,
	.stop_asking = effect_stop_asking,
	.invite = effect_invite,
	.renew = effect_renew,
	.dismiss = effect_dismiss,
	.account = effect_account,
	.arm = effect_arm,
	.tell = effect_tell,
	.now_ms = effect_now,
};

static void on_timer(void *arg)
{
	struct port *p = arg;

	session_timer(&p->session);
}

int port_adopt(struct port *p, unsigned index)
{
	const struct settings *s = p->box->settings;
	const struct settings_vlan *home = settings_vlan(s, (unsigned)s->vlan);
	int err;

	p->index = index;
	p->bridge = 0;
	err = move(p, home->bridge);
	if (err)
		log_error("%s: cannot be locked in %s: %s", p->name, home->bridge, strerror(-err));
	return err;
}

#define LINE "%-15s %-5s %-8s %-17s %-8s %-20s %-5s %-19s %s%s%s%s%s%s%s\n"

static const char *plan_word(const struct port *p)
{
	const struct answer_plan *plan = &p->session.answer.plan;

	return !plan->count ? "" : plan->watched ? "watched for " : "planned ";
}

void port_print_head(struct buf *out)
{
	buf_printf(out, LINE, "PORT", "LINK", "STATE", "MAC", "BY", "ACCOUNT", "VLAN", "SINCE",
		   "REASON", "", "", "", "", "", "");
}

void port_print(const struct port *p, struct buf *out)
{
	const struct session *s = &p->session;
	bool empty = s->state == SESSION_DOWN || s->state == SESSION_QUIET;
	char mac[MAC_TEXT_SIZE] = "-", vlan[12] = "-", since[CLOCK_TEXT_SIZE] = "-";
	char planned[ADDR_TEXT_SIZE] = "", astray[ADDR_TEXT_SIZE] = "";

	if (!empty)
		mac_format(mac, &s->mac);
	if (s->state == SESSION_OPEN)
		snprintf(vlan, sizeof(vlan), "%u", vlan_of(p));
	if (!empty)
		clock_format_cst(since, s->since_ms);
	if (s->answer.plan.count)
		addr_format_host(planned, &s->answer.plan.list[0]);
	if (s->answer.plan.count && p->astray_count)
		addr_format_host(astray, &p->astray[p->astray_count - 1]);
	buf_printf(out, LINE, p->name,
		   !p->index		      ? "gone"
		   : s->state == SESSION_DOWN ? "down"
					      : "up",
		   session_state_name(s->state), mac, session_method_name(s->method),
		   s->answer.account[0] ? s->answer.account : "-", vlan, since,
		   s->answer.filter[0] ? "isolated in place; " : "", plan_word(p), planned,
		   astray[0] ? " but claims " : "", astray, planned[0] ? "; " : "",
		   s->reason[0] ? s->reason : "-");
}

bool port_is_meant(const struct port *p, const struct das_request *r)
{
	const struct session *s = &p->session;

	return s->state == SESSION_OPEN &&
	       (!r->session_id[0] || text_equal(r->session_id, s->id)) &&
	       (!r->class_value ||
		(r->class_len == s->answer.class_len &&
		 memcmp(r->class_value, s->answer.class_value, r->class_len) == 0)) &&
	       (!r->has_mac || mac_equal(&r->mac, &s->mac)) &&
	       (!r->port[0] || text_equal(r->port, p->name));
}

int port_init(struct port *p, struct loop *loop, const struct port_box *box, unsigned number)
{
	int err;

	*p = (struct port){.box = box, .number = number};
	p->name = box->settings->ports.name[number - 1];
	session_init(&p->session, &effects, p, &box->rules);
	err = loop_timer_new(loop, on_timer, p, &p->timer);
	return err ? err : loop_timer_new(loop, on_interim, p, &p->interim);
}

void port_done(struct port *p)
{
	gates_cancel(p->asking);
	loop_timer_free(p->timer);
	loop_timer_free(p->interim);
}
