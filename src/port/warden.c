#include "port/warden.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/inquiry.h"
#include "base/log.h"
#include "base/text.h"
#include "port/port.h"
#include "port/proxy.h"

#define CAUSE_PORT_PREEMPTED 13 /* RFC 2866 section 5.10 */
#define ASTRAY_MS 2000

struct warden {
	struct loop *loop;
	struct port_box box;
	struct proxy *proxy;
	struct das *das;
	struct inquiry *control;
	struct loop_timer *astray; /* who claims what beside the plan is asked for */
	struct port ports[SETTINGS_PORTS_MAX];
	size_t count;
};

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

/* ---- what happens to the ports ---- */

/* A terminal stands at one port: where it is admitted last. */
static void end_elsewhere(void *arg, const struct port *here)
{
	struct warden *w = arg;

	for (size_t i = 0; i < w->count; i++)
		if (&w->ports[i] != here && w->ports[i].session.state == SESSION_OPEN &&
		    mac_equal(&w->ports[i].session.mac, &here->session.mac))
			session_end(&w->ports[i].session, CAUSE_PORT_PREEMPTED);
}

static void tell_another(struct port *p, const struct mac *mac)
{
	char text[MAC_TEXT_SIZE];

	if (p->told_another)
		return;
	p->told_another = true;
	mac_format(text, mac);
	log_warn("%s: %s is not heard, the port serves another terminal; is a hub plugged in?",
		 p->name, text);
}

static void on_knock(void *arg, unsigned index, const struct mac *mac)
{
	struct port *p = find_index(arg, index);

	if (!p)
		return;
	if (p->session.state == SESSION_OPEN && !mac_equal(&p->session.mac, mac))
		tell_another(p, mac);
	session_knock(&p->session, mac);
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
		if (port_adopt(p, link->index))
			return;
		if (w->box.hostapd)
			hostapd_restart(w->box.hostapd);
	}
	/* The kernel tells of a quick change of cables once, when carrier is back already. */
	if (link->losses != p->losses)
		session_carrier(&p->session, false);
	p->losses = link->losses;
	session_carrier(&p->session, link->carrier);
}

static void on_lost(void *arg)
{
	struct warden *w = arg;
	int err = bridge_refresh(w->box.bridge);

	log_warn("notices of the kernel were lost and asked for again%s%s", err ? ": " : "",
		 err ? strerror(-err) : "");
}

/* Without its rules a confined terminal would be free: they are made anew, with what is open now.
 */
