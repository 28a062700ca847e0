/** How long something holds: chosen as a duration, sent as the moment it ends. */
import { Form, Select } from 'antd';
import { catalogue, useWords } from '../words/catalogue';
import { common } from '../words/common';
import { DAY_MS } from './time';

const words = catalogue({
	title: ['期限', 'For how long'],
	hours: (n: number) => [`${n}小时`, n === 1 ? '1 hour' : `${n} hours`],
	days: (n: number) => [`${n}天`, n === 1 ? '1 day' : `${n} days`],
});

const HOUR_MS = 3600 * 1000;

export function Expiry({ open = true }: { open?: boolean }) {
	const w = useWords(words);
	const c = useWords(common);
	const options = [
		...[2, 8].map((n) => ({ value: n * HOUR_MS, label: w.hours(n) })),
		...[1, 7, 30, 90].map((n) => ({ value: n * DAY_MS, label: w.days(n) })),
		...(open ? [{ value: 0, label: c.untilReleased }] : []),
	];
	return (
		<Form.Item name="expiry" label={w.title} rules={[{ required: true, message: c.required }]}>
			<Select options={options} aria-label={w.title} />
		</Form.Item>
	);
}

export function expiresAt(expiry: number): number | undefined {
	return expiry > 0 ? Date.now() + expiry : undefined;
}
