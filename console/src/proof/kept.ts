/**
 * The head that this browser last found good, and the keys it has trusted since. Whoever rewrites
 * the log later cannot reach what is kept here.
 */
import { type Head, headLine, parseHead } from './head';

const HEAD = 'menshen.audit.head';
const KEYS = 'menshen.audit.keys';
const GATES = 'menshen.audit.gates';

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function keptHead(store: Store = localStorage): Head | null {
	const line = store.getItem(HEAD);
	if (line === null) return null;
	try {
		return parseHead(line);
	} catch {
		return null;
	}
}

/** A head never gives way to a shorter one. */
export function keepHead(head: Head, store: Store = localStorage): void {
	const kept = keptHead(store);
	if (kept === null || head.size >= kept.size) store.setItem(HEAD, headLine(head));
}

/** The ids of the keys seen at the first visit; null before it. */
export function keptKeys(store: Store = localStorage): string[] | null {
	const text = store.getItem(KEYS);
	return text === null ? null : text.split(' ');
}

export function keepKeys(ids: string[], store: Store = localStorage): void {
	store.setItem(KEYS, ids.join(' '));
}

/** "gate key" of the gates' keys seen at the first visit; null before it. */
export function keptGateKeys(store: Store = localStorage): string[] | null {
	const text = store.getItem(GATES);
	return text === null ? null : text.split('\n');
}

export function keepGateKeys(known: string[], store: Store = localStorage): void {
	store.setItem(GATES, known.join('\n'));
}

export function forget(store: Store = localStorage): void {
	store.removeItem(HEAD);
	store.removeItem(KEYS);
	store.removeItem(GATES);
}
