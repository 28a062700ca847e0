/** Before a switch is thrown: who would be kept out, by the last knocks and by a dry run. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Modal, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { api, call, type Schema, TOKEN } from '../../api/client';
import type { Unit } from '../../api/units';

import { Mac, Place, TerminalLink, Verdict } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { saveText } from '../../parts/save';
import { timeText } from '../../parts/time';
import { useLanguage, useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { modeNames } from '../../words/names';
import { DraftChoice, NO_DRAFT, policyOf, useWaiting } from './draft';
import { words } from './rollout-words';

type DryRunRow = Schema['DryRunRow'];
type ReasonText = Schema['ReasonText'];

function useSentence() {
	const zh = useLanguage() === 'zh';
	return (r: ReasonText) => (zh ? r.zh : r.en);
}

export function EnforcePreview({ unit }: { unit: Unit }) {
	const w = useWords(words);
	const sentence = useSentence();
	const preview = useQuery({
		queryKey: ['enforce-preview', unit.id],
		queryFn: () =>
			call(api.GET('/units/{id}/enforce-preview', { params: { path: { id: unit.id } } })),
	});
	if (preview.isError) return <Failure error={preview.error} />;
	if (!preview.data) return null;
	const { seen, kept_out, rows } = preview.data;
	return (
		<div className="stack">
			<Alert
				type={kept_out > 0 ? 'warning' : 'success'}
				showIcon
				title={w.previewCount(kept_out, seen)}
			/>
			{kept_out > 0 && (
				<Table
					size="small"
					aria-label={w.previewList}
					dataSource={rows}
					rowKey={(r) => r.mac}
					pagination={{ pageSize: 8, hideOnSinglePage: true, size: 'small' }}
					columns={[
						{
							title: w.device,
							render: (_, r) =>
								r.terminal_id ? (
									<TerminalLink id={r.terminal_id} name={r.asset_no} />
								) : (
									<Mac of={r.mac} />
								),
						},
						{ title: w.owner, render: (_, r) => r.owner ?? '—' },
						{
							title: w.place,
							render: (_, r) => <Place switchName={r.switch_name} port={r.port} />,
						},
						{ title: w.why, render: (_, r) => sentence(r.reason) },
					]}
				/>
			)}
		</div>
	);
}

/** A spreadsheet takes what begins like this for a formula. */
const cell = (v: string | number | null) =>
	`"${String(v ?? '')
		.replace(/^[=+\-@\t]/, "'$&")
		.replaceAll('"', '""')}"`;

function asCsv(head: string, rows: DryRunRow[]): string {
	const lines = rows.map((r) =>
		[
			r.person,
			r.account,
			r.asset_no,
			r.mac,
			r.unit_name,
			r.switch_name,
			r.port,
			r.times,
			timeText(r.first_at),
			timeText(r.last_at),
			r.verdict,
			r.reason.code,
			r.reason.zh,
			r.reason.en,
			r.today,
			r.today_reason.zh,
			r.today_reason.en,
		]
			.map(cell)
			.join(','),
	);
	return `\ufeff${[head, ...lines].join('\r\n')}\r\n`;
}

function Rows({ rows }: { rows: DryRunRow[] }) {
	const w = useWords(words);
	const sentence = useSentence();
	const columns: TableColumnsType<DryRunRow> = [
		{ title: w.person, render: (_, r) => r.person ?? (r.account || '—') },
		{
			title: w.device,
			render: (_, r) =>
				r.terminal_id ? <TerminalLink id={r.terminal_id} name={r.asset_no} /> : <Mac of={r.mac} />,
		},
		{ title: w.place, render: (_, r) => <Place switchName={r.switch_name} port={r.port} /> },
		{ title: w.times, align: 'right', render: (_, r) => r.times },
		{ title: w.why, render: (_, r) => sentence(r.reason) },
		{ title: w.today, render: (_, r) => <Verdict of={r.today} /> },
	];
	return (
		<Table<DryRunRow>
			size="small"
			aria-label={w.previewList}
			dataSource={rows}
			columns={columns}
			rowKey={(r) => `${r.mac} ${r.switch_name} ${r.port} ${r.account} ${r.reason.code}`}
			pagination={{ pageSize: 10, hideOnSinglePage: true, size: 'small' }}
			locale={{ emptyText: w.previewNone }}
		/>
	);
}

export function DryRun({ unit, close }: { unit: Unit; close: () => void }) {
	const w = useWords(words);
	const c = useWords(common);
	const modeName = useNames(modeNames);
	const [mode, setMode] = useState<Unit['mode']>('enforce');
	const [days, setDays] = useState(30);
	const [without, setWithout] = useState<string[]>([]);
	const [draft, setDraft] = useState(NO_DRAFT);
	const waiting = useWaiting().data ?? [];
	const policy = policyOf(draft, waiting);
	const run = useMutation({
		mutationFn: () =>
			call(
				api.POST('/admission/dry-run', {
					params: { header: TOKEN },
					body: {
						unit_id: unit.id,
						days,
						mode,
						...(policy && { policy }),
						without_exemptions: without.includes('exemptions'),
						without_bypasses: without.includes('bypasses'),
					},
				}),
			),
	});
	return (
		<Modal
			open
			width={920}
			title={w.dryRunTitle(unit.name)}
			onCancel={close}
			onOk={() => run.mutate()}
			okText={w.run}
			cancelText={c.close}
			confirmLoading={run.isPending}
			okButtonProps={{ disabled: policy === null }}
		>
			<div className="stack">
				<div>{w.dryRunText}</div>
				<div className="row">
					<Select
						aria-label={c.mode}
						value={mode}
						onChange={setMode}
						options={(['observe', 'warn', 'enforce'] as const).map((m) => ({
							value: m,
							label: modeName(m),
						}))}
					/>
					<Select
						aria-label={w.days}
						value={days}
						onChange={setDays}
						options={[7, 30, 90].map((n) => ({ value: n, label: `${n}` }))}
					/>
					<Checkbox.Group
						value={without}
						onChange={setWithout}
						options={[
							{ value: 'exemptions', label: w.withoutExemptions },
							{ value: 'bypasses', label: w.withoutBypasses },
						]}
					/>
				</div>
				<DraftChoice waiting={waiting} draft={draft} set={setDraft} />
				{policy === null && draft.typed !== '' && (
					<Alert type="warning" showIcon title={w.policyWrong} />
				)}
				{run.isError && <Failure error={run.error} />}
				{run.data && (
					<>
						<Alert
							type={run.data.devices + run.data.not_replayed > 0 ? 'warning' : 'success'}
							showIcon
							title={w.replayed(run.data.replayed, run.data.devices)}
							description={[
								run.data.let_in > 0 ? w.letIn(run.data.let_in) : '',
								run.data.not_replayed > 0 ? w.notReplayed(run.data.not_replayed) : '',
							]
								.filter(Boolean)
								.join(' · ')}
						/>
						<Rows rows={run.data.rows} />
						{run.data.rows.length > 0 && (
							<Button
								onClick={() =>
									saveText('dry-run.csv', asCsv(w.csvHead, run.data?.rows ?? []), 'text/csv')
								}
							>
								{w.download}
							</Button>
						)}
					</>
				)}
			</div>
		</Modal>
	);
}
