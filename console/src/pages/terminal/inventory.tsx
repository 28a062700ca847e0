/** What the agent found on the terminal: hardware, system, network cards, users, packages. */
import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { api, call } from '../../api/client';
import { Failure } from '../../parts/failure';
import { Panel } from '../../parts/page';
import { Time } from '../../parts/time';
import { catalogue, useNames, useWords } from '../../words/catalogue';
import { words } from './words';

const sectionNames = catalogue({
	hardware: ['硬件', 'Hardware'],
	system: ['系统', 'System'],
	network: ['网卡', 'Network cards'],
	users: ['用户', 'Users'],
	packages: ['软件', 'Packages'],
});

function told(body: unknown): string {
	if (typeof body !== 'object' || body === null) return String(body ?? '');
	return Object.entries(body)
		.map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
		.join(' · ');
}

export function Inventory({ id }: { id: number }) {
	const w = useWords(words);
	const sectionName = useNames(sectionNames);
	const inventory = useQuery({
		queryKey: ['terminal', id, 'inventory'],
		queryFn: () =>
			call(
				api.GET('/terminals/{id}/inventory', {
					params: { path: { id }, query: { limit: 200 } },
				}),
			),
	});
	return (
		<Panel title={w.inventory}>
			{inventory.isError ? (
				<Failure error={inventory.error} again={() => inventory.refetch()} />
			) : (
				<Table
					size="small"
					aria-label={w.inventory}
					loading={inventory.isPending}
					dataSource={inventory.data?.rows ?? []}
					rowKey={(row) => `${row.section} ${row.name}`}
					pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
					locale={{ emptyText: w.inventoryNone }}
					columns={[
						{ title: w.section, render: (_, row) => sectionName(row.section) },
						{ title: w.item, render: (_, row) => row.name || '—' },
						{
							title: w.content,
							render: (_, row) => <span className="wrap">{told(row.body)}</span>,
						},
						{ title: w.reported, render: (_, row) => <Time at={row.reported_at} /> },
					]}
				/>
			)}
		</Panel>
	);
}
