import type { TableColumnsType } from 'antd';
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { Link } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import type { paths } from '../../api/schema';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { FilterBar, TextFilter, useFilters } from '../../parts/filters';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { DAY_MS, dateText, dayStart, Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { vendorNames } from '../../words/names';
import { useSwitchSettings } from './switch-acts';
import { words as settings } from './switch-words';
import { words } from './words';

type Switch = Schema['Switch'];
type SwitchChange = paths['/switches/{id}']['patch']['requestBody']['content']['application/json'];
type NewSwitch = paths['/switches']['post']['requestBody']['content']['application/json'];

/** `fresh`: what is decided once; a secret that is left empty stays. */
function Fields({ fresh }: { fresh: boolean }) {
	const w = useWords(words);
	const c = useWords(common);
	const more = useWords(settings);
	const vendorName = useNames(vendorNames);
	const needed = { required: true, message: c.required };
	return (
		<>
			{fresh && (
				<>
					<Form.Item name="unit_id" label={c.unit} rules={[needed]}>
						<UnitSelect label={c.unit} />
					</Form.Item>
					<Form.Item name="name" label={w.switchName} rules={[needed]}>
						<Input maxLength={31} />
					</Form.Item>
				</>
			)}
			<Form.Item name="address" label={c.address} rules={[needed]}>
				<Input maxLength={45} />
			</Form.Item>
			<Form.Item name="vendor" label={w.switchVendor} rules={[needed]}>
				<Select
					aria-label={w.switchVendor}
					options={Object.keys(vendorNames).map((v) => ({ value: v, label: vendorName(v) }))}
				/>
			</Form.Item>
			<Form.Item
				name="secret"
				label={w.secret}
				extra={fresh ? w.secretHint : w.secretStays}
				rules={[{ required: fresh, min: 12, max: 128, message: w.secretHint }]}
			>
				<Input.Password autoComplete="new-password" maxLength={128} />
			</Form.Item>
			<Form.Item name="coa_port" label={w.coa}>
				<InputNumber min={1} max={65535} />
			</Form.Item>
			<Form.Item name="vlan_normal" label={w.vlanNormal}>
				<Input maxLength={32} />
			</Form.Item>
			<Form.Item name="vlan_isolation" label={w.vlanIsolation}>
				<Input maxLength={32} />
			</Form.Item>
			<Form.Item name="acl_isolation" label={w.aclIsolation}>
				<Input maxLength={63} />
			</Form.Item>
			<Form.Item name="reach" label={w.reach} extra={w.reachHint}>
				<Input maxLength={255} />
			</Form.Item>
			<Form.Item name="acl_normal" label={w.aclNormal}>
				<Input maxLength={63} />
			</Form.Item>
			<Form.Item name="voice_vlan" label={w.vlanVoice}>
				<Input maxLength={31} />
			</Form.Item>
			<Form.Item name="visitor_vlan" label={more.visitorVlan}>
				<Input maxLength={31} />
			</Form.Item>
			<Form.Item name="session_seconds" label={w.sessionSeconds}>
				<InputNumber min={0} max={604800} />
			</Form.Item>
			<Form.Item name="coa_address" label={w.coaAddress}>
				<Input maxLength={45} />
			</Form.Item>
		</>
	);
}

/** What the form holds of it: the row has more than the contract takes back. */
function changeable(s: Switch): Record<string, unknown> {
	const { address, vendor, coa_port, vlan_normal, vlan_isolation, acl_isolation, acl_normal } = s;
	const { voice_vlan, visitor_vlan, reach, coa_address, session_seconds } = s;
	return {
		...{ address, vendor, coa_port, vlan_normal, vlan_isolation, acl_isolation, acl_normal },
		...{ voice_vlan, visitor_vlan, reach, coa_address, session_seconds },
	};
}

function useSwitchActs() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const create = () =>
		ask({
			title: w.switchNew,
			noReason: true,
			confirm: c.save,
			initial: { vendor: 'huawei', coa_port: 3799 },
			fields: <Fields fresh />,
			run: ({ reason: _, ...body }) =>
				call(
					api.POST('/switches', {
						params: { header: TOKEN },
						body: body as unknown as NewSwitch,
					}),
				),
		});
	const change = (s: Switch) =>
		ask({
			title: `${w.switchChange} ${s.name}`,
			noReason: true,
			confirm: c.save,
			initial: changeable(s),
			fields: <Fields fresh={false} />,
			run: ({ reason: _, secret, ...body }) =>
				call(
					api.PATCH('/switches/{id}', {
						params: { path: { id: s.id }, header: TOKEN },
						body: (secret ? { ...body, secret } : body) as SwitchChange,
					}),
				),
		});
	const end = (s: Switch) =>
		ask({
			title: `${w.switchEnd} ${s.name}`,
			text: w.switchEndText,
			danger: true,
			run: ({ reason }) =>
				call(
					api.POST('/switches/{id}/end', {
						params: { path: { id: s.id }, header: TOKEN },
						body: { reason },
					}),
				),
		});
	const except = (s: Switch) =>
		ask({
			title: `${w.exception} ${s.name}`,
			text: w.exceptionText,
			initial: { until: dateText(Date.now() + 30 * DAY_MS) },
			fields: (
				<Form.Item name="until" label={c.until} rules={[{ required: true, message: c.required }]}>
					<Input type="date" />
				</Form.Item>
			),
			run: ({ reason, until }) =>
				call(
					api.POST('/switches/{id}/mab-exception', {
						params: { path: { id: s.id }, header: TOKEN },
						body: { until_at: dayStart(until), reason },
					}),
				),
		});
	return { create, change, end, except };
}

