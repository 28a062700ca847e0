/** The bank's directory whose people are read every night: what the last reading did, and a reading
 * now. Nothing where none is set up. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { api, call, type Schema, TOKEN } from '../api/client';
import { useMay } from '../api/session';
import { catalogue, useLanguage, useWords } from '../words/catalogue';
import { useAsk } from './ask';
import { Time } from './time';

type Run = Schema['DirectoryRun'];

const words = catalogue({
	title: (at: string) => [
		`目录人员同步：每日 ${at}`,
		`People from the directory: every day at ${at}`,
	],
	never: ['尚未同步', 'Not read yet'],
	running: ['正在同步', 'Reading now'],
	last: ['上次同步', 'Last reading'],
	failed: (why: string) => [
		`同步失败，人员和账号保持原状：${why}`,
		`It failed; people and accounts stay as they are: ${why}`,
	],
	held: (n: number) => [
		`目录中突然缺少 ${n} 个账号，已触发熔断，账号照常可用。请核对目录与查询条件；确属离职的，由两人在总览页复位熔断后再次同步。`,
		`${n} accounts are suddenly gone from the directory. The breaker holds them and they work on. Look at the directory and its filter; if these people have left, two persons reset the breaker on the overview, then read again.`,
	],
	done: (people: number, created: number, updated: number, disabled: number) => [
		`目录共 ${people} 人：新增 ${created}，变更 ${updated}，已不在目录而停用 ${disabled}`,
		`${people} people: ${created} new, ${updated} changed, ${disabled} gone and disabled`,
	],
	bad: (n: number) => [`另有 ${n} 条无法导入：`, `${n} entries cannot be taken:`],
	read: ['立即同步', 'Read now'],
});

function Result({ of }: { of: Run }) {
	const w = useWords(words);
	const zh = useLanguage() === 'zh';
	return (
		<div className="stack">
			<span className="row soft">
				{w.last} <Time at={of.started_at} />
			</span>
			{of.result === 'failed' && <span>{w.failed(of.error)}</span>}
			{of.result !== 'failed' && (
				<span>{w.done(of.people, of.created, of.updated, of.disabled)}</span>
			)}
			{of.held > 0 && <span>{w.held(of.held)}</span>}
			{of.bad > 0 && <span>{w.bad(of.bad)}</span>}
			{of.bad_shown.map((b) => (
				<span key={b.person} className="soft">
					<span className="mono">{b.person}</span> {zh ? b.message_zh : b.message_en}
				</span>
			))}
		</div>
	);
}

export function DirectoryState() {
	const w = useWords(words);
	const ask = useAsk();
	const client = useQueryClient();
	const reads = useMay('security', 'system', 'auditor');
	const may = useMay('system');
	const directory = useQuery({
		queryKey: ['directory'],
		queryFn: () => call(api.GET('/directory')),
		enabled: reads,
		refetchInterval: (query) => (query.state.data?.running ? 2_000 : 60_000),
	});
	const d = directory.data;
	if (!d?.set_up) return null;
	const read = () =>
		ask({
			title: w.read,
			run: async ({ reason }) => {
				const answer = await call(
					api.POST('/directory/sync', { params: { header: TOKEN }, body: { reason } }),
				);
				client.setQueryData(['directory'], answer);
				return answer;
			},
		});
	const tone = d.last?.result === 'failed' || d.last?.result === 'held' ? 'warning' : 'info';
	return (
		<Alert
			type={tone}
			showIcon
			title={w.title(d.at)}
			description={d.running ? w.running : d.last ? <Result of={d.last} /> : w.never}
			action={
				may && (
					<Button size="small" disabled={d.running} onClick={read}>
						{w.read}
					</Button>
				)
			}
		/>
	);
}
