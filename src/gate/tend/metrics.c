#include "gate/tend/metrics.h"

#include <stdio.h>

#include "base/exposition.h"
#include "base/text.h"
#include "gate/eap/engine.h"
#include "gate/eap/old_server.h"
#include "gate/eap/relay.h"
#include "gate/front/radsec.h"
#include "gate/line/ledger.h"
#include "gate/line/link.h"
#include "gate/live/change.h"
#include "gate/peer/peers.h"

/* Why a packet got no answer. */
static const struct {
	const char *cause;
	enum counter counter;
} drops[] = {
	{"unknown-switch", COUNT_UNKNOWN_SWITCH}, {"over-rate", COUNT_OVER_RATE},
	{"malformed", COUNT_MALFORMED},		  {"unsigned", COUNT_UNSIGNED},
	{"wrong-secret", COUNT_WRONG_SECRET},	  {"silence", COUNT_SILENT},
};

static const char *const outcomes[CHANGE_OUTCOME_COUNT] = {
	[CHANGE_ACK] = "ack",
	[CHANGE_NAK] = "nak",
	[CHANGE_GONE] = "gone",
	[CHANGE_SILENT] = "silent",
};

static const struct {
	enum counter counter;
	const char *name, *help;
} singles[] = {
	{COUNT_PACKETS, "menshen_gate_packets_total", "RADIUS packets that arrived"},
	{COUNT_REPEATED, "menshen_gate_duplicates_total", "Requests that a switch repeated"},
	{COUNT_ACCOUNTING, "menshen_gate_accounting_total", "Accounting-Requests taken"},
	{COUNT_EAP_RELAYED, "menshen_gate_eap_questions_total", "EAP packets given to the engine"},
	{COUNT_EAP_DROPPED, "menshen_gate_eap_dropped_total",
	 "EAP packets that the engine did not answer, dropped in silence"},
	{COUNT_LOST_RECORDS, "menshen_gate_records_lost_total",
	 "Records the spool had no room for"},
	{COUNT_OLD_LOST, "menshen_gate_old_accounting_lost_total",
	 "Accounting for the old server that had no room to wait"},
	{COUNT_CROWDED, "menshen_gate_strangers_unkept_total",
	 "Unknown MACs answered without keeping a session"},
};

static void write_counters(const struct gate *g, struct buf *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(singles); i++)
		exposition_single(to, singles[i].name, "counter", singles[i].help,
				  (double)g->counters[singles[i].counter]);
	exposition_family(to, "menshen_gate_drops_total", "counter",
			  "Packets without an answer, by cause");
	for (size_t i = 0; i < ARRAY_SIZE(drops); i++)
		exposition_sample(to, "menshen_gate_drops_total",
				  &(struct exposition_label){"cause", drops[i].cause}, 1,
				  (double)g->counters[drops[i].counter]);
}

static void write_verdicts(const struct gate *g, struct buf *to)
{
	exposition_family(to, "menshen_gate_verdicts_total", "counter",
			  "Knocks decided, by method and verdict");
	for (int m = 0; m < GATE_METHODS; m++)
		for (int v = 0; v < GATE_VERDICTS; v++)
			exposition_sample(
				to, "menshen_gate_verdicts_total",
				(struct exposition_label[]){
					{"method", knock_method_name((enum knock_method)m)},
					{"verdict", verdict_name((enum verdict)v)}},
				2, (double)g->verdicts[m][v]);
	exposition_family(to, "menshen_gate_changes_total", "counter",
			  "CoA and Disconnect requests, by the switch's answer");
	for (size_t i = 0; i < CHANGE_OUTCOME_COUNT; i++)
		exposition_sample(to, "menshen_gate_changes_total",
				  &(struct exposition_label){"answer", outcomes[i]}, 1,
				  (double)g->changes[i]);
}

static void write_engine(const struct gate *g, struct buf *to)
{
	exposition_family(to, "menshen_gate_engine_up", "gauge", "1: the EAP worker answers");
	for (unsigned i = 0; g->engine && i < ENGINE_WORKERS_MAX; i++) {
		char number[12];

		if (!engine_has_worker(&g->settings, i))
			continue;
		snprintf(number, sizeof(number), "%u", i);
		exposition_sample(to, "menshen_gate_engine_up",
				  &(struct exposition_label){"worker", number}, 1,
				  text_equal(engine_worker_state(g->engine, i), "up"));
	}
}

static void write_peers(const struct gate *g, struct buf *to)
{
	exposition_family(to, "menshen_gate_peer_heard", "gauge",
			  "1: the gate's sessions are heard; 0: it is missing");
	for (size_t i = 0; i < peers_count(g->peers); i++) {
		struct peer_view v;

		peers_view(g->peers, i, &v);
		exposition_sample(to, "menshen_gate_peer_heard",
				  &(struct exposition_label){"peer", v.name}, 1,
				  v.state == PEER_HEARD);
	}
}

static void write_state(struct gate *g, struct buf *to)
{
	const struct spool *spool = ledger_spool(g->ledger);
	const struct {
		const char *name, *help;
		double value;
	} gauges[] = {
		{"menshen_gate_deciding", "1: it has facts to decide from", gate_can_decide(g)},
		{"menshen_gate_clock_degraded", "1: the wall clock jumped", g->steady.degraded},
		{"menshen_gate_server_connected", "1: head office is heard",
		 g->link && text_equal(link_state(g->link), "connected")},
		{"menshen_gate_snapshot_revision", "Revision of the snapshot decided from",
		 (double)snapshot_rev(g->snapshot)},
		{"menshen_gate_snapshot_age_seconds",
		 "Since head office was heard last; 0 while it is, -1 without facts",
		 (double)gate_facts_age_s(g)},
		{"menshen_gate_snapshot_rows", "Rows of the snapshot",
		 (double)snapshot_rows(g->snapshot)},
		{"menshen_gate_sessions", "Live sessions", (double)sessions_live(g->sessions)},
		{"menshen_gate_eap_in_flight", "Questions that wait for the EAP engine",
		 (double)relay_waiting(g->relay)},
		{"menshen_gate_spool_records", "Records that head office has not acknowledged",
		 (double)spool_waiting(spool)},
		{"menshen_gate_old_accounting_waiting",
		 "Accounting that the old server has not answered",
		 (double)old_server_waiting(g->old)},
		{"menshen_gate_disk_refuses", "1: records cannot be written",
		 ledger_error(g->ledger) != 0},
		{"menshen_gate_radsec_connections", "RadSec connections",
		 (double)radsec_count(g->radsec)},
		{"menshen_gate_bypasses", "Bypasses set on this gate", (double)g->bypasses.count},
		{"menshen_gate_start_time_seconds", "When it started, in seconds since 1970",
		 (double)g->started_at_ms / SECOND_MS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		exposition_single(to, gauges[i].name, "gauge", gauges[i].help, gauges[i].value);
}

void metrics_write(struct gate *g, struct buf *to)
{
	write_counters(g, to);
	write_verdicts(g, to);
	write_engine(g, to);
	write_peers(g, to);
	write_state(g, to);
}
