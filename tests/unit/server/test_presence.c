/* Who is alive, and how much a terminal may bring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/gateway/presence.h"

static const struct uuid desk = {{1}};
static const uint8_t epoch[16] = {1}, other_epoch[16] = {2};
static int worker;

static enum presence_claim claim(struct presence *p, const uint8_t *from, uint64_t conn,
				 int64_t now_ms)
{
	struct presence_owner old = {0};
	enum presence_claim result;

	assert_int_equal(presence_claim(p, &desk, from, (struct presence_owner){&worker, conn},
					now_ms, &result, &old),
			 0);
	return result;
}

static void a_claim_made_twice_replaces_nobody(void **state)
{
	struct presence *p;

	(void)state;
	assert_int_equal(presence_new(1000, &p), 0);
	assert_int_equal(claim(p, epoch, 1, 1), CLAIM_TAKEN);
	assert_int_equal(claim(p, epoch, 1, 2), CLAIM_TAKEN);
	assert_int_equal(claim(p, other_epoch, 2, 3), CLAIM_FORK);
	assert_int_equal(claim(p, epoch, 3, 4), CLAIM_REPLACES);
	presence_free(p);
}

static int64_t take(struct presence *p, size_t count, int64_t now_ms, bool *ret_tell)
{
	const struct presence_share share = {.per_s = 10, .burst = 100};

	return presence_take_share(p, &desk, &share, count, now_ms, ret_tell);
}

static void a_share_is_a_burst_and_a_rate_and_its_want_is_told_once(void **state)
{
	struct presence *p;
	bool tell;

	(void)state;
	assert_int_equal(presence_new(1000, &p), 0);
	assert_int_equal(claim(p, epoch, 1, 1), CLAIM_TAKEN);
	assert_int_equal(take(p, 99, 1000, &tell), 0);
	assert_int_equal(take(p, 11, 1000, &tell), 0); /* the last overdraws: by ten, a second's */
	assert_false(tell);
	assert_in_range(take(p, 1, 1000, &tell), 1000, 1001);
	assert_true(tell);
	assert_in_range(take(p, 1, 1500, &tell), 500, 501);
	assert_false(tell);
	assert_int_equal(take(p, 1, 2001, &tell), 0);
	/* Nobody saves more than a burst, however long it is silent. */
	assert_int_equal(take(p, 200, INT64_C(1) << 40, &tell), 0);
	assert_in_range(take(p, 1, INT64_C(1) << 40, &tell), 10000, 10001);
	assert_true(tell); /* it was full in between */
	presence_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claim_made_twice_replaces_nobody),
		cmocka_unit_test(a_share_is_a_burst_and_a_rate_and_its_want_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
