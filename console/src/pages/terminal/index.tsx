import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useParams } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { Lifeline, Mac, Place, Posture, TerminalStatus } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { Facts, Page, Panel } from '../../parts/page';
import { useTerminalActs } from '../../parts/terminal-acts';
import { dateText, momentText, Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { terminalKindNames } from '../../words/names';
import { useActs } from './acts';
import { Inventory } from './inventory';
import { Timeline } from './timeline';
import { Why } from './why';
import { words } from './words';

type Terminal = Schema['Terminal'];

function About({ t }: { t: Terminal }) {
	const w = useWords(words);
	const c = useWords(common);
	const kindName = useNames(terminalKindNames);
	return (
		<Panel title={w.facts}>
			<Facts
				rows={[
					[c.kind, kindName(t.kind)],
					[c.status, <TerminalStatus key="status" of={t.status} />],
					[c.unit, t.unit_name],
					[c.owner, t.owner_name],
					[w.place, t.place],
					[
						w.posture,
						<span key="posture" className="row">
							<Posture of={t.posture} /> <Time at={t.posture_at} />
						</span>,
					],
					[w.seen, <Time key="seen" at={t.seen_at} empty={c.never} />],
					[w.user, t.user],
					[c.address, t.address],
					[w.os, t.os],
					[w.agent, t.agent_version],
					[w.serial, t.hardware_serial],
					[w.registered, <Time key="registered" at={t.registered_at} empty={c.never} />],
					[w.certificate, t.certificate && <span className="mono wrap">{t.certificate}</span>],
					...(t.isolated_at
						? ([
								[w.isolatedReason, t.isolated_reason],
								[
									w.isolatedUntil,
									<Time key="until" at={t.isolated_until} empty={c.untilReleased} />,
								],
							] as [string, React.ReactNode][])
						: []),
				]}
			/>
		</Panel>
	);
}

function Places({ t }: { t: Terminal }) {
	const w = useWords(words);
	return (
		<ul className="items">
			{t.places.map((p) => (
				<li key={`${p.mac}${p.switch_id}`}>
					<span className="item-wrap">
						{w.seenAt(p.switch_name, p.port, momentText(p.last_at))}
						{t.macs.length > 1 && (
							<div>
								<Mac of={p.mac} />
							</div>
						)}
					</span>
					<Mark tone={p.here ? 'good' : 'plain'}>{p.here ? w.stillThere : w.notThere}</Mark>
				</li>
			))}
		</ul>
	);
}

function Network({ t }: { t: Terminal }) {
	const w = useWords(words);
	const c = useWords(common);
	const acts = useActs(t);
	return (
		<>
			<Panel
				title={w.accounts}
				end={
					acts.administers && (
						<Button size="small" onClick={acts.addAccount}>
							{w.addAccount}
						</Button>
					)
				}
			>
				<ul className="items">
					{t.accounts.length === 0 && <li className="soft">{c.none}</li>}
					{t.accounts.map((a) => (
						<li key={a.account_id}>
							<span className="item-main">
								{a.account} <span className="soft">{a.person_name}</span>
							</span>
							{acts.administers && (
								<Button size="small" onClick={() => acts.endAccount(a.account_id, a.account)}>
									{c.end}
								</Button>
							)}
						</li>
					))}
				</ul>
			</Panel>
			<Panel title={w.macs}>
				<ul className="items">
					{t.macs.length === 0 && <li className="soft">{c.none}</li>}
					{t.macs.map((mac) => (
						<li key={mac}>
							<Mac of={mac} />
						</li>
					))}
				</ul>
			</Panel>
			{t.places.length > 0 && (
				<Panel title={w.places}>
					<Places t={t} />
				</Panel>
			)}
			{t.permits.length > 0 && (
				<Panel title={w.permits}>
					<ul className="items">
						{t.permits.map((p) => (
							<li key={p.id}>
								<Mac of={p.mac} />
								<Place switchName={p.switch_name} port={p.port} />
								<span className="num">
									{dateText(p.from_at)} – {dateText(p.until_at)}
								</span>
							</li>
						))}
					</ul>
				</Panel>
			)}
		</>
	);
}

export default function TerminalPage() {
	const c = useWords(common);
	const w = useWords(words);
	const id = Number(useParams().id);
	const terminal = useQuery({
		queryKey: ['terminal', id],
		queryFn: () => call(api.GET('/terminals/{id}', { params: { path: { id } } })),
	});
	const t = terminal.data;
	const acts = useActs(t);
	const put = useTerminalActs();
	if (terminal.isError) return <Failure error={terminal.error} again={() => terminal.refetch()} />;
	if (!t) return <Skeleton active />;
	return (
		<Page
			title={`${c.terminal} ${t.asset_no}${t.name ? ` · ${t.name}` : ''}`}
			end={
				<>
					<Lifeline on={t.lifeline} />
					<Mark tone={t.online ? 'good' : 'plain'}>{t.online ? c.online : c.offline}</Mark>
					{acts.administers && <Button onClick={acts.edit}>{w.edit}</Button>}
					{acts.administers && <Button onClick={acts.enrolCode}>{w.enrolCode}</Button>}
					{acts.secures && (
						<Button onClick={acts.lifeline}>{t.lifeline ? w.lifelineOff : w.lifelineOn}</Button>
					)}
					{put.may &&
						(t.isolated_at ? (
							<Button type="primary" onClick={() => put.release(t)}>
								{put.words.release}
							</Button>
						) : (
							<Button danger onClick={() => put.isolate(t)}>
								{put.words.isolate}
							</Button>
						))}
				</>
			}
		>
			<div className="two">
				<div className="stack">
					<Why id={id} />
					<Timeline id={id} />
					<Inventory id={id} />
				</div>
				<div className="stack">
					<About t={t} />
					<Network t={t} />
				</div>
			</div>
		</Page>
	);
}
