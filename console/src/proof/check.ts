/**
 * What a page can prove about the audit log by itself: that an entry is in the log of a head, that
 * the head is signed by a known key, and that the log only grew since the head last seen here.
 */
import { equal, fromHex, utf8 } from './bytes';
import { hashes } from './hash';
import { type Head, verifyHead } from './head';
import type { PublicKey } from './key';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle';

/** Exactly what the leaf hash covers, where the answer of the server puts it. */
export interface EntryProof {
	seq: number;
	bytes: string;
	leaf: string;
	path: string[];
}

export type EntryFault = 'bytes' | 'number' | 'path';

/** null: the entry is number `seq` of the log that `head` stands for. */
export function entryFault(proof: EntryProof, head: Head): EntryFault | null {
	const hash = hashes[head.hash];
	const leaf = leafHash(hash, utf8(proof.bytes));
	try {
		if (!equal(leaf, fromHex(proof.leaf))) return 'bytes';
		if ((JSON.parse(proof.bytes) as { seq?: unknown }).seq !== proof.seq) return 'number';
		const path = proof.path.map(fromHex);
		return verifyInclusion(hash, leaf, proof.seq, head.size, path, fromHex(head.root))
			? null
			: 'path';
	} catch {
		return 'bytes';
	}
}

export type HeadFault = 'unknown-key' | 'signature' | 'shorter' | 'forked' | 'rewritten';

/** null: signed by one of the keys. */
export function signatureFault(head: Head, keys: PublicKey[]): HeadFault | null {
	if (!keys.some((key) => key.id === head.key)) return 'unknown-key';
	return verifyHead(head, keys) ? null : 'signature';
}

/** null: the log of `now` is the log of `kept`, perhaps longer. `path` is asked for when needed. */
export async function growthFault(
	kept: Head,
	now: Head,
	path: (from: number, to: number) => Promise<string[]>,
): Promise<HeadFault | null> {
	if (now.hash !== kept.hash) return 'rewritten';
	if (now.size < kept.size) return 'shorter';
	if (now.size === kept.size) return now.root === kept.root ? null : 'forked';
	if (kept.size === 0) return null;
	const steps = (await path(kept.size, now.size)).map(fromHex);
	const hash = hashes[now.hash];
	const holds = verifyConsistency(
		hash,
		kept.size,
		now.size,
		steps,
		fromHex(kept.root),
		fromHex(now.root),
	);
	return holds ? null : 'rewritten';
}
