/** Choosing a person, an account or a switch: typed, looked up at the server, never all loaded. */
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { api, call } from '../api/client';
import { useMe } from '../api/session';

interface Option {
	value: number;
	label: string;
}

interface PickProps {
	id?: string;
	value?: number;
	onChange?: (value: number) => void;
	label?: string;
	unit?: number;
}

function Pick(
	props: PickProps & { what: string; load: (q: string | undefined) => Promise<Option[]> },
) {
	const [q, setQ] = useState('');
	const found = useQuery({
		queryKey: ['pick', props.what, props.unit, q],
		queryFn: () => props.load(q === '' ? undefined : q),
	});
	return (
		<Select
			id={props.id}
			aria-label={props.label}
			showSearch={{ filterOption: false, onSearch: setQ }}
			value={props.value}
			onChange={props.onChange}
			loading={found.isFetching}
			options={found.data ?? []}
			notFoundContent={found.isError ? '—' : undefined}
		/>
	);
}

/** Without a role one sees no other people, and applies for oneself. */
export function PersonPick(props: PickProps) {
	const me = useMe();
	const load = async (q: string | undefined) => {
		if (me.roles.length === 0)
			return [{ value: me.person_id, label: `${me.name} · ${me.unit_name}` }];
		const query = { q, unit: props.unit, limit: 50 };
		const page = await call(api.GET('/people', { params: { query } }));
		return page.rows
			.filter((p) => !p.ended_at)
			.map((p) => ({ value: p.id, label: `${p.name} · ${p.staff_no} · ${p.unit_name}` }));
	};
	return <Pick {...props} what="people" load={load} />;
}

export function AccountPick(props: PickProps) {
	const load = async (q: string | undefined) => {
		const page = await call(api.GET('/accounts', { params: { query: { q, limit: 50 } } }));
		return page.rows.map((a) => ({ value: a.id, label: `${a.name} · ${a.person_name}` }));
	};
	return <Pick {...props} what="accounts" load={load} />;
}

export function SwitchPick(props: PickProps) {
	const load = async (q: string | undefined) => {
		const query = { q, unit: props.unit, limit: 50 };
		const page = await call(api.GET('/switches', { params: { query } }));
		return page.rows
			.filter((s) => !s.ended_at)
			.map((s) => ({ value: s.id, label: `${s.name} · ${s.address} · ${s.unit_name}` }));
	};
	return <Pick {...props} what="switches" load={load} />;
}
