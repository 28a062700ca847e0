#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

#define CONTEXT "account:17:nt"

static const char secret[] = "sixteen bytes...";

static char dir[] = "/tmp/menshen-test-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/seal.key", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void sealed_bytes_open_under_their_context_only(void **state)
{
	CLEANUP_SEAL_KEY struct seal_key *key = NULL;
	CLEANUP_SECRET_BUF struct buf sealed = BUF_INIT, plain = BUF_INIT;

	(void)state;
	unlink(path);
	assert_int_equal(seal_key_load_or_make(path, &key), 0);
	assert_int_equal(seal_bytes(key, CONTEXT, secret, sizeof(secret), &sealed), 0);
	assert_int_equal(sealed.len, sizeof(secret) + SEAL_OVERHEAD);
	assert_int_equal(seal_open(key, "account:18:nt", sealed.data, sealed.len, &plain),
			 -EBADMSG);
	assert_int_equal(plain.len, 0);
	assert_int_equal(seal_open(key, CONTEXT, sealed.data, sealed.len, &plain), 0);
	assert_int_equal(plain.len, sizeof(secret));
	assert_memory_equal(plain.data, secret, sizeof(secret));
}

static void every_altered_byte_and_every_cut_is_noticed(void **state)
{
	CLEANUP_SEAL_KEY struct seal_key *key = NULL;
	CLEANUP_SEAL_PAIR struct seal_pair *pair = NULL;
	CLEANUP_SECRET_BUF struct buf own = BUF_INIT, delivered = BUF_INIT, plain = BUF_INIT;

	(void)state;
	assert_int_equal(seal_key_load_or_make(path, &key), 0);
	assert_int_equal(seal_pair_make(&pair), 0);
	assert_int_equal(seal_bytes(key, CONTEXT, secret, sizeof(secret), &own), 0);
	assert_int_equal(seal_to_public(pair, CONTEXT, secret, sizeof(secret), &delivered), 0);
	for (size_t at = 0; at < own.len; at++) {
		own.data[at] ^= 0x10;
		assert_int_equal(seal_open(key, CONTEXT, own.data, own.len, &plain), -EBADMSG);
		own.data[at] ^= 0x10;
		assert_int_equal(seal_open(key, CONTEXT, own.data, at, &plain), -EBADMSG);
	}
	for (size_t at = 0; at < delivered.len; at++) {
		delivered.data[at] ^= 0x10;
		assert_int_equal(
			seal_open_private(pair, CONTEXT, delivered.data, delivered.len, &plain),
			-EBADMSG);
		delivered.data[at] ^= 0x10;
		assert_int_equal(seal_open_private(pair, CONTEXT, delivered.data, at, &plain),
				 -EBADMSG);
	}
	assert_int_equal(plain.len, 0);
}

static void the_same_secret_never_seals_to_the_same_bytes(void **state)
{
	CLEANUP_SEAL_KEY struct seal_key *key = NULL;
	CLEANUP_SECRET_BUF struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	assert_int_equal(seal_key_load_or_make(path, &key), 0);
	assert_int_equal(seal_bytes(key, CONTEXT, secret, sizeof(secret), &a), 0);
	assert_int_equal(seal_bytes(key, CONTEXT, secret, sizeof(secret), &b), 0);
	assert_memory_not_equal(a.data, b.data, a.len);
}

static void who_seals_for_a_gate_cannot_open(void **state)
{
	CLEANUP_SEAL_PAIR struct seal_pair *gate = NULL, *server = NULL, *other = NULL;
	CLEANUP_SECRET_BUF struct buf pem = BUF_INIT, sealed = BUF_INIT, plain = BUF_INIT;

	(void)state;
	assert_int_equal(seal_pair_make(&gate), 0);
	assert_int_equal(seal_pair_make(&other), 0);
	assert_int_equal(seal_pair_public_pem(gate, &pem), 0);
	assert_int_equal(seal_pair_from_public_pem(pem.data, pem.len, &server), 0);
	assert_int_equal(seal_to_public(server, CONTEXT, secret, sizeof(secret), &sealed), 0);
	assert_int_equal(sealed.len, sizeof(secret) + SEAL_PUBLIC_OVERHEAD);
	assert_int_equal(seal_open_private(server, CONTEXT, sealed.data, sealed.len, &plain),
			 -EPERM);
	assert_int_equal(seal_open_private(other, CONTEXT, sealed.data, sealed.len, &plain),
			 -EBADMSG);
	assert_int_equal(seal_open_private(gate, "account:18:nt", sealed.data, sealed.len, &plain),
			 -EBADMSG);
	assert_int_equal(seal_open_private(gate, CONTEXT, sealed.data, sealed.len, &plain), 0);
	assert_int_equal(plain.len, sizeof(secret));
	assert_memory_equal(plain.data, secret, sizeof(secret));
}

