#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "journal/merkle.h"

#define SMALL 300
#define LARGE (65536 + 777)

/* A tree kept whole: every leaf, and every stored node that appending gave. */
struct forest {
	struct hasher *hasher;
	struct merkle_frontier frontier;
	struct merkle_digest *leaves; /* LARGE */
	struct merkle_digest *level8; /* LARGE / 256 */
	struct merkle_digest level16;
	size_t level8_count, level16_count;
	uint64_t reads;
};

static int get_node(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret)
{
	struct forest *f = arg;

	f->reads++;
	switch (level) {
	case 0:
		assert_in_range(index, 0, f->frontier.size - 1);
		*ret = f->leaves[index];
		return 0;
	case 8:
		assert_true(index < f->level8_count);
		*ret = f->level8[index];
		return 0;
	default:
		assert_int_equal(level, 16);
		assert_true(index < f->level16_count);
		*ret = f->level16;
		return 0;
	}
}

static void grow_forest(struct forest *f)
{
	struct merkle_stored stored[MERKLE_STORED_MAX];
	struct merkle_digest leaf;
	uint8_t bytes[8];
	size_t count;

	set_be64(bytes, f->frontier.size);
	assert_int_equal(merkle_leaf(f->hasher, bytes, sizeof(bytes), &leaf), 0);
	f->leaves[f->frontier.size] = leaf;
	assert_int_equal(merkle_append(&f->frontier, f->hasher, &leaf, stored, &count), 0);
	for (size_t i = 0; i < count; i++) {
		if (stored[i].level == 8) {
			assert_int_equal(stored[i].index, f->level8_count);
			f->level8[f->level8_count++] = stored[i].node;
		} else {
			assert_int_equal(stored[i].level, 16);
			assert_int_equal(stored[i].index, f->level16_count++);
			f->level16 = stored[i].node;
		}
	}
}

static int make_forest(void **state)
{
	struct forest *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->leaves = calloc(LARGE, sizeof(*f->leaves));
	f->level8 = calloc(LARGE / 256 + 1, sizeof(*f->level8));
	assert_int_equal(hasher_new(HASH_SHA256, &f->hasher), 0);
	*state = f;
	return 0;
}

static int drop_forest(void **state)
{
	struct forest *f = *state;

	hasher_free(f->hasher);
	free(f->leaves);
	free(f->level8);
	free(f);
	return 0;
}

static struct merkle_nodes nodes_of(struct forest *f)
{
	return (struct merkle_nodes){get_node, f};
}

/* RFC 9162, 2.1.1, word by word: the definition that the fast code is held to. */
static struct merkle_digest defined_root(struct forest *f, uint64_t lo, uint64_t hi)
{
	struct merkle_digest left, right, ret;
	uint64_t k = 1;

	if (lo == hi) {
		assert_int_equal(hasher_pieces(f->hasher, NULL, 0, ret.b), 0);
		return ret;
	}
	if (hi - lo == 1)
		return f->leaves[lo];
	while (2 * k < hi - lo)
		k *= 2;
	left = defined_root(f, lo, lo + k);
	right = defined_root(f, lo + k, hi);
	assert_int_equal(merkle_node(f->hasher, &left, &right, &ret), 0);
	return ret;
}

/* RFC 9162, 2.1.4.1, word by word. */
static void defined_subproof(struct forest *f, uint64_t m, uint64_t lo, uint64_t hi, bool whole,
			     struct merkle_proof *p)
{
	uint64_t n = hi - lo, k = 1;

	if (m == n) {
		if (!whole)
			p->nodes[p->count++] = defined_root(f, lo, hi);
		return;
	}
	while (2 * k < n)
		k *= 2;
	if (m <= k) {
		defined_subproof(f, m, lo, lo + k, whole, p);
		p->nodes[p->count++] = defined_root(f, lo + k, hi);
	} else {
		defined_subproof(f, m - k, lo + k, hi, false, p);
		p->nodes[p->count++] = defined_root(f, lo, lo + k);
	}
}

/* RFC 9162, 2.1.3.1, word by word. */
static void defined_path(struct forest *f, uint64_t m, uint64_t lo, uint64_t hi,
			 struct merkle_proof *p)
{
	uint64_t n = hi - lo, k = 1;

	if (n == 1)
		return;
	while (2 * k < n)
		k *= 2;
	if (m < k) {
		defined_path(f, m, lo, lo + k, p);
		p->nodes[p->count++] = defined_root(f, lo + k, hi);
	} else {
		defined_path(f, m - k, lo + k, hi, p);
		p->nodes[p->count++] = defined_root(f, lo, lo + k);
	}
}

static void assert_same(const struct merkle_digest *a, const struct merkle_digest *b)
{
	assert_memory_equal(a->b, b->b, HASH_SIZE);
}

static void assert_same_proof(const struct merkle_proof *a, const struct merkle_proof *b)
{
	assert_int_equal(a->count, b->count);
	assert_memory_equal(a->nodes, b->nodes, a->count * sizeof(a->nodes[0]));
}

