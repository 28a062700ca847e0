/** The register of network gear that the bank approved. */
import type { TableColumnsType } from 'antd';
import { Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mac } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../../parts/filters';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { dateText, Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { gearKindNames, words } from './gear-words';
import { MAC_INPUT } from './knocks';

type Gear = Schema['Gear'];

export default function GearRegister() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const navigate = useNavigate();
	const kindName = useNames(gearKindNames);
	const administers = useMay('security', 'regional');
	const files = useMay('regional', 'approver', 'device-officer');
	const filters = useFilters();
	const typed = filters.values.mac;
	const query = {
		unit: filters.number('unit'),
		mac: typed && MAC_INPUT.test(typed) ? typed : undefined,
		ended: filters.flag('ended'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Gear>(['gear', query], (after) =>
		call(api.GET('/admission/gear', { params: { query: { ...query, after } } })),
	);
	const end = (g: Gear) =>
		ask({
			title: w.end,
			text: w.endText(g.name),
			danger: true,
			confirm: w.end,
			run: ({ reason }) =>
				call(
					api.POST('/admission/gear/{id}/end', {
						params: { path: { id: g.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const columns: TableColumnsType<Gear> = [
		{ title: c.name, dataIndex: 'name' },
		{ title: c.kind, render: (_, g) => kindName(g.kind) },
		{ title: c.mac, render: (_, g) => <Mac of={g.mac} /> },
		{ title: w.place, dataIndex: 'place' },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: w.owner, dataIndex: 'owner_name' },
		{ title: c.until, render: (_, g) => <span className="num">{dateText(g.until_at)}</span> },
		{
			title: w.request,
			render: (_, g) =>
				g.request_id ? <Link to={`/requests/${g.request_id}`}>{g.request_id}</Link> : '—',
		},
		{
			title: w.findings,
			render: (_, g) => <Link to={`/admission/findings?mac=${g.mac}`}>{g.findings}</Link>,
		},
		{ title: w.ended, render: (_, g) => <Time at={g.ended_at} empty="—" /> },
	];
	if (administers)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, g) =>
				g.ended_at ? null : (
					<Button size="small" danger onClick={() => end(g)}>
						{w.end}
					</Button>
				),
		});
	return (
		<Page
			title={w.gear}
			hint={w.hint}
			tree="terminals"
			end={
				files && (
					<Button type="primary" onClick={() => navigate('/requests/new/network-gear')}>
						{w.apply}
					</Button>
				)
			}
		>
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<ChoiceFilter filters={filters} name="ended" label={w.ended} options={yesNo} />
			</FilterBar>
			<Rows label={w.gear} empty={w.none} query={page} columns={columns} rowKey={(g) => g.id} />
		</Page>
	);
}
