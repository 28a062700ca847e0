#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "gate/knock/hub.h"
#include "gate/knock/port_limit.h"
#include "gate/live/ports.h"

#define NOW (1000 * DAY_MS)

static struct gate gate;

static void ignore_entry(void *arg, const uint8_t *entry, size_t len)
{
	(void)arg;
	(void)entry;
	(void)len;
}

static void apply(enum frame_type type, const void *message, size_t size)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct frame f;
	size_t used;

	assert_int_equal(frame_encode(&bytes, type, message, size), 0);
	assert_int_equal(frame_parse(bytes.data, bytes.len, &f, &used), 0);
	assert_int_equal(snapshot_apply(gate.snapshot, &f), 0);
}

static void set_unit(int64_t id, int64_t parent, uint32_t limit, bool phones_count)
{
	const menshen_SnapUnit m = {
		.id = id, .parent_id = parent, .port_limit = limit, .phones_count = phones_count};

	apply(FRAME_SNAP_UNIT, &m, sizeof(m));
}

static void set_switch(uint32_t limit)
{
	menshen_SnapSwitch m = {.id = 1, .unit_id = 2, .port_limit = limit};

	assert_int_equal(text_copy(m.address, sizeof(m.address), "10.0.0.1"), 0);
	apply(FRAME_SNAP_SWITCH, &m, sizeof(m));
}

static int setup(void **state)
{
	const menshen_SnapTerminal phone = {
		.id = 9, .kind = TERMINAL_PHONE, .status = TERMINAL_IN_USE};

	(void)state;
	gate = (struct gate){.settings = {.session_seconds = 3600, .interim_seconds = 300}};
	if (sessions_new(ignore_entry, NULL, &gate.sessions) || snapshot_new(NULL, &gate.snapshot))
		return -1;
	set_unit(1, 0, 0, false);
	set_unit(2, 1, 1, false);
	set_switch(0);
	apply(FRAME_SNAP_TERMINAL, &phone, sizeof(phone));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sessions_free(gate.sessions);
	snapshot_free(gate.snapshot);
	return 0;
}

static struct session *sit(uint8_t mac, const char *port, int64_t at_ms, enum verdict verdict,
			   enum reason reason)
{
	const struct session_grant g = {.at_ms = at_ms,
					.mac = {{0, 0, 0, 0, 0, mac}},
					.switch_id = 1,
					.terminal_id = mac,
					.port = port,
					.account = "",
					.calling = "",
					.decision = {verdict, reason, verdict, reason}};
	struct session *n = NULL, old;
	bool moved;

	assert_int_equal(sessions_grant(gate.sessions, &g, &n, &moved, &old), 0);
	return n;
}

static struct port_facts look(uint8_t mac, const char *port, const struct session *session)
{
	const struct subject who = {.now_ms = NOW,
				    .mac = {{0, 0, 0, 0, 0, mac}},
				    .switch_id = 1,
				    .port = port,
				    .session = session};
	struct port_facts f;

	port_limit_draw(&gate, &who, snapshot_switch(gate.snapshot, 1), &f);
	return f;
}

static void the_nearest_that_says_a_limit_is_heard(void **state)
{
	const struct snap_switch *at = snapshot_switch(gate.snapshot, 1);

	(void)state;
	assert_int_equal(port_limit_of(gate.snapshot, at).terminals, 1);
	set_unit(2, 1, 0, false);
	assert_int_equal(port_limit_of(gate.snapshot, at).terminals, 0);
	set_unit(1, 0, 4, true);
	assert_int_equal(port_limit_of(gate.snapshot, at).terminals, 4);
	assert_true(port_limit_of(gate.snapshot, at).phones_count);
	set_switch(2);
	at = snapshot_switch(gate.snapshot, 1);
	assert_int_equal(port_limit_of(gate.snapshot, at).terminals, 2);
	assert_false(port_limit_of(gate.snapshot, at).phones_count);
}

static void units_in_a_circle_hang_nobody(void **state)
{
	(void)state;
	set_unit(1, 2, 0, false);
	set_unit(2, 1, 0, false);
	assert_int_equal(look(5, "p1", NULL).limit, 0);
}

static void only_who_is_in_at_this_port_takes_a_place(void **state)
{
	struct session *n;

	(void)state;
	sit(1, "p1", NOW - 3, VERDICT_ADMIT, REASON_OK);
	sit(2, "p2", NOW - 2, VERDICT_ADMIT, REASON_OK);
	sit(3, "p1", NOW - 1, VERDICT_ISOLATE, REASON_TERMINAL_UNKNOWN);
	assert_int_equal(look(5, "p1", NULL).others, 1);
	assert_int_equal(look(1, "p1", NULL).others, 0);
	n = sessions_by_mac(gate.sessions, &(struct mac){{0, 0, 0, 0, 0, 1}});
	sessions_end(gate.sessions, n, &(struct session_report){.at_ms = NOW});
	assert_int_equal(look(5, "p1", NULL).others, 0);
}

static void a_ghost_takes_no_place(void **state)
{
	struct session *n =
		sit(1, "p1", NOW - 3600 * SECOND_MS - MINUTE_MS, VERDICT_ADMIT, REASON_OK);

	(void)state;
	assert_int_equal(look(5, "p1", NULL).others, 1);
	n->granted_at_ms--;
	assert_int_equal(look(5, "p1", NULL).others, 0);
	sessions_prove(gate.sessions, n, &(struct session_report){.at_ms = NOW - 11 * MINUTE_MS});
	assert_int_equal(look(5, "p1", NULL).others, 1);
	n->proven_at_ms--;
	assert_int_equal(look(5, "p1", NULL).others, 0);
}

