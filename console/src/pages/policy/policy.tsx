/** One version: what it says, what it changed, and how it differs from any other. */
import { Select, Skeleton, Table } from 'antd';
import { useParams } from 'react-router';
import { Failure } from '../../parts/failure';
import { useFilters } from '../../parts/filters';
import { Facts, Page, Panel } from '../../parts/page';
import {
	allGuards,
	type Body,
	type Change,
	changesOf,
	guardModeNames,
	guardNames,
	guardsOf,
	settingNames,
} from '../../parts/policy-body';
import { PolicyChanges, usePolicyValue } from '../../parts/policy-changes';
import { Time } from '../../parts/time';
import { useNames, useWords } from '../../words/catalogue';
import { usePolicy, useVersions, versionText } from './version';
import { words } from './words';

function Content({ body }: { body: Body }) {
	const w = useWords(words);
	const guardName = useNames(guardNames);
	const modeName = useNames(guardModeNames);
	const settingName = useNames(settingNames);
	const value = usePolicyValue();
	const guards = guardsOf(body);
	const rows = allGuards(body)
		.filter((g) => g.name in guards)
		.map((g) => ({ name: g.name, settings: guards[g.name] ?? {} }));
	return (
		<Panel title={w.content}>
			<div className="stack">
				<Facts rows={[[settingName('heartbeat_s'), body.heartbeat_s as number | undefined]]} />
				<Table
					size="small"
					aria-label={w.content}
					dataSource={rows}
					rowKey="name"
					pagination={false}
					scroll={{ x: 'max-content' }}
					columns={[
						{ title: w.guard, render: (_, g) => guardName(g.name) },
						{ title: settingName('mode'), render: (_, g) => modeName(String(g.settings.mode)) },
						{
							title: w.settings,
							render: (_, g) =>
								Object.entries(g.settings)
									.filter(([name]) => name !== 'mode')
									.map(([name, v]) => `${settingName(name)}: ${value(name, v)}`)
									.join(' · ') || '—',
						},
					]}
				/>
			</div>
		</Panel>
	);
}

function Compare({ id, version, body }: { id: number; version: string; body: Body }) {
	const w = useWords(words);
	const filters = useFilters();
	const other = filters.number('with');
	const versions = useVersions();
	const chosen = usePolicy(other);
	return (
		<Panel title={w.compare}>
			<div className="stack">
				<Select
					aria-label={w.compareWith}
					placeholder={w.compareWith}
					className="choice"
					value={other}
					onChange={(to: number) => filters.set({ with: String(to) })}
					options={(versions.data ?? [])
						.filter((p) => p.id !== id)
						.map((p) => ({ value: p.id, label: versionText(p) }))}
				/>
				{chosen.isError && <Failure error={chosen.error} again={() => chosen.refetch()} />}
				{chosen.data && (
					<>
						<span>{w.fromTo(versionText(chosen.data), version)}</span>
						<PolicyChanges of={changesOf(chosen.data.body as Body, body)} />
					</>
				)}
			</div>
		</Panel>
	);
}

export default function Policy() {
	const w = useWords(words);
	const id = Number(useParams().id);
	const policy = usePolicy(id);
	if (policy.isError)
		return (
			<Page title={w.title}>
				<Failure error={policy.error} again={() => policy.refetch()} />
			</Page>
		);
	if (!policy.data)
		return (
			<Page title={w.title}>
				<Skeleton active />
			</Page>
		);
	const p = policy.data;
	const body = p.body as Body;
	return (
		<Page title={`${w.title} ${versionText(p)}`}>
			<Panel title={w.version}>
				<Facts
					rows={[
						[w.published, <Time key="at" at={p.published_at} />],
						[w.publishedBy, p.published_by_name],
					]}
				/>
			</Panel>
			<Content body={body} />
			<Panel title={w.changed}>
				<PolicyChanges of={p.changes as Change[]} />
			</Panel>
			<Compare id={id} version={versionText(p)} body={body} />
		</Page>
	);
}
