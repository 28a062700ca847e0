#include "gate/gate.h"

#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "gate/beside/heard.h"
#include "gate/beside/surveyor.h"
#include "gate/facts/bank.h"
#include "gate/front/front.h"
#include "gate/line/link.h"
#include "gate/line/record.h"
#include "gate/live/review.h"

const char *counter_name(enum counter c)
{
	static const char *const names[COUNTER_COUNT] = {
		[COUNT_PACKETS] = "packets",	       [COUNT_UNKNOWN_SWITCH] = "unknown_switch",
		[COUNT_OVER_RATE] = "over_rate",       [COUNT_MALFORMED] = "malformed",
		[COUNT_UNSIGNED] = "unsigned",	       [COUNT_WRONG_SECRET] = "wrong_secret",
		[COUNT_REPEATED] = "repeated",	       [COUNT_SILENT] = "silent",
		[COUNT_ADMITTED] = "admitted",	       [COUNT_ISOLATED] = "isolated",
		[COUNT_REJECTED] = "rejected",	       [COUNT_ACCOUNTING] = "accounting",
		[COUNT_EAP_RELAYED] = "eap_relayed",   [COUNT_EAP_DROPPED] = "eap_dropped",
		[COUNT_LOST_RECORDS] = "lost_records", [COUNT_DISCONNECTS] = "disconnects",
		[COUNT_CROWDED] = "crowded",	       [COUNT_DIRECTORY_DOWN] = "directory_down",
		[COUNT_LAST_KNOWN] = "last_known",     [COUNT_OLD_LOST] = "old_lost",
	};

	return names[c];
}

int gate_listen(const char *address, uint16_t default_port, int backlog)
{
	struct addr at;
	int fd = addr_parse(address, default_port, &at);

	if (!fd)
		fd = addr_tcp_listen(&at, backlog);
	if (fd < 0)
		log_error("cannot listen on %s: %s", address, strerror(-fd));
	return fd;
}

int64_t gate_now(struct gate *g)
{
	bool before = g->steady.degraded;
	int64_t now_ms = steady_now(&g->steady, clock_wall_ms(), clock_mono_ms());

	if (!g->steady.degraded || before)
		return now_ms;
	log_error("the clock jumped; times go on from before, nothing expires by it; check the "
		  "time service");
	if (g->ledger)
		record_gate(g, "gate.clock", 0, "the clock jumped; times go on from before");
	return now_ms;
}

bool gate_can_decide(const struct gate *g)
{
	return g->source == SNAPSHOT_CURRENT || g->source == SNAPSHOT_PREVIOUS;
}

int64_t gate_bypass_until(const struct gate *g, int64_t unit_id, int64_t now_ms)
{
	int64_t until_ms = snapshot_bypass_until(g->snapshot, unit_id, now_ms);

	for (size_t i = 0; i < g->bypasses.count; i++) {
		const struct bypass *b = &g->bypasses.list[i];

		if (b->from_ms <= now_ms && b->until_ms > now_ms &&
		    snapshot_unit_within(g->snapshot, unit_id, b->unit_id))
			until_ms = MAX(until_ms, b->until_ms);
	}
	return until_ms;
}

bool gate_may_answer(const struct gate *g, int64_t switch_id, int64_t now_ms)
{
	const struct snap_switch *sw = snapshot_switch(g->snapshot, switch_id);

	return sw && (gate_can_decide(g) || gate_bypass_until(g, sw->row.unit_id, now_ms));
}

size_t gate_sessions_of_unit(const struct gate *g, int64_t unit_id)
{
	const struct snap_switch *sw;
	size_t at = 0, count = 0;

	while ((sw = snapshot_next_switch(g->snapshot, &at)))
		if (sw->row.unit_id == unit_id)
			count += sessions_live_at(g->sessions, sw->row.id);
	return count;
}

int64_t gate_facts_age_s(struct gate *g)
{
	if (g->link && text_equal(link_state(g->link), "connected"))
		return 0;
	return g->facts_at_ms ? MAX(gate_now(g) - g->facts_at_ms, 0) / SECOND_MS : -1;
}

struct snapshot *gate_take_snapshot(struct gate *g, struct snapshot *s)
{
	struct snapshot *old = g->snapshot;
	int err = bank_prepare(g->bank, s);

	if (err) {
		log_error("a new snapshot is not used: %s", strerror(-err));
		return s;
	}
	g->snapshot = s;
	g->snapshots_taken++;
	g->source = SNAPSHOT_CURRENT;
	gate_snapshot_changed(g);
	return old;
}

void gate_snapshot_changed(struct gate *g)
{
	review_snapshot_changed(g->review);
	surveyor_snapshot_changed(g->surveyor);
	heard_snapshot_changed(g->heard);
}
