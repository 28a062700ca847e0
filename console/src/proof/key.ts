/**
 * Public keys that sign heads: SM2 (GB/T 32918.2, signature as ASN.1 DER, default identity) and
 * Ed25519 (RFC 8032). A key's id is the first 8 bytes of SHA-256 over its SubjectPublicKeyInfo.
 */
import { ed25519 } from '@noble/curves/ed25519';
import { sha256 } from '@noble/hashes/sha2';
import { sm2 } from 'sm-crypto-v2';
import { equal, fromBase64, fromHex, toHex } from './bytes';

export interface PublicKey {
	kind: 'sm2' | 'ed25519';
	id: string;
	verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Everything of a SubjectPublicKeyInfo before the point; nothing else is accepted. */
const SM2_PREFIX = fromHex('3059301306072a8648ce3d020106082a811ccf5501822d034200');
const ED25519_PREFIX = fromHex('302a300506032b6570032100');
const IDENTITY = '1234567812345678';

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
	return equal(bytes.slice(0, prefix.length), prefix);
}

function quietly(check: () => boolean): boolean {
	try {
		return check();
	} catch {
		return false;
	}
}

/** Throws when the text is no key of the two kinds. */
export function parsePublicKey(pem: string): PublicKey {
	const body = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(
		pem,
	)?.[1];
	if (body === undefined) throw new Error('not a PEM public key');
	const der = fromBase64(body.replace(/\s/g, ''));
	const id = toHex(sha256(der).slice(0, 8));
	if (startsWith(der, SM2_PREFIX) && der.length === SM2_PREFIX.length + 65) {
		const point = toHex(der.slice(SM2_PREFIX.length));
		const options = { hash: true, der: true, userId: IDENTITY };
		return {
			kind: 'sm2',
			id,
			verify: (message, signature) =>
				quietly(() => sm2.doVerifySignature(message, toHex(signature), point, options)),
		};
	}
	if (startsWith(der, ED25519_PREFIX) && der.length === ED25519_PREFIX.length + 32) {
		const raw = der.slice(ED25519_PREFIX.length);
		return {
			kind: 'ed25519',
			id,
			verify: (message, signature) => quietly(() => ed25519.verify(signature, message, raw)),
		};
	}
	throw new Error('neither an SM2 nor an Ed25519 key');
}
