/** Choosing what to apply for, and the form of it, drawn from what the server says it holds. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Empty, Form, Skeleton } from 'antd';
import { Link, Navigate, useNavigate, useParams, useSearchParams } from 'react-router';
import { ApiError, api, call, type Schema, TOKEN } from '../../api/client';
import { useMe } from '../../api/session';
import { Failure } from '../../parts/failure';
import { Mark } from '../../parts/mark';
import { Page, Panel } from '../../parts/page';
import { useRequestKinds } from '../../parts/request-row';
import { UnitSelect } from '../../parts/unit-select';
import { useLanguage, useWords } from '../../words/catalogue';
import { RequestFields } from './fields';
import { type FormValues, prefill, toWire } from './form';
import { words } from './words';

type Kind = Schema['RequestKind'];

function Route({ kind }: { kind: Kind }) {
	const language = useLanguage();
	return (
		<ol className="route">
			{kind.route.map((step) => (
				<li key={step.name}>
					<Mark tone="info">{step[language]}</Mark>
				</li>
			))}
		</ol>
	);
}

function KindForm({ kind }: { kind: Kind }) {
	const w = useWords(words);
	const language = useLanguage();
	const me = useMe();
	const client = useQueryClient();
	const navigate = useNavigate();
	const { message } = App.useApp();
	const [params] = useSearchParams();
	const unit = Number(params.get('unit')) || undefined;
	const [form] = Form.useForm<{ unit_id?: number; form: FormValues }>();
	const file = useMutation({
		mutationFn: (values: { unit_id?: number; form: FormValues }) =>
			call(
				api.POST('/requests', {
					params: { header: TOKEN },
					body: {
						kind: kind.id,
						unit_id: values.unit_id,
						form: toWire(kind.fields, values.form ?? {}) as Record<string, never>,
					},
				}),
			),
		onSuccess: (request) => {
			client.invalidateQueries();
			message.success(w.filed(request.number));
			navigate(`/requests/${request.id}`);
		},
		onError: (error) => {
			const name = error instanceof ApiError && /^form\.(.+)$/.exec(error.field ?? '')?.[1];
			if (!name || !kind.fields.some((f) => f.name === name)) return;
			const at: ['form', string] = ['form', name];
			form.setFields([{ name: at, errors: [error.in(language)] }]);
			form.scrollToField(at);
		},
	});
	return (
		<Page title={`${w.create}${language === 'zh' ? '：' : ': '}${kind[language]}`}>
			<div className="two">
				<section className="panel">
					<Form
						form={form}
						layout="vertical"
						initialValues={{ unit_id: unit, form: prefill(kind.fields, params) }}
						onFinish={(values) => file.mutate(values)}
						scrollToFirstError
					>
						{file.isError && <Failure error={file.error} />}
						{me.roles.length > 0 && (
							<Form.Item
								name="unit_id"
								label={w.forUnit}
								extra={`${w.ownUnit}${language === 'zh' ? '：' : ': '}${me.unit_name}`}
							>
								<UnitSelect label={w.forUnit} />
							</Form.Item>
						)}
						<RequestFields fields={kind.fields} />
						<Button type="primary" htmlType="submit" loading={file.isPending}>
							{w.submit}
						</Button>
					</Form>
				</section>
				<Panel title={w.route}>
					<Route kind={kind} />
					{kind.clauses.length > 0 && (
						<p className="soft">
							{w.clauses}: {kind.clauses.join(language === 'zh' ? '、' : ', ')}
						</p>
					)}
				</Panel>
			</div>
		</Page>
	);
}

export default function NewRequest() {
	const w = useWords(words);
	const language = useLanguage();
	const { kind: id } = useParams();
	const [params] = useSearchParams();
	const kinds = useRequestKinds();
	if (kinds.isError) return <Failure error={kinds.error} again={() => kinds.refetch()} />;
	if (!kinds.data) return <Skeleton active />;
	const mine = kinds.data.filter((k) => k.may_file);
	const chosen = kinds.data.find((k) => k.id === id);
	if (chosen)
		return chosen.may_file ? <KindForm key={chosen.id} kind={chosen} /> : <p>{w.mayNot}</p>;
	// A device that knocked leads here with its MAC and place: to the kind that asks for both.
	const device = mine.find((k) =>
		['mac', 'switch'].every((type) => k.fields.some((f) => f.type === type)),
	);
	if (params.has('mac') && device)
		return <Navigate to={`/requests/new/${device.id}?${params}`} replace />;
	return (
		<Page title={w.chooseKind}>
			{mine.length === 0 && <Empty description={w.noKinds} />}
			<div className="panels three">
				{mine.map((kind) => (
					<Link key={kind.id} to={`/requests/new/${kind.id}`} className="panel number">
						<h2>{kind[language]}</h2>
						<Route kind={kind} />
					</Link>
				))}
			</div>
		</Page>
	);
}
