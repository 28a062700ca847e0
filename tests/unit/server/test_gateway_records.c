/* What a gate tells head office, over real TLS, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "link.h"
#include "server/engine/publish.h"

static void send_knock(struct link *l, uint64_t seq, const struct place *p, int64_t terminal_id)
{
	menshen_Record r = {.seq = seq,
			    .kind = "knock",
			    .at_ms = clock_wall_ms(),
			    .mac.size = 6,
			    .switch_id = p->switch_id,
			    .port = "p3",
			    .terminal_id = terminal_id,
			    .verdict = VERDICT_ISOLATE,
			    .would_be = VERDICT_ISOLATE,
			    .reason = "posture-bad",
			    .would_be_reason = "posture-bad"};

	memcpy(r.mac.bytes, p->mac.b, 6);
	PEER_SEND(&l->peer, FRAME_RECORD, &r);
}

static void send_session(struct link *l, uint64_t seq, const struct place *p, const char *kind,
			 int64_t terminal_id)
{
	menshen_Record r = {.seq = seq,
			    .at_ms = clock_wall_ms(),
			    .mac.size = 6,
			    .switch_id = p->switch_id,
			    .port = "p3",
			    .terminal_id = terminal_id,
			    .verdict = VERDICT_ADMIT,
			    .would_be = VERDICT_ADMIT,
			    .reason = "ok",
			    .session = "c0ffee",
			    .octets_in = seq * 10};

	snprintf(r.kind, sizeof(r.kind), "%s", kind);
	memcpy(r.mac.bytes, p->mac.b, 6);
	PEER_SEND(&l->peer, FRAME_RECORD, &r);
}

static void expect_ack(struct link *l, uint64_t through)
{
	menshen_Ack ack = {0};

	while (ack.through_seq < through)
		assert_int_equal(PEER_EXPECT(&l->peer, FRAME_ACK, &ack, 5000), 0);
	assert_int_equal(ack.through_seq, through);
}

static void knocks_and_sessions_are_kept_once_and_seen_as_they_are_now(void **state)
{
	struct office o;
	struct link l;
	struct place p;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	assert_int_equal(link_greet(&l, &o, 0), 0);
	for (uint64_t seq = 1; seq <= 3; seq++)
		send_knock(&l, seq, &p, p.terminal_id);
	send_session(&l, 4, &p, "session.start", p.terminal_id);
	expect_ack(&l, 4);
	assert_int_equal(office_count(&o, STMT_LIVE_KNOCK_COUNT, STORE_ARGS(v_mac(&p.mac))), 3);
	assert_int_equal(
		office_count(&o, STMT_TERMINAL_SESSION_OPEN, STORE_ARGS(v_int(p.terminal_id))), 1);
	peer_close(&l.peer);
	/* sent again: kept once */
	assert_int_equal(link_greet(&l, &o, 0), 4);
	for (uint64_t seq = 2; seq <= 3; seq++)
		send_knock(&l, seq, &p, p.terminal_id);
	send_session(&l, 4, &p, "session.start", p.terminal_id);
	send_session(&l, 5, &p, "session.stop", p.terminal_id);
	expect_ack(&l, 5);
	assert_int_equal(office_count(&o, STMT_LIVE_KNOCK_COUNT, STORE_ARGS(v_mac(&p.mac))), 3);
	assert_int_equal(
		office_count(&o, STMT_TERMINAL_SESSION_OPEN, STORE_ARGS(v_int(p.terminal_id))), 0);
	office_verify(&o);
	link_close(&l);
	office_close(&o);
}

