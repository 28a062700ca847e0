/** Filters live in the address of the page, so that a list can be sent, kept and gone back to. */
import { Button, Input, Select } from 'antd';
import { type ReactNode, useId } from 'react';
import { useSearchParams } from 'react-router';
import { type Pair, pick, useLanguage, useWords } from '../words/catalogue';
import { common } from '../words/common';

export type Values = Record<string, string | undefined>;

export interface Filters {
	values: Values;
	set: (change: Values) => void;
	clear: () => void;
	any: boolean;
	/** As the contract takes them. */
	number: (name: string) => number | undefined;
	flag: (name: string) => boolean | undefined;
}

/** Any change of a filter goes back to the first page. */
export function useFilters(): Filters {
	const [params, setParams] = useSearchParams();
	const values: Values = Object.fromEntries(params);
	const set = (change: Values) =>
		setParams((old) => {
			const next = new URLSearchParams(old);
			if (!('after' in change)) next.delete('after');
			for (const [name, value] of Object.entries(change)) {
				if (value === undefined || value === '') next.delete(name);
				else next.set(name, value);
			}
			return next;
		});
	const any = Object.keys(values).some((name) => !['after', 'unit', 'sub'].includes(name));
	const number = (name: string) => {
		const value = Number(values[name]);
		return Number.isSafeInteger(value) && value > 0 ? value : undefined;
	};
	const flag = (name: string) => (values[name] === undefined ? undefined : values[name] === 'true');
	const clear = () => setParams(values.unit ? { unit: values.unit } : {});
	return { values, set, clear, any, number, flag };
}

export function FilterBar(props: { filters: Filters; children: ReactNode; end?: ReactNode }) {
	const c = useWords(common);
	return (
		<search aria-label={c.filters} className="spread">
			<div className="filters">
				{props.children}
				{props.filters.any && <Button onClick={props.filters.clear}>{c.clear}</Button>}
			</div>
			{props.end && <div className="row">{props.end}</div>}
		</search>
	);
}

export function ChoiceFilter(props: {
	filters: Filters;
	name: string;
	label: string;
	options: Record<string, Pair>;
}) {
	const c = useWords(common);
	const language = useLanguage();
	const id = useId();
	const options = Object.entries(props.options).map(([value, pair]) => ({
		value,
		label: pick(pair, language),
	}));
	return (
		<label className="filter" htmlFor={id}>
			{props.label}
			<Select
				id={id}
				aria-label={props.label}
				value={props.filters.values[props.name] ?? ''}
				onChange={(value) => props.filters.set({ [props.name]: value })}
				options={[{ value: '', label: c.all }, ...options]}
				popupMatchSelectWidth={false}
				className="filter-choice"
			/>
		</label>
	);
}

export function TextFilter(props: {
	filters: Filters;
	name: string;
	label: string;
	width?: number;
}) {
	const id = useId();
	const now = props.filters.values[props.name] ?? '';
	return (
		<label className="filter" htmlFor={id}>
			{props.label}
			<Input.Search
				id={id}
				key={now}
				defaultValue={now}
				allowClear
				maxLength={64}
				onSearch={(text) => props.filters.set({ [props.name]: text.trim() })}
				style={{ width: props.width ?? 200 }}
			/>
		</label>
	);
}

export function DateFilter(props: { filters: Filters; name: string; label: string }) {
	return (
		<label className="filter">
			{props.label}
			<input
				type="date"
				className="native-date"
				value={props.filters.values[props.name] ?? ''}
				onChange={(e) => props.filters.set({ [props.name]: e.target.value })}
			/>
		</label>
	);
}

export const yesNo: Record<string, Pair> = { true: common.yes, false: common.no };
