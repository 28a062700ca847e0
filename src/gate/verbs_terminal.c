#include "gate/verbs.h"

#include <string.h>

#include "base/text.h"
#include "gate/bank.h"
#include "gate/coa.h"
#include "gate/picture.h"
#include "gate/record.h"
#include "gate/reply.h"
#include "gate/review.h"

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
	err = isolations_add(&g->isolations, &n);
	if (err)
		return verb_failure(err == -ENOSPC ? "too many are isolated here" : strerror(-err));
	clock_format_utc(until, n.until_ms);
	snprintf(note, sizeof(note), "isolated until %s by uid %u: %s", until, c->uid, n.reason);
	record_act(c, "gate.isolate", &n.mac, note);
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
	err = isolations_end(&c->gate->isolations, &mac);
	t = snapshot_terminal_by_mac(c->gate->snapshot, &mac);
	if (err == -ENOENT && t && t->row.isolated_by_person)
		return verb_failure("head office isolates it; it is released there");
	if (err)
		return verb_failure(err == -ENOENT ? "it is not isolated here" : strerror(-err));
	snprintf(note, sizeof(note), "released by uid %u", c->uid);
	record_act(c, "gate.release", &mac, note);
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

/* ---- explain ---- */

/* A knock that nobody sends. */
struct supposed {
	struct mac mac;
	char account[ACCOUNT_NAME_SIZE];
	const struct snap_switch *at;
	const char *port, *serial;
	enum knock_method method;
	const struct session *live; /* of this MAC at this place; NULL: none */
};

static const struct snap_switch *find_switch(const struct gate *g, const char *text)
{
	const struct snap_switch *sw;
	size_t at = 0;

	while ((sw = snapshot_next_switch(g->snapshot, &at)))
		if (text_equal(sw->row.name, text) || text_equal(sw->row.address, text))
			return sw;
	return NULL;
}

/* Where it stands, else where it may: its session's place or its permit's. */
static const struct snap_switch *usual_place(const struct gate *g, const struct mac *mac,
					     const char **ret_port)
{
	const struct session *n = sessions_by_mac(g->sessions, mac);
	const struct snap_permit *p = snapshot_permits(g->snapshot, mac);

	*ret_port = n ? n->port : p ? p->row.port : "";
	return snapshot_switch(g->snapshot, n ? n->switch_id : p ? p->row.switch_id : 0);
}

/* MAC; MAC ACCOUNT; MAC SWITCH PORT; MAC ACCOUNT SWITCH PORT. */
static const char *read_words(const struct call *c, struct supposed *w)
{
	const char *words[] = {verb_text(c, "a"), verb_text(c, "b"), verb_text(c, "c")};
	bool has_account = words[0][0] && (!words[1][0] || words[2][0]);
	const char *const *place = has_account ? words + 1 : words;

	if (mac_parse(verb_text(c, "mac"), &w->mac))
		return "the MAC is malformed";
	if (has_account && account_name(w->account, words[0], strlen(words[0])))
		return "the account is malformed";
	if (place[0][0]) {
		w->at = find_switch(c->gate, place[0]);
		w->port = place[1];
		return w->at ? NULL : "no switch has this name or address";
	}
	w->at = usual_place(c->gate, &w->mac, &w->port);
	return w->at ? NULL : "it has neither session nor permit: name a switch and a port";
}

/* As it came in, if it is there; else by its account, its certificate or its MAC. */
static void suppose_method(const struct gate *g, struct supposed *w)
{
	const struct session *n = sessions_by_mac(g->sessions, &w->mac);
	const struct snap_terminal *t = snapshot_terminal_by_mac(g->snapshot, &w->mac);
	bool here = n && session_is_live(n) && n->switch_id == w->at->row.id &&
		    text_equal(n->port, w->port);

	w->serial = t ? t->row.certificate : "";
	w->live = here && !w->account[0] ? n : NULL;
	w->method = bank_is_machine(w->account) ? KNOCK_EAP_TLS
		    : w->account[0]		? KNOCK_EAP_PASSWORD
						: KNOCK_MAB;
	if (w->live) {
		w->method = n->method;
		(void)!text_copy(w->account, sizeof(w->account), n->account);
	} else if (!w->account[0] && t && w->serial[0] &&
		   terminal_kind_needs_agent((enum terminal_kind)t->row.kind)) {
		w->method = KNOCK_EAP_TLS;
	}
}

static json_t *sentence(const struct decision *d, const struct picture *p, const struct supposed *w)
{
	const struct reason_text *text = reason_text(d->reason);
	char mac[MAC_TEXT_SIZE];

	mac_format(mac, &w->mac);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, "
			 "s:I}",
			 "mac", mac, "switch", w->at->row.name, "port", w->port, "method",
			 knock_method_name(w->method), "account", w->account, "mode",
			 mode_name(p->facts.mode), "verdict", verdict_name(d->verdict), "reason",
			 text->code, "zh", text->zh, "en", text->en, "zh_todo", text->zh_todo,
			 "en_todo", text->en_todo, "would_be", verdict_name(d->would_be),
			 "would_be_reason", reason_text(d->would_be_reason)->code, "terminal",
			 (json_int_t)(p->terminal ? p->terminal->row.id : 0));
}

static void draw(struct gate *g, const struct supposed *w, struct picture *ret)
{
	const struct subject subject = {.now_ms = gate_now(g),
					.method = w->method,
					.mac = w->mac,
					.switch_id = w->at->row.id,
					.port = w->port,
					.proof = REASON_OK,
					.account = w->account,
					.serial = w->serial,
					.session = w->live};

	picture_draw(g, &subject, w->at, ret);
}

json_t *verb_explain(const struct call *c)
{
	struct gate *g = c->gate;
	struct supposed w = {0};
	const char *wrong;
	struct picture p;
	struct decision d;
	json_t *answer;

	if (!gate_can_decide(g))
		return verb_failure("the gate has no snapshot to decide from");
	wrong = read_words(c, &w);
	if (wrong)
		return verb_failure(wrong);
	suppose_method(g, &w);
	draw(g, &w, &p);
	picture_decide(&p, &d);
	d.verdict = reply_possible(g, w.at, d.verdict, NULL);
	answer = sentence(&d, &p, &w);
	if (w.live)
		json_object_set_new(answer, "session", verb_show_session(w.live));
	return answer;
}
