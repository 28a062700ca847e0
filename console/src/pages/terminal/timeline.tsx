/** What happened to a terminal: knocks, sessions, guard events, people's acts, newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Empty, Skeleton } from 'antd';
import { api, call, type Schema } from '../../api/client';
import { Reason, Verdict } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { Panel } from '../../parts/page';
import { useActNames } from '../../parts/proposal';
import { Time, timeText } from '../../parts/time';
import { catalogue, type Pair, pick, useLanguage, useNames, useWords } from '../../words/catalogue';
import { methodNames, postureNames, verdictNames } from '../../words/names';
import { findingNames, words } from './words';

type Row = Schema['TimelineRow'];

/** The small facts of a record that say something to a person; the others stay in the log. */
const factNames: Record<string, Pair> = catalogue({
	method: ['认证方式', 'method'],
	address: ['IP地址', 'address'],
	was: ['原为', 'was'],
	posture: ['现为', 'now'],
	failing: ['未通过', 'failing'],
	reason: ['理由', 'reason'],
	until_at: ['至', 'until'],
	os: ['操作系统', 'system'],
	agent: ['客户端', 'agent'],
	user: ['使用人', 'user'],
	gate: ['准入服务器', 'gate'],
	cause: ['原因', 'cause'],
	asset_no: ['资产编号', 'asset'],
	name: ['名称', 'name'],
	mac: ['MAC地址', 'MAC'],
	by: ['操作人', 'by'],
});

const valueNames: Record<string, Pair> = {
	...methodNames,
	...postureNames,
	...findingNames,
	...verdictNames,
};

function usePlain(): (body: Record<string, unknown>) => string {
	const language = useLanguage();
	const value = useNames(valueNames);
	const colon = language === 'zh' ? '：' : ': ';
	return (body) =>
		Object.entries(body)
			.filter(
				([name, v]) => name in factNames && ['string', 'number'].includes(typeof v) && v !== '',
			)
			.map(([name, v]) => {
				const text = name.endsWith('_at')
					? timeText(Number(v))
					: String(v).split(',').map(value).join(', ');
				return `${pick(factNames[name] as Pair, language)}${colon}${text}`;
			})
			.join(' · ');
}

function Happening({ row }: { row: Row }) {
	const act = useActNames();
	const plain = usePlain();
	return (
		<li>
			<Time at={row.at} />
			<strong className="nowrap">{act(row.kind)}</strong>
			{row.verdict && <Verdict of={row.verdict} />}
			<span className="item-wrap">
				{row.reason && <Reason of={row.reason} />}
				{row.account && <span> {row.account}</span>}
				{row.port && <span className="mono"> {row.port}</span>}
				<span className="soft"> {plain(row.body)}</span>
			</span>
		</li>
	);
}

export function Timeline({ id }: { id: number }) {
	const w = useWords(words);
	const pages = useInfiniteQuery({
		queryKey: ['terminal', id, 'timeline'],
		initialPageParam: undefined as string | undefined,
		queryFn: ({ pageParam }) =>
			call(
				api.GET('/terminals/{id}/timeline', {
					params: { path: { id }, query: { after: pageParam, limit: 50 } },
				}),
			),
		getNextPageParam: (last) => last.next ?? undefined,
	});
	const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
	return (
		<Panel title={w.timeline}>
			{pages.isError && <Failure error={pages.error} again={() => pages.refetch()} />}
			{pages.isPending && <Skeleton active />}
			{pages.isSuccess && rows.length === 0 && (
				<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={w.timelineNone} />
			)}
			<ol className="items">
				{rows.map((row) => (
					<Happening key={`${row.at} ${row.kind} ${JSON.stringify(row.body)}`} row={row} />
				))}
			</ol>
			{pages.hasNextPage && (
				<Button onClick={() => pages.fetchNextPage()} loading={pages.isFetchingNextPage}>
					{w.timelineMore}
				</Button>
			)}
		</Panel>
	);
}
