#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "crypto/ca.h"
#include "crypto/secret.h"
#include "crypto/tls.h"

#define NOW (INT64_C(1795436156) * SECOND_MS)

static const struct uuid desk = {{0x5f, 0x0c, 1, 2, 3, 4, 0x45, 6, 0x87, 8, 9, 10, 11, 12, 13, 14}};

static struct ca *make_ca(void)
{
	struct ca *ca = NULL;

	assert_int_equal(ca_make("Menshen test root", NOW, CERT_DAYS_ROOT, &ca), 0);
	return ca;
}

static struct cert_spec terminal_spec(void)
{
	return (struct cert_spec){
		.common_name = "desk 1",
		.holder = CERT_TERMINAL,
		.terminal = desk,
		.client = true,
		.not_before_ms = NOW - HOUR_MS,
		.not_after_ms = NOW + CERT_DAYS_TERMINAL * DAY_MS,
	};
}

static void a_terminals_request_becomes_its_certificate(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, csr = BUF_INIT, leaf = BUF_INIT;
	const struct cert_spec spec = terminal_spec();
	struct cert_info info;
	enum cert_state verdict;

	(void)state;
	assert_int_equal(csr_make("whatever it claims", &key, &csr), 0);
	assert_int_equal(ca_issue_csr(ca, csr.data, csr.len, &spec, &leaf), 0);
	assert_int_equal(cert_parse(leaf.data, leaf.len, &info), 0);
	assert_string_equal(info.common_name, "desk 1");
	assert_int_equal(info.holder, CERT_TERMINAL);
	assert_true(uuid_equal(&info.terminal, &desk));
	assert_int_equal(info.not_before_ms, spec.not_before_ms);
	assert_int_equal(info.not_after_ms, spec.not_after_ms);
	assert_int_equal(strlen(info.serial), 32);
	assert_int_equal(ca_verify(ca, leaf.data, leaf.len, NOW, &verdict), 0);
	assert_int_equal(verdict, CERT_GOOD);
}

static void expired_is_told_apart_from_untrusted(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca(), *stranger = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, leaf = BUF_INIT, foreign = BUF_INIT;
	const struct cert_spec spec = terminal_spec();
	enum cert_state verdict;

	(void)state;
	assert_int_equal(ca_issue_pair(ca, &spec, &key, &leaf), 0);
	assert_int_equal(ca_issue_pair(stranger, &spec, &key, &foreign), 0);
	assert_int_equal(ca_verify(ca, leaf.data, leaf.len, spec.not_after_ms + DAY_MS, &verdict),
			 0);
	assert_int_equal(verdict, CERT_EXPIRED);
	assert_int_equal(ca_verify(ca, leaf.data, leaf.len, spec.not_before_ms - HOUR_MS, &verdict),
			 0);
	assert_int_equal(verdict, CERT_NOT_YET_VALID);
	assert_int_equal(ca_verify(ca, foreign.data, foreign.len, NOW, &verdict), 0);
	assert_int_equal(verdict, CERT_UNTRUSTED);
	assert_int_equal(
		ca_verify(ca, foreign.data, foreign.len, spec.not_after_ms + DAY_MS, &verdict), 0);
	assert_int_equal(verdict, CERT_UNTRUSTED);
	assert_int_equal(ca_verify(ca, "nonsense", 8, NOW, &verdict), -EBADMSG);
}

static void a_gate_carries_its_name_and_serials_differ(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	struct cert_spec spec = {
		.common_name = "gate north",
		.holder = CERT_GATE,
		.gate = "north",
		.sans = {"gate-north.bank.test", "10.0.0.1", "fd00::1"},
		.client = true,
		.server = true,
		.not_before_ms = NOW,
		.not_after_ms = NOW + CERT_DAYS_GATE * DAY_MS,
	};
	struct cert_info first, second;

	(void)state;
	assert_int_equal(ca_issue_pair(ca, &spec, &key, &a), 0);
	assert_int_equal(ca_issue_pair(ca, &spec, &key, &b), 0);
	assert_int_equal(cert_parse(a.data, a.len, &first), 0);
	assert_int_equal(cert_parse(b.data, b.len, &second), 0);
	assert_int_equal(first.holder, CERT_GATE);
	assert_string_equal(first.gate, "north");
	assert_string_not_equal(first.serial, second.serial);
}

