/* What switches say over SNMP, from a gate's frames to what a person is shown; over real TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "link.h"

static const uint8_t anna[6] = {0x00, 0x1e, 0x67, 0, 0, 0x11},
		     bodo[6] = {0x00, 0x1e, 0x67, 0, 0, 0x12},
		     stranger[6] = {0x00, 0x00, 0x5e, 0, 0x53, 0x66};

struct lab {
	struct office o;
	struct link l;
	struct place p;
	int64_t now_ms;
};

static void open_lab(struct lab *lab)
{
	office_open(&lab->o);
	office_start_gateway(&lab->o, NULL);
	link_open(&lab->l, &lab->o);
	link_greet(&lab->l, &lab->o, 0);
	place_open(&lab->p, &lab->o);
	lab->now_ms = clock_wall_ms();
}

static void close_lab(struct lab *lab)
{
	office_verify(&lab->o);
	link_close(&lab->l);
	office_close(&lab->o);
}

static json_t *rows_of(struct lab *lab, enum store_stmt stmt, const struct store_value arg)
{
	json_t *rows;

	assert_int_equal(store_list_json(lab->o.reader, stmt, STORE_ARGS(arg), 100, &rows), 0);
	return rows;
}

static const char *text_at(const json_t *rows, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(rows, i), name));
}

static int64_t number_at(const json_t *rows, size_t i, const char *name)
{
	return json_integer_value(json_object_get(json_array_get(rows, i), name));
}

static bool flag_at(const json_t *rows, size_t i, const char *name)
{
	return json_is_true(json_object_get(json_array_get(rows, i), name));
}

/* ---- what a gate sends ---- */

static menshen_SurveySwitch begin(struct lab *lab, int64_t at_ms, bool whole)
{
	menshen_SurveySwitch m = {.switch_id = lab->p.switch_id,
				  .at_ms = at_ms,
				  .said = "ok",
				  .whole = whole,
				  .name = "core",
				  .model = "S5735"};

	return m;
}

static void send_port(struct lab *lab, const char *name, bool linked, bool uplink)
{
	menshen_SurveyPort m = {
		.enabled = true, .linked = linked, .uplink = uplink, .speed_mbit = 1000};

	snprintf(m.port, sizeof(m.port), "%s", name);
	PEER_SEND(&lab->l.peer, FRAME_SURVEY_PORT, &m);
}

static void send_mac(struct lab *lab, const char *port, const uint8_t mac[static 6])
{
	menshen_SurveyMacs m = {.macs_count = 1, .macs = {{.vlan = 30}}};

	snprintf(m.port, sizeof(m.port), "%s", port);
	memcpy(m.macs[0].mac, mac, 6);
	PEER_SEND(&lab->l.peer, FRAME_SURVEY_MACS, &m);
}

static void send_neighbour(struct lab *lab, const char *port, const uint8_t mac[static 6],
			   const char *name)
{
	menshen_SurveyNeighbour m = {.mac.size = 6, .can = 0x20};

	snprintf(m.port, sizeof(m.port), "%s", port);
	snprintf(m.name, sizeof(m.name), "%s", name);
	memcpy(m.mac.bytes, mac, 6);
	PEER_SEND(&lab->l.peer, FRAME_SURVEY_NEIGHBOUR, &m);
}

static void send_end(struct lab *lab)
{
	menshen_SurveyEnd m = {.switch_id = lab->p.switch_id};

	PEER_SEND(&lab->l.peer, FRAME_SURVEY_END, &m);
}

static menshen_SurveyTaken expect_taken(struct lab *lab, int64_t at_ms)
{
	menshen_SurveyTaken m;

	assert_int_equal(PEER_EXPECT(&lab->l.peer, FRAME_SURVEY_TAKEN, &m, 10000), 0);
	assert_int_equal(m.switch_id, lab->p.switch_id);
	assert_int_equal(m.at_ms, at_ms);
	return m;
}

