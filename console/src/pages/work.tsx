import { useQuery } from '@tanstack/react-query';
import { Button, Empty, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema } from '../api/client';
import { holds, useMe } from '../api/session';
import { useShortcut } from '../app/shortcuts';
import { Mac, Posture, Reason, RequestStatus, Verdict } from '../parts/cells';
import { Failure } from '../parts/failure';
import { Page, Panel } from '../parts/page';
import { useActNames } from '../parts/proposal';
import { useKindNames } from '../parts/request-row';
import { Time } from '../parts/time';
import { catalogue, useWords } from '../words/catalogue';

const words = catalogue({
	title: ['我的工作', 'My work'],
	due: (n: number) => [`待我审批（${n}）`, `Waiting for my decision (${n})`],
	dueNone: ['没有待您审批的申请', 'Nothing waits for your decision'],
	proposals: (n: number) => [`待第二人确认（${n}）`, `Waiting for a second person (${n})`],
	proposalsNone: ['没有待确认的事项', 'Nothing waits for a second person'],
	own: ['我的申请', 'My requests'],
	ownNone: ['您还没有提交过申请', 'You have filed no requests'],
	terminals: ['我的终端', 'My terminals'],
	terminalsNone: ['没有登记在您名下的终端', 'No terminal is registered to you'],
	newRequest: ['新建申请', 'New request'],
	allRequests: ['全部申请', 'All requests'],
	at: ['当前环节：', 'Now with: '],
	online: ['在线', 'Online'],
	offline: ['离线', 'Offline'],
});

function Items(props: { none: string; children: ReactNode[] }) {
	if (props.children.length === 0)
		return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={props.none} />;
	return <ul className="items">{props.children}</ul>;
}

function RequestItem({ of }: { of: Schema['RequestRow'] }) {
	const w = useWords(words);
	const names = useKindNames();
	return (
		<li>
			<Link to={`/requests/${of.id}`}>
				<span className="mono">{of.number}</span> {names.kind(of.kind)}
			</Link>
			<span className="item-main">
				{of.summary}
				<span className="soft">
					{' '}
					{of.applicant_name} · {of.unit_name}
				</span>
			</span>
			{of.status === 'pending' && of.step_name && (
				<span className="soft">
					{w.at}
					{names.step(of.kind, of.step_name)}
				</span>
			)}
			<RequestStatus of={of.status} />
			<Time at={of.created_at} />
		</li>
	);
}

function ProposalItem({ of }: { of: Schema['Proposal'] }) {
	const act = useActNames();
	return (
		<li>
			<Link to="/proposals?open=true">{act(of.act)}</Link>
			<span className="item-main">
				{of.reason}
				<span className="soft"> {of.proposed_by_name}</span>
			</span>
			<Time at={of.proposed_at} />
		</li>
	);
}

function TerminalItem({ of }: { of: Schema['TerminalRow'] }) {
	const w = useWords(words);
	return (
		<li>
			<Link to={`/terminals/${of.id}`}>
				<span className="mono">{of.asset_no}</span> {of.name}
			</Link>
			<span className="item-main">
				<Mac of={of.mac} /> <span className="soft">{of.online ? w.online : w.offline}</span>
			</span>
			{of.verdict && of.verdict !== 'admit' && <Reason of={of.reason} />}
			<Verdict of={of.verdict} />
			<Posture of={of.posture} />
		</li>
	);
}

export default function Work() {
	const w = useWords(words);
	const me = useMe();
	const navigate = useNavigate();
	const auditor = holds(me, 'auditor');
	const work = useQuery({
		queryKey: ['work'],
		queryFn: () => call(api.GET('/work')),
		refetchInterval: 60_000,
	});
	const first = work.data?.approvals[0];
	useShortcut('a', () => first && navigate(`/requests/${first.id}`), first !== undefined);
	if (work.isError) return <Failure error={work.error} again={() => work.refetch()} />;
	if (!work.data) return <Skeleton active />;
	const { approvals, approvals_count, requests, proposals, terminals } = work.data;
	const decides = holds(me, 'security', 'system', 'regional', 'approver');
	return (
		<Page
			title={w.title}
			end={
				!auditor && (
					<Button type="primary" onClick={() => navigate('/requests/new')}>
						{w.newRequest}
					</Button>
				)
			}
		>
			{(decides || approvals.length > 0) && (
				<Panel
					title={w.due(approvals_count)}
					end={<Link to="/requests?view=due">{w.allRequests}</Link>}
				>
					<Items none={w.dueNone}>
						{approvals.map((r) => (
							<RequestItem key={r.id} of={r} />
						))}
					</Items>
				</Panel>
			)}
			{(holds(me, 'security', 'system', 'regional') || proposals.length > 0) && (
				<Panel title={w.proposals(proposals.length)}>
					<Items none={w.proposalsNone}>
						{proposals.map((p) => (
							<ProposalItem key={p.id} of={p} />
						))}
					</Items>
				</Panel>
			)}
			{!auditor && (
				<Panel title={w.own} end={<Link to="/requests?view=own">{w.allRequests}</Link>}>
					<Items none={w.ownNone}>
						{requests.map((r) => (
							<RequestItem key={r.id} of={r} />
						))}
					</Items>
				</Panel>
			)}
			<Panel title={w.terminals}>
				<Items none={w.terminalsNone}>
					{terminals.map((t) => (
						<TerminalItem key={t.id} of={t} />
					))}
				</Items>
			</Panel>
		</Page>
	);
}
