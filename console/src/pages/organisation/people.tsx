import type { TableColumnsType } from 'antd';
import { Button, Form, Input, Select } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { CodeOnce } from '../../parts/code-once';
import { DirectoryState } from '../../parts/directory';
import { FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { UnitSelect } from '../../parts/unit-select';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { postNames } from '../../words/names';
import { words } from './words';

type Person = Schema['Person'];
type Post = Schema['Post'];

function PersonFields({ fresh }: { fresh: boolean }) {
	const w = useWords(words);
	const c = useWords(common);
	const postName = useNames(postNames);
	const needed = { required: true, message: c.required };
	return (
		<>
			<Form.Item name="unit_id" label={c.unit} rules={[needed]}>
				<UnitSelect label={c.unit} />
			</Form.Item>
			<Form.Item name="name" label={c.person} rules={[needed]}>
				<Input maxLength={64} />
			</Form.Item>
			{fresh && (
				<Form.Item name="staff_no" label={c.staffNo} rules={[needed]}>
					<Input maxLength={32} />
				</Form.Item>
			)}
			<Form.Item name="post" label={w.post}>
				<Select
					aria-label={w.post}
					options={[
						{ value: '', label: c.none },
						...Object.keys(postNames).map((post) => ({ value: post, label: postName(post) })),
					]}
				/>
			</Form.Item>
			<Form.Item name="phone" label={w.phone}>
				<Input maxLength={32} />
			</Form.Item>
		</>
	);
}

export function usePersonActs() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	return {
		add: (unit_id: number | undefined) =>
			ask({
				title: w.addPerson,
				noReason: true,
				confirm: c.save,
				initial: { unit_id, post: '' },
				fields: <PersonFields fresh />,
				run: ({ unit_id: unit, name, staff_no, post, phone }) =>
					call(
						api.POST('/people', {
							params: { header: TOKEN },
							body: { unit_id: unit, name, staff_no, post: post as Post, phone: phone ?? '' },
						}),
					),
			}),
		edit: (p: Person) =>
			ask({
				title: `${w.editPerson} ${p.name}`,
				noReason: true,
				confirm: c.save,
				initial: { unit_id: p.unit_id, name: p.name, post: p.post, phone: p.phone },
				fields: <PersonFields fresh={false} />,
				run: ({ unit_id, name, post, phone }) =>
					call(
						api.PATCH('/people/{id}', {
							params: { path: { id: p.id }, header: TOKEN },
							body: { unit_id, name, post: post as Post, phone: phone ?? '' },
						}),
					),
			}),
		end: (p: Person) =>
			ask({
				title: `${w.endPerson}: ${p.name}`,
				text: w.endPersonText,
				danger: true,
				run: ({ reason }) =>
					call(
						api.POST('/people/{id}/end', {
							params: { path: { id: p.id }, header: TOKEN },
							body: { reason },
						}),
					),
			}),
		open: (p: Person) =>
			ask({
				title: `${w.openAccount}: ${p.name}`,
				noReason: true,
				fields: (
					<Form.Item
						name="name"
						label={w.accountName}
						rules={[
							{ required: true, pattern: /^[a-z][a-z0-9._-]{1,31}$/, message: w.accountRule },
						]}
					>
						<Input maxLength={32} />
					</Form.Item>
				),
				run: ({ name }) =>
					call(
						api.POST('/accounts', { params: { header: TOKEN }, body: { person_id: p.id, name } }),
					),
				result: (answer) => (
					<CodeOnce
						label={w.firstPassword}
						code={(answer as { first_password: string }).first_password}
					/>
				),
			}),
	};
}

export default function People() {
	const w = useWords(words);
	const c = useWords(common);
	const postName = useNames(postNames);
	const may = useMay('system');
	const acts = usePersonActs();
	const filters = useFilters();
	const query = { q: filters.values.q, unit: filters.number('unit'), limit: PAGE_ROWS };
	const chosen = filters.number('person');
	const page = usePage<Person>(['people', query, chosen], async (after) => {
		if (!chosen) return call(api.GET('/people', { params: { query: { ...query, after } } }));
		const person = await call(api.GET('/people/{id}', { params: { path: { id: chosen } } }));
		return { rows: [person], next: null, total: 1 };
	});
	const columns: TableColumnsType<Person> = [
		{ title: c.person, dataIndex: 'name' },
		{ title: c.staffNo, render: (_, p) => <span className="mono">{p.staff_no}</span> },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: w.post, render: (_, p) => (p.post ? postName(p.post) : '—') },
		{ title: w.phone, render: (_, p) => p.phone || '—' },
		{
			title: c.account,
			render: (_, p) => p.account ?? <span className="soft">{w.noAccount}</span>,
		},
		{ title: c.status, render: (_, p) => (p.ended_at ? <Mark>{w.left}</Mark> : null) },
	];
	if (may)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, p) =>
				p.ended_at ? null : (
					<span className="row nowrap">
						{!p.account_id && (
							<Button size="small" type="primary" onClick={() => acts.open(p)}>
								{w.openAccount}
							</Button>
						)}
						<Button size="small" onClick={() => acts.edit(p)}>
							{w.editPerson}
						</Button>
						<Button size="small" danger onClick={() => acts.end(p)}>
							{w.endPerson}
						</Button>
					</span>
				),
		});
	return (
		<Page
			title={w.people}
			tree="people"
			end={
				may && (
					<Button type="primary" onClick={() => acts.add(query.unit)}>
						{w.addPerson}
					</Button>
				)
			}
		>
			<DirectoryState />
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="q" label={w.keyword} />
			</FilterBar>
			<Rows label={w.people} query={page} columns={columns} rowKey={(p) => p.id} />
		</Page>
	);
}
