/** Ports with a mode of their own, whatever their unit's is. */
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Radio, Table } from 'antd';
import { api, call, TOKEN } from '../../api/client';
import { useMay } from '../../api/session';
import { useAsk } from '../../parts/ask';
import { Mode } from '../../parts/cells';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { modeNames } from '../../words/names';
import { SwitchSelect } from './periods';
import { words } from './rollout-words';

export function PortModes() {
	const w = useWords(words);
	const c = useWords(common);
	const ask = useAsk();
	const may = useMay('security');
	const modeName = useNames(modeNames);
	const ports = useQuery({
		queryKey: ['port-modes'],
		queryFn: () => call(api.GET('/admission/port-modes')),
	});
	const set = (initial: { switch_id?: number; port?: string }) =>
		ask({
			title: w.portModeNew,
			text: w.portModesHint,
			initial: { mode: 'enforce', ...initial },
			fields: (
				<>
					<Form.Item
						name="switch_id"
						label={w.switchId}
						rules={[{ required: true, message: c.required }]}
					>
						<SwitchSelect />
					</Form.Item>
					<Form.Item
						name="port"
						label={w.port}
						rules={[{ required: true, max: 63, message: c.required }]}
					>
						<Input placeholder="GigabitEthernet1/0/1" />
					</Form.Item>
					<Form.Item name="mode" label={c.mode}>
						<Radio.Group
							optionType="button"
							options={[
								...(['observe', 'warn', 'enforce'] as const).map((m) => ({
									value: m as string,
									label: modeName(m),
								})),
								{ value: '', label: w.follow },
							]}
						/>
					</Form.Item>
				</>
			),
			run: ({ switch_id, port, mode, reason }) =>
				call(
					api.POST('/switches/{id}/port-mode', {
						params: { path: { id: switch_id }, header: TOKEN },
						body: { port, mode, reason },
					}),
				),
		});
	return (
		<div className="panel panel-flush">
			<Table
				size="small"
				aria-label={w.portModes}
				title={() => (
					<span className="row">
						<strong>{w.portModes}</strong>
						{may && (
							<Button size="small" onClick={() => set({})}>
								{w.portModeNew}
							</Button>
						)}
					</span>
				)}
				loading={ports.isPending}
				dataSource={ports.data?.rows ?? []}
				rowKey="id"
				pagination={{ pageSize: 20, hideOnSinglePage: true }}
				locale={{ emptyText: w.portNone }}
				columns={[
					{ title: c.unit, dataIndex: 'unit_name' },
					{ title: w.switchId, dataIndex: 'switch_name' },
					{ title: w.port, dataIndex: 'port', className: 'mono' },
					{ title: c.mode, render: (_, r) => <Mode of={r.mode} /> },
					{ title: w.unitMode, render: (_, r) => <Mode of={r.unit_mode} /> },
					{
						title: c.actions,
						render: (_, r) =>
							may && (
								<Button size="small" onClick={() => set({ switch_id: r.switch_id, port: r.port })}>
									{w.portModeNew}
								</Button>
							),
					},
				]}
			/>
		</div>
	);
}
