/** The register of everything that weakens protection now. */
import { useQuery } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Failure } from '../../parts/failure';
import { Page } from '../../parts/page';
import { Time } from '../../parts/time';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './exemption-words';

type Weakening = Schema['Weakening'];

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
	const columns: TableColumnsType<Weakening> = [
		{ title: c.kind, render: (_, r) => w[r.kind] },
		{ title: w.subject, dataIndex: 'subject' },
		{ title: w.what, dataIndex: 'what' },
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
		<Page title={w.exemptions} hint={w.hint}>
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
