// @vitest-environment happy-dom
/** What entries and records hold is told in words, in both languages. */
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import events from '../../docs/events.md?raw';
import { useFacts } from '../src/parts/facts';
import { actPair } from '../src/parts/proposal';
import { type Language, LanguageContext } from '../src/words/catalogue';

afterEach(cleanup);

function Told({ of, all }: { of: Record<string, unknown>; all?: boolean }) {
	return <p>{useFacts()(of, all)}</p>;
}

function told(of: Record<string, unknown>, language: Language = 'zh', all = false): string {
	const { container } = render(
		<LanguageContext.Provider value={language}>
			<Told of={of} all={all} />
		</LanguageContext.Provider>,
	);
	const text = container.textContent ?? '';
	cleanup();
	return text;
}

test('a change of posture is told without a key or a code', () => {
	const change = { from: 'good', to: 'bad', failing: 'antivirus.missing,antivirus.outdated' };
	expect(told(change)).toBe('原为：合格 · 改为：不合格 · 未通过：没有安装防病毒软件, 病毒库过期');
	expect(told(change, 'en')).not.toMatch(/from|antivirus\./);
});

test('an address that something came from is not what it was before', () => {
	expect(told({ from: '192.0.2.1' })).toBe('来源：192.0.2.1');
});

test('a time says its day, and no end is said in words', () => {
	expect(told({ until: Date.UTC(2026, 10, 23, 16) })).toBe('至：2026-11-24 00:00:00');
	expect(told({ until: 0 })).toBe('至：直到解除');
});

test('a person sees what has a word; the auditor sees everything', () => {
	expect(told({ mac: '00:16:3e:00:00:01', x9: 'y' })).toBe('MAC地址：00:16:3e:00:00:01');
	expect(told({ x9: 'y', path: [], query: { kind: 'pc' } }, 'en', true)).toBe(
		'x9: y · query: {"kind":"pc"}',
	);
});

test('every act and event that the server knows has a name in both languages', () => {
	const codes = [...events.matchAll(/^\| `([^`]+)` /gm)].map((row) => row[1] ?? '');
	expect(codes.length).toBeGreaterThan(80);
	for (const code of codes) {
		const [zh, en] = actPair(code.endsWith('.') ? `${code}units_list` : code);
		expect(zh, code).toMatch(/[\u4e00-\u9fff]/);
		expect(en, code).toMatch(/^[A-Z a-z]/);
		expect(en.startsWith(code), code).toBe(false);
	}
	expect(actPair('read.terminals_list')).toEqual(['查阅 terminals_list', 'Read terminals_list']);
});
