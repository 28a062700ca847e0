/** What the page says of the log, on a log that is signed and proved as the server does it. */
import { expect, test } from 'vitest';
import { Log } from '../../dev/log';
import { entryFault, growthFault, signatureFault } from '../../src/proof/check';
import { type Head, parseHead } from '../../src/proof/head';
import { forget, keepHead, keptHead } from '../../src/proof/kept';
import { parsePublicKey } from '../../src/proof/key';

const log = new Log(20);
const keys = [parsePublicKey(log.pem())];
const headOf = (size: number, of = log): Head => {
	const { cosigns: _, ...fields } = of.head(size);
	return parseHead({ head: 1, ...fields });
};
const path = async (from: number, to: number) => log.consistency(from, to).path;

test('every entry of the log is found genuine under its signed head', () => {
	const head = headOf(20);
	expect(signatureFault(head, keys)).toBeNull();
	for (let seq = 0; seq < 20; seq++) expect(entryFault(log.proof(seq), head)).toBeNull();
});

test('an entry with one changed character is refused', () => {
	const proof = log.proof(7);
	const bytes = proof.bytes.replace('例行处理', '例行外理');
	expect(entryFault({ ...proof, bytes }, headOf(20))).toBe('bytes');
});

test('an entry that was rehashed after the change is refused by its path', () => {
	const forged = new Log(20);
	const entry = forged.entries[7];
	if (entry) entry.act = 'terminal.release';
	expect(entryFault({ ...forged.proof(7), path: log.proof(7).path }, headOf(20))).toBe('path');
});

test('an entry shown under the number of another is refused', () => {
	const proof = log.proof(7);
	expect(entryFault({ ...proof, seq: 8 }, headOf(20))).toBe('number');
});

test('a malformed proof is refused and not thrown', () => {
	const proof = log.proof(7);
	expect(entryFault({ ...proof, leaf: 'xyz' }, headOf(20))).toBe('bytes');
	expect(entryFault({ ...proof, path: ['zz'] }, headOf(20))).toBe('bytes');
});

test('a head of another key, or changed after signing, is refused', () => {
	const head = headOf(20);
	expect(signatureFault(head, [])).toBe('unknown-key');
	expect(signatureFault({ ...head, at: head.at + 1 }, keys)).toBe('signature');
});

test('a log that only grew is good, from every head that was kept', async () => {
	const now = headOf(20);
	for (let size = 1; size <= 20; size++)
		expect(await growthFault(headOf(size), now, path)).toBeNull();
});

test('a log that shrank, forked or was rewritten is found out', async () => {
	const forged = new Log(20);
	const now = headOf(20);
	expect(await growthFault(now, headOf(19), path)).toBe('shorter');
	expect(await growthFault(headOf(20, forged), { ...now, root: 'ab'.repeat(32) }, path)).toBe(
		'forked',
	);
	const old = { ...headOf(12), root: 'cd'.repeat(32) };
	expect(await growthFault(old, now, path)).toBe('rewritten');
	expect(await growthFault({ ...headOf(12), hash: 'sha256' }, now, path)).toBe('rewritten');
});

test('the browser keeps the longest good head and forgets it only when told to', () => {
	const kept = new Map<string, string>();
	const store = {
		getItem: (name: string) => kept.get(name) ?? null,
		setItem: (name: string, value: string) => void kept.set(name, value),
		removeItem: (name: string) => void kept.delete(name),
	};
	expect(keptHead(store)).toBeNull();
	keepHead(headOf(12), store);
	keepHead(headOf(9), store);
	expect(keptHead(store)?.size).toBe(12);
	keepHead(headOf(20), store);
	expect(keptHead(store)?.size).toBe(20);
	forget(store);
	expect(keptHead(store)).toBeNull();
});
