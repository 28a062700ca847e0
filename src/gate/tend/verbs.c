#include "gate/tend/verbs.h"

#include <string.h>

#include "base/text.h"
#include "gate/eap/engine.h"
#include "gate/front/front.h"
#include "gate/front/radsec.h"
#include "gate/line/ledger.h"
#include "gate/line/link.h"
#include "gate/line/record.h"
#include "gate/live/review.h"
#include "gate/peer/peers.h"
#include "gate/tend/metrics.h"

#define SESSIONS_SHOWN_MAX 5000

json_t *verb_failure(const char *text)
{
	return json_pack("{s:s}", "error", text);
}

const char *verb_text(const struct call *c, const char *name)
{
	const char *text = json_string_value(json_object_get(c->args, name));

	return text ? text : "";
}

/* ---- status, sessions ---- */

static json_t *counters(const struct gate *g)
{
	json_t *object = json_object();

	for (size_t i = 0; i < COUNTER_COUNT; i++)
		json_object_set_new(object, counter_name((enum counter)i),
				    json_integer((json_int_t)g->counters[i]));
	return object;
}

static json_t *workers(const struct gate *g)
{
	json_t *array = json_array();

	for (unsigned i = 0; g->engine && i < ENGINE_WORKERS_MAX; i++)
		if (engine_has_worker(&g->settings, i))
			json_array_append_new(array,
					      json_string(engine_worker_state(g->engine, i)));
	return array;
}

static json_t *lanes(const struct gate *g)
{
	json_t *array = json_array();

	for (size_t i = 0; i < front_lanes(g->front); i++) {
		struct lane_figures figures = front_lane_figures(g->front, i);

		json_array_append_new(array, json_pack("{s:I, s:I}", "packets",
						       (json_int_t)figures.packets, "locked_us",
						       (json_int_t)figures.locked_us));
	}
	return array;
}

static json_t *bypass_list(const struct gate *g)
{
	json_t *array = json_array();
	char until[CLOCK_TEXT_SIZE];

	for (size_t i = 0; i < g->bypasses.count; i++) {
		clock_format_utc(until, g->bypasses.list[i].until_ms);
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s}", "outlet", g->bypasses.list[i].unit_code,
					 "until", until, "reason", g->bypasses.list[i].reason));
	}
	return array;
}

static json_t *peer_list(const struct gate *g)
{
	json_t *array = json_array();
	char address[ADDR_TEXT_SIZE], since[CLOCK_TEXT_SIZE], heard[CLOCK_TEXT_SIZE];

	for (size_t i = 0; i < peers_count(g->peers); i++) {
		struct peer_view v;

		peers_view(g->peers, i, &v);
		addr_format(address, &v.address);
		clock_format_utc(since, v.since_ms);
		clock_format_utc(heard, v.heard_at_ms);
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:I}", "name", v.name,
					 "address", address, "state", peer_state_name(v.state),
					 "since", since, "heard_at", v.heard_at_ms ? heard : "",
					 "told", v.told, "sessions", (json_int_t)v.sessions));
	}
	return array;
}

static json_t *show_status(const struct call *c)
{
	struct gate *g = c->gate;
	const struct spool *spool = ledger_spool(g->ledger);

	return json_pack(
		"{s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:b, s:s, s:I, s:I, s:I, s:o, s:b, s:o, s:o, "
		"s:o, s:o}",
		"name", g->settings.name, "deciding", gate_can_decide(g), "snapshot",
		snapshot_source_name(g->source), "revision", (json_int_t)snapshot_rev(g->snapshot),
		"snapshot_age_s", (json_int_t)gate_facts_age_s(g), "rows",
		(json_int_t)snapshot_rows(g->snapshot), "sessions",
		(json_int_t)sessions_live(g->sessions), "clock_degraded", g->steady.degraded,
		"server", g->link ? link_state(g->link) : "none", "records_waiting",
		(json_int_t)spool_waiting(spool), "disk_error", (json_int_t)ledger_error(g->ledger),
		"radsec", (json_int_t)radsec_count(g->radsec), "engine", workers(g), "partitioned",
		peers_missing(g->peers) != NULL, "peers", peer_list(g), "bypass", bypass_list(g),
		"lanes", lanes(g), "counters", counters(g));
}

