import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { useMay } from '../../api/session';
import { Mac, Place, TerminalLink } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Hours } from '../../parts/hours';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { dateText } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { terminalKindNames } from '../../words/names';
import { MAC_INPUT } from './knocks';
import { usePermitActs } from './permit-acts';
import { words as permit } from './permit-words';
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

/** Annex 2 with what the permit tells filled in. */
function moveOf(p: Permit): string {
	const known = new URLSearchParams({
		mac: p.mac,
		old_switch: String(p.switch_id),
		old_port: p.port,
		switch: String(p.switch_id),
		unit: String(p.unit_id),
	});
	return `/requests/new/port-move?${known}`;
}

export default function Permits() {
	const w = useWords(words);
	const permitWords = useWords(permit);
	const c = useWords(common);
	const kindName = useNames(terminalKindNames);
	const administers = useMay('security', 'regional');
	const emergencies = useMay('regional');
	const files = useMay('regional', 'device-officer');
	const navigate = useNavigate();
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
	const acts = usePermitActs();
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
		{ title: permitWords.hours, render: (_, p) => <Hours of={p.hours ?? []} /> },
		{
			title: w.request,
			render: (_, p) =>
				p.request_id ? <Link to={`/requests/${p.request_id}`}>{p.request_id}</Link> : '—',
		},
	];
	if (administers || files)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, p) =>
				p.ended_at ? null : (
					<span className="row nowrap">
						{files && (
							<Button size="small" onClick={() => navigate(moveOf(p))}>
								{permitWords.move}
							</Button>
						)}
						{administers && (
							<Button size="small" onClick={() => acts.hours(p)}>
								{permitWords.hours}
							</Button>
						)}
						{administers && (
							<Button size="small" danger onClick={() => acts.end(p)}>
								{c.end}
							</Button>
						)}
					</span>
				),
		});
	return (
		<Page
			title={w.permits}
			tree="terminals"
			end={
				emergencies && (
					<Button danger onClick={acts.emergency}>
						{permitWords.emergency}
					</Button>
				)
			}
		>
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
