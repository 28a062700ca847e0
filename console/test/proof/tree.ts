/** RFC 9162, 2.1.1 to 2.1.4, written from the definitions: slow, and not how the product does it. */
import type { Hash } from '../../src/proof/hash';
import { leafHash, nodeHash } from '../../src/proof/merkle';

function split(n: number): number {
	let k = 1;
	while (2 * k < n) k *= 2;
	return k;
}

export class Tree {
	readonly leaves: Uint8Array[];
	constructor(
		readonly hash: Hash,
		entries: Uint8Array[],
	) {
		this.leaves = entries.map((entry) => leafHash(hash, entry));
	}

	root(from = 0, to = this.leaves.length): Uint8Array {
		if (from === to) return this.hash(new Uint8Array());
		if (to - from === 1) return this.leaves[from] as Uint8Array;
		const k = split(to - from);
		return nodeHash(this.hash, this.root(from, from + k), this.root(from + k, to));
	}

	inclusion(index: number, from = 0, to = this.leaves.length): Uint8Array[] {
		if (to - from === 1) return [];
		const k = split(to - from);
		return index < k
			? [...this.inclusion(index, from, from + k), this.root(from + k, to)]
			: [...this.inclusion(index - k, from + k, to), this.root(from, from + k)];
	}

	consistency(first: number, from = 0, to = this.leaves.length, whole = true): Uint8Array[] {
		const n = to - from;
		if (first === n) return whole ? [] : [this.root(from, to)];
		const k = split(n);
		return first <= k
			? [...this.consistency(first, from, from + k, whole), this.root(from + k, to)]
			: [...this.consistency(first - k, from + k, to, false), this.root(from, from + k)];
	}
}
