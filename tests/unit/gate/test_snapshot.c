#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "gate/facts/snapshot_file.h"

static struct seal_pair *key;
static char dir[] = "/tmp/snapshot-test-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return seal_pair_make(&key) || !mkdtemp(dir);
}

static int teardown(void **state)
{
	static const char *const names[] = {"snapshot", "snapshot.previous", "rescue"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	seal_pair_free(key);
	return 0;
}

static int apply(struct snapshot *s, enum frame_type type, const void *message, size_t size)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct frame f;
	size_t used;

	assert_int_equal(frame_encode(&bytes, type, message, size), 0);
	assert_int_equal(frame_parse(bytes.data, bytes.len, &f, &used), 0);
	return snapshot_apply(s, &f);
}

#define APPLY(s, type, ...) apply((s), (type), &__VA_ARGS__, sizeof(__VA_ARGS__))

static struct snapshot *new_snapshot(void)
{
	struct snapshot *s = NULL;

	assert_int_equal(snapshot_new(key, &s), 0);
	return s;
}

static int64_t owner_of(const struct snapshot *s, const struct mac *mac)
{
	return snapshot_owner(snapshot_device(s, mac));
}

static menshen_SnapSwitch switch_row(int64_t id, const char *address, const char *secret)
{
	menshen_SnapSwitch m = {.id = id, .unit_id = 1};
	CLEANUP_BUF struct buf sealed = BUF_INIT;

	snprintf(m.address, sizeof(m.address), "%s", address);
	assert_int_equal(seal_to_public(key, "switch", secret, strlen(secret), &sealed), 0);
	memcpy(m.secret_sealed.bytes, sealed.data, sealed.len);
	m.secret_sealed.size = (pb_size_t)sealed.len;
	return m;
}

static void rows_come_change_and_go(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapMac m = {.id = 5, .mac = {2, 0, 0, 0, 0, 1}, .terminal_id = 9};
	const struct mac old = {{2, 0, 0, 0, 0, 1}}, new = {{2, 0, 0, 0, 0, 2}};

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, m), 0);
	assert_int_equal(owner_of(s, &old), 9);
	m.mac[5] = 2;
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, m), 0);
	assert_int_equal(owner_of(s, &old), 0);
	assert_int_equal(owner_of(s, &new), 9);
	m.gone = true;
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, m), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, m), 0); /* a replay is harmless */
	assert_int_equal(owner_of(s, &new), 0);
	assert_int_equal(snapshot_rows(s), 0);
}

/* A MAC that moved: the new row may come before the old one goes. */
static void a_key_taken_over_survives_the_old_rows_end(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapMac a = {.id = 5, .mac = {2}, .terminal_id = 9}, b = a;
	const struct mac mac = {{2}};

	(void)state;
	b.id = 6;
	b.terminal_id = 10;
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, a), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, b), 0);
	a.gone = true;
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, a), 0);
	assert_int_equal(owner_of(s, &mac), 10);
}

static void permits_of_one_mac_hang_together(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapPermit p[3];
	const struct mac mac = {{2}};
	const struct snap_permit *at;
	size_t count;

	(void)state;
	for (int i = 0; i < 3; i++) {
		p[i] = (menshen_SnapPermit){.id = i + 1, .mac = {2}, .switch_id = i + 1};
		assert_int_equal(APPLY(s, FRAME_SNAP_PERMIT, p[i]), 0);
	}
	for (int gone = 2; gone >= 0; gone--) {
		for (count = 0, at = snapshot_permits(s, &mac); at;
		     at = snapshot_next_permit(s, at))
			count++;
		assert_int_equal(count, gone + 1);
		p[gone == 2 ? 1 : gone == 1 ? 2 : 0].gone = true; /* middle, first, last */
		assert_int_equal(APPLY(s, FRAME_SNAP_PERMIT,
				       p[gone == 2   ? 1
					 : gone == 1 ? 2
						     : 0]),
				 0);
	}
	assert_null(snapshot_permits(s, &mac));
}

