/** The file of a new gate is read before it is sent, and fingerprinted as its own machine did. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseGateRequest } from '../src/pages/admission/gate-request';

const FILE = { name: 'south', csr: 'C\n', eap_csr: 'E\n', cosign_key: 'K\n', handover: 'H\n' };

test('what is sent is what the contract takes, and the fingerprint is of both keys', () => {
	const print = createHash('sha256').update('C\nH\n').digest('hex').slice(0, 16);
	const { handover: _, ...sent } = FILE;
	expect(parseGateRequest(JSON.stringify(FILE))).toEqual({ ...sent, fingerprint: print });
});

test('anything else is no request', () => {
	for (const text of [
		'',
		'null',
		'[]',
		'{}',
		JSON.stringify({ ...FILE, csr: 7 }),
		JSON.stringify({ ...FILE, handover: '' }),
	])
		expect(parseGateRequest(text), text).toBeNull();
});