static json_t *show_metrics(const struct call *c)
{
	CLEANUP_BUF struct buf text = BUF_INIT;

	metrics_write(c->gate, &text);
	return text.error ? verb_failure(strerror(-text.error))
			  : json_pack("{s:s}", "text", buf_str(&text));
}

json_t *verb_show_session(const struct gate *g, const struct session *n)
{
	static const char *const states[] = {"granted", "running", "ended"};
	char mac[MAC_TEXT_SIZE], class_text[CLASS_TEXT_SIZE];

	mac_format(mac, &n->mac);
	session_class_text(class_text, n);
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "mac", mac,
		"class", class_text, "state", states[n->state], "method",
		knock_method_name(n->method), "switch", (json_int_t)n->switch_id, "port", n->port,
		"account", n->account, "address", n->address, "verdict",
		verdict_name(n->decision.verdict), "reason", reason_text(n->decision.reason)->code,
		"would_be", verdict_name(n->decision.would_be), "held", n->held, "gate",
		n->origin ? sessions_origin_name(g->sessions, n->origin) : g->settings.name);
}

static json_t *show_sessions(const struct call *c)
{
	json_t *array = json_array();
	const struct session *n;
	size_t at = 0;

	while ((n = sessions_next(c->gate->sessions, &at)) &&
	       json_array_size(array) < SESSIONS_SHOWN_MAX)
		if (session_is_live(n))
			json_array_append_new(array, verb_show_session(c->gate, n));
	return json_pack("{s:o}", "sessions", array);
}

/* ---- acts ---- */

static int64_t find_unit(const struct gate *g, const char *text)
{
	const struct snap_unit *u = snapshot_unit_named(g->snapshot, text);
	uint64_t id;

	if (u)
		return u->row.id;
	if (text_to_u64(text, 1, INT64_MAX, &id) == 0 && snapshot_unit(g->snapshot, (int64_t)id))
		return (int64_t)id;
	return 0;
}

static json_t *end_bypass(const struct call *c, int64_t unit_id)
{
	char note[96];
	int err = bypasses_end(&c->gate->bypasses, unit_id);

	if (err)
		return verb_failure(err == -ENOENT ? "no bypass is active there" : strerror(-err));
	snprintf(note, sizeof(note), "bypass ended by uid %u", c->uid);
	record_gate(c->gate, "gate.bypass-end", unit_id, note);
	review_snapshot_changed(c->gate->review);
	return json_pack("{s:s}", "done", note);
}

static json_t *begin_bypass(const struct call *c)
{
	struct gate *g = c->gate;
	int64_t unit_id = find_unit(g, verb_text(c, "outlet")), now_ms = gate_now(g);
	json_int_t hours = json_integer_value(json_object_get(c->args, "hours"));
	struct bypass b = {.unit_id = unit_id, .uid = c->uid};
	char note[256], until[CLOCK_TEXT_SIZE];
	int err;

	if (!unit_id)
		return verb_failure("no outlet has this code or number");
	if (json_is_true(json_object_get(c->args, "end")))
		return end_bypass(c, unit_id);
	if (hours < 1 || hours > BYPASS_HOURS_MAX)
		return verb_failure("--hours wants 1 to 24");
	if (!verb_text(c, "reason")[0] ||
	    text_copy(b.reason, sizeof(b.reason), verb_text(c, "reason")) ||
	    text_copy(b.unit_code, sizeof(b.unit_code), verb_text(c, "outlet")))
		return verb_failure("--reason wants a sentence of at most 191 bytes");
	b.from_ms = now_ms;
	b.until_ms = now_ms + hours * HOUR_MS;
	err = bypasses_add(&g->bypasses, &b);
	if (err)
		return verb_failure(err == -ENOSPC ? "too many are active" : strerror(-err));
	clock_format_utc(until, b.until_ms);
	snprintf(note, sizeof(note), "bypass until %s by uid %u: %s", until, c->uid, b.reason);
	log_warn("outlet %s: %s", b.unit_code, note);
	record_gate(g, "gate.bypass", unit_id, note);
	return json_pack("{s:s}", "done", note);
}

