import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { holds, useMe } from '../../api/session';
import { RequestStatus } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Page } from '../../parts/page';
import { useKindNames, useRequestKinds } from '../../parts/request-row';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { type Pair, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { requestStatusNames } from '../../words/names';
import { words } from './words';

type Row = Schema['RequestRow'];

export default function Requests() {
	const w = useWords(words);
	const c = useWords(common);
	const me = useMe();
	const navigate = useNavigate();
	const names = useKindNames();
	const kinds = useRequestKinds();
	const filters = useFilters();
	const { q, kind, status, view } = filters.values;
	const query = {
		q,
		kind,
		status: status as Row['status'] | undefined,
		view: view as 'own' | 'due' | 'all' | undefined,
		unit: filters.number('unit'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Row>(['requests', query], (after) =>
		call(api.GET('/requests', { params: { query: { ...query, after } } })),
	);
	const kindOptions = Object.fromEntries(
		(kinds.data ?? []).map((k) => [k.id, [k.zh, k.en] satisfies Pair]),
	);
	const columns: TableColumnsType<Row> = [
		{
			title: w.number,
			render: (_, r) => (
				<Link to={`/requests/${r.id}`} className="mono">
					{r.number}
				</Link>
			),
		},
		{ title: w.kind, render: (_, r) => names.kind(r.kind) },
		{ title: w.about, dataIndex: 'summary' },
		{ title: w.applicant, dataIndex: 'applicant_name' },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: c.status, render: (_, r) => <RequestStatus of={r.status} /> },
		{
			title: w.step,
			render: (_, r) => (r.status === 'pending' ? names.step(r.kind, r.step_name) : '—'),
		},
		{ title: w.created, render: (_, r) => <Time at={r.created_at} /> },
		{ title: w.closed, render: (_, r) => <Time at={r.closed_at} empty="—" /> },
	];
	return (
		<Page
			title={w.list}
			tree={me.roles.length > 0 ? 'terminals' : undefined}
			end={
				!holds(me, 'auditor') && (
					<Button type="primary" onClick={() => navigate('/requests/new')}>
						{w.create}
					</Button>
				)
			}
		>
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="q" label={w.keyword} />
				<ChoiceFilter
					filters={filters}
					name="view"
					label={w.view}
					options={{ own: words.viewOwn, due: words.viewDue }}
				/>
				<ChoiceFilter filters={filters} name="kind" label={w.kind} options={kindOptions} />
				<ChoiceFilter
					filters={filters}
					name="status"
					label={c.status}
					options={requestStatusNames}
				/>
			</FilterBar>
			<Rows
				label={w.list}
				empty={w.none}
				query={page}
				columns={columns}
				rowKey={(r) => r.id}
				open={(r) => navigate(`/requests/${r.id}`)}
			/>
		</Page>
	);
}
