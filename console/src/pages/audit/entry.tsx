/** One entry, proved in this page, shown from the very bytes that were proved. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Drawer, Skeleton } from 'antd';
import { Failure } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { Facts } from '../../parts/page';
import { useActNames } from '../../parts/proposal';
import { Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { roleNames } from '../../words/names';
import { checkEntry, type EntryCheck } from './proof';
import { words } from './words';

interface Entry {
	seq: number;
	at: number;
	act: string;
	actor: { account: number; name: string; role: string; from: string };
	subject: string;
	detail: Record<string, unknown>;
	rows: [table: string, id: string, digest: string | null][];
}

function Steps({ of }: { of: EntryCheck }) {
	const w = useWords(words);
	const { fault } = of.head;
	const steps: [boolean, string][] = [
		[of.entry !== 'bytes' && of.entry !== 'number' && of.entry !== 'malformed', w.stepBytes],
		[of.entry === null, w.stepPath],
		[fault === null || !['unknown-key', 'signature', 'malformed'].includes(fault), w.stepSignature],
		[fault === null, w.stepGrowth],
	];
	return (
		<ul className="items">
			{steps.map(([good, text]) => (
				<li key={text}>
					<Mark tone={good ? 'good' : 'bad'}>{good ? w.good : w.bad}</Mark> {text}
				</li>
			))}
		</ul>
	);
}

function Contents({ entry }: { entry: Entry }) {
	const w = useWords(words);
	const c = useWords(common);
	const act = useActNames();
	const roleName = useNames(roleNames);
	return (
		<>
			<Facts
				rows={[
					[c.time, <Time key="at" at={entry.at} />],
					[w.act, `${act(entry.act)} (${entry.act})`],
					[
						w.who,
						entry.actor.account === 0
							? c.system
							: `${entry.actor.name} · ${roleName(entry.actor.role)}`,
					],
					[w.from, entry.actor.from],
					[
						w.subject,
						<span key="subject" className="mono wrap">
							{entry.subject}
						</span>,
					],
				]}
			/>
			<h3>{w.detail}</h3>
			<pre className="bytes">{JSON.stringify(entry.detail, null, 2)}</pre>
			<h3>{w.rows}</h3>
			<ul className="mono wrap">
				{entry.rows.map(([table, id, digest]) => (
					<li key={`${table} ${id}`}>
						{table} {id} {digest === null ? w.deleted : `${digest.slice(0, 16)}…`}
					</li>
				))}
			</ul>
		</>
	);
}

function read(bytes: string): Entry | null {
	try {
		return JSON.parse(bytes) as Entry;
	} catch {
		return null;
	}
}

function Checked({ seq }: { seq: number }) {
	const w = useWords(words);
	const check = useQuery({
		queryKey: ['audit-entry', seq],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: () => checkEntry(seq),
	});
	if (check.isError) return <Failure error={check.error} again={() => check.refetch()} />;
	if (!check.data) return <Skeleton active />;
	const good = check.data.entry === null && check.data.head.fault === null;
	const entry = read(check.data.bytes);
	return (
		<div className="stack">
			<Alert
				type={good ? 'success' : 'error'}
				showIcon
				data-proof={good ? 'good' : 'bad'}
				title={good ? w.entryGood : w.entryBad}
				description={good ? undefined : w.tellSomebody}
			/>
			<Steps of={check.data} />
			{entry && <Contents entry={entry} />}
			<h3>{w.bytes}</h3>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: the drawer scrolls; keys need a place to do it from */}
			<pre className="bytes" tabIndex={0}>
				{check.data.bytes}
			</pre>
		</div>
	);
}

export function EntryDrawer({ seq, close }: { seq: number | undefined; close: () => void }) {
	const w = useWords(words);
	return (
		<Drawer
			open={seq !== undefined}
			onClose={close}
			size={680}
			title={seq === undefined ? '' : w.entry(seq)}
			destroyOnHidden
		>
			{seq !== undefined && <Checked key={seq} seq={seq} />}
		</Drawer>
	);
}
