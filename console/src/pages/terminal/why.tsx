/** Why is it out: the reason, what to do, the last knock, the findings. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Skeleton } from 'antd';
import { Link } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { useMay } from '../../api/session';
import { Place, Verdict } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { Facts, Panel } from '../../parts/page';
import { Time } from '../../parts/time';
import { useLanguage, useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { findingNames, methodNames } from '../../words/names';
import { words } from './words';

type WhyFacts = Schema['Why'];

function useHeadline(why: WhyFacts) {
	const w = useWords(words);
	if (why.verdict === null) return { type: 'info', text: w.neverKnocked } as const;
	if (why.verdict === 'reject') return { type: 'error', text: w.isRefused } as const;
	if (why.verdict === 'isolate') return { type: 'warning', text: w.isIsolated } as const;
	return { type: 'success', text: w.isIn } as const;
}

/** The last knock is the past; a gate says what would become of the same one now. */
function AskGate({ knock }: { knock: NonNullable<WhyFacts['knock']> }) {
	const w = useWords(words);
	const may = useMay('security', 'regional', 'auditor');
	if (!may || !knock.switch_id || !knock.port) return null;
	const ask = new URLSearchParams({
		mac: knock.mac,
		switch: String(knock.switch_id),
		port: knock.port,
		...(knock.account && { account: knock.account }),
	});
	return <Link to={`/admission/explain?${ask}`}>{w.askGate}</Link>;
}

function Answer({ why }: { why: WhyFacts }) {
	const w = useWords(words);
	const c = useWords(common);
	const language = useLanguage();
	const findingName = useNames(findingNames);
	const methodName = useNames(methodNames);
	const headline = useHeadline(why);
	const zh = language === 'zh';
	const { reason, would_be, knock } = why;
	const sentence = reason && reason.code !== 'ok' && (zh ? reason.zh : reason.en);
	const stricter = would_be && ![reason?.code, 'ok'].includes(would_be.code);
	const todo =
		why.verdict === null ? w.neverTodo : reason && (zh ? reason.zh_todo : reason.en_todo);
	return (
		<div className="stack">
			<Alert
				type={headline.type}
				showIcon
				title={sentence ? `${headline.text}${zh ? '：' : ': '}${sentence}` : headline.text}
				description={
					todo && (
						<>
							<strong>{w.todo}</strong>
							{zh ? '：' : ': '}
							{todo}
						</>
					)
				}
			/>
			{why.isolated_by_person && reason?.code !== 'isolated-by-person' && (
				<Alert type="warning" showIcon title={w.byPerson} />
			)}
			{stricter && (
				<Alert
					type="warning"
					showIcon
					title={`${w.wouldBe}${zh ? '：' : ': '}${zh ? would_be.zh : would_be.en}`}
					description={zh ? would_be.zh_todo : would_be.en_todo}
				/>
			)}
			{why.findings.length > 0 && (
				<div>
					<strong>{w.findings}</strong>
					<ul>
						{why.findings.map((code) => (
							<li key={code}>{findingName(code)}</li>
						))}
					</ul>
				</div>
			)}
			{knock && <AskGate knock={knock} />}
			{knock && (
				<Facts
					rows={[
						[w.lastKnock, <Time key="at" at={knock.last_at} />],
						[
							c.switchAndPort,
							<Place key="place" switchName={knock.switch_name} port={knock.port} />,
						],
						[c.verdict, <Verdict key="verdict" of={knock.verdict} />],
						[c.method, methodName(knock.method)],
						[c.account, knock.account],
						[
							w.reasonCode,
							<span key="code" className="mono">
								{reason?.code}
							</span>,
						],
						[w.clause, reason?.clause],
					]}
				/>
			)}
		</div>
	);
}

export function Why({ id }: { id: number }) {
	const w = useWords(words);
	const why = useQuery({
		queryKey: ['terminal', id, 'why'],
		queryFn: () => call(api.GET('/terminals/{id}/why', { params: { path: { id } } })),
	});
	const out = why.data && why.data.verdict !== 'admit';
	return (
		<Panel title={out ? w.why : w.whyIn}>
			{why.isError && <Failure error={why.error} again={() => why.refetch()} />}
			{why.isPending && <Skeleton active />}
			{why.data && <Answer why={why.data} />}
		</Panel>
	);
}
