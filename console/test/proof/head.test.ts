/** The signatures were made by OpenSSL, another implementation than the one the page uses. */
import { expect, test } from 'vitest';
import { type Head, headLine, parseHead, signedBytes, verifyHead } from '../../src/proof/head';
import { parsePublicKey } from '../../src/proof/key';

const SM2_KEY = parsePublicKey(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE+dqx68IlAwnDN4b1+0v0cVwYH0ke
4tBouDAS0shsShVpy2Q93qT3L4SWWqgVTjh/lu+qt7cqpy/Wp4HIBYU8JA==
-----END PUBLIC KEY-----`);
const ED25519_KEY = parsePublicKey(`-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEARmtT+2nn3yFZcAL+l+dQEzeXO4D8eUrSxJqWCn5xgzQ=
-----END PUBLIC KEY-----`);
const keys = [SM2_KEY, ED25519_KEY];

const sm2Head: Head = {
	size: 2,
	root: 'ab'.repeat(32),
	at: 1795436156123,
	epoch: 1,
	hash: 'sm3',
	sign: 'sm2',
	key: 'c0128c5ada2670ba',
	signature:
		'30450220498dbe642caa6aeafb5fd3808c81bdf0cc5166e8bbd918383936b64d548a8c3b022100b2dd5279e70b2047b271b46b824e05078a48f9af57d33d506e462f589b10fb8d',
};
const ed25519Head: Head = {
	...sm2Head,
	hash: 'sha256',
	sign: 'ed25519',
	key: '0eadf77ba0ca3090',
	signature:
		'e47d532c95a4976bc5705d9aa15b37f8b21548ea7248555f4188ed7dfe9765cc1cfeaa703b9f3cb5611c4eae72ebdb12893045ec3b0b9ed53971803d85b8dc0e',
};

test('a key is known by the first bytes of the hash over its encoding', () => {
	expect(SM2_KEY.id).toBe('c0128c5ada2670ba');
	expect(ED25519_KEY.id).toBe('0eadf77ba0ca3090');
});

test('what is signed is the six lines of the contract', () => {
	expect(new TextDecoder().decode(signedBytes(sm2Head))).toBe(
		`menshen head 1\n2\n${'ab'.repeat(32)}\n1795436156123\n1\nsm3\n`,
	);
});

test('the signature of an SM2 head and of an Ed25519 head holds', () => {
	expect(verifyHead(sm2Head, keys)).toBe(true);
	expect(verifyHead(ed25519Head, keys)).toBe(true);
});

test('a head changed in any field is refused', () => {
	for (const good of [sm2Head, ed25519Head]) {
		const forged: Partial<Head>[] = [
			{ size: 3 },
			{ root: `${'ab'.repeat(31)}ac` },
			{ at: good.at + 1 },
			{ epoch: 2 },
			{ hash: good.hash === 'sm3' ? 'sha256' : 'sm3' },
			{ signature: good.signature.replace(/.$/, (c) => (c === '0' ? '1' : '0')) },
			{ signature: '00' },
			{ key: '0000000000000000' },
			{ sign: good.sign === 'sm2' ? 'ed25519' : 'sm2' },
		];
		for (const change of forged) expect(verifyHead({ ...good, ...change }, keys)).toBe(false);
		expect(verifyHead(good, [])).toBe(false);
	}
});

test('a head is read from its line and written back as the same line', () => {
	expect(headLine(parseHead(headLine(sm2Head)))).toBe(headLine(sm2Head));
});

test('a malformed head is refused', () => {
	const line = JSON.parse(headLine(sm2Head));
	for (const bad of [
		{ ...line, size: -1 },
		{ ...line, size: 1.5 },
		{ ...line, root: 'AB'.repeat(32) },
		{ ...line, root: 'ab' },
		{ ...line, hash: 'md5' },
		{ ...line, head: 2 },
		{ ...line, more: 1 },
		null,
		'{',
		[],
	])
		expect(() => parseHead(bad)).toThrow();
});

test('a key that is no key of ours is refused', () => {
	for (const bad of ['', 'x', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])
		expect(() => parsePublicKey(bad)).toThrow();
});
