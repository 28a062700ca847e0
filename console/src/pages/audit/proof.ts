/** Fetches what a check needs and runs it here; nothing of the verdict comes from the server. */
import { api, call, type Schema } from '../../api/client';
import {
	type EntryFault,
	entryFault,
	growthFault,
	type HeadFault,
	signatureFault,
} from '../../proof/check';
import { type Head, parseHead } from '../../proof/head';
import { keepHead, keepKeys, keptHead, keptKeys } from '../../proof/kept';
import { type PublicKey, parsePublicKey } from '../../proof/key';

type ApiHead = Schema['Head'];

export interface HeadCheck {
	head: Head | null;
	cosigns: string[];
	kept: Head | null;
	fault: HeadFault | 'malformed' | null;
}

export interface EntryCheck {
	bytes: string;
	entry: EntryFault | 'malformed' | null;
	head: HeadCheck;
}

async function fetchKeys(): Promise<PublicKey[]> {
	const { rows } = await call(api.GET('/audit/keys'));
	const keys = rows.map((row) => parsePublicKey(row.pem));
	const trusted = keptKeys();
	if (trusted === null) {
		keepKeys(keys.map((key) => key.id));
		return keys;
	}
	return keys.filter((key) => trusted.includes(key.id));
}

function readHead(answer: ApiHead): Head {
	const { cosigns: _, ...fields } = answer;
	return parseHead({ head: 1, ...fields });
}

async function consistencyPath(from: number, to: number): Promise<string[]> {
	return (await call(api.GET('/audit/consistency', { params: { query: { from, to } } }))).path;
}

async function checkHead(answer: ApiHead): Promise<HeadCheck> {
	const kept = keptHead();
	const cosigns = [...new Set(answer.cosigns.map((c) => c.gate))];
	const keys = await fetchKeys();
	let head: Head;
	try {
		head = readHead(answer);
	} catch {
		return { head: null, cosigns, kept, fault: 'malformed' };
	}
	const fault =
		signatureFault(head, keys) ?? (kept ? await growthFault(kept, head, consistencyPath) : null);
	if (fault === null) keepHead(head);
	return { head, cosigns, kept, fault };
}

/** The newest head. */
export async function checkLog(): Promise<HeadCheck> {
	const { rows } = await call(api.GET('/audit/heads', { params: { query: { limit: 1 } } }));
	const newest = rows[0];
	if (!newest) return { head: null, cosigns: [], kept: keptHead(), fault: 'malformed' };
	return checkHead(newest);
}

export async function checkEntry(seq: number): Promise<EntryCheck> {
	const proof = await call(api.GET('/audit/entries/{seq}', { params: { path: { seq } } }));
	const head = await checkHead(proof.head);
	const entry =
		head.head && proof.seq === seq ? entryFault(proof, head.head) : ('malformed' as const);
	return { bytes: proof.bytes, entry, head };
}
