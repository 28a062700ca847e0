import { expect, test } from 'vitest';
import { growTree } from '../src/api/units';
import { checkPassword } from '../src/app/login/rules';
import { parseCampaignList } from '../src/pages/admission/campaign-list';
import { dayStart, timeText } from '../src/parts/time';

test('a password is checked against each rule of M06 while it is typed', () => {
	const all = (fresh: string, again = fresh) => checkPassword('wangjg', 'Old-pass-1', fresh, again);
	expect(Object.values(all('Bank-Wall-26'))).toEqual([true, true, true, true, true]);
	expect(all('Bank-26').length).toBe(false);
	expect(all('bankwall26').classes).toBe(false);
	expect(all('Xwangjg-2026').account).toBe(false);
	expect(all('Old-pass-1').old).toBe(false);
	expect(all('Bank-Wall-26', 'Bank-Wall-27').same).toBe(false);
	expect(Object.values(all(''))).toEqual([false, false, false, false, false]);
});

test('a campaign list names its first bad line', () => {
	const good = '3c5282aabbcc,PC-1,柜面机,10001\n\n3c-52-82-aa-bb-cd,PC-2\n';
	expect(parseCampaignList(good).items).toEqual([
		{ mac: '3c5282aabbcc', asset_no: 'PC-1', name: '柜面机', staff_no: '10001' },
		{ mac: '3c-52-82-aa-bb-cd', asset_no: 'PC-2' },
	]);
	expect(parseCampaignList('3c5282aabbcc,PC-1\nxx,PC-2').badLine).toBe(2);
	expect(parseCampaignList('3c5282aabbcc').badLine).toBe(1);
	expect(parseCampaignList('3c5282aabbcc,PC-1,a,b,c').badLine).toBe(1);
});

test('times are shown in China Standard Time wherever the browser is', () => {
	expect(timeText(Date.UTC(2026, 10, 22, 16, 0, 0))).toBe('2026-11-23 00:00:00');
	expect(dayStart('2026-11-23')).toBe(Date.UTC(2026, 10, 22, 16));
});

test('counts of the organisation tree include everything below, and orphans are roots', () => {
	const unit = (id: number, parent_id: number | null, terminals: number) =>
		({ id, parent_id, terminals, people: 1, online: 0, isolated: 0, name: String(id) }) as never;
	const roots = growTree([unit(4, 1, 3), unit(5, 4, 10), unit(6, 5, 100), unit(7, 99, 1)]);
	expect(roots.map((r) => [r.unit.id, r.terminals, r.people])).toEqual([
		[4, 113, 3],
		[7, 1, 1],
	]);
});
