import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { amount } from '../../parts/amount';
import { useAsk } from '../../parts/ask';
import { Mac, Place, Reason, TerminalLink, Verdict } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../../parts/filters';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { methodNames } from '../../words/names';
import { MAC_INPUT } from './knocks';
import { words } from './words';

type Session = Schema['AdmissionSession'];

/** A gate that lost its state tells no end of what it had: a person does. */
function useEnd() {
	const w = useWords(words);
	const ask = useAsk();
	return (s: Session) =>
		ask({
			title: w.sessionEnd,
			text: w.sessionEndText(s.mac, s.port),
			run: ({ reason }) =>
				call(
					api.POST('/admission/sessions/{id}/end', {
						params: { path: { id: s.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
}

export default function Sessions() {
	const w = useWords(words);
	const c = useWords(common);
	const methodName = useNames(methodNames);
	const may = useMay('security', 'regional');
	const end = useEnd();
	const filters = useFilters();
	const typed = filters.values.mac;
	const query = {
		unit: filters.number('unit'),
		terminal: filters.number('terminal'),
		account: filters.values.account,
		mac: typed && MAC_INPUT.test(typed) ? typed : undefined,
		open: filters.values.open === undefined ? true : filters.flag('open'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Session>(['sessions', query], (after) =>
		call(api.GET('/admission/sessions', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Session> = [
		{ title: w.started, render: (_, s) => <Time at={s.started_at} /> },
		{ title: c.terminal, render: (_, s) => <TerminalLink id={s.terminal_id} name={s.asset_no} /> },
		{ title: c.mac, render: (_, s) => <Mac of={s.mac} /> },
		{ title: c.account, render: (_, s) => s.account || '—' },
		{ title: c.address, render: (_, s) => <span className="mono">{s.address || '—'}</span> },
		{
			title: c.verdict,
			render: (_, s) => (
				<span className="row nowrap">
					<Verdict of={s.verdict} />
					{s.verdict !== 'admit' && <Reason of={s.reason} />}
				</span>
			),
		},
		{
			title: c.switchAndPort,
			render: (_, s) => <Place switchName={s.switch_name} port={s.port} />,
		},
		{ title: c.unit, render: (_, s) => s.unit_name ?? '—' },
		{ title: c.method, render: (_, s) => methodName(s.method) },
		{
			title: w.ended,
			render: (_, s) =>
				may && !s.ended_at ? (
					<Button size="small" onClick={() => end(s)}>
						{w.sessionEnd}
					</Button>
				) : (
					<Time at={s.ended_at} empty="—" />
				),
		},
		{ title: w.endCause, render: (_, s) => s.end_cause || '—' },
		{
			title: w.traffic,
			render: (_, s) => (
				<span className="num">
					{amount(s.octets_in)} / {amount(s.octets_out)}
				</span>
			),
		},
		{ title: w.gate, dataIndex: 'gate' },
	];
	return (
		<Page title={w.sessions} tree="terminals">
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<TextFilter filters={filters} name="account" label={c.account} />
				<ChoiceFilter
					filters={
						filters.values.open === undefined
							? { ...filters, values: { ...filters.values, open: 'true' } }
							: filters
					}
					name="open"
					label={w.open}
					options={yesNo}
				/>
			</FilterBar>
			<Rows
				label={w.sessions}
				empty={w.sessionsNone}
				query={page}
				columns={columns}
				rowKey={(s) => s.id}
			/>
		</Page>
	);
}
