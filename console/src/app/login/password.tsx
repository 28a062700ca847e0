/** The change of the own password, forced or by choice, with the rules shown while typing. */
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { api, call, type Session, TOKEN } from '../../api/client';
import { useSetSession } from '../../api/session';
import { Failure } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { useWords } from '../../words/catalogue';
import { checkPassword } from './rules';
import { words } from './words';

interface Fields {
	current: string;
	fresh: string;
	again: string;
}

export function ChangePassword(props: {
	session: Session;
	known?: string;
	changed?: (session: Session) => void;
}) {
	const w = useWords(words);
	const setSession = useSetSession();
	const [form] = Form.useForm<Fields>();
	const fields = Form.useWatch([], form);
	const check = checkPassword(
		props.session.account,
		fields?.current ?? props.known ?? '',
		fields?.fresh ?? '',
		fields?.again ?? '',
	);
	const good = Object.values(check).every(Boolean);
	const change = useMutation({
		mutationFn: (f: Fields) =>
			call(
				api.POST('/session/password', {
					params: { header: TOKEN },
					body: { current: f.current ?? props.known ?? '', new: f.fresh },
				}),
			),
		onSuccess: (session) => {
			form.resetFields();
			setSession(session);
			props.changed?.(session);
		},
	});
	const rules = [
		[check.length, w.ruleLength],
		[check.classes, w.ruleClasses],
		[check.account, w.ruleAccount],
		[check.old, w.ruleOld],
		[check.same, w.ruleSame],
	] as const;

	return (
		<Form form={form} layout="vertical" requiredMark={false} onFinish={(f) => change.mutate(f)}>
			{change.isError && <Failure error={change.error} />}
			<input type="text" autoComplete="username" value={props.session.account} readOnly hidden />
			{!props.known && (
				<Form.Item
					name="current"
					label={w.current}
					rules={[{ required: true, message: w.needPassword }]}
				>
					<Input.Password autoComplete="current-password" />
				</Form.Item>
			)}
			<Form.Item name="fresh" label={w.fresh} rules={[{ required: true, message: w.needPassword }]}>
				<Input.Password autoComplete="new-password" aria-describedby="password-rules" />
			</Form.Item>
			<Form.Item name="again" label={w.again} rules={[{ required: true, message: w.needPassword }]}>
				<Input.Password autoComplete="new-password" />
			</Form.Item>
			<ul id="password-rules" className="rules" aria-label={w.rules}>
				{rules.map(([met, text]) => (
					<li key={text}>
						<Mark tone={met ? 'good' : 'plain'}>{met ? w.met : w.unmet}</Mark> {text}
					</li>
				))}
			</ul>
			<Button type="primary" htmlType="submit" disabled={!good} loading={change.isPending} block>
				{w.change}
			</Button>
		</Form>
	);
}