/* As a month of changes does it: what a row had before is used again. */
static void changes_of_every_kind_leave_nothing_behind(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapTerminal t = {.id = 1, .unit_id = 1, .uuid.size = sizeof(struct uuid)};
	menshen_SnapPermit p = {.id = 1, .mac = {2}, .switch_id = 1};
	menshen_SnapAccount a = {.id = 1, .name = "A"};
	menshen_SnapDeny d = {.id = 1, .mac = {2}};
	menshen_SnapTerminalAccount pair = {.id = 1, .terminal_id = 1, .account_id = 1};

	(void)state;
	assert_int_equal(snapshot_name_terminals(s, false), 0);
	for (int i = 0; i < 5000; i++) {
		snprintf(t.name, sizeof(t.name), "PC%.*s", i % 50,
			 "0123456789012345678901234567890123456789012345678");
		snprintf(p.port, sizeof(p.port), "GigabitEthernet1/0/%d", i);
		t.until_ms = i % 3;
		p.hours_count = (pb_size_t)i % 5;
		a.nt_sealed.size = (pb_size_t)i % 160;
		p.gone = d.gone = pair.gone = i % 7 == 6;
		assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, t), 0);
		assert_int_equal(APPLY(s, FRAME_SNAP_PERMIT, p), 0);
		assert_int_equal(APPLY(s, FRAME_SNAP_ACCOUNT, a), 0);
		assert_int_equal(APPLY(s, FRAME_SNAP_DENY, d), 0);
		assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL_ACCOUNT, pair), 0);
		assert_string_equal(snap_terminal_text(snapshot_terminal(s, 1), SNAP_NAME), t.name);
		assert_ptr_equal(snapshot_terminal_named(s, t.name), snapshot_terminal(s, 1));
		assert_int_equal(snapshot_denied(s, &(struct mac){{2}}, 5), !d.gone);
		assert_int_equal(snapshot_account_allowed(s, 1, 1), !pair.gone);
		if (!p.gone)
			assert_string_equal(snapshot_permits(s, &(struct mac){{2}})->port, p.port);
	}
	assert_in_range(snapshot_bytes(s), 1, 3U << 20);
}

static void one_that_cannot_be_taken_leaves_the_row_as_it_was(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapTerminal t = {.id = 1, .unit_id = 7};

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, t), 0);
	t.kind = 99;
	assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, t), -EBADMSG);
	assert_int_equal(snapshot_terminal(s, 1)->unit_id, 7);
}

static void terminals_are_found_by_all_they_are_known_by(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapTerminal a = {.id = 1, .uuid = {16, {1}}, .certificate = "aa01"},
			     b = {.id = 2, .uuid = {16, {2}}, .certificate = "aa02"};
	menshen_SnapMac m = {.id = 9, .mac = {2}, .terminal_id = 2};
	const struct uuid first = {{1}}, third = {{3}};

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, a), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, b), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, m), 0);
	assert_int_equal(snapshot_terminal_by_mac(s, &(struct mac){{2}})->id, 2);
	assert_null(snapshot_terminal_by_mac(s, &(struct mac){{3}}));
	assert_int_equal(snapshot_terminal_by_uuid(s, &first)->id, 1);
	assert_int_equal(snapshot_terminal_by_serial(s, "aa02")->id, 2);
	a.uuid.bytes[0] = 3;
	a.certificate[3] = '3';
	assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, a), 0);
	assert_null(snapshot_terminal_by_uuid(s, &first));
	assert_int_equal(snapshot_terminal_by_uuid(s, &third)->id, 1);
	assert_null(snapshot_terminal_by_serial(s, "aa01"));
	assert_int_equal(snapshot_terminal_by_serial(s, "aa03")->id, 1);
	assert_null(snapshot_terminal_by_serial(s, ""));
}

static void a_switch_is_usable_only_when_its_secret_opens(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapSwitch good = switch_row(1, "10.0.0.1", "secret"),
			   bad = switch_row(2, "10.0.0.2", "secret");
	uint8_t host[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1};

	(void)state;
	bad.secret_sealed.bytes[40] ^= 1;
	assert_int_equal(APPLY(s, FRAME_SNAP_SWITCH, good), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_SWITCH, bad), 0);
	assert_true(snapshot_switch_at(s, host)->usable);
	assert_int_equal(snapshot_switch_at(s, host)->secret.len, 6);
	host[15] = 2;
	assert_false(snapshot_switch_at(s, host)->usable);
}

static void rows_with_numbers_out_of_their_range_are_refused(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapUnit unit = {.id = 1, .mode = 3};
	menshen_SnapTerminal terminal = {.id = 1, .status = 9};
	menshen_SnapMac nobody = {.id = 0};
	menshen_Ack other = {.through_seq = 1};

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_UNIT, unit), -EBADMSG);
	assert_int_equal(APPLY(s, FRAME_SNAP_TERMINAL, terminal), -EBADMSG);
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, nobody), -EBADMSG);
	assert_int_equal(APPLY(s, FRAME_ACK, other), -EBADMSG);
	assert_int_equal(snapshot_rows(s), 0);
}

