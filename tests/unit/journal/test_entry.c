#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "journal/entry.h"

#define SAMPLE                                                                                     \
	"{\"seq\":1041,\"at\":1795436156123,\"act\":\"terminal.isolate\",\"actor\":{\"account\":"  \
	"17,"                                                                                      \
	"\"name\":\"\xe7\x8e\x8b\",\"role\":\"security\",\"from\":\"10.1.2.3\"},\"unit\":3,"       \
	"\"subject\":\"terminal:5f0c\",\"detail\":{\"a\":[1,true,null],\"reason\":\"said "         \
	"\\\"no\\\""                                                                               \
	"\"},\"rows\":[[\"terminal\",\"5f0c\",\""                                                  \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"],[\"permit\",\"12\","  \
	"null]]}"

static const struct entry_row sample_rows[] = {
	{.table = "terminal",
	 .id = "5f0c",
	 .digest = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
		    0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
		    0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}},
	{.table = "permit", .id = "12", .deleted = true},
};

static struct entry sample(const json_t *detail)
{
	return (struct entry){
		.seq = 1041,
		.at_ms = 1795436156123,
		.act = "terminal.isolate",
		.actor = {17, "\xe7\x8e\x8b", "security", "10.1.2.3"},
		.unit = 3,
		.subject = "terminal:5f0c",
		.detail = detail,
		.rows = sample_rows,
		.row_count = ARRAY_SIZE(sample_rows),
	};
}

static void an_entry_has_exactly_these_bytes(void **state)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	json_t *detail = json_pack("{s:s,s:[i,b,n]}", "reason", "said \"no\"", "a", 1, 1);
	const struct entry e = sample(detail);

	(void)state;
	assert_int_equal(entry_encode(&e, &bytes), 0);
	assert_string_equal(buf_str(&bytes), SAMPLE);
	json_decref(detail);
}

static void what_was_encoded_is_read_back(void **state)
{
	CLEANUP_ENTRY struct entry e = {0};

	(void)state;
	assert_int_equal(entry_parse(SAMPLE, sizeof(SAMPLE) - 1, &e), 0);
	assert_int_equal(e.seq, 1041);
	assert_int_equal(e.at_ms, 1795436156123);
	assert_string_equal(e.act, "terminal.isolate");
	assert_int_equal(e.actor.account, 17);
	assert_string_equal(e.actor.role, "security");
	assert_string_equal(e.actor.from, "10.1.2.3");
	assert_int_equal(e.unit, 3);
	assert_int_equal(e.row_count, 2);
	assert_string_equal(e.rows[0].table, "terminal");
	assert_memory_equal(e.rows[0].digest, sample_rows[0].digest, HASH_SIZE);
	assert_true(e.rows[1].deleted);
}

static void the_least_entry_stands_with_empty_texts(void **state)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	CLEANUP_ENTRY struct entry e = {0};
	const struct entry least = {.act = "server.start"};

	(void)state;
	assert_int_equal(entry_encode(&least, &bytes), 0);
	assert_int_equal(entry_parse(bytes.data, bytes.len, &e), 0);
	assert_string_equal(e.subject, "");
	assert_int_equal(e.row_count, 0);
}

