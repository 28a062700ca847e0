/* A gate at the gateway, over real TLS, with a desk beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/pem.h"
#include "journal/head.h"
#include "office.h"
#include "peer.h"
#include "server/engine/gate.h"
#include "server/engine/permit.h"
#include "server/engine/ports.h"
#include "server/engine/switch.h"
#include "server/engine/switch_snmp.h"
#include "vendor/snmp.h"

struct link {
	struct buf key, cert;
	struct tls_ctx *ctx;
	struct peer peer;
	uint8_t epoch[16];
};

static void link_open(struct link *l, struct office *o)
{
	*l = (struct link){.key = BUF_INIT, .cert = BUF_INIT};
	office_add_gate(o, "north", &l->key, &l->cert);
	l->ctx = peer_context(ca_pem(o->keys.ca), buf_str(&l->cert), buf_str(&l->key));
	memset(l->epoch, 4, sizeof(l->epoch));
}

static void link_close(struct link *l)
{
	peer_close(&l->peer);
	tls_ctx_free(l->ctx);
	buf_done(&l->key);
	buf_done(&l->cert);
}

static uint64_t link_greet(struct link *l, struct office *o, int64_t rev)
{
	menshen_GateHello hello = {.protocol = 1, .version = "1", .snapshot_rev = rev};
	menshen_GateWelcome w;
	struct addr at = gateway_address(o->gateway);

	memcpy(hello.epoch, l->epoch, sizeof(hello.epoch));
	assert_int_equal(peer_connect(&l->peer, l->ctx, &at), 0);
	PEER_SEND(&l->peer, FRAME_GATE_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&l->peer, FRAME_GATE_WELCOME, &w, 5000), 0);
	return w.through_seq;
}

/* One whole snapshot: how many rows of each type, and where it begins and ends. */
struct seen_snapshot {
	menshen_SnapshotBegin begin;
	menshen_SnapshotEnd end;
	size_t rows[FRAME_TYPE_END];
	menshen_SnapTerminal terminal; /* the last one */
	menshen_SnapMac mac;
	menshen_SnapSwitch at;
	menshen_SnapUnit unit;
	menshen_SnapPermit permit;
};

static void take_row(struct seen_snapshot *s, const struct frame *f)
{
	s->rows[f->type]++;
	if (f->type == FRAME_SNAP_TERMINAL)
		assert_int_equal(FRAME_DECODE(f, &s->terminal), 0);
	if (f->type == FRAME_SNAP_MAC)
		assert_int_equal(FRAME_DECODE(f, &s->mac), 0);
	if (f->type == FRAME_SNAP_PERMIT)
		assert_int_equal(FRAME_DECODE(f, &s->permit), 0);
	if (f->type == FRAME_SNAP_UNIT)
		assert_int_equal(FRAME_DECODE(f, &s->unit), 0);
	if (f->type == FRAME_SNAP_SWITCH)
		assert_int_equal(FRAME_DECODE(f, &s->at), 0);
}

static void read_snapshot(struct link *l, struct seen_snapshot *ret)
{
	struct frame f;
	uint64_t rows = 0;

	*ret = (struct seen_snapshot){0};
	assert_int_equal(PEER_EXPECT(&l->peer, FRAME_SNAPSHOT_BEGIN, &ret->begin, 5000), 0);
	for (;;) {
		assert_int_equal(peer_next(&l->peer, &f, 5000), 0);
		if (f.type == FRAME_SNAPSHOT_END)
			break;
		if (f.type >= FRAME_SNAP_UNIT && f.type <= FRAME_SNAP_BYPASS) {
			take_row(ret, &f);
			rows++;
		}
	}
	assert_int_equal(FRAME_DECODE(&f, &ret->end), 0);
	assert_int_equal(ret->end.rows, rows);
	assert_int_equal(ret->end.rev, ret->begin.to_rev);
}

struct place {
	struct office *o;
	int64_t switch_id, terminal_id, permit_id;
	struct mac mac;
};

