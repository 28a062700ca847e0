/* Every allocation of the crypto library and every one of our own fails once, one after the other:
 * an answer is right or it is -ENOMEM, never a wrong verdict, never half a result. Ed25519 alone:
 * OpenSSL 3.0's SM2 and jansson's parser do not survive missing memory themselves. */
#include "memory_log.h"

#include <openssl/crypto.h>
#include <string.h>

#include "journal/verify.h"
#include "scarce/own_memory.h"

#define ROUNDS_MAX 20000

static long until_failure = -1; /* allocations still granted; negative: all */
static bool failed;

static bool refuse(void)
{
	if (until_failure < 0)
		return false;
	if (until_failure) {
		until_failure--;
		return false;
	}
	failed = true;
	until_failure = -1;
	return true;
}

static void *ssl_allocate(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return !size || refuse() ? NULL : malloc(size);
}

static void *ssl_reallocate(void *p, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	if (!size) {
		free(p);
		return NULL;
	}
	return refuse() ? NULL : realloc(p, size);
}

static void ssl_release(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

static struct memory_log *m;

static int make_log(void **state)
{
	(void)state;
	m = memory_log_new(HASH_SM3, SIGN_ED25519);
	memory_log_act(m, "t1", "x");
	memory_log_act(m, "p1", "x");
	memory_log_batch(m, "gate:north", 1, 2);
	memory_log_commit(m);
	return 0;
}

static int drop_log(void **state)
{
	(void)state;
	memory_log_free(m);
	return 0;
}

/* Calls `step` with each allocation failing in turn, until one run has none left to fail. */
static void for_every_failure(int (*step)(void))
{
	for (long n = 0; n < ROUNDS_MAX; n++) {
		int r;

		failed = false;
		until_failure = n;
		r = step();
		until_failure = -1;
		if (r != -ENOMEM)
			assert_int_equal(r, 0);
		if (!failed)
			return;
	}
	fail_msg("still allocating");
}

static void for_every_own_failure(int (*step)(void))
{
	long denied = 0;

	for (long n = 0; n < ROUNDS_MAX; n++) {
		int r;

		own_memory_refuse(n);
		r = step();
		if (r != -ENOMEM)
			assert_int_equal(r, 0);
		denied += r == -ENOMEM;
		if (!own_memory_refused()) {
			assert_true(denied > 0);
			return;
		}
		own_memory_refuse(-1);
	}
	fail_msg("still allocating");
}

static int append_and_sign(void)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT;
	struct entry e = {.act = "server.start"};
	struct log_added added;
	struct head head;
	int r = log_append_entry(m->log, &e, &bytes, &added);

	if (!r)
		r = log_head(m->log, 1, &head);
	log_roll_back(m->log);
	return r ? r : head_verify(&head, &m->ring);
}

static int open_log(void)
{
	const struct log_options options = {.key = m->key, .hash = HASH_SM3, .epoch = 1};
	struct log *again = NULL;
	int r = log_open(&m->source, &options, &again);

	log_free(again);
	return r;
}

static int verify_log(void)
{
	struct verify_report report;
	int r = log_verify(&m->source, NULL, &m->ring, &report);

	return r ? r : -(int)report.fault;
}

static void an_append_is_whole_or_rolled_back(void **state)
{
	(void)state;
	for_every_failure(append_and_sign);
	for_every_own_failure(append_and_sign);
	assert_int_equal(log_next_seq(m->log), m->entry_count);
}

static void a_log_opens_or_memory_is_missed(void **state)
{
	(void)state;
	for_every_failure(open_log);
	for_every_own_failure(open_log);
}

static void a_verdict_is_never_made_of_missing_memory(void **state)
{
	(void)state;
	for_every_failure(verify_log);
	for_every_own_failure(verify_log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_append_is_whole_or_rolled_back),
		cmocka_unit_test(a_log_opens_or_memory_is_missed),
		cmocka_unit_test(a_verdict_is_never_made_of_missing_memory),
	};

	if (CRYPTO_set_mem_functions(ssl_allocate, ssl_reallocate, ssl_release) != 1)
		return 1;
	return cmocka_run_group_tests(tests, make_log, drop_log);
}
