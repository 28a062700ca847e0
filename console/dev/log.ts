/** A small real audit log: hashed with SM3, signed with SM2, proved as the server does. */
import { createHash } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';
import { fromHex, toHex, utf8 } from '../src/proof/bytes.ts';
import { hashes } from '../src/proof/hash.ts';
import { signedBytes } from '../src/proof/head.ts';
import { Tree } from '../test/proof/tree.ts';

const ACTS = [
	'session.begin',
	'terminal.isolate',
	'request.create',
	'request.approve',
	'unit.mode',
	'permit.grant',
	'records.commit',
	'account.unlock',
];
const WHO = [
	{ account: 1, name: 'wangjg', role: 'security', from: '10.1.2.3' },
	{ account: 2, name: 'lixy', role: 'system', from: '10.1.2.9' },
	{ account: 6, name: 'yangf', role: 'regional', from: '10.4.1.7' },
	{ account: 0, name: 'menshend', role: '', from: '' },
];

interface Entry {
	seq: number;
	at: number;
	act: string;
	actor: (typeof WHO)[number];
	unit: number;
	subject: string;
	detail: object;
	rows: unknown[];
}

const PREFIX = fromHex('3059301306072a8648ce3d020106082a811ccf5501822d034200');

export class Log {
	readonly entries: Entry[] = [];
	private readonly keys = sm2.generateKeyPairHex();
	readonly der = Uint8Array.from([...PREFIX, ...fromHex(this.keys.publicKey)]);
	readonly keyId = createHash('sha256').update(this.der).digest('hex').slice(0, 16);

	constructor(count: number) {
		const start = Date.now() - count * 600_000;
		for (let seq = 0; seq < count; seq++)
			this.add(ACTS[seq % ACTS.length] as string, start + seq * 600_000);
	}

	add(act: string, at: number): void {
		const seq = this.entries.length;
		this.entries.push({
			seq,
			at,
			act,
			actor: WHO[seq % WHO.length] as (typeof WHO)[number],
			unit: (seq % 8) + 1,
			subject: seq % 3 ? `terminal:5f0c1e2a-7b1d-4c6e-9a3f-${String(seq).padStart(12, '0')}` : '',
			detail: { reason: '例行处理', seq_of_day: seq },
			rows: [['terminal', String(seq + 1), 'ab'.repeat(32)]],
		});
	}

	bytes(seq: number): string {
		return JSON.stringify(this.entries[seq]);
	}

	private tree(size: number): Tree {
		return new Tree(
			hashes.sm3,
			this.entries.slice(0, size).map((e) => utf8(JSON.stringify(e))),
		);
	}

	pem(): string {
		const text = Buffer.from(this.der)
			.toString('base64')
			.replace(/(.{64})/g, '$1\n');
		return `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`;
	}

	head(size = this.entries.length) {
		const head = {
			size,
			root: toHex(this.tree(size).root()),
			at: this.entries[size - 1]?.at ?? 0,
			epoch: 1,
			hash: 'sm3' as const,
			sign: 'sm2' as const,
			key: this.keyId,
			signature: '',
		};
		const options = { hash: true, der: true, userId: '1234567812345678' };
		head.signature = sm2.doSignature(signedBytes(head), this.keys.privateKey, options);
		return {
			...head,
			cosigns: [{ gate: 'north', at: head.at, sign: 'sm2', key: 'ab', signature: 'ab' }],
		};
	}

	proof(seq: number) {
		const tree = this.tree(this.entries.length);
		return {
			seq,
			bytes: this.bytes(seq),
			leaf: toHex(tree.leaves[seq] as Uint8Array),
			head: this.head(),
			path: tree.inclusion(seq).map(toHex),
		};
	}

	consistency(from: number, to: number) {
		return {
			from: this.head(from),
			to: this.head(to),
			path: this.tree(to).consistency(from).map(toHex),
		};
	}

	row(e: Entry) {
		return {
			seq: e.seq,
			at: e.at,
			act: e.act,
			account_id: e.actor.account,
			account: e.actor.name,
			role: e.actor.role,
			from: e.actor.from,
			unit_id: e.unit,
			subject: e.subject,
			detail: e.detail,
		};
	}
}
