/** Import: template, file, check that lists every bad row, and only then the import itself. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Radio, Table } from 'antd';
import { useRef, useState } from 'react';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { Failure } from '../../parts/failure';
import { Page, Panel } from '../../parts/page';
import { saveText } from '../../parts/save';
import { useLanguage, useNames, useWords } from '../../words/catalogue';
import { importKindNames } from '../../words/names';
import { words } from './words';

type Report = Schema['ImportReport'];
type Kind = Report['kind'];

const MAX_BYTES = 1 << 20;

/** What office programs open without asking: UTF-8 with its mark, every field quoted. */
const save = (name: string, text: string) => saveText(name, text, 'text/csv');

function Bad({ report }: { report: Report }) {
	const w = useWords(words);
	const language = useLanguage();
	const sentence = (row: Report['bad'][number]) =>
		language === 'zh' ? row.message_zh : row.message_en;
	const quote = (text: string | number) => `"${String(text).replace(/"/g, '""')}"`;
	const saveBad = () => {
		const head = [w.line, w.column, w.value, w.problem];
		const lines = report.bad.map((r) => [r.line, r.column, r.value, sentence(r)]);
		const text = [head, ...lines].map((row) => row.map(quote).join(',')).join('\r\n');
		save(`${report.kind}-errors.csv`, `\ufeff${text}\r\n`);
	};
	return (
		<Panel
			title={w.badRows(report.bad_count)}
			end={
				<Button size="small" onClick={saveBad}>
					{w.saveBad}
				</Button>
			}
		>
			<Table
				size="small"
				aria-label={w.bad}
				dataSource={report.bad}
				rowKey={(r) => `${r.line} ${r.column} ${r.code}`}
				pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
				columns={[
					{ title: w.line, dataIndex: 'line', align: 'right', width: 80 },
					{ title: w.column, render: (_, r) => r.column || w.wholeLine },
					{ title: w.value, render: (_, r) => <span className="mono wrap">{r.value || '—'}</span> },
					{ title: w.problem, render: (_, r) => sentence(r) },
				]}
			/>
		</Panel>
	);
}

function ReportPanel({ report }: { report: Report }) {
	const w = useWords(words);
	const counts = [
		[w.lines, report.lines],
		[w.creates, report.creates],
		[w.updates, report.updates],
		[w.unchanged, report.unchanged],
		[w.bad, report.bad_count],
	] as const;
	return (
		<>
			<div className="numbers">
				{counts.map(([label, n]) => (
					<div key={label} className="panel">
						<span className="soft">{label}</span>
						<b className="big">{n}</b>
					</div>
				))}
			</div>
			{report.committed && <Alert type="success" showIcon title={w.imported} />}
			{!report.committed && report.bad_count === 0 && (
				<Alert type="success" showIcon title={w.good} />
			)}
			{report.bad_count > 0 && <Bad report={report} />}
		</>
	);
}

export default function Import() {
	const w = useWords(words);
	const kindName = useNames(importKindNames);
	const client = useQueryClient();
	const system = useMay('system');
	const security = useMay('security');
	const kinds: Kind[] = [
		...(system ? (['units', 'people'] as const) : []),
		...(security ? (['terminals', 'macs', 'addresses'] as const) : []),
	];
	const [kind, setKind] = useState<Kind>(kinds[0] ?? 'units');
	const [file, setFile] = useState<{ name: string; text: string; large: boolean }>();
	const input = useRef<HTMLInputElement>(null);
	const run = useMutation({
		mutationFn: (commit: boolean) =>
			call(
				api.POST('/imports/{kind}', {
					params: { path: { kind }, query: { commit }, header: TOKEN },
					body: file?.text ?? '',
					bodySerializer: (text) => text,
					headers: { 'Content-Type': 'text/csv' },
				}),
			),
		onSuccess: (report) => report.committed && client.invalidateQueries(),
	});
	const template = useMutation({
		mutationFn: () =>
			call(api.GET('/imports/{kind}/template', { params: { path: { kind } }, parseAs: 'blob' })),
		onSuccess: async (blob) => save(`${kind}.csv`, await (blob as unknown as Blob).text()),
	});
	const choose = async (chosen: File | undefined) => {
		run.reset();
		if (!chosen) return;
		const large = chosen.size > MAX_BYTES;
		setFile({ name: chosen.name, text: large ? '' : await chosen.text(), large });
	};
	const clean = run.data && !run.data.committed && run.data.bad_count === 0;
	return (
		<Page title={w.import} hint={w.importHint}>
			<section className="panel stack">
				<div className="row">
					<Radio.Group
						aria-label={w.importKind}
						optionType="button"
						buttonStyle="solid"
						value={kind}
						options={kinds.map((k) => ({ value: k, label: kindName(k) }))}
						onChange={(e) => {
							setKind(e.target.value);
							setFile(undefined);
							run.reset();
						}}
					/>
					<Button onClick={() => template.mutate()} loading={template.isPending}>
						{w.template}
					</Button>
				</div>
				<div className="row">
					<input
						ref={input}
						type="file"
						accept=".csv,text/csv"
						hidden
						aria-label={w.file}
						onChange={(e) => {
							choose(e.target.files?.[0]);
							e.target.value = '';
						}}
					/>
					<Button onClick={() => input.current?.click()}>{w.chooseFile}</Button>
					<span>{file?.name ?? <span className="soft">{w.noFile}</span>}</span>
				</div>
				<div className="row">
					<Button
						type={clean ? 'default' : 'primary'}
						disabled={!file || file.large}
						loading={run.isPending && !run.variables}
						onClick={() => run.mutate(false)}
					>
						{w.check}
					</Button>
					<Button
						type={clean ? 'primary' : 'default'}
						disabled={!clean}
						loading={run.isPending && run.variables}
						onClick={() => run.mutate(true)}
					>
						{w.commit}
					</Button>
				</div>
				{file?.large && <Alert type="error" showIcon title={w.tooLarge} />}
				{template.isError && <Failure error={template.error} />}
				{run.isError && <Failure error={run.error} />}
			</section>
			{run.data && <ReportPanel report={run.data} />}
		</Page>
	);
}
