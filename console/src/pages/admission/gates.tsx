/** The gates: which are connected, a further one by two persons, the end of one. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Form, Table, type TableColumnsType } from 'antd';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Failure, useSentence } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { Facts, Page, Panel } from '../../parts/page';
import { saveText } from '../../parts/save';
import { DAY_MS, Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { type GateRequest, parseGateRequest, REQUEST_BYTES_MAX } from './gate-request';
import { words } from './gate-words';

type Gate = Schema['Gate'];

/** A gate renews its certificate long before; one that is due has not. */
const SOON = 30 * DAY_MS;

function RequestFile(props: { value?: GateRequest; onChange?: (value?: GateRequest) => void }) {
	const w = useWords(words);
	const input = useRef<HTMLInputElement>(null);
	const [bad, setBad] = useState(false);
	const choose = async (file: File | undefined) => {
		if (!file) return;
		const request = file.size > REQUEST_BYTES_MAX ? null : parseGateRequest(await file.text());
		setBad(!request);
		props.onChange?.(request ?? undefined);
	};
	return (
		<div className="stack">
			<input
				ref={input}
				type="file"
				accept=".json,application/json"
				hidden
				aria-label={w.request}
				onChange={(e) => {
					choose(e.target.files?.[0]);
					e.target.value = '';
				}}
			/>
			<div className="row">
				<Button onClick={() => input.current?.click()}>{w.choose}</Button>
				{!props.value && !bad && <span className="soft">{w.noFile}</span>}
			</div>
			{bad && <Alert type="error" showIcon title={w.badFile} />}
			{props.value && (
				<>
					<Facts
						rows={[
							[w.nameOf, props.value.name],
							[
								w.fingerprint,
								<code key="print" className="mono">
									{props.value.fingerprint}
								</code>,
							],
						]}
					/>
					<span className="soft">{w.fingerprintHint}</span>
				</>
			)}
		</div>
	);
}

