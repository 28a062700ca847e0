#include "port/warden.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "port/accounting.h"
#include "port/bridge.h"
#include "port/control.h"
#include "port/das.h"
#include "port/gates.h"
#include "port/hostapd.h"
#include "port/isolation.h"
#include "port/proxy.h"
#include "port/session.h"

#define CAUSE_PORT_PREEMPTED 13 /* RFC 2866 section 5.10 */
#define INTERIM_MIN_S 10

struct port {
	struct warden *warden;
	unsigned number;
	const char *name;
	unsigned index;	 /* 0: the interface is not there */
	unsigned bridge; /* that it stands in */
	bool granted;	 /* isolation lets s->mac through */
	struct session session;
	struct loop_timer *timer, *interim;
	struct gates_request *asking;
	struct bridge_counters at_start;
	int64_t opened_ms;
};

struct warden {
	struct loop *loop;
	const struct settings *settings;
	struct session_rules rules;
	struct bridge *bridge;
	struct isolation *isolation;
	struct gates *gates;
	struct accounting *accounting;
	struct proxy *proxy;
	struct hostapd *hostapd;
	struct das *das;
	struct control *control;
	struct port ports[SETTINGS_PORTS_MAX];
	size_t count;
};

static struct request_place place_of(const struct port *p)
{
	return (struct request_place){p->warden->settings, p->number, p->name};
}

static struct port *find_port(struct warden *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (text_equal(w->ports[i].name, name))
			return &w->ports[i];
	return NULL;
}

static struct port *find_index(struct warden *w, unsigned index)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->ports[i].index == index)
			return &w->ports[i];
	return NULL;
}

/* ---- what a session can do ---- */

static void fail(struct session *s, const char *what, int err)
{
	snprintf(s->reason, sizeof(s->reason), "%s: %s", what, strerror(-err));
}

static unsigned vlan_of(const struct port *p)
{
	const struct answer *a = &p->session.answer;

	return a->vlan ? a->vlan : (unsigned)p->warden->settings->vlan;
}

/* A terminal stands at one port: where it is admitted last. */
static void end_elsewhere(const struct port *here)
{
	struct warden *w = here->warden;

	for (size_t i = 0; i < w->count; i++)
		if (&w->ports[i] != here && w->ports[i].session.state == SESSION_OPEN &&
		    mac_equal(&w->ports[i].session.mac, &here->session.mac))
			session_end(&w->ports[i].session, CAUSE_PORT_PREEMPTED);
}

static int move(struct port *p, const char *bridge)
{
	unsigned index = if_nametoindex(bridge);
	int err;

	if (index == 0)
		return -ENODEV;
	if (index == p->bridge)
		return 0;
	err = bridge_enter(p->warden->bridge, p->index, index);
	p->bridge = err ? 0 : index;
	return err;
}

static int grant(struct port *p, bool confined)
{
	const struct mac *mac = &p->session.mac;

	p->granted = true;
	return confined ? isolation_confine(p->warden->isolation, p->name, mac)
			: isolation_admit(p->warden->isolation, p->name, mac);
}

static int effect_open(void *arg, struct session *s)
{
	struct port *p = arg;
	const struct settings *settings = p->warden->settings;
	const struct settings_vlan *vlan = settings_vlan(settings, vlan_of(p));
	bool confined = text_equal(s->answer.filter, settings->isolation_filter);
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
	end_elsewhere(p);
	err = move(p, vlan->bridge);
	if (!err)
		err = grant(p, confined);
	if (!err)
		err = bridge_open(p->warden->bridge, p->index, &s->mac, alone);
	if (err)
		fail(s, "the port cannot be opened", err);
	return err;
}

static void effect_lock(void *arg, struct session *s)
{
	struct port *p = arg;
	int err = p->index ? bridge_lock(p->warden->bridge, p->index) : 0;

	if (err && err != -ENODEV)
		log_error("%s: cannot be locked: %s; nftables still holds it", p->name,
			  strerror(-err));
	if (p->granted && isolation_revoke(p->warden->isolation, p->name, &s->mac))
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
	struct request_place place = place_of(p);
	struct gates_request *req;
	int err;

	gates_cancel(p->asking);
	p->asking = NULL;
	req = gates_begin(p->warden->gates, GATES_AUTH, RADIUS_ACCESS_REQUEST);
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

	if (p->warden->hostapd)
		hostapd_invite(p->warden->hostapd, p->name, &s->mac);
}

