#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gate/front/proof.h"
#include "radius/build.h"

#define NOW_MS 1000000

enum signature { SIGNED, UNSIGNED, SIGNED_BY_ANOTHER };

/* Two switches; the latter may lack signatures at MAC authentication. */
static struct someone {
	struct radius_secret secret;
	int64_t unsigned_until_ms;
} strict, lenient;
static struct radius_secret other;

/* What may come, and what is thought of it. */
static const struct {
	const struct someone *at;
	uint8_t code;
	enum signature signature;
	bool eap;
	enum proof proof;
	bool is_signed, may_be_absent;
} cases[] = {
	{&strict, RADIUS_ACCESS_REQUEST, SIGNED, false, PROOF_GOOD, true},
	{&strict, RADIUS_ACCESS_REQUEST, SIGNED_BY_ANOTHER, false, PROOF_WRONG, false},
	{&strict, RADIUS_ACCESS_REQUEST, UNSIGNED, false, PROOF_ABSENT, false},
	{&lenient, RADIUS_ACCESS_REQUEST, SIGNED, true, PROOF_GOOD, true},
	{&lenient, RADIUS_ACCESS_REQUEST, SIGNED_BY_ANOTHER, false, PROOF_WRONG, false},
	{&lenient, RADIUS_ACCESS_REQUEST, UNSIGNED, false, PROOF_ABSENT, false, true},
	{&lenient, RADIUS_ACCESS_REQUEST, UNSIGNED, true, PROOF_ABSENT, false},
	{&lenient, RADIUS_STATUS_SERVER, UNSIGNED, false, PROOF_ABSENT, false},
	{&strict, RADIUS_STATUS_SERVER, SIGNED, false, PROOF_GOOD, true},
	{&strict, RADIUS_ACCOUNTING_REQUEST, SIGNED, false, PROOF_GOOD, true},
	{&strict, RADIUS_ACCOUNTING_REQUEST, SIGNED_BY_ANOTHER, false, PROOF_WRONG, false},
	{&strict, RADIUS_ACCOUNTING_REQUEST, UNSIGNED, false, PROOF_GOOD, false},
};

static struct radius_out packets[PROOF_BATCH_MAX];
static struct request requests[PROOF_BATCH_MAX];

static int set_up(void **state)
{
	(void)state;
	lenient.unsigned_until_ms = NOW_MS + 1;
	return radius_secret_set(&strict.secret, "testing123", 10) ||
	       radius_secret_set(&lenient.secret, "testing456", 10) ||
	       radius_secret_set(&other, "testing124", 10);
}

static struct claim claim_of(size_t n)
{
	size_t i = n % ARRAY_SIZE(cases);
	const struct someone *at = cases[i].at;
	struct radius_out *out = &packets[n];
	struct request *r = &requests[n];

	if (cases[i].signature == UNSIGNED)
		radius_begin_bare_request(out, cases[i].code, (uint8_t)n);
	else
		radius_begin_request(out, cases[i].code, (uint8_t)n);
	for (size_t j = 0; j < n % 9; j++)
		radius_put_text(out, RADIUS_NAS_PORT_ID, "GigabitEthernet1/0/1");
	if (cases[i].eap)
		radius_put(out, RADIUS_EAP_MESSAGE, "\2\1\0\4", 4);
	assert_int_equal(radius_finish_request(out, cases[i].signature == SIGNED_BY_ANOTHER
							    ? &other
							    : &at->secret),
			 0);
	r->now_ms = NOW_MS;
	r->is_signed = !cases[i].is_signed;
	assert_int_equal(radius_parse(out->data, out->len, &r->packet), 0);
	return (struct claim){
		.request = r, .secret = &at->secret, .unsigned_until_ms = at->unsigned_until_ms};
}

static void assert_proofs(const struct claim *claims, size_t first, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		size_t i = (first + n) % ARRAY_SIZE(cases);

		assert_int_equal(claims[n].proof, cases[i].proof);
		assert_int_equal(claims[n].request->is_signed, cases[i].is_signed);
		if (cases[i].proof == PROOF_ABSENT)
			assert_int_equal(proof_may_be_absent(&claims[n]), cases[i].may_be_absent);
	}
}

static void each_of_a_batch_is_judged_for_itself(void **state)
{
	struct claim claims[PROOF_BATCH_MAX];

	(void)state;
	for (size_t n = 0; n < PROOF_BATCH_MAX; n++)
		claims[n] = claim_of(n);
	proof_batch(claims, PROOF_BATCH_MAX);
	assert_proofs(claims, 0, PROOF_BATCH_MAX);
}

static void one_alone_is_judged_as_in_a_batch(void **state)
{
	struct claim claim;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		claim = claim_of(n);
		proof_batch(&claim, 1);
		assert_proofs(&claim, n, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_a_batch_is_judged_for_itself),
		cmocka_unit_test(one_alone_is_judged_as_in_a_batch),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