/* Two ports with `first` and `second` at them (NULL: nobody), an uplink, a stranger. */
static void tell(struct lab *lab, int64_t at_ms, const uint8_t *first, const uint8_t *second)
{
	menshen_SurveySwitch m = begin(lab, at_ms, true);

	PEER_SEND(&lab->l.peer, FRAME_SURVEY_SWITCH, &m);
	send_port(lab, "GE0/0/1", first != NULL, false);
	send_port(lab, "GE0/0/2", second != NULL, false);
	send_port(lab, "GE0/0/24", true, true);
	if (first)
		send_mac(lab, "GE0/0/1", first);
	if (second)
		send_mac(lab, "GE0/0/2", second);
	send_neighbour(lab, "GE0/0/24", stranger, "tp-link");
	send_end(lab);
	assert_false(expect_taken(lab, at_ms).again);
}

/* ---- tests ---- */

static void what_a_switch_says_is_shown_at_its_ports(void **state)
{
	struct lab lab;
	json_t *ports, *seen, *neighbours;

	(void)state;
	open_lab(&lab);
	tell(&lab, lab.now_ms - MINUTE_MS, lab.p.mac.b, bodo);
	ports = rows_of(&lab, STMT_API_SWITCH_STATES, v_int(lab.p.switch_id));
	assert_int_equal(json_array_size(ports), 3);
	assert_string_equal(text_at(ports, 0, "port"), "GE0/0/1");
	assert_true(flag_at(ports, 0, "linked") && !flag_at(ports, 0, "uplink"));
	assert_true(flag_at(ports, 2, "uplink"));
	assert_int_equal(number_at(ports, 0, "speed_mbit"), 1000);
	seen = rows_of(&lab, STMT_API_SWITCH_SEEN, v_int(lab.p.switch_id));
	assert_int_equal(json_array_size(seen), 2);
	assert_int_equal(number_at(seen, 0, "terminal_id"), lab.p.terminal_id);
	assert_string_equal(text_at(seen, 1, "mac"), "00:1e:67:00:00:12");
	assert_false(flag_at(seen, 1, "session"));
	assert_int_equal(number_at(seen, 1, "vlan"), 30);
	neighbours = rows_of(&lab, STMT_API_SWITCH_NEIGHBOURS, v_int(lab.p.switch_id));
	assert_int_equal(json_array_size(neighbours), 1);
	assert_string_equal(text_at(neighbours, 0, "kind"), "switch");
	assert_string_equal(text_at(neighbours, 0, "known"), "unknown");
	json_decref(ports);
	json_decref(seen);
	json_decref(neighbours);
	close_lab(&lab);
}

static void who_leaves_is_remembered_with_the_time_he_was_there_last(void **state)
{
	int64_t first_ms, second_ms, third_ms;
	struct lab lab;
	json_t *places;

	(void)state;
	open_lab(&lab);
	first_ms = lab.now_ms - 3 * HOUR_MS;
	second_ms = lab.now_ms - 2 * HOUR_MS;
	third_ms = lab.now_ms - HOUR_MS;
	tell(&lab, first_ms, lab.p.mac.b, NULL);
	tell(&lab, second_ms, lab.p.mac.b, bodo);
	places = rows_of(&lab, STMT_API_TERMINAL_PLACES, v_int(lab.p.terminal_id));
	assert_int_equal(json_array_size(places), 1);
	assert_true(flag_at(places, 0, "here"));
	assert_int_equal(number_at(places, 0, "since_at"), first_ms);
	assert_int_equal(number_at(places, 0, "last_at"), second_ms);
	json_decref(places);
	tell(&lab, third_ms, NULL, bodo);
	places = rows_of(&lab, STMT_API_TERMINAL_PLACES, v_int(lab.p.terminal_id));
	assert_int_equal(json_array_size(places), 1);
	assert_false(flag_at(places, 0, "here"));
	assert_string_equal(text_at(places, 0, "port"), "GE0/0/1");
	assert_int_equal(number_at(places, 0, "last_at"), second_ms);
	json_decref(places);
	close_lab(&lab);
}

static void that_nothing_changed_moves_the_time_alone(void **state)
{
	struct lab lab;
	menshen_SurveySwitch same;
	json_t *places;

	(void)state;
	open_lab(&lab);
	tell(&lab, lab.now_ms - 2 * HOUR_MS, lab.p.mac.b, NULL);
	same = begin(&lab, lab.now_ms - HOUR_MS, false);
	same.whole_at_ms = lab.now_ms - 2 * HOUR_MS;
	PEER_SEND(&lab.l.peer, FRAME_SURVEY_SWITCH, &same);
	assert_false(expect_taken(&lab, same.at_ms).again);
	places = rows_of(&lab, STMT_API_TERMINAL_PLACES, v_int(lab.p.terminal_id));
	assert_int_equal(number_at(places, 0, "last_at"), same.at_ms);
	json_decref(places);
	/* a store that was restored knows another state than the gate told last */
	same.whole_at_ms = lab.now_ms - HOUR_MS;
	PEER_SEND(&lab.l.peer, FRAME_SURVEY_SWITCH, &same);
	assert_true(expect_taken(&lab, same.at_ms).again);
	close_lab(&lab);
}

