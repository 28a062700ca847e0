/** Who was where when: found by what somebody types, over a year of records. */
import type { TableColumnsType } from 'antd';
import { App, Button, Drawer } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { amount } from '../../parts/amount';
import { Mac, Place, Reason, TerminalLink, Verdict } from '../../parts/cells';
import { csvText } from '../../parts/csv';
import { DateFilter, FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Facts, Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { saveText } from '../../parts/save';
import { DAY_MS, dateText, dayStart, Time, timeText } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { methodNames, verdictNames } from '../../words/names';
import { sourceNames, whyNames, words } from './history-words';
import { typedAs } from './typed';

type Stay = Schema['Stay'];

const EXPORT_PAGE = 200;
const EXPORT_MOST = 10_000;

function useQuestion() {
	const filters = useFilters();
	const { q, from, until, port, mac } = filters.values;
	const there = filters.number('switch');
	const query = {
		unit: filters.number('unit'),
		q: q || undefined,
		mac,
		terminal: filters.number('terminal'),
		person: filters.number('person'),
		switch: there,
		port: there ? port : undefined,
		from_at: from ? dayStart(from) : undefined,
		until_at: until ? dayStart(until) + DAY_MS : undefined,
	};
	const load = (after: string | undefined, limit: number) =>
		call(api.GET('/admission/history', { params: { query: { ...query, after, limit } } }));
	return { filters, query, load };
}

type Load = ReturnType<typeof useQuestion>['load'];

async function loadAll(load: Load): Promise<{ rows: Stay[]; cut: boolean }> {
	const rows: Stay[] = [];
	let after: string | undefined;
	do {
		const page = await load(after, EXPORT_PAGE);
		rows.push(...page.rows);
		after = page.next ?? undefined;
	} while (after && rows.length < EXPORT_MOST);
	return { rows, cut: after !== undefined };
}

function useExport(load: Load) {
	const w = useWords(words);
	const c = useWords(common);
	const why = useNames(whyNames);
	const method = useNames(methodNames);
	const verdict = useNames(verdictNames);
	const { message } = App.useApp();
	const [busy, setBusy] = useState(false);
	const head = [
		w.began,
		w.ended,
		w.why,
		w.who,
		c.account,
		c.mac,
		c.address,
		c.asset,
		c.unit,
		c.switchAndPort,
		c.port,
		'VLAN',
		c.method,
		c.verdict,
		w.gate,
	];
	const line = (s: Stay) => [
		timeText(s.began_at),
		s.ended_at ? timeText(s.ended_at) : w.goesOn,
		s.why ? why(s.why) : '',
		s.person,
		s.account,
		s.mac,
		s.addresses.map((a) => a.address).join(' '),
		s.asset_no,
		s.unit_name,
		s.switch_name,
		s.port,
		s.vlan,
		method(s.method),
		verdict(s.verdict),
		s.gate,
	];
	const run = async () => {
		setBusy(true);
		try {
			const { rows, cut } = await loadAll(load);
			saveText(
				`history-${dateText(Date.now())}.csv`,
				csvText([head, ...rows.map(line)]),
				'text/csv',
			);
			if (cut) message.warning(w.cut(rows.length));
			else message.success(w.exported(rows.length));
		} catch {
			message.error(c.failed);
		} finally {
			setBusy(false);
		}
	};
	return { run, busy };
}

function Ended({ of }: { of: Stay }) {
	const w = useWords(words);
	return of.ended_at ? <Time at={of.ended_at} /> : <Mark tone="good">{w.goesOn}</Mark>;
}

function Who({ of }: { of: Stay }) {
	if (!of.person && !of.account) return <span>—</span>;
	return (
		<span className="nowrap">
			{of.person_id ? <Link to={`?person=${of.person_id}`}>{of.person}</Link> : null}{' '}
			<span className="soft">{of.account}</span>
		</span>
	);
}

function Addresses({ of }: { of: Stay }) {
	const source = useNames(sourceNames);
	if (of.addresses.length === 0) return <span>—</span>;
	return (
		<ul className="plain">
			{of.addresses.map((a) => (
				<li key={a.address}>
					<span className="mono">{a.address}</span>{' '}
					<span className="soft">
						{source(a.source)} <Time at={a.first_at} />
					</span>
				</li>
			))}
		</ul>
	);
}

function Detail({ of }: { of: Stay }) {
	const w = useWords(words);
	const c = useWords(common);
	const why = useNames(whyNames);
	const method = useNames(methodNames);
	const minutes = Math.floor(((of.ended_at ?? Date.now()) - of.began_at) / 60_000);
	return (
		<div className="stack">
			<Facts
				rows={[
					[w.who, <Who key="who" of={of} />],
					[c.terminal, <TerminalLink key="terminal" id={of.terminal_id} name={of.asset_no} />],
					[c.mac, <Mac key="mac" of={of.mac} />],
					[w.addresses, <Addresses key="addresses" of={of} />],
					[c.unit, of.unit_name],
					[c.switchAndPort, <Place key="place" switchName={of.switch_name} port={of.port} />],
					['VLAN', of.vlan || '—'],
					[w.began, <Time key="began" at={of.began_at} />],
					[w.ended, <Ended key="ended" of={of} />],
					[w.heard, <Time key="heard" at={of.heard_at} />],
					[w.lasted, w.duration(Math.max(minutes, 0))],
					[w.why, of.why ? why(of.why) : '—'],
					[w.note, of.note || '—'],
					[c.method, method(of.method)],
					[c.verdict, <Verdict key="verdict" of={of.verdict} />],
					[c.why, <Reason key="reason" of={of.reason} />],
					[w.traffic, `${amount(of.octets_in)} / ${amount(of.octets_out)}`],
					[w.gate, of.gate],
				]}
			/>
			<div className="row">
				{of.terminal_id && <Link to={`/terminals/${of.terminal_id}`}>{w.timeLine}</Link>}
				<Link to={`/admission/history?mac=${of.mac}`}>{w.allOfMac}</Link>
				{of.switch_id && (
					<Link
						to={`/admission/history?switch=${of.switch_id}&port=${encodeURIComponent(of.port)}`}
					>
						{w.samePort}
					</Link>
				)}
			</div>
		</div>
	);
}

function useColumns(): TableColumnsType<Stay> {
	const w = useWords(words);
	const c = useWords(common);
	const why = useNames(whyNames);
	return [
		{ title: w.began, render: (_, s) => <Time at={s.began_at} /> },
		{ title: w.ended, render: (_, s) => <Ended of={s} /> },
		{ title: w.who, render: (_, s) => <Who of={s} /> },
		{ title: c.terminal, render: (_, s) => <TerminalLink id={s.terminal_id} name={s.asset_no} /> },
		{ title: c.mac, render: (_, s) => <Mac of={s.mac} /> },
		{
			title: c.address,
			render: (_, s) => <span className="mono">{s.addresses[0]?.address ?? '—'}</span>,
		},
		{
			title: c.switchAndPort,
			render: (_, s) => <Place switchName={s.switch_name} port={s.port} />,
		},
		{ title: c.unit, render: (_, s) => s.unit_name ?? '—' },
		{ title: w.why, render: (_, s) => (s.why ? why(s.why) : '—') },
	];
}

export default function History() {
	const w = useWords(words);
	const { filters, query, load } = useQuestion();
	const columns = useColumns();
	const csv = useExport(load);
	const page = usePage<Stay>(['history', query], (after) => load(after, PAGE_ROWS));
	const show = (id: string | undefined) => filters.set({ stay: id, after: filters.values.after });
	const shown = page.data?.rows.find((s) => s.id === filters.values.stay);
	return (
		<Page title={w.history} hint={w.hint} tree="terminals">
			<FilterBar
				filters={filters}
				end={
					<Button loading={csv.busy} onClick={csv.run}>
						{w.export}
					</Button>
				}
			>
				<TextFilter filters={filters} name="q" label={w.typed} width={300} />
				<DateFilter filters={filters} name="from" label={w.from} />
				<DateFilter filters={filters} name="until" label={w.until} />
				{query.q && <span className="soft">{w[typedAs(query.q)]}</span>}
			</FilterBar>
			<Rows
				label={w.history}
				empty={w.none}
				query={page}
				columns={columns}
				rowKey={(s) => s.id}
				open={(s) => show(s.id)}
			/>
			<Drawer
				open={shown !== undefined}
				title={w.stay}
				size="large"
				onClose={() => show(undefined)}
			>
				{shown && <Detail of={shown} />}
			</Drawer>
		</Page>
	);
}