static void a_spec_that_says_nothing_or_too_much_is_refused(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, leaf = BUF_INIT;
	struct cert_spec specs[7];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		specs[i] = terminal_spec();
	specs[0].common_name = "";
	specs[1].client = false;
	specs[2].not_after_ms = specs[2].not_before_ms;
	specs[3].terminal = (struct uuid){0};
	specs[4].holder = CERT_GATE;
	specs[4].gate = "north,URI:urn:menshen:gate:south";
	specs[5].sans[0] = "a,DNS:b";
	specs[6].common_name =
		"a name of more than sixty-four characters, which RFC 5280 does not allow here";
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		assert_int_equal(ca_issue_pair(ca, &specs[i], &key, &leaf), -EINVAL);
	assert_int_equal(leaf.len, 0);
}

static void a_request_without_proof_of_its_key_is_refused(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, csr = BUF_INIT, leaf = BUF_INIT;
	const struct cert_spec spec = terminal_spec();
	char *tail;

	(void)state;
	assert_int_equal(csr_make("desk", &key, &csr), 0);
	assert_int_equal(ca_issue_csr(ca, csr.data, csr.len / 2, &spec, &leaf), -EBADMSG);
	assert_int_equal(ca_issue_csr(ca, "", 0, &spec, &leaf), -EBADMSG);
	/* A byte inside the signature, which ends the request. */
	tail = strstr((char *)csr.data, "-----END") - 12;
	*tail = *tail == 'A' ? 'B' : 'A';
	assert_int_equal(ca_issue_csr(ca, csr.data, csr.len, &spec, &leaf), -EBADMSG);
	assert_int_equal(leaf.len, 0);
}

static void a_root_without_its_key_verifies_and_does_not_issue(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca(), *public_half = NULL;
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, leaf = BUF_INIT, none = BUF_INIT;
	const struct cert_spec spec = terminal_spec();
	enum cert_state verdict;

	(void)state;
	assert_int_equal(ca_issue_pair(ca, &spec, &key, &leaf), 0);
	assert_int_equal(ca_from_pem(ca_pem(ca), strlen(ca_pem(ca)), &public_half), 0);
	assert_int_equal(ca_verify(public_half, leaf.data, leaf.len, NOW, &verdict), 0);
	assert_int_equal(verdict, CERT_GOOD);
	assert_int_equal(ca_issue_pair(public_half, &spec, &none, &none), -EPERM);
	assert_int_equal(ca_from_pem(leaf.data, leaf.len, &public_half), -EBADMSG);
}

static void a_root_is_saved_and_loaded_with_a_private_key(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca(), *other = make_ca(), *again = NULL;
	char dir[] = "/tmp/menshen-test-XXXXXX", cert[64], key[64], other_key[64];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(cert, sizeof(cert), "%s/ca.pem", dir);
	snprintf(key, sizeof(key), "%s/ca.key", dir);
	snprintf(other_key, sizeof(other_key), "%s/other.key", dir);
	assert_int_equal(ca_save(other, cert, other_key), 0);
	assert_int_equal(ca_save(ca, cert, key), 0);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ca_load(cert, other_key, &again), -EBADMSG);
	assert_int_equal(ca_load(cert, key, &again), 0);
	assert_string_equal(ca_pem(again), ca_pem(ca));
	unlink(cert);
	unlink(key);
	unlink(other_key);
	rmdir(dir);
}

static void the_radius_engine_gets_a_pair_that_the_root_vouches_for(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, leaf = BUF_INIT;
	enum cert_state verdict;

	(void)state;
	assert_int_equal(ca_issue_radius(ca, "radius.bank.test", NOW, &key, &leaf), 0);
	assert_non_null(strstr((char *)key.data, "BEGIN PRIVATE KEY"));
	assert_int_equal(ca_verify(ca, leaf.data, leaf.len, NOW, &verdict), 0);
	assert_int_equal(verdict, CERT_GOOD);
}