static void a_bypass_covers_what_lies_below_its_unit(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapUnit branch = {.id = 1}, outlet = {.id = 2, .parent_id = 1}, other = {.id = 3},
			 circle = {.id = 4, .parent_id = 4};
	menshen_SnapBypass b = {.id = 1, .unit_id = 1, .from_ms = 100, .until_ms = 200};

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_UNIT, branch), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_UNIT, outlet), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_UNIT, other), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_UNIT, circle), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_BYPASS, b), 0);
	assert_int_equal(snapshot_bypass_until(s, 2, 150), 200);
	assert_int_equal(snapshot_bypass_until(s, 3, 150), 0);
	assert_int_equal(snapshot_bypass_until(s, 2, 200), 0);
	assert_int_equal(snapshot_bypass_until(s, 2, 99), 0);
	assert_int_equal(snapshot_bypass_until(s, 4, 150), 0); /* and comes back */
}

static void the_address_plan_is_walked_and_its_changes_are_seen(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapAddress one = {.id = 1, .mac = {2, 0, 0, 0, 0, 1}, .ip = "10.0.0.1"},
			    two = {.id = 2, .mac = {2, 0, 0, 0, 0, 2}, .ip = "10.0.0.2"};
	const menshen_SnapAddress *a;
	uint64_t epoch;
	size_t at = 0;

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, one), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, two), 0);
	epoch = snapshot_addresses_epoch(s);
	one.gone = true;
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, one), 0);
	assert_true(snapshot_addresses_epoch(s) > epoch);
	a = snapshot_next_address(s, &at);
	assert_non_null(a);
	assert_string_equal(a->ip, "10.0.0.2");
	assert_null(snapshot_next_address(s, &at));
}

/* How many addresses the plan gives this MAC. */
static size_t planned(const struct snapshot *s, uint8_t last)
{
	const struct mac mac = {{2, 0, 0, 0, 0, last}};
	size_t at = SNAPSHOT_FIRST, count = 0;

	while (snapshot_address_of(s, &mac, &at))
		count++;
	return count;
}

static void a_mac_has_all_its_planned_addresses_and_an_address_moves(void **state)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapAddress four = {.id = 1, .mac = {2, 0, 0, 0, 0, 1}, .ip = "10.0.0.1"},
			    six = {.id = 2, .mac = {2, 0, 0, 0, 0, 1}, .ip = "fd00::1"};

	(void)state;
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, four), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, six), 0);
	assert_int_equal(planned(s, 1), 2);
	four.mac[5] = 2;
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, four), 0);
	assert_int_equal(planned(s, 1), 1);
	assert_int_equal(planned(s, 2), 1);
	six.gone = true;
	assert_int_equal(APPLY(s, FRAME_SNAP_ADDRESS, six), 0);
	assert_int_equal(planned(s, 1), 0);
}

static void names_are_accounts_however_they_are_written(void **state)
{
	static const char *const same[] = {
		"alice", "ALICE", "HQ\\alice", "a\\b\\Alice", "alice@bank.example", "HQ\\alice@x"};
	static const char *const bad[] = {"", "HQ\\", "@bank", "al\nice", "al\xff"};
	char name[ACCOUNT_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		assert_int_equal(account_name(name, same[i], strlen(same[i])), 0);
		assert_string_equal(name, "alice");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(account_name(name, bad[i], strlen(bad[i])), -EINVAL);
}

static void save_rev(int64_t rev)
{
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	menshen_SnapSwitch sw = switch_row(1, "10.0.0.1", "secret");
	menshen_SnapMac mac = {.id = 1, .mac = {2}, .terminal_id = rev};

	assert_int_equal(APPLY(s, FRAME_SNAP_SWITCH, sw), 0);
	assert_int_equal(APPLY(s, FRAME_SNAP_MAC, mac), 0);
	snapshot_set_rev(s, rev);
	assert_int_equal(snapshot_save(dir, s, 12345), 0);
}

static void harm(const char *name, size_t at)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_FREE char *path = NULL;

	assert_int_equal(file_path(dir, name, &path), 0);
	assert_int_equal(file_read(path, 1U << 20, &bytes), 0);
	bytes.data[at % bytes.len] ^= 0x10;
	assert_int_equal(file_replace(path, bytes.data, bytes.len, 0600), 0);
}

static void check_load(enum snapshot_source source, int64_t rev, size_t rows)
{
	struct snapshot_loaded loaded;

	assert_int_equal(snapshot_load(dir, key, &loaded), 0);
	assert_int_equal(loaded.source, source);
	assert_int_equal(snapshot_rev(loaded.snapshot), rev);
	assert_int_equal(snapshot_rows(loaded.snapshot), rows);
	snapshot_free(loaded.snapshot);
}

static void the_previous_generation_stands_in_for_a_damaged_one(void **state)
{
	(void)state;
	check_load(SNAPSHOT_NONE, 0, 0);
	save_rev(1);
	save_rev(2);
	check_load(SNAPSHOT_CURRENT, 2, 2);
	harm("snapshot", 100);
	check_load(SNAPSHOT_PREVIOUS, 1, 2);
	harm("snapshot.previous", 100);
	check_load(SNAPSHOT_RESCUE, 2, 1); /* switches alone */
	harm("rescue", 100);
	check_load(SNAPSHOT_NONE, 0, 0);
}