static void a_phone_takes_a_place_only_where_phones_count(void **state)
{
	(void)state;
	sit(9, "p1", NOW, VERDICT_ADMIT, REASON_OK);
	assert_int_equal(look(5, "p1", NULL).others, 0);
	set_unit(2, 1, 1, true);
	assert_int_equal(look(5, "p1", NULL).others, 1);
}

static void who_is_in_stays_when_another_comes_or_the_limit_falls(void **state)
{
	struct session *first = sit(1, "p1", NOW - 9, VERDICT_ADMIT, REASON_OK);
	struct session *second = sit(2, "p1", NOW - 8, VERDICT_ADMIT, REASON_OK);

	(void)state;
	assert_int_equal(look(1, "p1", first).others, 0);
	assert_int_equal(look(2, "p1", second).others, 1);
}

static void of_those_that_wait_the_first_is_let_in_first(void **state)
{
	struct session *first = sit(1, "p1", NOW - 9, VERDICT_ISOLATE, REASON_PORT_FULL);
	struct session *second = sit(2, "p1", NOW - 8, VERDICT_ISOLATE, REASON_PORT_FULL);

	(void)state;
	assert_int_equal(look(1, "p1", first).others, 0);
	assert_int_equal(look(2, "p1", second).others, 1);
}

static void a_port_without_a_name_is_not_counted(void **state)
{
	(void)state;
	sit(1, "", NOW, VERDICT_ADMIT, REASON_OK);
	assert_int_equal(look(5, "", NULL).limit, 0);
}

static void sessions_of_many_ports_are_found_whatever_goes(void **state)
{
	char port[8];

	(void)state;
	for (unsigned i = 1; i < 200; i++) {
		snprintf(port, sizeof(port), "p%u", i % 7);
		sit((uint8_t)i, port, NOW, VERDICT_ADMIT, REASON_OK);
	}
	for (unsigned i = 1; i < 200; i += 2) /* each moves away */
		sit((uint8_t)i, "other", NOW, VERDICT_ADMIT, REASON_OK);
	for (unsigned p = 0, left = 0; p < 7; p++) {
		struct session *n;

		snprintf(port, sizeof(port), "p%u", p);
		for (n = sessions_at_port(gate.sessions, 1, port); n; n = ports_next(n)) {
			assert_int_equal(n->mac.b[5] % 7, p);
			assert_int_equal(n->mac.b[5] % 2, 0);
			left++;
		}
		assert_true(p < 6 || left == 99);
	}
	assert_null(sessions_at_port(gate.sessions, 2, "p1"));
}

static void a_second_stranger_behind_a_port_is_told_once_a_day(void **state)
{
	const struct mac one = {{0, 0, 0, 0, 0, 1}}, two = {{0, 0, 0, 0, 0, 2}};
	struct hubs h;
	struct mac other;

	(void)state;
	hubs_init(&h);
	assert_false(hubs_see(&h, 1, "p1", &one, NOW, &other));
	assert_false(hubs_see(&h, 1, "p1", &one, NOW + 1, &other));
	assert_false(hubs_see(&h, 1, "p2", &two, NOW + 1, &other));
	assert_true(hubs_see(&h, 1, "p1", &two, NOW + 2, &other));
	assert_memory_equal(&other, &one, sizeof(one));
	assert_false(hubs_see(&h, 1, "p1", &one, NOW + 3, &other));
	assert_false(
		hubs_see(&h, 1, "p1", &two, NOW + DAY_MS, &other)); /* the first is long gone */
	assert_true(hubs_see(&h, 1, "p1", &one, NOW + DAY_MS + 2, &other));
	hubs_done(&h);
}

static void invented_ports_fill_no_memory(void **state)
{
	const struct mac one = {{0, 0, 0, 0, 0, 1}};
	struct hubs h;
	struct mac other;
	char port[16];

	(void)state;
	hubs_init(&h);
	for (unsigned i = 0; i < 3 * HUB_PORTS_MAX; i++) {
		snprintf(port, sizeof(port), "p%u", i);
		assert_false(hubs_see(&h, 1, port, &one, NOW, &other));
		assert_true(h.ports.count <= HUB_PORTS_MAX);
	}
	hubs_done(&h);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_nearest_that_says_a_limit_is_heard),
		TEST(units_in_a_circle_hang_nobody),
		TEST(only_who_is_in_at_this_port_takes_a_place),
		TEST(a_ghost_takes_no_place),
		TEST(a_phone_takes_a_place_only_where_phones_count),
		TEST(who_is_in_stays_when_another_comes_or_the_limit_falls),
		TEST(of_those_that_wait_the_first_is_let_in_first),
		TEST(a_port_without_a_name_is_not_counted),
		TEST(sessions_of_many_ports_are_found_whatever_goes),
		cmocka_unit_test(a_second_stranger_behind_a_port_is_told_once_a_day),
		cmocka_unit_test(invented_ports_fill_no_memory),
	};

	return cmocka_run_group_tests_name("gate/port_limit", tests, NULL, NULL);
}
