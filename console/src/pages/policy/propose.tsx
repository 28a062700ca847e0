/** A new policy, from what is in force: a form of the guards, and beside it what will change. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, InputNumber, Radio, Select, Skeleton, Switch } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api, call, TOKEN } from '../../api/client';
import type { paths } from '../../api/schema';
import { Failure } from '../../parts/failure';
import { Page, Panel } from '../../parts/page';
import {
	allGuards,
	type Body,
	changesOf,
	GUARD_MODES,
	type Guard,
	guardModeNames,
	guardNames,
	guardsOf,
	HEARTBEAT_MAX_S,
	type Json,
	optionNames,
	type Setting,
	settingNames,
	withoutVersion,
	withSetting,
} from '../../parts/policy-body';
import { PolicyChanges } from '../../parts/policy-changes';
import { useNames, useWords } from '../../words/catalogue';
import { common } from '../../words/common';
import { Reach } from './reach';
import { useNewest, usePolicy } from './version';
import { words } from './words';

type Proposed = paths['/policies']['post']['requestBody']['content']['application/json']['policy'];

interface Edit {
	body: Body;
	set: (body: Body) => void;
}

function SettingField(props: {
	of: Setting;
	label: string;
	value: Json | undefined;
	set: (value: Json | undefined) => void;
}) {
	const w = useWords(words);
	const optionName = useNames(optionNames);
	const { of, value, set, label } = props;
	const options = of.options?.map((o) => ({
		value: o.value,
		label: o.label ?? optionName(o.value),
	}));
	if (of.kind === 'whole')
		return (
			<InputNumber
				aria-label={label}
				min={1}
				max={of.max}
				precision={0}
				value={typeof value === 'number' ? value : null}
				placeholder={of.usual === undefined ? undefined : w.usual(of.usual)}
				onChange={(n) => set(n ?? undefined)}
			/>
		);
	if (of.kind === 'yes')
		return (
			<Switch
				aria-label={label}
				checked={value === true}
				onChange={(on) => set(on ? true : undefined)}
			/>
		);
	if (of.kind === 'one')
		return (
			<Radio.Group
				aria-label={label}
				value={value ?? of.options?.[0]?.value}
				onChange={(e) => set(e.target.value)}
				options={options}
			/>
		);
	return (
		<Select
			aria-label={label}
			mode={of.kind === 'texts' ? 'tags' : 'multiple'}
			tokenSeparators={of.kind === 'texts' ? [' ', ',', '，', '、'] : undefined}
			className="choice"
			placeholder={of.kind === 'texts' ? w.texts : w.anyProduct}
			options={options}
			value={Array.isArray(value) ? value.map(String) : []}
			onChange={(chosen: string[]) => set(chosen.length > 0 ? chosen : undefined)}
		/>
	);
}

function GuardPanel({ of, edit }: { of: Guard; edit: Edit }) {
	const w = useWords(words);
	const guardName = useNames(guardNames);
	const modeName = useNames(guardModeNames);
	const settingName = useNames(settingNames);
	const settings = guardsOf(edit.body)[of.name] ?? {};
	const mode = String(settings.mode ?? 'off');
	const put = (name: string, value?: Json) =>
		edit.set(withSetting(edit.body, of.name, name, value));
	const told: Record<string, string> = {
		off: w.modeOff,
		observe: w.modeObserve,
		warn: w.modeWarn,
		enforce: w.modeEnforce,
	};
	return (
		<Panel title={guardName(of.name)}>
			<Form layout="vertical" component="div">
				<Form.Item label={settingName('mode')} extra={told[mode]}>
					<Radio.Group
						aria-label={`${guardName(of.name)} ${settingName('mode')}`}
						value={mode}
						onChange={(e) => put('mode', e.target.value)}
						options={GUARD_MODES.map((m) => ({ value: m, label: modeName(m) }))}
					/>
				</Form.Item>
				{of.settings.map((s) => (
					<Form.Item key={s.name} label={settingName(s.name)}>
						<SettingField
							of={s}
							label={settingName(s.name)}
							value={settings[s.name]}
							set={(value) => put(s.name, value)}
						/>
					</Form.Item>
				))}
				{of.settings.length === 0 && <p className="soft">{w.unknownGuard}</p>}
			</Form>
		</Panel>
	);
}

function Heartbeat({ edit }: { edit: Edit }) {
	const w = useWords(words);
	const settingName = useNames(settingNames);
	const set = (n: number | null) => {
		const { heartbeat_s: _, ...rest } = edit.body;
		edit.set(n === null ? rest : { ...rest, heartbeat_s: n });
	};
	return (
		<Panel title={settingName('heartbeat_s')}>
			<InputNumber
				aria-label={settingName('heartbeat_s')}
				min={1}
				max={HEARTBEAT_MAX_S}
				precision={0}
				value={typeof edit.body.heartbeat_s === 'number' ? edit.body.heartbeat_s : null}
				placeholder={w.heartbeat}
				className="choice"
				onChange={set}
			/>
		</Panel>
	);
}

function Editor({ was }: { was: Body }) {
	const w = useWords(words);
	const c = useWords(common);
	const client = useQueryClient();
	const navigate = useNavigate();
	const { message } = App.useApp();
	const [body, set] = useState<Body>(was);
	const changes = changesOf(was, body);
	const send = useMutation({
		mutationFn: ({ reason }: { reason: string }) =>
			call(
				api.POST('/policies', {
					params: { header: TOKEN },
					body: { policy: body as Proposed, reason },
				}),
			),
		onSuccess: () => {
			client.invalidateQueries();
			message.success(c.secondPerson);
			navigate('/policies');
		},
	});
	return (
		<>
			{allGuards(was).map((g) => (
				<GuardPanel key={g.name} of={g} edit={{ body, set }} />
			))}
			<Heartbeat edit={{ body, set }} />
			<Panel title={w.changes}>
				<PolicyChanges of={changes} />
			</Panel>
			<Reach />
			<section className="panel">
				<Form layout="vertical" onFinish={send.mutate} className="stack">
					{send.isError && <Failure error={send.error} />}
					<Form.Item
						name="reason"
						label={c.reason}
						extra={c.reasonHint}
						rules={[{ required: true, whitespace: true, min: 2, message: c.reasonShort }]}
					>
						<Input.TextArea rows={2} maxLength={160} />
					</Form.Item>
					<div>
						<Button
							type="primary"
							htmlType="submit"
							loading={send.isPending}
							disabled={changes.length === 0}
						>
							{w.send}
						</Button>
					</div>
				</Form>
			</section>
		</>
	);
}

export default function Propose() {
	const w = useWords(words);
	const newest = useNewest();
	const policy = usePolicy(newest.data?.id);
	const failed = newest.error ?? policy.error;
	const known = newest.data === null || policy.data;
	return (
		<Page title={w.proposeTitle} hint={w.proposeHint}>
			{failed && <Failure error={failed} />}
			{!failed && !known && <Skeleton active />}
			{known && <Editor was={withoutVersion((policy.data?.body ?? {}) as Body)} />}
		</Page>
	);
}
