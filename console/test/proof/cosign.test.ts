/** The co-signatures were made by OpenSSL, another implementation than the one the page uses. */
import { expect, test } from 'vitest';
import { type Cosign, cosignedBytes, cosignVerdict, type GateKey } from '../../src/proof/cosign';
import type { Head } from '../../src/proof/head';
import { parsePublicKey } from '../../src/proof/key';

const SM2_KEY = parsePublicKey(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEPzbzwoTaU+y9y/hgn0P7QmULXFnP
3IzNfSN+T6WIV3RBrEFx0YFxlQdmnoIhhfkCpPc2tuRFrTMXMstWSM7HCg==
-----END PUBLIC KEY-----`);
const ED25519_KEY = parsePublicKey(`-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAkbExfjX8VeN8Ut1HMrLMz2g6+KXOvyyLCmbCpBMuGiQ=
-----END PUBLIC KEY-----`);

const head: Head = {
	size: 2,
	root: 'ab'.repeat(32),
	at: 1795436156123,
	epoch: 1,
	hash: 'sm3',
	sign: 'sm2',
	key: 'c0128c5ada2670ba',
	signature: '00',
};
const sm2Cosign: Cosign = {
	gate: 'north',
	at: 1795436157000,
	sign: 'sm2',
	key: 'c027c4c1dd83e62d',
	signature:
		'3045022071d8614ee38f8f187bd1b7a3834484d96ddd0a0e87aab1157bf328f7101f420a02210095d5af76bf3e6f7f35a5f1650e2f751fc77e23da070cd1e1fb7bdeb010b52c18',
};
const ed25519Cosign: Cosign = {
	...sm2Cosign,
	sign: 'ed25519',
	key: '9b822fdb65a2d68f',
	signature:
		'937ac416894639deaa92cd1ae6016926977dc005b5bf5544aba61bbe3aefc9040d9edc3f05fe98c64a81269fdb37771f8899d4bc4347b0c4b05847a8a3d28d09',
};

const known = (key = SM2_KEY, gate = 'north'): GateKey => ({ gate, key, known: true });
const keys = [known(), known(ED25519_KEY)];

test('what is co-signed is the gate, its time and the head', () => {
	expect(new TextDecoder().decode(cosignedBytes(sm2Cosign, head))).toBe(
		`menshen cosign 1\nnorth\n1795436157000\nmenshen head 1\n2\n${'ab'.repeat(32)}\n1795436156123\n1\nsm3\n`,
	);
});

test('co-signatures of both kinds are checked here', () => {
	expect(cosignVerdict(sm2Cosign, head, keys)).toBe('good');
	expect(cosignVerdict(ed25519Cosign, head, keys)).toBe('good');
});

test('one under another head, by another gate or at another time does not hold', () => {
	for (const cosign of [sm2Cosign, ed25519Cosign]) {
		expect(cosignVerdict(cosign, { ...head, size: 3 }, keys)).toBe('bad');
		expect(cosignVerdict({ ...cosign, at: cosign.at + 1 }, head, keys)).toBe('bad');
		expect(cosignVerdict({ ...cosign, signature: '3000' }, head, keys)).toBe('bad');
		expect(cosignVerdict({ ...cosign, signature: 'xx' }, head, keys)).toBe('bad');
		const south = [known(SM2_KEY, 'south'), known(ED25519_KEY, 'south')];
		expect(cosignVerdict({ ...cosign, gate: 'south' }, head, south)).toBe('bad');
	}
});

test('a key that came later is told, and one that is not there is not vouched for', () => {
	expect(cosignVerdict(sm2Cosign, head, [{ ...known(), known: false }])).toBe('new-key');
	expect(cosignVerdict(sm2Cosign, head, [])).toBe('unchecked');
	expect(cosignVerdict({ ...sm2Cosign, sign: 'p256' }, head, keys)).toBe('unchecked');
});
