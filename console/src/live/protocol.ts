/** What the pages of a browser and the one stream they share say to each other. */

export const EVENT_TYPES = [
	'knock',
	'session',
	'terminal',
	'request',
	'proposal',
	'bypass',
	'gate',
	'alarm',
	'unit',
	'lost',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export type Message =
	| { kind: 'event'; type: EventType; data: unknown }
	| { kind: 'state'; open: boolean };

export const STREAM_URL = '/api/v1/stream';
/** A page says every so often that it is there; one that is silent for three times as long is gone. */
export const PRESENCE_MS = 10_000;

export function openStream(tell: (message: Message) => void): EventSource {
	const source = new EventSource(STREAM_URL);
	source.onopen = () => tell({ kind: 'state', open: true });
	source.onerror = () => tell({ kind: 'state', open: false });
	for (const type of EVENT_TYPES)
		source.addEventListener(type, (event) => {
			const text = (event as MessageEvent<string>).data;
			try {
				tell({ kind: 'event', type, data: text ? JSON.parse(text) : {} });
			} catch {
				tell({ kind: 'event', type: 'lost', data: {} });
			}
		});
	return source;
}