static void effect_dismiss(void *arg, struct session *s, const struct mac *mac)
{
	const struct port *p = arg;

	(void)s;
	if (p->warden->hostapd)
		hostapd_dismiss(p->warden->hostapd, p->name, mac);
}

static struct bridge_counters used_since_start(const struct port *p)
{
	struct bridge_counters now = p->at_start;

	if (!p->index || bridge_count(p->warden->bridge, p->index, &now))
		return (struct bridge_counters){0};
	return (struct bridge_counters){
		.rx_bytes = now.rx_bytes - p->at_start.rx_bytes,
		.tx_bytes = now.tx_bytes - p->at_start.tx_bytes,
		.rx_packets = now.rx_packets - p->at_start.rx_packets,
		.tx_packets = now.tx_packets - p->at_start.tx_packets,
	};
}

static void account(struct port *p, uint32_t status, uint32_t cause)
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
	if (accounting_add(p->warden->accounting, &r))
		return; /* it has said so */
}

static void arm_interim(struct port *p)
{
	uint64_t interval_s = p->session.answer.interim_s;

	if (interval_s == 0)
		interval_s = p->warden->settings->interim_s;
	loop_timer_arm(p->interim, (int64_t)MAX(interval_s, INTERIM_MIN_S) * 1000);
}

static void on_interim(void *arg)
{
	struct port *p = arg;

	if (p->session.state != SESSION_OPEN)
		return;
	account(p, RADIUS_ACCT_INTERIM, 0);
	arm_interim(p);
}

static void effect_account(void *arg, struct session *s, uint32_t status, uint32_t cause)
{
	struct port *p = arg;

	(void)s;
	if (status == RADIUS_ACCT_START) {
		p->opened_ms = clock_mono_ms();
		if (bridge_count(p->warden->bridge, p->index, &p->at_start))
			p->at_start = (struct bridge_counters){0};
		arm_interim(p);
	} else {
		loop_timer_disarm(p->interim);
	}
	account(p, status, cause);
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
		log_info("%s: %s is in VLAN %u%s by %s%s%s%s%s", p->name, mac, vlan_of(p),
			 s->answer.filter[0] ? ", isolated in place," : "",
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
	.dismiss = effect_dismiss,
	.account = effect_account,
	.arm = effect_arm,
	.tell = effect_tell,
	.now_ms = effect_now,
};

/* ---- what happens to the ports ---- */

static void on_timer(void *arg)
{
	struct port *p = arg;

	session_timer(&p->session);
}

static void on_knock(void *arg, unsigned index, const struct mac *mac)
{
	struct port *p = find_index(arg, index);

	if (p)
		session_knock(&p->session, mac);
}

/* Locks a port that is new to the kernel in the bridge of locked ports. */
static int adopt(struct port *p, unsigned index)
{
	const struct settings *s = p->warden->settings;
	const struct settings_vlan *home = settings_vlan(s, (unsigned)s->vlan);
	int err;

	p->index = index;
	p->bridge = 0;
	err = move(p, home->bridge);
	if (err)
		log_error("%s: cannot be locked in %s: %s", p->name, home->bridge, strerror(-err));
	return err;
}

static void on_link(void *arg, const struct bridge_link *link)
{
	struct warden *w = arg;
	struct port *p = find_index(w, link->index);

	if (p && link->gone) {
		log_warn("%s: the interface is gone", p->name);
		session_carrier(&p->session, false);
		p->index = 0;
		return;
	}
	if (!p) {
		p = find_port(w, link->name);
		if (!p || link->gone)
			return;
		session_carrier(&p->session, false);
		if (adopt(p, link->index))
			return;
		if (w->hostapd)
			hostapd_restart(w->hostapd);
	}
	session_carrier(&p->session, link->carrier);
}

static void on_lost(void *arg)
{
	struct warden *w = arg;
	int err = bridge_refresh(w->bridge);

	log_warn("notices of the kernel were lost and asked for again%s%s", err ? ": " : "",
		 err ? strerror(-err) : "");
}

static void on_success(void *arg, const char *port, const struct mac *mac)
{
	struct port *p = find_port(arg, port);

	if (p)
		session_eap_success(&p->session, mac);
}

static void on_gone(void *arg, const char *port, const struct mac *mac)
{
	struct port *p = find_port(arg, port);

	if (p)
		session_eap_gone(&p->session, mac);
}

static void on_engine_death(void *arg)
{
	struct warden *w = arg;

	for (size_t i = 0; i < w->count; i++) {
		struct session *s = &w->ports[i].session;

		if (s->state == SESSION_PROVING ||
		    (s->state == SESSION_OPEN && s->method == SESSION_BY_EAP))
			session_close(s, RADIUS_CAUSE_PORT_ERROR);
	}
}

static int on_eap_runs(void *arg, const char *port, const struct mac *mac,
		       struct request_place *ret_place, const char **ret_session_id)
{
	struct port *p = find_port(arg, port);

	if (!p || p->session.state == SESSION_DOWN)
		return -ENOENT;
	session_eap_runs(&p->session, mac);
	*ret_place = place_of(p);
	*ret_session_id = p->session.id;
	return 0;
}

static void on_eap_answer(void *arg, const char *port, const struct mac *mac,
			  const struct answer *answer)
{
	struct port *p = find_port(arg, port);

	if (p)
		session_eap_answered(&p->session, mac, answer);
}

static void on_eap_broken(void *arg, const char *port, const struct mac *mac)
{
	struct port *p = find_port(arg, port);

	if (p)
		session_eap_broken(&p->session, mac);
}

static void on_gates_back(void *arg)
{
	struct warden *w = arg;

	for (size_t i = 0; i < w->count; i++)
		session_gates_back(&w->ports[i].session);
}

static bool is_meant(const struct port *p, const struct das_request *r)
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

static size_t on_disconnect(void *arg, const struct das_request *request)
{
	struct warden *w = arg;
	size_t ended = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (!is_meant(&w->ports[i], request))
			continue;
		log_info("%s: the gate ends the session", w->ports[i].name);
		session_end(&w->ports[i].session, RADIUS_CAUSE_ADMIN_RESET);
		ended++;
	}
	return ended;
}

