/** What is done about permits: ending one, its hours, and the permit of a day that a branch gives. */
import { Form, Input, InputNumber } from 'antd';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useAsk } from '../../parts/ask';
import { HoursFields, type TypedWindow, typed, windowsOf } from '../../parts/hours';
import { SwitchPick } from '../../parts/person-select';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { MAC_INPUT } from './knocks';
import { words } from './permit-words';

type Permit = Schema['Permit'];

function EmergencyFields() {
	const w = useWords(words);
	const c = useWords(common);
	const needed = { required: true, message: c.required };
	return (
		<>
			<Form.Item
				name="mac"
				label={c.mac}
				rules={[{ required: true, pattern: MAC_INPUT, message: w.badMac }]}
			>
				<Input maxLength={17} className="mono" />
			</Form.Item>
			<Form.Item name="switch_id" label={w.switch} rules={[needed]}>
				<SwitchPick label={w.switch} />
			</Form.Item>
			<Form.Item name="port" label={c.port} extra={w.portHint}>
				<Input maxLength={63} />
			</Form.Item>
			<Form.Item name="days" label={w.days} extra={w.daysHint} rules={[needed]}>
				<InputNumber min={1} max={1095} />
			</Form.Item>
		</>
	);
}

export function usePermitActs() {
	const w = useWords(words);
	const ask = useAsk();
	const params = (p: Permit) => ({ path: { id: p.id }, header: TOKEN });
	return {
		end: (p: Permit) =>
			ask({
				title: w.end,
				text: w.endText(p.mac),
				danger: true,
				run: ({ reason }) =>
					call(api.POST('/admission/permits/{id}/end', { params: params(p), body: { reason } })),
			}),
		hours: (p: Permit) =>
			ask({
				title: w.hoursOf(p.asset_no),
				text: w.hoursText,
				initial: { hours: typed(p.hours ?? []) },
				fields: <HoursFields />,
				run: ({ reason, hours }) =>
					call(
						api.POST('/admission/permits/{id}/hours', {
							params: params(p),
							body: { reason, hours: windowsOf((hours ?? []) as TypedWindow[]) },
						}),
					),
			}),
		emergency: () =>
			ask({
				title: w.emergency,
				text: w.emergencyText,
				danger: true,
				confirm: w.grant,
				initial: { days: 365, port: '' },
				fields: <EmergencyFields />,
				run: ({ reason, mac, switch_id, port, days }) =>
					call(
						api.POST('/admission/permits/emergency', {
							params: { header: TOKEN },
							body: { reason, mac, switch_id, port: port ?? '', days },
						}),
					),
			}),
	};
}
