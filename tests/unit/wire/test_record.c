#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/record.h"

static void check_same(const menshen_Record *r)
{
	CLEANUP_BUF struct buf general = BUF_INIT, by_hand = BUF_INIT;

	assert_int_equal(FRAME_ENCODE(&general, FRAME_RECORD, r), 0);
	assert_int_equal(frame_encode_record(&by_hand, r), 0);
	assert_int_equal(by_hand.len, general.len);
	assert_memory_equal(by_hand.data, general.data, general.len);
}

static void fill_text(char *dst, size_t size, size_t len)
{
	memset(dst, 'x', len < size ? len : size - 1);
}

static menshen_Record full(size_t text_len)
{
	menshen_Record r = {.seq = UINT64_MAX,
			    .at_ms = INT64_C(1795400000000),
			    .switch_id = -1,
			    .terminal_id = 127,
			    .verdict = 128,
			    .would_be = 2,
			    .method = UINT32_MAX,
			    .octets_in = 1,
			    .octets_out = UINT64_C(1) << 63,
			    .began_at_ms = INT64_C(1795300000000),
			    .heard_at_ms = 1,
			    .ended_at_ms = INT64_MAX,
			    .enforce_from_ms = INT64_C(1795500000000),
			    .last_known = true};

	r.mac.size = 6;
	memset(r.mac.bytes, 0xab, 6);
#define FILL(field) fill_text(r.field, sizeof(r.field), text_len)
	FILL(kind);
	FILL(account);
	FILL(port);
	FILL(reason);
	FILL(would_be_reason);
	FILL(session);
	FILL(address);
	FILL(note);
	FILL(unknown_switch);
	FILL(address_source);
	FILL(vlan);
	return r;
}

static void an_empty_record_is_written_alike(void **state)
{
	const menshen_Record r = {0};

	(void)state;
	check_same(&r);
}

static void records_with_texts_of_every_length_are_written_alike(void **state)
{
	(void)state;
	for (size_t len = 0; len < 300; len++) {
		const menshen_Record r = full(len);

		check_same(&r);
	}
}

static void a_buffer_that_is_full_says_so(void **state)
{
	CLEANUP_BUF struct buf to = {.limit = 100};
	const menshen_Record r = full(300);

	(void)state;
	assert_int_equal(frame_encode_record(&to, &r), -EMSGSIZE);
	assert_int_equal(to.error, -EMSGSIZE);
	assert_int_equal(to.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_record_is_written_alike),
		cmocka_unit_test(records_with_texts_of_every_length_are_written_alike),
		cmocka_unit_test(a_buffer_that_is_full_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
