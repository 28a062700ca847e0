import { useQuery } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Alert, Button, Form, Select } from 'antd';
import { Link } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay, useMe } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { useFilters } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './words';

type Bypass = Schema['Bypass'];

const MINUTES = [15, 30, 60, 120, 240, 480];

const inForce = (b: Bypass) => !b.ended_at && b.until_at > Date.now();

function Waiting() {
	const w = useWords(words);
	const open = useQuery({
		queryKey: ['proposals', 'bypass'],
		queryFn: () => call(api.GET('/proposals', { params: { query: { open: true, limit: 200 } } })),
	});
	const waiting = open.data?.rows.filter((p) => p.act.startsWith('bypass')) ?? [];
	if (waiting.length === 0) return null;
	return (
		<Alert
			type="warning"
			showIcon
			title={<Link to="/proposals?open=true">{w.pendingProposals(waiting.length)}</Link>}
		/>
	);
}

export default function Bypasses() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const me = useMe();
	const may = useMay('security', 'regional');
	const filters = useFilters();
	const query = { unit: filters.number('unit'), limit: PAGE_ROWS };
	const page = usePage<Bypass>(['bypasses', query], (after) =>
		call(api.GET('/bypasses', { params: { query: { ...query, after } } })),
	);
	const act = (b: Bypass, verb: 'confirm' | 'end') =>
		ask({
			title: verb === 'confirm' ? w.confirmAfter : w.endBypass,
			text: verb === 'confirm' ? w.confirmText : w.endBypassText,
			run: ({ reason }) =>
				call(
					api.POST(`/bypasses/{id}/${verb}`, {
						params: { path: { id: b.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const propose = () =>
		ask({
			title: w.propose,
			text: w.bypassesHint,
			danger: true,
			initial: { minutes: 60, unit_id: query.unit },
			fields: (
				<>
					<Form.Item
						name="unit_id"
						label={c.unit}
						rules={[{ required: true, message: c.required }]}
					>
						<UnitSelect label={c.unit} />
					</Form.Item>
					<Form.Item name="minutes" label={w.minutes}>
						<Select
							aria-label={w.minutes}
							options={MINUTES.map((n) => ({ value: n, label: w.minutesN(n) }))}
						/>
					</Form.Item>
				</>
			),
			run: ({ unit_id, minutes, reason }) =>
				call(
					api.POST('/bypasses', { params: { header: TOKEN }, body: { unit_id, minutes, reason } }),
				),
		});
	const columns: TableColumnsType<Bypass> = [
		{ title: c.unit, dataIndex: 'unit_name' },
		{
			title: w.state,
			render: (_, b) => (inForce(b) ? <Mark tone="bad">{w.inForce}</Mark> : <Mark>{w.over}</Mark>),
		},
		{ title: c.reason, dataIndex: 'reason' },
		{
			title: w.origin,
			render: (_, b) => (b.origin === 'gate' ? w.originGate : w.originConsole),
		},
		{ title: w.proposedBy, render: (_, b) => b.proposed_by ?? '—' },
		{ title: w.confirmedBy, render: (_, b) => b.confirmed_by ?? '—' },
		{ title: w.from, render: (_, b) => <Time at={b.from_at} /> },
		{ title: c.until, render: (_, b) => <Time at={b.ended_at ?? b.until_at} /> },
	];
	if (may)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, b) => (
				<span className="row nowrap">
					{b.origin === 'gate' && !b.confirmed_by && b.proposed_by !== me.account && (
						<Button size="small" type="primary" onClick={() => act(b, 'confirm')}>
							{w.confirmAfter}
						</Button>
					)}
					{inForce(b) && (
						<Button size="small" danger onClick={() => act(b, 'end')}>
							{w.endBypass}
						</Button>
					)}
				</span>
			),
		});
	return (
		<Page
			title={w.bypasses}
			hint={w.bypassesHint}
			end={
				may && (
					<Button danger onClick={propose}>
						{w.propose}
					</Button>
				)
			}
		>
			<Waiting />
			<Rows
				label={w.bypasses}
				empty={w.bypassesNone}
				query={page}
				columns={columns}
				rowKey={(b) => b.id}
			/>
		</Page>
	);
}
