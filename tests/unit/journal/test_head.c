#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "journal/head.h"

static struct sign_key *server_key, *gate_key;
static struct sign_keyring ring;

static void trust(const struct sign_key *key)
{
	CLEANUP_BUF struct buf pem = BUF_INIT;

	assert_int_equal(sign_key_public_pem(key, &pem), 0);
	assert_int_equal(sign_keyring_add_pem(&ring, pem.data, pem.len), 0);
}

static int make_keys(void **state)
{
	(void)state;
	assert_int_equal(sign_key_make(SIGN_SM2, &server_key), 0);
	assert_int_equal(sign_key_make(SIGN_ED25519, &gate_key), 0);
	trust(server_key);
	trust(gate_key);
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	sign_key_free(server_key);
	sign_key_free(gate_key);
	sign_keyring_done(&ring);
	return 0;
}

static struct head sample(uint64_t size)
{
	struct head h = {.size = size, .at_ms = 1795436156123, .epoch = 2, .hash = HASH_SM3};

	memset(h.root.b, 0xab, HASH_SIZE);
	assert_int_equal(head_sign(&h, server_key), 0);
	return h;
}

static void the_signed_bytes_are_the_documented_lines(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	const struct head h = sample(1042);

	(void)state;
	assert_int_equal(head_signed_bytes(&h, &text), 0);
	assert_string_equal(buf_str(&text),
			    "menshen head 1\n1042\n"
			    "abababababababababababababababababababababababababababababababab\n"
			    "1795436156123\n2\nsm3\n");
}

static void a_head_survives_its_text_and_its_signature_holds(void **state)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	const struct head h = sample(1042);
	struct head again;

	(void)state;
	assert_int_equal(head_encode(&h, &line), 0);
	assert_in_range(line.len, 1, HEAD_TEXT_MAX);
	assert_int_equal(line.data[line.len - 1], '\n');
	assert_int_equal(head_parse(line.data, line.len, &again), 0);
	assert_int_equal(again.size, 1042);
	assert_int_equal(again.epoch, 2);
	assert_int_equal(head_verify(&again, &ring), 0);
}

static void a_head_with_any_field_changed_does_not_verify(void **state)
{
	struct head heads[5];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		heads[i] = sample(7);
	heads[0].size++;
	heads[1].root.b[31] ^= 1;
	heads[2].at_ms++;
	heads[3].epoch++;
	heads[4].hash = HASH_SHA256;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		assert_int_equal(head_verify(&heads[i], &ring), -EBADMSG);
}

static void a_head_of_an_unknown_key_is_told_apart(void **state)
{
	const struct sign_keyring empty = {0};
	struct head h = sample(7);

	(void)state;
	assert_int_equal(head_verify(&h, &empty), -ENOKEY);
	h.signature.kind = SIGN_ED25519;
	assert_int_equal(head_verify(&h, &ring), -EBADMSG);
}

static void a_gate_cosigns_exactly_one_head(void **state)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	const struct head h = sample(7), other = sample(8);
	struct cosign c, again;

	(void)state;
	assert_int_equal(cosign_make(&h, "north", 1795436157000, gate_key, &c), 0);
	assert_int_equal(cosign_encode(&c, &line), 0);
	assert_int_equal(cosign_parse(line.data, line.len, &again), 0);
	assert_string_equal(again.gate, "north");
	assert_int_equal(cosign_verify(&again, &h, &ring), 0);
	assert_int_equal(cosign_verify(&again, &other, &ring), -EINVAL);
	again.at_ms++;
	assert_int_equal(cosign_verify(&again, &h, &ring), -EBADMSG);
	again = c;
	memcpy(again.gate, "south", 6);
	assert_int_equal(cosign_verify(&again, &h, &ring), -EBADMSG);
	assert_int_equal(cosign_make(&h, "a\nb", 0, gate_key, &c), -EINVAL);
	assert_int_equal(cosign_make(&h, "", 0, gate_key, &c), -EINVAL);
}

static void text_that_is_no_head_is_refused(void **state)
{
	CLEANUP_BUF struct buf line = BUF_INIT;
	const struct head h = sample(7);
	struct head again;

	(void)state;
	assert_int_equal(head_encode(&h, &line), 0);
	for (size_t len = 0; len < line.len - 1; len++)
		assert_int_equal(head_parse(line.data, len, &again), -EBADMSG);
	assert_int_equal(head_parse("{\"head\":1}", 10, &again), -EBADMSG);
	assert_int_equal(head_parse("[]", 2, &again), -EBADMSG);
	line.data[line.len - 2] = ',';
	buf_puts(&line, "\"more\":1}");
	assert_int_equal(head_parse(line.data, line.len, &again), -EBADMSG);
}

static void a_kept_file_gives_heads_in_order_and_names_its_bad_line(void **state)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	struct head_file file;
	struct cosign c;
	size_t line = 0;

	(void)state;
	for (uint64_t size = 30; size; size -= 10) {
		const struct head h = sample(size);

		assert_int_equal(head_encode(&h, &text), 0);
		assert_int_equal(cosign_make(&h, "north", 1, gate_key, &c), 0);
		assert_int_equal(cosign_encode(&c, &text), 0);
	}
	assert_int_equal(head_file_parse(text.data, text.len, &file, NULL), 0);
	assert_int_equal(file.head_count, 3);
	assert_int_equal(file.cosign_count, 3);
	assert_int_equal(file.heads[0].size, 10);
	assert_int_equal(file.heads[2].size, 30);
	head_file_done(&file);
	buf_puts(&text, "\nhello\n");
	assert_int_equal(head_file_parse(text.data, text.len, &file, &line), -EBADMSG);
	assert_int_equal(line, 8);
	assert_int_equal(head_file_parse("", 0, &file, NULL), 0);
	assert_int_equal(file.head_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_signed_bytes_are_the_documented_lines),
		cmocka_unit_test(a_head_survives_its_text_and_its_signature_holds),
		cmocka_unit_test(a_head_with_any_field_changed_does_not_verify),
		cmocka_unit_test(a_head_of_an_unknown_key_is_told_apart),
		cmocka_unit_test(a_gate_cosigns_exactly_one_head),
		cmocka_unit_test(text_that_is_no_head_is_refused),
		cmocka_unit_test(a_kept_file_gives_heads_in_order_and_names_its_bad_line),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
