/** Units whose breaker stops a mass effect now (invariant 12), and the way past it: two persons. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import { api, call, type Schema, TOKEN } from '../api/client';
import { useMay } from '../api/session';
import { catalogue, useWords } from '../words/catalogue';
import { useAsk } from './ask';
import { Mark } from './mark';
import { useActNames } from './proposal';
import { Time } from './time';

type Breaker = Schema['Breaker'];

const words = catalogue({
	title: (unit: string) => [`熔断：${unit}`, `Breaker: ${unit}`],
	stopped: (effect: string, terminals: number, population: number) => [
		`“${effect}”将同时影响 ${population} 台终端中的 ${terminals} 台，系统已自动停止，终端保持原状态。请先查明原因。`,
		`"${effect}" would touch ${terminals} of ${population} terminals at once. It is stopped and they stay as they are. Find out why first.`,
	],
	held: (effect: string, accounts: number, population: number) => [
		`“${effect}”将同时影响目录中 ${population} 个账号中的 ${accounts} 个，系统已自动停止，账号照常可用。请先查明原因。`,
		`"${effect}" would touch ${accounts} of the directory's ${population} accounts at once. It is stopped and they work on. Find out why first.`,
	],
	since: ['触发时间', 'Since'],
	open: ['已复位，放行至', 'Reset; let through until'],
	reset: ['复位', 'Reset'],
	resetText: [
		'仅在确认这一批量影响属实、确需执行时复位。经第二人确认后，该机构及其下级放行十分钟。',
		'Only when this mass effect is real and wanted. Once a second person confirms, it is let through for ten minutes, in this unit and all below.',
	],
});

function Tripped({ of }: { of: Breaker }) {
	const w = useWords(words);
	const ask = useAsk();
	const act = useActNames();
	const may = useMay('security', 'regional');
	const reset = () =>
		ask({
			title: `${w.reset}: ${of.unit_name}`,
			text: w.resetText,
			danger: true,
			run: ({ reason }) =>
				call(
					api.POST('/breakers/{id}/reset', {
						params: { path: { id: of.unit_id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	return (
		<Alert
			type="error"
			showIcon
			title={w.title(of.unit_name)}
			description={
				<div className="stack">
					<span>
						{of.effect === 'account.disable'
							? w.held(act(of.effect), of.terminals, of.population)
							: w.stopped(act(of.effect), of.terminals, of.population)}
					</span>
					<span className="row soft">
						{w.since} <Time at={of.tripped_at} />
						{of.reset_until_at && (
							<Mark tone="warn">
								{w.open} <Time at={of.reset_until_at} />
							</Mark>
						)}
					</span>
				</div>
			}
			action={
				may &&
				!of.reset_until_at && (
					<Button size="small" danger onClick={reset}>
						{w.reset}
					</Button>
				)
			}
		/>
	);
}

export function Breakers() {
	const breakers = useQuery({
		queryKey: ['breakers'],
		queryFn: async () => (await call(api.GET('/breakers'))).rows,
		refetchInterval: 30_000,
	});
	return breakers.data?.map((b) => <Tripped key={`${b.unit_id} ${b.effect}`} of={b} />);
}
