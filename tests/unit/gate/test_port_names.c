#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "gate/facts/port_names.h"
#include "gate/front/doors.h"
#include "gate/front/request.h"
#include "gate/knock/picture.h"
#include "gate/knock/port_limit.h"
#include "gate/live/ports.h"

#define NOW (1000 * DAY_MS)
#define HUAWEI 1
#define OTHER 2
#define WORD "slot=0;subslot=0;port=18;vlanid=121"
#define NAME "GigabitEthernet0/0/18"

static struct gate gate;
static struct radius_out out;

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

static void set_switch(int64_t id, const char *vendor, const char *port_modes)
{
	menshen_SnapSwitch m = {.id = id, .unit_id = 1, .port_limit = 1};

	snprintf(m.address, sizeof(m.address), "10.0.0.%d", (int)id);
	assert_int_equal(text_copy(m.vendor, sizeof(m.vendor), vendor), 0);
	assert_int_equal(text_copy(m.port_modes, sizeof(m.port_modes), port_modes), 0);
	apply(FRAME_SNAP_SWITCH, &m, sizeof(m));
}

static int setup(void **state)
{
	const menshen_SnapUnit unit = {.id = 1, .mode = MODE_OBSERVE};
	char error[VENDOR_ERROR_SIZE];

	(void)state;
	gate = (struct gate){.settings = {.session_seconds = 3600, .interim_seconds = 300}};
	if (sessions_new(ignore_entry, NULL, &gate.sessions) ||
	    snapshot_new(NULL, &gate.snapshot) ||
	    vendors_load(PROJECT_ROOT "/vendors", &gate.vendors, error))
		return -1;
	apply(FRAME_SNAP_UNIT, &unit, sizeof(unit));
	set_switch(HUAWEI, "huawei", "e" WORD "\nwGE0/0/19");
	set_switch(OTHER, "of no vendor's file", "e" WORD);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sessions_free(gate.sessions);
	snapshot_free(gate.snapshot);
	vendors_free(gate.vendors);
	return 0;
}

static const struct snap_switch *at(int64_t id)
{
	return snapshot_switch(gate.snapshot, id);
}

static int read_word(int64_t id, const char *word, uint32_t number, struct request *ret)
{
	radius_begin_request(&out, RADIUS_ACCESS_REQUEST, 1);
	radius_put_text(&out, RADIUS_CALLING_STATION_ID, "00-11-22-33-44-55");
	if (word)
		radius_put_text(&out, RADIUS_NAS_PORT_ID, word);
	if (number)
		radius_put_u32(&out, RADIUS_NAS_PORT, number);
	*ret = (struct request){.packet = radius_out_packet(&out),
				.ports = port_rules(gate.vendors, at(id))};
	return request_read(ret);
}

static void a_packets_port_has_its_name_on_arrival(void **state)
{
	struct request r;

	(void)state;
	assert_int_equal(read_word(HUAWEI, WORD, 0, &r), 0);
	assert_string_equal(r.port, NAME);
	/* Of 72 bytes, which was no port for a gate of before. */
	assert_int_equal(read_word(HUAWEI, WORD ";interfaceName=GigabitEthernet0/0/18", 7, &r), 0);
	assert_string_equal(r.port, NAME);
	assert_int_equal(r.nas_port, 7);
	assert_int_equal(read_word(HUAWEI, NULL, 18U << 12 | 121, &r), 0);
	assert_string_equal(r.port, NAME);
	assert_int_equal(read_word(OTHER, WORD, 0, &r), 0);
	assert_string_equal(r.port, WORD);
	assert_int_equal(read_word(OTHER, NULL, 18U << 12 | 121, &r), 0);
	assert_string_equal(r.port, "73849");
	assert_int_equal(read_word(OTHER, NULL, 0, &r), 0);
	assert_string_equal(r.port, "");
	assert_int_equal(read_word(OTHER, WORD ";interfaceName=GigabitEthernet0/0/18", 7, &r),
			 -EBADMSG);
	assert_int_equal(read_word(HUAWEI, "GE0/0/\x01", 0, &r), -EBADMSG);
}

static struct session *sit(uint8_t mac, int64_t switch_id, const char *port)
{
	const struct session_grant g = {
		.at_ms = NOW - MINUTE_MS,
		.mac = {{0, 0, 0, 0, 0, mac}},
		.switch_id = switch_id,
		.terminal_id = mac,
		.port = port,
		.account = "",
		.calling = "",
		.decision = {VERDICT_ADMIT, REASON_OK, VERDICT_ADMIT, REASON_OK}};
	struct session *n = NULL, old;
	bool moved;

