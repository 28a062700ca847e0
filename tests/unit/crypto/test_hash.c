#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/md5.h"
#include "crypto/nthash.h"

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	char text[2 * 64 + 1];

	hex_encode(text, bytes, len);
	assert_string_equal(text, hex);
}

/* GB/T 32905-2016, A.1 and A.2; FIPS 180-4 examples. */
static const struct {
	enum hash_kind kind;
	const char *text, *digest;
} vectors[] = {
	{HASH_SM3, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
	{HASH_SM3, "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
	 "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
	{HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
};

static void published_vectors_come_out(void **state)
{
	uint8_t digest[HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		assert_int_equal(hash_bytes(vectors[i].kind, vectors[i].text,
					    strlen(vectors[i].text), digest),
				 0);
		assert_hex(digest, sizeof(digest), vectors[i].digest);
	}
}

static void pieces_hash_as_the_whole_and_a_hasher_is_reusable(void **state)
{
	CLEANUP_HASHER struct hasher *h = NULL;
	const struct piece pieces[] = {PIECE("a", 1), PIECE(NULL, 0), PIECE("bc", 2)};
	uint8_t digest[HASH_SIZE];

	(void)state;
	assert_int_equal(hasher_new(HASH_SM3, &h), 0);
	assert_int_equal(hasher_begin(h), 0);
	assert_int_equal(hasher_add(h, "left over", 9), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hasher_pieces(h, pieces, ARRAY_SIZE(pieces), digest), 0);
		assert_hex(digest, sizeof(digest), vectors[0].digest);
	}
}

/* Every length around the blocks' edges, in lanes and beyond them. */
static void many_messages_hash_as_each_of_them(void **state)
{
	enum { COUNT = 19, SIZE_MAX_TRIED = 260 };
	static uint8_t messages[COUNT * SIZE_MAX_TRIED], many[COUNT][HASH_SIZE];
	uint8_t digest[HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(messages); i++)
		messages[i] = (uint8_t)(i * 2654435761U >> 13);
	for (size_t kind = HASH_SM3; kind <= HASH_SHA256; kind++) {
		CLEANUP_HASHER struct hasher *h = NULL;

		assert_int_equal(hasher_new((enum hash_kind)kind, &h), 0);
		for (size_t size = 0; size <= SIZE_MAX_TRIED; size++) {
			assert_int_equal(hasher_many(h, messages, size, COUNT, many), 0);
			for (size_t i = 0; i < COUNT; i++) {
				assert_int_equal(hasher_pieces(h, &PIECE(messages + i * size, size),
							       1, digest),
						 0);
				assert_memory_equal(many[i], digest, HASH_SIZE);
			}
		}
	}
}

static void names_of_kinds_are_read_back(void **state)
{
	enum hash_kind kind;

	(void)state;
	assert_int_equal(hash_kind_parse(hash_kind_name(HASH_SHA256), &kind), 0);
	assert_int_equal(kind, HASH_SHA256);
	assert_int_equal(hash_kind_parse("sm3", &kind), 0);
	assert_int_equal(kind, HASH_SM3);
	assert_int_equal(hash_kind_parse("md5", &kind), -EINVAL);
}

static void md5_gives_the_vectors_of_rfc_1321(void **state)
{
	uint8_t digest[MD5_SIZE];

	(void)state;
	md5_pieces(&PIECE("message digest", 14), 1, digest);
	assert_hex(digest, sizeof(digest), "f96b697d7cb7938d525a2f31aaf161d0");
	md5_pieces((struct piece[]){PIECE("ab", 2), PIECE("c", 1)}, 2, digest);
	assert_hex(digest, sizeof(digest), "900150983cd24fb0d6963f7d28e17f72");
}

static void hmac_md5_gives_the_vectors_of_rfc_2202(void **state)
{
	static const char data[] = "what do ya want for nothing?";
	static const char long_data[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t digest[MD5_SIZE], long_key[80];
	struct hmac_md5_key key;

	(void)state;
	hmac_md5_key_init(&key, "Jefe", 4);
	for (int i = 0; i < 2; i++) {
		hmac_md5(&key, (struct piece[]){PIECE(data, 10), PIECE(data + 10, 18)}, 2, digest);
		assert_hex(digest, sizeof(digest), "750c783e6ab0b503eaa86e310a5db738");
	}
	memset(long_key, 0xaa, sizeof(long_key));
	hmac_md5_key_init(&key, long_key, sizeof(long_key));
	hmac_md5(&key, &PIECE(long_data, strlen(long_data)), 1, digest);
	assert_hex(digest, sizeof(digest), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
}

static void md4_gives_the_vectors_of_rfc_1320(void **state)
{
	static const struct {
		const char *text, *digest;
	} md4[] = {
		{"", "31d6cfe0d16ae931b73c59d7e0c089c0"},
		{"a", "bde52cb31de33e46245e05fbdbd6fb24"},
		{"message digest", "d9130a8164549fe818874806e1c7014b"},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		 "043f8582f241db351ce627e153e7f0e4"},
		{"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
		 "e33b4ddc9c38f2199c3e7b164fcc0536"},
	};
	uint8_t digest[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(md4); i++) {
		md4_bytes(md4[i].text, strlen(md4[i].text), digest);
		assert_hex(digest, sizeof(digest), md4[i].digest);
	}
}

static void nt_hashes_of_known_passwords_come_out(void **state)
{
	uint8_t hash[NT_HASH_SIZE];

	(void)state;
	assert_int_equal(nt_hash("password", 8, hash), 0);
	assert_hex(hash, sizeof(hash), "8846f7eaee8fb117ad06bdd830b7586c");
	assert_int_equal(nt_hash("clientPass", 10, hash), 0); /* RFC 2759, 9.2 */
	assert_hex(hash, sizeof(hash), "44ebba8d5312b8d611474411f56989ae");
}

static void a_password_beyond_the_basic_plane_becomes_a_surrogate_pair(void **state)
{
	static const uint8_t wide[] = {0x3d, 0xd8, 0x00, 0xde, 0xe8, 0x95}; /* U+1F600, U+95E8 */
	uint8_t hash[NT_HASH_SIZE], want[16];

	(void)state;
	md4_bytes(wide, sizeof(wide), want);
	assert_int_equal(nt_hash("\xf0\x9f\x98\x80\xe9\x97\xa8", 7, hash), 0);
	assert_memory_equal(hash, want, sizeof(hash));
}

static void a_password_that_is_not_utf_8_is_refused(void **state)
{
	static const char *const bad[] = {"\xff",	  "\xc0\x80",	      "\xe9\x97",
					  "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"};
	char long_one[257];
	uint8_t hash[NT_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(nt_hash(bad[i], strlen(bad[i]), hash), -EILSEQ);
	memset(long_one, 'a', sizeof(long_one));
	assert_int_equal(nt_hash(long_one, sizeof(long_one), hash), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_come_out),
		cmocka_unit_test(pieces_hash_as_the_whole_and_a_hasher_is_reusable),
		cmocka_unit_test(many_messages_hash_as_each_of_them),
		cmocka_unit_test(names_of_kinds_are_read_back),
		cmocka_unit_test(md5_gives_the_vectors_of_rfc_1321),
		cmocka_unit_test(hmac_md5_gives_the_vectors_of_rfc_2202),
		cmocka_unit_test(md4_gives_the_vectors_of_rfc_1320),
		cmocka_unit_test(nt_hashes_of_known_passwords_come_out),
		cmocka_unit_test(a_password_beyond_the_basic_plane_becomes_a_surrogate_pair),
		cmocka_unit_test(a_password_that_is_not_utf_8_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