static void any_other_spelling_of_the_same_facts_is_refused(void **state)
{
	static const struct {
		const char *find, *put;
	} changes[] = {
		{"\"seq\":1041", "\"seq\": 1041"},
		{"\"seq\":1041", "\"seq\":1041.0"},
		{"\"seq\":1041", "\"seq\":-1"},
		{"\"seq\":1041,\"at\":1795436156123", "\"at\":1795436156123,\"seq\":1041"},
		{"\"unit\":3", "\"unit\":3,\"unit\":3"},
		{"\"unit\":3,", ""},
		{"\"unit\":3", "\"unit\":\"3\""},
		{"\"unit\":3", "\"unit\":3,\"more\":1"},
		{"aabbcc", "AABBCC"},
		{"aabbcc", "aabbc"},
		{"[1,true,null]", "[1.5]"},
		{"\"a\":", "\"z\":"},
		{"said", "\\u0073aid"},
		{",null]]}", ",null,1]]}"},
		{",null]]}", ",null]]}\n"},
		{",null]]}", ",null]]}x"},
		{"\"act\":\"terminal.isolate\"", "\"act\":\"\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const char *at = strstr(SAMPLE, changes[i].find);
		CLEANUP_BUF struct buf text = BUF_INIT;
		struct entry e;

		assert_non_null(at);
		buf_append(&text, SAMPLE, strlen(SAMPLE) - strlen(at));
		buf_puts(&text, changes[i].put);
		buf_puts(&text, at + strlen(changes[i].find));
		assert_int_equal(entry_parse(text.data, text.len, &e), -EBADMSG);
	}
}

static void every_cut_of_an_entry_is_refused(void **state)
{
	struct entry e;

	(void)state;
	for (size_t len = 0; len < sizeof(SAMPLE) - 1; len++) {
		CLEANUP_FREE char *copy = malloc(len + 1);

		memcpy(copy, SAMPLE, len);
		assert_int_equal(entry_parse(copy, len, &e), -EBADMSG);
	}
}

static void what_may_not_stand_in_the_log_is_not_encoded(void **state)
{
	json_t *real = json_pack("{s:f}", "x", 1.5), *list = json_array(), *deep = json_object();
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	char long_text[ENTRY_TEXT_MAX + 2];
	struct entry e;

	(void)state;
	for (int i = 0; i < ENTRY_DEPTH_MAX; i++)
		deep = json_pack("{so}", "d", deep);
	e = sample(real);
	assert_int_equal(entry_encode(&e, &bytes), -EINVAL);
	e = sample(list);
	assert_int_equal(entry_encode(&e, &bytes), -EINVAL);
	e = sample(deep);
	assert_int_equal(entry_encode(&e, &bytes), -EINVAL);
	e = sample(NULL);
	e.act = "";
	assert_int_equal(entry_encode(&e, &bytes), -EINVAL);
	e.act = "a\x01";
	assert_int_equal(entry_encode(&e, &bytes), -EINVAL);
	e.act = "a\xff";
	assert_int_equal(entry_encode(&e, &bytes), -EINVAL);
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	e.act = long_text;
	assert_int_equal(entry_encode(&e, &bytes), -EMSGSIZE);
	e = sample(NULL);
	e.row_count = ENTRY_ROWS_MAX + 1;
	assert_int_equal(entry_encode(&e, &bytes), -EMSGSIZE);
	assert_int_equal(bytes.len, 0);
	json_decref(real);
	json_decref(list);
	json_decref(deep);
}

static void an_entry_over_the_bound_leaves_the_buffer_as_it_was(void **state)
{
	CLEANUP_FREE char *text = malloc(ENTRY_SIZE_MAX + 1);
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	json_t *detail;
	struct entry e;

	(void)state;
	memset(text, 'a', ENTRY_SIZE_MAX);
	text[ENTRY_SIZE_MAX] = 0;
	detail = json_pack("{ss}", "text", text);
	e = sample(detail);
	buf_puts(&bytes, "before");
	assert_int_equal(entry_encode(&e, &bytes), -EMSGSIZE);
	assert_string_equal(buf_str(&bytes), "before");
	json_decref(detail);
}

static void a_row_digest_binds_table_id_and_content(void **state)
{
	CLEANUP_HASHER struct hasher *h = NULL;
	uint8_t a[HASH_SIZE], b[HASH_SIZE];

	(void)state;
	assert_int_equal(hasher_new(HASH_SM3, &h), 0);
	assert_int_equal(entry_row_digest(h, "permit", "12", "x", 1, a), 0);
	assert_int_equal(entry_row_digest(h, "permit", "12", "x", 1, b), 0);
	assert_memory_equal(a, b, HASH_SIZE);
	assert_int_equal(entry_row_digest(h, "permit1", "2", "x", 1, b), 0);
	assert_memory_not_equal(a, b, HASH_SIZE);
	assert_int_equal(entry_row_digest(h, "permit", "12", "y", 1, b), 0);
	assert_memory_not_equal(a, b, HASH_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_has_exactly_these_bytes),
		cmocka_unit_test(what_was_encoded_is_read_back),
		cmocka_unit_test(the_least_entry_stands_with_empty_texts),
		cmocka_unit_test(any_other_spelling_of_the_same_facts_is_refused),
		cmocka_unit_test(every_cut_of_an_entry_is_refused),
		cmocka_unit_test(what_may_not_stand_in_the_log_is_not_encoded),
		cmocka_unit_test(an_entry_over_the_bound_leaves_the_buffer_as_it_was),
		cmocka_unit_test(a_row_digest_binds_table_id_and_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
