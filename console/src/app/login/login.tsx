/** The way in: password, then what is still due, one step after the other. */
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { type ReactNode, useState } from 'react';
import { api, call, type Session, TOKEN } from '../../api/client';
import { useSetSession } from '../../api/session';
import { Failure } from '../../parts/failure';
import { Switches } from '../../parts/switches';
import { useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { ChangePassword } from './password';
import { EnrolTotp, GiveEntryCode, VerifyTotp } from './totp';
import { words } from './words';
import './login.css';

function PasswordStep({ remember }: { remember: (password: string) => void }) {
	const w = useWords(words);
	const setSession = useSetSession();
	const logIn = useMutation({
		mutationFn: (body: { account: string; password: string }) =>
			call(api.POST('/session', { body })),
		onSuccess: (session, { password }) => {
			remember(session.stage === 'full' ? '' : password);
			setSession(session);
		},
	});
	return (
		<Form
			layout="vertical"
			size="large"
			requiredMark={false}
			onFinish={(f: { account: string; password: string }) =>
				logIn.mutate({ ...f, account: f.account.trim() })
			}
		>
			{logIn.isError && <Failure error={logIn.error} />}
			<Form.Item
				name="account"
				label={w.account}
				rules={[{ required: true, whitespace: true, message: w.needAccount }]}
			>
				<Input autoComplete="username" autoFocus maxLength={64} />
			</Form.Item>
			<Form.Item
				name="password"
				label={w.password}
				rules={[{ required: true, message: w.needPassword }]}
			>
				<Input.Password autoComplete="current-password" maxLength={256} />
			</Form.Item>
			<Button type="primary" htmlType="submit" loading={logIn.isPending} block>
				{w.logIn}
			</Button>
		</Form>
	);
}

function Step(props: { title: string; hint?: string; children: ReactNode }) {
	return (
		<>
			<h1>{props.title}</h1>
			{props.hint && <p>{props.hint}</p>}
			{props.children}
		</>
	);
}

export function Login({ session }: { session: Session | null | undefined }) {
	const w = useWords(words);
	const c = useWords(common);
	const setSession = useSetSession();
	const [password, setPassword] = useState('');
	const leave = useMutation({
		mutationFn: () => call(api.DELETE('/session', { params: { header: TOKEN } })),
		onSettled: () => setSession(null),
	});
	return (
		<div className="login">
			<header className="login-top">
				<strong>{c.product}</strong>
				<Switches />
			</header>
			<main className="login-card">
				{!session && (
					<Step title={w.title}>
						<PasswordStep remember={setPassword} />
					</Step>
				)}
				{session?.stage === 'totp' && (
					<Step title={w.secondStep}>
						<VerifyTotp />
					</Step>
				)}
				{session?.stage === 'entry' && (
					<Step title={w.entryTitle}>
						<GiveEntryCode />
					</Step>
				)}
				{session?.stage === 'password-change' && (
					<Step title={w.changeTitle} hint={w.changeForced}>
						<ChangePassword session={session} known={password} />
					</Step>
				)}
				{session?.stage === 'totp-enrol' && (
					<Step title={w.enrolTitle}>
						<EnrolTotp />
					</Step>
				)}
				{session && (
					<Button type="link" onClick={() => leave.mutate()}>
						{w.logOut}
					</Button>
				)}
			</main>
		</div>
	);
}
