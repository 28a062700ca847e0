/** Fetches what a check needs and runs it here; nothing of the verdict comes from the server. */
import { api, call, type Schema } from '../../api/client';
import {
	type EntryFault,
	entryFault,
	growthFault,
	type HeadFault,
	signatureFault,
} from '../../proof/check';
import { type CosignVerdict, cosignVerdict, type GateKey } from '../../proof/cosign';
import { type Head, parseHead } from '../../proof/head';
import {
	keepGateKeys,
	keepHead,
	keepKeys,
	keptGateKeys,
	keptHead,
	keptKeys,
} from '../../proof/kept';
import { type PublicKey, parsePublicKey } from '../../proof/key';

type ApiHead = Schema['Head'];

export interface Cosigned {
	size: number;
	of: { gate: string; verdict: CosignVerdict }[];
}

export interface HeadCheck {
	head: Head | null;
	kept: Head | null;
	fault: HeadFault | 'malformed' | null;
}

export interface LogCheck extends HeadCheck {
	cosigned: Cosigned | null;
}

export interface EntryCheck {
	bytes: string;
	entry: EntryFault | 'malformed' | null;
	head: HeadCheck;
}

interface Keys {
	log: PublicKey[];
	gates: GateKey[];
}

/** A key of no kind that a page can check counts as none: what it signed stays unchecked. */
function gateKeys(rows: { gate: string; pem: string }[]): GateKey[] {
	const known = keptGateKeys();
	const keys = rows.flatMap(({ gate, pem }) => {
		try {
			const key = parsePublicKey(pem);
			return [{ gate, key, known: known?.includes(`${gate} ${key.id}`) ?? true }];
		} catch {
			return [];
		}
	});
	if (known === null && keys.length > 0) keepGateKeys(keys.map((k) => `${k.gate} ${k.key.id}`));
	return keys;
}

async function fetchKeys(): Promise<Keys> {
	const { rows, gates } = await call(api.GET('/audit/keys'));
	return { log: logKeys(rows), gates: gateKeys(gates) };
}

function logKeys(rows: { pem: string }[]): PublicKey[] {
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

async function checkHead(answer: ApiHead, keys: Keys): Promise<HeadCheck> {
	const kept = keptHead();
	let head: Head;
	try {
		head = readHead(answer);
	} catch {
		return { head: null, kept, fault: 'malformed' };
	}
	const fault =
		signatureFault(head, keys.log) ??
		(kept ? await growthFault(kept, head, consistencyPath) : null);
	if (fault === null) keepHead(head);
	return { head, kept, fault };
}

/** The newest head that gates co-signed, which has to be signed and the beginning of `now` itself. */
async function checkCosigned(
	rows: ApiHead[],
	now: Head | null,
	keys: Keys,
): Promise<Cosigned | null> {
	const answer = rows.find((row) => row.cosigns.length > 0);
	if (!answer || !now) return null;
	const head = readHead(answer);
	const fault = signatureFault(head, keys.log) ?? (await growthFault(head, now, consistencyPath));
	const of = answer.cosigns.map((c) => ({
		gate: c.gate,
		verdict: fault ? ('bad' as const) : cosignVerdict(c, head, keys.gates),
	}));
	return { size: head.size, of };
}

/** The newest head, and what gates co-signed of it. */
export async function checkLog(): Promise<LogCheck> {
	const { rows } = await call(api.GET('/audit/heads', { params: { query: { limit: 50 } } }));
	const keys = await fetchKeys();
	const newest = rows[0];
	const check: HeadCheck = newest
		? await checkHead(newest, keys)
		: { head: null, kept: keptHead(), fault: 'malformed' };
	return { ...check, cosigned: await checkCosigned(rows, check.head, keys) };
}

/** Somebody compared the gates' keys with the gates themselves. */
export async function trustGateKeys(): Promise<void> {
	const { gates } = await fetchKeys();
	keepGateKeys(gates.map((k) => `${k.gate} ${k.key.id}`));
}

export async function checkEntry(seq: number): Promise<EntryCheck> {
	const proof = await call(api.GET('/audit/entries/{seq}', { params: { path: { seq } } }));
	const head = await checkHead(proof.head, await fetchKeys());
	const entry =
		head.head && proof.seq === seq ? entryFault(proof, head.head) : ('malformed' as const);
	return { bytes: proof.bytes, entry, head };
}
