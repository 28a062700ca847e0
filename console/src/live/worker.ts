/**
 * One stream for all pages of a browser: HTTP/1.1 allows six connections to a server, and each
 * stream keeps one for itself.
 */
import { type Message, openStream, PRESENCE_MS } from './protocol';

const ports = new Map<MessagePort, number>();
let source: EventSource | null = null;

function tell(message: Message): void {
	for (const port of ports.keys()) port.postMessage(message);
}

function listen(): void {
	if (ports.size > 0 && (source === null || source.readyState === EventSource.CLOSED))
		source = openStream(tell);
	if (ports.size === 0) {
		source?.close();
		source = null;
	}
}

function connected(port: MessagePort): void {
	port.onmessage = (event: MessageEvent<'here' | 'gone'>) => {
		if (event.data === 'gone') ports.delete(port);
		else ports.set(port, Date.now());
		listen();
		if (event.data === 'here' && source?.readyState === EventSource.OPEN)
			port.postMessage({ kind: 'state', open: true } satisfies Message);
	};
	port.start();
}

self.addEventListener('connect', (event) => {
	for (const port of (event as MessageEvent).ports) connected(port);
});

setInterval(() => {
	const now = Date.now();
	for (const [port, seen] of ports) if (now - seen > 3 * PRESENCE_MS) ports.delete(port);
	listen();
}, PRESENCE_MS);
