#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/core/enrol.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/pem.h"
#include "base/text.h"
#include "place.h"

static struct ca *ca, *other_ca;
static struct sign_key *policy_key;
static const struct uuid terminal = {{1, 2, 3, 4}}, other_terminal = {{9}}, nobody;
static const struct enrol_facts facts = {
	.machine = {.host_name = "desk-17", .serial = "PF0001", .os = "Debian"},
	.nics = {{.mac = {{2, 0, 0, 0, 0, 1}}, .name = "eth0", .up = true, .address = "10.1.0.7"}},
	.nic_count = 1,
};

static int make_office(void **state)
{
	int64_t now = clock_wall_ms();

	(void)state;
	return ca_make("head office", now, 30, &ca) || ca_make("stranger", now, 30, &other_ca) ||
			       sign_key_make(SIGN_ED25519, &policy_key)
		       ? -1
		       : 0;
}

static int close_office(void **state)
{
	(void)state;
	ca_free(ca);
	ca_free(other_ca);
	sign_key_free(policy_key);
	return 0;
}

struct answer_spec {
	const struct ca *issuer;
	const struct uuid *in_certificate, *in_answer;
	enum cert_holder holder;
	int64_t from_ms, until_ms; /* against now */
	bool no_policy_key;
};

static struct answer_spec good_answer(void)
{
	return (struct answer_spec){.issuer = ca,
				    .in_certificate = &terminal,
				    .in_answer = &terminal,
				    .holder = CERT_TERMINAL,
				    .from_ms = -HOUR_MS,
				    .until_ms = 29 * DAY_MS};
}

/* What head office answers to this request. */
static const menshen_EnrolAnswer *answer(const uint8_t *csr, size_t len,
					 const struct answer_spec *a)
{
	CLEANUP_BUF struct buf csr_pem = BUF_INIT, cert = BUF_INIT, der = BUF_INIT, key = BUF_INIT;
	static menshen_EnrolAnswer m;
	int64_t now = clock_wall_ms();
	const struct cert_spec spec = {.common_name = "desk-17",
				       .holder = a->holder,
				       .terminal = *a->in_certificate,
				       .gate = "gate-1",
				       .client = true,
				       .not_before_ms = now + a->from_ms,
				       .not_after_ms = now + a->until_ms};

	m = (menshen_EnrolAnswer){.accepted = true, .asset_no = "PC-2026-000017"};
	pem_encode(&csr_pem, "CERTIFICATE REQUEST", csr, len);
	assert_int_equal(ca_issue_csr(a->issuer, csr_pem.data, csr_pem.len, &spec, &cert), 0);
	assert_int_equal(pem_decode(buf_str(&cert), cert.len, "CERTIFICATE", &der), 0);
	memcpy(m.certificate.bytes, der.data, der.len);
	m.certificate.size = (pb_size_t)der.len;
	memcpy(m.terminal.bytes, a->in_answer->b, sizeof(a->in_answer->b));
	m.terminal.size = sizeof(a->in_answer->b);
	assert_int_equal(sign_key_public_pem(policy_key, &key), 0);
	if (!a->no_policy_key) {
		memcpy(m.policy_key.bytes, key.data, key.len);
		m.policy_key.size = (pb_size_t)key.len;
	}
	return &m;
}

static menshen_EnrolRequest ask(const struct place *p)
{
	menshen_EnrolRequest m;

	assert_int_equal(enrol_ask(p->top, "K7QF-2M9X-TDRA", &facts, &m), 0);
	return m;
}

static int take(const struct place *p, const menshen_EnrolAnswer *m, const struct identity *was)
{
	return enrol_take(p->top, ca_pem(ca), clock_wall_ms(), m, was);
}

