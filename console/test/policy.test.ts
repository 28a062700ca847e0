/** A policy is changed by a form that keeps what it does not know, and told in what differs. */
import { expect, test } from 'vitest';
import {
	allGuards,
	type Body,
	changesOf,
	GUARDS,
	withoutVersion,
	withSetting,
} from '../src/parts/policy-body';

const BODY: Body = {
	epoch: 1,
	number: 4,
	heartbeat_s: 60,
	guards: {
		antivirus: { mode: 'observe', definitions_max_days: 7 },
		screen: { mode: 'warn', after_minutes: 10 },
	},
};

test('a setting is changed, and everything else stays as it was', () => {
	const now = withSetting(BODY, 'antivirus', 'mode', 'enforce');
	expect(changesOf(BODY, now)).toEqual([
		{ path: 'guards.antivirus.mode', was: 'observe', is: 'enforce' },
	]);
	expect(now.guards).toMatchObject({ screen: { mode: 'warn', after_minutes: 10 } });
});

test('a setting that is emptied goes, and a guard that was not there comes as off', () => {
	expect(changesOf(BODY, withSetting(BODY, 'antivirus', 'definitions_max_days'))).toEqual([
		{ path: 'guards.antivirus.definitions_max_days', was: 7 },
	]);
	expect(withSetting({}, 'antivirus', 'definitions_max_days', 3)).toEqual({
		guards: { antivirus: { mode: 'off', definitions_max_days: 3 } },
	});
});

test('versions do not count as a difference', () => {
	expect(changesOf(BODY, { ...BODY, number: 5 })).toEqual([]);
	expect(withoutVersion(BODY)).not.toHaveProperty('number');
});

test('the first policy of all is told whole, in order of the paths', () => {
	expect(changesOf({}, withoutVersion(BODY)).map((c) => c.path)).toEqual([
		'guards.antivirus.definitions_max_days',
		'guards.antivirus.mode',
		'guards.screen.after_minutes',
		'guards.screen.mode',
		'heartbeat_s',
	]);
});

test('a guard that only the policy knows is offered too', () => {
	const own = GUARDS.map((g) => g.name);
	expect(own).toContain('antivirus');
	expect(allGuards(BODY).map((g) => g.name)).toEqual([...own, 'screen']);
	expect(allGuards({}).map((g) => g.name)).toEqual(own);
});
