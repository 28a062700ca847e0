import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { Link } from 'react-router';
import { api, call } from '../api/client';
import { holds, useMe } from '../api/session';
import { Breakers } from '../parts/breakers';
import { Failure } from '../parts/failure';
import { useFilters } from '../parts/filters';
import { Page, Panel } from '../parts/page';
import { catalogue, useNames, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { modeNames, postureNames, terminalStatusNames } from '../words/names';

const words = catalogue({
	title: ['概况', 'Overview'],
	terminals: ['终端总数', 'Terminals'],
	sessions: ['在线会话', 'Open sessions'],
	isolated: ['隔离修复区内', 'In isolation'],
	isolatedByPerson: ['人工隔离', 'Isolated by a person'],
	unknown: ['未登记设备（7天内）', 'Unknown devices (7 days)'],
	refused: ['今日未准入', 'Not admitted today'],
	requests: ['审批中的申请', 'Pending requests'],
	proposals: ['待复核事项', 'Waiting for a second person'],
	bypasses: ['应急旁路中', 'Bypasses in force'],
	gates: ['准入服务器（连接/总数）', 'Gates (connected/all)'],
	audit: ['审计日志条数', 'Audit log entries'],
	byStatus: ['终端状态', 'Terminals by status'],
	byPosture: ['安全检查', 'Terminals by posture'],
	byMode: ['机构准入模式', 'Units by mode'],
});

export default function Overview() {
	const w = useWords(words);
	const c = useWords(common);
	const me = useMe();
	const filters = useFilters();
	const unit = filters.number('unit');
	const statusName = useNames(terminalStatusNames);
	const postureName = useNames(postureNames);
	const modeName = useNames(modeNames);
	const overview = useQuery({
		queryKey: ['overview', unit],
		queryFn: () => call(api.GET('/overview', { params: { query: { unit } } })),
		refetchInterval: 30_000,
	});
	if (overview.isError) return <Failure error={overview.error} again={() => overview.refetch()} />;
	const o = overview.data;
	const to = (path: string) => {
		if (!unit) return path;
		return `${path}${path.includes('?') ? '&' : '?'}unit=${unit}`;
	};
	const watches = holds(me, 'security', 'regional', 'auditor');
	const administers = watches || holds(me, 'system');
	const numbers: [string, string | number, string | undefined][] = o
		? [
				[w.terminals, o.terminals, '/terminals'],
				[w.sessions, o.sessions_open, watches ? '/admission/sessions?open=true' : undefined],
				[w.isolated, o.sessions_isolated, watches ? '/admission/live?verdict=isolate' : undefined],
				[w.isolatedByPerson, o.isolated_by_person, '/terminals?isolated=true'],
				[w.unknown, o.unknown_devices, watches ? '/admission/unknown' : undefined],
				[w.refused, o.knocks_refused_today, watches ? '/admission/live?verdict=reject' : undefined],
				[w.requests, o.requests_pending, '/requests?status=pending'],
				[w.proposals, o.proposals_open, administers ? '/proposals?open=true' : undefined],
				[w.bypasses, o.bypasses_open, administers ? '/admission/bypasses' : undefined],
				[
					w.gates,
					`${o.gates_connected} / ${o.gates}`,
					administers ? '/admission/gates' : undefined,
				],
				[w.audit, o.audit_size, holds(me, 'auditor') ? '/audit' : undefined],
			]
		: [];
	const groups: [string, Record<string, number>, (code: string) => string, string | undefined][] = o
		? [
				[w.byStatus, o.by_status, statusName, '/terminals?status='],
				[w.byPosture, o.by_posture, postureName, '/terminals?posture='],
				[w.byMode, o.units_by_mode, modeName, undefined],
			]
		: [];
	return (
		<Page title={w.title} tree="terminals">
			{administers && <Breakers />}
			{!o && <Skeleton active />}
			<div className="numbers">
				{numbers.map(([label, value, path]) =>
					path ? (
						<Link key={label} to={to(path)} className="panel number">
							<span className="soft">{label}</span>
							<b>{value.toLocaleString()}</b>
						</Link>
					) : (
						<div key={label} className="panel number">
							<span className="soft">{label}</span>
							<b>{value.toLocaleString()}</b>
						</div>
					),
				)}
			</div>
			<div className="panels three">
				{groups.map(([title, counts, name, path]) => (
					<Panel key={title} title={title}>
						{Object.keys(counts).length === 0 && <span className="soft">{c.none}</span>}
						<ul className="items">
							{Object.entries(counts).map(([code, n]) => (
								<li key={code}>
									<span className="item-main">
										{path ? <Link to={to(path + code)}>{name(code)}</Link> : name(code)}
									</span>
									<span className="num">{n.toLocaleString()}</span>
								</li>
							))}
						</ul>
					</Panel>
				))}
			</div>
		</Page>
	);
}
