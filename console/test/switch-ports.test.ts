import { describe, expect, it } from 'vitest';
import {
	gather,
	isStranger,
	type Ports,
	speedText,
	stateOf,
	unadmitted,
} from '../src/pages/admission/switch-ports';
import { momentText } from '../src/parts/time';

const AT = Date.UTC(2026, 10, 23, 6, 5);

function state(port: string, more: Partial<Ports['states'][number]> = {}): Ports['states'][number] {
	return {
		port,
		long_name: port.replace('GE', 'GigabitEthernet'),
		alias: '',
		enabled: true,
		linked: true,
		uplink: false,
		speed_mbit: 1000,
		macs: 0,
		...more,
	};
}

function seen(port: string, mac: string, session = false): Ports['seen'][number] {
	return { port, mac, vlan: 30, since_at: AT, terminal_id: null, asset_no: null, session };
}

const neighbour: Ports['neighbours'][number] = {
	port: 'GE0/0/7',
	mac: '00:00:5e:00:53:66',
	name: 'tp-link',
	far_port: '1',
	kind: 'switch',
	known: 'unknown',
	switch_id: null,
	switch_name: null,
	terminal_id: null,
	asset_no: null,
};

const session: Ports['sessions'][number] = {
	port: 'GigabitEthernet0/0/1',
	mac: '00:1e:67:00:00:11',
	terminal_id: 1,
	asset_no: 'T-1',
	kind: 'pc',
	account: '',
	address: '',
	method: 'mab',
	verdict: 'admit',
	reason: 'ok',
	started_at: AT,
};

const nothing: Ports = {
	sessions: [],
	knocks: [],
	permits: [],
	findings: [],
	survey: null,
	states: [],
	seen: [],
	neighbours: [],
};

describe("a switch's ports", () => {
	it('are all there when the switch says so, in their order', () => {
		const ports = gather({
			...nothing,
			states: ['GE0/0/10', 'GE0/0/2', 'GE0/0/1'].map((p) => state(p)),
		});
		expect(ports.map((p) => p.name)).toEqual(['GE0/0/1', 'GE0/0/2', 'GE0/0/10']);
	});
	it('are one whether a session names them long or short', () => {
		const ports = gather({ ...nothing, states: [state('GE0/0/1')], sessions: [session] });
		expect(ports.map((p) => [p.name, p.sessions.length, p.state?.speed_mbit])).toEqual([
			['GE0/0/1', 1, 1000],
		]);
	});
	it('keep who is at a port that the switch does not tell of', () => {
		const ports = gather({ ...nothing, sessions: [session] });
		expect(ports.map((p) => p.name)).toEqual(['GigabitEthernet0/0/1']);
	});
	it('mark who stands there without a session', () => {
		const [one, two] = gather({
			...nothing,
			states: [state('GE0/0/1'), state('GE0/0/2')],
			sessions: [session],
			seen: [seen('GE0/0/1', session.mac), seen('GE0/0/2', '00:1e:67:00:00:99')],
		});
		expect(one && [stateOf(one), unadmitted(one).length]).toEqual(['in', 0]);
		expect(two && [stateOf(two), unadmitted(two).length]).toEqual(['unadmitted', 1]);
	});
	it('alarm of a switch on no register, not of a telephone or of ours', () => {
		expect(isStranger(neighbour)).toBe(true);
		expect(isStranger({ ...neighbour, kind: 'phone' })).toBe(false);
		expect(isStranger({ ...neighbour, known: 'switch' })).toBe(false);
	});
});

it('a speed is told as people say it', () => {
	expect([0, 100, 1000, 2500, 10000].map(speedText)).toEqual(['', '100M', '1G', '2.5G', '10G']);
});

it('a moment of today is told without its day', () => {
	expect(momentText(AT, AT + 3_600_000)).toBe('14:05');
	expect(momentText(AT, AT + 86_400_000)).toBe('2026-11-23 14:05');
});