static void a_renewal_may_keep_its_key(void **state)
{
	CLEANUP_CA struct ca *ca = make_ca();
	CLEANUP_SECRET_BUF struct buf key = BUF_INIT, csr = BUF_INIT, again = BUF_INIT,
				      leaf = BUF_INIT;
	const struct cert_spec spec = terminal_spec();

	(void)state;
	assert_int_equal(csr_make("desk", &key, &csr), 0);
	assert_int_equal(csr_make_for_key("desk", key.data, key.len, &again), 0);
	assert_int_equal(ca_issue_csr(ca, again.data, again.len, &spec, &leaf), 0);
}

/* Self-signed, made by other means: what our CA would never issue. */
static const char two_holders[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBzjCCAXOgAwIBAgIUS8cK5aSUOIaSDjDo+mm3YtqfpDwwCgYIKoZIzj0EAwIw\n"
	"DDEKMAgGA1UEAwwBeDAeFw0yNjExMjMxMjE5MTBaFw0zNjExMjAxMjE5MTBaMAwx\n"
	"CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASZLBpC/X9BoJMt\n"
	"poAqjuBBWo6dU+7Xrt7BC2/VrksWHrV1lCOcs4+C+NvLZxSfuMiPf1QyycywOEGX\n"
	"Rq7t5Ondo4GyMIGvMB0GA1UdDgQWBBQJ0q5GpVe2U0HCGHC78tdHLweqFTAfBgNV\n"
	"HSMEGDAWgBQJ0q5GpVe2U0HCGHC78tdHLweqFTAPBgNVHRMBAf8EBTADAQH/MFwG\n"
	"A1UdEQRVMFOGFnVybjptZW5zaGVuOmdhdGU6bm9ydGiGOXVybjptZW5zaGVuOnRl\n"
	"cm1pbmFsOjAxMDIwMzA0LTA1MDYtNDcwOC04OTAwLTAwMDAwMDAwMDAwMDAKBggq\n"
	"hkjOPQQDAgNJADBGAiEA2/CaSDwwNv+Fx/eK0qFAoaWbDM7rk8Zwn/S2SeqpujgC\n"
	"IQCx+bDvN4XSzNMj61GJatmtq75GzlIRuVJVaBBx9/wI2A==\n"
	"-----END CERTIFICATE-----\n";
static const char no_uuid[] = "-----BEGIN CERTIFICATE-----\n"
			      "MIIBmDCCAT2gAwIBAgIUQxd8/hIwXJicgAAc2rYdYo/A+xkwCgYIKoZIzj0EAwIw\n"
			      "DDEKMAgGA1UEAwwBeDAeFw0yNjExMjMxMjE5MTBaFw0zNjExMjAxMjE5MTBaMAwx\n"
			      "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASZLBpC/X9BoJMt\n"
			      "poAqjuBBWo6dU+7Xrt7BC2/VrksWHrV1lCOcs4+C+NvLZxSfuMiPf1QyycywOEGX\n"
			      "Rq7t5Ondo30wezAdBgNVHQ4EFgQUCdKuRqVXtlNBwhhwu/LXRy8HqhUwHwYDVR0j\n"
			      "BBgwFoAUCdKuRqVXtlNBwhhwu/LXRy8HqhUwDwYDVR0TAQH/BAUwAwEB/zAoBgNV\n"
			      "HREEITAfhh11cm46bWVuc2hlbjp0ZXJtaW5hbDpub25zZW5zZTAKBggqhkjOPQQD\n"
			      "AgNJADBGAiEA3MZyBvRBHb9JGSDm0hhzl4Kz5DZP4rqwHI4jAuS/aHYCIQC121zQ\n"
			      "t1lSzfvrl8Xo1rN468UP96X9zzmtqJpK/5TkOw==\n"
			      "-----END CERTIFICATE-----\n";
static const char nobody[] = "-----BEGIN CERTIFICATE-----\n"
			     "MIIBkTCCATegAwIBAgIUE9IYt2eb79z0/ILvQ7K4UelJuNMwCgYIKoZIzj0EAwIw\n"
			     "DDEKMAgGA1UEAwwBeDAeFw0yNjExMjMxMjE5MTBaFw0zNjExMjAxMjE5MTBaMAwx\n"
			     "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASZLBpC/X9BoJMt\n"
			     "poAqjuBBWo6dU+7Xrt7BC2/VrksWHrV1lCOcs4+C+NvLZxSfuMiPf1QyycywOEGX\n"
			     "Rq7t5Ondo3cwdTAdBgNVHQ4EFgQUCdKuRqVXtlNBwhhwu/LXRy8HqhUwHwYDVR0j\n"
			     "BBgwFoAUCdKuRqVXtlNBwhhwu/LXRy8HqhUwDwYDVR0TAQH/BAUwAwEB/zAiBgNV\n"
			     "HREEGzAZhg91cm46b3RoZXI6dGhpbmeCBmEudGVzdDAKBggqhkjOPQQDAgNIADBF\n"
			     "AiEA8nqyrb1ly9gMFqHZiftyHNQ5mMJJAVH/s8rJ/2ah1KYCIH+1WCxL9FTa6X4X\n"
			     "7yWLlKo4k4o3fB/+avF0WRz8e/I7\n"
			     "-----END CERTIFICATE-----\n";

static void a_certificate_that_claims_two_holders_or_none_rightly_is_refused(void **state)
{
	struct cert_info info;

	(void)state;
	assert_int_equal(cert_parse(two_holders, strlen(two_holders), &info), -EBADMSG);
	assert_int_equal(cert_parse(no_uuid, strlen(no_uuid), &info), -EBADMSG);
	assert_int_equal(cert_parse(nobody, strlen(nobody), &info), 0);
	assert_int_equal(info.holder, CERT_OTHER);
	assert_int_equal(cert_parse("", 0, &info), -EBADMSG);
}

static void a_servers_certificate_is_issued_anew_with_its_names_and_key(void **state)
{
	CLEANUP_BUF struct buf key = BUF_INIT, old = BUF_INIT, fresh = BUF_INIT, gate = BUF_INIT;
	const struct cert_spec holder = {.common_name = "north",
					 .holder = CERT_GATE,
					 .gate = "north",
					 .client = true,
					 .not_before_ms = NOW,
					 .not_after_ms = NOW + DAY_MS};
	CLEANUP_CA struct ca *ca = NULL;
	CLEANUP_TLS_CTX struct tls_ctx *ctx = NULL;
	struct tls_server_options o = {0};
	struct cert_info was, is;
	enum cert_state valid;

	(void)state;
	assert_int_equal(ca_make("Root", NOW, 3650, &ca), 0);
	assert_int_equal(ca_issue_radius(ca, "radius.bank.test", NOW, &key, &old), 0);
	assert_int_equal(ca_reissue(ca, old.data, old.len, NOW + 800 * DAY_MS, 825, &fresh), 0);
	assert_int_equal(cert_parse(old.data, old.len, &was), 0);
	assert_int_equal(cert_parse(fresh.data, fresh.len, &is), 0);
	assert_string_equal(is.common_name, was.common_name);
	assert_string_not_equal(is.serial, was.serial);
	assert_int_equal(is.not_after_ms, NOW + (800 + 825) * DAY_MS);
	assert_int_equal(ca_verify(ca, fresh.data, fresh.len, NOW + 900 * DAY_MS, &valid), 0);
	assert_int_equal(valid, CERT_GOOD);
	o.cert_pem = buf_str(&fresh);
	o.key_pem = buf_str(&key);
	assert_int_equal(tls_server_new(&o, &ctx), 0); /* the key is the same */
	buf_clear(&key);
	assert_int_equal(ca_issue_pair(ca, &holder, &key, &gate), 0);
	buf_clear(&fresh);
	assert_int_equal(ca_reissue(ca, gate.data, gate.len, NOW, 825, &fresh), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminals_request_becomes_its_certificate),
		cmocka_unit_test(expired_is_told_apart_from_untrusted),
		cmocka_unit_test(a_gate_carries_its_name_and_serials_differ),
		cmocka_unit_test(a_spec_that_says_nothing_or_too_much_is_refused),
		cmocka_unit_test(a_request_without_proof_of_its_key_is_refused),
		cmocka_unit_test(a_root_without_its_key_verifies_and_does_not_issue),
		cmocka_unit_test(a_root_is_saved_and_loaded_with_a_private_key),
		cmocka_unit_test(the_radius_engine_gets_a_pair_that_the_root_vouches_for),
		cmocka_unit_test(a_renewal_may_keep_its_key),
		cmocka_unit_test(a_servers_certificate_is_issued_anew_with_its_names_and_key),
		cmocka_unit_test(a_certificate_that_claims_two_holders_or_none_rightly_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
