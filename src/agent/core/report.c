#include <string.h>

#include "agent/core/agent.h"
#include "base/text.h"

static const char *const finding_names[] = {"unknown", "good", "bad"};

static json_t *report_certificate(const struct agent *a)
{
	static const char *const names[] = {"none", "good", "renewal-due", "expired"};
	enum identity_state state = identity_state(&a->identity, trusted_clock_now_ms(&a->clock));
	char terminal[UUID_TEXT_SIZE] = "";

	if (state != IDENTITY_NONE)
		uuid_format(terminal, &a->identity.cert.terminal);
	return json_pack("{s:s, s:s, s:s, s:I}", "state", names[state], "terminal", terminal,
			 "asset_no", a->identity.asset_no, "until_ms",
			 (json_int_t)a->identity.cert.not_after_ms);
}

static json_t *report_connection(const struct agent *a)
{
	const struct session *s = &a->session;
	char server[ADDR_TEXT_SIZE];

	addr_format(server, line_server(a->line));
	return json_pack("{s:s, s:b, s:I, s:s, s:s, s:s, s:s}", "server", server, "connected",
			 s->welcomed, "since_ms", (json_int_t)s->since_ms, "trouble", s->trouble,
			 "refused", s->refused_reason, "refused_zh", s->refused_zh, "refused_en",
			 s->refused_en);
}

static json_t *report_guard(const struct agent *a, size_t i)
{
	const struct finding *f = guarding_finding(a->guarding, i);
	json_t *here = guarding_explain(a->guarding, i);
	json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", guards[i]->name, "mode",
				guard_mode_name(guarding_mode(a->guarding, i)), "state",
				finding_names[f->state], "reason", f->reason ? f->reason->code : "",
				"detail", f->detail);

	if (here && json_object_set_new(row, "here", here))
		json_decref(TAKE_PTR(row));
	return row;
}

static json_t *report_guards(const struct agent *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < guard_count; i++)
		json_array_append_new(list, report_guard(a, i));
	return list;
}

static json_t *report_verdict(const struct agent *a)
{
	if (!a->verdict.known)
		return json_object();
	return json_pack("{s:s, s:s, s:s, s:I, s:I}", "verdict", verdict_name(a->verdict.verdict),
			 "reason", a->verdict.reason, "would_be", a->verdict.would_be,
			 "enforce_from_ms", (json_int_t)a->verdict.enforce_from_ms, "at_ms",
			 (json_int_t)a->verdict.at_ms);
}

json_t *agent_report(const struct agent *a)
{
	return json_pack("{s:s, s:i, s:I, s:o, s:o, s:s, s:o, s:o, s:{s:I, s:I}, "
			 "s:{s:I, s:I, s:I, s:b}}",
			 "version", MENSHEN_VERSION, "pid", (int)getpid(), "at_ms",
			 (json_int_t)clock_wall_ms(), "certificate", report_certificate(a),
			 "connection", report_connection(a), "posture",
			 posture_name(guarding_report(a->guarding)->posture), "guards",
			 report_guards(a), "verdict", report_verdict(a), "policy", "epoch",
			 (json_int_t)a->policy.epoch, "number", (json_int_t)a->policy.number,
			 "queue", "waiting", (json_int_t)queue_waiting(a->queue), "bytes",
			 (json_int_t)queue_bytes(a->queue), "max_bytes",
			 (json_int_t)a->settings.queue_kib * 1024, "full", queue_is_full(a->queue));
}