function useGateActs() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const needed = { required: true, message: c.required };
	const add = () =>
		ask({
			title: w.addTitle,
			text: w.addText,
			fields: (
				<>
					<Form.Item name="unit_id" label={c.unit} rules={[needed]}>
						<UnitSelect label={c.unit} />
					</Form.Item>
					<Form.Item name="request" label={w.request} rules={[needed]}>
						<RequestFile />
					</Form.Item>
				</>
			),
			run: ({ reason, unit_id, request }) => {
				const { fingerprint: _, ...keys } = request as GateRequest;
				const body = { ...keys, unit_id, reason };
				return call(api.POST('/gates', { params: { header: TOKEN }, body }));
			},
		});
	const end = (g: Gate) =>
		ask({
			title: `${w.end} ${g.name}`,
			text: w.endText,
			danger: true,
			confirm: w.end,
			run: ({ reason }) =>
				call(
					api.POST('/gates/{id}/end', {
						params: { path: { id: g.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	return { add, end };
}

function Acts({ of, end }: { of: Gate; end: (g: Gate) => void }) {
	const w = useWords(words);
	const sentence = useSentence();
	const { message } = App.useApp();
	const bundle = useMutation({
		mutationFn: () => call(api.GET('/gates/{id}/bundle', { params: { path: { id: of.id } } })),
		onSuccess: (data) => saveText('bundle.json', JSON.stringify(data, null, 1), 'application/json'),
		onError: (error) => message.error(sentence(error)),
	});
	if (of.ended_at) return null;
	return (
		<span className="row nowrap">
			<Button size="small" loading={bundle.isPending} onClick={() => bundle.mutate()}>
				{w.bundle}
			</Button>
			<Button size="small" danger onClick={() => end(of)}>
				{w.end}
			</Button>
		</span>
	);
}

function Line({ of }: { of: Gate }) {
	const w = useWords(words);
	if (of.ended_at) return <Mark>{w.ended}</Mark>;
	return (
		<Mark tone={of.connected ? 'good' : 'bad'}>{of.connected ? w.connected : w.disconnected}</Mark>
	);
}

const PEER_MARKS = {
	new: { tone: 'plain', word: 'peerNew' },
	heard: { tone: 'good', word: 'peerHeard' },
	missing: { tone: 'bad', word: 'peerMissing' },
} as const;

/** The gates that it shares its sessions with, as it sees them. */
function Peers({ of }: { of: Gate }) {
	const w = useWords(words);
	if (!of.peers.length) return '—';
	return (
		<span className="stack">
			{of.peers.map((p) => (
				<span key={p.name} className="row nowrap">
					{p.name}
					<Mark tone={PEER_MARKS[p.state].tone}>{w[PEER_MARKS[p.state].word]}</Mark>
					<span className="soft">{w.peerSessions(p.sessions)}</span>
					{p.state === 'missing' && (
						<span className="soft row nowrap">
							{w.peerSince} <Time at={p.since_at} />
						</span>
					)}
				</span>
			))}
		</span>
	);
}

function useColumns(): TableColumnsType<Gate> {
	const w = useWords(words);
	const c = useWords(common);
	return [
		{ title: c.name, dataIndex: 'name' },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: c.status, render: (_, g) => <Line of={g} /> },
		{ title: w.peers, render: (_, g) => <Peers of={g} /> },
		{
			title: w.certificateUntil,
			render: (_, g) => (
				<span className="row nowrap">
					<Time at={g.certificate_until_at} empty="—" />
					{(g.certificate_until_at ?? Number.POSITIVE_INFINITY) < Date.now() + SOON && (
						<Mark tone="warn">{w.certificateSoon}</Mark>
					)}
				</span>
			),
		},
		{
			title: w.lastSeen,
			render: (_, g) => (g.connected ? w.now : <Time at={g.seen_at} empty={c.never} />),
		},
		{ title: w.snapshot, align: 'right', render: (_, g) => g.snapshot_rev ?? '—' },
		{ title: w.cosigned, align: 'right', render: (_, g) => g.cosigned_size ?? '—' },
	];
}

function Pending() {
	const w = useWords(words);
	const open = useQuery({
		queryKey: ['proposals', { open: true }, 'gate.create'],
		queryFn: async () =>
			(
				await call(api.GET('/proposals', { params: { query: { open: true, limit: 200 } } }))
			).rows.filter((p) => p.act === 'gate.create').length,
	});
	if (!open.data) return null;
	return (
		<Alert
			type="info"
			showIcon
			title={w.pending(open.data)}
			action={<Link to="/proposals?open=true">{w.look}</Link>}
		/>
	);
}

function Steps() {
	const w = useWords(words);
	return (
		<Panel title={w.steps}>
			<ol className="stack steps">
				<li>
					{w.steps1}
					<pre className="bytes">menshen gate request south --out south</pre>
				</li>
				<li>{w.steps2}</li>
				<li>
					{w.steps3}
					<pre className="bytes">
						menshen gate hand-over --request request.json --sealing-key
						/etc/menshen/gate/gate-sealing.key --out sealed
					</pre>
				</li>
				<li>
					{w.steps4}
					<pre className="bytes">
						menshen gate install --out south --bundle bundle.json --sealed sealed --server 10.1.0.2
					</pre>
				</li>
			</ol>
		</Panel>
	);
}

export default function Gates() {
	const w = useWords(words);
	const c = useWords(common);
	const runsSystem = useMay('system');
	const acts = useGateActs();
	const columns = useColumns();
	const gates = useQuery({
		queryKey: ['gates'],
		queryFn: async () => (await call(api.GET('/gates'))).rows,
	});
	if (runsSystem)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, g) => <Acts of={g} end={acts.end} />,
		});
	return (
		<Page
			title={w.title}
			end={
				runsSystem && (
					<Button type="primary" onClick={acts.add}>
						{w.add}
					</Button>
				)
			}
		>
			{runsSystem && <Pending />}
			{gates.isError && <Failure error={gates.error} again={() => gates.refetch()} />}
			<div className="panel panel-flush">
				<Table<Gate>
					size="small"
					aria-label={w.title}
					loading={gates.isPending}
					dataSource={gates.data ?? []}
					rowKey="id"
					pagination={false}
					scroll={{ x: 'max-content' }}
					locale={{ emptyText: gates.isPending ? ' ' : w.none }}
					columns={columns}
				/>
			</div>
			{runsSystem && <Steps />}
		</Page>
	);
}
