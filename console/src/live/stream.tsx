/** The live stream for a page: through the SharedWorker where there is one, else by itself. */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { type EventType, type Message, openStream, PRESENCE_MS } from './protocol';

type Listener = (type: EventType, data: unknown) => void;

interface Stream {
	open: boolean;
	listen(listener: Listener): () => void;
}

const Context = createContext<Stream>({ open: true, listen: () => () => {} });

/** Which lists an event makes old. */
const STALE: Partial<Record<EventType, string[]>> = {
	session: ['sessions', 'terminal', 'terminals'],
	terminal: ['terminal', 'terminals'],
	request: ['requests', 'request', 'work'],
	proposal: ['proposals', 'work'],
	bypass: ['bypasses'],
	gate: ['gates'],
	alarm: ['breakers'],
	unit: ['units'],
};

const REFRESH_MS = 2_000;

function connect(tell: (message: Message) => void): () => void {
	if (typeof SharedWorker === 'undefined') {
		const source = openStream(tell);
		return () => source.close();
	}
	const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
		type: 'module',
		name: 'menshen-live',
	});
	const say = (word: 'here' | 'gone') => worker.port.postMessage(word);
	const leave = () => say('gone');
	worker.port.onmessage = (event: MessageEvent<Message>) => tell(event.data);
	say('here');
	const presence = setInterval(() => say('here'), PRESENCE_MS);
	window.addEventListener('pagehide', leave);
	return () => {
		clearInterval(presence);
		window.removeEventListener('pagehide', leave);
		leave();
		worker.port.close();
	};
}

export function LiveStream({ enabled, children }: { enabled: boolean; children: ReactNode }) {
	const client = useQueryClient();
	const listeners = useRef(new Set<Listener>());
	const [open, setOpen] = useState(true);

	useEffect(() => {
		if (!enabled) return;
		const stale = new Set<string>();
		let everything = false;
		const refresh = setInterval(() => {
			if (everything) client.invalidateQueries();
			else for (const key of stale) client.invalidateQueries({ queryKey: [key] });
			everything = false;
			stale.clear();
		}, REFRESH_MS);
		const close = connect((message) => {
			if (message.kind === 'state') {
				setOpen(message.open);
				return;
			}
			if (message.type === 'lost') everything = true;
			for (const key of STALE[message.type] ?? []) stale.add(key);
			for (const listener of listeners.current) listener(message.type, message.data);
		});
		return () => {
			clearInterval(refresh);
			close();
		};
	}, [enabled, client]);

	const stream = useRef<Stream['listen']>((listener) => {
		listeners.current.add(listener);
		return () => listeners.current.delete(listener);
	});
	return (
		<Context.Provider value={{ open: open || !enabled, listen: stream.current }}>
			{children}
		</Context.Provider>
	);
}

export function useStreamOpen(): boolean {
	return useContext(Context).open;
}

export function useLive(type: EventType, act: (data: unknown) => void): void {
	const { listen } = useContext(Context);
	const latest = useRef(act);
	latest.current = act;
	useEffect(
		() => listen((happened, data) => happened === type && latest.current(data)),
		[listen, type],
	);
}
