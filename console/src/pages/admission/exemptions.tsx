/** The register of everything that weakens protection now. */
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Select, Table, type TableColumnsType } from 'antd';
import { ApiError, api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Expiry } from '../../parts/expiry';
import { Failure } from '../../parts/failure';
import { Page } from '../../parts/page';
import { DAY_MS, Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { findingNames } from '../../words/names';
import { words } from './exemption-words';

type Weakening = Schema['Weakening'];

/** A number is shown with its unit. */
function whatOf(r: Weakening, w: { hours: string; days: string }): string {
	if (r.kind === 'posture-grace') return `${r.what} ${w.hours}`;
	if (r.kind === 'last-known') return `${r.what} ${w.days}`;
	return r.what;
}

/** The terminal of that asset number, and of no other. */
async function terminalOf(asset: string): Promise<number> {
	const q = asset.trim();
	const page = await call(api.GET('/terminals', { params: { query: { q, limit: 50 } } }));
	const found = page.rows.find((t) => t.asset_no.toLowerCase() === q.toLowerCase());
	if (!found) throw new ApiError(404, 'not-found', ...pairOf(words.noTerminal));
	return found.id;
}

const pairOf = ([zh, en]: readonly [string, string]): [string, string] => [zh, en];

function useProposal() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const findingName = useNames(findingNames);
	const needed = { required: true, message: c.required };
	const whats = [
		{ value: 'supplicant', label: w.supplicant },
		{ value: 'account-live', label: w['account-live'] },
		...['antivirus', ...Object.keys(findingNames)].map((code) => ({
			value: code,
			label: code === 'antivirus' ? w.antivirus : findingName(code),
		})),
	];
	return () =>
		ask({
			title: w.propose,
			text: w.proposeText,
			initial: { expiry: 7 * DAY_MS },
			fields: (
				<>
					<Form.Item name="asset" label={c.asset} rules={[needed]}>
						<Input maxLength={32} className="mono" />
					</Form.Item>
					<Form.Item name="what" label={w.what} rules={[needed]}>
						<Select aria-label={w.what} options={whats} />
					</Form.Item>
					<Expiry open={false} />
				</>
			),
			run: async ({ asset, what, expiry, reason }) =>
				call(
					api.POST('/exemptions', {
						params: { header: TOKEN },
						body: {
							terminal_id: await terminalOf(asset),
							what,
							until_at: Date.now() + expiry - 60_000,
							reason,
						},
					}),
				),
		});
}

export default function Exemptions() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const may = useMay('security', 'regional');
	const register = useQuery({
		queryKey: ['exemptions'],
		queryFn: () => call(api.GET('/exemptions')),
	});
	const end = (r: Weakening) =>
		ask({
			title: w.end,
			text: `${r.subject} ${r.what}`,
			run: ({ reason }) =>
				call(
					api.POST('/exemptions/{id}/end', {
						params: { path: { id: r.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const propose = useProposal();
	const columns: TableColumnsType<Weakening> = [
		{ title: c.kind, render: (_, r) => w[r.kind] },
		{ title: w.subject, dataIndex: 'subject' },
		{ title: w.what, render: (_, r) => whatOf(r, w) },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: c.reason, dataIndex: 'reason' },
		{ title: w.askedBy, dataIndex: 'asked_by' },
		{ title: w.confirmedBy, dataIndex: 'confirmed_by' },
		{ title: w.from, render: (_, r) => <Time at={r.from_at} empty="—" /> },
		{ title: c.until, render: (_, r) => <Time at={r.until_at} empty={w.noEnd} /> },
	];
	if (may)
		columns.push({
			title: c.actions,
			render: (_, r) =>
				r.kind === 'exemption' ? (
					<Button size="small" onClick={() => end(r)}>
						{w.end}
					</Button>
				) : null,
		});
	return (
		<Page
			title={w.exemptions}
			hint={w.hint}
			end={
				may && (
					<Button type="primary" onClick={propose}>
						{w.propose}
					</Button>
				)
			}
		>
			{register.error ? (
				<Failure error={register.error} />
			) : (
				<Table<Weakening>
					aria-label={w.exemptions}
					size="small"
					loading={register.isPending}
					columns={columns}
					dataSource={register.data?.rows ?? []}
					rowKey={(r) => `${r.kind}:${r.id}`}
					pagination={{ pageSize: 50, hideOnSinglePage: true }}
					locale={{ emptyText: w.none }}
				/>
			)}
		</Page>
	);
}