static int add_switch(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;
	const struct switch_spec spec = {.unit_id = p->o->unit_id,
					 .name = "sw1",
					 .address = "10.0.0.9",
					 .vendor = "menshen-port",
					 .secret = "a secret of switches",
					 .coa_port = 3799,
					 .vlan_normal = "10",
					 .vlan_isolation = "900",
					 .acl_isolation = "",
					 .acl_normal = "3001",
					 .voice_vlan = "20",
					 .reach = "10.1.0.2:8443",
					 .coa_address = "10.0.0.10",
					 .session_seconds = 4000};

	return switch_create(s, now_ms, &actor_system, p->o->gate_pair, &spec, &p->switch_id);
}

static int add_printer(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;
	const struct terminal_spec spec = {
		.kind = TERMINAL_PRINTER, .unit_id = p->o->unit_id, .status = TERMINAL_IN_USE};
	struct permit_spec permit = {.mac = p->mac,
				     .switch_id = p->switch_id,
				     .port = "p3",
				     .from_ms = now_ms,
				     .until_ms = now_ms + HOUR_MS};
	struct terminal t;
	int err = terminal_create(s, now_ms, &actor_system, &spec, &t);

	if (!err)
		err = terminal_own_mac(s, now_ms, &actor_system, t.id, &p->mac);
	permit.terminal_id = p->terminal_id = t.id;
	return err ? err : permit_grant(s, now_ms, &actor_system, &permit, &p->permit_id);
}

static int end_mac(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;

	return terminal_end_mac(s, now_ms, &actor_system, p->terminal_id, &p->mac);
}

static void place_open(struct place *p, struct office *o)
{
	*p = (struct place){.o = o, .mac = {{2, 0, 0, 0, 1, 1}}};
	assert_int_equal(office_act(o, add_switch, p, TOPIC_SWITCH), 0);
	assert_int_equal(office_act(o, add_printer, p, TOPIC_TERMINAL | TOPIC_PERMIT), 0);
}

/* ---- snapshots ---- */

static void a_new_gate_gets_everything_then_what_changes(void **state)
{
	struct office o;
	struct link l;
	struct place p;
	struct seen_snapshot s;
	int64_t had;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.begin.from_rev, 0);
	assert_int_equal(s.rows[FRAME_SNAP_UNIT], 1);
	assert_int_equal(s.rows[FRAME_SNAP_SWITCH], 1);
	assert_int_equal(s.rows[FRAME_SNAP_TERMINAL], 1);
	assert_int_equal(s.rows[FRAME_SNAP_MAC], 1);
	assert_int_equal(s.rows[FRAME_SNAP_PERMIT], 1);
	assert_int_equal(s.terminal.kind, TERMINAL_PRINTER);
	assert_string_equal(s.at.vlan_isolation, "900");
	assert_string_equal(s.at.acl_normal, "3001");
	assert_string_equal(s.at.voice_vlan, "20");
	assert_string_equal(s.at.reach, "10.1.0.2:8443");
	assert_string_equal(s.at.coa_address, "10.0.0.10");
	assert_int_equal(s.at.session_seconds, 4000);
	had = s.end.rev;
	/* a commit comes as its own rows only */
	assert_int_equal(office_act(&o, end_mac, &p, TOPIC_TERMINAL), 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.begin.from_rev, had);
	assert_int_equal(s.end.rows, 1);
	assert_true(s.mac.gone);
	assert_memory_equal(s.mac.mac, p.mac.b, 6);
	link_close(&l);
	office_close(&o);
}

static int limit_ports(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;
	const struct port_setting at_switch = {.terminals = 2, .why = "test"};
	const struct port_setting at_unit = {.terminals = 3, .phone_beside = true, .why = "test"};
	int err = switch_set_ports(s, now_ms, &actor_system, p->switch_id, &at_switch);

	return err ? err : unit_set_ports(s, now_ms, &actor_system, p->o->unit_id, &at_unit);
}

static int set_hours(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;
	json_t *one = json_pack("[{s:i, s:i, s:i}]", "days", 31, "from_minute", 510, "until_minute",
				1050);
	json_t *five =
		json_pack("[O, O, O, O, O]", json_array_get(one, 0), json_array_get(one, 0),
			  json_array_get(one, 0), json_array_get(one, 0), json_array_get(one, 0));
	int err = permit_set_hours(s, now_ms, &actor_system, p->permit_id, five, "test");

	json_decref(five);
	if (err == -EINVAL)
		err = permit_set_hours(s, now_ms, &actor_system, p->permit_id, one, "test");
	json_decref(one);
	return err;
}

