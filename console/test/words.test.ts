// @vitest-environment happy-dom
/** One thing, one name: every sentence in both languages, and none of the words that are not ours. */
import { expect, test } from 'vitest';
import type { Pair } from '../src/words/catalogue';

const files = import.meta.glob<Record<string, unknown>>('../src/**/*.{ts,tsx}');
const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', {
	eager: true,
	query: '?raw',
	import: 'default',
});

const NEVER = [
	'敲门',
	'判决',
	'守卫',
	'日记账',
	'案件',
	'涉密',
	'内审',
	'主管部门',
	'门神',
	'密码',
	'帐号',
];

/** Arguments for any sentence: numbers and texts both print as themselves. */
const SAMPLE = [7, 8, 9];

async function allPairs(): Promise<[name: string, pair: Pair][]> {
	const pages = Object.entries(files).filter(([path]) => !/main\.tsx|worker\.ts$/.test(path));
	for (const [, load] of pages) await load();
	const { catalogues } = await import('../src/words/catalogue');
	return catalogues().flatMap((sentences) =>
		Object.entries(sentences).map(([name, sentence]): [string, Pair] => [
			name,
			typeof sentence === 'function' ? sentence(...SAMPLE) : sentence,
		]),
	);
}

test('every sentence stands in Chinese and in English', async () => {
	const pairs = await allPairs();
	expect(pairs.length).toBeGreaterThan(300);
	const own = /^(English|MAC|OA)/;
	for (const [name, [zh, en]] of pairs) {
		expect(zh.trim(), name).not.toBe('');
		expect(en.trim(), name).not.toBe('');
		if (name === 'otherLanguage') continue;
		expect(/[\u4e00-\u9fff]/.test(zh) || own.test(zh), `${name}: ${zh}`).toBe(true);
		expect(/[\u4e00-\u9fff]/.test(en), `${name}: ${en}`).toBe(false);
	}
});

test('no source says a word that the product does not use', () => {
	for (const [path, source] of Object.entries(sources))
		for (const word of NEVER) expect(source.includes(word), `${path}: ${word}`).toBe(false);
});

test('a label is always said of what: an asset or a medium', () => {
	for (const [path, source] of Object.entries(sources))
		expect(/(?<!资产|介质)标签/.test(source), path).toBe(false);
});

test('no sentence stands outside a catalogue', () => {
	const catalogued = /words\.ts$|words\/|places\.ts$/;
	for (const [path, source] of Object.entries(sources)) {
		if (catalogued.test(path)) continue;
		const outside = source
			.replace(/catalogue\(\{[\s\S]*?\n\}\)/g, '')
			.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
			.match(/[\u4e00-\u9fff]+/g);
		const known = [
			'中文',
			'桌面安全管理系统',
			'无法连接服务器',
			'请检查网络后重试',
			'服务器没有给出说明',
			'请稍后再试',
		];
		expect(outside?.filter((text) => !known.includes(text)) ?? [], path).toEqual([]);
	}
});
