import { expect, test } from 'vitest';
import { toHex, utf8 } from '../../src/proof/bytes';
import { hashes } from '../../src/proof/hash';
import { verifyConsistency, verifyInclusion } from '../../src/proof/merkle';
import { Tree } from './tree';

const entries = Array.from({ length: 33 }, (_, i) => utf8(`entry ${i}`));
const flip = (bytes: Uint8Array, at = 0) => bytes.map((b, i) => (i === at ? b ^ 1 : b));

test('SM3 and SHA-256 give the digests of their standards', () => {
	expect(toHex(hashes.sm3(utf8('abc')))).toBe(
		'66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
	);
	expect(toHex(hashes.sha256(utf8('abc')))).toBe(
		'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
	);
});

for (const kind of ['sm3', 'sha256'] as const) {
	const hash = hashes[kind];

	test(`every leaf of every ${kind} tree up to 33 leaves is proved`, () => {
		for (let size = 1; size <= entries.length; size++) {
			const tree = new Tree(hash, entries.slice(0, size));
			for (let i = 0; i < size; i++)
				expect(
					verifyInclusion(
						hash,
						tree.leaves[i] as Uint8Array,
						i,
						size,
						tree.inclusion(i),
						tree.root(),
					),
				).toBe(true);
		}
	});

	test(`every ${kind} tree is consistent with each of its beginnings`, () => {
		for (let size = 1; size <= entries.length; size++) {
			const tree = new Tree(hash, entries.slice(0, size));
			for (let first = 1; first <= size; first++)
				expect(
					verifyConsistency(
						hash,
						first,
						size,
						tree.consistency(first),
						tree.root(0, first),
						tree.root(),
					),
				).toBe(true);
		}
	});
}

test('a leaf, an index, a size, a step or a root that was changed is refused', () => {
	const hash = hashes.sm3;
	for (const size of [1, 2, 7, 8, 21]) {
		const tree = new Tree(hash, entries.slice(0, size));
		for (let i = 0; i < size; i++) {
			const leaf = tree.leaves[i] as Uint8Array;
			const proof = tree.inclusion(i);
			const root = tree.root();
			expect(verifyInclusion(hash, flip(leaf, 31), i, size, proof, root)).toBe(false);
			expect(verifyInclusion(hash, leaf, i, size, proof, flip(root))).toBe(false);
			expect(verifyInclusion(hash, leaf, size, size, proof, root)).toBe(false);
			expect(verifyInclusion(hash, leaf, -1, size, proof, root)).toBe(false);
			expect(verifyInclusion(hash, leaf, i, size, [...proof, leaf], root)).toBe(false);
			if (size > 1) {
				expect(verifyInclusion(hash, leaf, (i + 1) % size, size, proof, root)).toBe(false);
				expect(verifyInclusion(hash, leaf, i, size, proof.slice(1), root)).toBe(false);
			}
			for (let s = 0; s < proof.length; s++) {
				const bent = proof.map((step, n) => (n === s ? flip(step, 7) : step));
				expect(verifyInclusion(hash, leaf, i, size, bent, root)).toBe(false);
			}
		}
	}
});

test('a past that was rewritten is not consistent with the head that was seen', () => {
	const hash = hashes.sm3;
	const honest = new Tree(hash, entries.slice(0, 12));
	for (let changed = 0; changed < 12; changed++) {
		const forged = new Tree(
			hash,
			entries.slice(0, 20).map((entry, i) => (i === changed ? utf8('forged') : entry)),
		);
		expect(
			verifyConsistency(hash, 12, 20, forged.consistency(12), honest.root(), forged.root()),
		).toBe(false);
	}
});

test('a log that became shorter is refused', () => {
	const tree = new Tree(hashes.sm3, entries.slice(0, 12));
	expect(verifyConsistency(hashes.sm3, 12, 11, [], tree.root(), tree.root(0, 11))).toBe(false);
	expect(verifyConsistency(hashes.sm3, 12, 12, [], tree.root(), tree.root(0, 11))).toBe(false);
});
