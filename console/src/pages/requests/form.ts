/** A request form is data: from the fields of its kind to what a person types, and to the wire. */
import type { Schema } from '../../api/client';
import { dayStart } from '../../parts/time';

export type Field = Schema['FormField'];
/** What the widgets hold: texts, and numbers of persons, switches and days. */
export type FormValues = Record<string, string | number | null | undefined>;

const MAC =
	/^([0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){2})$/;

export type Complaint = 'required' | 'too-long' | 'bad-mac' | 'bad-days';

function empty(value: FormValues[string]): boolean {
	return value === undefined || value === null || String(value).trim() === '';
}

/** What is wrong with a field as typed; null when nothing is. */
export function complain(field: Field, value: FormValues[string]): Complaint | null {
	if (empty(value)) return field.required ? 'required' : null;
	const text = String(value).trim();
	switch (field.type) {
		case 'text':
		case 'long-text':
			return field.max > 0 && new TextEncoder().encode(text).length > field.max ? 'too-long' : null;
		case 'mac':
			return MAC.test(text) ? null : 'bad-mac';
		case 'days': {
			const days = Number(text);
			return Number.isInteger(days) && days >= 1 && days <= field.max ? null : 'bad-days';
		}
		default:
			return null;
	}
}

/** What the contract wants: absent instead of empty, numbers as numbers, a date as its moment. */
export function toWire(fields: Field[], values: FormValues): Record<string, string | number> {
	const form: Record<string, string | number> = {};
	for (const field of fields) {
		const value = values[field.name];
		if (value === undefined || value === null || empty(value)) continue;
		switch (field.type) {
			case 'person':
			case 'switch':
			case 'days':
				form[field.name] = Number(value);
				break;
			case 'date':
				form[field.name] = dayStart(String(value));
				break;
			default:
				form[field.name] = String(value).trim();
		}
	}
	return form;
}

/** What another page put into the address: by a field's name, or by its type for MAC and switch. */
export function prefill(fields: Field[], params: URLSearchParams): FormValues {
	const values: FormValues = {};
	for (const field of fields) {
		const text = params.get(field.name) ?? params.get(field.type);
		if (!text) continue;
		const numeric = ['person', 'switch', 'days'].includes(field.type);
		if (!numeric) values[field.name] = text;
		else if (/^[1-9][0-9]{0,15}$/.test(text)) values[field.name] = Number(text);
	}
	return values;
}
