import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mac, Place, TerminalLink } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { dateText } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { terminalKindNames } from '../../words/names';
import { MAC_INPUT } from './knocks';
import { words } from './words';

type Permit = Schema['Permit'];

function State({ of }: { of: Permit }) {
	const w = useWords(words);
	const now = Date.now();
	if (of.ended_at) return <Mark>{w.stateEnded}</Mark>;
	if (of.until_at <= now) return <Mark tone="warn">{w.stateExpired}</Mark>;
	if (of.from_at > now) return <Mark tone="info">{w.stateFuture}</Mark>;
	return <Mark tone="good">{w.stateValid}</Mark>;
}

export default function Permits() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const kindName = useNames(terminalKindNames);
	const administers = useMay('security', 'regional');
	const filters = useFilters();
	const typed = filters.values.mac;
	const query = {
		unit: filters.number('unit'),
		state: filters.values.state as 'valid' | 'expired' | 'ended' | undefined,
		mac: typed && MAC_INPUT.test(typed) ? typed : undefined,
		limit: PAGE_ROWS,
	};
	const page = usePage<Permit>(['permits', query], (after) =>
		call(api.GET('/admission/permits', { params: { query: { ...query, after } } })),
	);
	const end = (p: Permit) =>
		ask({
			title: w.permitEnd,
			text: w.permitEndText(p.mac),
			danger: true,
			run: ({ reason }) =>
				call(
					api.POST('/admission/permits/{id}/end', {
						params: { path: { id: p.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const columns: TableColumnsType<Permit> = [
		{ title: c.terminal, render: (_, p) => <TerminalLink id={p.terminal_id} name={p.asset_no} /> },
		{ title: c.kind, render: (_, p) => kindName(p.kind) },
		{ title: c.mac, render: (_, p) => <Mac of={p.mac} /> },
		{
			title: c.switchAndPort,
			render: (_, p) => <Place switchName={p.switch_name} port={p.port} />,
		},
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: w.from, render: (_, p) => <span className="num">{dateText(p.from_at)}</span> },
		{ title: c.until, render: (_, p) => <span className="num">{dateText(p.until_at)}</span> },
		{ title: w.state, render: (_, p) => <State of={p} /> },
		{
			title: w.request,
			render: (_, p) =>
				p.request_id ? <Link to={`/requests/${p.request_id}`}>{p.request_id}</Link> : '—',
		},
	];
	if (administers)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, p) =>
				p.ended_at ? null : (
					<Button size="small" danger onClick={() => end(p)}>
						{c.end}
					</Button>
				),
		});
	return (
		<Page title={w.permits} tree="terminals">
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<ChoiceFilter
					filters={filters}
					name="state"
					label={w.state}
					options={{
						valid: words.stateValid,
						expired: words.stateExpired,
						ended: words.stateEnded,
					}}
				/>
			</FilterBar>
			<Rows
				label={w.permits}
				empty={w.permitsNone}
				query={page}
				columns={columns}
				rowKey={(p) => p.id}
			/>
		</Page>
	);
}
