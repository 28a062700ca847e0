/** One switch: a picture of its ports, who is there, what is set, and what to type into it. */
import { useQuery } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Skeleton } from 'antd';
import { useMemo, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { api, call, type Schema } from '../../api/client';
import { useMay } from '../../api/session';
import { Mac, Reason, TerminalLink, Verdict } from '../../parts/cells';
import { Failure } from '../../parts/failure';
import { useFindingKinds } from '../../parts/finding-kinds';
import { Mark } from '../../parts/mark';
import { Facts, Page, Panel } from '../../parts/page';
import { dateText, Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { vendorNames } from '../../words/names';
import { useSwitchSettings } from './switch-acts';
import './switch.css';
import { gather, isStranger, type Port, type State, stateOf, unadmitted } from './switch-ports';
import { Surveyed, SurveyNote, useLinkText } from './switch-survey';
import { words } from './switch-words';
import { words as admission } from './words';

type Switch = Schema['Switch'];

function useStateNames(): Record<State, string> {
	const w = useWords(words);
	return {
		in: w.legendIn,
		isolated: w.legendIsolated,
		refused: w.legendRefused,
		unadmitted: w.legendUnadmitted,
		free: w.legendFree,
		idle: w.legendIdle,
	};
}

function Picture(props: { ports: Port[]; chosen?: string; choose: (name: string) => void }) {
	const w = useWords(words);
	const names = useStateNames();
	const link = useLinkText();
	return (
		<>
			<ul className="row legend">
				{(Object.keys(names) as State[]).map((state) => (
					<li key={state}>
						<span className={`port-dot port-${state}`} /> {names[state]}
					</li>
				))}
			</ul>
			<div className="ports">
				{props.ports.map((p) => {
					const state = stateOf(p);
					const said = [names[state]];
					if (p.sessions.length > 0) said.push(w.peopleN(p.sessions.length));
					const alone = unadmitted(p).length;
					if (alone > 0) said.push(w.unadmittedN(alone));
					if (p.findings.length > 0) said.push(w.findingsN(p.findings.length));
					if (p.neighbours.some(isStranger)) said.push(w.strangerAtPort);
					const linked = link(p);
					if (linked) said.push(linked);
					const down = p.state && !(p.state.enabled && p.state.linked);
					return (
						<button
							key={p.name}
							type="button"
							className={`port port-${state}${down ? ' port-down' : ''}`}
							aria-pressed={p.name === props.chosen}
							title={said.join(' · ')}
							onClick={() => props.choose(p.name)}
						>
							<span className="mono">{p.name}</span>
							<b>
								{p.sessions.length || (alone ? '' : '·')}
								{alone > 0 && `+${alone}`}
							</b>
							{linked && <span className="port-link">{linked}</span>}
							<span className="port-said">{said.join(', ')}</span>
							{(p.findings.length > 0 || p.neighbours.some(isStranger)) && (
								<span className="port-alarm" aria-hidden>
									!
								</span>
							)}
						</button>
					);
				})}
			</div>
		</>
	);
}

function PortDetail({ of }: { of: Port }) {
	const w = useWords(words);
	const kinds = useFindingKinds();
	const link = useLinkText();
	return (
		<div className="stack">
			<h3>
				{of.name}{' '}
				<span className="soft">{[of.state?.alias, link(of)].filter(Boolean).join(' · ')}</span>
			</h3>
			<ol className="items">
				<Surveyed of={of} />
				{of.sessions.map((s) => (
					<li key={`${s.mac} ${s.started_at}`}>
						<Verdict of={s.verdict} />
						<span className="item-wrap">
							<TerminalLink id={s.terminal_id} name={s.asset_no} /> <Mac of={s.mac} />{' '}
							<span className="mono">{s.address}</span> {s.account}
							<div className="soft">
								<Reason of={s.reason} />
							</div>
						</span>
						<Time at={s.started_at} />
					</li>
				))}
				{of.findings.map((f) => (
					<li key={`f${f.id}`}>
						<Mark tone="bad">{w.finding}</Mark>
						<span className="item-wrap">
							<Link to={`/admission/findings?mac=${f.mac}`} className="underlined">
								{kinds.name(f.code)}
							</Link>
							<div>
								<Mac of={f.mac} />
							</div>
						</span>
						<Time at={f.last_at} />
					</li>
				))}
				{of.knocks
					.filter((k) => !of.sessions.some((s) => s.mac === k.mac))
					.map((k) => (
						<li key={`k${k.mac}`}>
							<Verdict of={k.verdict} />
							<span className="item-wrap">
								{w.lastKnock} <Mac of={k.mac} />
								<div className="soft">
									<Reason of={k.reason} />
								</div>
							</span>
							<Time at={k.last_at} />
						</li>
					))}
				{of.permits.map((p) => (
					<li key={`p${p.mac}`}>
						<Mark tone="info">{w.permitsOf}</Mark>
						<span className="item-wrap">
							<TerminalLink id={p.terminal_id} name={p.asset_no} /> <Mac of={p.mac} />
						</span>
						<span className="num">{dateText(p.until_at)}</span>
					</li>
				))}
			</ol>
		</div>
	);
}

function PortsPanel({ id }: { id: number }) {
	const w = useWords(words);
	const [query] = useSearchParams();
	const [chosen, choose] = useState<string | undefined>(query.get('port') ?? undefined);
	const said = useQuery({
		queryKey: ['switch-ports', id],
		refetchInterval: 30_000,
		queryFn: () => call(api.GET('/switches/{id}/ports', { params: { path: { id } } })),
	});
	const ports = useMemo(() => said.data && gather(said.data), [said.data]);
	const at = ports?.find((p) => p.name === chosen);
	return (
		<Panel title={w.ports}>
			<p className="soft">{w.portsHint}</p>
			{said.data && <SurveyNote of={said.data.survey} />}
			{said.isError && <Failure error={said.error} again={() => said.refetch()} />}
			{said.isPending && <Skeleton active />}
			{ports?.length === 0 && <p>{w.portsNone}</p>}
			{ports && ports.length > 0 && (
				<>
					<Picture ports={ports} chosen={chosen} choose={choose} />
					{at ? <PortDetail of={at} /> : <p className="soft">{w.choosePort}</p>}
				</>
			)}
		</Panel>
	);
}

function Configuration({ id }: { id: number }) {
	const w = useWords(words);
	const c = useWords(common);
	const { message } = App.useApp();
	const [asked, ask] = useState<{ gate: string; gate2?: string; ports?: string }>();
	const text = useQuery({
		queryKey: ['switch-configuration', id, asked],
		enabled: asked !== undefined,
		retry: false,
		queryFn: () =>
			call(
				api.GET('/switches/{id}/configuration', {
					params: { path: { id }, query: asked ?? { gate: '' } },
				}),
			),
	});
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text.data?.text ?? '');
			message.success(c.copied);
		} catch {
			message.warning(w.copyFailed);
		}
	};
	const filled = (v: { gate: string; gate2?: string; ports?: string }) => ({
		gate: v.gate.trim(),
		gate2: v.gate2?.trim() || undefined,
		ports: v.ports?.trim() || undefined,
	});
	return (
		<Panel title={w.configuration} end={text.data && <Button onClick={copy}>{c.copy}</Button>}>
			<p className="soft">{w.configurationHint}</p>
			<Form layout="vertical" onFinish={(v) => ask(filled(v))} className="filters">
				<Form.Item
					name="gate"
					label={w.gateAddress}
					rules={[{ required: true, message: c.required }]}
				>
					<Input className="mono" maxLength={45} />
				</Form.Item>
				<Form.Item name="gate2" label={w.gateAddress2}>
					<Input className="mono" maxLength={45} />
				</Form.Item>
				<Form.Item name="ports" label={w.portRange}>
					<Input className="mono" maxLength={96} />
				</Form.Item>
				<Button htmlType="submit" loading={text.isFetching}>
					{w.show}
				</Button>
			</Form>
			{text.isError && <Failure error={text.error} />}
			{text.data && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keyboards scroll too
				<pre className="configuration mono" tabIndex={0}>
					{text.data.text}
				</pre>
			)}
		</Panel>
	);
}

