/** Co-signatures of gates under a head (src/journal/head.h): each gate keeps the heads that it sees
 * and signs them, so that head office alone cannot make up another past. */
import { fromHex, utf8 } from './bytes';
import { type Head, signedBytes } from './head';
import type { PublicKey } from './key';

export interface Cosign {
	gate: string;
	at: number;
	sign: string;
	key: string;
	signature: string;
}

/** good, bad: checked here. new-key: it holds, by a key that this browser did not know at its first
 * visit. unchecked: there is no key for it or of no kind that a page can check; the server checked it
 * when it took it. */
export type CosignVerdict = 'good' | 'bad' | 'new-key' | 'unchecked';

export interface GateKey {
	gate: string;
	key: PublicKey;
	known: boolean;
}

export function cosignedBytes(c: Cosign, h: Head): Uint8Array {
	const own = utf8(`menshen cosign 1\n${c.gate}\n${c.at}\n`);
	const heads = signedBytes(h);
	const all = new Uint8Array(own.length + heads.length);
	all.set(own);
	all.set(heads, own.length);
	return all;
}

export function cosignVerdict(c: Cosign, h: Head, keys: GateKey[]): CosignVerdict {
	const of = keys.find((k) => k.gate === c.gate && k.key.id === c.key && k.key.kind === c.sign);
	if (!of) return 'unchecked';
	if (!/^([0-9a-f]{2})+$/.test(c.signature)) return 'bad';
	if (!of.key.verify(cosignedBytes(c, h), fromHex(c.signature))) return 'bad';
	return of.known ? 'good' : 'new-key';
}
