#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/live/sequence.h"

static struct sequence q;
static struct session a, b, c;

static int setup(void **state)
{
	(void)state;
	q = (struct sequence){0};
	a = b = c = (struct session){0};
	sequence_touch(&q, &a);
	sequence_touch(&q, &b);
	sequence_touch(&q, &c);
	return 0;
}

static void a_reader_goes_through_them_in_the_order_of_their_change(void **state)
{
	struct sequence_reader r;

	(void)state;
	sequence_touch(&q, &a);
	sequence_open(&q, &r, 0);
	assert_ptr_equal(sequence_next(&q, &r), &b);
	assert_ptr_equal(sequence_next(&q, &r), &c);
	assert_ptr_equal(sequence_next(&q, &r), &a);
	assert_null(sequence_next(&q, &r));
	sequence_touch(&q, &c);
	assert_ptr_equal(sequence_next(&q, &r), &c);
	assert_null(sequence_next(&q, &r));
	sequence_close(&q, &r);
}

static void what_changes_while_it_waits_is_read_once(void **state)
{
	struct sequence_reader r;

	(void)state;
	sequence_open(&q, &r, 0);
	assert_ptr_equal(sequence_next(&q, &r), &a);
	sequence_touch(&q, &b);
	sequence_touch(&q, &b);
	assert_ptr_equal(sequence_next(&q, &r), &c);
	assert_ptr_equal(sequence_next(&q, &r), &b);
	assert_null(sequence_next(&q, &r));
	sequence_close(&q, &r);
}

static void a_reader_goes_on_from_a_number(void **state)
{
	struct sequence_reader r;

	(void)state;
	sequence_open(&q, &r, a.changed);
	assert_ptr_equal(sequence_next(&q, &r), &b);
	sequence_close(&q, &r);
	sequence_open(&q, &r, c.changed);
	assert_null(sequence_next(&q, &r));
	sequence_close(&q, &r);
}

static void one_that_goes_takes_no_reader_along(void **state)
{
	struct sequence_reader r, other;

	(void)state;
	sequence_open(&q, &r, 0);
	sequence_open(&q, &other, 0);
	assert_ptr_equal(sequence_next(&q, &r), &a);
	assert_ptr_equal(sequence_next(&q, &r), &b);
	sequence_remove(&q, &b);
	sequence_remove(&q, &a);
	assert_ptr_equal(sequence_next(&q, &r), &c);
	assert_ptr_equal(sequence_next(&q, &other), &c);
	sequence_remove(&q, &c);
	sequence_remove(&q, &c);
	assert_null(sequence_next(&q, &r));
	sequence_touch(&q, &a);
	assert_ptr_equal(sequence_next(&q, &r), &a);
	sequence_close(&q, &r);
	sequence_close(&q, &other);
	assert_null(q.readers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_reader_goes_through_them_in_the_order_of_their_change,
				       setup),
		cmocka_unit_test_setup(what_changes_while_it_waits_is_read_once, setup),
		cmocka_unit_test_setup(a_reader_goes_on_from_a_number, setup),
		cmocka_unit_test_setup(one_that_goes_takes_no_reader_along, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
