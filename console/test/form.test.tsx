// @vitest-environment happy-dom
/** A request form is drawn from what the server says the kind holds, and sent as it wants it. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { Button, ConfigProvider, Form } from 'antd';
import { afterEach, expect, test, vi } from 'vitest';
import { RequestFields } from '../src/pages/requests/fields';
import { complain, type Field, type FormValues, prefill, toWire } from '../src/pages/requests/form';
import { type Language, LanguageContext } from '../src/words/catalogue';

const field = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
	name,
	type,
	zh: `字段${name}`,
	en: `Field ${name}`,
	required: true,
	max: 0,
	options: [],
	...more,
});

const FIELDS: Field[] = [
	field('kind', 'choice', { options: [{ value: 'printer', zh: '打印机', en: 'Printer' }] }),
	field('mac', 'mac'),
	field('switch', 'switch'),
	field('port', 'text', { max: 8 }),
	field('days', 'days', { max: 365 }),
	field('from', 'date', { required: false }),
	field('note', 'long-text', { required: false, max: 30 }),
];

afterEach(cleanup);

function show(
	fields: Field[],
	language: Language,
	values: FormValues,
	sent: (v: FormValues) => void,
) {
	const client = new QueryClient({ defaultOptions: { queries: { enabled: false } } });
	client.setQueryData(['session'], { roles: [], person_id: 7, name: '陈静', unit_name: '运营部' });
	return render(
		<QueryClientProvider client={client}>
			<ConfigProvider theme={{ token: { motion: false } }}>
				<LanguageContext.Provider value={language}>
					<Form initialValues={{ form: values }} onFinish={(v) => sent(v.form)}>
						<RequestFields fields={fields} />
						<Button htmlType="submit">send</Button>
					</Form>
				</LanguageContext.Provider>
			</ConfigProvider>
		</QueryClientProvider>,
	);
}

test('every field of the kind is drawn, in the language of the person', () => {
	for (const [language, key] of [
		['zh', 'zh'],
		['en', 'en'],
	] as const) {
		show(FIELDS, language, {}, () => {});
		for (const f of FIELDS) expect(screen.getByLabelText(f[key])).toBeTruthy();
		cleanup();
	}
});

test('a form with a bad field is not sent, and says which', async () => {
	const sent = vi.fn();
	show(FIELDS.slice(1, 2), 'en', { mac: '3c:52:82' }, sent);
	fireEvent.submit(screen.getByText('send'));
	await waitFor(() => expect(screen.getByText(/12 hexadecimal digits/)).toBeTruthy());
	expect(sent).not.toHaveBeenCalled();
});

test('a good form is sent with what was typed', async () => {
	const sent = vi.fn();
	show(FIELDS.slice(3, 4), 'zh', {}, sent);
	fireEvent.change(screen.getByLabelText('字段port'), { target: { value: 'p3' } });
	fireEvent.submit(screen.getByText('send'));
	await waitFor(() => expect(sent).toHaveBeenCalledWith({ port: 'p3' }));
});

test('what is missing, too long or malformed is complained of', () => {
	expect(complain(field('a', 'text'), '  ')).toBe('required');
	expect(complain(field('a', 'text', { required: false }), '')).toBeNull();
	expect(complain(field('a', 'text', { max: 8 }), '端口号')).toBe('too-long');
	expect(complain(field('a', 'text', { max: 9 }), '端口号')).toBeNull();
	for (const mac of ['3c5282aabbcc', '3C-52-82-aa-bb-cc', '3c52.82aa.bbcc', '3c:52:82:aa:bb:cc'])
		expect(complain(field('a', 'mac'), mac)).toBeNull();
	for (const mac of ['3c:52:82', '3c:52:82:aa:bb:cg', '3c52:82aa:bbcc'])
		expect(complain(field('a', 'mac'), mac)).toBe('bad-mac');
	for (const days of [0, 366, 1.5, 'x'])
		expect(complain(field('a', 'days', { max: 365 }), days)).toBe('bad-days');
	expect(complain(field('a', 'days', { max: 365 }), 365)).toBeNull();
});

test('the wire gets numbers as numbers, a day as its first moment in China, nothing for nothing', () => {
	const wire = toWire(FIELDS, {
		kind: 'printer',
		mac: ' 3c5282aabbcc ',
		switch: 2,
		port: 'p3',
		days: '30',
		from: '2026-11-23',
		note: '  ',
	});
	expect(wire).toEqual({
		kind: 'printer',
		mac: '3c5282aabbcc',
		switch: 2,
		port: 'p3',
		days: 30,
		from: Date.UTC(2026, 10, 22, 16),
	});
});

test('an unknown device fills in its MAC, switch and port', () => {
	const params = new URLSearchParams('mac=3c:52:82:aa:bb:cc&switch=2&port=p3&days=x');
	expect(prefill(FIELDS, params)).toEqual({ mac: '3c:52:82:aa:bb:cc', switch: 2, port: 'p3' });
});