static void one_bit_anywhere_is_noticed(void **state)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_FREE char *path = NULL;
	int64_t saved_at_ms;

	(void)state;
	save_rev(3);
	assert_int_equal(file_path(dir, "snapshot", &path), 0);
	assert_int_equal(file_read(path, 1U << 20, &bytes), 0);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();

		bytes.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(snapshot_decode(bytes.data, bytes.len, s, &saved_at_ms), -EBADMSG);
		bytes.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t len = 0; len < bytes.len; len++) {
		CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();

		assert_int_equal(snapshot_decode(bytes.data, len, s, &saved_at_ms), -EBADMSG);
	}
}

static struct mac mac_number(size_t i)
{
	return (struct mac){{2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}};
}

static void many_rows_come_back_from_the_file(void **state)
{
	enum { MANY = 3 * SNAPSHOT_TOGETHER + 1 };
	CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
	struct snapshot_loaded loaded;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		menshen_SnapMac m = {.id = (int64_t)i + 1, .terminal_id = (int64_t)i + 1};
		menshen_SnapPermit p = {.id = (int64_t)i + 1, .switch_id = (int64_t)i};
		struct mac mac = mac_number(i);

		memcpy(m.mac, mac.b, sizeof(m.mac));
		memcpy(p.mac, mac.b, sizeof(p.mac));
		assert_int_equal(APPLY(s, FRAME_SNAP_MAC, m), 0);
		assert_int_equal(APPLY(s, FRAME_SNAP_PERMIT, p), 0);
	}
	assert_int_equal(snapshot_save(dir, s, 12345), 0);
	assert_int_equal(snapshot_load(dir, key, &loaded), 0);
	assert_int_equal(loaded.source, SNAPSHOT_CURRENT);
	assert_int_equal(snapshot_rows(loaded.snapshot), 2 * MANY);
	for (size_t i = 0; i < MANY; i++) {
		struct mac mac = mac_number(i);

		assert_int_equal(owner_of(loaded.snapshot, &mac), i + 1);
		assert_int_equal(snapshot_permits(loaded.snapshot, &mac)->switch_id, i);
	}
	snapshot_free(loaded.snapshot);
}

static size_t parse_all(const struct buf *bytes, struct frame *ret)
{
	size_t count = 0, used;

	for (size_t at = 0; at < bytes->len; at += used)
		assert_int_equal(
			frame_parse(bytes->data + at, bytes->len - at, &ret[count++], &used), 0);
	return count;
}

/* One row that is none, at every place among good ones. */
static void a_bad_row_among_many_is_refused(void **state)
{
	(void)state;
	for (size_t bad = 0; bad < 5; bad++) {
		CLEANUP_SNAPSHOT struct snapshot *s = new_snapshot();
		CLEANUP_BUF struct buf bytes = BUF_INIT;
		struct frame frames[5];

		for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
			menshen_SnapMac m = {.id = i == bad ? -1 : (int64_t)i + 1, .mac = {2}};

			assert_int_equal(FRAME_ENCODE(&bytes, FRAME_SNAP_MAC, &m), 0);
		}
		assert_int_equal(parse_all(&bytes, frames), ARRAY_SIZE(frames));
		assert_int_equal(snapshot_apply_all(s, frames, ARRAY_SIZE(frames)), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_change_and_go),
		cmocka_unit_test(a_key_taken_over_survives_the_old_rows_end),
		cmocka_unit_test(permits_of_one_mac_hang_together),
		cmocka_unit_test(changes_of_every_kind_leave_nothing_behind),
		cmocka_unit_test(one_that_cannot_be_taken_leaves_the_row_as_it_was),
		cmocka_unit_test(terminals_are_found_by_all_they_are_known_by),
		cmocka_unit_test(a_switch_is_usable_only_when_its_secret_opens),
		cmocka_unit_test(rows_with_numbers_out_of_their_range_are_refused),
		cmocka_unit_test(a_bypass_covers_what_lies_below_its_unit),
		cmocka_unit_test(the_address_plan_is_walked_and_its_changes_are_seen),
		cmocka_unit_test(a_mac_has_all_its_planned_addresses_and_an_address_moves),
		cmocka_unit_test(names_are_accounts_however_they_are_written),
		cmocka_unit_test(the_previous_generation_stands_in_for_a_damaged_one),
		cmocka_unit_test(one_bit_anywhere_is_noticed),
		cmocka_unit_test(many_rows_come_back_from_the_file),
		cmocka_unit_test(a_bad_row_among_many_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