static void prefixes_are_those_of_rfc_9162(void **state)
{
	static const uint8_t empty_leaf[] = {0x00}, data_leaf[] = {0x00, 'L', '1'};
	struct forest *f = *state;
	struct merkle_digest leaf, root;
	struct merkle_frontier none = {0};
	uint8_t want[HASH_SIZE];

	assert_int_equal(merkle_leaf(f->hasher, NULL, 0, &leaf), 0);
	assert_int_equal(hash_bytes(HASH_SHA256, empty_leaf, 1, want), 0);
	assert_memory_equal(leaf.b, want, HASH_SIZE);
	assert_int_equal(merkle_leaf(f->hasher, "L1", 2, &leaf), 0);
	assert_int_equal(hash_bytes(HASH_SHA256, data_leaf, 3, want), 0);
	assert_memory_equal(leaf.b, want, HASH_SIZE);
	assert_int_equal(merkle_root(&none, f->hasher, &root), 0);
	assert_int_equal(hash_bytes(HASH_SHA256, "", 0, want), 0);
	assert_memory_equal(root.b, want, HASH_SIZE);
}

static void the_root_of_every_size_is_the_defined_one(void **state)
{
	struct forest *f = *state;
	struct merkle_digest root, want;

	for (uint64_t size = 0; size <= SMALL; size++) {
		want = defined_root(f, 0, size);
		assert_int_equal(merkle_root(&f->frontier, f->hasher, &root), 0);
		assert_same(&root, &want);
		grow_forest(f);
	}
	assert_int_equal(f->level8_count, 1);
}

static void every_inclusion_proof_is_the_defined_one_and_holds(void **state)
{
	struct forest *f = *state;
	struct merkle_nodes nodes = nodes_of(f);

	while (f->frontier.size < SMALL)
		grow_forest(f);
	for (uint64_t size = 1; size <= SMALL; size += size < 20 ? 1 : 7) {
		struct merkle_digest root = defined_root(f, 0, size);

		for (uint64_t index = 0; index < size; index++) {
			struct merkle_proof proof, want = {0};

			assert_int_equal(
				merkle_prove_inclusion(&nodes, f->hasher, index, size, &proof), 0);
			defined_path(f, index, 0, size, &want);
			assert_same_proof(&proof, &want);
			assert_int_equal(merkle_verify_inclusion(f->hasher, &f->leaves[index],
								 index, size, &proof, &root),
					 0);
		}
	}
}

static void every_consistency_proof_is_the_defined_one_and_holds(void **state)
{
	struct forest *f = *state;
	struct merkle_nodes nodes = nodes_of(f);

	while (f->frontier.size < SMALL)
		grow_forest(f);
	for (uint64_t second = 1; second <= SMALL; second += second < 34 ? 1 : 19) {
		struct merkle_digest new_root = defined_root(f, 0, second);

		for (uint64_t first = 0; first <= second; first++) {
			struct merkle_digest old_root = defined_root(f, 0, first);
			struct merkle_proof proof, want = {0};

			assert_int_equal(
				merkle_prove_consistency(&nodes, f->hasher, first, second, &proof),
				0);
			if (first)
				defined_subproof(f, first, 0, second, true, &want);
			assert_same_proof(&proof, &want);
			assert_int_equal(merkle_verify_consistency(f->hasher, first, second, &proof,
								   &old_root, &new_root),
					 0);
		}
	}
}

static void a_proof_for_something_else_does_not_hold(void **state)
{
	static const uint64_t sizes[] = {1, 2, 3, 5, 8, 13, 64, 100};
	struct forest *f = *state;
	struct merkle_nodes nodes = nodes_of(f);

	while (f->frontier.size < SMALL)
		grow_forest(f);
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		uint64_t size = sizes[s], index = size / 2;
		struct merkle_digest root = defined_root(f, 0, size), *leaf = &f->leaves[index];
		struct merkle_proof p;

		assert_int_equal(merkle_prove_inclusion(&nodes, f->hasher, index, size, &p), 0);
		assert_int_equal(
			merkle_verify_inclusion(f->hasher, leaf + 1, index, size, &p, &root),
			-EBADMSG);
		assert_int_equal(merkle_verify_inclusion(f->hasher, leaf, size, size, &p, &root),
				 -EBADMSG);
		for (size_t i = 0; i < p.count; i++) {
			p.nodes[i].b[31] ^= 1;
			assert_int_equal(
				merkle_verify_inclusion(f->hasher, leaf, index, size, &p, &root),
				-EBADMSG);
			p.nodes[i].b[31] ^= 1;
		}
		p.count++;
		assert_int_equal(merkle_verify_inclusion(f->hasher, leaf, index, size, &p, &root),
				 -EBADMSG);
		if (size > 1) {
			p.count -= 2;
			assert_int_equal(
				merkle_verify_inclusion(f->hasher, leaf, index, size, &p, &root),
				-EBADMSG);
		}
	}
}

