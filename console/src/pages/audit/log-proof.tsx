/** The whole log's state in one sentence, green or red. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button } from 'antd';
import { Failure } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { Facts, Panel } from '../../parts/page';
import { Time } from '../../parts/time';
import { forget } from '../../proof/kept';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { type Cosigned, checkLog, type HeadCheck, trustGateKeys } from './proof';
import { words } from './words';

function useSentence(check: HeadCheck | undefined): string {
	const w = useWords(words);
	if (!check) return w.checking;
	const count = (n: number) => n.toLocaleString();
	const bad = {
		'unknown-key': w.badUnknownKey,
		signature: w.badSignature,
		shorter: w.badShorter,
		forked: w.badForked,
		rewritten: w.badRewritten,
		malformed: w.badMalformed,
	};
	if (check.fault) return bad[check.fault];
	const size = check.head?.size ?? 0;
	if (!check.kept) return w.first(count(size));
	if (check.kept.size === size) return w.same(count(size));
	return w.grown(count(check.kept.size), count(size));
}

const TONES = { good: 'good', bad: 'bad', 'new-key': 'warn', unchecked: 'plain' } as const;

function Cosigns({ of }: { of: Cosigned | null }) {
	const w = useWords(words);
	const client = useQueryClient();
	const said = {
		good: w.cosign_good,
		bad: w.cosign_bad,
		'new-key': w.cosign_new_key,
		unchecked: w.cosign_unchecked,
	};
	if (!of) return <span className="soft">{w.cosignedNone}</span>;
	return (
		<span className="row" title={w.cosignHint}>
			{w.cosignedTo(of.size.toLocaleString())}
			{of.of.map(({ gate, verdict }) => (
				<span key={gate} data-cosign={verdict}>
					{gate} <Mark tone={TONES[verdict]}>{said[verdict]}</Mark>
				</span>
			))}
			{of.of.some(({ verdict }) => verdict === 'new-key') && (
				<Button
					size="small"
					onClick={async () => {
						await trustGateKeys();
						client.invalidateQueries({ queryKey: ['audit-proof'] });
					}}
				>
					{w.cosignTrust}
				</Button>
			)}
		</span>
	);
}

export function LogProof() {
	const w = useWords(words);
	const c = useWords(common);
	const client = useQueryClient();
	const { modal } = App.useApp();
	const check = useQuery({
		queryKey: ['audit-proof'],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: checkLog,
	});
	const sentence = useSentence(check.data);
	const startAnew = () =>
		modal.confirm({
			title: w.trustAnew,
			content: w.trustAnewText,
			okText: w.trustAnew,
			okButtonProps: { danger: true },
			cancelText: c.cancel,
			onOk: () => {
				forget();
				client.invalidateQueries({ queryKey: ['audit-proof'] });
				client.removeQueries({ queryKey: ['audit-entry'] });
			},
		});
	const { head, fault, kept, cosigned } = check.data ?? {};
	return (
		<Panel
			title={w.proof}
			end={
				<Button size="small" loading={check.isFetching} onClick={() => check.refetch()}>
					{w.check}
				</Button>
			}
		>
			{check.isError && <Failure error={check.error} again={() => check.refetch()} />}
			{!check.isError && (
				<Alert
					type={!check.data ? 'info' : fault ? 'error' : 'success'}
					showIcon
					role="status"
					data-proof={!check.data ? 'checking' : fault ? 'bad' : 'good'}
					title={sentence}
					description={fault ? w.tellSomebody : undefined}
					action={
						fault && (
							<Button size="small" onClick={startAnew}>
								{w.trustAnew}
							</Button>
						)
					}
				/>
			)}
			{head && (
				<div className="proof-facts">
					<Facts
						rows={[
							[
								w.entries,
								<span key="size" className="num">
									{head.size.toLocaleString()}
								</span>,
							],
							[w.at, <Time key="at" at={head.at} />],
							[w.algorithms, `${head.hash.toUpperCase()} · ${head.sign.toUpperCase()}`],
						]}
					/>
					<Facts
						rows={[
							[
								w.key,
								<span key="key" className="mono">
									{head.key}
								</span>,
							],
							[w.cosigned, <Cosigns key="cosigns" of={cosigned ?? null} />],
							[
								w.keptFrom,
								kept ? (
									<span key="kept">
										<Time at={kept.at} /> · {kept.size.toLocaleString()}
									</span>
								) : (
									c.never
								),
							],
						]}
					/>
				</div>
			)}
		</Panel>
	);
}