static void a_gate_hears_the_hours_of_a_permit(void **state)
{
	struct hours_window w;
	struct office o;
	struct link l;
	struct place p;
	struct seen_snapshot s;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.permit.hours_count, 0);
	assert_int_equal(office_act(&o, set_hours, &p, TOPIC_PERMIT), 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.end.rows, 1);
	assert_int_equal(s.permit.hours_count, 1);
	assert_int_equal(hours_unpack(s.permit.hours[0], &w), 0);
	assert_int_equal(w.days, 31);
	assert_int_equal(w.from_minute, 510);
	assert_int_equal(w.until_minute, 1050);
	link_close(&l);
	office_close(&o);
}

static void a_gate_hears_how_many_a_port_may_have(void **state)
{
	struct office o;
	struct link l;
	struct place p;
	struct seen_snapshot s;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.at.port_limit, 0);
	assert_int_equal(s.unit.port_limit, 0);
	assert_int_equal(office_act(&o, limit_ports, &p, TOPIC_SWITCH | TOPIC_UNIT), 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.end.rows, 2);
	assert_int_equal(s.at.port_limit, 2);
	assert_true(s.at.phones_count);
	assert_int_equal(s.unit.port_limit, 3);
	assert_false(s.unit.phones_count);
	link_close(&l);
	office_close(&o);
}

static int set_snmp(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;

	return switch_set_snmp(s, now_ms, &actor_system, p->o->gate_pair, p->switch_id,
			       "2c\noutlet");
}

static void a_gate_hears_with_what_a_switch_is_asked_and_nobody_else_can_read_it(void **state)
{
	CLEANUP_BUF struct buf plain = BUF_INIT;
	struct office o;
	struct link l;
	struct place p;
	struct seen_snapshot s;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.at.snmp_sealed.size, 0);
	assert_int_equal(office_act(&o, set_snmp, &p, TOPIC_SWITCH), 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.end.rows, 1);
	assert_int_equal(seal_open_private(o.gate_pair, SNMP_SEAL_CONTEXT, s.at.snmp_sealed.bytes,
					   s.at.snmp_sealed.size, &plain),
			 0);
	assert_string_equal(buf_str(&plain), "2c\noutlet");
	assert_int_equal(seal_open_private(o.gate_pair, "switch", s.at.snmp_sealed.bytes,
					   s.at.snmp_sealed.size, &plain),
			 -EBADMSG);
	link_close(&l);
	office_close(&o);
}

