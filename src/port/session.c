#include "port/session.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

static const char no_gate[] = "no gate answers";

const char *session_state_name(enum session_state state)
{
	static const char *const names[SESSION_STATES] = {
		[SESSION_DOWN] = "down",       [SESSION_QUIET] = "quiet",
		[SESSION_KNOCKED] = "knocked", [SESSION_PROVING] = "802.1X",
		[SESSION_ASKING] = "asking",   [SESSION_OPEN] = "open",
		[SESSION_HELD] = "held",
	};

	return names[state];
}

const char *session_method_name(enum session_method method)
{
	static const char *const names[] = {
		[SESSION_BY_NOBODY] = "-",
		[SESSION_BY_MAC] = "mac",
		[SESSION_BY_EAP] = "802.1X",
		[SESSION_BY_SILENCE] = "critical",
	};

	return names[method];
}

/* Random, so that it is unique over restarts and needs no file. */
static void renew_id(struct session *s)
{
	uint8_t bytes[8];

	random_bytes(bytes, sizeof(bytes));
	hex_encode(s->id, bytes, sizeof(bytes));
}

static void say(struct session *s, const char *reason)
{
	if (reason != s->reason)
		snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

/* The port is somebody's now; the 802.1X engine keeps one MAC a port. */
static void take_place(struct session *s, const struct mac *mac)
{
	if (s->has_mac && !mac_equal(&s->mac, mac))
		s->effects->dismiss(s->arg, s, &s->mac);
	s->mac = *mac;
	s->has_mac = true;
}

static void enter(struct session *s, enum session_state state, uint64_t timer_ms)
{
	s->state = state;
	s->since_ms = s->effects->now_ms(s->arg);
	s->effects->arm(s->arg, s, timer_ms);
}

void session_init(struct session *s, const struct session_effects *effects, void *arg,
		  const struct session_rules *rules)
{
	*s = (struct session){.effects = effects, .arg = arg, .rules = rules};
	renew_id(s);
}

/* Invariants 1 and 2: locked first, then accounted for. */
static void leave_open(struct session *s, uint32_t cause)
{
	s->effects->lock(s->arg, s);
	s->effects->account(s->arg, s, RADIUS_ACCT_STOP, cause);
	s->method = SESSION_BY_NOBODY;
	s->answer = (struct answer){0};
	s->unheard = false;
	renew_id(s);
}

static void go_quiet(struct session *s)
{
	s->has_offer = false;
	s->reason[0] = 0;
	enter(s, SESSION_QUIET, 0);
}

static void hold(struct session *s, const char *reason)
{
	say(s, reason);
	s->has_offer = false;
	enter(s, SESSION_HELD, s->rules->hold_ms);
	s->effects->tell(s->arg, s);
}

/* Leaves whatever is going on, locked; what 802.1X proved counts no more. */
static void drop(struct session *s, uint32_t cause)
{
	bool proved = s->state == SESSION_PROVING || s->method == SESSION_BY_EAP;

	if (s->state == SESSION_DOWN || s->state == SESSION_QUIET)
		return;
	if (s->state == SESSION_OPEN)
		leave_open(s, cause);
	else
		s->effects->lock(s->arg, s);
	s->effects->stop_asking(s->arg, s);
	if (proved)
		s->effects->invite(s->arg, s);
}

static void open_for(struct session *s, enum session_method method, const struct answer *answer)
{
	int err;

	s->answer = *answer;
	s->method = method;
	say(s, answer->reason);
	err = s->effects->open(s->arg, s);
	if (err) {
		s->method = SESSION_BY_NOBODY;
		s->answer = (struct answer){0};
		s->effects->lock(s->arg, s);
		hold(s, s->reason);
		return;
	}
	enter(s, SESSION_OPEN, (uint64_t)answer->timeout_s * 1000);
	s->effects->account(s->arg, s, RADIUS_ACCT_START, 0);
	s->effects->tell(s->arg, s);
}

/*
 * The door stays as it is. A gate that gave another Class began another session: the old one is
 * stopped and the new one started in the books, and no frame is lost.
 */
static void prolong(struct session *s, const struct answer *answer)
{
	bool another = !answer_same_class(&s->answer, answer);

	if (another) {
		s->effects->account(s->arg, s, RADIUS_ACCT_STOP, RADIUS_CAUSE_SESSION_TIMEOUT);
		renew_id(s);
	}
	s->answer = *answer;
	s->unheard = false;
	say(s, answer->reason);
	s->effects->arm(s->arg, s, (uint64_t)answer->timeout_s * 1000);
	if (another)
		s->effects->account(s->arg, s, RADIUS_ACCT_START, 0);
}

static void open_critical(struct session *s)
{
	struct answer answer = {.kind = ANSWER_ADMIT, .vlan = s->rules->critical_vlan};

	if (s->rules->critical_vlan == 0) {
		hold(s, no_gate);
		return;
	}
	snprintf(answer.reason, sizeof(answer.reason), "%s", no_gate);
	open_for(s, SESSION_BY_SILENCE, &answer);
}

void session_carrier(struct session *s, bool carrier)
{
	if (carrier && s->state == SESSION_DOWN) {
		s->effects->lock(s->arg, s);
		go_quiet(s);
	} else if (!carrier && s->state != SESSION_DOWN) {
		drop(s, RADIUS_CAUSE_LOST_CARRIER);
		go_quiet(s);
		s->state = SESSION_DOWN;
	}
}

static void ask(struct session *s)
{
	int err = s->effects->ask(s->arg, s);

	if (err)
		hold(s, "the request could not be sent");
	else
		enter(s, SESSION_ASKING, 0);
}

void session_knock(struct session *s, const struct mac *mac)
{
	if (mac_is_multicast(mac))
		return;
	if (s->state == SESSION_HELD && !mac_equal(&s->mac, mac)) {
		drop(s, 0);
		go_quiet(s);
	}
	if (s->state != SESSION_QUIET)
		return;
	take_place(s, mac);
	s->effects->invite(s->arg, s);
	if (s->rules->eapol_wait_ms == 0)
		ask(s);
	else
		enter(s, SESSION_KNOCKED, s->rules->eapol_wait_ms);
}

void session_eap_runs(struct session *s, const struct mac *mac)
{
	switch (s->state) {
	case SESSION_DOWN:
	case SESSION_OPEN:
		return;
	case SESSION_ASKING:
		if (!mac_equal(&s->mac, mac))
			return;
		s->effects->stop_asking(s->arg, s);
		break;
	default:
		break;
	}
	take_place(s, mac);
	enter(s, SESSION_PROVING, SESSION_PROVING_MS);
}

/* Renewing an open session met silence; after `patience_ms` it ends, 0: never. */
static void wait_for_gate(struct session *s, uint64_t patience_ms)
{
	s->unheard = true;
	s->answer.ask_again = false;
	s->effects->arm(s->arg, s, patience_ms);
}

static bool concerns(const struct session *s, const struct mac *mac)
{
	return (s->state == SESSION_PROVING || s->state == SESSION_OPEN) && mac_equal(&s->mac, mac);
}

void session_eap_answered(struct session *s, const struct mac *mac, const struct answer *answer)
{
	if (!concerns(s, mac))
		return;
	switch (answer->kind) {
	case ANSWER_ADMIT:
		s->offer = *answer;
		s->offer_mac = *mac;
		s->has_offer = true;
		return;
	case ANSWER_REJECT:
		/* A failed 802.1X takes nothing from a MAC authentication. */
		if (s->state == SESSION_OPEN && s->method != SESSION_BY_EAP)
			return;
		if (s->state == SESSION_OPEN)
			leave_open(s, RADIUS_CAUSE_ADMIN_RESET);
		hold(s, answer->reason[0] ? answer->reason : "the gate refused");
		return;
	case ANSWER_SILENT:
		if (s->state == SESSION_PROVING)
			open_critical(s);
		else if (s->method == SESSION_BY_EAP)
			wait_for_gate(s, 0);
		return;
	}
}

void session_eap_broken(struct session *s, const struct mac *mac)
{
	if (!concerns(s, mac))
		return;
	if (s->state == SESSION_OPEN && s->method == SESSION_BY_EAP)
		wait_for_gate(s, SESSION_PROVING_MS);
	s->effects->invite(s->arg, s);
}

void session_eap_success(struct session *s, const struct mac *mac)
{
	struct answer offer;

	if (!concerns(s, mac) || !s->has_offer || !mac_equal(&s->offer_mac, mac))
		return;
	s->has_offer = false;
	offer = s->offer;
	if (s->state == SESSION_OPEN && s->method == SESSION_BY_EAP &&
	    answer_same_place(&s->answer, &offer)) {
		prolong(s, &offer);
		return;
	}
	if (s->state == SESSION_OPEN)
		leave_open(s, RADIUS_CAUSE_USER_REQUEST);
	open_for(s, SESSION_BY_EAP, &offer);
}

void session_eap_gone(struct session *s, const struct mac *mac)
{
	if (s->state != SESSION_OPEN || s->method != SESSION_BY_EAP || s->unheard ||
	    !mac_equal(&s->mac, mac))
		return;
	leave_open(s, RADIUS_CAUSE_USER_REQUEST);
	go_quiet(s);
	s->effects->tell(s->arg, s);
}

/* Asked again. Silence takes nothing away: the session goes on for as long again. */
static void answered_while_open(struct session *s, const struct answer *answer)
{
	if (answer->kind == ANSWER_SILENT) {
		s->effects->arm(s->arg, s, (uint64_t)s->answer.timeout_s * 1000);
		return;
	}
	if (answer->kind == ANSWER_ADMIT && answer_same_place(&s->answer, answer)) {
		prolong(s, answer);
		return;
	}
	leave_open(s, RADIUS_CAUSE_SESSION_TIMEOUT);
	if (answer->kind == ANSWER_ADMIT)
		open_for(s, SESSION_BY_MAC, answer);
	else
		hold(s, answer->reason[0] ? answer->reason : "the gate refused");
}

void session_mac_answered(struct session *s, const struct answer *answer)
{
	if (s->state == SESSION_OPEN && s->method == SESSION_BY_MAC) {
		answered_while_open(s, answer);
		return;
	}
	if (s->state != SESSION_ASKING)
		return;
	switch (answer->kind) {
	case ANSWER_ADMIT:
		open_for(s, SESSION_BY_MAC, answer);
		return;
	case ANSWER_REJECT:
		hold(s, answer->reason[0] ? answer->reason : "the gate refused");
		return;
	case ANSWER_SILENT:
		open_critical(s);
		return;
	}
}

/* Session-Timeout (RFC 2865 section 5.27) and Termination-Action (5.29). */
static void time_out(struct session *s)
{
	if (s->method == SESSION_BY_MAC && s->answer.ask_again && !s->effects->ask(s->arg, s))
		return;
	if (s->method == SESSION_BY_EAP && s->answer.ask_again) {
		s->answer.ask_again = false; /* once; a new answer says it anew */
		s->effects->renew(s->arg, s);
		s->effects->arm(s->arg, s, SESSION_PROVING_MS);
		return;
	}
	session_end(s, RADIUS_CAUSE_SESSION_TIMEOUT);
}

void session_timer(struct session *s)
{
	switch (s->state) {
	case SESSION_KNOCKED:
	case SESSION_PROVING:
		ask(s);
		return;
	case SESSION_OPEN:
		time_out(s);
		return;
	case SESSION_HELD:
		drop(s, 0);
		go_quiet(s);
		return;
	default:
		return;
	}
}

void session_end(struct session *s, uint32_t cause)
{
	if (s->state != SESSION_OPEN)
		return;
	drop(s, cause);
	go_quiet(s);
	s->effects->tell(s->arg, s);
}

int session_change(struct session *s, const struct answer *place)
{
	int err;

	if (s->state != SESSION_OPEN || s->method == SESSION_BY_SILENCE)
		return -ENOENT;
	s->effects->lock(s->arg, s);
	s->answer.vlan = place->vlan;
	memcpy(s->answer.filter, place->filter, sizeof(s->answer.filter));
	s->answer.plan = place->plan;
	err = s->effects->open(s->arg, s);
	if (err) {
		leave_open(s, RADIUS_CAUSE_PORT_ERROR);
		hold(s, s->reason);
		return err == -ENOENT ? -ENOTSUP : err;
	}
	s->effects->tell(s->arg, s);
	return 0;
}

void session_gates_back(struct session *s)
{
	if (s->state == SESSION_OPEN && s->method == SESSION_BY_SILENCE)
		session_end(s, RADIUS_CAUSE_ADMIN_RESET);
	else if (s->state == SESSION_OPEN && s->unheard)
		session_eap_broken(s, &s->mac);
	else if (s->state == SESSION_HELD && text_equal(s->reason, no_gate))
		session_timer(s);
}

void session_close(struct session *s, uint32_t cause)
{
	if (s->state == SESSION_DOWN)
		return;
	drop(s, cause);
	go_quiet(s);
}