static void a_switch_that_falls_silent_keeps_what_it_said(void **state)
{
	struct lab lab;
	menshen_SurveySwitch silent;
	json_t *survey, *ports;

	(void)state;
	open_lab(&lab);
	tell(&lab, lab.now_ms - HOUR_MS, lab.p.mac.b, NULL);
	silent = begin(&lab, lab.now_ms - MINUTE_MS, false);
	snprintf(silent.said, sizeof(silent.said), "silent");
	PEER_SEND(&lab.l.peer, FRAME_SURVEY_SWITCH, &silent);
	assert_false(expect_taken(&lab, silent.at_ms).again);
	survey = rows_of(&lab, STMT_API_SWITCH_SURVEY, v_int(lab.p.switch_id));
	assert_string_equal(text_at(survey, 0, "said"), "silent");
	assert_string_equal(text_at(survey, 0, "model"), "S5735");
	assert_int_equal(number_at(survey, 0, "asked_at"), silent.at_ms);
	ports = rows_of(&lab, STMT_API_SWITCH_STATES, v_int(lab.p.switch_id));
	assert_int_equal(json_array_size(ports), 3);
	json_decref(survey);
	json_decref(ports);
	close_lab(&lab);
}

static void a_telling_without_an_end_leaves_nothing(void **state)
{
	struct lab lab;
	menshen_SurveySwitch m;
	json_t *ports;

	(void)state;
	open_lab(&lab);
	m = begin(&lab, lab.now_ms - HOUR_MS, true);
	PEER_SEND(&lab.l.peer, FRAME_SURVEY_SWITCH, &m);
	send_port(&lab, "GE0/0/9", true, false);
	tell(&lab, lab.now_ms - MINUTE_MS, anna, NULL);
	ports = rows_of(&lab, STMT_API_SWITCH_STATES, v_int(lab.p.switch_id));
	assert_int_equal(json_array_size(ports), 3);
	json_decref(ports);
	close_lab(&lab);
}

static void a_switch_that_is_not_on_the_inventory_leaves_nothing(void **state)
{
	struct lab lab;
	menshen_SurveySwitch m;
	menshen_SurveyTaken taken;
	json_t *survey;

	(void)state;
	open_lab(&lab);
	m = begin(&lab, lab.now_ms - HOUR_MS, false);
	m.switch_id = 4711;
	PEER_SEND(&lab.l.peer, FRAME_SURVEY_SWITCH, &m);
	assert_int_equal(PEER_EXPECT(&lab.l.peer, FRAME_SURVEY_TAKEN, &taken, 10000), 0);
	survey = rows_of(&lab, STMT_API_SWITCH_SURVEY, v_int(4711));
	assert_int_equal(json_array_size(survey), 0);
	json_decref(survey);
	close_lab(&lab);
}

static void a_gate_that_sends_what_is_no_text_is_cut(void **state)
{
	struct lab lab;
	menshen_SurveySwitch m;

	(void)state;
	open_lab(&lab);
	m = begin(&lab, lab.now_ms - HOUR_MS, true);
	m.name[0] = 1;
	PEER_SEND(&lab.l.peer, FRAME_SURVEY_SWITCH, &m);
	assert_true(peer_is_cut(&lab.l.peer, 10000));
	close_lab(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_switch_says_is_shown_at_its_ports),
		cmocka_unit_test(who_leaves_is_remembered_with_the_time_he_was_there_last),
		cmocka_unit_test(that_nothing_changed_moves_the_time_alone),
		cmocka_unit_test(a_switch_that_falls_silent_keeps_what_it_said),
		cmocka_unit_test(a_telling_without_an_end_leaves_nothing),
		cmocka_unit_test(a_switch_that_is_not_on_the_inventory_leaves_nothing),
		cmocka_unit_test(a_gate_that_sends_what_is_no_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
