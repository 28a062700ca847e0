#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "gate/front/doors.h"

#define UNTIL_MS 4711

static struct seal_pair *key;

struct scene {
	struct snapshot *snapshot;
	struct doors doors;
};

static const uint8_t host[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1};

static int make_key(void **state)
{
	(void)state;
	return seal_pair_make(&key);
}

static int drop_key(void **state)
{
	(void)state;
	seal_pair_free(key);
	return 0;
}

static void set_switch(struct snapshot *s, const char *secret, bool gone)
{
	CLEANUP_BUF struct buf sealed = BUF_INIT, bytes = BUF_INIT;
	menshen_SnapSwitch m = {
		.id = 7, .unit_id = 1, .gone = gone, .mab_unsigned_until_ms = UNTIL_MS};
	struct frame f;
	size_t used;

	assert_int_equal(text_copy(m.address, sizeof(m.address), "10.0.0.1"), 0);
	assert_int_equal(seal_to_public(key, "switch", secret, strlen(secret), &sealed), 0);
	memcpy(m.secret_sealed.bytes, sealed.data, sealed.len);
	m.secret_sealed.size = (pb_size_t)sealed.len;
	assert_int_equal(frame_encode(&bytes, FRAME_SNAP_SWITCH, &m, sizeof(m)), 0);
	assert_int_equal(frame_parse(bytes.data, bytes.len, &f, &used), 0);
	assert_int_equal(snapshot_apply(s, &f), 0);
}

static int setup(void **state)
{
	static struct scene s;

	s = (struct scene){0};
	if (snapshot_new(key, &s.snapshot))
		return -1;
	doors_init(&s.doors, NULL);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	doors_done(&s->doors);
	snapshot_free(s->snapshot);
	return 0;
}

static void a_switch_is_learnt_once_and_found_from_then_on(void **state)
{
	struct scene *s = *state;
	const struct door *door;

	assert_false(doors_learn(&s->doors, s->snapshot, host));
	assert_null(doors_find(&s->doors, host));
	set_switch(s->snapshot, "testing123", false);
	assert_true(doors_follow(&s->doors, s->snapshot, 0));
	assert_true(doors_learn(&s->doors, s->snapshot, host));
	assert_false(doors_learn(&s->doors, s->snapshot, host));
	door = doors_find(&s->doors, host);
	assert_non_null(door);
	assert_int_equal(door->switch_id, 7);
	assert_int_equal(door->unsigned_until_ms, UNTIL_MS);
	assert_int_equal(door->secret.len, 10);
	assert_memory_equal(door->secret.text, "testing123", 10);
}

static void a_door_outlives_the_facts_and_goes_when_they_are_followed(void **state)
{
	struct scene *s = *state;

	set_switch(s->snapshot, "before", false);
	assert_true(doors_follow(&s->doors, s->snapshot, 0));
	assert_true(doors_learn(&s->doors, s->snapshot, host));
	assert_false(doors_follow(&s->doors, s->snapshot, 0));
	set_switch(s->snapshot, "afterwards", false);
	assert_memory_equal(doors_find(&s->doors, host)->secret.text, "before", 6);
	assert_true(doors_follow(&s->doors, s->snapshot, 0));
	assert_null(doors_find(&s->doors, host));
	assert_true(doors_learn(&s->doors, s->snapshot, host));
	assert_memory_equal(doors_find(&s->doors, host)->secret.text, "afterwards", 10);
	set_switch(s->snapshot, "afterwards", true);
	assert_true(doors_follow(&s->doors, s->snapshot, 0));
	assert_false(doors_learn(&s->doors, s->snapshot, host));
}

/* Another snapshot may stand where the old one stood, as often changed as that. */
static void another_snapshot_is_told_from_the_one_before(void **state)
{
	struct scene *s = *state;

	set_switch(s->snapshot, "testing123", false);
	assert_true(doors_follow(&s->doors, s->snapshot, 1));
	assert_true(doors_learn(&s->doors, s->snapshot, host));
	assert_true(doors_follow(&s->doors, s->snapshot, 2));
	assert_null(doors_find(&s->doors, host));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_switch_is_learnt_once_and_found_from_then_on,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_door_outlives_the_facts_and_goes_when_they_are_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(another_snapshot_is_told_from_the_one_before, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, make_key, drop_key);
}
