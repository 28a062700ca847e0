/** What `menshen gate request` wrote, read and fingerprinted as src/cli/gate.c does. */
import { toHex, utf8 } from '../../proof/bytes';
import { hashes } from '../../proof/hash';

export interface GateRequest {
	name: string;
	csr: string;
	eap_csr: string;
	cosign_key: string;
	/** Of the new machine's own keys: what people compare over the telephone. */
	fingerprint: string;
}

const NAMES = ['name', 'csr', 'eap_csr', 'cosign_key', 'handover'] as const;
export const REQUEST_BYTES_MAX = 65_536;

/** null: it is not such a file. */
export function parseGateRequest(text: string): GateRequest | null {
	let read: unknown;
	try {
		read = JSON.parse(text);
	} catch {
		return null;
	}
	const all = read as Record<string, unknown> | null;
	if (typeof all !== 'object' || !all || NAMES.some((n) => typeof all[n] !== 'string' || !all[n]))
		return null;
	const { name, csr, eap_csr, cosign_key, handover } = all as Record<
		(typeof NAMES)[number],
		string
	>;
	const digest = hashes.sha256(utf8(csr + handover));
	return { name, csr, eap_csr, cosign_key, fingerprint: toHex(digest.slice(0, 8)) };
}
