/*
 * What the proof costs the writer: appending with the tree against hashing the entries alone, in
 * user and system CPU time, alternating in one run; and one signed head per commit.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "journal/log.h"

#define ENTRIES 100000
#define ENTRY_BYTES 456 /* of figures.md: a typical event */
#define PER_COMMIT 1000
#define ROUNDS 5
#define PROOF_LIMIT_US 3.0

static uint8_t entry[ENTRY_BYTES];

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int no_size(void *arg, uint64_t *ret)
{
	(void)arg;
	*ret = 0;
	return 0;
}

static int no_head(void *arg, struct head *ret)
{
	(void)arg, (void)ret;
	return -ENOENT;
}

/* Seconds for all entries, the leaf hash alone. */
static double hash_all(struct hasher *h)
{
	struct merkle_digest leaf;
	double start = cpu_s();

	for (uint32_t i = 0; i < ENTRIES; i++) {
		memcpy(entry, &i, sizeof(i));
		if (merkle_leaf(h, entry, sizeof(entry), &leaf))
			abort();
	}
	return cpu_s() - start;
}

/* The same with the tree; `heads`: and a signed head per commit. */
static double append_all(const struct sign_key *key, enum hash_kind hash, bool heads)
{
	const struct log_source source = {.size = no_size, .last_head = no_head};
	const struct log_options options = {.key = key, .hash = hash, .epoch = 1};
	struct log_added added;
	struct head head;
	struct log *l;
	double start;

	if (log_open(&source, &options, &l))
		abort();
	start = cpu_s();
	for (uint32_t i = 0; i < ENTRIES; i++) {
		memcpy(entry, &i, sizeof(i));
		if (log_append(l, entry, sizeof(entry), &added))
			abort();
		if ((i + 1) % PER_COMMIT)
			continue;
		if (heads && log_head(l, 1, &head))
			abort();
		log_committed(l);
	}
	start = cpu_s() - start;
	log_free(l);
	return start;
}

static void measure(enum hash_kind hash, enum sign_kind sign)
{
	double best[3] = {1e9, 1e9, 1e9}, ns[3], proof_us;
	struct sign_key *key;
	struct hasher *h;

	if (hasher_new(hash, &h) || sign_key_make(sign, &key))
		abort();
	for (int i = 0; i < ROUNDS; i++) {
		const double now[3] = {hash_all(h), append_all(key, hash, false),
				       append_all(key, hash, true)};

		for (int k = 0; k < 3; k++)
			best[k] = MIN(best[k], now[k]);
	}
	for (int k = 0; k < 3; k++)
		ns[k] = best[k] / ENTRIES * 1e9;
	proof_us = (ns[2] - ns[0]) / 1000;
	printf("%s, %s: hash alone %.0f ns, with tree %.0f ns (%.2f times), with a head per %d "
	       "entries %.0f ns (%.2f times)\n",
	       hash_kind_name(hash), sign_kind_name(sign), ns[0], ns[1], ns[1] / ns[0], PER_COMMIT,
	       ns[2], ns[2] / ns[0]);
	printf("{\"name\": \"audit log: proof beyond the hash, %s and %s\", \"value\": %.3f, "
	       "\"unit\": \"CPU us per entry\", \"target\": \"<= %.0f\", \"meets\": %s}\n",
	       hash_kind_name(hash), sign_kind_name(sign), proof_us, PROOF_LIMIT_US,
	       proof_us <= PROOF_LIMIT_US ? "true" : "false");
	hasher_free(h);
	sign_key_free(key);
}

int main(void)
{
	measure(HASH_SM3, SIGN_SM2);
	measure(HASH_SHA256, SIGN_ED25519);
	return 0;
}
