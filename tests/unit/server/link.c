#include "link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "server/engine/permit.h"
#include "server/engine/switch.h"

void link_open(struct link *l, struct office *o)
{
	*l = (struct link){.key = BUF_INIT, .cert = BUF_INIT};
	office_add_gate(o, "north", &l->key, &l->cert);
	l->ctx = peer_context(ca_pem(o->keys.ca), buf_str(&l->cert), buf_str(&l->key));
	memset(l->epoch, 4, sizeof(l->epoch));
}

void link_close(struct link *l)
{
	peer_close(&l->peer);
	tls_ctx_free(l->ctx);
	buf_done(&l->key);
	buf_done(&l->cert);
}

uint64_t link_greet(struct link *l, struct office *o, int64_t rev)
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

static void take_row(struct seen_snapshot *s, const struct frame *f)
{
	s->rows[f->type]++;
	if (f->type == FRAME_SNAP_TERMINAL)
		assert_int_equal(FRAME_DECODE(f, &s->terminal), 0);
	if (f->type == FRAME_SNAP_MAC)
		assert_int_equal(FRAME_DECODE(f, &s->mac), 0);
	if (f->type == FRAME_SNAP_REVOKED)
		assert_int_equal(FRAME_DECODE(f, &s->revoked), 0);
	if (f->type == FRAME_SNAP_PERMIT)
		assert_int_equal(FRAME_DECODE(f, &s->permit), 0);
	if (f->type == FRAME_SNAP_UNIT)
		assert_int_equal(FRAME_DECODE(f, &s->unit), 0);
	if (f->type == FRAME_SNAP_SWITCH)
		assert_int_equal(FRAME_DECODE(f, &s->at), 0);
}

void read_snapshot(struct link *l, struct seen_snapshot *ret)
{
	struct frame f;
	uint64_t rows = 0;

	*ret = (struct seen_snapshot){0};
	assert_int_equal(PEER_EXPECT(&l->peer, FRAME_SNAPSHOT_BEGIN, &ret->begin, 5000), 0);
	for (;;) {
		assert_int_equal(peer_next(&l->peer, &f, 5000), 0);
		if (f.type == FRAME_SNAPSHOT_END)
			break;
		if ((f.type >= FRAME_SNAP_UNIT && f.type <= FRAME_SNAP_BYPASS) ||
		    f.type == FRAME_SNAP_REVOKED) {
			take_row(ret, &f);
			rows++;
		}
	}
	assert_int_equal(FRAME_DECODE(&f, &ret->end), 0);
	assert_int_equal(ret->end.rows, rows);
	assert_int_equal(ret->end.rev, ret->begin.to_rev);
}

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

void place_open(struct place *p, struct office *o)
{
	*p = (struct place){.o = o, .mac = {{2, 0, 0, 0, 1, 1}}};
	assert_int_equal(office_act(o, add_switch, p, TOPIC_SWITCH), 0);
	assert_int_equal(office_act(o, add_printer, p, TOPIC_TERMINAL | TOPIC_PERMIT), 0);
}
