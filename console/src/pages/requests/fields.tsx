/** The widgets of a request form, one for each type of field. */
import { Form, Input, InputNumber, Select } from 'antd';
import type { ReactNode } from 'react';
import { PersonPick, SwitchPick } from '../../parts/person-select';
import { type Language, useLanguage, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { type Complaint, complain, type Field, type FormValues } from './form';
import { words } from './words';

/** A function, not a component: Form.Item hands id, value and onChange to the element itself. */
function widget(of: Field, label: string, language: Language, days: string): ReactNode {
	switch (of.type) {
		case 'long-text':
			return <Input.TextArea rows={3} />;
		case 'choice':
			return (
				<Select
					aria-label={label}
					allowClear={!of.required}
					options={of.options.map((o) => ({ value: o.value, label: o[language] }))}
				/>
			);
		case 'mac':
			return <Input className="mono" maxLength={17} />;
		case 'person':
			return <PersonPick label={label} />;
		case 'switch':
			return <SwitchPick label={label} />;
		case 'days':
			return <InputNumber min={1} max={of.max} suffix={days} />;
		case 'date':
			return <Input type="date" />;
		default:
			return <Input />;
	}
}

export function RequestFields({ fields }: { fields: Field[] }) {
	const language = useLanguage();
	const w = useWords(words);
	const c = useWords(common);
	const sentence = (field: Field, complaint: Complaint) =>
		({
			required: c.required,
			'too-long': w.tooLong,
			'bad-mac': w.badMac,
			'bad-days': w.badDays(field.max),
		})[complaint];
	return fields.map((field) => {
		const label = field[language];
		const validator = (_: unknown, value: FormValues[string]) => {
			const complaint = complain(field, value);
			return complaint ? Promise.reject(new Error(sentence(field, complaint))) : Promise.resolve();
		};
		return (
			<Form.Item
				key={field.name}
				name={['form', field.name]}
				label={label}
				required={field.required}
				validateTrigger="onBlur"
				rules={[{ validator }]}
			>
				{widget(field, label, language, w.daysUnit)}
			</Form.Item>
		);
	});
}
