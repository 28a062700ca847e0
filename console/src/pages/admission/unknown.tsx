import type { TableColumnsType } from 'antd';
import { api, call } from '../../api/client';
import { Mac } from '../../parts/cells';
import { FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { type Knock, KnockActs, MAC_INPUT, Told, Vendor, Where } from './knocks';
import { words } from './words';

export default function Unknown() {
	const w = useWords(words);
	const c = useWords(common);
	const filters = useFilters();
	const typed = filters.values.mac;
	const query = {
		unknown: true,
		unit: filters.number('unit'),
		mac: typed && MAC_INPUT.test(typed) ? typed : undefined,
		limit: PAGE_ROWS,
	};
	const page = usePage<Knock>(['knocks', query], (after) =>
		call(api.GET('/admission/knocks', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Knock> = [
		{ title: c.mac, fixed: 'left', render: (_, k) => <Mac of={k.mac} /> },
		{ title: w.vendor, render: (_, k) => <Vendor mac={k.mac} /> },
		{ title: c.switchAndPort, render: (_, k) => <Where of={k} /> },
		{ title: c.unit, render: (_, k) => k.unit_name ?? '—' },
		{ title: c.verdict, render: (_, k) => <Told of={k} /> },
		{ title: w.firstSeen, render: (_, k) => <Time at={k.first_at} /> },
		{ title: w.lastSeen, render: (_, k) => <Time at={k.last_at} /> },
		{ title: c.times, align: 'right', render: (_, k) => <span className="num">{k.count}</span> },
		{ title: c.actions, fixed: 'right', render: (_, k) => <KnockActs of={k} /> },
	];
	return (
		<Page title={w.unknown} hint={w.unknownHint} tree="terminals">
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="mac" label={c.mac} />
			</FilterBar>
			<Rows
				label={w.unknown}
				empty={w.unknownNone}
				query={page}
				columns={columns}
				rowKey={(k) => k.mac}
			/>
		</Page>
	);
}
