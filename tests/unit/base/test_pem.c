#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/pem.h"

static void bytes_of_every_length_come_back(void **state)
{
	uint8_t bytes[200];

	(void)state;
	random_bytes(bytes, sizeof(bytes));
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		CLEANUP_BUF struct buf text = BUF_INIT, back = BUF_INIT;

		pem_encode(&text, "CERTIFICATE", bytes, len);
		assert_int_equal(text.error, 0);
		assert_int_equal(pem_decode(buf_str(&text), text.len, "CERTIFICATE", &back), 0);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.data, bytes, len);
	}
}

/* RFC 4648, section 10 */
static void the_vectors_of_the_standard_are_met(void **state)
{
	static const char *const vectors[][2] = {
		{"f", "Zg=="},	      {"fo", "Zm8="},	     {"foo", "Zm9v"},
		{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP_BUF struct buf text = BUF_INIT;
		char wanted[96];

		pem_encode(&text, "X", vectors[i][0], strlen(vectors[i][0]));
		snprintf(wanted, sizeof(wanted), "-----BEGIN X-----\n%s\n-----END X-----\n",
			 vectors[i][1]);
		assert_string_equal(buf_str(&text), wanted);
	}
}

static void lines_hold_64_characters(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	const uint8_t bytes[48 * 2 + 1] = {0};

	(void)state;
	pem_encode(&text, "X", bytes, sizeof(bytes));
	assert_int_equal(strcspn(strchr(buf_str(&text), '\n') + 1, "\n"), 64);
	assert_non_null(strstr(buf_str(&text), "\nAA==\n-----END X-----\n"));
}

static void the_first_block_of_the_label_is_taken(void **state)
{
	static const char text[] = "noise\n-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"
				   "-----BEGIN CERT-----\n Zm9v \r\nYmFy\n-----END CERT-----\n"
				   "-----BEGIN CERT-----\nAAAA\n-----END CERT-----\n";
	CLEANUP_BUF struct buf ret = BUF_INIT;

	(void)state;
	buf_puts(&ret, "before ");
	assert_int_equal(pem_decode(text, strlen(text), "CERT", &ret), 0);
	assert_string_equal(buf_str(&ret), "before foobar");
	assert_int_equal(pem_decode(text, strlen(text), "OTHER", &ret), -ENOENT);
}

static void a_block_that_is_not_strict_is_refused_and_changes_nothing(void **state)
{
	static const char *const bodies[] = {
		"", "Zg", "Zg=", "Zg===", "Z===", "Zm9v!", "Zg==Zg==", "Zm9v=", "=Zm9", "Zm\377v",
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		CLEANUP_BUF struct buf ret = BUF_INIT;

		buf_puts(&ret, "kept");
		snprintf(text, sizeof(text), "-----BEGIN X-----\n%s\n-----END X-----\n", bodies[i]);
		if (pem_decode(text, strlen(text), "X", &ret) != -EBADMSG)
			fail_msg("taken: %s", bodies[i]);
		assert_int_equal(ret.len, 4);
	}
}

static void a_block_without_its_end_is_refused(void **state)
{
	static const char text[] = "-----BEGIN X-----\nZm9v\n-----END X-----\n";
	CLEANUP_BUF struct buf ret = BUF_INIT;

	(void)state;
	for (size_t len = 0; len < strlen(text) - 1; len++)
		assert_true(pem_decode(text, len, "X", &ret) < 0);
	assert_int_equal(ret.len, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_of_every_length_come_back),
		cmocka_unit_test(the_vectors_of_the_standard_are_met),
		cmocka_unit_test(lines_hold_64_characters),
		cmocka_unit_test(the_first_block_of_the_label_is_taken),
		cmocka_unit_test(a_block_that_is_not_strict_is_refused_and_changes_nothing),
		cmocka_unit_test(a_block_without_its_end_is_refused),
	};

	return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}
