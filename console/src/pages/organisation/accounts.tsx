import type { MenuProps, TableColumnsType } from 'antd';
import { Button, Dropdown, Form, Select } from 'antd';
import { api, call, type Role, type Schema, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { CodeOnce } from '../../parts/code-once';
import { ChoiceFilter, FilterBar, TextFilter, useFilters, yesNo } from '../../parts/filters';
import { Mark } from '../../parts/mark';
import { Page } from '../../parts/page';
import { PAGE_ROWS, Rows, usePage } from '../../parts/rows';
import { Time } from '../../parts/time';
import { UnitSelect } from '../../parts/unit-select';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { roleNames } from '../../words/names';
import { words } from './words';

type Account = Schema['Account'];

const { staff: _, ...grantable } = roleNames;

function useAccountActs() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const roleName = useNames(roleNames);
	const params = (a: Account) => ({ path: { id: a.id }, header: TOKEN });
	return {
		disable: (a: Account) =>
			ask({
				title: `${w.disable} ${a.name}`,
				text: w.disableText,
				danger: true,
				run: ({ reason }) =>
					call(api.POST('/accounts/{id}/disable', { params: params(a), body: { reason } })),
			}),
		enable: (a: Account) =>
			ask({
				title: `${w.enable} ${a.name}`,
				run: ({ reason }) =>
					call(api.POST('/accounts/{id}/enable', { params: params(a), body: { reason } })),
			}),
		unlock: (a: Account) =>
			ask({
				title: `${w.unlock} ${a.name}`,
				run: ({ reason }) =>
					call(api.POST('/accounts/{id}/unlock', { params: params(a), body: { reason } })),
			}),
		resetPassword: (a: Account) =>
			ask({
				title: `${w.resetPassword} ${a.name}`,
				text: w.resetPasswordText,
				danger: true,
				run: ({ reason }) =>
					call(api.POST('/accounts/{id}/password-reset', { params: params(a), body: { reason } })),
				result: (answer) =>
					'first_password' in (answer as object) && (
						<CodeOnce
							label={w.firstPassword}
							code={(answer as { first_password: string }).first_password}
						/>
					),
			}),
		resetTotp: (a: Account) =>
			ask({
				title: `${w.resetTotp} ${a.name}`,
				text: w.resetTotpText,
				danger: true,
				run: ({ reason }) =>
					call(api.POST('/accounts/{id}/totp-reset', { params: params(a), body: { reason } })),
			}),
		grant: (a: Account) =>
			ask({
				title: `${w.grant}: ${a.name}`,
				text: w.grantText,
				initial: { unit_id: a.unit_id },
				fields: (
					<>
						<Form.Item name="role" label={c.role} rules={[{ required: true, message: c.required }]}>
							<Select
								aria-label={c.role}
								options={Object.keys(grantable).map((r) => ({ value: r, label: roleName(r) }))}
							/>
						</Form.Item>
						<Form.Item
							name="unit_id"
							label={c.unit}
							rules={[{ required: true, message: c.required }]}
						>
							<UnitSelect label={c.unit} />
						</Form.Item>
					</>
				),
				run: ({ role, unit_id, reason }) =>
					call(
						api.POST('/accounts/{id}/roles', {
							params: params(a),
							body: { role: role as Role, unit_id, reason },
						}),
					),
			}),
		endRole: (a: Account, grant: number, role: string) =>
			ask({
				title: `${w.endRole}: ${a.name} · ${role}`,
				danger: true,
				run: ({ reason }) =>
					call(
						api.POST('/accounts/{id}/roles/{grant}/end', {
							params: { path: { id: a.id, grant }, header: TOKEN },
							body: { reason },
						}),
					),
			}),
	};
}

function Acts({ of }: { of: Account }) {
	const w = useWords(words);
	const c = useWords(common);
	const roleName = useNames(roleNames);
	const acts = useAccountActs();
	const system = useMay('system');
	const unlocks = useMay('system', 'regional');
	const slowed = (of.slowed_until ?? 0) > Date.now();
	const items: NonNullable<MenuProps['items']> = [];
	const add = (key: string, label: string, onClick: () => void, danger = false) =>
		items.push({ key, label, onClick, danger });
	if (unlocks && slowed) add('unlock', w.unlock, () => acts.unlock(of));
	if (system) {
		add('grant', w.grant, () => acts.grant(of));
		for (const grant of of.roles) {
			const role = `${roleName(grant.role)} · ${grant.unit_name}`;
			add(`end${grant.id}`, `${w.endRole}: ${role}`, () => acts.endRole(of, grant.id, role));
		}
		add('password', w.resetPassword, () => acts.resetPassword(of));
		if (of.totp) add('totp', w.resetTotp, () => acts.resetTotp(of));
		if (of.enabled) add('disable', w.disable, () => acts.disable(of), true);
		else add('enable', w.enable, () => acts.enable(of));
	}
	if (items.length === 0) return null;
	return (
		<Dropdown trigger={['click']} menu={{ items }}>
			<Button size="small">{c.more}</Button>
		</Dropdown>
	);
}

export default function Accounts() {
	const w = useWords(words);
	const c = useWords(common);
	const roleName = useNames(roleNames);
	const filters = useFilters();
	const query = {
		q: filters.values.q,
		role: filters.values.role as Role | undefined,
		unit: filters.number('unit'),
		enabled: filters.flag('enabled'),
		limit: PAGE_ROWS,
	};
	const page = usePage<Account>(['accounts', query], (after) =>
		call(api.GET('/accounts', { params: { query: { ...query, after } } })),
	);
	const columns: TableColumnsType<Account> = [
		{ title: c.account, render: (_, a) => <span className="mono">{a.name}</span> },
		{ title: c.person, dataIndex: 'person_name' },
		{ title: c.unit, dataIndex: 'unit_name' },
		{
			title: w.roles,
			render: (_, a) =>
				a.roles.length === 0 ? (
					<span className="soft">{w.noRole}</span>
				) : (
					<span className="row">
						{a.roles.map((g) => (
							<Mark key={g.id} tone="info">
								{roleName(g.role)} · {g.unit_name}
							</Mark>
						))}
					</span>
				),
		},
		{
			title: c.status,
			render: (_, a) => (
				<span className="row">
					<Mark tone={a.enabled ? 'good' : 'plain'}>{a.enabled ? w.enabled : w.disabled}</Mark>
					{(a.slowed_until ?? 0) > Date.now() && <Mark tone="bad">{w.slowed}</Mark>}
					{a.awaits_entry && <Mark tone="warn">{w.awaitsEntry}</Mark>}
					{a.must_change && <Mark tone="warn">{w.mustChange}</Mark>}
				</span>
			),
		},
		{
			title: w.totp,
			render: (_, a) => (
				<Mark tone={a.totp ? 'good' : 'plain'}>{a.totp ? w.bound : w.unbound}</Mark>
			),
		},
		{ title: w.passwordAt, render: (_, a) => <Time at={a.password_at} /> },
		{ title: c.actions, fixed: 'right', render: (_, a) => <Acts of={a} /> },
	];
	return (
		<Page title={w.accounts} tree="people">
			<FilterBar filters={filters}>
				<TextFilter filters={filters} name="q" label={w.accountKeyword} />
				<ChoiceFilter filters={filters} name="role" label={c.role} options={grantable} />
				<ChoiceFilter filters={filters} name="enabled" label={w.enabled} options={yesNo} />
			</FilterBar>
			<Rows label={w.accounts} query={page} columns={columns} rowKey={(a) => a.id} />
		</Page>
	);
}
