/* What a gate is told of the bank, over real TLS: the whole, then what changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "link.h"
#include "server/engine/gate.h"
#include "server/engine/permit.h"
#include "server/engine/ports.h"
#include "server/engine/switch.h"
#include "server/engine/switch_snmp.h"
#include "server/engine/unit_choice.h"
#include "vendor/snmp.h"

static int end_mac(struct store *s, int64_t now_ms, void *arg)
{
	struct place *p = arg;

	return terminal_end_mac(s, now_ms, &actor_system, p->terminal_id, &p->mac);
}

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
	struct refused why = {0};
	int err = switch_set_ports(s, now_ms, &actor_system, p->switch_id, &at_switch);

	if (!err)
		err = unit_choose(s, now_ms, &actor_system, &unit_grace, p->o->unit_id, 48, "test",
				  &why);
	if (!err)
		err = unit_choose(s, now_ms, &actor_system, &unit_last_known, p->o->unit_id, 3,
				  "test", &why);
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
	assert_false(s.unit.says_posture_grace);
	assert_false(s.unit.says_last_known);
	assert_int_equal(office_act(&o, limit_ports, &p, TOPIC_SWITCH | TOPIC_UNIT), 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.end.rows, 2);
	assert_int_equal(s.at.port_limit, 2);
	assert_true(s.at.phones_count);
	assert_int_equal(s.unit.port_limit, 3);
	assert_true(s.unit.says_posture_grace);
	assert_int_equal(s.unit.posture_grace_hours, 48);
	assert_true(s.unit.says_last_known);
	assert_int_equal(s.unit.last_known_days, 3);
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

static int end_south(struct store *s, int64_t now_ms, void *arg)
{
	struct gate g;

	(void)arg;
	assert_int_equal(gate_load(store_writer(s), "south", &g), 1);
	return gate_end(s, now_ms, &actor_system, g.id, "closed");
}

/* So that its peers hear it no more, without head office in between. */
static void the_certificates_of_a_gate_that_was_ended_are_told_to_the_others(void **state)
{
	CLEANUP_BUF struct buf key = BUF_INIT, cert = BUF_INIT;
	struct cert_info south;
	struct seen_snapshot s;
	struct office o;
	struct link l;

	(void)state;
	office_open(&o);
	office_start_gateway(&o, NULL);
	link_open(&l, &o);
	office_add_gate(&o, "south", &key, &cert);
	assert_int_equal(cert_parse(cert.data, cert.len, &south), 0);
	link_greet(&l, &o, 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.rows[FRAME_SNAP_REVOKED], 0);
	assert_int_equal(office_act(&o, end_south, NULL, TOPIC_GATE | TOPIC_CERTIFICATE), 0);
	read_snapshot(&l, &s);
	assert_int_equal(s.rows[FRAME_SNAP_REVOKED], 1);
	assert_string_equal(s.revoked.serial, south.serial);
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
		cmocka_unit_test(the_certificates_of_a_gate_that_was_ended_are_told_to_the_others),
		cmocka_unit_test(a_gate_hears_how_many_a_port_may_have),
		cmocka_unit_test(a_big_snapshot_comes_whole_to_a_slow_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
