/** Frozen periods, and maintenance windows of a unit or a switch. */
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Radio, Select, type TableColumnsType } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { useFilters } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './rollout-words';

type Period = Schema['Period'];

/** What was typed is China Standard Time. */
const moment = (text: string) => Date.parse(`${text}:00+08:00`);

function State({ of }: { of: Period }) {
	const w = useWords(words);
	const now = Date.now();
	if (of.ended_at || of.until_at <= now) return <Mark>{w.over}</Mark>;
	return of.from_at > now ? <Mark tone="info">{w.coming}</Mark> : <Mark tone="bad">{w.now}</Mark>;
}

export function SwitchSelect(props: { value?: number; onChange?: (id: number) => void }) {
	const w = useWords(words);
	const switches = useQuery({
		queryKey: ['switches', 'choice'],
		queryFn: () => call(api.GET('/switches', { params: { query: { limit: 200 } } })),
	});
	return (
		<Select
			{...props}
			aria-label={w.switchId}
			allowClear
			showSearch={{ optionFilterProp: 'label' }}
			options={switches.data?.rows.map((s) => ({ value: s.id, label: s.name }))}
		/>
	);
}

function Fields() {
	const w = useWords(words);
	const c = useWords(common);
	const kind = Form.useWatch('kind');
	const needed = [{ required: true, message: c.required }];
	return (
		<>
			<Form.Item name="kind" label={c.kind} extra={w.most}>
				<Radio.Group
					options={[
						{ value: 'frozen', label: w.frozen },
						{ value: 'maintenance', label: w.maintenance },
					]}
					optionType="button"
				/>
			</Form.Item>
			<Form.Item name="unit_id" label={w.atUnit}>
				<UnitSelect label={w.atUnit} />
			</Form.Item>
			{kind === 'maintenance' && (
				<Form.Item name="switch_id" label={w.switchId}>
					<SwitchSelect />
				</Form.Item>
			)}
			<Form.Item name="from" label={w.from} rules={needed}>
				<Input type="datetime-local" />
			</Form.Item>
			<Form.Item name="until" label={w.until} rules={needed}>
				<Input type="datetime-local" />
			</Form.Item>
		</>
	);
}

export default function Periods() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const may = useMay('security', 'regional');
	const filters = useFilters();
	const query = { unit: filters.number('unit'), limit: PAGE_ROWS };
	const page = usePage<Period>(['periods', query], (after) =>
		call(api.GET('/periods', { params: { query: { ...query, after } } })),
	);
	const propose = () =>
		ask({
			title: w.propose,
			text: w.periodsHint,
			initial: { kind: 'maintenance' },
			fields: <Fields />,
			run: ({ kind, unit_id, switch_id, from, until, reason }) =>
				call(
					api.POST('/periods', {
						params: { header: TOKEN },
						body: {
							kind,
							...(switch_id ? { switch_id } : { unit_id }),
							from_at: moment(from),
							until_at: moment(until),
							reason,
						},
					}),
				),
		});
	const end = (p: Period) =>
		ask({
			title: w.end,
			text: p.switch_name ?? p.unit_name,
			run: ({ reason }) =>
				call(
					api.POST('/periods/{id}/end', {
						params: { path: { id: p.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const columns: TableColumnsType<Period> = [
		{ title: c.kind, render: (_, p) => w[p.kind] },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: w.switchId, render: (_, p) => p.switch_name ?? '—' },
		{ title: w.state, render: (_, p) => <State of={p} /> },
		{ title: c.reason, dataIndex: 'reason' },
		{ title: w.asked, dataIndex: 'asked_by' },
		{ title: w.confirmed, dataIndex: 'confirmed_by' },
		{ title: w.from, render: (_, p) => <Time at={p.from_at} /> },
		{ title: w.until, render: (_, p) => <Time at={p.ended_at ?? p.until_at} /> },
	];
	if (may)
		columns.push({
			title: c.actions,
			render: (_, p) =>
				!p.ended_at &&
				p.until_at > Date.now() && (
					<Button size="small" onClick={() => end(p)}>
						{w.end}
					</Button>
				),
		});
	return (
		<Page
			title={w.periods}
			hint={w.periodsHint}
			end={may && <Button onClick={propose}>{w.propose}</Button>}
		>
			<Rows label={w.periods} empty={w.none} query={page} columns={columns} rowKey={(p) => p.id} />
		</Page>
	);
}
