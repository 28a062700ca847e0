/** The two hash functions of the audit log: SM3 (GB/T 32905-2016) and SHA-256 (FIPS 180-4). */
import { sha256 } from '@noble/hashes/sha2';
import { sm3 } from 'sm-crypto-v2';
import { fromHex } from './bytes';

export type HashKind = 'sm3' | 'sha256';
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** WebCrypto is not used: it is absent on a page served without TLS, and asynchronous. */
export const hashes: Record<HashKind, Hash> = {
	sm3: (bytes) => fromHex(sm3(bytes)),
	sha256: (bytes) => sha256(bytes),
};