static void a_units_picture_counts_whom_enforcing_would_keep_out(void **state)
{
	menshen_Record r = {.kind = "knock",
			    .at_ms = clock_wall_ms(),
			    .mac = {.size = 6, .bytes = {0, 0x16, 0x3e, 9, 9, 9}},
			    .verdict = VERDICT_ADMIT,
			    .would_be = VERDICT_REJECT,
			    .reason = "observed",
			    .would_be_reason = "permit-missing"};
	const int64_t since = r.at_ms - DAY_MS;
	struct office o;
	struct link l;
	struct place p;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	assert_int_equal(link_greet(&l, &o, 0), 0);
	send_knock(&l, 1, &p, p.terminal_id); /* kept out already */
	for (r.seq = 2; r.seq <= 4; r.seq++) {
		r.switch_id = p.switch_id;
		r.mac.bytes[5] = (uint8_t)r.seq;
		r.would_be = r.seq == 4 ? VERDICT_ADMIT : VERDICT_REJECT;
		PEER_SEND(&l.peer, FRAME_RECORD, &r);
	}
	expect_ack(&l, 4);
	assert_int_equal(
		office_count(&o, STMT_API_PREVIEW_SEEN, STORE_ARGS(v_int(o.unit_id), v_int(since))),
		4);
	assert_int_equal(office_count(&o, STMT_API_PREVIEW_KEPT_OUT,
				      STORE_ARGS(v_int(o.unit_id), v_int(since))),
			 2);
	assert_int_equal(office_count(&o, STMT_API_PREVIEW_KEPT_OUT,
				      STORE_ARGS(v_int(o.unit_id), v_int(r.at_ms + DAY_MS))),
			 0);
	link_close(&l);
	office_close(&o);
}

/* ---- desks and bypasses ---- */

static void a_desk_is_told_the_verdict_on_it_and_the_gate_that_it_lives(void **state)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	menshen_AgentHello hello = {.protocol = 1, .version = "1", .next_seq = 1};
	menshen_Heartbeat beat = {.posture = POSTURE_GOOD, .nics_count = 1};
	menshen_Welcome welcome;
	menshen_VerdictNotice notice;
	menshen_AgentSeen seen;
	struct office o;
	struct link l;
	struct place p;
	struct terminal t;
	struct tls_ctx *ctx;
	struct peer desk;
	struct addr at;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	link_greet(&l, &o, 0);
	office_enrolled(&o, &t, &key, &cert);
	ctx = peer_context(ca_pem(o.keys.ca), buf_str(&cert), buf_str(&key));
	at = gateway_address(o.gateway);
	assert_int_equal(peer_connect(&desk, ctx, &at), 0);
	PEER_SEND(&desk, FRAME_AGENT_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&desk, FRAME_WELCOME, &welcome, 5000), 0);
	memcpy(beat.nics[0].mac, p.mac.b, 6);
	PEER_SEND(&desk, FRAME_HEARTBEAT, &beat);
	assert_int_equal(PEER_EXPECT(&l.peer, FRAME_AGENT_SEEN, &seen, 5000), 0);
	assert_true(seen.connected);
	assert_memory_equal(seen.terminal, t.uuid.b, 16);
	assert_int_equal(seen.macs_count, 1);
	assert_memory_equal(seen.macs[0].bytes, p.mac.b, 6);
	send_knock(&l, 1, &p, t.id);
	do
		assert_int_equal(PEER_EXPECT(&desk, FRAME_VERDICT_NOTICE, &notice, 5000), 0);
	while (notice.reauthenticate);
	assert_int_equal(notice.verdict, VERDICT_ISOLATE);
	assert_string_equal(notice.reason, "posture-bad");
	peer_close(&desk);
	do
		assert_int_equal(PEER_EXPECT(&l.peer, FRAME_AGENT_SEEN, &seen, 5000), 0);
	while (seen.connected);
	tls_ctx_free(ctx);
	link_close(&l);
	office_close(&o);
}

/* So long ago that who has none of it is behind. */
static int publish_long_ago(struct store *s, int64_t now_ms, void *arg)
{
	struct office *o = arg;
	struct policy_version v;
	json_t *body = json_pack("{s:{s:{s:s, s:i}}}", "guards", "policy", "mode", "enforce",
				 "behind_hours", 24);
	int err = policy_publish(s, now_ms - 25 * HOUR_MS, &actor_system, o->keys.policy, 1, body,
				 0, &v);

	json_decref(body);
	return err;
}

/* The desk beats until its row at the gate says this. */
static bool row_becomes(struct peer *desk, struct link *l, const menshen_Heartbeat *beat,
			enum posture posture, bool policy_old)
{
	int64_t until_ms = clock_mono_ms() + 20 * SECOND_MS;
	menshen_SnapTerminal row = {0};

	while (clock_mono_ms() < until_ms) {
		PEER_SEND(desk, FRAME_HEARTBEAT, beat);
		if (PEER_EXPECT(&l->peer, FRAME_SNAP_TERMINAL, &row, 200) == 0 &&
		    row.posture == posture && row.policy_old == policy_old)
			return true;
	}
	return false;
}

