/** What a policy changes, a line a word: was, and is. */
import { Table } from 'antd';
import { catalogue, useNames, useWords } from '../words/catalogue';
import {
	type Change,
	GUARDS,
	guardModeNames,
	guardNames,
	type Json,
	settingNames,
} from './policy-body';

const words = catalogue({
	what: ['内容', 'What'],
	was: ['原为', 'Was'],
	is: ['改为', 'Is'],
	absent: ['（无）', '(none)'],
	any: ['不限', 'any'],
	yes: ['是', 'yes'],
	no: ['否', 'no'],
	changes: ['变化', 'Changes'],
	nothing: ['没有变化', 'Nothing changes'],
});

export function usePolicyValue(): (name: string, value: Json | undefined) => string {
	const w = useWords(words);
	const mode = useNames(guardModeNames);
	return (name, value) => {
		if (value === undefined || value === null) return w.absent;
		if (name === 'mode') return mode(String(value));
		if (Array.isArray(value)) {
			const options = GUARDS.flatMap((g) => g.settings).find((s) => s.name === name)?.options;
			const label = (v: Json) => options?.find((o) => o.value === v)?.label ?? String(v);
			return value.map(label).join(', ') || w.any;
		}
		if (typeof value === 'boolean') return value ? w.yes : w.no;
		return typeof value === 'object' ? JSON.stringify(value) : String(value);
	};
}

/** "guards.antivirus.mode" in words. */
export function usePolicyPath(): (path: string) => string {
	const guard = useNames(guardNames);
	const setting = useNames(settingNames);
	return (path) => {
		const [first, name, ...rest] = path.split('.');
		if (first !== 'guards' || !name) return setting(path);
		return [guard(name), ...(rest.length > 0 ? [setting(rest.join('.'))] : [])].join(' · ');
	};
}

const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);

export function PolicyChanges({ of }: { of: Change[] }) {
	const w = useWords(words);
	const path = usePolicyPath();
	const value = usePolicyValue();
	return (
		<Table<Change>
			size="small"
			aria-label={w.changes}
			dataSource={of}
			rowKey="path"
			pagination={false}
			scroll={{ x: 'max-content' }}
			locale={{ emptyText: w.nothing }}
			columns={[
				{ title: w.what, render: (_, c) => path(c.path) },
				{ title: w.was, render: (_, c) => value(last(c.path), c.was) },
				{ title: w.is, render: (_, c) => <strong>{value(last(c.path), c.is)}</strong> },
			]}
		/>
	);
}

/** The same in one cell of a list. */
export function PolicyChangeLines({ of }: { of: Change[] }) {
	const path = usePolicyPath();
	const value = usePolicyValue();
	return (
		<ul className="plain">
			{of.map((c) => (
				<li key={c.path}>
					{path(c.path)}: {value(last(c.path), c.was)} → {value(last(c.path), c.is)}
				</li>
			))}
		</ul>
	);
}
