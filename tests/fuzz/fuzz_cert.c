/* Certificates, requests and keys that a peer hands in, as PEM and as DER. */
#include <string.h>

#include "base/clock.h"
#include "crypto/ca.h"
#include "crypto/seal.h"
#include "crypto/sign.h"

#define NOW (INT64_C(1795436156) * SECOND_MS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void judge(const struct ca *ca, const uint8_t *data, size_t len)
{
	enum cert_state verdict;
	struct cert_info info;

	if (!cert_parse(data, len, &info) && info.holder == CERT_GATE && !info.gate[0])
		abort();
	(void)!cert_parse_der(data, len, &info);
	/* The root's key is nowhere else: nobody can make a certificate that it signed. */
	if (!ca_verify(ca, data, len, NOW, &verdict) && verdict != CERT_UNTRUSTED)
		abort();
}

static void issue(const struct ca *ca, const uint8_t *data, size_t len)
{
	const struct cert_spec spec = {
		.common_name = "fuzz",
		.client = true,
		.not_before_ms = NOW,
		.not_after_ms = NOW + DAY_MS,
	};
	CLEANUP_BUF struct buf leaf = BUF_INIT;
	enum cert_state verdict;

	if (ca_issue_csr(ca, data, len, &spec, &leaf) &&
	    ca_issue_public(ca, data, len, &spec, &leaf))
		return;
	if (ca_verify(ca, leaf.data, leaf.len, NOW, &verdict) || verdict != CERT_GOOD)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ca *ca;
	CLEANUP_SEAL_PAIR struct seal_pair *pair = NULL;
	struct sign_keyring ring = {0};

	if (!ca && ca_make("fuzz", NOW, CERT_DAYS_ROOT, &ca))
		abort();
	judge(ca, data, len);
	issue(ca, data, len);
	(void)!sign_keyring_add_pem(&ring, data, len);
	sign_keyring_done(&ring);
	(void)!seal_pair_from_public_pem(data, len, &pair);
	return 0;
}
