/** The mode of each unit, and what a change of it would mean. */
import { Alert, Button, Form, Input, Radio, Skeleton, Table } from 'antd';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { api, call, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { growTree, type Unit, type UnitNode, useUnits } from '../../api/units';
import { useAsk } from '../../parts/ask';
import { Mode } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { Page } from '../../parts/page';
import { dateText, dayStart } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { modeNames, unitKindNames } from '../../words/names';
import { PortModes } from './port-modes';
import { DryRun, EnforcePreview } from './rollout';
import { words as rollout } from './rollout-words';
import { words } from './words';

type ModeCode = Unit['mode'];

const ORDER: ModeCode[] = ['observe', 'warn', 'enforce'];
const weakens = (from: ModeCode, to: ModeCode) => ORDER.indexOf(to) < ORDER.indexOf(from);

interface Row extends UnitNode {
	key: number;
	children: Row[];
}

function asRow(node: UnitNode): Row {
	const children = node.children.map(asRow);
	return {
		...node,
		key: node.unit.id,
		children: children.length > 0 ? children : (undefined as never),
	};
}

function Consequence({ unit }: { unit: Unit }) {
	const w = useWords(words);
	const r = useWords(rollout);
	const mode: ModeCode | undefined = Form.useWatch('mode');
	const text = { observe: w.modeObserve, warn: w.modeWarn, enforce: w.modeEnforce };
	if (!mode) return null;
	return (
		<div className="stack" aria-live="polite">
			<Alert type={mode === 'enforce' ? 'warning' : 'info'} title={text[mode]} />
			{mode === 'enforce' && unit.mode !== 'enforce' && <EnforcePreview unit={unit} />}
			{mode === 'warn' && (
				<Form.Item name="enforce_from" label={r.announce} extra={r.announceHint}>
					<Input type="date" />
				</Form.Item>
			)}
			{weakens(unit.mode, mode) && <Alert type="warning" showIcon title={w.modeWeakens} />}
		</div>
	);
}

export default function Modes() {
	const w = useWords(words);
	const c = useWords(common);
	const ro = useWords(rollout);
	const ask = useAsk();
	const may = useMay('security');
	const [trying, setTrying] = useState<Unit | null>(null);
	const kindName = useNames(unitKindNames);
	const modeName = useNames(modeNames);
	const units = useUnits();
	const rows = useMemo(
		() => growTree((units.data ?? []).filter((u) => !u.ended_at)).map(asRow),
		[units.data],
	);
	const change = (unit: Unit) =>
		ask({
			title: w.modeTitle(unit.name),
			initial: { mode: unit.mode },
			confirm: w.changeMode,
			fields: (
				<>
					<Form.Item name="mode" label={c.mode}>
						<Radio.Group
							options={ORDER.map((mode) => ({ value: mode, label: modeName(mode) }))}
							optionType="button"
							buttonStyle="solid"
						/>
					</Form.Item>
					<Consequence unit={unit} />
				</>
			),
			run: ({ reason, mode, enforce_from }) =>
				call(
					api.POST('/units/{id}/mode', {
						params: { path: { id: unit.id }, header: TOKEN },
						body: {
							mode,
							reason,
							...(mode === 'warn' && enforce_from
								? { enforce_from_at: dayStart(enforce_from) }
								: {}),
						},
					}),
				),
		});
	if (units.isError) return <Failure error={units.error} again={() => units.refetch()} />;
	if (!units.data) return <Skeleton active />;
	return (
		<Page title={w.modes}>
			<div className="panels three">
				{ORDER.map((mode) => (
					<div key={mode} className="panel">
						<Mode of={mode} />
						<p className="mode-text">
							{{ observe: w.modeObserve, warn: w.modeWarn, enforce: w.modeEnforce }[mode]}
						</p>
					</div>
				))}
			</div>
			<div className="panel panel-flush">
				<Table<Row>
					size="small"
					aria-label={w.modes}
					dataSource={rows}
					pagination={false}
					expandable={{ defaultExpandAllRows: units.data.length <= 60 }}
					columns={[
						{ title: c.unit, render: (_, r) => r.unit.name },
						{ title: c.kind, render: (_, r) => kindName(r.unit.kind) },
						{ title: c.mode, render: (_, r) => <Mode of={r.unit.mode} /> },
						{
							title: ro.announced,
							render: (_, r) =>
								r.unit.mode === 'warn' && r.unit.enforce_from_at
									? dateText(r.unit.enforce_from_at)
									: '—',
						},
						{
							title: c.terminal,
							align: 'right',
							render: (_, r) => (
								<Link to={`/terminals?unit=${r.unit.id}`} className="num">
									{r.terminals}
								</Link>
							),
						},
						{
							title: c.actions,
							render: (_, r) =>
								may && (
									<span className="row nowrap">
										<Button size="small" onClick={() => change(r.unit)}>
											{w.changeMode}
										</Button>
										<Button size="small" onClick={() => setTrying(r.unit)}>
											{ro.dryRun}
										</Button>
									</span>
								),
						},
					]}
				/>
			</div>
			<PortModes />
			{trying && <DryRun unit={trying} close={() => setTrying(null)} />}
		</Page>
	);
}
