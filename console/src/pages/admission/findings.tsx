/** What hides on the network and was found, and that a person dealt with it. */
import type { TableColumnsType } from 'antd';
import { Button, Drawer } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mac, Place, TerminalLink } from '../../parts/cells';
import { ChoiceFilter, DateFilter, FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { useFindingKinds } from '../../parts/finding-kinds';
import { Mark } from '../../parts/mark';
import { Facts, Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { useTerminalActs } from '../../parts/terminal-acts';
import { DAY_MS, dayStart, Time } from '../../parts/time';
import { type Pair, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './finding-words';
import { MAC_INPUT, useDeny } from './knocks';
import { words as admission } from './words';

type Finding = Schema['Finding'];

function State({ of }: { of: Finding }) {
	const w = useWords(words);
	const tone = { open: 'bad', settled: 'good', approved: 'info' } as const;
	return <Mark tone={tone[of.state]}>{w[of.state]}</Mark>;
}

function Maker({ of }: { of: Finding }) {
	const w = useWords(words);
	if (of.vendor === 'random') return <span className="mark mark-warn">{w.random}</span>;
	return <span className={of.vendor ? '' : 'soft'}>{of.vendor || w.unknownVendor}</span>;
}

function useSettle() {
	const w = useWords(words);
	const ask = useAsk();
	const kinds = useFindingKinds();
	return (f: Finding) =>
		ask({
			title: w.settle,
			text: w.settleText(kinds.name(f.code), f.mac),
			confirm: w.settle,
			run: ({ reason }) =>
				call(
					api.POST('/admission/findings/{id}/settle', {
						params: { path: { id: f.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
}

/** What on the register would explain it. */
const GEAR: Record<string, string> = {
	bridge: 'switch',
	router: 'router',
	'router-advert': 'router',
	nat: 'router',
	'many-behind': 'access-point',
	'soft-ap': 'access-point',
	'dhcp-server': 'dhcp-server',
};

/** What may be done about it, from here. */
function Acts({ of, settle }: { of: Finding; settle: (f: Finding) => void }) {
	const w = useWords(words);
	const a = useWords(admission);
	const navigate = useNavigate();
	const files = useMay('regional', 'approver', 'device-officer');
	const terminals = useTerminalActs();
	const { may: mayDeny, deny } = useDeny();
	const { terminal_id: id, asset_no } = of;
	return (
		<div className="row">
			{terminals.may && of.state === 'open' && (
				<Button type="primary" onClick={() => settle(of)}>
					{w.settle}
				</Button>
			)}
			{terminals.may && id && (
				<Button danger onClick={() => terminals.isolate({ id, asset_no: asset_no ?? of.mac })}>
					{terminals.words.isolate}
				</Button>
			)}
			{files && of.state === 'open' && GEAR[of.code] && (
				<Button
					onClick={() => navigate(`/requests/new/network-gear?mac=${of.mac}&kind=${GEAR[of.code]}`)}
				>
					{w.register}
				</Button>
			)}
			{mayDeny && !id && (
				<Button danger onClick={() => deny(of.mac)}>
					{a.deny}
				</Button>
			)}
		</div>
	);
}

function Links({ of }: { of: Finding }) {
	const w = useWords(words);
	return (
		<div className="row">
			{of.terminal_id && <Link to={`/terminals/${of.terminal_id}`}>{w.terminal}</Link>}
			{of.knocked && <Link to={`/admission/live?mac=${of.mac}`}>{w.knocks}</Link>}
			<Link to={`/admission/sessions?mac=${of.mac}`}>{w.sessions}</Link>
		</div>
	);
}

function Detail({ of, settle }: { of: Finding; settle: (f: Finding) => void }) {
	const w = useWords(words);
	const c = useWords(common);
	const kinds = useFindingKinds();
	return (
		<div className="stack">
			<Acts of={of} settle={settle} />
			<Facts
				rows={[
					[w.state, <State key="state" of={of} />],
					[w.todo, kinds.todo(of.code)],
					[c.mac, <Mac key="mac" of={of.mac} />],
					[w.vendor, <Maker key="maker" of={of} />],
					[c.address, of.address],
					[
						c.switchAndPort,
						of.switch_name ? (
							<Place key="place" switchName={of.switch_name} port={of.port} />
						) : (
							w.noPlace
						),
					],
					[c.unit, of.unit_name],
					[c.terminal, <TerminalLink key="terminal" id={of.terminal_id} name={of.asset_no} />],
					[c.account, of.account],
					[w.firstSeen, <Time key="first" at={of.first_at} />],
					[w.lastSeen, <Time key="last" at={of.last_at} />],
					[c.times, of.count],
					[
						w.evidence,
						<span key="note" className="mono">
							{of.note}
						</span>,
					],
					[w.gate, of.gate],
					[w.clause, kinds.clause(of.code)],
				]}
			/>
			{of.settled_at && of.state === 'open' && <Mark tone="warn">{w.again}</Mark>}
			{of.settled_at && (
				<Facts
					rows={[
						[w.settledBy, of.settled_by],
						[w.settledAt, <Time key="settled" at={of.settled_at} />],
						[w.settledReason, of.settled_reason],
					]}
				/>
			)}
			<Links of={of} />
		</div>
	);
}

function useFindings() {
	const filters = useFilters();
	const { mac, from, until, code, state } = filters.values;
	const query = {
		unit: filters.number('unit'),
		code,
		mac: mac && MAC_INPUT.test(mac) ? mac : undefined,
		state: state as Finding['state'] | undefined,
		terminal: filters.number('terminal'),
		from_at: from ? dayStart(from) : undefined,
		until_at: until ? dayStart(until) + DAY_MS : undefined,
		limit: PAGE_ROWS,
	};
	const page = usePage<Finding>(['findings', query], (after) =>
		call(api.GET('/admission/findings', { params: { query: { ...query, after } } })),
	);
	return { filters, page };
}

export default function Findings() {
	const w = useWords(words);
	const c = useWords(common);
	const kinds = useFindingKinds();
	const settle = useSettle();
	const { filters, page } = useFindings();
	const shown = page.data?.rows.find((f) => f.id === filters.number('finding'));
	const codes = Object.fromEntries(kinds.all.map((k): [string, Pair] => [k.code, [k.zh, k.en]]));
	const columns: TableColumnsType<Finding> = [
		{ title: w.lastSeen, render: (_, f) => <Time at={f.last_at} /> },
		{ title: w.finding, render: (_, f) => kinds.name(f.code) },
		{ title: w.state, render: (_, f) => <State of={f} /> },
		{
			title: c.switchAndPort,
			render: (_, f) => <Place switchName={f.switch_name} port={f.port} />,
		},
		{ title: c.mac, render: (_, f) => <Mac of={f.mac} /> },
		{ title: w.vendor, render: (_, f) => <Maker of={f} /> },
		{ title: c.address, render: (_, f) => <span className="mono">{f.address || '—'}</span> },
		{ title: c.terminal, render: (_, f) => <TerminalLink id={f.terminal_id} name={f.asset_no} /> },
		{ title: c.unit, render: (_, f) => f.unit_name ?? '—' },
		{ title: w.firstSeen, render: (_, f) => <Time at={f.first_at} /> },
		{ title: c.times, align: 'right', render: (_, f) => <span className="num">{f.count}</span> },
	];
	return (
		<Page title={w.findings} hint={w.hint} tree="terminals">
			<FilterBar filters={filters}>
				<ChoiceFilter filters={filters} name="code" label={w.finding} options={codes} />
				<ChoiceFilter
					filters={filters}
					name="state"
					label={w.state}
					options={{ open: words.open, settled: words.settled, approved: words.approved }}
				/>
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<DateFilter filters={filters} name="from" label={w.from} />
				<DateFilter filters={filters} name="until" label={w.until} />
			</FilterBar>
			<Rows
				label={w.findings}
				empty={w.none}
				query={page}
				columns={columns}
				rowKey={(f) => f.id}
				open={(f) => filters.set({ finding: String(f.id), after: filters.values.after })}
			/>
			<Drawer
				open={shown !== undefined}
				title={shown && kinds.name(shown.code)}
				size="large"
				onClose={() => filters.set({ finding: undefined, after: filters.values.after })}
			>
				{shown && <Detail of={shown} settle={settle} />}
			</Drawer>
		</Page>
	);
}
