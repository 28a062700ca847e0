/** What would become of a knock: a gate says how it would decide now. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Skeleton } from 'antd';
import { useSearchParams } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { Mac, Mode, Place, Verdict } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { Facts, Page, Panel } from '../../parts/page';
import { SwitchPick } from '../../parts/person-select';
import { useLanguage, useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { methodNames } from '../../words/names';
import { words } from './explain-words';
import { MAC_INPUT } from './knocks';

type Explained = Schema['Explained'];

interface Ask {
	mac: string;
	account?: string;
	switch: number;
	port: string;
}

/** The address holds the question, so that it can be sent to somebody. */
function askOf(params: URLSearchParams): Partial<Ask> {
	const at = Number(params.get('switch'));
	return {
		mac: params.get('mac') ?? undefined,
		account: params.get('account') ?? undefined,
		switch: Number.isSafeInteger(at) && at > 0 ? at : undefined,
		port: params.get('port') ?? undefined,
	};
}

function isWhole(ask: Partial<Ask>): ask is Ask {
	return Boolean(ask.mac && MAC_INPUT.test(ask.mac) && ask.switch && ask.port);
}

function Question({ ask, send }: { ask: Partial<Ask>; send: (ask: Ask) => void }) {
	const w = useWords(words);
	const c = useWords(common);
	const needed = { required: true, message: c.required };
	return (
		<section className="panel">
			<Form<Ask> layout="vertical" initialValues={ask} onFinish={send} className="three-fields">
				<Form.Item
					name="mac"
					label={c.mac}
					rules={[needed, { pattern: MAC_INPUT, message: w.badMac }]}
				>
					<Input maxLength={17} />
				</Form.Item>
				<Form.Item name="switch" label={w.at} rules={[needed]}>
					<SwitchPick label={w.at} />
				</Form.Item>
				<Form.Item name="port" label={c.port} rules={[needed]}>
					<Input maxLength={63} />
				</Form.Item>
				<Form.Item name="account" label={w.account} extra={w.accountHint}>
					<Input maxLength={32} />
				</Form.Item>
				<div className="whole-row">
					<Button type="primary" htmlType="submit">
						{w.ask}
					</Button>
				</div>
			</Form>
		</section>
	);
}

const TONE = { admit: 'success', isolate: 'warning', reject: 'error' } as const;

function Answer({ of }: { of: Explained }) {
	const w = useWords(words);
	const c = useWords(common);
	const zh = useLanguage() === 'zh';
	const methodName = useNames(methodNames);
	const headline = { admit: w.admit, isolate: w.isolate, reject: w.reject }[of.verdict];
	const { reason, would_be_reason: stricter } = of;
	const sentence = reason && reason.code !== 'ok' && (zh ? reason.zh : reason.en);
	const colon = zh ? '：' : ': ';
	return (
		<Panel title={w.answer}>
			<div className="stack">
				<Alert
					type={TONE[of.verdict]}
					showIcon
					title={sentence ? `${headline}${colon}${sentence}` : headline}
					description={reason && (zh ? reason.zh_todo : reason.en_todo)}
				/>
				{stricter && of.would_be !== of.verdict && stricter.code !== 'ok' && (
					<Alert
						type="warning"
						showIcon
						title={`${w.enforced}${colon}${zh ? stricter.zh : stricter.en}`}
						description={zh ? stricter.zh_todo : stricter.en_todo}
					/>
				)}
				<Facts
					rows={[
						[c.mac, <Mac key="mac" of={of.mac} />],
						[c.switchAndPort, <Place key="place" switchName={of.switch_name} port={of.port} />],
						[c.account, of.account],
						[c.method, methodName(of.method)],
						[c.mode, <Mode key="mode" of={of.mode} />],
						[c.verdict, <Verdict key="verdict" of={of.verdict} />],
						[
							w.code,
							<span key="code" className="mono">
								{reason?.code}
							</span>,
						],
						[w.clause, reason?.clause],
						[w.standing, of.standing ? c.yes : c.no],
						[w.said, of.gate],
					]}
				/>
			</div>
		</Panel>
	);
}

export default function Explain() {
	const w = useWords(words);
	const [params, setParams] = useSearchParams();
	const ask = askOf(params);
	const whole = isWhole(ask);
	const answer = useQuery({
		queryKey: ['explain', ask],
		enabled: whole,
		retry: false,
		staleTime: 0,
		queryFn: () => call(api.GET('/admission/explain', { params: { query: ask as Ask } })),
	});
	const send = (next: Ask) => {
		const entries = Object.entries(next).filter(([, v]) => v !== undefined && v !== '');
		const to = new URLSearchParams(entries.map(([k, v]) => [k, String(v).trim()]));
		if (to.toString() === params.toString()) answer.refetch();
		else setParams(to);
	};
	return (
		<Page title={w.title} hint={w.hint}>
			<Question ask={ask} send={send} />
			{whole && answer.isError && <Failure error={answer.error} again={() => answer.refetch()} />}
			{whole && answer.isPending && <Skeleton active />}
			{answer.data && <Answer of={answer.data} />}
		</Page>
	);
}