static json_t *reset_breaker(const struct call *c)
{
	int64_t unit_id = find_unit(c->gate, verb_text(c, "outlet"));
	char note[64];

	if (!unit_id)
		return verb_failure("no outlet has this code or number");
	breaker_reset(c->gate->breaker, unit_id);
	snprintf(note, sizeof(note), "breaker reset by uid %u", c->uid);
	record_gate(c->gate, "gate.breaker-reset", unit_id, note);
	review_snapshot_changed(c->gate->review);
	return json_pack("{s:s}", "done", note);
}

/* ---- the table ---- */

static const struct verb {
	const char *name, *usage;
	json_t *(*run)(const struct call *c);
	/* The words after it, the required ones first; NULL: it takes --names alone. */
	const char *words[5];
	size_t required;
} verbs[] = {
	{"status", "", show_status, {0}, 0},
	{"metrics", "", show_metrics, {0}, 0},
	{"sessions", "", show_sessions, {0}, 0},
	{"explain", "MAC [ACCOUNT] [SWITCH PORT]", verb_explain, {"mac", "a", "b", "c"}, 1},
	{"isolate", "MAC REASON [--hours N]", verb_isolate, {"mac", "reason"}, 2},
	{"release", "MAC", verb_release, {"mac"}, 1},
	{"disconnect", "MAC", verb_disconnect, {"mac"}, 1},
	{"relearn", "MAC", verb_relearn, {"mac"}, 1},
	{"bypass",
	 "--outlet CODE --hours N --reason TEXT | --outlet CODE --end",
	 begin_bypass,
	 {0},
	 0},
	{"breaker-reset", "--outlet CODE", reset_breaker, {0}, 0},
};

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (text_equal(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

json_t *verbs_run(const struct call *c)
{
	const struct verb *v = json_is_object(c->args) ? find(verb_text(c, "verb")) : NULL;

	return v ? v->run(c) : NULL;
}

void verbs_print_usage(FILE *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(to, "       menshen-gate [-c FILE] %s %s\n", verbs[i].name, verbs[i].usage);
}

/* --name value; --end alone; --hours is a number. How many words it took, 0: malformed. */
static int parse_option(json_t *args, int left, char **argv)
{
	const char *name = argv[0] + 2;
	uint64_t number;

	if (text_equal(name, "end")) {
		json_object_set_new(args, name, json_true());
		return 1;
	}
	if (left < 2)
		return 0;
	if (text_equal(name, "hours"))
		json_object_set_new(args, name,
				    text_to_u64(argv[1], 0, 1000000, &number)
					    ? json_null()
					    : json_integer((json_int_t)number));
	else
		json_object_set_new(args, name, json_string(argv[1]));
	return 2;
}

json_t *verbs_parse(int argc, char **argv)
{
	const struct verb *v = find(argv[0]);
	json_t *args = v ? json_pack("{s:s}", "verb", argv[0]) : NULL;
	size_t words = 0;
	int took;

	for (int i = 1; args && i < argc; i += took) {
		took = 1;
		if (text_starts(argv[i], "--"))
			took = parse_option(args, argc - i, argv + i);
		else if (words < ARRAY_SIZE(v->words) && v->words[words])
			json_object_set_new(args, v->words[words++], json_string(argv[i]));
		else
			took = 0;
		if (took == 0) {
			json_decref(args);
			return NULL;
		}
	}
	for (size_t i = 0; args && i < v->required; i++)
		if (!json_object_get(args, v->words[i])) {
			json_decref(args);
			return NULL;
		}
	return args;
}