static void an_accepted_terminal_has_key_certificate_and_policy_key(void **state)
{
	const struct place *p = *state;
	struct answer_spec spec = good_answer();
	menshen_EnrolRequest request = ask(p);
	CLEANUP_SIGN_KEY struct sign_key *pinned = NULL;
	struct identity id;
	struct stat st;

	assert_string_equal(request.host_name, "desk-17");
	assert_int_equal(request.nics_count, 1);
	assert_int_equal(take(p, answer(request.csr.bytes, request.csr.size, &spec), NULL), 0);
	assert_int_equal(identity_load(p->top, &id), 0);
	assert_true(uuid_equal(&id.cert.terminal, &terminal));
	assert_string_equal(id.asset_no, "PC-2026-000017");
	assert_int_equal(stat(place_path(p, "identity.pem"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_not_equal(access(place_path(p, "pending.pem"), F_OK), 0);
	assert_int_equal(identity_policy_key(p->top, &pinned), 0);
	assert_string_equal(sign_key_id(pinned), sign_key_id(policy_key));
	identity_done(&id);
}

/* The answer was lost on the way: the same code asks for the same key again. */
static void a_request_that_was_not_answered_is_repeated_with_the_same_key(void **state)
{
	const struct place *p = *state;
	struct answer_spec spec = good_answer();
	menshen_EnrolRequest first = ask(p), second = ask(p);

	(void)second;
	assert_int_equal(take(p, answer(first.csr.bytes, first.csr.size, &spec), NULL), 0);
}

static void a_certificate_that_is_not_ours_changes_nothing(void **state)
{
	const struct place *p = *state;
	menshen_EnrolRequest request = ask(p);
	struct answer_spec specs[7];
	struct identity id;

	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		specs[i] = good_answer();
	specs[0].issuer = other_ca;
	specs[1].in_answer = &other_terminal;
	specs[2].holder = CERT_GATE;
	specs[2].in_answer = &nobody;
	specs[3].holder = CERT_OTHER;
	specs[4].from_ms = -20 * MINUTE_MS;
	specs[4].until_ms = -10 * MINUTE_MS;
	specs[5].no_policy_key = true;
	for (size_t i = 0; i < 6; i++) {
		int err = take(p, answer(request.csr.bytes, request.csr.size, &specs[i]), NULL);

		if (err != -EBADMSG)
			fail_msg("answer %zu gave %d", i, err);
	}
	assert_int_equal(identity_load(p->top, &id), -ENOENT);
	assert_int_equal(take(p, answer(request.csr.bytes, request.csr.size, &specs[6]), NULL), 0);
}

static void a_certificate_for_another_key_is_refused(void **state)
{
	const struct place *p = *state;
	struct answer_spec spec = good_answer();
	menshen_EnrolRequest request = ask(p);

	assert_int_equal(unlink(place_path(p, "pending.pem")), 0);
	assert_int_equal(take(p, answer(request.csr.bytes, request.csr.size, &spec), NULL),
			 -EBADMSG);
}

static void a_renewal_keeps_terminal_and_policy_key_and_changes_the_key(void **state)
{
	const struct place *p = *state;
	struct answer_spec spec = good_answer();
	menshen_EnrolRequest request = ask(p);
	menshen_RenewRequest renewal;
	struct identity first, second;

	assert_int_equal(take(p, answer(request.csr.bytes, request.csr.size, &spec), NULL), 0);
	assert_int_equal(identity_load(p->top, &first), 0);
	assert_int_equal(enrol_ask_renewal(p->top, &first, &renewal), 0);
	spec.in_certificate = spec.in_answer = &other_terminal;
	assert_int_equal(take(p, answer(renewal.csr.bytes, renewal.csr.size, &spec), &first),
			 -EBADMSG);
	spec = good_answer();
	spec.no_policy_key = true;
	assert_int_equal(take(p, answer(renewal.csr.bytes, renewal.csr.size, &spec), &first), 0);
	assert_int_equal(identity_load(p->top, &second), 0);
	assert_string_not_equal(buf_str(&first.key_pem), buf_str(&second.key_pem));
	assert_int_equal(access(place_path(p, "policy-key.pem"), F_OK), 0);
	identity_done(&first);
	identity_done(&second);
}

static void the_state_follows_the_life_of_the_certificate(void **state)
{
	struct identity id = {.cert_pem = BUF_INIT,
			      .cert = {.not_before_ms = 0, .not_after_ms = 300 * DAY_MS}};

	(void)state;
	assert_int_equal(identity_state(NULL, 0), IDENTITY_NONE);
	assert_int_equal(identity_state(&id, 0), IDENTITY_NONE);
	buf_puts(&id.cert_pem, "certificate");
	assert_int_equal(identity_state(&id, 199 * DAY_MS), IDENTITY_GOOD);
	assert_int_equal(identity_state(&id, 200 * DAY_MS), IDENTITY_RENEWAL_DUE);
	assert_int_equal(identity_state(&id, 300 * DAY_MS - 1), IDENTITY_RENEWAL_DUE);
	assert_int_equal(identity_state(&id, 300 * DAY_MS), IDENTITY_EXPIRED);
	buf_done(&id.cert_pem);
}

static void an_identity_file_cut_at_any_byte_is_refused(void **state)
{
	const struct place *p = *state;
	struct answer_spec spec = good_answer();
	menshen_EnrolRequest request = ask(p);
	CLEANUP_BUF struct buf file = BUF_INIT;
	struct identity id;
	size_t end;

	assert_int_equal(take(p, answer(request.csr.bytes, request.csr.size, &spec), NULL), 0);
	assert_int_equal(file_read(place_path(p, "identity.pem"), 65536, &file), 0);
	end = file.len - 1; /* the last line feed says nothing */
	for (size_t cut = 0; cut < end; cut++) {
		assert_int_equal(file_replace(place_path(p, "identity.pem"), file.data, cut, 0600),
				 0);
		assert_int_equal(identity_load(p->top, &id), -EBADMSG);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(an_accepted_terminal_has_key_certificate_and_policy_key),
		PLACE_CASE(a_request_that_was_not_answered_is_repeated_with_the_same_key),
		PLACE_CASE(a_certificate_that_is_not_ours_changes_nothing),
		PLACE_CASE(a_certificate_for_another_key_is_refused),
		PLACE_CASE(a_renewal_keeps_terminal_and_policy_key_and_changes_the_key),
		PLACE_CASE(the_state_follows_the_life_of_the_certificate),
		PLACE_CASE(an_identity_file_cut_at_any_byte_is_refused),
	};

	return cmocka_run_group_tests_name("identity", tests, make_office, close_office);
}
