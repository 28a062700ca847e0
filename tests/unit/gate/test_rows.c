#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gate/facts/rows.h"
#include "policy/verdict.h"

#define ROOM 1024

static union {
	int64_t aligned;
	uint8_t bytes[ROOM];
} room;

static menshen_SnapTerminal full_terminal(void)
{
	menshen_SnapTerminal m = {.id = 7,
				  .unit_id = -1,
				  .kind = TERMINAL_VISITOR,
				  .status = TERMINAL_SCRAPPED,
				  .posture = POSTURE_SILENT,
				  .posture_at_ms = INT64_MAX,
				  .lifeline = true,
				  .isolated_by_person = true,
				  .isolated_until_ms = 11,
				  .until_ms = 12,
				  .posture_exempt_until_ms = -13,
				  .supplicant_exempt_until_ms = 14,
				  .account_live_exempt_until_ms = 15,
				  .uuid.size = sizeof(struct uuid)};

	memset(m.uuid.bytes, 0xab, sizeof(struct uuid));
	memset(m.certificate, 'c', sizeof(m.certificate) - 1);
	memset(m.name, 'n', sizeof(m.name) - 1);
	memset(m.asset_no, 'a', sizeof(m.asset_no) - 1);
	return m;
}

static const struct snap_terminal *pack_terminal(const menshen_SnapTerminal *m)
{
	size_t size = 0;

	assert_int_equal(snap_terminal_size(m, &size), 0);
	assert_in_range(size, 1, ROOM - 1);
	memset(&room, 0x5a, sizeof(room));
	snap_terminal_pack(m, (void *)room.bytes);
	assert_int_equal(room.bytes[size], 0x5a); /* not a byte more than it said */
	return (const void *)room.bytes;
}

static void check_terminal(const menshen_SnapTerminal *m)
{
	menshen_SnapTerminal back;

	snap_terminal_unpack(pack_terminal(m), &back);
	assert_int_equal(back.id, m->id);
	assert_int_equal(back.unit_id, m->unit_id);
	assert_int_equal(back.kind, m->kind);
	assert_int_equal(back.status, m->status);
	assert_int_equal(back.posture, m->posture);
	assert_int_equal(back.posture_at_ms, m->posture_at_ms);
	assert_int_equal(back.lifeline, m->lifeline);
	assert_int_equal(back.isolated_by_person, m->isolated_by_person);
	assert_int_equal(back.isolated_until_ms, m->isolated_until_ms);
	assert_int_equal(back.until_ms, m->until_ms);
	assert_int_equal(back.posture_exempt_until_ms, m->posture_exempt_until_ms);
	assert_int_equal(back.supplicant_exempt_until_ms, m->supplicant_exempt_until_ms);
	assert_int_equal(back.account_live_exempt_until_ms, m->account_live_exempt_until_ms);
	assert_int_equal(back.uuid.size, m->uuid.size);
	assert_memory_equal(back.uuid.bytes, m->uuid.bytes, sizeof(m->uuid.bytes));
	assert_string_equal(back.certificate, m->certificate);
	assert_string_equal(back.name, m->name);
	assert_string_equal(back.asset_no, m->asset_no);
}

static void a_terminal_comes_back_as_it_was(void **state)
{
	menshen_SnapTerminal m = full_terminal(), bare = {.id = 1};

	(void)state;
	check_terminal(&m);
	check_terminal(&bare);
	m.name[0] = 0; /* the texts and moments around a missing one stay what they are */
	m.until_ms = m.supplicant_exempt_until_ms = 0;
	check_terminal(&m);
}

static void each_moment_and_text_of_a_terminal_is_found(void **state)
{
	menshen_SnapTerminal m = {.id = 1};
	int64_t *const at[SNAP_TIMES] = {
		[SNAP_UNTIL] = &m.until_ms,
		[SNAP_ISOLATED_UNTIL] = &m.isolated_until_ms,
		[SNAP_POSTURE_EXEMPT_UNTIL] = &m.posture_exempt_until_ms,
		[SNAP_SUPPLICANT_EXEMPT_UNTIL] = &m.supplicant_exempt_until_ms,
		[SNAP_ACCOUNT_LIVE_EXEMPT_UNTIL] = &m.account_live_exempt_until_ms,
	};

	(void)state;
	snprintf(m.name, sizeof(m.name), "pc");
	for (unsigned set = 0; set < 1U << SNAP_TIMES; set++) {
		const struct snap_terminal *t;

		for (unsigned i = 0; i < SNAP_TIMES; i++)
			*at[i] = set & 1U << i ? (int64_t)i + 1 : 0;
		t = pack_terminal(&m);
		for (unsigned i = 0; i < SNAP_TIMES; i++)
			assert_int_equal(snap_terminal_time(t, (enum snap_time)i), *at[i]);
		assert_string_equal(snap_terminal_text(t, SNAP_CERTIFICATE), "");
		assert_string_equal(snap_terminal_text(t, SNAP_NAME), "pc");
		assert_string_equal(snap_terminal_text(t, SNAP_ASSET_NO), "");
	}
}