static void a_proof_that_stops_short_of_the_root_does_not_hold(void **state)
{
	const struct merkle_proof none = {0};
	struct forest *f = *state;

	grow_forest(f);
	assert_int_equal(
		merkle_verify_inclusion(f->hasher, &f->leaves[0], 0, 1, &none, &f->leaves[0]), 0);
	assert_int_equal(
		merkle_verify_inclusion(f->hasher, &f->leaves[0], 0, 2, &none, &f->leaves[0]),
		-EBADMSG);
	assert_int_equal(
		merkle_verify_consistency(f->hasher, 1, 2, &none, &f->leaves[0], &f->leaves[0]),
		-EBADMSG);
}

static void a_consistency_proof_that_was_bent_does_not_hold(void **state)
{
	struct forest *f = *state;
	struct merkle_nodes nodes = nodes_of(f);
	struct merkle_digest first, second, other;
	struct merkle_proof p;

	while (f->frontier.size < SMALL)
		grow_forest(f);
	for (uint64_t old = 1; old < 40; old++) {
		first = defined_root(f, 0, old);
		second = defined_root(f, 0, 40);
		other = defined_root(f, 1, old + 1);
		assert_int_equal(merkle_prove_consistency(&nodes, f->hasher, old, 40, &p), 0);
		assert_int_equal(merkle_verify_consistency(f->hasher, old, 40, &p, &other, &second),
				 -EBADMSG);
		for (size_t i = 0; i < p.count; i++) {
			p.nodes[i].b[0] ^= 0x80;
			assert_int_equal(
				merkle_verify_consistency(f->hasher, old, 40, &p, &first, &second),
				-EBADMSG);
			p.nodes[i].b[0] ^= 0x80;
		}
		p.count--;
		assert_int_equal(merkle_verify_consistency(f->hasher, old, 40, &p, &first, &second),
				 -EBADMSG);
	}
	assert_int_equal(merkle_prove_consistency(&nodes, f->hasher, 5, 4, &p), -EINVAL);
	assert_int_equal(merkle_prove_inclusion(&nodes, f->hasher, 4, 4, &p), -EINVAL);
}

static void beyond_65536_leaves_tiles_of_two_levels_carry_the_proofs(void **state)
{
	static const uint64_t probes[] = {0, 255, 256, 40000, 65535, 65536, LARGE - 1};
	struct forest *f = *state;
	struct merkle_nodes nodes = nodes_of(f);
	struct merkle_frontier loaded;
	struct merkle_digest root, again, old_root;
	struct merkle_proof p;

	while (f->frontier.size < LARGE)
		grow_forest(f);
	assert_int_equal(f->level16_count, 1);
	assert_int_equal(merkle_root(&f->frontier, f->hasher, &root), 0);
	again = defined_root(f, 0, LARGE);
	assert_same(&root, &again);
	f->reads = 0;
	assert_int_equal(merkle_load(&nodes, f->hasher, LARGE, &loaded), 0);
	assert_in_range(f->reads, 1, 1024);
	assert_int_equal(merkle_root(&loaded, f->hasher, &again), 0);
	assert_same(&root, &again);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		f->reads = 0;
		assert_int_equal(merkle_prove_inclusion(&nodes, f->hasher, probes[i], LARGE, &p),
				 0);
		assert_in_range(f->reads, 1, 2048);
		assert_int_equal(merkle_verify_inclusion(f->hasher, &f->leaves[probes[i]],
							 probes[i], LARGE, &p, &root),
				 0);
		if (!probes[i])
			continue;
		old_root = defined_root(f, 0, probes[i]);
		assert_int_equal(merkle_prove_consistency(&nodes, f->hasher, probes[i], LARGE, &p),
				 0);
		assert_int_equal(merkle_verify_consistency(f->hasher, probes[i], LARGE, &p,
							   &old_root, &root),
				 0);
	}
}

static int fail_to_read(void *arg, unsigned level, uint64_t index, struct merkle_digest *ret)
{
	(void)arg, (void)level, (void)index, (void)ret;
	return -EIO;
}

static void a_read_error_is_passed_on(void **state)
{
	struct forest *f = *state;
	struct merkle_nodes nodes = {fail_to_read, NULL};
	struct merkle_frontier loaded;
	struct merkle_proof p;

	assert_int_equal(merkle_load(&nodes, f->hasher, 5, &loaded), -EIO);
	assert_int_equal(merkle_prove_inclusion(&nodes, f->hasher, 1, 5, &p), -EIO);
	assert_int_equal(merkle_prove_consistency(&nodes, f->hasher, 1, 5, &p), -EIO);
	assert_int_equal(merkle_load(&nodes, f->hasher, 0, &loaded), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_forest, drop_forest)
	const struct CMUnitTest tests[] = {
		T(prefixes_are_those_of_rfc_9162),
		T(the_root_of_every_size_is_the_defined_one),
		T(every_inclusion_proof_is_the_defined_one_and_holds),
		T(every_consistency_proof_is_the_defined_one_and_holds),
		T(a_proof_for_something_else_does_not_hold),
		T(a_proof_that_stops_short_of_the_root_does_not_hold),
		T(a_consistency_proof_that_was_bent_does_not_hold),
		T(beyond_65536_leaves_tiles_of_two_levels_carry_the_proofs),
		T(a_read_error_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
