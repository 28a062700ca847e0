#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "policy/reason.h"

static void every_reason_has_a_code_and_both_sentences(void **state)
{
	(void)state;
	for (unsigned r = 0; r < REASON_COUNT; r++) {
		const struct reason_text *t = reason_text((enum reason)r);

		assert_int_equal(t->reason, r);
		assert_true(strlen(t->code) > 0 && strlen(t->code) < 32);
		assert_true(strlen(t->zh) > 0 && strlen(t->en) > 0);
		assert_true(text_is_clean(t->zh, strlen(t->zh)));
		assert_int_equal(strlen(t->zh_todo) == 0, strlen(t->en_todo) == 0);
	}
}

static void every_refusal_says_what_to_do_next(void **state)
{
	(void)state;
	for (unsigned r = REASON_PASSWORD_WRONG; r < REASON_COUNT; r++)
		assert_true(strlen(reason_text((enum reason)r)->zh_todo) > 0);
}

static void a_code_names_one_reason(void **state)
{
	(void)state;
	for (unsigned r = 0; r < REASON_COUNT; r++)
		assert_int_equal(reason_from_code(reason_text((enum reason)r)->code), r);
	assert_int_equal(reason_from_code("no-such-code"), REASON_COUNT);
}

/* RADIUS Reply-Message holds 253 bytes; the sentence and the code must fit into one. */
static void every_sentence_fits_a_reply_message(void **state)
{
	(void)state;
	for (unsigned r = 0; r < REASON_COUNT; r++) {
		const struct reason_text *t = reason_text((enum reason)r);

		assert_true(strlen(t->zh) + strlen(t->zh_todo) + strlen(t->code) + 8 <= 253);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_code_and_both_sentences),
		cmocka_unit_test(every_refusal_says_what_to_do_next),
		cmocka_unit_test(a_code_names_one_reason),
		cmocka_unit_test(every_sentence_fits_a_reply_message),
	};

	return cmocka_run_group_tests_name("policy/reason", tests, NULL, NULL);
}