/* ---- what is to be seen ---- */

static void print_port(const struct port *p, struct buf *out)
{
	const struct session *s = &p->session;
	bool empty = s->state == SESSION_DOWN || s->state == SESSION_QUIET;
	char mac[MAC_TEXT_SIZE] = "-", vlan[8] = "-", since[CLOCK_TEXT_SIZE] = "-";

	if (!empty)
		mac_format(mac, &s->mac);
	if (s->state == SESSION_OPEN)
		snprintf(vlan, sizeof(vlan), "%u", vlan_of(p));
	if (!empty)
		clock_format_cst(since, s->since_ms);
	buf_printf(out, "%-15s %-5s %-8s %-17s %-8s %-20s %-5s %-19s %s%s\n", p->name,
		   !p->index		      ? "gone"
		   : s->state == SESSION_DOWN ? "down"
					      : "up",
		   session_state_name(s->state), mac, session_method_name(s->method),
		   s->answer.account[0] ? s->answer.account : "-", vlan, since,
		   s->answer.filter[0] ? "isolated in place; " : "",
		   s->reason[0] ? s->reason : "-");
}

static void print_status(void *arg, struct buf *out)
{
	const struct warden *w = arg;
	char text[ADDR_TEXT_SIZE];

	for (size_t i = 0; i < w->settings->gate_count; i++) {
		addr_format(text, &w->settings->gates[i]);
		buf_printf(out, "gate %s %s\n", text,
			   gates_one_alive(w->gates, i) ? "answers" : "is silent");
	}
	buf_printf(out, "accounting records waiting: %zu\n\n", accounting_waiting(w->accounting));
	buf_printf(out, "%-15s %-5s %-8s %-17s %-8s %-20s %-5s %-19s %s\n", "PORT", "LINK", "STATE",
		   "MAC", "BY", "ACCOUNT", "VLAN", "SINCE", "REASON");
	for (size_t i = 0; i < w->count; i++)
		print_port(&w->ports[i], out);
}

/* ---- from start to stop ---- */

static int lock_everything(struct warden *w)
{
	const struct settings *s = w->settings;
	int err;

	for (size_t i = 0; i < s->vlans.count; i++) {
		unsigned index = if_nametoindex(s->vlans.vlan[i].bridge);

		err = index ? bridge_prepare(w->bridge, index) : -ENODEV;
		if (err) {
			log_error("bridge %s of VLAN %u: %s", s->vlans.vlan[i].bridge,
				  s->vlans.vlan[i].id, strerror(-err));
			return err;
		}
	}
	for (size_t i = 0; i < w->count; i++) {
		unsigned index = if_nametoindex(w->ports[i].name);

		if (index == 0) {
			log_warn("%s: there is no such interface yet", w->ports[i].name);
			continue;
		}
		err = adopt(&w->ports[i], index);
		if (err)
			return err;
	}
	return 0;
}

