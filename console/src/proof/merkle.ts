/**
 * The Merkle tree of RFC 9162, section 2.1, as the server builds it:
 * leaf = H(0x00 | bytes), node = H(0x01 | left | right).
 * Sizes are plain numbers: a log of 2^53 entries is beyond anything.
 */
import { concat, equal } from './bytes';
import type { Hash } from './hash';

export function leafHash(hash: Hash, bytes: Uint8Array): Uint8Array {
	return hash(concat(Uint8Array.of(0), bytes));
}

export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
	return hash(concat(Uint8Array.of(1), left, right));
}

const half = (n: number) => Math.floor(n / 2);
const odd = (n: number) => n % 2 === 1;

/** RFC 9162, 2.1.3.2: the leaf is number `index` of the tree of `size` leaves with this root. */
export function verifyInclusion(
	hash: Hash,
	leaf: Uint8Array,
	index: number,
	size: number,
	proof: Uint8Array[],
	root: Uint8Array,
): boolean {
	if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
		return false;
	let fn = index;
	let sn = size - 1;
	let r = leaf;
	for (const p of proof) {
		if (sn === 0) return false;
		if (odd(fn) || fn === sn) {
			r = nodeHash(hash, p, r);
			while (!odd(fn) && fn !== 0) {
				fn = half(fn);
				sn = half(sn);
			}
		} else {
			r = nodeHash(hash, r, p);
		}
		fn = half(fn);
		sn = half(sn);
	}
	return sn === 0 && equal(r, root);
}

/** RFC 9162, 2.1.4.2: the tree of `first` leaves is a beginning of the tree of `second`. */
export function verifyConsistency(
	hash: Hash,
	first: number,
	second: number,
	proof: Uint8Array[],
	firstRoot: Uint8Array,
	secondRoot: Uint8Array,
): boolean {
	if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second)) return false;
	if (first < 0 || first > second) return false;
	if (first === second) return proof.length === 0 && equal(firstRoot, secondRoot);
	if (first === 0) return proof.length === 0 && equal(firstRoot, hash(new Uint8Array()));
	const power = Number.isInteger(Math.log2(first));
	const path = power ? [firstRoot, ...proof] : proof;
	const start = path[0];
	if (proof.length === 0 || start === undefined) return false;
	let fn = first - 1;
	let sn = second - 1;
	while (odd(fn)) {
		fn = half(fn);
		sn = half(sn);
	}
	let fr = start;
	let sr = start;
	for (const c of path.slice(1)) {
		if (sn === 0) return false;
		if (odd(fn) || fn === sn) {
			fr = nodeHash(hash, c, fr);
			sr = nodeHash(hash, c, sr);
			while (!odd(fn) && fn !== 0) {
				fn = half(fn);
				sn = half(sn);
			}
		} else {
			sr = nodeHash(hash, sr, c);
		}
		fn = half(fn);
		sn = half(sn);
	}
	return sn === 0 && equal(fr, firstRoot) && equal(sr, secondRoot);
}
