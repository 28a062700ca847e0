/** What happened to a terminal: knocks, sessions, guard events, people's acts, newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Empty, Skeleton } from 'antd';
import { api, call, type Schema } from '../../api/client';
import { Reason, Verdict } from '../../parts/cells';
import { useFacts } from '../../parts/facts';
import { Failure } from '../../parts/failure';
import { Panel } from '../../parts/page';
import { useActNames } from '../../parts/proposal';
import { Time } from '../../parts/time';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './words';

type Row = Schema['TimelineRow'];

function Happening({ row }: { row: Row }) {
	const act = useActNames();
	const facts = useFacts();
	const c = useWords(common);
	const { reason: _, ...body } = row.body;
	return (
		<li>
			<Time at={row.at} />
			<strong className="nowrap">{act(row.kind)}</strong>
			{row.verdict && <Verdict of={row.verdict} />}
			<span className="item-wrap">
				{row.reason && <Reason of={row.reason} />}
				{row.account && <span> {row.account === 'menshend' ? c.system : row.account}</span>}
				{row.port && <span className="mono"> {row.port}</span>}
				<span className="soft"> {facts(row.reason ? body : row.body)}</span>
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