	assert_int_equal(sessions_grant(gate.sessions, &g, &n, &moved, &old), 0);
	return n;
}

static void a_session_of_an_older_gate_is_named_when_the_facts_are_there(void **state)
{
	struct session *n, *same, *other;
	struct session before;

	(void)state;
	n = sit(1, HUAWEI, WORD);
	same = sit(2, HUAWEI, NAME);
	other = sit(3, OTHER, WORD);
	before = *n;
	assert_int_equal(port_name_sessions(&gate), 0);
	assert_string_equal(n->port, NAME);
	assert_int_equal(n->version, before.version);
	assert_memory_equal(n->class_id, before.class_id, CLASS_SIZE);
	assert_string_equal(same->port, NAME);
	assert_string_equal(other->port, WORD);
	assert_null(sessions_at_port(gate.sessions, HUAWEI, WORD));
	assert_non_null(sessions_at_port(gate.sessions, HUAWEI, NAME));
	assert_non_null(ports_next(sessions_at_port(gate.sessions, HUAWEI, NAME)));
	assert_ptr_equal(sessions_at_port(gate.sessions, OTHER, WORD), other);
}

static void what_a_peer_of_an_older_version_tells_is_named(void **state)
{
	struct session said = {.switch_id = HUAWEI, .port = WORD};

	(void)state;
	port_name_told(&gate, &said);
	assert_string_equal(said.port, NAME);
	said = (struct session){.switch_id = 99, .port = WORD};
	port_name_told(&gate, &said);
	assert_string_equal(said.port, WORD);
}

static void a_ports_mode_holds_under_any_word_for_it(void **state)
{
	(void)state;
	assert_int_equal(picture_mode(&gate, at(HUAWEI), NAME), MODE_ENFORCE);
	assert_int_equal(picture_mode(&gate, at(HUAWEI), "GigabitEthernet0/0/19"), MODE_WARN);
	assert_int_equal(picture_mode(&gate, at(HUAWEI), "GigabitEthernet0/0/1"), MODE_OBSERVE);
	assert_int_equal(picture_mode(&gate, at(OTHER), WORD), MODE_ENFORCE);
	assert_int_equal(picture_mode(&gate, at(OTHER), NAME), MODE_OBSERVE);
}

static void check_permit(const char *stored, const char *port, const char *wanted)
{
	menshen_SnapPermit m = {.id = 5, .switch_id = HUAWEI, .until_ms = NOW + DAY_MS};
	const struct subject who = {.now_ms = NOW,
				    .method = KNOCK_MAB,
				    .mac = {{0, 0, 0, 0, 0, 9}},
				    .switch_id = HUAWEI,
				    .port = port,
				    .account = "",
				    .serial = ""};
	struct picture p;

	memcpy(m.mac, who.mac.b, sizeof(who.mac.b));
	assert_int_equal(text_copy(m.port, sizeof(m.port), stored), 0);
	apply(FRAME_SNAP_PERMIT, &m, sizeof(m));
	picture_draw(&gate, &who, at(HUAWEI), &p);
	assert_true(p.facts.permit.known);
	assert_string_equal(p.facts.permit.port, wanted);
}

static void a_permit_of_before_holds_at_its_port(void **state)
{
	(void)state;
	check_permit(WORD, NAME, NAME);
	check_permit("slot=0;subslot=0;port=18;vlanid=4", NAME, NAME);
	check_permit("GE0/0/18", NAME, NAME);
	check_permit(NAME, NAME, NAME);
	check_permit(WORD, "GigabitEthernet0/0/1", WORD);
	check_permit("", NAME, "");
}

static void a_ports_limit_counts_who_sits_there_by_whatever_word(void **state)
{
	const struct subject who = {
		.now_ms = NOW, .mac = {{0, 0, 0, 0, 0, 9}}, .switch_id = HUAWEI, .port = NAME};
	struct port_facts f;

	(void)state;
	sit(1, HUAWEI, "73849");
	assert_int_equal(port_name_sessions(&gate), 0);
	port_limit_draw(&gate, &who, at(HUAWEI), &f);
	assert_int_equal(f.limit, 1);
	assert_int_equal(f.others, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_packets_port_has_its_name_on_arrival, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_session_of_an_older_gate_is_named_when_the_facts_are_there, setup,
			teardown),
		cmocka_unit_test_setup_teardown(what_a_peer_of_an_older_version_tells_is_named,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_ports_mode_holds_under_any_word_for_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_permit_of_before_holds_at_its_port, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_ports_limit_counts_who_sits_there_by_whatever_word, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
