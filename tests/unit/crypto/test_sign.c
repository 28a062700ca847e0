#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "crypto/sign.h"

static const enum sign_kind both[] = {SIGN_SM2, SIGN_ED25519};

static void what_was_signed_verifies_and_nothing_else(void **state)
{
	static const char text[] = "head 1042", other[] = "head 1043";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		CLEANUP_SIGN_KEY struct sign_key *key = NULL, *stranger = NULL;
		uint8_t signature[SIGN_SIZE_MAX];
		size_t len = 0;

		assert_int_equal(sign_key_make(both[i], &key), 0);
		assert_int_equal(sign_key_make(both[i], &stranger), 0);
		assert_int_equal(sign_bytes(key, text, sizeof(text), signature, &len), 0);
		assert_in_range(len, 64, SIGN_SIZE_MAX);
		assert_int_equal(sign_verify(key, text, sizeof(text), signature, len), 0);
		assert_int_equal(sign_verify(key, other, sizeof(other), signature, len), -EBADMSG);
		assert_int_equal(sign_verify(stranger, text, sizeof(text), signature, len),
				 -EBADMSG);
		assert_int_equal(sign_verify(key, text, sizeof(text), signature, len - 1),
				 -EBADMSG);
		for (size_t at = 0; at < len; at++) {
			signature[at] ^= 1;
			assert_int_equal(sign_verify(key, text, sizeof(text), signature, len),
					 -EBADMSG);
			signature[at] ^= 1;
		}
	}
}

static void a_saved_key_is_private_to_its_owner_and_loads_again(void **state)
{
	char dir[] = "/tmp/menshen-test-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key.pem", dir);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		CLEANUP_SIGN_KEY struct sign_key *key = NULL, *again = NULL;
		struct stat st;

		assert_int_equal(sign_key_make(both[i], &key), 0);
		assert_int_equal(sign_key_save(key, path), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(sign_key_load(path, &again), 0);
		assert_int_equal(sign_key_kind(again), both[i]);
		assert_string_equal(sign_key_id(again), sign_key_id(key));
	}
	unlink(path);
	rmdir(dir);
}

static void a_public_key_verifies_but_does_not_sign(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		CLEANUP_SIGN_KEY struct sign_key *key = NULL, *public = NULL;
		CLEANUP_BUF struct buf pem = BUF_INIT;
		uint8_t signature[SIGN_SIZE_MAX];
		size_t len;

		assert_int_equal(sign_key_make(both[i], &key), 0);
		assert_int_equal(sign_key_public_pem(key, &pem), 0);
		assert_int_equal(sign_key_from_public_pem(pem.data, pem.len, &public), 0);
		assert_false(sign_key_is_private(public));
		assert_string_equal(sign_key_id(public), sign_key_id(key));
		assert_int_equal(sign_bytes(public, "x", 1, signature, &len), -EPERM);
		assert_int_equal(sign_key_save(public, "/nonexistent/key"), -EPERM);
		assert_int_equal(sign_bytes(key, "x", 1, signature, &len), 0);
		assert_int_equal(sign_verify(public, "x", 1, signature, len), 0);
	}
}

static int verify_hex(const char *pem, const char *text, const char *hex)
{
	CLEANUP_SIGN_KEY struct sign_key *key = NULL;
	uint8_t signature[SIGN_SIZE_MAX];
	size_t len = strlen(hex) / 2;

	assert_int_equal(sign_key_from_public_pem(pem, strlen(pem), &key), 0);
	assert_int_equal(hex_decode(signature, len, hex), 0);
	return sign_verify(key, text, strlen(text), signature, len);
}

static void the_ed25519_vector_of_rfc_8032_verifies(void **state)
{
	(void)state;
	assert_int_equal(
		verify_hex("-----BEGIN PUBLIC KEY-----\n"
			   "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
			   "-----END PUBLIC KEY-----\n",
			   "",
			   "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb882"
			   "1590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
		0);
}

/* GB/T 32918.5-2017, A.2: the recommended curve, "message digest", the default identity. */
static void the_sm2_vector_of_the_standard_verifies(void **state)
{
	(void)state;
	assert_int_equal(
		verify_hex(
			"-----BEGIN PUBLIC KEY-----\n"
			"MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60Y\n"
			"M/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==\n"
			"-----END PUBLIC KEY-----\n",
			"message digest",
			"3046"
			"022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
			"022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"),
		0);
}

static void text_that_is_no_key_of_ours_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "hello", "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
		/* P-256: a key, but not for signatures of the log */
		"-----BEGIN PUBLIC KEY-----\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
		"6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
		"-----END PUBLIC KEY-----\n"};
	struct sign_key *key = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(sign_key_from_public_pem(bad[i], strlen(bad[i]), &key), -EBADMSG);
	assert_int_equal(sign_key_load("/nonexistent", &key), -ENOENT);
}

static void a_keyring_finds_keys_by_id_and_keeps_each_once(void **state)
{
	CLEANUP_SIGN_KEY struct sign_key *a = NULL, *b = NULL;
	CLEANUP_BUF struct buf pem = BUF_INIT;
	struct sign_keyring ring = {0};

	(void)state;
	assert_int_equal(sign_key_make(SIGN_SM2, &a), 0);
	assert_int_equal(sign_key_make(SIGN_ED25519, &b), 0);
	assert_int_equal(sign_key_public_pem(a, &pem), 0);
	assert_int_equal(sign_key_public_pem(b, &pem), 0);
	assert_int_equal(sign_key_public_pem(a, &pem), 0);
	assert_int_equal(sign_keyring_add_pem(&ring, pem.data, pem.len), 0);
	assert_int_equal(ring.count, 2);
	assert_non_null(sign_keyring_find(&ring, sign_key_id(a)));
	assert_non_null(sign_keyring_find(&ring, sign_key_id(b)));
	assert_null(sign_keyring_find(&ring, "0000000000000000"));
	assert_int_equal(sign_keyring_add_pem(&ring, "", 0), -EBADMSG);
	sign_keyring_done(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_signed_verifies_and_nothing_else),
		cmocka_unit_test(a_saved_key_is_private_to_its_owner_and_loads_again),
		cmocka_unit_test(a_public_key_verifies_but_does_not_sign),
		cmocka_unit_test(the_ed25519_vector_of_rfc_8032_verifies),
		cmocka_unit_test(the_sm2_vector_of_the_standard_verifies),
		cmocka_unit_test(text_that_is_no_key_of_ours_is_refused),
		cmocka_unit_test(a_keyring_finds_keys_by_id_and_keeps_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
