/** One request: what was asked, where it stands, what came of it, and the decision that is due. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Skeleton } from 'antd';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, call, type Schema, TOKEN } from '../../api/client';
import { useShortcut } from '../../app/shortcuts';
import { useAsk } from '../../parts/ask';
import { RequestStatus } from '../../parts/cells';
import { CodeOnce } from '../../parts/code-once';
import { Failure } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { Facts, Page, Panel } from '../../parts/page';
import { useKindNames, useRequestKinds } from '../../parts/request-row';
import { dateText, Time } from '../../parts/time';
import { useLanguage, useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { decisionNames, roleNames } from '../../words/names';
import type { Field } from './form';
import { effectNames, words } from './words';

type Request = Schema['Request'];
type Once = NonNullable<Request['once']>;

function Value({ field, value }: { field: Field | undefined; value: unknown }) {
	const language = useLanguage();
	const w = useWords(words);
	const person = useQuery({
		queryKey: ['person', value],
		enabled: field?.type === 'person' && typeof value === 'number',
		retry: false,
		queryFn: () => call(api.GET('/people/{id}', { params: { path: { id: value as number } } })),
	});
	const place = useQuery({
		queryKey: ['switch', value],
		enabled: field?.type === 'switch' && typeof value === 'number',
		retry: false,
		queryFn: () => call(api.GET('/switches/{id}', { params: { path: { id: value as number } } })),
	});
	switch (field?.type) {
		case 'person':
			return person.data ? `${person.data.name} · ${person.data.staff_no}` : String(value);
		case 'switch':
			return place.data ? `${place.data.name} · ${place.data.address}` : String(value);
		case 'choice':
			return field.options.find((o) => o.value === value)?.[language] ?? String(value);
		case 'date':
			return dateText(Number(value));
		case 'days':
			return `${value} ${w.daysUnit}`;
		case 'mac':
			return <span className="mono">{String(value)}</span>;
		default:
			return String(value ?? '');
	}
}

function FormFacts({ request }: { request: Request }) {
	const w = useWords(words);
	const c = useWords(common);
	const language = useLanguage();
	const kinds = useRequestKinds();
	const fields = kinds.data?.find((k) => k.id === request.kind)?.fields ?? [];
	const form = request.form as Record<string, unknown>;
	return (
		<Panel title={w.form}>
			<Facts
				rows={[
					[w.applicant, request.applicant_name],
					[c.unit, request.unit_name],
					...fields
						.filter((f) => form[f.name] !== undefined)
						.map((f): [string, React.ReactNode] => [
							f[language],
							<Value key={f.name} field={f} value={form[f.name]} />,
						]),
				]}
			/>
		</Panel>
	);
}

function Steps({ request }: { request: Request }) {
	const w = useWords(words);
	const names = useKindNames();
	const roleName = useNames(roleNames);
	const decisionName = useNames(decisionNames);
	return (
		<Panel title={w.steps}>
			<ol className="items">
				<li>
					<strong>{w.filedStep}</strong>
					<span className="item-main">{request.applicant_name}</span>
					<Time at={request.created_at} />
				</li>
				{request.steps.map((s) => {
					const due = request.status === 'pending' && s.step === request.step;
					return (
						<li key={s.step}>
							<strong>{names.step(request.kind, s.name)}</strong>
							<span className="item-wrap">
								<span className="soft">
									{roleName(s.role)} · {s.unit_name}
								</span>
								{s.decided_by_name && <div>{s.decided_by_name}</div>}
								{s.comment && <div>{s.comment}</div>}
							</span>
							{s.decision ? (
								<Mark tone={s.decision === 'approved' ? 'good' : 'bad'}>
									{decisionName(s.decision)}
								</Mark>
							) : (
								<Mark tone={due ? 'info' : 'plain'}>{due ? w.waiting : w.notYet}</Mark>
							)}
							<Time at={s.decided_at} />
						</li>
					);
				})}
			</ol>
		</Panel>
	);
}

function Effect({ request }: { request: Request }) {
	const w = useWords(words);
	const effectName = useNames(effectNames);
	const effect = request.effect as Record<string, unknown>;
	if (Object.keys(effect).length === 0) return null;
	const shown = ([name, value]: [string, unknown]): [string, React.ReactNode] => {
		if (name === 'terminal_id')
			return [
				effectName(name),
				<Link key={name} to={`/terminals/${value}`}>
					{w.terminalLink}
				</Link>,
			];
		if (name.endsWith('_at')) return [effectName(name), <Time key={name} at={Number(value)} />];
		return [
			effectName(name),
			<span key={name} className="mono">
				{String(value)}
			</span>,
		];
	};
	return (
		<Panel title={w.effect}>
			<Facts rows={Object.entries(effect).map(shown)} />
		</Panel>
	);
}

function Decide({ request, decided }: { request: Request; decided: (request: Request) => void }) {
	const w = useWords(words);
	const client = useQueryClient();
	const { modal } = App.useApp();
	const [form] = Form.useForm<{ comment?: string }>();
	const decide = useMutation({
		mutationFn: ({ decision, comment }: { decision: 'approved' | 'refused'; comment?: string }) =>
			call(
				api.POST('/requests/{id}/decide', {
					params: { path: { id: request.id }, header: TOKEN },
					body: { decision, step: request.step, ...(comment && { comment }) },
				}),
			),
		onSuccess: (answer) => {
			decided(answer);
			form.resetFields();
			client.invalidateQueries();
		},
	});
	const send = (decision: 'approved' | 'refused') => {
		const comment = form.getFieldValue('comment')?.trim() || undefined;
		if (decision === 'refused' && !comment) {
			form.setFields([{ name: 'comment', errors: [w.commentNeeded] }]);
			return;
		}
		decide.mutate({ decision, comment });
	};
	useShortcut('a', () =>
		modal.confirm({
			title: w.approveAsk(request.number),
			okText: w.approve,
			onOk: () => send('approved'),
		}),
	);
	return (
		<Panel title={w.decide} end={<span className="soft">{w.approveKey}</span>}>
			<Form form={form} layout="vertical">
				{decide.isError && <Failure error={decide.error} />}
				<Form.Item name="comment" label={w.comment}>
					<Input.TextArea rows={2} maxLength={160} />
				</Form.Item>
				<span className="row">
					<Button type="primary" loading={decide.isPending} onClick={() => send('approved')}>
						{w.approve}
					</Button>
					<Button danger disabled={decide.isPending} onClick={() => send('refused')}>
						{w.refuse}
					</Button>
				</span>
			</Form>
		</Panel>
	);
}

function useApplicantActs(request: Request | undefined) {
	const w = useWords(words);
	const ask = useAsk();
	const params = { path: { id: request?.id ?? 0 }, header: TOKEN };
	return {
		withdraw: () =>
			ask({
				title: w.withdraw,
				text: w.withdrawText,
				danger: true,
				run: ({ reason }) =>
					call(api.POST('/requests/{id}/withdraw', { params, body: { reason } })),
			}),
		takeCode: () =>
			ask({
				title: w.takeCode,
				text: w.takeCodeText,
				noReason: true,
				confirm: w.takeCode,
				run: () => call(api.POST('/requests/{id}/code', { params })),
				result: (answer) => {
					const { code, expires_at } = answer as Once;
					return <CodeOnce label={w.code} code={code} until={expires_at} />;
				},
			}),
	};
}

export default function RequestPage() {
	const w = useWords(words);
	const id = Number(useParams().id);
	const names = useKindNames();
	const [once, setOnce] = useState<Once>();
	const request = useQuery({
		queryKey: ['request', id],
		queryFn: () => call(api.GET('/requests/{id}', { params: { path: { id } } })),
	});
	const r = request.data;
	const acts = useApplicantActs(r);
	if (request.isError) return <Failure error={request.error} again={() => request.refetch()} />;
	if (!r) return <Skeleton active />;
	return (
		<Page
			title={`${names.kind(r.kind)} ${r.number}`}
			end={
				<>
					<RequestStatus of={r.status} />
					{r.may_take_code && (
						<Button type="primary" onClick={acts.takeCode}>
							{w.takeCode}
						</Button>
					)}
					{r.may_withdraw && (
						<Button danger onClick={acts.withdraw}>
							{w.withdraw}
						</Button>
					)}
				</>
			}
		>
			{once && <CodeOnce label={w.code} code={once.code} until={once.expires_at} />}
			<div className="two">
				<div className="stack">
					<FormFacts request={r} />
					{r.may_decide && (
						<Decide key={r.step} request={r} decided={(answer) => setOnce(answer.once)} />
					)}
				</div>
				<div className="stack">
					<Steps request={r} />
					<Effect request={r} />
				</div>
			</div>
		</Page>
	);
}
