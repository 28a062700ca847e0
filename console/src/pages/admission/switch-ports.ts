/** The ports of a switch: what sessions, knocks, permits, findings and the switch itself say of each. */
import type { Schema } from '../../api/client';

export type Ports = Schema['SwitchPorts'];
export type PortState = Ports['states'][number];
export type Neighbour = Ports['neighbours'][number];

export interface Port {
	name: string;
	/** What the switch says of it; nothing when it was not asked, or does not know the name. */
	state?: PortState;
	seen: Ports['seen'];
	neighbours: Ports['neighbours'];
	sessions: Ports['sessions'];
	knocks: Ports['knocks'];
	permits: Ports['permits'];
	findings: Ports['findings'];
}

export type State = 'in' | 'isolated' | 'refused' | 'unadmitted' | 'free' | 'idle';

/** Who stands there and was not admitted at this switch. */
export function unadmitted(p: Port): Ports['seen'] {
	return p.seen.filter((s) => !s.session && !p.sessions.some((t) => t.mac === s.mac));
}

/** A switch or a router that is on no register. */
export function isStranger(n: Neighbour): boolean {
	return n.known === 'unknown' && (n.kind === 'switch' || n.kind === 'router');
}

export function stateOf(p: Port): State {
	if (p.sessions.some((s) => s.verdict === 'isolate')) return 'isolated';
	if (p.sessions.length > 0) return 'in';
	if (p.knocks[0] && p.knocks[0].verdict !== 'admit') return 'refused';
	if (unadmitted(p).length > 0) return 'unadmitted';
	return p.permits.length > 0 ? 'free' : 'idle';
}

/** 1000 as 1G, 100 as 100M, 2500 as 2.5G. */
export function speedText(mbit: number): string {
	if (mbit === 0) return '';
	return mbit >= 1000 ? `${mbit / 1000}G` : `${mbit}M`;
}

/** GE0/0/2 before GE0/0/10. */
const inOrder = new Intl.Collator('en', { numeric: true });

/** RADIUS may call a port by its long name where the picture has the short one. */
export function gather(all: Ports): Port[] {
	const short = new Map(all.states.map((s) => [s.long_name, s.port]));
	const ports = new Map<string, Port>();
	const at = (named: string): Port => {
		const name = (!ports.has(named) && short.get(named)) || named;
		const port = ports.get(name) ?? {
			name,
			seen: [],
			neighbours: [],
			sessions: [],
			knocks: [],
			permits: [],
			findings: [],
		};
		ports.set(name, port);
		return port;
	};
	for (const s of all.states) at(s.port).state = s;
	for (const s of all.seen) at(s.port).seen.push(s);
	for (const n of all.neighbours) at(n.port).neighbours.push(n);
	for (const s of all.sessions) at(s.port).sessions.push(s);
	for (const k of all.knocks) at(k.port).knocks.push(k);
	for (const p of all.permits) at(p.port).permits.push(p);
	for (const f of all.findings) at(f.port).findings.push(f);
	ports.delete('');
	return [...ports.values()].sort((a, b) => inOrder.compare(a.name, b.name));
}
