import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { useNavigate } from 'react-router';
import { api, call, type Schema } from '../api/client';
import {
	Lifeline,
	Mac,
	Posture,
	Reason,
	TerminalLink,
	TerminalStatus,
	Verdict,
} from '../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../parts/filters';
import { Mark } from '../parts/mark';
import { Page } from '../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../parts/rows';
import { useTerminalActs } from '../parts/terminal-acts';
import { Time } from '../parts/time';
import { catalogue, useNames, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { postureNames, terminalKindNames, terminalStatusNames } from '../words/names';

type Row = Schema['TerminalRow'];

const words = catalogue({
	title: ['终端', 'Terminals'],
	none: [
		'还没有终端。可在“组织与人员—导入”中导入清单，或由使用人申请新终端入网。',
		'No terminal yet. Import a list under Organisation, or let users apply for new ones.',
	],
	posture: ['安全检查', 'Posture'],
	online: ['在线', 'Online'],
	offline: ['离线', 'Offline'],
	isolated: ['人工隔离', 'Isolated by a person'],
	seen: ['客户端最近报到', 'Agent last reported'],
	keyword: ['资产编号、名称、位置', 'Asset number, name, place'],
});

export default function Terminals() {
	const w = useWords(words);
	const c = useWords(common);
	const kindName = useNames(terminalKindNames);
	const navigate = useNavigate();
	const filters = useFilters();
	const acts = useTerminalActs();
	const { q, kind, status, posture } = filters.values;
	const query = {
		q,
		kind: kind as Row['kind'] | undefined,
		status: status as Row['status'] | undefined,
		posture: posture as Row['posture'] | undefined,
		unit: filters.number('unit'),
		owner: filters.number('owner'),
		isolated: filters.flag('isolated'),
		online: filters.flag('online'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Row>(['terminals', query], (after) =>
		call(api.GET('/terminals', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Row> = [
		{
			title: c.asset,
			fixed: 'left',
			render: (_, t) => (
				<span className="row nowrap">
					<TerminalLink id={t.id} name={t.asset_no} /> <Lifeline on={t.lifeline} />
				</span>
			),
		},
		{ title: c.name, render: (_, t) => t.name || '—' },
		{ title: c.kind, render: (_, t) => kindName(t.kind) },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: c.owner, render: (_, t) => t.owner_name ?? '—' },
		{ title: c.status, render: (_, t) => <TerminalStatus of={t.status} /> },
		{ title: w.posture, render: (_, t) => <Posture of={t.posture} /> },
		{
			title: c.verdict,
			render: (_, t) => (
				<span className="row nowrap">
					<Verdict of={t.verdict} />
					{t.verdict && t.verdict !== 'admit' && <Reason of={t.reason} />}
					{t.isolated_at && t.reason !== 'isolated-by-person' && (
						<Mark tone="warn">{w.isolated}</Mark>
					)}
				</span>
			),
		},
		{
			title: w.online,
			render: (_, t) => (t.online ? <Mark tone="good">{w.online}</Mark> : <Mark>{w.offline}</Mark>),
		},
		{ title: c.mac, render: (_, t) => <Mac of={t.mac} /> },
		{ title: c.address, render: (_, t) => <span className="mono">{t.address ?? '—'}</span> },
		{ title: w.seen, render: (_, t) => <Time at={t.seen_at} empty="—" /> },
	];
	if (acts.may)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, t) =>
				t.isolated_at ? (
					<Button size="small" onClick={() => acts.release(t)}>
						{acts.words.release}
					</Button>
				) : (
					<Button size="small" danger onClick={() => acts.isolate(t)}>
						{acts.words.isolate}
					</Button>
				),
		});
	return (
		<Page title={w.title} tree="terminals">
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="q" label={w.keyword} />
				<ChoiceFilter filters={filters} name="kind" label={c.kind} options={terminalKindNames} />
				<ChoiceFilter
					filters={filters}
					name="status"
					label={c.status}
					options={terminalStatusNames}
				/>
				<ChoiceFilter filters={filters} name="posture" label={w.posture} options={postureNames} />
				<ChoiceFilter filters={filters} name="online" label={w.online} options={yesNo} />
				<ChoiceFilter filters={filters} name="isolated" label={w.isolated} options={yesNo} />
			</FilterBar>
			<Rows
				label={w.title}
				empty={w.none}
				query={page}
				columns={columns}
				rowKey={(t) => t.id}
				open={(t) => navigate(`/terminals/${t.id}`)}
			/>
		</Page>
	);
}