static void on_rules_lost(void *arg)
{
	struct warden *w = arg;
	int err = isolation_reset(w->box.isolation);

	log_warn("somebody deleted the nftables table of the ports; it is made anew");
	for (size_t i = 0; !err && i < w->count; i++)
		err = port_grant_again(&w->ports[i]);
	if (!err)
		return;
	log_error("the rules of the ports cannot be made anew; every port is locked");
	for (size_t i = 0; i < w->count; i++)
		session_close(&w->ports[i].session, RADIUS_CAUSE_PORT_ERROR);
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
	*ret_place = port_place(p);
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

/* What a gate wants of the sessions that it means: another place, or their end. */
static int on_gate_wish(void *arg, const struct das_request *request)
{
	struct warden *w = arg;
	int meant = 0;

	for (size_t i = 0; i < w->count; i++) {
		struct port *p = &w->ports[i];
		int err = 0;

		if (!port_is_meant(p, request))
			continue;
		log_info("%s: the gate %s the session", p->name,
			 request->is_change ? "moves" : "ends");
		if (request->is_change)
			err = session_change(&p->session, &request->place);
		else
			session_end(&p->session, RADIUS_CAUSE_ADMIN_RESET);
		if (err && err != -ENOENT)
			return err;
		meant += !err;
	}
	return meant;
}

/* ---- addresses beside the plan ---- */

static void take_astray(void *arg, const struct mac *mac, const struct addr *address)
{
	struct warden *w = arg;

	for (size_t i = 0; i < w->count; i++)
		if (w->ports[i].session.state == SESSION_OPEN && w->ports[i].plan.count &&
		    mac_equal(&w->ports[i].session.mac, mac))
			port_take_astray(&w->ports[i], address);
}

static void on_astray(void *arg)
{
	struct warden *w = arg;
	bool planned = false;

	for (size_t i = 0; i < w->count; i++)
		planned |= w->ports[i].granted && w->ports[i].plan.count;
	if (planned && isolation_take_astray(w->box.isolation, take_astray, w))
		log_warn("who uses an address beside the plan cannot be told");
	loop_timer_arm(w->astray, ASTRAY_MS);
}

/* ---- what is to be seen ---- */

static void print_status(void *arg, const char *line, uid_t uid, struct buf *out)
{
	const struct warden *w = arg;
	char text[ADDR_TEXT_SIZE];

	(void)line, (void)uid;
	for (size_t i = 0; i < w->box.settings->gate_count; i++) {
		addr_format(text, &w->box.settings->gates[i]);
		buf_printf(out, "gate %s %s\n", text,
			   gates_one_alive(w->box.gates, i) ? "answers" : "is silent");
	}
	buf_printf(out, "accounting records waiting: %zu\n\n",
		   accounting_waiting(w->box.accounting));
	port_print_head(out);
	for (size_t i = 0; i < w->count; i++)
		port_print(&w->ports[i], out);
}

/* ---- from start to stop ---- */

static int lock_everything(struct warden *w)
{
	const struct settings *s = w->box.settings;
	int err;

	for (size_t i = 0; i < s->vlans.count; i++) {
		unsigned index = if_nametoindex(s->vlans.vlan[i].bridge);

		err = index ? bridge_prepare(w->box.bridge, index) : -ENODEV;
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
		err = port_adopt(&w->ports[i], index);
		if (err)
			return err;
	}
	return 0;
}

static int make_ports(struct warden *w, const struct settings *s)
{
	int err = 0;

	w->box.settings = s;
	w->box.admitting = end_elsewhere;
	w->box.arg = w;
	w->box.rules = (struct session_rules){
		.eapol_wait_ms = s->eapol_wait_ms,
		.hold_ms = s->hold_s * 1000,
		.critical_vlan = (unsigned)s->critical_vlan,
	};
	for (size_t i = 0; !err && i < s->ports.count; i++)
		err = port_init(&w->ports[w->count++], w->loop, &w->box, (unsigned)i + 1);
	return err;
}

static void account_for_box(struct warden *w, uint32_t status)
{
	struct request_account r = {.status = status, .at_ms = clock_wall_ms()};

	snprintf(r.session_id, sizeof(r.session_id), "%lld", (long long)r.at_ms);
	if (accounting_add(w->box.accounting, &r))
		return; /* it has said so */
}

static int listen_to_gates(struct warden *w)
{
	static const struct proxy_events proxy_events = {on_eap_runs, on_eap_answer, on_eap_broken};
	int err = gates_new(w->loop, w->box.settings, on_gates_back, w, &w->box.gates);

	if (!err)
		err = accounting_new(w->loop, w->box.settings, w->box.gates, &w->box.accounting);
	if (!err)
		err = proxy_new(w->loop, w->box.gates, &proxy_events, w, &w->proxy);
	if (!err)
		err = das_new(w->loop, w->box.settings, on_gate_wish, w, &w->das);
	if (err)
		log_error("the sockets towards the gates: %s", strerror(-err));
	return err;
}

static int start_engine(struct warden *w)
{
	static const struct hostapd_events events = {on_success, on_gone, on_engine_death};
	const struct hostapd_server server = {proxy_port(w->proxy), proxy_secret(w->proxy)};
	int err = hostapd_new(w->loop, w->box.settings, &server, &events, w, &w->box.hostapd);

	if (err)
		log_error("%s cannot be started: %s", w->box.settings->hostapd, strerror(-err));
	return err;
}

static int open_control(struct warden *w)
{
	char path[SETTINGS_PATH_MAX + 16];
	const struct inquiry_rules rules = {.path = path,
					    .mode = 0600,
					    .answer_max = WARDEN_STATUS_MAX,
					    .answer = print_status,
					    .arg = w};
	int err;

	snprintf(path, sizeof(path), "%s/control", w->box.settings->run_dir);
	err = inquiry_new(w->loop, &rules, &w->control);
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
	err = make_ports(w, settings);
	if (!err)
		err = open_control(w);
	if (!err)
		err = isolation_new(loop, settings, on_rules_lost, w, &w->box.isolation);
	if (!err)
		err = bridge_new(loop, &bridge_events, w, &w->box.bridge);
	if (!err)
		err = lock_everything(w);
	if (!err)
		err = listen_to_gates(w);
	if (!err)
		err = start_engine(w);
	if (!err)
		err = loop_timer_new(loop, on_astray, w, &w->astray);
	if (err)
		return err;
	loop_timer_arm(w->astray, ASTRAY_MS);
	account_for_box(w, RADIUS_ACCT_ON);
	err = bridge_refresh(w->box.bridge);
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
	hostapd_free(w->box.hostapd);
	w->box.hostapd = NULL;
	account_for_box(w, RADIUS_ACCT_OFF);
}

bool warden_is_done(const struct warden *w)
{
	return accounting_waiting(w->box.accounting) == 0;
}

void warden_free(struct warden *w)
{
	if (!w)
		return;
	inquiry_free(w->control);
	loop_timer_free(w->astray);
	das_free(w->das);
	hostapd_free(w->box.hostapd);
	proxy_free(w->proxy);
	for (size_t i = 0; i < w->count; i++)
		port_done(&w->ports[i]);
	accounting_free(w->box.accounting);
	gates_free(w->box.gates);
	bridge_free(w->box.bridge);
	isolation_free(w->box.isolation);
	free(w);
}