static void a_gate_that_comes_back_gets_only_what_it_missed(void **state)
{
	struct office o;
	struct link l;
	struct place p;
	struct seen_snapshot s;
	int64_t had;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	place_open(&p, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	had = s.end.rev;
	peer_close(&l.peer);
	assert_int_equal(office_act(&o, end_mac, &p, TOPIC_TERMINAL), 0);
	link_greet(&l, &o, had);
	read_snapshot(&l, &s);
	assert_int_equal(s.begin.from_rev, had);
	assert_int_equal(s.end.rows, 1);
	peer_close(&l.peer);
	/* one that knows more than a restored head office begins anew */
	link_greet(&l, &o, had + 1000);
	read_snapshot(&l, &s);
	assert_int_equal(s.begin.from_rev, 0);
	assert_true(s.end.rows > 3);
	link_close(&l);
	office_close(&o);
}

static int add_many(struct store *s, int64_t now_ms, void *arg)
{
	struct office *o = arg;
	int err = 0;

	for (int i = 0; !err && i < 3000; i++) {
		const struct terminal_spec spec = {
			.kind = TERMINAL_PC, .unit_id = o->unit_id, .status = TERMINAL_APPROVED};
		struct terminal t;

		err = terminal_create(s, now_ms, &actor_system, &spec, &t);
	}
	return err;
}

static void a_big_snapshot_comes_whole_to_a_slow_gate(void **state)
{
	struct office o;
	struct link l;
	struct seen_snapshot s;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	assert_int_equal(office_act(&o, add_many, &o, TOPIC_TERMINAL), 0);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	usleep(500000);
	read_snapshot(&l, &s);
	assert_int_equal(s.rows[FRAME_SNAP_TERMINAL], 3000);
	link_close(&l);
	office_close(&o);
}

/* ---- records ---- */

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

/* ---- its certificate ---- */

static void send_renewal(struct peer *p)
{
	CLEANUP_BUF struct buf key = BUF_INIT, csr = BUF_INIT, der = BUF_INIT;
	menshen_RenewRequest ask = {0};

	assert_int_equal(csr_make("somebody else", &key, &csr), 0);
	assert_int_equal(pem_decode(buf_str(&csr), csr.len, "CERTIFICATE REQUEST", &der), 0);
	memcpy(ask.csr.bytes, der.data, der.len);
	ask.csr.size = (pb_size_t)der.len;
	PEER_SEND(p, FRAME_RENEW_REQUEST, &ask);
}

static void expect_new_certificate(struct peer *p)
{
	menshen_EnrolAnswer answer;
	struct cert_info info;

	assert_int_equal(PEER_EXPECT(p, FRAME_ENROL_ANSWER, &answer, 5000), 0);
	assert_true(answer.accepted);
	assert_int_equal(cert_parse_der(answer.certificate.bytes, answer.certificate.size, &info),
			 0);
	assert_int_equal(info.holder, CERT_GATE);
	assert_string_equal(info.gate, "north"); /* whatever the request calls itself */
	assert_true(info.not_after_ms > clock_wall_ms() + 300 * DAY_MS);
}

static void a_gate_renews_its_certificate_and_goes_on(void **state)
{
	struct office o;
	struct link l;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	send_renewal(&l.peer);
	expect_new_certificate(&l.peer);
	assert_int_equal(office_acts(&o, "gate.renew"), 1);
	/* the one before, of a backup perhaps, still gets in */
	peer_close(&l.peer);
	link_greet(&l, &o, 0);
	office_verify(&o);
	link_close(&l);
	office_close(&o);
}

struct expired_gate {
	struct office *o;
	struct buf key, cert, cosign_pub;
	struct cert_info info;
	int64_t id;
};

static int add_expired(struct store *s, int64_t now_ms, void *arg)
{
	struct expired_gate *x = arg;
	const struct cert_spec spec = {.common_name = "north",
				       .holder = CERT_GATE,
				       .gate = "north",
				       .client = true,
				       .not_before_ms = now_ms - 2 * DAY_MS,
				       .not_after_ms = now_ms - DAY_MS};
	int err = ca_issue_pair(x->o->keys.ca, &spec, &x->key, &x->cert);

	if (!err)
		err = cert_parse(x->cert.data, x->cert.len, &x->info);
	if (!err)
		err = sign_key_public_pem(x->o->cosign, &x->cosign_pub);
	return err ? err
		   : gate_create(s, now_ms, &actor_system, "north", x->o->unit_id,
				 buf_str(&x->cosign_pub), &x->info, &x->id);
}

static int end_expired(struct store *s, int64_t now_ms, void *arg)
{
	return gate_end(s, now_ms, &actor_system, *(int64_t *)arg, "sold");
}

static void a_gate_that_slept_past_its_end_may_only_renew(void **state)
{
	struct expired_gate x = {.key = BUF_INIT, .cert = BUF_INIT, .cosign_pub = BUF_INIT};
	menshen_GateHello hello = {.protocol = 1, .version = "1"};
	menshen_Refusal refusal;
	struct tls_ctx *ctx;
	struct office o;
	struct peer p;
	struct addr at;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	x.o = &o;
	assert_int_equal(office_act(&o, add_expired, &x, TOPIC_GATE), 0);
	ctx = peer_context(ca_pem(o.keys.ca), buf_str(&x.cert), buf_str(&x.key));
	at = gateway_address(o.gateway);
	assert_int_equal(peer_connect(&p, ctx, &at), 0);
	PEER_SEND(&p, FRAME_GATE_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&p, FRAME_REFUSAL, &refusal, 5000), 0);
	assert_string_equal(refusal.reason, "certificate-expired");
	peer_close(&p);
	assert_int_equal(peer_connect(&p, ctx, &at), 0);
	send_renewal(&p);
	expect_new_certificate(&p);
	peer_close(&p);
	/* one that was taken out of service renews nothing */
	assert_int_equal(office_act(&o, end_expired, &x.id, TOPIC_GATE | TOPIC_CERTIFICATE), 0);
	assert_int_equal(peer_connect(&p, ctx, &at), 0);
	send_renewal(&p);
	assert_int_equal(PEER_EXPECT(&p, FRAME_REFUSAL, &refusal, 5000), 0);
	assert_int_equal(office_acts(&o, "gate.renew"), 1);
	peer_close(&p);
	tls_ctx_free(ctx);
	buf_done(&x.key);
	buf_done(&x.cert);
	buf_done(&x.cosign_pub);
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

/* ---- heads ---- */

static void a_gate_co_signs_heads_and_a_false_co_signature_stands_in_the_log(void **state)
{
	static menshen_Head m;
	static menshen_HeadCosign answer;
	CLEANUP_BUF struct buf line = BUF_INIT;
	CLEANUP_SIGN_KEY struct sign_key *other = NULL;
	struct office o;
	struct link l;
	struct place p;
	struct head head;
	struct cosign co;
	int64_t until;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	place_open(&p, &o);
	assert_int_equal(PEER_EXPECT(&l.peer, FRAME_HEAD, &m, 5000), 0);
	assert_int_equal(head_parse(m.body.bytes, m.body.size, &head), 0);
	assert_int_equal(cosign_make(&head, "north", clock_wall_ms(), o.cosign, &co), 0);
	assert_int_equal(cosign_encode(&co, &line), 0);
	memcpy(answer.body.bytes, line.data, line.len);
	answer.body.size = (pb_size_t)line.len;
	PEER_SEND(&l.peer, FRAME_HEAD_COSIGN, &answer);
	until = clock_mono_ms() + 5000;
	while (office_count(&o, STMT_LOG_COSIGN_COUNT, STORE_NO_ARGS) == 0 &&
	       clock_mono_ms() < until)
		usleep(10000);
	assert_int_equal(office_count(&o, STMT_LOG_COSIGN_COUNT, STORE_NO_ARGS), 1);
	/* by another key */
	assert_int_equal(sign_key_make(SIGN_ED25519, &other), 0);
	assert_int_equal(cosign_make(&head, "north", clock_wall_ms(), other, &co), 0);
	buf_clear(&line);
	assert_int_equal(cosign_encode(&co, &line), 0);
	memcpy(answer.body.bytes, line.data, line.len);
	answer.body.size = (pb_size_t)line.len;
	PEER_SEND(&l.peer, FRAME_HEAD_COSIGN, &answer);
	until = clock_mono_ms() + 5000;
	while (office_acts(&o, "gate.cosign-refused") == 0 && clock_mono_ms() < until)
		usleep(10000);
	assert_int_equal(office_acts(&o, "gate.cosign-refused"), 1);
	link_close(&l);
	office_close(&o);
}

/* ---- who may speak ---- */

static int end_gate(struct store *s, int64_t now_ms, void *arg)
{
	struct gate g;

	(void)arg;
	assert_int_equal(gate_load(store_writer(s), "north", &g), 1);
	return gate_end(s, now_ms, &actor_system, g.id, "moved");
}

static void a_gate_that_was_ended_is_cut(void **state)
{
	struct office o;
	struct link l;
	struct seen_snapshot s;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_true(gateway_gate_connected(o.gateway, "north"));
	assert_int_equal(gateway_gate(o.gateway, "north").rev, s.end.rev);
	assert_int_equal(gateway_gate(o.gateway, "north").seen_ms, 0);
	assert_int_equal(office_act(&o, end_gate, NULL, TOPIC_GATE | TOPIC_CERTIFICATE), 0);
	assert_true(peer_is_cut(&l.peer, 1000));
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

/* ---- what would become of a knock ---- */

struct asker {
	struct gateway *gateway;
	pthread_t thread;
	int result;
	struct gateway_explained said;
};

static void *ask_main(void *arg)
{
	struct asker *a = arg;
	const struct gateway_ask ask = {
		.mac = {{2, 0, 0, 0, 1, 1}}, .account = "wangjg", .at = "sw1", .port = "p3"};

	a->result = gateway_explain(a->gateway, "north", &ask, &a->said);
	return NULL;
}

static void ask_begin(struct asker *a, struct office *o)
{
	*a = (struct asker){.gateway = o->gateway, .result = 1};
	assert_int_equal(pthread_create(&a->thread, NULL, ask_main, a), 0);
}

static void greet_as(struct link *l, struct office *o, bool explains)
{
	menshen_GateHello hello = {.protocol = 1, .version = "1", .explains = explains};
	menshen_GateWelcome w;
	struct addr at = gateway_address(o->gateway);

	memcpy(hello.epoch, l->epoch, sizeof(hello.epoch));
	assert_int_equal(peer_connect(&l->peer, l->ctx, &at), 0);
	PEER_SEND(&l->peer, FRAME_GATE_HELLO, &hello);
	assert_int_equal(PEER_EXPECT(&l->peer, FRAME_GATE_WELCOME, &w, 5000), 0);
}

static void a_gate_is_asked_what_would_become_of_a_knock(void **state)
{
	struct office o;
	struct link l;
	struct asker a;
	menshen_ExplainAsk ask;
	menshen_ExplainAnswer answer = {.at = "sw1",
					.port = "p3",
					.account = "wangjg",
					.verdict = VERDICT_ISOLATE,
					.reason = "posture-bad",
					.would_be_reason = "posture-bad",
					.standing = true};

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	greet_as(&l, &o, true);
	ask_begin(&a, &o);
	assert_int_equal(PEER_EXPECT(&l.peer, FRAME_EXPLAIN_ASK, &ask, 5000), 0);
	assert_string_equal(ask.account, "wangjg");
	assert_string_equal(ask.at, "sw1");
	assert_string_equal(ask.port, "p3");
	assert_int_equal(ask.mac[5], 1);
	answer.number = ask.number + 1; /* nobody waits for that one */
	PEER_SEND(&l.peer, FRAME_EXPLAIN_ANSWER, &answer);
	answer.number = ask.number;
	PEER_SEND(&l.peer, FRAME_EXPLAIN_ANSWER, &answer);
	PEER_SEND(&l.peer, FRAME_EXPLAIN_ANSWER, &answer);
	assert_int_equal(pthread_join(a.thread, NULL), 0);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.said.verdict, VERDICT_ISOLATE);
	assert_string_equal(a.said.reason, "posture-bad");
	assert_true(a.said.standing);
	/* the line still stands after an answer too many */
	assert_false(peer_is_cut(&l.peer, 200));
	link_close(&l);
	office_close(&o);
}

static void a_gate_that_is_away_too_old_or_dumb_gives_no_answer(void **state)
{
	struct office o;
	struct link l;
	struct asker a;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	a = (struct asker){.gateway = o.gateway};
	ask_main(&a);
	assert_int_equal(a.result, -ENOTCONN);
	greet_as(&l, &o, false);
	ask_main(&a);
	assert_int_equal(a.result, -EOPNOTSUPP);
	peer_close(&l.peer);
	greet_as(&l, &o, true);
	ask_main(&a);
	assert_int_equal(a.result, -ETIMEDOUT);
	link_close(&l);
	office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_gate_gets_everything_then_what_changes),
		cmocka_unit_test(
			a_gate_hears_with_what_a_switch_is_asked_and_nobody_else_can_read_it),
		cmocka_unit_test(a_gate_that_comes_back_gets_only_what_it_missed),
		cmocka_unit_test(a_gate_hears_the_hours_of_a_permit),
		cmocka_unit_test(a_gate_hears_how_many_a_port_may_have),
		cmocka_unit_test(a_big_snapshot_comes_whole_to_a_slow_gate),
		cmocka_unit_test(knocks_and_sessions_are_kept_once_and_seen_as_they_are_now),
		cmocka_unit_test(a_units_picture_counts_whom_enforcing_would_keep_out),
		cmocka_unit_test(a_desk_is_told_the_verdict_on_it_and_the_gate_that_it_lives),
		cmocka_unit_test(a_bypass_on_the_gate_is_known_at_head_office_and_ends),
		cmocka_unit_test(a_gate_co_signs_heads_and_a_false_co_signature_stands_in_the_log),
		cmocka_unit_test(a_gate_that_was_ended_is_cut),
		cmocka_unit_test(a_gate_renews_its_certificate_and_goes_on),
		cmocka_unit_test(a_gate_that_slept_past_its_end_may_only_renew),
		cmocka_unit_test(records_that_cannot_be_end_the_connection),
		cmocka_unit_test(a_gate_is_asked_what_would_become_of_a_knock),
		cmocka_unit_test(a_gate_that_is_away_too_old_or_dumb_gives_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
