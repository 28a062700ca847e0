#include "wood.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

const struct mac printer = {{2, 0, 0, 0, 0, 1}}, other = {{2, 0, 0, 0, 0, 2}};

static int do_open(void *arg, struct session *s)
{
	struct wood *w = arg;

	if (w->open_fails) {
		snprintf(s->reason, sizeof(s->reason), "no such VLAN");
		return -ENOENT;
	}
	w->open = true;
	return 0;
}

static void do_lock(void *arg, struct session *s)
{
	struct wood *w = arg;

	(void)s;
	w->open = false;
	w->locks++;
}

static int do_ask(void *arg, struct session *s)
{
	struct wood *w = arg;

	(void)s;
	w->asking = !w->ask_fails;
	return w->ask_fails ? -EBUSY : 0;
}

static void do_stop_asking(void *arg, struct session *s)
{
	struct wood *w = arg;

	(void)s;
	w->asking = false;
}

static void do_invite(void *arg, struct session *s)
{
	struct wood *w = arg;

	(void)s;
	w->invited++;
}

static void do_renew(void *arg, struct session *s)
{
	struct wood *w = arg;

	(void)s;
	w->renewed++;
}

static void do_dismiss(void *arg, struct session *s, const struct mac *mac)
{
	struct wood *w = arg;

	(void)s;
	(void)mac;
	w->dismissed++;
}

static void do_account(void *arg, struct session *s, uint32_t status, uint32_t cause)
{
	struct wood *w = arg;

	if (status == RADIUS_ACCT_START) {
		w->starts++;
		snprintf(w->started_id, sizeof(w->started_id), "%s", s->id);
		return;
	}
	assert_string_equal(w->started_id, s->id);
	w->locked_before_stop = !w->open;
	w->stops++;
	w->cause = cause;
}

static void do_arm(void *arg, struct session *s, uint64_t after_ms)
{
	struct wood *w = arg;

	(void)s;
	w->timer_ms = after_ms;
}

static void do_tell(void *arg, const struct session *s)
{
	(void)arg;
	(void)s;
}

static int64_t do_now(void *arg)
{
	(void)arg;
	return 1;
}

static const struct session_effects effects = {
	.open = do_open,
	.lock = do_lock,
	.ask = do_ask,
	.stop_asking = do_stop_asking,
	.invite = do_invite,
	.renew = do_renew,
	.dismiss = do_dismiss,
	.account = do_account,
	.arm = do_arm,
	.tell = do_tell,
	.now_ms = do_now,
};

void plug(struct wood *w, unsigned critical_vlan)
{
	*w = (struct wood){
		.rules = {.eapol_wait_ms = 1000, .hold_ms = 60000, .critical_vlan = critical_vlan}};
	session_init(&w->s, &effects, w, &w->rules);
	session_carrier(&w->s, true);
	assert_int_equal(w->s.state, SESSION_QUIET);
}

const struct answer admit = {.kind = ANSWER_ADMIT, .vlan = 10};
const struct answer refuse = {.kind = ANSWER_REJECT, .reason = "permit-expired"};
const struct answer silence = {.kind = ANSWER_SILENT};

void admit_by_mac(struct wood *w)
{
	session_knock(&w->s, &printer);
	session_timer(&w->s);
	session_mac_answered(&w->s, &admit);
	assert_int_equal(w->s.state, SESSION_OPEN);
}

void admit_by_eap(struct wood *w, const struct answer *answer)
{
	session_eap_runs(&w->s, &printer);
	session_eap_answered(&w->s, &printer, answer);
	session_eap_success(&w->s, &printer);
}