static void a_desk_that_stays_behind_the_newest_policy_fails_for_that_alone(void **state)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	menshen_AgentHello hello = {.protocol = 1, .version = "1", .next_seq = 1};
	menshen_Heartbeat beat = {.posture = POSTURE_GOOD, .says_policy = true};
	menshen_Welcome welcome;
	struct office o;
	struct link l;
	struct terminal t;
	struct tls_ctx *ctx;
	struct peer desk;
	struct addr at;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, &(struct gateway_options){.heartbeat_s = 1});
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	office_enrolled(&o, &t, &key, &cert);
	assert_int_equal(office_act(&o, publish_long_ago, &o, TOPIC_POLICY), 0);
	ctx = peer_context(ca_pem(o.keys.ca), buf_str(&cert), buf_str(&key));
	at = gateway_address(o.gateway);
	assert_int_equal(peer_connect(&desk, ctx, &at), 0);
	PEER_SEND(&desk, FRAME_AGENT_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&desk, FRAME_WELCOME, &welcome, 5000), 0);
	assert_true(row_becomes(&desk, &l, &beat, POSTURE_BAD, true));
	beat.policy_epoch = beat.policy_number = 1;
	assert_true(row_becomes(&desk, &l, &beat, POSTURE_GOOD, false));
	peer_close(&desk);
	tls_ctx_free(ctx);
	link_close(&l);
	office_close(&o);
}

static void a_bypass_on_the_gate_is_known_at_head_office_and_ends(void **state)
{
	menshen_Record r = {.seq = 1, .kind = "gate.bypass"};
	char until[CLOCK_TEXT_SIZE];
	struct office o;
	struct link l;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	clock_format_utc(until, clock_wall_ms() + HOUR_MS);
	snprintf(r.note, sizeof(r.note), "unit %lld: bypass until %s by uid 0: the engine is down",
		 (long long)o.unit_id, until);
	PEER_SEND(&l.peer, FRAME_RECORD, &r);
	expect_ack(&l, 1);
	assert_int_equal(office_acts(&o, "bypass.begin"), 1);
	/* words of no known unit, and no sense: told, and nothing else */
	r.seq = 2;
	snprintf(r.note, sizeof(r.note), "unit 999: bypass until 2030-01-01T00:00:00Z by uid 0: x");
	PEER_SEND(&l.peer, FRAME_RECORD, &r);
	r.seq = 3;
	snprintf(r.note, sizeof(r.note), "nonsense");
	PEER_SEND(&l.peer, FRAME_RECORD, &r);
	r.seq = 4;
	snprintf(r.kind, sizeof(r.kind), "gate.bypass-end");
	snprintf(r.note, sizeof(r.note), "unit %lld: bypass ended by uid 0", (long long)o.unit_id);
	PEER_SEND(&l.peer, FRAME_RECORD, &r);
	expect_ack(&l, 4);
	assert_int_equal(office_acts(&o, "bypass.begin"), 1);
	assert_int_equal(office_acts(&o, "bypass.end"), 1);
	assert_int_equal(office_acts(&o, "gate.bypass"), 3);
	office_verify(&o);
	link_close(&l);
	office_close(&o);
}

static void records_that_cannot_be_end_the_connection(void **state)
{
	struct office o;
	struct link l;
	menshen_Record bad = {.seq = 1, .kind = "knock", .verdict = 77};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	PEER_SEND(&l.peer, FRAME_RECORD, &bad);
	assert_true(peer_is_cut(&l.peer, 5000));
	peer_close(&l.peer);
	link_greet(&l, &o, 0);
	bad = (menshen_Record){.seq = 1, .kind = "knock", .note = "\xff\xfe"};
	PEER_SEND(&l.peer, FRAME_RECORD, &bad);
	assert_true(peer_is_cut(&l.peer, 5000));
	link_close(&l);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knocks_and_sessions_are_kept_once_and_seen_as_they_are_now),
		cmocka_unit_test(a_units_picture_counts_whom_enforcing_would_keep_out),
		cmocka_unit_test(a_desk_is_told_the_verdict_on_it_and_the_gate_that_it_lives),
		cmocka_unit_test(a_desk_that_stays_behind_the_newest_policy_fails_for_that_alone),
		cmocka_unit_test(a_bypass_on_the_gate_is_known_at_head_office_and_ends),
		cmocka_unit_test(records_that_cannot_be_end_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
