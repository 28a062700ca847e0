#include "gate/tend/verbs.h"

#include <string.h>

#include "base/text.h"
#include "gate/beside/heard.h"
#include "gate/facts/bank.h"
#include "gate/knock/explain.h"
#include "gate/line/record.h"
#include "gate/live/coa.h"
#include "gate/live/review.h"
#include "gate/peer/peers.h"

/* ---- acts ---- */

/* Into the records, as the session's where there is one, so that they name switch and port. */
static void record_act(const struct call *c, const char *kind, const struct mac *mac,
		       const char *note)
{
	record_mac(c->gate, kind, mac, sessions_by_mac(c->gate->sessions, mac), note);
}

json_t *verb_isolate(const struct call *c)
{
	struct gate *g = c->gate;
	json_t *wanted = json_object_get(c->args, "hours");
	json_int_t hours = wanted ? json_integer_value(wanted) : ISOLATION_HOURS;
	struct isolation_here n = {.uid = c->uid};
	char note[256], until[CLOCK_TEXT_SIZE];
	int err;

	if (mac_parse(verb_text(c, "mac"), &n.mac))
		return verb_failure("the MAC is malformed");
	if (hours < 1 || hours > ISOLATION_HOURS_MAX)
		return verb_failure("--hours wants 1 to 168");
	if (!verb_text(c, "reason")[0] ||
	    text_copy(n.reason, sizeof(n.reason), verb_text(c, "reason")))
		return verb_failure("the reason wants a sentence of at most 191 bytes");
	n.until_ms = gate_now(g) + hours * HOUR_MS;
	err = isolations_add(&g->isolations, &n, gate_now(g));
	if (err)
		return verb_failure(err == -ENOSPC ? "too many are isolated here" : strerror(-err));
	clock_format_utc(until, n.until_ms);
	snprintf(note, sizeof(note), "isolated until %s by uid %u: %s", until, c->uid, n.reason);
	record_act(c, "gate.isolate", &n.mac, note);
	peers_isolations_changed(g->peers);
	review_snapshot_changed(g->review);
	return json_pack("{s:s}", "done", note);
}

json_t *verb_release(const struct call *c)
{
	const struct snap_terminal *t;
	struct mac mac;
	char note[48];
	int err;

	if (mac_parse(verb_text(c, "mac"), &mac))
		return verb_failure("the MAC is malformed");
	err = isolations_end(&c->gate->isolations, &mac, c->uid, gate_now(c->gate));
	t = snapshot_terminal_by_mac(c->gate->snapshot, &mac);
	if (err == -ENOENT && t && t->isolated_by_person)
		return verb_failure("head office isolates it; it is released there");
	if (err)
		return verb_failure(err == -ENOENT ? "it is not isolated here" : strerror(-err));
	snprintf(note, sizeof(note), "released by uid %u", c->uid);
	record_act(c, "gate.release", &mac, note);
	peers_isolations_changed(c->gate->peers);
	review_snapshot_changed(c->gate->review);
	return json_pack("{s:s}", "done", note);
}

json_t *verb_disconnect(const struct call *c)
{
	struct session *n = NULL;
	struct mac mac;
	char why[48];
	int err;

	if (mac_parse(verb_text(c, "mac"), &mac))
		return verb_failure("the MAC is malformed");
	n = sessions_by_mac(c->gate->sessions, &mac);
	if (!n || !session_is_live(n))
		return verb_failure("this MAC has no live session");
	snprintf(why, sizeof(why), "by uid %u", c->uid);
	err = coa_disconnect(c->gate->coa, n, why);
	return err ? verb_failure(strerror(-err)) : json_pack("{s:s}", "done", "asked the switch");
}

json_t *verb_relearn(const struct call *c)
{
	struct mac mac;
	char note[64];

	if (mac_parse(verb_text(c, "mac"), &mac))
		return verb_failure("the MAC is malformed");
	if (heard_forget(c->gate->heard, &mac))
		return verb_failure("nothing was learnt of this MAC's terminal");
	snprintf(note, sizeof(note), "what it looks like is learnt anew, by uid %u", c->uid);
	record_act(c, "gate.relearn", &mac, note);
	return json_pack("{s:s}", "done", note);
}

/* ---- explain ---- */

/* MAC; MAC ACCOUNT; MAC SWITCH PORT; MAC ACCOUNT SWITCH PORT. */
static void read_words(const struct call *c, struct explain_ask *ret)
{
	const char *words[] = {verb_text(c, "a"), verb_text(c, "b"), verb_text(c, "c")};
	bool has_account = words[0][0] && (!words[1][0] || words[2][0]);
	const char *const *place = has_account ? words + 1 : words;

	ret->account = has_account ? words[0] : "";
	ret->at = place[0];
	ret->port = place[0][0] ? place[1] : "";
}

static json_t *sentence(const struct explained *e)
{
	const struct decision *d = &e->decision;
	const struct reason_text *text = reason_text(d->reason);
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &e->mac);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
			 "s:I}",
			 "mac", mac, "switch", e->at->row.name, "port", e->port, "method",
			 knock_method_name(e->method), "account", e->account, "mode",
			 mode_name(e->mode), "verdict", verdict_name(d->verdict), "reason",
			 text->code, "zh", text->zh, "en", text->en, "zh_todo", text->zh_todo,
			 "en_todo", text->en_todo, "would_be", verdict_name(d->would_be),
			 "would_be_reason", reason_text(d->would_be_reason)->code, "terminal",
			 (json_int_t)e->terminal_id);
}

json_t *verb_explain(const struct call *c)
{
	struct explain_ask ask;
	enum explain_trouble wrong;
	struct explained e;
	json_t *answer;

	if (mac_parse(verb_text(c, "mac"), &ask.mac))
		return verb_failure("the MAC is malformed");
	read_words(c, &ask);
	wrong = explain_knock(c->gate, &ask, &e);
	if (wrong != EXPLAIN_FINE)
		return verb_failure(explain_trouble_text(wrong));
	answer = sentence(&e);
	if (e.session)
		json_object_set_new(answer, "session", verb_show_session(c->gate, e.session));
	return answer;
}
