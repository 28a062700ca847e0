/** The address plan: which address is bound to which card, and which one it uses. */
import type { TableColumnsType } from 'antd';
import { Button, Form, Input } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mac, TerminalLink } from '../../parts/cells';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './address-words';
import { MAC_INPUT } from './knocks';

type Address = Schema['PlannedAddress'];

function useActs() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const needed = { required: true, message: c.required };
	return {
		bind: () =>
			ask({
				title: w.bind,
				text: w.bindText,
				confirm: w.bind,
				fields: (
					<>
						<Form.Item name="ip" label={c.address} rules={[needed]}>
							<Input maxLength={45} className="mono" />
						</Form.Item>
						<Form.Item
							name="mac"
							label={c.mac}
							rules={[{ required: true, pattern: MAC_INPUT, message: w.badMac }]}
						>
							<Input maxLength={17} className="mono" />
						</Form.Item>
						<Form.Item name="unit_id" label={c.unit}>
							<UnitSelect label={c.unit} />
						</Form.Item>
					</>
				),
				run: ({ ip, mac, unit_id, reason }) =>
					call(
						api.POST('/admission/addresses', {
							params: { header: TOKEN },
							body: { ip, mac, unit_id: unit_id ?? undefined, reason },
						}),
					),
			}),
		release: (a: Address) =>
			ask({
				title: w.release,
				text: w.releaseText(a.ip, a.mac),
				danger: true,
				confirm: w.release,
				run: ({ reason }) =>
					call(
						api.POST('/admission/addresses/{id}/release', {
							params: { path: { id: a.id }, header: TOKEN },
							body: { reason },
						}),
					),
			}),
	};
}

function Used({ of }: { of: Address }) {
	const w = useWords(words);
	if (!of.used) return <span>—</span>;
	return (
		<span className="row nowrap">
			<span className="mono">{of.used}</span>
			{of.used !== of.ip && <Mark tone="warn">{w.differs}</Mark>}
		</span>
	);
}

function Top({ bind }: { bind: () => void }) {
	const w = useWords(words);
	const navigate = useNavigate();
	const administers = useMay('security', 'regional');
	const imports = useMay('security');
	const files = useMay('regional', 'approver', 'device-officer');
	return (
		<>
			{imports && <Button onClick={() => navigate('/organisation/import')}>{w.importPlan}</Button>}
			{files && <Button onClick={() => navigate('/requests/new/address')}>{w.apply}</Button>}
			{administers && (
				<Button type="primary" onClick={bind}>
					{w.bind}
				</Button>
			)}
		</>
	);
}

export default function Addresses() {
	const w = useWords(words);
	const c = useWords(common);
	const acts = useActs();
	const administers = useMay('security', 'regional');
	const filters = useFilters();
	const { mac, ip } = filters.values;
	const query = {
		unit: filters.number('unit'),
		ip: ip && /^[0-9a-fA-F.:]+$/.test(ip) ? ip : undefined,
		mac: mac && MAC_INPUT.test(mac) ? mac : undefined,
		terminal: filters.number('terminal'),
		ended: filters.flag('ended'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Address>(['addresses', query], (after) =>
		call(api.GET('/admission/addresses', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Address> = [
		{ title: c.address, render: (_, a) => <span className="mono">{a.ip}</span> },
		{ title: c.mac, render: (_, a) => <Mac of={a.mac} /> },
		{ title: c.terminal, render: (_, a) => <TerminalLink id={a.terminal_id} name={a.asset_no} /> },
		{ title: w.used, render: (_, a) => <Used of={a} /> },
		{ title: c.unit, dataIndex: 'unit_name' },
		{
			title: w.request,
			render: (_, a) =>
				a.request_id ? <Link to={`/requests/${a.request_id}`}>{a.request_id}</Link> : '—',
		},
		{ title: w.note, dataIndex: 'note' },
		{ title: w.bound, render: (_, a) => <Time at={a.bound_at} /> },
	];
	if (administers)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, a) =>
				a.ended_at ? null : (
					<Button size="small" danger onClick={() => acts.release(a)}>
						{w.release}
					</Button>
				),
		});
	return (
		<Page title={w.addresses} hint={w.hint} tree="terminals" end={<Top bind={acts.bind} />}>
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="ip" label={w.ip} />
				<TextFilter filters={filters} name="mac" label={c.mac} />
				<ChoiceFilter filters={filters} name="ended" label={w.ended} options={yesNo} />
			</FilterBar>
			<Rows
				label={w.addresses}
				empty={w.none}
				query={page}
				columns={columns}
				rowKey={(a) => a.id}
			/>
		</Page>
	);
}
