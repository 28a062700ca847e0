import { Button, Form, Input, InputNumber, Select, Skeleton, Table } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { api, call, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { growTree, type Unit, type UnitNode, useUnits } from '../../api/units';
import { useAsk } from '../../parts/ask';
import { Mode } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { Page } from '../../parts/page';
import { UnitSelect } from '../../parts/unit-select';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { unitKindNames } from '../../words/names';
import { words } from './words';

interface Row extends UnitNode {
	key: number;
}

function asRow(node: UnitNode): Row {
	const children = node.children.length > 0 ? node.children.map(asRow) : undefined;
	return { ...node, key: node.unit.id, children: children as UnitNode[] };
}

function useUnitActs() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const kindName = useNames(unitKindNames);
	const needed = { required: true, message: c.required };
	const params = (unit: Unit) => ({ path: { id: unit.id }, header: TOKEN });
	return {
		add: () =>
			ask({
				title: w.addUnit,
				noReason: true,
				confirm: c.save,
				initial: { kind: 'department' },
				fields: (
					<>
						<Form.Item name="parent_id" label={w.parent} rules={[needed]}>
							<UnitSelect label={w.parent} />
						</Form.Item>
						<Form.Item name="kind" label={c.kind} rules={[needed]}>
							<Select
								aria-label={c.kind}
								options={['branch', 'outlet', 'department'].map((k) => ({
									value: k,
									label: kindName(k),
								}))}
							/>
						</Form.Item>
						<Form.Item name="code" label={w.code} rules={[needed]}>
							<Input maxLength={32} />
						</Form.Item>
						<Form.Item name="name" label={c.name} rules={[needed]}>
							<Input maxLength={64} />
						</Form.Item>
					</>
				),
				run: ({ parent_id, kind, code, name }) =>
					call(
						api.POST('/units', {
							params: { header: TOKEN },
							body: { parent_id, kind: kind as 'branch', code, name },
						}),
					),
			}),
		rename: (unit: Unit) =>
			ask({
				title: `${w.rename}: ${unit.name}`,
				noReason: true,
				confirm: c.save,
				initial: { name: unit.name },
				fields: (
					<Form.Item name="name" label={c.name} rules={[needed]}>
						<Input maxLength={64} />
					</Form.Item>
				),
				run: ({ name }) => call(api.PATCH('/units/{id}', { params: params(unit), body: { name } })),
			}),
		grace: (unit: Unit) =>
			ask({
				title: `${w.grace}: ${unit.name}`,
				text: w.graceText,
				confirm: c.save,
				initial: { posture_hours: unit.posture_grace_hours ?? undefined },
				fields: (
					<Form.Item name="posture_hours" label={w.graceHours}>
						<InputNumber min={0} max={720} precision={0} />
					</Form.Item>
				),
				run: ({ posture_hours, reason }) =>
					call(
						api.POST('/units/{id}/posture-grace', {
							params: params(unit),
							body: { posture_hours: posture_hours ?? undefined, reason },
						}),
					),
			}),
		lastKnown: (unit: Unit) =>
			ask({
				title: `${w.lastKnown}: ${unit.name}`,
				text: w.lastKnownText,
				confirm: c.save,
				initial: { last_known_days: unit.last_known_days ?? undefined },
				fields: (
					<Form.Item name="last_known_days" label={w.lastKnownDays}>
						<InputNumber min={0} max={30} precision={0} />
					</Form.Item>
				),
				run: ({ last_known_days, reason }) =>
					call(
						api.POST('/units/{id}/last-known', {
							params: params(unit),
							body: { last_known_days: last_known_days ?? undefined, reason },
						}),
					),
			}),
		end: (unit: Unit) =>
			ask({
				title: `${w.closeUnit}: ${unit.name}`,
				text: w.closeUnitText,
				danger: true,
				run: ({ reason }) =>
					call(api.POST('/units/{id}/end', { params: params(unit), body: { reason } })),
			}),
	};
}

export default function Units() {
	const w = useWords(words);
	const c = useWords(common);
	const kindName = useNames(unitKindNames);
	const may = useMay('system');
	const maySecure = useMay('security');
	const acts = useUnitActs();
	const units = useUnits();
	const rows = useMemo(
		() => growTree((units.data ?? []).filter((u) => !u.ended_at)).map(asRow),
		[units.data],
	);
	if (units.isError) return <Failure error={units.error} again={() => units.refetch()} />;
	if (!units.data) return <Skeleton active />;
	const number = (r: Row, n: number, path: string) => (
		<Link to={`${path}?unit=${r.unit.id}`} className="num">
			{n}
		</Link>
	);
	return (
		<Page
			title={w.units}
			end={
				may && (
					<Button type="primary" onClick={acts.add}>
						{w.addUnit}
					</Button>
				)
			}
		>
			<div className="panel panel-flush">
				<Table<Row>
					size="small"
					aria-label={w.units}
					dataSource={rows}
					pagination={false}
					expandable={{ defaultExpandAllRows: units.data.length <= 60 }}
					columns={[
						{ title: c.unit, render: (_, r) => r.unit.name },
						{ title: w.code, render: (_, r) => <span className="mono">{r.unit.code}</span> },
						{ title: c.kind, render: (_, r) => kindName(r.unit.kind) },
						{ title: c.mode, render: (_, r) => <Mode of={r.unit.mode} /> },
						{
							title: w.peopleCount,
							align: 'right',
							render: (_, r) => number(r, r.people, '/organisation/people'),
						},
						{
							title: w.terminalCount,
							align: 'right',
							render: (_, r) => number(r, r.terminals, '/terminals'),
						},
						{ title: w.onlineCount, align: 'right', render: (_, r) => r.online },
						{ title: w.isolatedCount, align: 'right', render: (_, r) => r.isolated },
						{
							title: w.graceHours,
							align: 'right',
							render: (_, r) => r.unit.posture_grace_hours ?? '–',
						},
						{
							title: w.lastKnownDays,
							align: 'right',
							render: (_, r) => r.unit.last_known_days ?? '–',
						},
						...(maySecure
							? [
									{
										title: c.actions,
										render: (_: unknown, r: Row) => (
											<span className="row nowrap">
												<Button size="small" onClick={() => acts.grace(r.unit)}>
													{w.grace}
												</Button>
												<Button size="small" onClick={() => acts.lastKnown(r.unit)}>
													{w.lastKnown}
												</Button>
											</span>
										),
									},
								]
							: []),
						...(may
							? [
									{
										title: c.actions,
										render: (_: unknown, r: Row) => (
											<span className="row nowrap">
												<Button size="small" onClick={() => acts.rename(r.unit)}>
													{w.rename}
												</Button>
												<Button size="small" danger onClick={() => acts.end(r.unit)}>
													{w.closeUnit}
												</Button>
											</span>
										),
									},
								]
							: []),
					]}
				/>
			</div>
		</Page>
	);
}
