import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useAsk } from '../../parts/ask';
import { Mac } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../../parts/filters';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { MAC_INPUT, useDeny } from './knocks';
import { words } from './words';

type Deny = Schema['Deny'];

export default function Denies() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const { may, deny } = useDeny();
	const filters = useFilters();
	const typed = filters.values.mac;
	const query = {
		mac: typed && MAC_INPUT.test(typed) ? typed : undefined,
		ended: filters.flag('ended'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Deny>(['denies', query], (after) =>
		call(api.GET('/admission/denies', { params: { query: { ...query, after } } })),
	);
	const end = (d: Deny) =>
		ask({
			title: w.denyEnd,
			text: d.mac,
			run: ({ reason }) =>
				call(
					api.POST('/admission/denies/{id}/end', {
						params: { path: { id: d.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const columns: TableColumnsType<Deny> = [
		{ title: c.mac, render: (_, d) => <Mac of={d.mac} /> },
		{ title: c.reason, dataIndex: 'reason' },
		{ title: c.time, render: (_, d) => <Time at={d.created_at} /> },
		{ title: c.until, render: (_, d) => <Time at={d.until_at} empty={c.untilReleased} /> },
		{ title: w.ended, render: (_, d) => <Time at={d.ended_at} empty="—" /> },
	];
	if (may)
		columns.push({
			title: c.actions,
			render: (_, d) =>
				d.ended_at ? null : (
					<Button size="small" onClick={() => end(d)}>
						{w.denyEnd}
					</Button>
				),
		});
	return (
		<Page
			title={w.denies}
			hint={w.deniesHint}
			end={
				may && (
					<Button type="primary" onClick={() => deny()}>
						{w.denyNew}
					</Button>
				)
			}
		>
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<ChoiceFilter filters={filters} name="ended" label={w.ended} options={yesNo} />
			</FilterBar>
			<Rows
				label={w.denies}
				empty={w.deniesNone}
				query={page}
				columns={columns}
				rowKey={(d) => d.id}
			/>
		</Page>
	);
}