export default function Switches() {
	const w = useWords(words);
	const c = useWords(common);
	const vendorName = useNames(vendorNames);
	const runsSystem = useMay('system');
	const runsSecurity = useMay('security');
	const limits = useMay('security', 'regional');
	const more = useWords(settings);
	const { limitOfUnit: limit } = useSwitchSettings();
	const acts = useSwitchActs();
	const filters = useFilters();
	const query = { unit: filters.number('unit'), q: filters.values.q, limit: PAGE_ROWS };
	const page = usePage<Switch>(['switches', query], (after) =>
		call(api.GET('/switches', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Switch> = [
		{
			title: w.switchName,
			render: (_, s) => <Link to={`/admission/switches/${s.id}`}>{s.name}</Link>,
		},
		{ title: c.address, render: (_, s) => <span className="mono">{s.address}</span> },
		{ title: w.switchVendor, render: (_, s) => vendorName(s.vendor) },
		{ title: c.unit, dataIndex: 'unit_name' },
		{ title: w.vlanNormal, render: (_, s) => s.vlan_normal || '—' },
		{ title: w.vlanIsolation, render: (_, s) => s.vlan_isolation || s.acl_isolation || '—' },
		{ title: w.exceptionUntil, render: (_, s) => <Time at={s.mab_unsigned_until} empty="—" /> },
		{ title: w.ended, render: (_, s) => <Time at={s.ended_at} empty="—" /> },
	];
	if (runsSystem || runsSecurity)
		columns.push({
			title: c.actions,
			fixed: 'right',
			render: (_, s) =>
				s.ended_at ? null : (
					<span className="row nowrap">
						{runsSecurity && (
							<Button size="small" onClick={() => acts.except(s)}>
								{w.exception}
							</Button>
						)}
						{runsSystem && (
							<Button size="small" onClick={() => acts.change(s)}>
								{w.switchChange}
							</Button>
						)}
						{runsSystem && (
							<Button size="small" danger onClick={() => acts.end(s)}>
								{w.switchEnd}
							</Button>
						)}
					</span>
				),
		});
	return (
		<Page
			title={w.switches}
			tree="terminals"
			end={
				<>
					{limits && <Button onClick={limit}>{more.setLimitUnit}</Button>}
					{runsSystem && (
						<Button type="primary" onClick={acts.create}>
							{w.switchNew}
						</Button>
					)}
				</>
			}
		>
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="q" label={c.keyword} />
			</FilterBar>
			<Rows
				label={w.switches}
				empty={w.switchesNone}
				query={page}
				columns={columns}
				rowKey={(s) => s.id}
				rowClass={(s) => (s.id === filters.number('switch') ? 'row-at' : '')}
			/>
		</Page>
	);
}
