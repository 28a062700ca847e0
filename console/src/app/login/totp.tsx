/** Codes on the way in: one-time passwords, the binding of a phone, and what a second person hands over. */
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, type InputProps, QRCode } from 'antd';
import { api, call, type Session, TOKEN } from '../../api/client';
import { useSetSession } from '../../api/session';
import { Failure } from '../../parts/failure';
import { useWords } from '../../words/catalogue';
import { words } from './words';

/** What a code looks like, and how a browser helps to type it. */
interface Kind {
	label: string;
	need: string;
	pattern: RegExp;
	input: InputProps;
}

function CodeForm(props: {
	send: (code: string) => Promise<Session>;
	changed?: () => void;
	kind?: Kind;
}) {
	const w = useWords(words);
	const kind = props.kind ?? {
		label: w.code,
		need: w.needCode,
		pattern: /^[0-9]{6}$/,
		input: { inputMode: 'numeric', autoComplete: 'one-time-code', maxLength: 6 },
	};
	const setSession = useSetSession();
	const [form] = Form.useForm<{ code: string }>();
	const send = useMutation({
		mutationFn: props.send,
		onSuccess: (session) => {
			setSession(session);
			props.changed?.();
		},
		onError: () => form.resetFields(),
	});
	return (
		<Form
			form={form}
			layout="vertical"
			requiredMark={false}
			onFinish={({ code }) => send.mutate(code)}
		>
			{send.isError && <Failure error={send.error} />}
			<Form.Item
				name="code"
				label={kind.label}
				rules={[{ required: true, pattern: kind.pattern, message: kind.need }]}
			>
				<Input size="large" autoFocus className="code" {...kind.input} />
			</Form.Item>
			<Button type="primary" htmlType="submit" size="large" loading={send.isPending} block>
				{w.verify}
			</Button>
		</Form>
	);
}

export function VerifyTotp() {
	const w = useWords(words);
	return (
		<>
			<p>{w.secondHint}</p>
			<CodeForm
				send={(code) =>
					call(api.POST('/session/totp/verify', { params: { header: TOKEN }, body: { code } }))
				}
			/>
			<p className="hint">{w.lost}</p>
		</>
	);
}

/** The account's owner has it from the hands of whoever confirmed the role or the reset. */
export function GiveEntryCode() {
	const w = useWords(words);
	return (
		<>
			<p>{w.entryHint}</p>
			<CodeForm
				kind={{
					label: w.entryCode,
					need: w.needEntryCode,
					pattern: /^\s*([0-9A-Za-z][\s-]*){12}$/,
					input: { autoComplete: 'off', maxLength: 32 },
				}}
				send={(code) =>
					call(api.POST('/session/entry', { params: { header: TOKEN }, body: { code } }))
				}
			/>
			<p className="hint">{w.entryLost}</p>
		</>
	);
}

export function EnrolTotp({ changed }: { changed?: () => void }) {
	const w = useWords(words);
	const enrol = useMutation({
		mutationFn: () => call(api.POST('/session/totp/enrol', { params: { header: TOKEN } })),
	});
	if (!enrol.data)
		return (
			<>
				<p>{w.enrolHint}</p>
				{enrol.isError && <Failure error={enrol.error} />}
				<Button type="primary" loading={enrol.isPending} onClick={() => enrol.mutate()} block>
					{w.enrolStart}
				</Button>
			</>
		);
	return (
		<>
			<p>{w.enrolHint}</p>
			<div className="qr" role="img" aria-label={w.qr}>
				<QRCode type="svg" value={enrol.data.uri} size={188} color="#000" bgColor="#fff" />
			</div>
			<p className="hint">
				{w.secret}
				<br />
				<code className="mono key">{enrol.data.secret.replace(/(.{4})/g, '$1 ').trim()}</code>
			</p>
			<CodeForm
				changed={changed}
				send={(code) =>
					call(api.POST('/session/totp/confirm', { params: { header: TOKEN }, body: { code } }))
				}
			/>
		</>
	);
}
