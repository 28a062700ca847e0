import { useQuery } from '@tanstack/react-query';
import type { TableColumnsType } from 'antd';
import { Button, Checkbox, Form } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useAsk } from '../../parts/ask';
import { useFacts } from '../../parts/facts';
import { DateFilter, FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Page } from '../../parts/page';
import { useActNames } from '../../parts/proposal';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { DAY_MS, dayStart, Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { roleNames } from '../../words/names';
import { EntryDrawer } from './entry';
import { LogProof } from './log-proof';
import { words } from './words';

type Row = Schema['AuditRow'];

function brief(text: string): string {
	return text.length > 90 ? `${text.slice(0, 89)}…` : text || '—';
}

/** Exports that a second person confirmed less than a day ago. */
function Exports() {
	const w = useWords(words);
	const done = useQuery({
		queryKey: ['proposals', 'export'],
		queryFn: () => call(api.GET('/proposals', { params: { query: { open: false, limit: 50 } } })),
	});
	const ready = done.data?.rows.filter(
		(p) =>
			p.act === 'audit.export' &&
			p.decision === 'confirmed' &&
			(p.decided_at ?? 0) > Date.now() - DAY_MS,
	);
	return ready?.map((p) => (
		<Button key={p.id} href={`/api/v1/audit/exports/${p.id}`} download>
			{w.download} <Time at={p.decided_at} />
		</Button>
	));
}

export default function Audit() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const act = useActNames();
	const facts = useFacts();
	const roleName = useNames(roleNames);
	const filters = useFilters();
	const { values } = filters;
	const query = {
		act: values.act,
		subject: values.subject,
		account: filters.number('account'),
		unit: filters.number('unit'),
		from_at: values.since ? dayStart(values.since) : undefined,
		until_at: values.till ? dayStart(values.till) + DAY_MS : undefined,
		limit: PAGE_ROWS,
	};
	const page = usePage<Row>(['audit', query], (after) =>
		call(api.GET('/audit/entries', { params: { query: { ...query, after } } })),
	);
	const opened = values.entry === undefined ? undefined : Number(values.entry);
	const propose = () =>
		ask({
			title: w.export,
			text: w.exportText,
			initial: { records: false },
			fields: (
				<Form.Item name="records" valuePropName="checked">
					<Checkbox>{w.exportRecords}</Checkbox>
				</Form.Item>
			),
			run: ({ reason, records }) =>
				call(api.POST('/audit/exports', { params: { header: TOKEN }, body: { reason, records } })),
		});
	const columns: TableColumnsType<Row> = [
		{ title: w.seq, align: 'right', render: (_, e) => <span className="num">{e.seq}</span> },
		{ title: c.time, render: (_, e) => <Time at={e.at} /> },
		{ title: w.act, render: (_, e) => <strong className="nowrap">{act(e.act)}</strong> },
		{
			title: w.who,
			render: (_, e) =>
				e.account_id === 0 ? (
					<span className="soft">{c.system}</span>
				) : (
					<button
						type="button"
						className="as-link"
						onClick={() => filters.set({ account: String(e.account_id) })}
					>
						{e.account}
					</button>
				),
		},
		{ title: c.role, render: (_, e) => (e.role ? roleName(e.role) : '—') },
		{ title: w.from, render: (_, e) => <span className="mono">{e.from || '—'}</span> },
		{ title: w.subject, render: (_, e) => <span className="mono">{e.subject || '—'}</span> },
		{
			title: w.detail,
			render: (_, e) => <span className="soft">{brief(facts(e.detail, true))}</span>,
		},
	];
	return (
		<Page
			title={w.title}
			hint={w.hint}
			end={
				<>
					<Exports />
					<Button onClick={propose}>{w.export}</Button>
				</>
			}
		>
			<LogProof />
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="act" label={w.actPrefix} />
				<TextFilter filters={filters} name="subject" label={w.subjectHint} width={260} />
				<DateFilter filters={filters} name="since" label={w.since} />
				<DateFilter filters={filters} name="till" label={w.till} />
			</FilterBar>
			<Rows
				label={w.title}
				query={page}
				columns={columns}
				rowKey={(e) => e.seq}
				open={(e) => filters.set({ entry: String(e.seq), after: values.after })}
			/>
			<EntryDrawer
				seq={opened}
				close={() => filters.set({ entry: undefined, after: values.after })}
			/>
		</Page>
	);
}
