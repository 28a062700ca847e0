/** In which hours of the week something holds: at most four windows; none is every hour. */
import { Button, Checkbox, Form, Input } from 'antd';
import type { Schema } from '../api/client';
import { catalogue, useWords } from '../words/catalogue';
import { common } from '../words/common';

type Window = Schema['HoursWindow'];

const words = catalogue({
	always: ['全天', 'Always'],
	days: ['星期', 'Days'],
	from: ['开始时间', 'From'],
	until: ['结束时间', 'Until'],
	add: ['添加时段', 'Add hours'],
	remove: ['移除', 'Remove'],
	pickDay: ['请至少选一天', 'Choose a day'],
	monday: ['周一', 'Mon'],
	tuesday: ['周二', 'Tue'],
	wednesday: ['周三', 'Wed'],
	thursday: ['周四', 'Thu'],
	friday: ['周五', 'Fri'],
	saturday: ['周六', 'Sat'],
	sunday: ['周日', 'Sun'],
});

const DAYS = [
	'monday',
	'tuesday',
	'wednesday',
	'thursday',
	'friday',
	'saturday',
	'sunday',
] as const;
const MOST = 4;
const DAY_MINUTES = 1440;

/** As the widgets hold it: days by number, times as 08:30. */
export interface TypedWindow {
	days: number[];
	from: string;
	until: string;
}

const clock = (minute: number) =>
	`${String(Math.floor((minute % DAY_MINUTES) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

function minutes(text: string): number {
	const [hour, minute] = text.split(':');
	return Number(hour) * 60 + Number(minute);
}

const dayList = (bits: number) => DAYS.map((_, i) => i).filter((i) => bits & (1 << i));

export function typed(windows: Window[]): TypedWindow[] {
	return windows.map((w) => ({
		days: dayList(w.days),
		from: clock(w.from_minute),
		until: clock(w.until_minute),
	}));
}

/** Midnight as an end is the end of the day. */
export function windowsOf(windows: TypedWindow[]): Window[] {
	return windows.map((w) => ({
		days: w.days.reduce((bits, i) => bits | (1 << i), 0),
		from_minute: minutes(w.from),
		until_minute: minutes(w.until) || DAY_MINUTES,
	}));
}

export function Hours({ of }: { of: Window[] }) {
	const w = useWords(words);
	if (of.length === 0) return <span className="soft">{w.always}</span>;
	return (
		<span>
			{of.map((one) => (
				<div key={`${one.days} ${one.from_minute}`} className="nowrap">
					{dayList(one.days)
						.map((i) => w[DAYS[i] ?? 'monday'])
						.join(' ')}{' '}
					<span className="num">
						{clock(one.from_minute)}–{clock(one.until_minute)}
					</span>
				</div>
			))}
		</span>
	);
}

function OneWindow({ name, remove }: { name: number; remove: () => void }) {
	const w = useWords(words);
	const c = useWords(common);
	const needed = [{ required: true, message: c.required }];
	return (
		<fieldset className="panel">
			<Form.Item
				name={[name, 'days']}
				label={w.days}
				rules={[{ required: true, message: w.pickDay }]}
			>
				<Checkbox.Group options={DAYS.map((day, i) => ({ value: i, label: w[day] }))} />
			</Form.Item>
			<div className="row">
				<Form.Item name={[name, 'from']} label={w.from} rules={needed}>
					<Input type="time" />
				</Form.Item>
				<Form.Item name={[name, 'until']} label={w.until} rules={needed}>
					<Input type="time" />
				</Form.Item>
				<Button size="small" onClick={remove}>
					{w.remove}
				</Button>
			</div>
		</fieldset>
	);
}

/** A Form.List of the name "hours". */
export function HoursFields() {
	const w = useWords(words);
	return (
		<Form.List name="hours">
			{(fields, { add, remove }) => (
				<div className="stack">
					{fields.map((field) => (
						<OneWindow key={field.key} name={field.name} remove={() => remove(field.name)} />
					))}
					{fields.length === 0 && <span className="soft">{w.always}</span>}
					{fields.length < MOST && (
						<Button onClick={() => add({ days: [0, 1, 2, 3, 4], from: '08:30', until: '17:30' })}>
							{w.add}
						</Button>
					)}
				</div>
			)}
		</Form.List>
	);
}