static void a_private_half_survives_file_and_text(void **state)
{
	CLEANUP_SEAL_PAIR struct seal_pair *gate = NULL, *from_file = NULL, *from_text = NULL;
	CLEANUP_SECRET_BUF struct buf pem = BUF_INIT, sealed = BUF_INIT, plain = BUF_INIT;

	(void)state;
	assert_int_equal(seal_pair_make(&gate), 0);
	assert_int_equal(seal_pair_save(gate, path), 0);
	assert_int_equal(seal_pair_load(path, &from_file), 0);
	assert_int_equal(seal_pair_private_pem(gate, &pem), 0);
	assert_int_equal(seal_pair_from_private_pem(pem.data, pem.len, &from_text), 0);
	assert_int_equal(seal_to_public(gate, CONTEXT, "", 0, &sealed), 0);
	assert_int_equal(seal_open_private(from_file, CONTEXT, sealed.data, sealed.len, &plain), 0);
	assert_int_equal(seal_open_private(from_text, CONTEXT, sealed.data, sealed.len, &plain), 0);
	assert_int_equal(plain.len, 0);
	unlink(path);
}

static void a_key_file_of_wrong_size_or_open_to_others_is_refused(void **state)
{
	struct seal_key *key = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(file_replace(path, "short", 5, 0600), 0);
	assert_int_equal(seal_key_load(path, &key), -EBADMSG);
	assert_int_equal(seal_key_load_or_make(path, &key), -EBADMSG);
	assert_int_equal(file_replace(path, "0123456789abcdef0123456789abcdef", 32, 0640), 0);
	assert_int_equal(seal_key_load(path, &key), -EPERM);
	unlink(path);
	assert_int_equal(seal_key_load(path, &key), -ENOENT);
	assert_int_equal(seal_key_load_or_make(path, &key), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	seal_key_free(key);
}

static void a_credential_of_the_service_goes_before_the_file(void **state)
{
	char found[SEAL_PATH_SIZE];

	(void)state;
	assert_int_equal(file_replace(path, "0123456789abcdef0123456789abcdef", 32, 0600), 0);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	assert_int_equal(seal_key_path("seal.key", "/etc/other", found), 0);
	assert_string_equal(found, path);
	assert_int_equal(seal_key_path("absent.key", "/etc/other", found), 0);
	assert_string_equal(found, "/etc/other");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(seal_key_path("seal.key", "/etc/other", found), 0);
	assert_string_equal(found, "/etc/other");
}

static void more_than_the_bound_is_not_sealed(void **state)
{
	CLEANUP_SEAL_KEY struct seal_key *key = NULL;
	CLEANUP_BUF struct buf sealed = BUF_INIT;
	CLEANUP_FREE void *big = calloc(1, SEAL_PLAIN_MAX + 1);

	(void)state;
	assert_int_equal(seal_key_load_or_make(path, &key), 0);
	assert_int_equal(seal_bytes(key, CONTEXT, big, SEAL_PLAIN_MAX + 1, &sealed), -EMSGSIZE);
	assert_int_equal(seal_bytes(key, CONTEXT, big, SEAL_PLAIN_MAX, &sealed), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_bytes_open_under_their_context_only),
		cmocka_unit_test(every_altered_byte_and_every_cut_is_noticed),
		cmocka_unit_test(the_same_secret_never_seals_to_the_same_bytes),
		cmocka_unit_test(who_seals_for_a_gate_cannot_open),
		cmocka_unit_test(a_private_half_survives_file_and_text),
		cmocka_unit_test(a_key_file_of_wrong_size_or_open_to_others_is_refused),
		cmocka_unit_test(a_credential_of_the_service_goes_before_the_file),
		cmocka_unit_test(more_than_the_bound_is_not_sealed),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