function SwitchFacts({ of }: { of: Switch }) {
	const w = useWords(words);
	const a = useWords(admission);
	const c = useWords(common);
	const vendorName = useNames(vendorNames);
	return (
		<Facts
			rows={[
				[
					c.address,
					<span key="a" className="mono">
						{of.address}
					</span>,
				],
				[a.switchVendor, vendorName(of.vendor)],
				[c.unit, of.unit_name],
				[a.coa, of.coa_port],
				[a.vlanNormal, of.vlan_normal],
				[a.vlanIsolation, of.vlan_isolation || of.acl_isolation],
				[a.vlanVoice, of.voice_vlan],
				[w.visitorVlan, of.visitor_vlan],
				[w.snmp, of.snmp_version === 'none' ? w.snmpNone : `v${of.snmp_version}`],
				[
					w.portLimit,
					of.port_terminals ? w.limitN(of.port_terminals, of.phone_beside ?? true) : w.asUnit,
				],
				[a.exceptionUntil, <Time key="e" at={of.mab_unsigned_until} empty="—" />],
			]}
		/>
	);
}

export default function SwitchPage() {
	const w = useWords(words);
	const a = useWords(admission);
	const id = Number(useParams().id);
	const system = useMay('system');
	const limits = useMay('security', 'regional');
	const watches = useMay('security', 'system', 'regional', 'auditor');
	const acts = useSwitchSettings();
	const one = useQuery({
		queryKey: ['switch', id],
		queryFn: () => call(api.GET('/switches/{id}', { params: { path: { id } } })),
	});
	if (one.isError) return <Failure error={one.error} again={() => one.refetch()} />;
	if (!one.data) return <Skeleton active />;
	const of = one.data;
	return (
		<Page
			title={`${a.switch} ${of.name}`}
			end={
				<>
					{limits && !of.ended_at && <Button onClick={() => acts.limit(of)}>{w.setLimit}</Button>}
					{system && !of.ended_at && <Button onClick={() => acts.snmp(of)}>{w.setSnmp}</Button>}
				</>
			}
		>
			<p>
				<Link to="/admission/switches">{w.back}</Link>
			</p>
			{of.ended_at && <Alert type="warning" title={a.ended} />}
			{watches && <PortsPanel id={id} />}
			<Panel title={w.facts}>
				<SwitchFacts of={of} />
			</Panel>
			{watches && <Configuration id={id} />}
		</Page>
	);
}
