/** What is set on a switch besides its row: with what it is asked, and how many its ports may have. */
import { Checkbox, Form, Input, InputNumber, Select } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import type { paths } from '../../api/schema';
import { useAsk } from '../../parts/ask';
import { UnitSelect } from '../../parts/unit-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { words } from './switch-words';

type Switch = Schema['Switch'];
type Snmp = paths['/switches/{id}/snmp']['post']['requestBody']['content']['application/json'];

function SnmpFields() {
	const w = useWords(words);
	const version = Form.useWatch('version') as string | undefined;
	const versions = [
		{ value: 'none', label: w.snmpNone },
		{ value: '2c', label: 'v2c' },
		{ value: '3', label: 'v3' },
	];
	return (
		<>
			<Form.Item name="version" label={w.version}>
				<Select aria-label={w.version} options={versions} />
			</Form.Item>
			{version === '2c' && (
				<Form.Item name="community" label={w.community} rules={[{ required: true }]}>
					<Input.Password autoComplete="new-password" maxLength={64} />
				</Form.Item>
			)}
			{version === '3' && (
				<>
					<Form.Item name="user" label={w.user} rules={[{ required: true }]}>
						<Input autoComplete="off" maxLength={32} />
					</Form.Item>
					<Form.Item name="auth_protocol" label={w.authProtocol}>
						<Select
							aria-label={w.authProtocol}
							options={['SHA', 'SHA-256'].map((value) => ({ value, label: value }))}
						/>
					</Form.Item>
					<Form.Item name="auth_password" label={w.authPassword} extra={w.passwordHint}>
						<Input.Password autoComplete="new-password" maxLength={64} />
					</Form.Item>
					<Form.Item name="priv_password" label={w.privPassword} extra={w.passwordHint}>
						<Input.Password autoComplete="new-password" maxLength={64} />
					</Form.Item>
				</>
			)}
		</>
	);
}

function LimitFields({ unit }: { unit?: boolean }) {
	const w = useWords(words);
	const c = useWords(common);
	const needed = [{ required: true, message: c.required }];
	return (
		<>
			{unit && (
				<Form.Item name="unit_id" label={c.unit} rules={needed}>
					<UnitSelect label={c.unit} />
				</Form.Item>
			)}
			<Form.Item name="terminals" label={w.terminals} rules={needed}>
				<InputNumber min={0} max={1000} />
			</Form.Item>
			<Form.Item name="phone_beside" valuePropName="checked">
				<Checkbox>{w.phoneBeside}</Checkbox>
			</Form.Item>
		</>
	);
}

export function useSwitchSettings() {
	const w = useWords(words);
	const ask = useAsk();
	const params = (id: number) => ({ path: { id }, header: TOKEN });
	return {
		snmp: (s: Switch) =>
			ask({
				title: `${w.setSnmp} ${s.name}`,
				text: w.setSnmpText,
				noReason: true,
				initial: {
					version: s.snmp_version === 'none' ? '3' : s.snmp_version,
					auth_protocol: 'SHA-256',
				},
				fields: <SnmpFields />,
				run: ({ reason: _, auth_protocol, ...body }) =>
					call(
						api.POST('/switches/{id}/snmp', {
							params: params(s.id),
							body: (body.version === '3' ? { ...body, auth_protocol } : body) as unknown as Snmp,
						}),
					),
			}),
		limit: (s: Switch) =>
			ask({
				title: `${w.setLimit} ${s.name}`,
				text: w.setLimitText,
				initial: { terminals: s.port_terminals, phone_beside: s.phone_beside },
				fields: <LimitFields />,
				run: ({ terminals, phone_beside, reason }) =>
					call(
						api.POST('/switches/{id}/ports', {
							params: params(s.id),
							body: { terminals, phone_beside, reason },
						}),
					),
			}),
		limitOfUnit: () =>
			ask({
				title: w.setLimitUnit,
				text: w.setLimitText,
				initial: { terminals: 1, phone_beside: true },
				fields: <LimitFields unit />,
				run: ({ unit_id, terminals, phone_beside, reason }) =>
					call(
						api.POST('/units/{id}/ports', {
							params: params(unit_id),
							body: { terminals, phone_beside, reason },
						}),
					),
			}),
	};
}