static int make_ports(struct warden *w)
{
	const struct settings *s = w->settings;

	w->rules = (struct session_rules){
		.eapol_wait_ms = s->eapol_wait_ms,
		.hold_ms = s->hold_s * 1000,
		.critical_vlan = (unsigned)s->critical_vlan,
	};
	for (size_t i = 0; i < s->ports.count; i++) {
		struct port *p = &w->ports[i];
		int err;

		p->warden = w;
		p->number = (unsigned)i + 1;
		p->name = s->ports.name[i];
		session_init(&p->session, &effects, p, &w->rules);
		w->count++;
		err = loop_timer_new(w->loop, on_timer, p, &p->timer);
		if (!err)
			err = loop_timer_new(w->loop, on_interim, p, &p->interim);
		if (err)
			return err;
	}
	return 0;
}

static void account_for_box(struct warden *w, uint32_t status)
{
	struct request_account r = {.status = status, .at_ms = clock_wall_ms()};

	snprintf(r.session_id, sizeof(r.session_id), "%lld", (long long)r.at_ms);
	if (accounting_add(w->accounting, &r))
		return; /* it has said so */
}

static int listen_to_gates(struct warden *w)
{
	static const struct proxy_events proxy_events = {on_eap_runs, on_eap_answer, on_eap_broken};
	int err = gates_new(w->loop, w->settings, on_gates_back, w, &w->gates);

	if (!err)
		err = accounting_new(w->loop, w->settings, w->gates, &w->accounting);
	if (!err)
		err = proxy_new(w->loop, w->gates, &proxy_events, w, &w->proxy);
	if (!err)
		err = das_new(w->loop, w->settings, on_disconnect, w, &w->das);
	if (err)
		log_error("the sockets towards the gates: %s", strerror(-err));
	return err;
}

static int start_engine(struct warden *w)
{
	static const struct hostapd_events events = {on_success, on_gone, on_engine_death};
	const struct hostapd_server server = {proxy_port(w->proxy), proxy_secret(w->proxy)};
	int err = hostapd_new(w->loop, w->settings, &server, &events, w, &w->hostapd);

	if (err)
		log_error("%s cannot be started: %s", w->settings->hostapd, strerror(-err));
	return err;
}

static int open_control(struct warden *w)
{
	char path[SETTINGS_PATH_MAX + 16];
	int err;

	snprintf(path, sizeof(path), "%s/control", w->settings->run_dir);
	err = control_new(w->loop, path, print_status, w, &w->control);
	if (err)
		log_error("%s: %s", path, strerror(-err));
	return err;
}

DEFINE_POINTER_CLEANUP(struct warden *, warden_free)

int warden_new(struct loop *loop, const struct settings *settings, struct warden **ret)
{
	static const struct bridge_events bridge_events = {on_link, on_knock, on_lost};
	CLEANUP(warden_free_cleanup) struct warden *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->loop = loop;
	w->settings = settings;
	err = make_ports(w);
	if (!err)
		err = isolation_new(settings, &w->isolation);
	if (!err)
		err = bridge_new(loop, &bridge_events, w, &w->bridge);
	if (!err)
		err = lock_everything(w);
	if (!err)
		err = listen_to_gates(w);
	if (!err)
		err = start_engine(w);
	if (!err)
		err = open_control(w);
	if (err)
		return err;
	account_for_box(w, RADIUS_ACCT_ON);
	err = bridge_refresh(w->bridge);
	if (!err)
		*ret = TAKE_PTR(w);
	return err;
}

void warden_close(struct warden *w)
{
	das_free(w->das);
	w->das = NULL;
	for (size_t i = 0; i < w->count; i++)
		session_close(&w->ports[i].session, RADIUS_CAUSE_NAS_REBOOT);
	hostapd_free(w->hostapd);
	w->hostapd = NULL;
	account_for_box(w, RADIUS_ACCT_OFF);
}

bool warden_is_done(const struct warden *w)
{
	return accounting_waiting(w->accounting) == 0;
}

void warden_free(struct warden *w)
{
	if (!w)
		return;
	control_free(w->control);
	das_free(w->das);
	hostapd_free(w->hostapd);
	proxy_free(w->proxy);
	for (size_t i = 0; i < w->count; i++) {
		gates_cancel(w->ports[i].asking);
		loop_timer_free(w->ports[i].timer);
		loop_timer_free(w->ports[i].interim);
	}
	accounting_free(w->accounting);
	gates_free(w->gates);
	bridge_free(w->bridge);
	isolation_free(w->isolation);
	free(w);
}