static void a_terminal_with_a_part_out_of_range_is_none(void **state)
{
	menshen_SnapTerminal m = full_terminal(), bad;
	size_t size = 1;

	(void)state;
	bad = m;
	bad.kind = TERMINAL_KIND_COUNT;
	assert_int_equal(snap_terminal_size(&bad, &size), -EBADMSG);
	bad = m;
	bad.status = TERMINAL_SCRAPPED + 1;
	assert_int_equal(snap_terminal_size(&bad, &size), -EBADMSG);
	bad = m;
	bad.posture = 256;
	assert_int_equal(snap_terminal_size(&bad, &size), -EBADMSG);
	bad = m;
	bad.uuid.size = 15;
	assert_int_equal(snap_terminal_size(&bad, &size), -EBADMSG);
	assert_int_equal(size, 1);
}

static void an_account_comes_back_with_its_letters_folded(void **state)
{
	menshen_SnapAccount m = {.id = 3, .unit_id = 4, .enabled = true, .locked_until_ms = 5},
			    back;

	(void)state;
	for (unsigned full = 0; full < 2; full++) {
		memset(m.name, 'N', full ? sizeof(m.name) - 1 : 1);
		m.nt_sealed.size = full ? sizeof(m.nt_sealed.bytes) : 0;
		memset(m.nt_sealed.bytes, 0xee, m.nt_sealed.size);
		m.directory = full;
		memset(&room, 0x5a, sizeof(room));
		snap_account_pack(&m, (void *)room.bytes);
		assert_int_equal(room.bytes[snap_account_size(&m)], 0x5a);
		snap_account_unpack((const void *)room.bytes, &back);
		assert_int_equal(back.id, 3);
		assert_int_equal(back.unit_id, 4);
		assert_true(back.enabled);
		assert_int_equal(back.directory, full);
		assert_int_equal(back.locked_until_ms, 5);
		assert_int_equal(back.name[0], 'n');
		assert_int_equal(strlen(back.name), strlen(m.name));
		assert_int_equal(back.nt_sealed.size, m.nt_sealed.size);
		assert_memory_equal(back.nt_sealed.bytes, m.nt_sealed.bytes, m.nt_sealed.size);
	}
}

static void a_permit_comes_back_as_it_was(void **state)
{
	menshen_SnapPermit m = {.id = 1,
				.mac = {2, 3, 4, 5, 6, 7},
				.switch_id = 8,
				.terminal_id = 9,
				.from_ms = 10,
				.until_ms = 11,
				.port = "p1"},
			   back;

	(void)state;
	for (pb_size_t hours = 0; hours <= 4; hours++) {
		m.hours_count = hours;
		m.hours[hours % 4] = 0xdeadbeef;
		memset(&room, 0x5a, sizeof(room));
		snap_permit_pack(&m, "p1", (void *)room.bytes);
		assert_int_equal(room.bytes[snap_permit_size(&m)], 0x5a);
		snap_permit_unpack((const void *)room.bytes, &back);
		assert_memory_equal(back.mac, m.mac, sizeof(m.mac));
		assert_int_equal(back.id, 1);
		assert_int_equal(back.switch_id, 8);
		assert_int_equal(back.terminal_id, 9);
		assert_int_equal(back.from_ms, 10);
		assert_int_equal(back.until_ms, 11);
		assert_string_equal(back.port, "p1");
		assert_int_equal(back.hours_count, hours);
		assert_memory_equal(back.hours, m.hours, hours * sizeof(m.hours[0]));
	}
}

/* What half a million of them weigh. */
static void the_rows_of_a_plain_printer_are_small(void **state)
{
	menshen_SnapTerminal t = {.id = 1, .uuid.size = sizeof(struct uuid)};
	menshen_SnapPermit p = {.id = 1};
	size_t size = 0;

	(void)state;
	snprintf(t.name, sizeof(t.name), "PRN-004711");
	assert_int_equal(snap_terminal_size(&t, &size), 0);
	assert_in_range(size, 1, 64);
	assert_in_range(snap_permit_size(&p), 1, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_comes_back_as_it_was),
		cmocka_unit_test(each_moment_and_text_of_a_terminal_is_found),
		cmocka_unit_test(a_terminal_with_a_part_out_of_range_is_none),
		cmocka_unit_test(an_account_comes_back_with_its_letters_folded),
		cmocka_unit_test(a_permit_comes_back_as_it_was),
		cmocka_unit_test(the_rows_of_a_plain_printer_are_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
