/** A signed head of the audit log: its line of JSON, the bytes that are signed, the check. */
import { fromHex, utf8 } from './bytes';
import type { HashKind } from './hash';
import type { PublicKey } from './key';

export interface Head {
	size: number;
	root: string;
	at: number;
	epoch: number;
	hash: HashKind;
	sign: 'sm2' | 'ed25519';
	key: string;
	signature: string;
}

const KEYS = ['head', 'size', 'root', 'at', 'epoch', 'hash', 'sign', 'key', 'signature'];

function count(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function hex(value: unknown, length?: number): value is string {
	return (
		typeof value === 'string' &&
		/^([0-9a-f]{2})+$/.test(value) &&
		(length === undefined || value.length === length)
	);
}

/** Accepts the line itself or the object it holds; throws for anything else. */
export function parseHead(source: unknown): Head {
	const value: unknown = typeof source === 'string' ? JSON.parse(source) : source;
	if (typeof value !== 'object' || value === null) throw new Error('a head is an object');
	const h = value as Record<string, unknown>;
	const good =
		Object.keys(h).every((name) => KEYS.includes(name)) &&
		h.head === 1 &&
		count(h.size) &&
		hex(h.root, 64) &&
		count(h.at) &&
		count(h.epoch) &&
		(h.hash === 'sm3' || h.hash === 'sha256') &&
		(h.sign === 'sm2' || h.sign === 'ed25519') &&
		hex(h.key, 16) &&
		hex(h.signature);
	if (!good) throw new Error('malformed head');
	const { size, root, at, epoch, hash, sign, key, signature } = h as unknown as Head;
	return { size, root, at, epoch, hash, sign, key, signature };
}

export function headLine(h: Head): string {
	return JSON.stringify({
		head: 1,
		size: h.size,
		root: h.root,
		at: h.at,
		epoch: h.epoch,
		hash: h.hash,
		sign: h.sign,
		key: h.key,
		signature: h.signature,
	});
}

export function signedBytes(h: Head): Uint8Array {
	return utf8(`menshen head 1\n${h.size}\n${h.root}\n${h.at}\n${h.epoch}\n${h.hash}\n`);
}

export function verifyHead(h: Head, keys: PublicKey[]): boolean {
	const key = keys.find((k) => k.id === h.key && k.kind === h.sign);
	return key?.verify(signedBytes(h), fromHex(h.signature)) ?? false;
}
